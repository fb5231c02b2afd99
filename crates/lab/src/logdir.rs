//! Where runs are recorded when nobody says where.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The folder could not be made.
#[derive(Debug, Error)]
#[error("cannot create {}: {source}", path.display())]
pub struct LogdirError {
    path: PathBuf,
    source: io::Error,
}

/// Creates a log directory that was asked for, unless it is there.
///
/// # Errors
/// When the operating system refuses to create it, or it is no folder.
pub fn create(path: &Path) -> Result<(), LogdirError> {
    std::fs::create_dir_all(path).map_err(|source| LogdirError { path: path.to_owned(), source })
}

/// Creates the first of `parent/name`, `parent/name-2`, `parent/name-3`, ... that is not there yet, so that no experiment
/// is recorded on top of another.
///
/// # Errors
/// When the operating system refuses to create it.
pub fn fresh(parent: &Path, name: &str) -> Result<PathBuf, LogdirError> {
    create(parent)?;
    let mut number = 1_u64;
    loop {
        let path = parent.join(if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(source) => return Err(LogdirError { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_gives_a_new_folder() {
        let parent = tempfile::tempdir().unwrap();
        let names: Vec<_> =
            (0..3).map(|_| fresh(parent.path(), "a").unwrap().file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["a", "a-2", "a-3"]);
    }
}
