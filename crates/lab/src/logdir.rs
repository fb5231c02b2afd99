//! The folder that runs are recorded into: creates it, and locks it so that no two programs record into it at once.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The file whose lock marks the folder as in use. It exists while the folder is in use, and stays behind if its holder
/// was killed. Readers of logs ignore it, since it is neither an event file nor a run.
const LOCK: &str = ".headwater.lock";
/// The most bytes of the lock file that are read. Nobody writes more.
const MOST: u64 = 200;

/// Why a folder cannot be recorded into.
#[derive(Debug, Error)]
pub enum LogdirError {
    /// It cannot be created.
    #[error("cannot create {}: {source}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something else is in its place.
    #[error(
        "cannot create {}: {} is {what}; expected a folder to record into, or a name that is free", path.display(),
        if path == found { "it".to_owned() } else { found.display().to_string() }
    )]
    NotAFolder {
        /// The folder.
        path: PathBuf,
        /// The path itself, or the parent that is not a folder.
        found: PathBuf,
        /// What is there instead.
        what: &'static str,
    },
    /// Another program is recording into it.
    #[error(
        "{} is in use: {holder} records into it; wait until that ends, stop it, or choose another folder with --logdir",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// Who holds it: a process and its machine.
        holder: String,
    },
}

/// Creates a log directory that was asked for, unless it is there.
///
/// # Errors
/// When the operating system refuses to create it, or it is no folder.
pub fn create(path: &Path) -> Result<(), LogdirError> {
    fs::create_dir_all(path).map_err(|source| refusal(path, source))
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
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(source) => return Err(LogdirError::Create { path, source }),
        }
    }
}

/// Explains why a folder could not be created: "File exists" does not say where.
fn refusal(path: &Path, source: io::Error) -> LogdirError {
    for found in path.ancestors().filter(|path| !path.as_os_str().is_empty()) {
        let what = match fs::metadata(found) {
            Ok(metadata) if metadata.is_dir() => break,
            Ok(metadata) if metadata.is_file() => "a file",
            Ok(_) => "no folder",
            Err(_) if fs::symlink_metadata(found).is_ok_and(|it| it.is_symlink()) => "a link to nothing",
            Err(_) => continue,
        };
        return LogdirError::NotAFolder { path: path.to_owned(), found: found.to_owned(), what };
    }
    LogdirError::Create { path: path.to_owned(), source }
}

/// The exclusive right to record into a log directory. It ends with the program, however the program ends.
#[derive(Debug)]
pub struct LogdirLock {
    path: PathBuf,
    file: File,
    unsupported: Option<io::Error>,
}

impl LogdirLock {
    /// Locks an existing log directory, without waiting for the lock.
    ///
    /// # Errors
    /// [`LogdirError::InUse`] if another program holds it; [`LogdirError::Create`] if the lock file cannot be written.
    pub fn take(logdir: &Path) -> Result<Self, LogdirError> {
        Self::take_by(logdir, File::try_lock)
    }

    fn take_by(logdir: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<Self, LogdirError> {
        let path = logdir.join(LOCK);
        let failed = |source| LogdirError::Create { path: path.clone(), source };
        loop {
            let mut file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
            let unsupported = match lock(&file) {
                Ok(()) => None,
                Err(TryLockError::WouldBlock) => {
                    return Err(LogdirError::InUse { path: logdir.to_owned(), holder: holder(&mut file) });
                }
                Err(TryLockError::Error(error)) => Some(error),
            };
            // The last holder may have removed the file between opening and locking it. Then nobody else can find the
            // file that is locked here.
            if !is_same(&file, &path) {
                continue;
            }
            sign(&mut file).map_err(failed)?;
            return Ok(Self { path, file, unsupported });
        }
    }

    /// Why the lock does not keep other programs out, or None if it does. Some file systems do not support locks.
    pub fn unsupported(&self) -> Option<&io::Error> {
        self.unsupported.as_ref()
    }
}

impl Drop for LogdirLock {
    fn drop(&mut self) {
        // Remove it before unlocking it: nobody should be able to lock a file that is about to be removed.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// Who holds a lock, according to its file. The holder may have just locked it and not yet signed it.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.take(MOST).read_to_string(&mut text);
    let text: String = text.trim().chars().filter(|character| !character.is_control()).collect();
    if text.is_empty() { "another program".to_owned() } else { text }
}

/// Writes the holder of the lock into its file.
fn sign(file: &mut File) -> io::Result<()> {
    let host: String = gethostname::gethostname().to_string_lossy().chars().take(100).collect();
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {} on {host}", std::process::id())
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let of = |metadata: io::Result<fs::Metadata>| metadata.map(|metadata| (metadata.dev(), metadata.ino())).ok();
    let found = of(fs::metadata(path));
    found.is_some() && of(file.metadata()) == found
}

/// On other systems an open file cannot be removed.
#[cfg(not(unix))]
fn is_same(_file: &File, _path: &Path) -> bool {
    true
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

    #[test]
    fn what_stands_in_the_place_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "").unwrap();
        std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
        let complaint =
            |name: &str| create(&path(name)).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "~");
        let expected = "; expected a folder to record into, or a name that is free";
        assert_eq!(complaint("file"), format!("cannot create ~/file: it is a file{expected}"));
        assert_eq!(complaint("file/a/b"), format!("cannot create ~/file/a/b: ~/file is a file{expected}"));
        assert_eq!(complaint("link"), format!("cannot create ~/link: it is a link to nothing{expected}"));
        assert!(fs::metadata(path("file")).unwrap().is_file());
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time_and_free_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let lock = LogdirLock::take(folder.path()).unwrap();
        assert!(lock.unsupported().is_none());
        // A second open of the file acts like another program: the lock belongs to the open file, not to the process.
        let refusal = LogdirLock::take(folder.path()).unwrap_err().to_string();
        assert!(refusal.contains(&format!("is in use: process {} on ", std::process::id())), "{refusal}");
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the lock's file stays");
        drop(LogdirLock::take(folder.path()).unwrap());
    }

    #[test]
    fn a_lock_that_a_killed_program_left_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK), "process 1 on a machine with a long name, long ago\n").unwrap();
        let lock = LogdirLock::take(folder.path()).unwrap();
        let signature = fs::read_to_string(folder.path().join(LOCK)).unwrap();
        assert!(signature.starts_with(&format!("process {} on ", std::process::id())), "{signature}");
        drop(lock);
    }

    #[test]
    fn a_file_system_without_locks_is_told_and_used() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |_: &File| Err(TryLockError::Error(io::ErrorKind::Unsupported.into()));
        let lock = LogdirLock::take_by(folder.path(), refused).unwrap();
        assert_eq!(lock.unsupported().map(io::Error::kind), Some(io::ErrorKind::Unsupported));
    }

    #[test]
    fn of_many_who_take_and_leave_at_once_one_holds_it() {
        use std::sync::atomic::{AtomicUsize, Ordering};

        let folder = tempfile::tempdir().unwrap();
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let Ok(lock) = LogdirLock::take(folder.path()) else { continue };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
                        taken.fetch_add(1, Ordering::SeqCst);
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(taken.load(Ordering::SeqCst) > 0);
    }
}
