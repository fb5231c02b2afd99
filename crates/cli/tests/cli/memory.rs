//! If memory runs out, the program says so.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::program::{Outcome, outcome};

/// Runs the program with an address space of at most `kilobytes`.
fn within(kilobytes: u64, arguments: &[&str], logdir: &Path, settings: &[&str]) -> Outcome {
    let mut command = Command::new("sh");
    // The limit of the shell also applies to the program that replaces it.
    command.args(["-c", &format!("ulimit -v {kilobytes} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_headwater")]);
    command.args(arguments).env("HEADWATER_LOGDIR", logdir);
    for setting in settings {
        command.args(["--set", setting]);
    }
    outcome(&mut command)
}

/// A network of `layers` layers with `units` units each.
fn network(layers: usize, units: usize) -> String {
    format!("network.hidden=[{}]", vec![units.to_string(); layers].join(", "))
}

/// Asserts that the program refused for lack of memory.
#[track_caller]
fn assert_refused(kilobytes: u64, outcome: &Outcome) {
    let Outcome { code, stderr, .. } = outcome;
    assert!(matches!(code, Some(1 | 2)) && stderr.contains("memory"), "{kilobytes} kB: code {code:?}\n{stderr}");
    assert!(!stderr.contains("panicked"), "{kilobytes} kB: {stderr}");
}

#[test]
fn a_network_that_does_not_fit_is_refused_wherever_the_memory_ends() {
    let logdir = tempfile::tempdir().unwrap();
    // 3 MB of parameters, held in memory at least five times.
    let settings = ["data.source=blobs", "network.activation=relu", "train.steps=1", &network(20, 200)];
    // The memory that the program needs before it does anything.
    let least = (20_000..)
        .step_by(5_000)
        .find(|kilobytes| within(*kilobytes, &["--version"], logdir.path(), &[]).code == Some(0));
    let (mut refused, mut went_well) = (0, 0);
    for kilobytes in (least.unwrap() + 20_000..).step_by(4_000).take(30) {
        let logdir = logdir.path().join(kilobytes.to_string());
        let outcome = within(kilobytes, &["train", "--threads", "1"], &logdir, &settings);
        if outcome.code == Some(0) {
            went_well += 1;
            if went_well == 2 {
                break;
            }
        } else {
            assert_refused(kilobytes, &outcome);
            refused += 1;
        }
    }
    assert!(refused > 2 && went_well > 0, "{refused} limits were too small, and {went_well} were not");
}

#[test]
fn what_hardly_any_machine_has_is_refused_at_once() {
    let logdir = tempfile::tempdir().unwrap();
    let settings = ["data.source=blobs", "network.activation=relu", &network(200, 2000)];
    for kilobytes in [500_000, 2_000_000] {
        assert_refused(kilobytes, &within(kilobytes, &["train"], logdir.path(), &settings));
    }
}
