//! Which event files there are in a log directory.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    ffi::{OsStr, OsString},
    fs::{self, FileType, Metadata},
    io,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::SystemTime,
};

use super::{
    by_name::ByName,
    problem::{Defect, Problem},
    wire::text,
};
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
    /// In the order in which they are read.
    pub(crate) files: ByName<Stat>,
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

/// Under how many names a folder is shown that links lead to. Folders that link to each other have names without end.
const NAMES: usize = 16;

/// A folder to look into.
struct Way {
    folder: PathBuf,
    name: String,
    /// The folders above it, on this way.
    above: Option<Rc<Above>>,
}

/// A folder on the way to another.
struct Above {
    identity: Identity,
    above: Option<Rc<Above>>,
}

/// Whether a folder is one of those above.
fn is_above(identity: Identity, mut above: Option<&Rc<Above>>) -> bool {
    while let Some(folder) = above {
        if folder.identity == identity {
            return true;
        }
        above = folder.above.as_ref();
    }
    false
}

/// Looks through a log directory. Links are followed: a folder to which several ways lead is a run under each of these
/// names. A way ends at a link to a folder that it has come through.
pub(crate) fn look(log_directory: &Path) -> Found {
    let mut found = Found::default();
    let mut names: HashMap<(u64, u64), usize> = HashMap::new();
    let first = Way { folder: log_directory.to_owned(), name: ".".to_owned(), above: None };
    let (mut ways, mut links) = (VecDeque::from([first]), VecDeque::new());
    while let Some(way) = ways.pop_front().or_else(|| links.pop_front()) {
        let identity = match fs::metadata(&way.folder) {
            Ok(metadata) if way.folder == log_directory && !metadata.is_dir() => {
                found.is_gone = true;
                found.problems.push(Problem::unreadable(&way.folder, io::ErrorKind::NotADirectory.into()));
                continue;
            }
            Ok(metadata) => identity(&metadata),
            // That there is no log directory yet is worth saying.
            Err(error) if way.folder == log_directory => {
                found.is_gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
                found.problems.push(Problem::unreadable(&way.folder, error));
                continue;
            }
            Err(error) => {
                found.refuse(&way.folder, error);
                continue;
            }
        };
        if let Some(identity) = identity {
            if is_above(Some(identity), way.above.as_ref()) {
                continue;
            }
            let count = names.entry(identity).or_default();
            *count += 1;
            if *count > NAMES {
                // Once for a folder.
                if *count == NAMES + 1 {
                    let (path, defect) = (way.folder.as_path().into(), Defect::ManyNames(NAMES));
                    found.problems.push(Problem { path, offset: None, skipped: 0, defect });
                }
                continue;
            }
        }
        let here = Rc::new(Above { identity, above: way.above.clone() });
        let files = look_into(&way, &here, &mut found, &mut ways, &mut links);
        if !files.is_empty() {
            // Names that are not UTF-8 are spelled out, and might be spelled like another.
            let mut name = way.name;
            while found.runs.contains_key(&name) {
                name.push('\'');
            }
            found.runs.insert(name, FoundRun { folder: way.folder.as_path().into(), files });
        }
        found.folders.push(way.folder);
    }
    found
}

/// The event files in a folder. What else is to be looked into is added to `ways` and `links`.
fn look_into(
    way: &Way,
    here: &Rc<Above>,
    found: &mut Found,
    ways: &mut VecDeque<Way>,
    links: &mut VecDeque<Way>,
) -> ByName<Stat> {
    let (mut files, mut known) = (ByName::default(), HashSet::new());
    let below = |file_name: &OsStr| Way {
        folder: way.folder.join(file_name),
        name: inside(&way.name, file_name),
        above: Some(Rc::clone(here)),
    };
    let mut entries: Vec<_> = list(&way.folder, found).into_iter().collect();
    // Links last: a file that is there itself and by a link is read once, by its own name.
    entries.sort_by_key(|(_, file_type)| file_type.is_symlink());
    for (file_name, file_type) in entries {
        let is_named_so = is_event_file(&file_name);
        if file_type.is_dir() {
            ways.push_back(below(&file_name));
        } else if is_named_so || file_type.is_symlink() {
            let path = way.folder.join(&file_name);
            match fs::metadata(&path) {
                // A pipe would never end, whatever its name.
                Ok(metadata) if metadata.is_file() && is_named_so => {
                    if identity(&metadata).is_none_or(|identity| known.insert(identity)) {
                        files.insert(file_name, Stat::of(&metadata));
                    }
                }
                // Without identities, a loop of links would not be noticed.
                Ok(metadata) if metadata.is_dir() && identity(&metadata).is_some() => {
                    links.push_back(below(&file_name));
                }
                Ok(_) => {}
                Err(error) => found.refuse(&path, error),
            }
        }
    }
    files
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
