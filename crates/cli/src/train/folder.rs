//! The folder that runs are recorded into: found or made, and held against other programs.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use headwater_lab::LogdirLock;

use crate::output;

/// Where records go when nobody says where.
const RUNS: &str = "runs";

/// The folder that runs are recorded into.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// What was made for it, the deepest first.
    made: Vec<PathBuf>,
    lock: Mutex<Option<LogdirLock>>,
}

impl Folder {
    /// The folder that was asked for, or else a new one by this name.
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
        *folder.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        Ok(folder)
    }

    /// Lets others have the folder. Where nothing was recorded, what was made for it is removed.
    pub(super) fn let_go(&self) {
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        // A folder that holds anything stays, and so do those above it.
        let _ = self.made.iter().try_for_each(std::fs::remove_dir);
    }
}

/// The folder and those above it that do not exist, the deepest first.
fn missing(path: &Path) -> Vec<PathBuf> {
    let folders = path.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    folders.take_while(|folder| !folder.exists()).map(Path::to_owned).collect()
}
