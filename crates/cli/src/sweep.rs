//! `headwater sweep` and `headwater sweep-worker`: many trials of one experiment.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;
use headwater_lab::sweep::{Outcome, Ranking, Sweep, SweepProgress, Tally};

use crate::signals::Signals;
use crate::sweep_progress::Display;
use crate::{environment, exit, output, sweep_table};

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
  headwater sweep mine.toml --set sweep.trials=20             fewer of them
  headwater sweep mine.toml --resume --logdir runs/mine       go on with it after an interruption
  headwater sweep-worker runs/mine                            help with it, from this machine or another

Every key of a configuration can also be set by the environment: HEADWATER_TRAIN_STEPS=500.
Exit codes: 0 done, 1 could not write, 2 wrong question, 3 every run diverged, 130/143 interrupted.")]
pub(crate) struct Arguments {
    /// An experiment's file with a section `[sweep]`; see `headwater help sweep.keys`
    #[arg(value_name = "CONFIG.toml")]
    config: PathBuf,
    /// Set a key of the configuration, which holds a swept one at that value, or a key of `[sweep]`; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Record into this folder [default: a new folder in runs/]
    #[arg(long, env = "HEADWATER_LOGDIR", value_name = "DIR")]
    logdir: Option<PathBuf>,
    /// Train this many runs at a time [default: one on each core]
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// Go on with the same sweep in --logdir, if it is there
    #[arg(long)]
    resume: bool,
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
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N")]
    threads: Option<NonZero<usize>>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    ensure!(
        !arguments.resume || arguments.logdir.is_some(),
        "--resume goes on with a sweep, but which? add --logdir DIR, the folder that it was recorded into"
    );
    let sweep = Sweep::load(&arguments.config, &environment::overrides(&arguments.set)?)?;
    let signals = Signals::listen().context("cannot listen for signals")?;
    let folder = match &arguments.logdir {
        Some(folder) => {
            headwater_lab::create_logdir(folder)?;
            folder.clone()
        }
        None => headwater_lab::fresh_logdir(Path::new(RUNS), &sweep.plan().name)?,
    };
    sweep.create(&folder, arguments.resume)?;
    work(&sweep, &folder, arguments.threads, &signals)
}

pub(crate) fn run_worker(arguments: &WorkerArguments) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::open(&arguments.folder)?;
    let signals = Signals::listen().context("cannot listen for signals")?;
    work(&sweep, &arguments.folder, arguments.threads, &signals)
}

fn work(sweep: &Sweep, folder: &Path, threads: Option<NonZero<usize>>, signals: &Signals) -> anyhow::Result<ExitCode> {
    let (plan, runs) = (sweep.plan(), sweep.runs().len());
    output::message(&format!(
        "{} of {}, {}; recording to {}",
        output::count(plan.trials.len() as u64, "trial"),
        if plan.keys.is_empty() { "no key".to_owned() } else { plan.keys.join(", ") },
        output::count(runs as u64, "run"),
        folder.display()
    ));
    let display = Display::new(plan, runs);
    let result = sweep.work(folder, threads, signals.stop(), &|progress| display.show(progress));
    let ranking = display.end();
    let go_on = format!("go on with: headwater sweep-worker {}", folder.display());
    let tally = result.inspect_err(|_| {
        output::message(&format!("runs that are over are kept; when the cause is gone, {go_on}"));
    })?;
    if !ranking.best().is_empty() {
        output::line(&sweep_table::best(plan, &ranking))?;
    }
    output::message(&verdict(&ranking, runs, &tally));
    output::message(&format!("all results are in {}", folder.join("results.csv").display()));
    if let Some(code) = signals.exit_code() {
        output::message(&format!("interrupted: {} of {runs} runs are over and kept; {go_on}", tally.over));
        return Ok(ExitCode::from(code));
    }
    output::message(&format!("look at the runs with: headwater serve {}", folder.join("runs").display()));
    let all_diverged = ranking.done() > 0 && ranking.diverged() == ranking.done();
    Ok(if all_diverged { ExitCode::from(exit::DIVERGED) } else { ExitCode::SUCCESS })
}

/// What was done here, and how much of the time it was training.
fn verdict(ranking: &Ranking, runs: usize, tally: &Tally) -> String {
    let diverged = match ranking.diverged() {
        0 => String::new(),
        count => format!(", {count} of them diverged"),
    };
    let removed = match ranking.done().saturating_sub(tally.over) {
        0 => String::new(),
        count => format!(", {count} more were removed after their end"),
    };
    let mut text = format!("{} of {runs} runs are over{diverged}{removed}", tally.over);
    if tally.runs > 0 {
        let Tally { runs, threads, training_seconds, seconds, .. } = *tally;
        let busy = 100.0 * training_seconds / (threads as f64 * seconds);
        text.push_str(&format!(
            "; {runs} were trained here in {seconds:.1} s, {:.1} a second, {threads} at a time, {busy:.1} % of it in training",
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
