//! Working on a sweep: threads that take runs from the queue and train them.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use headwater_threads::{Unpoisoned as _, cores, on_threads};

use headwater_data::Dataset;

use super::holder::new_token;
use super::part::Part;
use super::plan::PlannedRun;
use super::queue::{Claim, Joined, Lease, Left, Queue};
use super::{Outcome, Plan, SweepError, results};
use crate::datasets::{check, load};
use crate::thread_cache::ThreadCache;
use crate::training::{Setting, train};
use crate::{Intervention, Overrides, RunError, Status};

/// With how many of the networks that were checked before a trial is compared. Enough for any sweep over few shapes; where
/// every trial has another shape, to compare it with all the others would take the square of the trials, and to check one
/// twice does no harm.
const COMPARED: usize = 256;

/// A sweep that can be worked on: its plan, and the data of every trial.
#[derive(Debug)]
pub struct Sweep {
    plan: Plan,
    runs: Vec<PlannedRun>,
    /// One for each trial; those that are equal share their samples.
    datasets: Vec<Dataset>,
}

/// What happens while a sweep is worked on. Runs are given by their numbers in [`Plan::runs`].
#[derive(Debug, Clone, Copy)]
pub enum SweepProgress<'a> {
    /// A run is over, which was trained before, or by another process.
    Found {
        /// Which run.
        run: usize,
        /// Its results.
        outcome: &'a Outcome,
    },
    /// A run begins.
    Started {
        /// Which run.
        run: usize,
    },
    /// A run is over.
    Ended {
        /// Which run.
        run: usize,
        /// Its results.
        outcome: &'a Outcome,
    },
    /// Nothing is left to begin: a thread waits for the runs of other processes, and takes over those of the dead.
    Waiting {
        /// How many runs others train.
        runs: usize,
    },
}

/// What one process did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Runs that it trained to their end.
    pub runs: usize,
    /// Threads that trained: fewer than were asked for if the system had no more to give, or there were fewer runs.
    pub threads: usize,
    /// Runs that are over and still there, whoever trained them: the lines of `results.csv`.
    pub over: usize,
    /// Number of runs whose results were cut off or altered. They were deleted when this process joined, to be trained
    /// again.
    pub damaged: usize,
    /// The sum of the seconds of its runs, each from its first step to its last evaluation.
    pub training_seconds: f64,
    /// Wall time from joining the workers to the end.
    pub seconds: f64,
}

impl Sweep {
    /// Reads an experiment's file with a section `[sweep]`, loads its data and checks every trial.
    ///
    /// # Errors
    /// [`SweepError`] for what is wrong with the file, the data, or the first trial that could not be trained.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, SweepError> {
        Self::new(Plan::load(path, overrides)?)
    }

    /// Finds the sweep in a folder.
    ///
    /// # Errors
    /// When there is none, or its plan cannot be read or trained.
    pub fn open(folder: &Path) -> Result<Self, SweepError> {
        let plan = Plan::read(folder)?.ok_or_else(|| SweepError::NoSweep(folder.to_owned()))?;
        Self::new(plan)
    }

    fn new(plan: Plan) -> Result<Self, SweepError> {
        let datasets = load(plan.trials.iter().map(|trial| &trial.config.data))?;
        let mut checked: Vec<(&crate::Config, &Dataset)> = Vec::new();
        for (number, (trial, dataset)) in plan.trials.iter().zip(&datasets).enumerate() {
            let config = &trial.config;
            // Networks that are built alike are checked once: most sweeps have few.
            let alike = |(known, _): &(&crate::Config, &Dataset)| {
                known.network == config.network
                    && known.train.batch_size == config.train.batch_size
                    && known.data == config.data
            };
            if checked.iter().rev().take(COMPARED).any(alike) {
                continue;
            }
            let run = format!("{number} ({})", plan.values(number));
            check(&run, config, dataset)?;
            checked.push((config, dataset));
        }
        let runs = plan.runs();
        Ok(Self { plan, runs, datasets })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// All runs, by number.
    pub fn runs(&self) -> &[PlannedRun] {
        &self.runs
    }

    /// Writes the plan into a folder. If it holds this sweep already, that is gone on with, if `resume` says so.
    ///
    /// # Errors
    /// When a sweep is there and is not to be gone on with, or is another one; when something else is in the way of the runs;
    /// when the plan cannot be written.
    pub fn create(&self, folder: &Path, resume: bool) -> Result<(), SweepError> {
        let path = folder.join(Plan::FILE_NAME);
        if let Some(there) = Plan::read(folder)? {
            return self.agrees(folder, &there, resume);
        }
        let in_the_way = folder.join("runs");
        if std::fs::read_dir(&in_the_way).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(SweepError::InTheWay { path: in_the_way });
        }
        let text = self.plan.text().map_err(|message| SweepError::Plan { path: path.clone(), message })?;
        // Whole at once, and by one only: a link is refused where a plan is.
        let part = Part::write(folder.join(format!("{}.{}.part", Plan::FILE_NAME, new_token())), text);
        match part.and_then(|part| part.create(&path)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let there = Plan::read(folder)?.ok_or_else(|| SweepError::NoSweep(folder.to_owned()))?;
                self.agrees(folder, &there, resume)
            }
            created => created.map_err(SweepError::writing(&path)),
        }
    }

    fn agrees(&self, folder: &Path, there: &Plan, resume: bool) -> Result<(), SweepError> {
        if let Some(difference) = there.difference(&self.plan) {
            return Err(SweepError::Different { folder: folder.to_owned(), difference });
        }
        if resume {
            return Ok(());
        }
        let is_over = |run: &&PlannedRun| matches!(Outcome::read(&folder.join("runs").join(&run.name)), Ok(Some(_)));
        let done = self.runs.iter().filter(is_over).count();
        Err(SweepError::Occupied { folder: folder.to_owned(), done, runs: self.runs.len() })
    }

    /// Trains what is left of the sweep in a folder, beside other processes that do the same, until all runs are over. Raising
    /// `interrupt` ends it early: what was begun is thrown away then, and what is over is kept. In the end `results.csv` is
    /// written.
    ///
    /// # Errors
    /// When a record cannot be written or read. What is over is kept.
    pub fn work(
        &self,
        folder: &Path,
        threads: Option<NonZero<usize>>,
        interrupt: &AtomicBool,
        progress: &(dyn Fn(SweepProgress<'_>) + Sync),
    ) -> Result<Tally, SweepError> {
        let started = Instant::now();
        let (queue, Joined { known, damaged }) = Queue::join(folder, &self.runs)?;
        for (run, outcome) in &known {
            progress(SweepProgress::Found { run: *run, outcome });
        }
        let threads = threads.map_or_else(cores, NonZero::get).min(self.runs.len());
        let crew = Crew {
            sweep: self,
            queue: &queue,
            interrupt,
            progress,
            tally: Mutex::new(Tally::default()),
            outcomes: Mutex::new(known.into_iter().collect()),
            failure: Mutex::new(None),
            failed: AtomicBool::new(false),
        };
        let threads = on_threads(threads, || crew.work());
        let Crew { tally, outcomes, failure, .. } = crew;
        let token = queue.token().to_owned();
        drop(queue);
        let outcomes = outcomes.into_inner().unpoisoned();
        let written = results::write(folder, &self.plan, &self.runs, &token, outcomes);
        if let Some(error) = failure.into_inner().unpoisoned() {
            return Err(error);
        }
        let over = written?;
        let tally = tally.into_inner().unpoisoned();
        Ok(Tally { threads, over, damaged, seconds: started.elapsed().as_secs_f64(), ..tally })
    }
}

/// What the threads share.
struct Crew<'a> {
    sweep: &'a Sweep,
    queue: &'a Queue<'a>,
    interrupt: &'a AtomicBool,
    progress: &'a (dyn Fn(SweepProgress<'_>) + Sync),
    tally: Mutex<Tally>,
    /// Of the runs that are known to be over.
    outcomes: Mutex<BTreeMap<usize, Outcome>>,
    /// What ended the work, if it was not the end: the first error.
    failure: Mutex<Option<SweepError>>,
    failed: AtomicBool,
}

impl Crew<'_> {
    /// Works until nothing is left.
    fn work(&self) {
        if let Err(error) = self.take_runs() {
            self.failed.store(true, Ordering::Relaxed);
            self.failure.lock().unpoisoned().get_or_insert(error);
        }
    }

    fn is_over(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    fn take_runs(&self) -> Result<(), SweepError> {
        let mut found = |run, outcome| self.found(run, outcome);
        let mut cache = ThreadCache::default();
        while !self.is_over() {
            match self.queue.claim(Instant::now(), &mut found)? {
                Claim::Nothing => break,
                Claim::Wait(runs) => {
                    (self.progress)(SweepProgress::Waiting { runs });
                    self.queue.wait();
                }
                Claim::Run(lease) => self.train(&lease, &mut cache)?,
            }
        }
        Ok(())
    }

    fn train(&self, lease: &Lease, cache: &mut ThreadCache) -> Result<(), SweepError> {
        let Sweep { plan, runs, datasets } = self.sweep;
        let run = &runs[lease.index];
        let trial = &plan.trials[run.trial];
        let mut config = trial.config.clone();
        config.train.seed = run.seed;
        (self.progress)(SweepProgress::Started { run: lease.index });
        let setting = Setting {
            index: lease.index,
            experiment: &plan.name,
            scenario: &trial.scenario,
            run: run.name.clone(),
            config: &config,
            dataset: &datasets[run.trial],
            folder: &lease.folder,
            detail: plan.detail,
            interrupt: self.interrupt,
            progress: &|_| (),
            intervention: Intervention::default(),
            watching: None,
        };
        match train(&setting, cache) {
            Ok(report) if report.status == Status::Interrupted => self.queue.give_up(lease, Left::Unfinished),
            Ok(report) => {
                let Some(outcome) = self.queue.finish(lease, Outcome::new(&report))? else { return Ok(()) };
                let mut tally = self.tally.lock().unpoisoned();
                tally.runs += 1;
                tally.training_seconds += report.seconds;
                drop(tally);
                (self.progress)(SweepProgress::Ended { run: lease.index, outcome: &outcome });
                self.keep(lease.index, outcome);
            }
            Err(error) => self.lost(lease, error)?,
        }
        Ok(())
    }

    fn found(&self, run: usize, outcome: Outcome) {
        (self.progress)(SweepProgress::Found { run, outcome: &outcome });
        self.keep(run, outcome);
    }

    fn keep(&self, run: usize, outcome: Outcome) {
        self.outcomes.lock().unpoisoned().insert(run, outcome);
    }

    /// A run could not be recorded. If another worker took this one for dead, its folder was removed, and nothing is wrong.
    fn lost(&self, lease: &Lease, error: RunError) -> Result<(), SweepError> {
        match self.queue.outcome(lease.index)? {
            Some(outcome) => {
                self.queue.give_up(lease, Left::Over);
                self.found(lease.index, outcome);
                Ok(())
            }
            None if self.queue.is_taken_over(lease) => {
                self.queue.give_up(lease, Left::InOtherHands);
                Ok(())
            }
            None => {
                self.queue.give_up(lease, Left::Unfinished);
                Err(error.into())
            }
        }
    }
}
