//! `headwater sweep` and `headwater sweep-worker`: many trials of one experiment.

mod json;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use anyhow::{Context, ensure};
use clap::Args;
use headwater_lab::sweep::{Outcome, Ranking, Sweep, SweepProgress, Tally};
use headwater_threads::Unpoisoned as _;

use crate::signals::Signals;
use crate::sweep_progress::Display;
use crate::{environment, exit, number, output, sweep_table};

/// Where sweeps go when nobody says where.
const RUNS: &str = "runs";

#[derive(Debug, Args)]
#[command(after_help = "\
The file has a section that says which keys take which values:
  [sweep]
  method = \"latin_hypercube\"         or \"random\"; or \"grid\", every combination, without trials
  trials = 200
  [sweep.keys]
  train.learning_rate = { log = [1e-4, 1e-1] }
  network.depth = [2, 4, 8]

Examples:
  headwater sweep mine.toml                                   into a new folder in runs/
  headwater sweep mine.toml --set sweep.trials=20             fewer trials
  headwater sweep mine.toml --resume --logdir runs/mine       continue it after an interruption
  headwater sweep-worker runs/mine                            work on it, too, from this or another machine
  headwater sweep mine.toml --json                            for programs: one object for each trial, and a summary

Every key of a configuration can also be set by the environment: HEADWATER_TRAIN_STEPS=500.
Exit codes: 0 done, 1 could not write, 2 usage error, 3 every run diverged,
129/130/143 interrupted.")]
pub(crate) struct Arguments {
    /// The file of an experiment with a `[sweep]` section; see `headwater help sweep.keys`
    #[arg(value_name = "CONFIG.toml")]
    config: PathBuf,
    /// Set a key of the configuration or of `[sweep]`; a swept key is then fixed at that value; can be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Record into this folder [default: a new folder in runs/]
    #[arg(long, env = "HEADWATER_LOGDIR", value_name = "DIR")]
    logdir: Option<PathBuf>,
    /// Train this many runs at a time [default: one on each core]
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N", value_parser = number::at_least_one::<NonZero<usize>>)]
    threads: Option<NonZero<usize>>,
    /// Continue the sweep in --logdir, if there is one
    #[arg(long)]
    resume: bool,
    /// Print one JSON object for each trial when all its runs are over, and one for the summary
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Works until every run is over: takes what is free, and what dead workers have left. Any number of workers share a folder,
from machines that see it under any path; a relative data.source is looked for from where each is started.
Exit codes: as of sweep.")]
pub(crate) struct WorkerArguments {
    /// The folder of a sweep
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Train this many runs at a time [default: one on each core]
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N", value_parser = number::at_least_one::<NonZero<usize>>)]
    threads: Option<NonZero<usize>>,
    /// Print one JSON object for each trial when all its runs are over, whoever ran them, and one for the summary
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    ensure!(
        !arguments.resume || arguments.logdir.is_some(),
        "--resume requires --logdir DIR, the folder of the sweep to go on with"
    );
    let sweep = Sweep::load(&arguments.config, &environment::overrides(&arguments.set)?)?;
    let signals = Signals::listen().context("cannot listen for signals")?;
    let is_new = arguments.logdir.as_ref().is_none_or(|logdir| !logdir.exists());
    let folder = match &arguments.logdir {
        Some(folder) => {
            headwater_lab::create_logdir(folder)?;
            folder.clone()
        }
        None => headwater_lab::fresh_logdir(Path::new(RUNS), &sweep.plan().name)?,
    };
    sweep.create(&folder, arguments.resume).inspect_err(|_| {
        // Nothing was started, so remove what was just created. A folder that is not empty stays.
        if is_new && std::fs::remove_dir(&folder).is_ok() && arguments.logdir.is_none() {
            let _ = std::fs::remove_dir(RUNS);
        }
    })?;
    Work { sweep: &sweep, folder: &folder, threads: arguments.threads, json: arguments.json, signals: &signals }.run()
}

pub(crate) fn run_worker(arguments: &WorkerArguments) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::open(&arguments.folder)?;
    let signals = Signals::listen().context("cannot listen for signals")?;
    let WorkerArguments { folder, threads, json } = arguments;
    Work { sweep: &sweep, folder, threads: *threads, json: *json, signals: &signals }.run()
}

/// What one process does for a sweep.
struct Work<'a> {
    sweep: &'a Sweep,
    folder: &'a Path,
    threads: Option<NonZero<usize>>,
    json: bool,
    signals: &'a Signals,
}

impl Work<'_> {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let &Self { sweep, folder, signals, .. } = self;
        let (plan, runs) = (sweep.plan(), sweep.runs().len());
        output::message(&format!(
            "{} of {}, {}; recording to {}",
            output::count(plan.trials.len() as u64, "trial"),
            if plan.keys.is_empty() { "no key".to_owned() } else { plan.keys.join(", ") },
            output::count(runs as u64, "run"),
            folder.display()
        ));
        // Before the first run starts there is no record to finish, and loading data may take a while.
        signals.end_at_once();
        let display = Display::new(plan, runs);
        let (trials, failure) = (self.json.then(|| json::Trials::new(sweep)), Mutex::new(None));
        let result = sweep.work(folder, self.threads, signals.stop(), &|progress| {
            if let SweepProgress::Started { .. } = progress {
                signals.finish_records();
            }
            display.show(progress);
            let Some((trials, (run, outcome))) = trials.as_ref().zip(over(progress)) else { return };
            if let Err(error) = trials.add(run, outcome) {
                // Nobody reads the output any more, or the disk is full, so there is no point in continuing.
                signals.stop().store(true, Ordering::Relaxed);
                failure.lock().unpoisoned().get_or_insert(error);
            }
        });
        signals.end_at_once();
        let ranking = display.end();
        let go_on = format!("go on with: {}", output::command("sweep-worker", folder));
        let tally = result.inspect_err(|_| {
            output::message(&format!("runs that are over are kept; when the cause is gone, {go_on}"));
        })?;
        if let Some(error) = failure.into_inner().unpoisoned() {
            output::message(&format!(
                "standard output is closed: {} of {runs} runs are over and kept; {go_on}",
                tally.over
            ));
            return Err(error);
        }
        let interrupted = signals.exit_code();
        if self.json {
            json::summary(sweep, &ranking, &tally, sweep_table::SHOWN, interrupted.is_some())?;
        } else if !ranking.best().is_empty() {
            output::line(&sweep_table::best(plan, &ranking))?;
        }
        output::message(&verdict(&ranking, runs, &tally));
        output::message(&format!("all results are in {}", folder.join("results.csv").display()));
        if let Some(code) = interrupted {
            output::message(&format!("interrupted: {}; {go_on}", kept(tally.over, runs)));
            return Ok(ExitCode::from(code));
        }
        output::message(&format!("look at the runs with: {}", output::command("serve", &folder.join("runs"))));
        let all_diverged = ranking.done() > 0 && ranking.diverged() == ranking.done();
        Ok(if all_diverged { ExitCode::from(exit::DIVERGED) } else { ExitCode::SUCCESS })
    }
}

/// "1 of 1 run is over and kept", "1 of 2 runs are over and kept".
fn kept(over: usize, runs: usize) -> String {
    format!("{} and kept", are_over(over, runs))
}

fn are_over(over: usize, runs: usize) -> String {
    format!("{over} of {} {} over", output::count(runs as u64, "run"), if runs == 1 { "is" } else { "are" })
}

/// What was done here, and how much of the time it was training.
fn verdict(ranking: &Ranking, runs: usize, tally: &Tally) -> String {
    let were = |count| if count == 1 { "was" } else { "were" };
    let mut text = are_over(tally.over, runs);
    if ranking.diverged() > 0 {
        text.push_str(&format!(", {} of them diverged", ranking.diverged()));
    }
    let removed = ranking.done().saturating_sub(tally.over);
    if removed > 0 {
        text.push_str(&format!(", {removed} more {} removed after their end", were(removed)));
    }
    if tally.damaged > 0 {
        let count = output::count(tally.damaged as u64, "damaged run");
        text.push_str(&format!(", {count} {} removed and trained anew", were(tally.damaged)));
    }
    if tally.runs > 0 {
        let Tally { runs, threads, training_seconds, seconds, .. } = *tally;
        let busy = 100.0 * training_seconds / (threads as f64 * seconds);
        text.push_str(&format!(
            "; {runs} {} trained here in {seconds:.1} s, {:.1} a second, {threads} at a time, {busy:.1} % of it in training",
            were(runs),
            runs as f64 / seconds
        ));
    }
    text
}

/// For [`SweepProgress`]: the run and outcome of one that is over.
pub(crate) fn over(progress: SweepProgress<'_>) -> Option<(usize, &Outcome)> {
    match progress {
        SweepProgress::Found { run, outcome } | SweepProgress::Ended { run, outcome } => Some((run, outcome)),
        SweepProgress::Started { .. } | SweepProgress::Waiting { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_is_and_two_are() {
        let said = |over, runs| verdict(&Ranking::new(), runs, &Tally { over, damaged: over, ..Tally::default() });
        assert_eq!(said(1, 1), "1 of 1 run is over, 1 damaged run was removed and trained anew");
        assert_eq!(said(2, 3), "2 of 3 runs are over, 2 damaged runs were removed and trained anew");
    }
}
