//! Which event files there are in a log directory.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    ffi::{OsStr, OsString},
    fs::{self, FileType, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use super::{problem::Problem, wire::text};
use crate::file_name::is_event_file;

/// What tells one file from another, whatever they are called: device and inode. None where the operating system does
/// not say.
pub(crate) type Identity = Option<(u64, u64)>;

/// What the operating system says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) identity: Identity,
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
}

impl Stat {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Stat { identity: identity(metadata), size: metadata.len(), modified: metadata.modified().ok() }
    }
}

fn identity(metadata: &Metadata) -> Identity {
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    };
    #[cfg(not(unix))]
    let identity = None;
    identity
}

/// A run that was found.
#[derive(Debug)]
pub(crate) struct FoundRun {
    pub(crate) folder: Arc<Path>,
    /// By name: the order in which they are read.
    pub(crate) files: BTreeMap<OsString, Stat>,
}

/// What was found in a log directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By name.
    pub(crate) runs: BTreeMap<String, FoundRun>,
    /// All folders, for whoever wants to watch them.
    pub(crate) folders: Vec<PathBuf>,
    /// Files and folders that the operating system would not show.
    pub(crate) problems: Vec<Problem>,
    /// Whether there is no log directory: nothing is hidden in it then.
    is_gone: bool,
}

impl Found {
    /// Whether a file that was not found may be there all the same.
    pub(crate) fn may_be_hidden(&self, path: &Path) -> bool {
        !self.is_gone && self.problems.iter().any(|problem| path.starts_with(&problem.path))
    }

    fn refuse(&mut self, path: &Path, error: io::Error) {
        // Something that was deleted between two calls is gone, and that is all.
        if error.kind() != io::ErrorKind::NotFound {
            self.problems.push(Problem::unreadable(path, error));
        }
    }
}

/// Looks through a log directory. Links are followed; a folder that can be reached in several ways is one run, named by
/// the way without links if there is one, so a link to a folder above ends nowhere.
pub(crate) fn look(log_directory: &Path) -> Found {
    let mut found = Found::default();
    let mut visited = HashSet::new();
    let mut folders = VecDeque::from([(log_directory.to_owned(), ".".to_owned())]);
    let mut links = VecDeque::new();
    while let Some((folder, name)) = folders.pop_front().or_else(|| links.pop_front()) {
        let seen = match fs::metadata(&folder) {
            Ok(metadata) if folder == log_directory && !metadata.is_dir() => {
                found.is_gone = true;
                found.problems.push(Problem::unreadable(&folder, io::ErrorKind::NotADirectory.into()));
                continue;
            }
            Ok(metadata) => identity(&metadata).is_some_and(|identity| !visited.insert(identity)),
            // That there is no log directory yet is worth saying.
            Err(error) if folder == log_directory => {
                found.is_gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
                found.problems.push(Problem::unreadable(&folder, error));
                continue;
            }
            Err(error) => {
                found.refuse(&folder, error);
                continue;
            }
        };
        if seen {
            continue;
        }
        let mut files = BTreeMap::new();
        for (file_name, file_type) in list(&folder, &mut found) {
            let is_named_so = is_event_file(&file_name);
            if file_type.is_dir() {
                folders.push_back((folder.join(&file_name), inside(&name, &file_name)));
            } else if is_named_so || file_type.is_symlink() {
                let path = folder.join(&file_name);
                match fs::metadata(&path) {
                    // A pipe would never end, whatever its name.
                    Ok(metadata) if metadata.is_file() && is_named_so => {
                        files.insert(file_name, Stat::of(&metadata));
                    }
                    // Without identities, a loop of links would not be noticed.
                    Ok(metadata) if metadata.is_dir() && identity(&metadata).is_some() => {
                        links.push_back((path, inside(&name, &file_name)));
                    }
                    Ok(_) => {}
                    Err(error) => found.refuse(&path, error),
                }
            }
        }
        if !files.is_empty() {
            // Names that are not UTF-8 are spelled out, and might be spelled like another.
            let mut name = name;
            while found.runs.contains_key(&name) {
                name.push('\'');
            }
            found.runs.insert(name, FoundRun { folder: folder.as_path().into(), files });
        }
        found.folders.push(folder);
    }
    found
}

/// The entries of a folder, by name.
fn list(folder: &Path, found: &mut Found) -> BTreeMap<OsString, FileType> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            found.refuse(folder, error);
            return BTreeMap::new();
        }
    };
    let mut list = BTreeMap::new();
    for entry in entries {
        match entry {
            Ok(entry) => match entry.file_type() {
                Ok(file_type) => {
                    list.insert(entry.file_name(), file_type);
                }
                Err(error) => found.refuse(&entry.path(), error),
            },
            Err(error) => {
                found.refuse(folder, error);
                break;
            }
        }
    }
    list
}

/// The name of a run in a folder of the run `parent`.
fn inside(parent: &str, folder: &OsStr) -> String {
    let folder = text(folder.as_encoded_bytes());
    if parent == "." { folder.into_owned() } else { format!("{parent}/{folder}") }
}
