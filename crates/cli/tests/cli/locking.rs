//! Only one program at a time records into a log directory.

use std::fs;
use std::path::Path;

use crate::program::{Running, event_files, headwater, outcome, train};

const LOCK: &str = ".headwater.lock";
const TINY: [&str; 3] = ["data.source=blobs", "train.steps=3", "network.activation=relu"];
const ENDLESS: [&str; 3] = ["data.source=blobs", "train.steps=1_000_000_000", "record.every=1_000_000"];

/// A program that records into a log directory until it is stopped.
fn endless(logdir: &Path) -> Running {
    let mut program = Running::start(&mut train(logdir, &ENDLESS));
    program.wait_for(&logdir.join("sigmoid/manifest.json"));
    program
}

#[test]
fn a_logdir_that_is_in_use_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let logdir = folder.path().join("my runs");
    let first = endless(&logdir);
    let second = outcome(&mut train(&logdir, &TINY));
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    let expected = format!("error: {} is in use: process {} on ", logdir.display(), first.id());
    assert!(second.stderr.starts_with(&expected), "{}", second.stderr);
    assert!(second.stderr.contains("choose another folder with --logdir"), "{}", second.stderr);
    assert_eq!(second.stderr.lines().count(), 1, "{}", second.stderr);
    first.signal("INT");
    assert_eq!(first.wait().code, Some(130));
    assert!(!logdir.join(LOCK).exists());
    // Scenarios that had started have one event file, not two that were written at the same time.
    assert_eq!(event_files(&logdir.join("sigmoid")).len(), 1);
    outcome(&mut train(&logdir, &TINY)).success();
}

#[test]
fn a_program_that_was_killed_keeps_nobody_out() {
    let logdir = tempfile::tempdir().unwrap();
    let first = endless(logdir.path());
    first.signal("KILL");
    assert_eq!(first.wait().code, None);
    assert!(logdir.path().join(LOCK).exists());
    let second = outcome(&mut train(logdir.path(), &TINY)).success();
    assert!(!second.stderr.contains("cannot be locked"), "{}", second.stderr);
    assert!(!logdir.path().join(LOCK).exists());
}

#[test]
fn the_file_of_the_lock_is_no_run_and_no_problem() {
    let logdir = tempfile::tempdir().unwrap();
    outcome(&mut train(logdir.path(), &TINY)).success();
    let inspected = |logdir: &Path| outcome(headwater(["inspect"]).arg(logdir)).success().stdout;
    let before = inspected(logdir.path());
    fs::write(logdir.path().join(LOCK), "process 1 on box\n").unwrap();
    assert_eq!(inspected(logdir.path()), before);
}
