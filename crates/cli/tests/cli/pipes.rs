//! A reader that has seen enough is no error.

use std::fs;
use std::process::{Command, Stdio};

use crate::program::{Outcome, Running, headwater};

/// Runs with a standard output that nobody reads.
fn unread(command: &mut Command) -> Outcome {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Running::start_with_own_output(command.stdin(Stdio::null()).stdout(writer)).wait()
}

#[test]
fn curves_data_and_completions_into_a_closed_pipe_end_with_0() {
    for arguments in [&["curves"][..], &["data", "list"], &["data", "list", "--json"], &["completions", "bash"]] {
        let outcome = unread(&mut headwater(arguments)).success();
        assert_eq!(outcome.stderr, "", "{arguments:?}");
    }
}

#[test]
fn training_stops_when_nobody_reads_its_results_any_more() {
    let folder = tempfile::tempdir().unwrap();
    // The first run ends at once and finds the pipe closed; the second would outlast the test.
    let experiment = "data.source = 'blobs'
        record.every = 1_000_000
        network.activation = 'relu'
        [[scenario]]
        name = 'short'
        train.steps = 1
        [[scenario]]
        name = 'endless'
        train.steps = 1_000_000_000";
    fs::write(folder.path().join("e.toml"), experiment).unwrap();
    for threads in ["1", "2"] {
        let logdir = format!("records-{threads}");
        let mut command = headwater(["train", "e.toml", "--json", "--threads", threads, "--logdir", &logdir]);
        let outcome = unread(command.current_dir(folder.path())).success();
        let why = "standard output is closed: the runs finish their records and stop";
        assert_eq!(outcome.stderr, format!("recording to {logdir}\n{why}\n"));
    }
}
