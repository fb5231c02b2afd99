//! How event files are named.
//!
//! `events.out.tfevents.<seconds>.<host>.<process>.<n>`, as `TensorBoard`'s own writer names them. The seconds (Unix time
//! at creation, ten digits) make the files of a run sort by age, which is the order in which readers read them; the
//! rest keeps writers apart.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// What the name of an event file contains, whoever wrote it.
const MARK: &str = "tfevents";

/// Counts the files that this process has created, or tried to.
static CREATED: AtomicU64 = AtomicU64::new(0);

/// Whether a file of this name is an event file.
pub fn is_event_file(name: &OsStr) -> bool {
    name.to_string_lossy().contains(MARK)
}

/// Compares file names so that older files come first. Numbers in the names are compared by value: if one process creates
/// files 9 and 10 within a second, 10 comes second.
pub(crate) fn by_age(a: Option<&OsStr>, b: Option<&OsStr>) -> std::cmp::Ordering {
    let [a, b] = [a, b].map(|name| name.unwrap_or_default().as_encoded_bytes());
    pieces(a).cmp(pieces(b)).then(a.cmp(b))
}

/// Splits a name into runs of digits and single other bytes. A run is given as the number of its digits and the digits, both
/// without leading zeros; another byte has length 0.
fn pieces(name: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    name.chunk_by(|a, b| a.is_ascii_digit() && b.is_ascii_digit()).map(|piece| {
        if !piece[0].is_ascii_digit() {
            return (0, piece);
        }
        let zeros = piece.iter().take_while(|digit| **digit == b'0').count();
        (piece.len() - zeros, &piece[zeros..])
    })
}

/// Creates a file in `folder` that was not there before. `seconds`: Unix time.
///
/// # Errors
///
/// The operating system's, with the path that was tried.
pub(crate) fn create_new(folder: &Path, seconds: u64) -> Result<(PathBuf, File), (PathBuf, Error)> {
    // A host's name may hold anything; the file's may not hold a separator of folders.
    let host = gethostname::gethostname().to_string_lossy().replace(['/', '\\'], "_");
    let process = std::process::id();
    loop {
        let n = CREATED.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("events.out.{MARK}.{seconds:010}.{host}.{process}.{n}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            // Another process with our host's name and our number (containers share both) has taken the name.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err((path, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (taken, _) = create_new(folder.path(), 7).unwrap();
        std::fs::write(&taken, "precious").unwrap();
        // Another process would count from zero and arrive at the same name.
        let n: u64 = taken.to_str().unwrap().rsplit('.').next().unwrap().parse().unwrap();
        CREATED.fetch_min(n, Ordering::Relaxed);
        let (other, _) = create_new(folder.path(), 7).unwrap();
        assert_ne!(other, taken);
        assert_eq!(std::fs::read(&taken).unwrap(), b"precious");
    }

    #[test]
    fn numbers_in_names_are_compared_by_value() {
        let name = |end: &str| format!("events.out.tfevents.1700000000.host1.{end}");
        let in_order = ["9.8", "9.9", "9.10", "9.10.v2", "9.011", "9.100", "10.1"].map(name);
        for (i, a) in in_order.iter().enumerate() {
            for (j, b) in in_order.iter().enumerate() {
                assert_eq!(by_age(Some(OsStr::new(a)), Some(OsStr::new(b))), i.cmp(&j), "{a} and {b}");
            }
        }
        assert!(by_age(Some(OsStr::new("a1")), Some(OsStr::new("a01"))).is_gt(), "different names differ");
        assert!(by_age(None, Some(OsStr::new("a"))).is_lt());
    }

    #[test]
    fn names_are_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = create_new(folder.path(), 1_700_000_000).unwrap();
        let name = path.file_name().unwrap();
        assert!(name.to_str().unwrap().starts_with("events.out.tfevents.1700000000."));
        assert!(is_event_file(name));
        assert!(is_event_file(OsStr::new("events.out.tfevents.1700000000.host.v2")));
        assert!(!is_event_file(OsStr::new("config.toml")));
    }
}
