//! What is left when the operating system refuses, or ends the process. Each test runs its writer in a process of its
//! own: this test binary again, asked for one ignored test.
#![cfg(unix)]

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use headwater_events::{
    WriteError, Writer,
    record::{FOOTER, Frame, HEADER, first},
};

/// Where the other process writes.
const FOLDER: &str = "HEADWATER_EVENTS_TEST_FOLDER";

/// A shell command that runs the test `name` of this binary, after `before`.
fn other_process(before: &str, name: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{before} exec \"$0\" --exact {name} --ignored --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    command
}

/// The folder, in the other process; None if somebody asked for all ignored tests.
fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Whole records in the one file of `folder`, and bytes behind them. Nothing if there is no file yet.
fn records(folder: &Path) -> (usize, usize) {
    let Some(file) = std::fs::read_dir(folder).unwrap().next() else { return (0, 0) };
    let bytes = std::fs::read(file.unwrap().path()).unwrap();
    let (mut rest, mut count) = (&bytes[..], 0);
    while let Frame::Whole(payload) = first(rest) {
        rest = &rest[HEADER + payload.len() + FOOTER..];
        count += 1;
    }
    (count, rest.len())
}

#[test]
fn a_file_that_may_not_grow_ends_with_a_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    // The limit is in blocks of 512 bytes or of 1024, depending on the shell; the signal would end the process.
    let status = other_process("trap '' XFSZ; ulimit -f 16;", "writes_until_it_fails", folder.path()).status().unwrap();
    assert!(status.success(), "{status}");
    let (whole, rest) = records(folder.path());
    assert!(whole > 50, "{whole} records");
    assert_eq!(rest, 0);
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn writes_until_it_fails() {
    let Some(folder) = folder() else { return };
    let mut writer = Writer::create(&folder).unwrap();
    let error = (0..1_000_000).find_map(|step| writer.scalar(step, "loss", 1.0).err()).unwrap();
    let WriteError::File(error) = error else { panic!("{error}") };
    assert_eq!(error.records, records(&folder).0 as u64);
    assert_eq!(error.source.kind(), std::io::ErrorKind::FileTooLarge);
    assert!(!error.torn);
    assert!(writer.close().is_err());
}

#[test]
fn a_file_that_is_removed_while_it_is_written_is_an_error_of_the_next_flush() {
    let folder = tempfile::tempdir().unwrap();
    for open in [Writer::create, Writer::create_unfollowed] {
        let mut writer = open(folder.path()).unwrap();
        writer.scalar(0, "loss", 1.0).unwrap();
        writer.flush().unwrap();
        // One that is moved goes on being written.
        let moved = folder.path().join("moved");
        std::fs::rename(writer.path(), &moved).unwrap();
        writer.scalar(1, "loss", 1.0).unwrap();
        writer.flush().unwrap();
        std::fs::remove_file(moved).unwrap();
        writer.scalar(2, "loss", 1.0).unwrap();
        let error = writer.flush().unwrap_err();
        let expected = format!(
            "{}: the file was removed while it was being written; nothing of it is safe",
            writer.path().display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(writer.close().unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_killed_process_leaves_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = other_process("", "writes_and_waits_to_be_killed", folder.path()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while records(folder.path()).0 < 101 {
        assert!(Instant::now() < deadline, "{:?} records after 30 s", records(folder.path()));
        assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(records(folder.path()), (101, 0));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn writes_and_waits_to_be_killed() {
    let Some(folder) = folder() else { return };
    let mut writer = Writer::create(&folder).unwrap();
    for step in 0..100 {
        writer.scalar(step, "loss", 1.0).unwrap();
    }
    // Neither flushed nor dropped. The pipe closes if the other test ends before it has killed this process.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
