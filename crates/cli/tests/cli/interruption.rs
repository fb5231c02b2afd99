//! Signals: the runs end with whole records, and the code says which signal it was.

use crate::program::{Running, count_records, event_files, manifest, train};

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
    assert!(outcome.stderr.contains("interrupted: 1 of 3 runs were begun"), "{}", outcome.stderr);

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
