//! The runner: all scenarios and seeds, on all cores.
//!
//! A run is trained by one thread from beginning to end, so its numbers do not depend on how many there are.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use headwater_data::{DataError, Dataset};
use headwater_diagnose::Finding;
use headwater_events::WriteError;
use headwater_nn::{Network, ShapeError, Workspace};
use thiserror::Error;

use crate::detail::Detail;
use crate::thread_cache::ThreadCache;
use crate::training::{Setting, train};
use crate::{Config, DataConfig, Experiment, Intervention, RunReport, Watching};

/// What to run and how.
#[derive(Debug, Clone)]
pub struct Runner<'a> {
    /// The scenarios.
    pub experiment: &'a Experiment,
    /// How many seeds each scenario is trained with, from `train.seed` on.
    pub seeds: NonZero<u32>,
    /// How many runs are trained at a time; by default one on each core.
    pub threads: Option<NonZero<usize>>,
    /// The log directory: each run becomes a folder in it.
    pub logdir: &'a Path,
    /// How the runs are watched while they train; none if they are not.
    pub watching: Option<Watching>,
}

/// What a run is doing at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Allocating memory.
    Building,
    /// Drawing weights, and scaling them if the initialiser does that.
    Initialising,
    /// Naming what will be recorded, and writing what is known before the first step.
    Recording,
    /// Computing what theory predicts.
    Theory,
    /// Training, step by step.
    Training,
    /// Evaluating the network after its last step and finishing the record.
    Evaluating,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Building => "building",
            Self::Initialising => "initialising",
            Self::Recording => "recording",
            Self::Theory => "theory",
            Self::Training => "training",
            Self::Evaluating => "evaluating",
        })
    }
}

/// What happens while runs are trained. `index` counts runs in the order of [`Runner::runs`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    /// A run begins.
    Started {
        /// Which run.
        index: usize,
    },
    /// A run enters another phase.
    Phase {
        /// Index of the run.
        index: usize,
        /// The new phase.
        phase: Phase,
        /// Whether the network is so large that this may take seconds.
        is_long: bool,
    },
    /// A run made some steps.
    Step {
        /// Which run.
        index: usize,
        /// Steps made so far.
        step: u64,
        /// Loss of the last batch.
        loss: f64,
        /// Accuracy of the last batch.
        accuracy: f64,
    },
    /// The watch found something in a run, for the first time or worse than before. A finding stands for two looks, 25
    /// steps apart in a young run, before it is told; one of the initial weights is told before the second step.
    Found {
        /// Which run.
        index: usize,
        /// The step after which it was found.
        step: u64,
        /// What was found.
        finding: &'a Finding,
    },
    /// A run is over.
    Ended {
        /// Which run.
        index: usize,
        /// Its results; none if it failed.
        report: Option<&'a RunReport>,
    },
}

/// Why a run could not be trained or recorded.
#[derive(Debug, Error)]
pub enum RunError {
    /// The data cannot be had.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network cannot be built.
    #[error("run {run}: {source}")]
    Shape {
        /// The run.
        run: String,
        /// What is wrong with the shape.
        source: ShapeError,
    },
    /// A batch is drawn without replacement.
    #[error(
        "run {run}: train.batch_size is {batch_size}, and there are {samples} training samples; expected at most as many"
    )]
    Batch {
        /// The run.
        run: String,
        /// Samples in a batch.
        batch_size: usize,
        /// Samples in the training set.
        samples: usize,
    },
    /// The record cannot be written.
    #[error("run {run} stopped after {steps} {}: {source}", if *steps == 1 { "step" } else { "steps" })]
    Record {
        /// The run.
        run: String,
        /// Steps made until then.
        steps: u64,
        /// What happened to the file.
        source: WriteError,
    },
    /// The manifest cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// One run that is to be trained.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) scenario: String,
    pub(crate) run: String,
    pub(crate) config: Config,
}

impl Runner<'_> {
    /// The names of the runs in the order in which they begin, each with its number of steps.
    pub fn runs(&self) -> Vec<(String, u64)> {
        self.planned().into_iter().map(|planned| (planned.run, planned.config.train.steps)).collect()
    }

    /// Seed by seed, so that the first results of every scenario come early.
    fn planned(&self) -> Vec<Planned> {
        let seeds = u64::from(self.seeds.get());
        let planned = (0..seeds).flat_map(|offset| {
            self.experiment.scenarios.iter().map(move |scenario| {
                let mut config = scenario.config.clone();
                // Both are bounded, far below where the sum would overflow.
                config.train.seed += offset;
                let run = match seeds {
                    1 => scenario.name.clone(),
                    _ => format!("{}/seed-{}", scenario.name, config.train.seed),
                };
                Planned { scenario: scenario.name.clone(), run, config }
            })
        });
        planned.collect()
    }

    /// The folders of these runs that hold records already, which new ones would be mixed with.
    pub fn occupied(&self) -> Vec<String> {
        let holds_records = |run: &String| {
            let entries = std::fs::read_dir(self.logdir.join(run)).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name()).any(|name| headwater_events::is_event_file(&name))
        };
        self.planned().into_iter().map(|planned| planned.run).filter(holds_records).collect()
    }
}

/// Trains all runs. A run that fails does not stop the others. Raising `interrupt` makes every run finish its record
/// and stop, and no further run begins. That takes well below a second, however large the network is: a step in
/// progress is abandoned and not recorded, and a long evaluation is skipped.
///
/// Returns the results of the runs that were begun, in the order of [`Runner::runs`].
///
/// # Errors
/// [`DataError`] if data cannot be loaded, or if `interrupt` is raised before it is loaded. Then nothing is run.
pub fn run(
    runner: &Runner<'_>,
    interrupt: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<Result<RunReport, RunError>>, RunError> {
    let planned = runner.planned();
    let datasets = load_unless(interrupt, planned.iter().map(|planned| &planned.config.data))?;
    // What is wrong with a configuration is wrong with all its seeds, and better known before the first step.
    for (planned, dataset) in planned.iter().zip(&datasets).take(runner.experiment.scenarios.len()) {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        check(&planned.run, &planned.config, dataset)?;
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        let mut cache = ThreadCache::default();
        while !interrupt.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((Planned { scenario, run, config }, dataset)) = planned.get(index).zip(datasets.get(index)) else {
                break;
            };
            progress(Progress::Started { index });
            let setting = Setting {
                index,
                experiment: &runner.experiment.name,
                scenario,
                run: run.clone(),
                config,
                dataset,
                folder: &runner.logdir.join(run),
                detail: Detail::All,
                interrupt,
                progress,
                intervention: Intervention::default(),
                watching: runner.watching,
            };
            let result = train(&setting, &mut cache);
            progress(Progress::Ended { index, report: result.as_ref().ok() });
            let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            results.insert(index, result);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = runner.threads.map_or(cores, NonZero::get).min(planned.len());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no more threads to give, those that there are do the work.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(results.into_values().collect())
}

/// The dataset for each of these. Each is loaded once; clones share its samples.
pub(crate) fn load<'a>(configs: impl Iterator<Item = &'a DataConfig>) -> Result<Vec<Dataset>, RunError> {
    load_unless(&AtomicBool::new(false), configs)
}

/// Like [`load`], but returns [`DataError::Interrupted`] once `interrupt` is raised.
fn load_unless<'a>(
    interrupt: &AtomicBool,
    configs: impl Iterator<Item = &'a DataConfig>,
) -> Result<Vec<Dataset>, RunError> {
    let mut loaded: Vec<(&DataConfig, Dataset)> = Vec::new();
    let mut datasets = Vec::new();
    for config in configs {
        let known = loaded.iter().find(|(data, _)| *data == config).map(|(_, dataset)| dataset.clone());
        let dataset = if let Some(dataset) = known {
            dataset
        } else {
            let dataset = headwater_data::load_interruptible(&config.request(), interrupt)?;
            loaded.push((config, dataset.clone()));
            dataset
        };
        datasets.push(dataset);
    }
    Ok(datasets)
}

/// Refuses a run that could not make its first step.
pub(crate) fn check(run: &str, config: &Config, dataset: &Dataset) -> Result<(), RunError> {
    let (batch_size, samples) = (config.train.batch_size, dataset.train.len());
    if batch_size > samples {
        return Err(RunError::Batch { run: run.to_owned(), batch_size, samples });
    }
    let shapes = config.network.shapes(dataset.classes);
    Network::new(dataset.train.width(), &shapes, config.network.loss)
        .and_then(|network| Workspace::new(&network, batch_size))
        .map(|_| ())
        .map_err(|source| RunError::Shape { run: run.to_owned(), source })
}
