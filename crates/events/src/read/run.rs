//! A run: a folder with event files in it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    batch::Batch,
    clock::Clock,
    files::{FileReport, Files},
    problem::{Defect, Problem},
    series::Series,
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
    /// The store's clock when something of it last changed.
    changed: AtomicU64,
}

impl Run {
    pub(crate) fn new(name: Arc<str>, folder: Arc<Path>, generation: u64) -> Self {
        let (series, changed) = (RwLock::default(), AtomicU64::new(0));
        Run { name, folder, generation, files: Arc::default(), series, changed }
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
        self.series.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The series of a tag.
    pub fn get(&self, tag: &str) -> Option<Arc<Series>> {
        self.series.read().unwrap_or_else(PoisonError::into_inner).get(tag).cloned()
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
        let mut touched = Vec::new();
        for tag in batch.tags() {
            let series = self.get(&tag.tag).unwrap_or_else(|| {
                let series = Series::new(Arc::clone(&self.name), self.generation, Arc::clone(&self.files), tag);
                let series = Arc::new(series);
                let mut all = self.series.write().unwrap_or_else(PoisonError::into_inner);
                all.insert(Arc::clone(&tag.tag), Arc::clone(&series));
                series
            });
            series.extend(tag, file);
            touched.push(series);
        }
        clock.tick(|version| {
            for series in &touched {
                series.set_version(version);
            }
            self.changed.store(version, Ordering::Release);
        });
    }

    /// Marks everything as changed in this version.
    pub(crate) fn stamp(&self, version: u64) {
        for series in self.series() {
            series.set_version(version);
        }
        self.changed.store(version, Ordering::Release);
    }
}
