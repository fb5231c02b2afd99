//! A disk that is full, and a file that is removed.

use std::fs;
use std::process::Command;

use crate::program::{Running, count_records, event_files, headwater, outcome, untouched};

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
    // A limit on the size of files stands in for the disk. The shell does not ignore the signal that comes with it.
    let limited = r#"ulimit -f 400; exec "$0" train e.toml --json --threads 1 --logdir records"#;
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

#[test]
fn a_record_that_is_removed_while_it_is_written_ends_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let experiment = "data.source = 'blobs'
        network.activation = 'relu'
        train.steps = 100_000_000
        record.every = 1
        record.histograms = false";
    fs::write(folder.path().join("e.toml"), experiment).unwrap();
    let mut command = headwater(["train", "e.toml", "--threads", "1", "--logdir", "records"]);
    let mut running = Running::start(command.current_dir(folder.path()));
    let run = folder.path().join("records/e");
    running.wait_for(&run);
    let file = loop {
        if let Some((name, _)) = event_files(&run).into_iter().next() {
            break run.join(name);
        }
        std::thread::yield_now();
    };
    fs::remove_file(file).unwrap();
    let outcome = running.wait();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let expected = "the file was removed while it was being written; nothing of it is safe";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
}
