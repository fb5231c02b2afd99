//! A disk that is full.

use std::fs;
use std::process::Command;

use crate::program::{count_records, event_files, outcome, untouched};

#[test]
fn a_full_disk_ends_the_run_it_hit_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let experiment = "data.source = 'blobs'
        network.activation = 'relu'
        [[scenario]]
        name = 'large'
        train.steps = 1_000_000
        record.every = 1
        [[scenario]]
        name = 'little'
        train.steps = 3
        record.histograms = false";
    fs::write(folder.path().join("e.toml"), experiment).unwrap();
    // A limit on the size of files stands in for the disk. Without the trap, going over it would be a deadly signal.
    let limited = r#"trap "" XFSZ; ulimit -f 400; exec "$0" train e.toml --json --threads 1 --logdir records"#;
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_headwater")]).current_dir(folder.path());
    let outcome = outcome(&mut untouched(command));

    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let lines = outcome.json();
    assert_eq!(lines.len(), 2, "{}", outcome.stdout);
    assert_eq!((&lines[0]["run"], &lines[0]["status"]), (&"little".into(), &"done".into()));

    // "error: run large stopped after N steps: FILE: File too large (os error 27); its first N records (N bytes) are safe, ..."
    let error = outcome.stderr.lines().find(|line| line.starts_with("error: ")).expect(&outcome.stderr);
    assert!(error.starts_with("error: run large stopped after "), "{error}");
    assert!(error.contains("File too large"), "{error}");
    let [(name, bytes)] = &event_files(&folder.path().join("records/large"))[..] else {
        panic!("expected one event file")
    };
    let safe = format!(
        "{name}: File too large (os error 27); its first {} records ({} bytes) are safe",
        count_records(bytes),
        bytes.len()
    );
    assert!(error.contains(&safe), "{error}\n{safe}");
}
