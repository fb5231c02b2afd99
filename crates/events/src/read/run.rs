//! A run: a folder with event files in it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use headwater_threads::Unpoisoned as _;

use super::{
    batch::Batch,
    clock::Clock,
    files::{FileReport, Files},
    old_names::{OLD_ENDINGS, plain},
    problem::{Defect, Problem},
    series::Series,
    storage::Storage,
};

/// A run, as far as it has been read. When one of its files is replaced or cut short, the store gets a new run of the
/// same name, and this one stays as it was.
#[derive(Debug)]
pub struct Run {
    name: Arc<str>,
    folder: Arc<Path>,
    generation: u64,
    files: Arc<Files>,
    series: RwLock<BTreeMap<Arc<str>, Arc<Series>>>,
    /// Whether values of some series may not be in order, and whether a session start may have made values void.
    unsettled: AtomicBool,
    purged: AtomicBool,
    /// Whether any tag has an ending that old writers put behind a name.
    has_endings: AtomicBool,
    /// The store's clock when something of it last changed.
    changed: AtomicU64,
}

impl Run {
    pub(crate) fn new(name: Arc<str>, folder: Arc<Path>, generation: u64, storage: Arc<dyn Storage>) -> Self {
        let (series, changed) = (RwLock::default(), AtomicU64::new(0));
        let (unsettled, purged, has_endings) = <(AtomicBool, AtomicBool, AtomicBool)>::default();
        let files = Arc::new(Files::new(storage));
        Run { name, folder, generation, files, series, unsettled, purged, has_endings, changed }
    }

    /// Its folder's path relative to the log directory, with slashes; `.` is the log directory itself.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Which reading of the run this is; see [`Series::generation`].
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The version of the store in which something of it last changed.
    pub fn version(&self) -> u64 {
        self.changed.load(Ordering::Acquire)
    }

    /// Its series, by tag.
    pub fn series(&self) -> Vec<Arc<Series>> {
        self.series.read().unpoisoned().values().cloned().collect()
    }

    /// The series of a tag.
    pub fn get(&self, tag: &str) -> Option<Arc<Series>> {
        self.series.read().unpoisoned().get(tag).cloned()
    }

    /// Its files.
    pub fn files(&self) -> Vec<FileReport> {
        self.files.reports()
    }

    /// What could not be read.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.files.problems();
        for series in self.series() {
            let info = series.info();
            if info.mixed > 0 {
                let (run, tag) = (Arc::clone(&self.name), Arc::clone(series.tag()));
                let defect = Defect::Mixed { run, tag, kind: info.kind, count: info.mixed };
                problems.push(Problem { path: Arc::clone(&self.folder), offset: None, skipped: 0, defect });
            }
        }
        problems
    }

    pub(crate) fn own_files(&self) -> &Files {
        &self.files
    }

    /// Adds the values of a part of a file. `file`: its index.
    pub(crate) fn extend(&self, batch: &Batch, file: u32, clock: &Clock) {
        let (sessions, may_be_void) = self.files.sessions(file);
        let mut touched = Vec::new();
        for tag in batch.tags() {
            let series = self.get(&tag.tag).unwrap_or_else(|| {
                let series = Series::new(Arc::clone(&self.name), self.generation, Arc::clone(&self.files), tag);
                let series = Arc::new(series);
                self.name_series(&series);
                let mut all = self.series.write().unpoisoned();
                all.insert(Arc::clone(&tag.tag), Arc::clone(&series));
                series
            });
            if may_be_void {
                series.unsettle();
            }
            if !series.extend(tag, file, sessions) {
                self.unsettled.store(true, Ordering::Relaxed);
            }
            touched.push(series);
        }
        if !batch.starts.is_empty() {
            self.files.begin(file, &batch.starts);
            self.purged.store(true, Ordering::Relaxed);
        }
        self.tick(&touched, clock);
    }

    /// Names a new series, and those from whose tags an old writer's ending is not to be left out any more.
    fn name_series(&self, new: &Series) {
        let tag = new.tag();
        if let Some(name) = plain(tag) {
            new.set_plain(self.get(name).is_none());
            self.has_endings.store(true, Ordering::Relaxed);
        } else if self.has_endings.load(Ordering::Relaxed) {
            let others = OLD_ENDINGS.iter().filter_map(|ending| self.get(&format!("{tag}{ending}")));
            others.for_each(|other| other.set_plain(false));
        }
    }

    fn tick(&self, touched: &[Arc<Series>], clock: &Clock) {
        clock.tick(|version| {
            for series in touched {
                series.set_version(version);
            }
            self.changed.store(version, Ordering::Release);
        });
    }

    /// Puts values that came out of order where they belong, and void ones aside: each series in which there are any is
    /// replaced by one of another generation. Nobody may add values meanwhile.
    pub(crate) fn settle(&self, generations: &mut u64, clock: &Clock) {
        let purged = self.purged.swap(false, Ordering::Relaxed);
        if !self.unsettled.swap(false, Ordering::Relaxed) && !purged {
            return;
        }
        let purge = self.files.purge();
        let mut settled = Vec::new();
        for series in self.series() {
            if let Some(series) = series.settled(&purge, purged, *generations + 1) {
                *generations += 1;
                settled.push(Arc::new(series));
            }
        }
        if settled.is_empty() {
            return;
        }
        let mut all = self.series.write().unpoisoned();
        for series in &settled {
            all.insert(Arc::clone(series.tag()), Arc::clone(series));
        }
        drop(all);
        self.tick(&settled, clock);
    }

    /// Marks everything as changed in this version.
    pub(crate) fn stamp(&self, version: u64) {
        for series in self.series() {
            series.set_version(version);
        }
        self.changed.store(version, Ordering::Release);
    }
}
