//! The live store of a log directory.

use std::{
    collections::HashSet,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use headwater_threads::Unpoisoned as _;

use super::{
    disk::Disk, follow::Follower, loader::Loader, problem::Problem, run::Run, run_table::RunTable, series::Series,
    storage::Storage,
};

/// Everything that the event files of a log directory hold, and what is added to them.
///
/// Numbers are kept in memory, all of them, in at most 24 bytes a point (28 if an f32 does not hold them, 60 if they are
/// integers beyond 2^53) and 8 KB a series, of which one with a single value takes 400 bytes; of histograms, texts, pictures
/// and sounds their places are kept, in at most 36 bytes each, and they are read from their files when they are asked for.
/// A run takes 2 KB. Records of more than 256 MiB are passed over. Checksums are always checked. What cannot be read is
/// skipped and listed in [`Store::problems`]; nothing in a file makes the store fail.
///
/// The values of a series stand in an order that does not depend on when they were found: see [`Series`]. If a file of a
/// run is replaced, written over, cut short or deleted, the run is read anew and gets another [`Run::generation`]. A file that
/// was written over in place, to the same length, is noticed by its time, and all of it is compared then; within a second
/// of the last change, when the time may not tell, only its first 64 bytes and its last record are.
///
/// A store may be shared by any number of threads; clones are the same store. Whoever looks at the log directory locks
/// the loader, then the list of runs, a run's list of series, a series and the clock, in this order, and holds none of
/// the last four while it waits for anything; so readers wait for no more than one part of a file to be added.
///
/// ```
/// # use std::time::Duration;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = headwater_events::Store::open(folder);
/// let mut changes = store.subscribe();
///
/// let mut writer = headwater_events::Writer::create(&folder.join("sigmoid/seed-0"))?;
/// writer.scalar(0, "loss", 2.5)?;
/// writer.flush()?;
/// store.load();
/// let run = store.run("sigmoid/seed-0").ok_or("no such run")?;
/// let loss = run.get("loss").ok_or("no such tag")?;
/// assert_eq!(loss.points(0..10)[0].value, 2.5);
///
/// // The file grows, and so does the series.
/// writer.scalar(1, "loss", 1.25)?;
/// writer.flush()?;
/// store.load();
/// assert_eq!(loss.len(), 2);
/// let change = changes.next(Duration::ZERO).ok_or("nothing changed")?;
/// assert_eq!(&**change.series[0].tag(), "loss");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    log_directory: PathBuf,
    is_watchable: bool,
    loader: Mutex<Loader>,
    table: RunTable,
}

impl Store {
    /// A store of a log directory, in which nothing has been read: see [`Store::load`] and [`Store::follow`].
    pub fn open(log_directory: &Path) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        Store::with_threads(log_directory, threads)
    }

    /// The same, with a number of threads to read with. What is read does not depend on it.
    pub fn with_threads(log_directory: &Path, threads: usize) -> Self {
        Store::in_storage(Arc::new(Disk), log_directory, threads)
    }

    /// A store of a log directory that lies elsewhere than on the disk, with a number of threads to read with.
    pub fn in_storage(storage: Arc<dyn Storage>, log_directory: &Path, threads: usize) -> Self {
        let is_watchable = storage.is_watchable();
        let loader = Mutex::new(Loader::new(storage, log_directory, threads));
        let log_directory = log_directory.to_owned();
        Store { inner: Arc::new(Inner { log_directory, is_watchable, loader, table: RunTable::default() }) }
    }

    /// The log directory.
    pub fn log_directory(&self) -> &Path {
        &self.inner.log_directory
    }

    /// Whether the operating system tells of changes in the log directory.
    pub(crate) fn is_watchable(&self) -> bool {
        self.inner.is_watchable
    }

    /// Looks at the log directory and reads everything that is new. What has been read can be seen by others before this
    /// returns.
    pub fn load(&self) {
        let mut loader = self.inner.loader.lock().unpoisoned();
        loader.look(&self.inner.table);
        loader.end_searches(&self.inner.table);
    }

    /// Like [`Self::load`], but leaves the rest of long searches in damaged files to later looks. Returns the folders
    /// it found.
    pub(crate) fn look(&self) -> Vec<PathBuf> {
        let mut loader = self.inner.loader.lock().unpoisoned();
        loader.look(&self.inner.table)
    }

    /// Reads what is new in these files. False if they are not all known.
    pub(crate) fn look_at(&self, paths: &HashSet<PathBuf>) -> bool {
        let mut loader = self.inner.loader.lock().unpoisoned();
        loader.look_at(paths, &self.inner.table)
    }

    /// Starts a thread that loads, and goes on loading until the follower is dropped.
    ///
    /// # Errors
    ///
    /// If the operating system has no thread to give.
    pub fn follow(&self) -> std::io::Result<Follower> {
        Follower::start(self.clone())
    }

    /// The runs, by name.
    pub fn runs(&self) -> Vec<Arc<Run>> {
        self.inner.table.runs()
    }

    /// The run of a name.
    pub fn run(&self, name: &str) -> Option<Arc<Run>> {
        self.inner.table.get(name)
    }

    /// The runs whose folders are in that of the run of a name, at whatever depth, by name. What is beside it is not
    /// walked through.
    pub fn below(&self, name: &str) -> Vec<Arc<Run>> {
        self.inner.table.below(name)
    }

    /// Everything that could not be read.
    pub fn problems(&self) -> Vec<Problem> {
        let runs = self.runs();
        self.inner.table.problems().into_iter().chain(runs.iter().flat_map(|run| run.problems())).collect()
    }

    /// The files and folders, anywhere in the log directory, that the operating system would not show. They may hide
    /// runs.
    pub fn hidden(&self) -> Vec<Problem> {
        self.inner.table.problems()
    }

    /// The version: it grows whenever anything is added.
    pub fn version(&self) -> u64 {
        self.inner.table.clock().now()
    }

    /// What changed after `version`; nothing, if `version` is the store's.
    pub fn changes(&self, version: u64) -> Changes {
        // Whatever changes while this looks is in a later version, and is reported again.
        let now = self.version();
        let runs: Vec<Arc<Run>> = self.runs().into_iter().filter(|run| run.version() > version).collect();
        let series = runs.iter().flat_map(|run| run.series()).filter(|series| series.version() > version).collect();
        let gone = self.inner.table.gone_after(version);
        Changes { version: now, runs, series, gone }
    }

    /// Waits for changes, beginning with those that come after this call.
    pub fn subscribe(&self) -> Subscription {
        Subscription { store: self.clone(), version: self.version() }
    }
}

/// What changed.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The store's version: ask for what changed after this one next time.
    pub version: u64,
    /// Runs in which something changed. A run whose generation is another than before is to be read anew.
    pub runs: Vec<Arc<Run>>,
    /// Series that are new or have grown. One whose generation is another than before is to be read anew.
    pub series: Vec<Arc<Series>>,
    /// Names of runs that are gone.
    pub gone: Vec<Arc<str>>,
}

/// Waits for changes. Nothing is queued for a subscriber: one that is slow learns of many changes at once.
#[derive(Debug)]
pub struct Subscription {
    store: Store,
    version: u64,
}

impl Subscription {
    /// Waits until something has changed that this subscription has not told of. None if nothing does within `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Option<Changes> {
        self.store.inner.table.clock().after(self.version, timeout)?;
        let changes = self.store.changes(self.version);
        self.version = changes.version;
        Some(changes)
    }
}
