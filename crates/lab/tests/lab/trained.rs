//! Trains experiments in a temporary folder.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use headwater_lab::{Experiment, Overrides, Progress, RunError, RunReport, Runner};
use tempfile::TempDir;

/// The experiment's preset with some keys set.
pub(crate) fn preset(set: &[&str]) -> Experiment {
    let set = set.iter().map(|&assignment| assignment.to_owned()).collect();
    Experiment::load("vanishing", &Overrides { set, ..Overrides::default() }).unwrap()
}

/// An experiment of one's own, from the text of its file.
pub(crate) fn experiment(text: &str) -> Experiment {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("experiment.toml");
    fs::write(&path, text).unwrap();
    Experiment::load(path.to_str().unwrap(), &Overrides::default()).unwrap()
}

/// What became of an experiment. The records are deleted with it.
pub(crate) struct Trained {
    pub(crate) logdir: TempDir,
    pub(crate) results: Vec<Result<RunReport, RunError>>,
}

impl Trained {
    /// The reports of runs that all went through.
    pub(crate) fn reports(&self) -> Vec<&RunReport> {
        self.results.iter().map(|result| result.as_ref().unwrap()).collect()
    }

    pub(crate) fn folder(&self, run: &str) -> PathBuf {
        self.logdir.path().join(run)
    }
}

/// How many runs at a time, and how many seeds.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) threads: usize,
    pub(crate) seeds: u32,
}

/// One run at a time, one seed.
pub(crate) const PLAIN: Extent = Extent { threads: 1, seeds: 1 };

/// Trains to the end.
pub(crate) fn train(experiment: &Experiment, extent: Extent) -> Trained {
    train_with(experiment, extent, &AtomicBool::new(false), &|_| ())
}

/// Trains in a new folder; `interrupt` and `progress` as in [`headwater_lab::run`].
pub(crate) fn train_with(
    experiment: &Experiment,
    extent: Extent,
    interrupt: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Trained {
    let logdir = tempfile::tempdir().unwrap();
    let results = headwater_lab::run(&runner(experiment, extent, logdir.path()), interrupt, progress).unwrap();
    Trained { logdir, results }
}

/// The runner of an experiment that records into `logdir`.
pub(crate) fn runner<'a>(experiment: &'a Experiment, extent: Extent, logdir: &'a Path) -> Runner<'a> {
    Runner {
        experiment,
        seeds: NonZero::new(extent.seeds).unwrap(),
        threads: Some(NonZero::new(extent.threads).unwrap()),
        logdir,
        watching: None,
    }
}
