//! Signals: the runs end with whole records, and the code says which signal it was.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use crate::program::{Running, count_records, event_files, headwater, manifest, train};

const ENDLESS: [&str; 3] = ["data.source=blobs", "train.steps=1_000_000_000", "record.every=1_000_000"];

/// Interrupts the first of three runs.
fn interrupted_by(signal: &str, code: i32) {
    let logdir = tempfile::tempdir().unwrap();
    let mut program = Running::start(train(logdir.path(), &ENDLESS).args(["--json", "--threads", "1"]));
    let run = logdir.path().join("sigmoid");
    // It is written when the run begins, and the program listens to signals before that.
    program.wait_for(&run.join("manifest.json"));
    program.signal(signal);
    let outcome = program.wait();

    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    let lines = outcome.json();
    assert_eq!(lines.len(), 2, "{}", outcome.stdout);
    assert_eq!((&lines[0]["run"], &lines[0]["status"]), (&"sigmoid".into(), &"interrupted".into()));
    assert_eq!(lines[1]["summary"]["scenarios"][0]["interrupted"], 1);
    assert!(outcome.stderr.contains("interrupted: 1 of 3 runs begun"), "{}", outcome.stderr);

    assert_eq!((&manifest(&run)["status"], &manifest(&run)["steps"]), (&"interrupted".into(), &lines[0]["steps"]));
    let [(_, bytes)] = &event_files(&run)[..] else { panic!("expected one event file") };
    assert!(count_records(bytes) > 1);
    assert!(!logdir.path().join("relu").exists());
}

#[test]
fn ctrl_c_ends_the_runs_with_whole_records_and_code_130() {
    interrupted_by("INT", 130);
}

#[test]
fn sigterm_ends_the_runs_with_whole_records_and_code_143() {
    interrupted_by("TERM", 143);
}

#[test]
fn a_hangup_ends_the_runs_with_whole_records_and_code_129() {
    interrupted_by("HUP", 129);
}

#[test]
fn a_hangup_asks_nothing_of_a_program_that_was_started_to_outlive_its_terminal() {
    let logdir = tempfile::tempdir().unwrap();
    let command = train(logdir.path(), &ENDLESS);
    let mut ignoring = Command::new("sh");
    ignoring.args(["-c", r#"trap "" HUP; exec "$0" "$@""#]).arg(command.get_program()).args(command.get_args());
    let mut program = Running::start(&mut ignoring);
    program.wait_for(&logdir.path().join("sigmoid/manifest.json"));
    program.signal("HUP");
    program.signal("TERM");
    assert_eq!(program.wait().code, Some(143));
}

/// Sends a signal to a program that waits for its data on a silent pipe. Returns the files left and the exit code.
fn ended_while_it_loads(arguments: &[&str], signal: &str) -> (Vec<String>, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("data.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(folder.path().join("sweep.toml"), "[sweep.keys]\ntrain.steps = [1, 2]\n").unwrap();
    let mut command = headwater(arguments);
    let program = Running::start(command.args(["--set", "data.source=data.csv"]).current_dir(folder.path()));
    // Blocks until the program opens the pipe.
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    program.signal(signal);
    let code = program.wait().code;
    drop(writer);
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    (left, code)
}

#[test]
fn while_data_are_loaded_a_signal_ends_the_program_and_leaves_nothing() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        for arguments in [&["train"][..], &["train", "--logdir", "a/b"]] {
            let (left, found) = ended_while_it_loads(arguments, signal);
            assert_eq!(left, ["data.csv", "sweep.toml"], "{arguments:?}");
            assert_eq!(found, Some(code), "{arguments:?}");
        }
    }
}

#[test]
fn while_a_sweep_loads_its_data_a_signal_ends_it() {
    let (_, code) = ended_while_it_loads(&["sweep", "sweep.toml", "--logdir", "runs"], "TERM");
    // If the program does not listen to signals yet, the signal itself ends it.
    assert!(code == Some(143) || code.is_none(), "{code:?}");
}

#[test]
fn a_second_signal_ends_a_program_that_waits_for_whoever_reads_its_results() {
    let logdir = tempfile::tempdir().unwrap();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // The pipe is full, and nobody reads it.
    writer.write_all("\n".repeat(65_536).as_bytes()).unwrap();
    let mut command = train(logdir.path(), &ENDLESS);
    let mut program = Running::start_with_own_output(command.args(["--json", "--threads", "1"]).stdout(writer));
    program.wait_for(&logdir.path().join("sigmoid/manifest.json"));
    program.signal("INT");
    program.signal("TERM");
    // The signals may arrive in either order.
    let code = program.wait().code;
    assert!(code == Some(130) || code == Some(143), "{code:?}");
    drop(reader);
}

#[test]
fn a_deep_network_says_what_it_does_and_is_interrupted_before_its_first_step() {
    for phase in ["initialising", "recording", "theory"] {
        let logdir = tempfile::tempdir().unwrap();
        let deep = ["data.source=blobs", "network.activation=tanh", "network.width=1", "network.depth=3000"];
        let mut program = Running::start(train(logdir.path(), &deep).args(["--json"]));
        program.wait_for_stderr(&format!("tanh: {phase}"));
        program.signal("TERM");
        let outcome = program.wait();
        assert_eq!(outcome.code, Some(143), "{phase}: {}", outcome.stderr);
        let run = &outcome.json()[0];
        assert_eq!((&run["status"], &run["steps"]), (&"interrupted".into(), &0.into()), "{phase}");
        assert_eq!(manifest(&logdir.path().join("tanh"))["status"], "interrupted", "{phase}");
    }
}
