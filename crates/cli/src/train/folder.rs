//! The folder that runs are recorded into: found or created, and locked against other programs.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use headwater_lab::LogdirLock;
use headwater_threads::Unpoisoned as _;

use crate::output;

/// Where records go by default.
const RUNS: &str = "runs";

pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// The folders that were created for it, the deepest first.
    made: Vec<PathBuf>,
    lock: Mutex<Option<LogdirLock>>,
}

impl Folder {
    /// Opens the folder that the user asked for, or creates a new one named after `name`.
    pub(super) fn make(asked: Option<&Path>, name: &str) -> anyhow::Result<Self> {
        let (path, made) = if let Some(path) = asked {
            let made = missing(path);
            headwater_lab::create_logdir(path)?;
            (path.to_owned(), made)
        } else {
            let above = missing(Path::new(RUNS));
            let path = headwater_lab::fresh_logdir(Path::new(RUNS), name)?;
            (path.clone(), [vec![path], above].concat())
        };
        let folder = Self { path, made, lock: Mutex::new(None) };
        let lock = LogdirLock::take(&folder.path).inspect_err(|_| folder.let_go())?;
        if let Some(error) = lock.unsupported() {
            output::warning(&format!(
                "{} cannot be locked ({error}): make sure that no other `headwater train` records into it",
                folder.path.display()
            ));
        }
        *folder.lock.lock().unpoisoned() = Some(lock);
        Ok(folder)
    }

    /// Releases the lock. If nothing was recorded, removes the folders that were created.
    pub(super) fn let_go(&self) {
        drop(self.lock.lock().unpoisoned().take());
        // A folder that is not empty stays, and so do its parents.
        let _ = self.made.iter().try_for_each(std::fs::remove_dir);
    }
}

/// The parts of the path that do not exist yet, the deepest first.
fn missing(path: &Path) -> Vec<PathBuf> {
    let folders = path.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    folders.take_while(|folder| !folder.exists()).map(Path::to_owned).collect()
}
