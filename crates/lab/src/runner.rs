//! The runner: all scenarios and seeds, on all cores.
//!
//! A run is trained by one thread from beginning to end, so its numbers do not depend on how many there are.

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_data::Dataset;
use headwater_threads::{cores, each_while};

use crate::datasets::{check, load_unless};
use crate::detail::Detail;
use crate::thread_cache::ThreadCache;
use crate::training::{Setting, train};
use crate::{Config, Experiment, Intervention, Progress, RunError, RunReport, Watching};

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
/// [`RunError::Data`] if data cannot be loaded, or if `interrupt` is raised before it is loaded. Then nothing is run.
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
    let work = |cache: &mut ThreadCache, index: usize| {
        let Planned { scenario, run, config } = &planned[index];
        progress(Progress::Started { index });
        let setting = Setting {
            index,
            experiment: &runner.experiment.name,
            scenario,
            run: run.clone(),
            config,
            dataset: &datasets[index],
            folder: &runner.logdir.join(run),
            detail: Detail::All,
            interrupt,
            progress,
            intervention: Intervention::default(),
            watching: runner.watching,
        };
        let result = train(&setting, cache);
        progress(Progress::Ended { index, report: result.as_ref().ok() });
        result
    };
    let threads = runner.threads.map_or_else(cores, NonZero::get);
    let goes_on = || !interrupt.load(Ordering::Relaxed);
    let results = each_while(threads, planned.len(), goes_on, ThreadCache::default, work);
    Ok(results.into_iter().flatten().collect())
}

/// Trains one configuration on a dataset that is loaded already, recorded in `folder`, after `intervention`.
///
/// # Errors
/// [`RunError`], as of [`crate::run`].
pub fn apply(
    name: &str,
    config: &Config,
    dataset: &Dataset,
    folder: &Path,
    intervention: Intervention<'_>,
) -> Result<RunReport, RunError> {
    check(name, config, dataset)?;
    let setting = Setting {
        index: 0,
        experiment: name,
        scenario: name,
        run: name.to_owned(),
        config,
        dataset,
        folder,
        detail: Detail::All,
        interrupt: &AtomicBool::new(false),
        progress: &|_| (),
        intervention,
        watching: None,
    };
    train(&setting, &mut ThreadCache::default())
}
