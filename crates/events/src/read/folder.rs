//! Which event files there are in a log directory.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    by_name::ByName,
    problem::{Defect, Problem},
    storage::{Entry, EntryKind, Listing, Stat, Storage},
    wire::text,
};
use crate::file_name::is_event_file;

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
    /// Files and folders that the storage would not show.
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
    /// If it is known already.
    stat: Option<Stat>,
    /// The folders above it, on this way.
    above: Option<Rc<Above>>,
}

/// A folder on the way to another.
struct Above {
    identity: Option<(u64, u64)>,
    above: Option<Rc<Above>>,
}

/// Whether a folder is one of those above.
fn is_above(identity: Option<(u64, u64)>, mut above: Option<&Rc<Above>>) -> bool {
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
pub(crate) fn look(storage: &dyn Storage, log_directory: &Path) -> Found {
    let mut found = Found::default();
    let mut names: HashMap<(u64, u64), usize> = HashMap::new();
    let first = Way { folder: log_directory.to_owned(), name: ".".to_owned(), stat: None, above: None };
    let (mut ways, mut links) = (VecDeque::from([first]), VecDeque::new());
    while let Some(way) = ways.pop_front().or_else(|| links.pop_front()) {
        let identity = match way.stat.map_or_else(|| storage.stat(&way.folder), Ok) {
            Ok(stat) if way.folder == log_directory && stat.kind != EntryKind::Folder => {
                found.is_gone = true;
                found.problems.push(Problem::unreadable(&way.folder, io::ErrorKind::NotADirectory.into()));
                continue;
            }
            Ok(stat) => stat.identity,
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
        let files = look_into(storage, &way, &here, &mut found, &mut ways, &mut links);
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
    storage: &dyn Storage,
    way: &Way,
    here: &Rc<Above>,
    found: &mut Found,
    ways: &mut VecDeque<Way>,
    links: &mut VecDeque<Way>,
) -> ByName<Stat> {
    let (mut files, mut known) = (ByName::default(), HashSet::new());
    let below = |file_name: &OsStr, stat: Option<Stat>| Way {
        folder: way.folder.join(file_name),
        name: inside(&way.name, file_name),
        stat,
        above: Some(Rc::clone(here)),
    };
    for Entry { name: file_name, kind, stat } in list(storage, &way.folder, found) {
        let is_named_so = is_event_file(&file_name);
        if kind == EntryKind::Folder {
            ways.push_back(below(&file_name, stat));
        } else if is_named_so || kind == EntryKind::Link {
            let path = way.folder.join(&file_name);
            match stat.map_or_else(|| storage.stat(&path), Ok) {
                // A pipe would never end, whatever its name.
                Ok(stat) if stat.kind == EntryKind::File && is_named_so => {
                    if stat.identity.is_none_or(|identity| known.insert(identity)) {
                        files.insert(file_name, stat);
                    }
                }
                // Without identities, a loop of links would not be noticed.
                Ok(stat) if stat.kind == EntryKind::Folder && stat.identity.is_some() => {
                    links.push_back(below(&file_name, Some(stat)));
                }
                Ok(_) => {}
                Err(error) => found.refuse(&path, error),
            }
        }
    }
    files
}

/// The entries of a folder, by name. Links come last: a file that is there itself and by a link is read once, by its own
/// name.
fn list(storage: &dyn Storage, folder: &Path, found: &mut Found) -> Vec<Entry> {
    let Listing { mut entries, refused } = match storage.list(folder) {
        Ok(listing) => listing,
        Err(error) => {
            found.refuse(folder, error);
            return Vec::new();
        }
    };
    for (path, error) in refused {
        found.refuse(&path, error);
    }
    entries.sort_by(|a, b| {
        let is_link = |entry: &Entry| entry.kind == EntryKind::Link;
        is_link(a).cmp(&is_link(b)).then_with(|| a.name.cmp(&b.name))
    });
    entries
}

/// The name of a run in a folder of the run `parent`.
fn inside(parent: &str, folder: &OsStr) -> String {
    let folder = text(folder.as_encoded_bytes());
    if parent == "." { folder.into_owned() } else { format!("{parent}/{folder}") }
}
