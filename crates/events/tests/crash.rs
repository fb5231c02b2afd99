//! A writer is killed again and again while a store follows it. The writer runs in a process of its own: this test
//! binary again, asked for one ignored test.
#![cfg(unix)]

mod common;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use headwater_events::{Store, Writer};

/// Where the other process writes.
const FOLDER: &str = "HEADWATER_EVENTS_TEST_FOLDER";
/// The step from which it goes on.
const STEP: &str = "HEADWATER_EVENTS_TEST_STEP";

#[test]
fn nothing_that_was_flushed_is_lost_and_nothing_is_read_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut changes = store.subscribe();
    let follower = store.follow().unwrap();
    // The last step that each life of the writer said was flushed, and the first that the next one began with.
    let (mut flushed, mut next) = (Vec::new(), 0);
    for life in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--ignored", "--nocapture"])
            .envs([(FOLDER, folder.path().as_os_str()), (STEP, next.to_string().as_ref())])
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        // Kill at a different point of its life each time.
        let wanted = 1 + life * 7 % 13;
        let said_steps = said
            .by_ref()
            .map_while(|line| line.unwrap().strip_prefix("flushed ").map(str::to_owned).or(Some(String::new())));
        let last: i64 = said_steps.filter(|step| !step.is_empty()).nth(wanted).unwrap().parse().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have said more before it died.
        let later = said
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("flushed ").and_then(|step| step.parse().ok()));
        let last = later.max().unwrap_or(last);
        flushed.push((next, last));
        next = last + 1_000_000;
    }
    // The store sees the rest without being asked.
    let deadline = Instant::now() + Duration::from_secs(30);
    let steps = loop {
        let steps = common::steps(&store, ".", "loss");
        if flushed.iter().all(|&(_, last)| steps.contains(&last)) {
            break steps;
        }
        assert!(Instant::now() < deadline, "not all that was flushed was seen");
        changes.next(deadline.saturating_duration_since(Instant::now()));
    };
    drop(follower);
    let mut counts = HashMap::new();
    for step in &steps {
        *counts.entry(*step).or_insert(0) += 1;
    }
    for (first, last) in flushed {
        for step in first..=last {
            assert_eq!(counts.get(&step), Some(&1), "step {step}");
        }
    }
    assert!(counts.values().all(|&count| count == 1), "a step was read twice");
    assert!(store.problems().is_empty(), "{:?}", store.problems());
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut step: i64 = std::env::var(STEP).unwrap().parse().unwrap();
    let mut writer = Writer::create(&folder).unwrap();
    let mut said = std::io::stdout();
    // Ends by itself when nobody listens any more.
    loop {
        for _ in 0..50 {
            writer.scalar(step, "loss", 1.0).unwrap();
            step += 1;
        }
        writer.flush().unwrap();
        if writeln!(said, "flushed {}", step - 1).and_then(|()| said.flush()).is_err() {
            return;
        }
    }
}
