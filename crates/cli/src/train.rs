//! `headwater train`: the experiment from configuration to verdict.

use std::io::IsTerminal;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;
use headwater_diagnose::Severity;
use headwater_lab::{Experiment, Overrides, Progress, RunReport, Runner, Summary, Watching};
use serde_json::json;

use crate::progress::Bars;
use crate::signals::Signals;
use crate::{diagnose, environment, exit, output, serve, table};

/// Where records go when nobody says where.
const RUNS: &str = "runs";
/// Layers of all runs that are diagnosed in a moment.
const QUICKLY_DIAGNOSED: usize = 1000;
/// A run is a folder: more of them would fill a disk before anyone has looked at one.
const MOST_SEEDS: u32 = 100_000;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater train                                    the experiment: sigmoid, ReLU, Leaky ReLU on MNIST
  headwater train --seeds 20                         the same with 20 seeds, with medians and ranges
  headwater train --set network.activation=tanh      one scenario with another activation
  headwater train mine.toml --logdir runs/mine       an experiment of your own
  headwater train --serve                            the same, looked at in a browser while it trains

Every key of a configuration can also be set by the environment: HEADWATER_TRAIN_STEPS=500.
Exit codes: 0 done, 1 could not write, 2 wrong question, 3 diverged or stopped by a finding,
130/143 interrupted.")]
pub(crate) struct Arguments {
    /// A preset by name, or a configuration by path
    #[arg(value_name = "PRESET|CONFIG.toml", default_value = "vanishing")]
    experiment: String,
    /// Set a key of the configuration; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Train every scenario with this many seeds, from train.seed on
    #[arg(long, env = "HEADWATER_SEEDS", value_name = "N", default_value = "1", value_parser = seeds)]
    seeds: NonZero<u32>,
    /// Record into this folder [default: a new folder in runs/]
    #[arg(long, env = "HEADWATER_LOGDIR", value_name = "DIR")]
    logdir: Option<PathBuf>,
    /// Train this many runs at a time [default: one on each core]
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// Stop a run in which something of this severity is found: an error at once, others if they last, as many a young network
    /// only looks sick; see `headwater diagnose --help`
    #[arg(long, value_name = "SEVERITY")]
    stop_on: Option<diagnose::Level>,
    /// Print one JSON object for each run, as it ends, and one for the summary
    #[arg(long)]
    json: bool,
    /// Show it in a browser while it trains, and after, until Ctrl-C; see `headwater serve --help`
    #[arg(long)]
    serve: bool,
    #[command(flatten, next_help_heading = "With --serve")]
    place: serve::Place,
}

fn seeds(text: &str) -> Result<NonZero<u32>, String> {
    let seeds: NonZero<u32> = text.parse().map_err(|_| "expected a whole number of at least 1".to_owned())?;
    if seeds.get() > MOST_SEEDS { Err(format!("expected at most {MOST_SEEDS}")) } else { Ok(seeds) }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let overrides = Overrides { environment: environment::variables(), set: arguments.set.clone() };
    let experiment = Experiment::load(&arguments.experiment, &overrides)?;
    ensure!(arguments.serve || !arguments.place.is_given(), "where to serve is said, but not to: add --serve");
    let signals = Signals::listen().context("cannot listen for signals")?;
    // Before anything is made: the port may be taken.
    let board = if arguments.serve { Some(serve::listen(&arguments.place)?) } else { None };
    let is_new = arguments.logdir.as_ref().is_none_or(|logdir| !logdir.exists());
    let logdir = make_logdir(arguments.logdir.as_deref(), &experiment)?;
    let runner = Runner {
        experiment: &experiment,
        seeds: arguments.seeds,
        threads: arguments.threads,
        logdir: &logdir,
        watching: Some(Watching { stop_on: arguments.stop_on.map(Severity::from) }),
    };
    warn_of_mixed_records(&runner);
    let board = board.map(|board| background(board, &logdir)).transpose()?;
    let started = Instant::now();
    let runs = runner.runs();
    let bars = Bars::new(runs.clone());
    let heard = diagnose::Heard::default();
    let failure = std::sync::Mutex::new(None);
    let begun = std::sync::Once::new();
    let results = headwater_lab::run(&runner, signals.stop(), &|progress| {
        begun.call_once(|| bars.message(&format!("recording to {}", logdir.display())));
        bars.show(progress);
        // Where no bar says it, and it may take seconds.
        if let Progress::Phase { index, phase, is_long: true } = progress
            && !std::io::stderr().is_terminal()
        {
            bars.message(&format!("{}: {phase}", runs[index].0));
        }
        if let Progress::Found { step, finding, .. } = progress
            && let Some(line) = heard.line(step, finding)
        {
            bars.message(&line);
        }
        let Progress::Ended { report: Some(report), .. } = progress else { return };
        if arguments.json
            && let Err(error) = output::json(report)
        {
            // Nobody reads any more, or the disk is full: there is no point in going on.
            let first = !signals.stop().swap(true, std::sync::atomic::Ordering::Relaxed);
            if first {
                bars.message("standard output is closed: the runs finish their records and stop");
                *failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
            }
        }
    })
    .inspect_err(|_| {
        // Nothing was begun. What was just made for it goes; a folder that holds anything stays.
        if is_new && std::fs::remove_dir(&logdir).is_ok() && arguments.logdir.is_none() {
            let _ = std::fs::remove_dir(RUNS);
        }
    })?;
    if let Some(error) = failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }

    let (mut reports, mut failed) = (Vec::new(), false);
    for result in results {
        match result {
            Ok(report) => reports.push(report),
            Err(error) => {
                failed = true;
                bars.message(&format!("error: {error}"));
            }
        }
    }
    let summary = Summary::new(&experiment, &reports, started.elapsed().as_secs_f64());
    if arguments.json {
        output::json(&json!({ "summary": summary }))?;
    } else {
        output::line(&table::verdict(&summary))?;
    }
    for report in &reports {
        if let Some(text) = remark(report) {
            bars.message(&text);
        }
    }
    let interrupted = signals.exit_code();
    // Whoever interrupts does not wait for the diagnosis of a deep network.
    let layers: usize = reports.iter().map(|report| report.gradient_mean_abs.len()).sum();
    if interrupted.is_none() || layers < QUICKLY_DIAGNOSED {
        // All is recorded: a signal ends the program.
        signals.end_at_once();
        let begun: Vec<&str> = reports.iter().map(|report| &*report.run).collect();
        for line in diagnose::remarks(&logdir, &begun) {
            bars.message(&line);
        }
    }
    if interrupted.is_some() {
        let (begun, planned) = (reports.len(), runner.runs().len());
        bars.message(&format!("interrupted: {begun} of {planned} runs were begun; what they recorded is whole"));
    }
    let seconds = summary.seconds;
    if !reports.is_empty() {
        bars.message(&format!("{seconds:.1} s; look at the records with: headwater serve {}", logdir.display()));
    }
    if let (Some((url, server)), None) = (board, interrupted) {
        if let Some(code) = signals.exit_code() {
            return Ok(ExitCode::from(code));
        }
        bars.message(&format!("the board is still at {url}; Ctrl-C ends it"));
        return server
            .join()
            .map_or_else(|_| bail!("the server broke down"), |result| result.map(|()| ExitCode::SUCCESS));
    }
    let diverged = reports.iter().any(|report| report.diverged || report.stopped_by.is_some());
    Ok(match interrupted {
        Some(code) => ExitCode::from(code),
        None if failed => ExitCode::from(exit::BAD_NEWS),
        None if diverged => ExitCode::from(exit::DIVERGED),
        None => ExitCode::SUCCESS,
    })
}

/// The folder to record into: the one that was asked for, or a new one.
fn make_logdir(asked: Option<&Path>, experiment: &Experiment) -> anyhow::Result<PathBuf> {
    let Some(logdir) = asked else { return Ok(headwater_lab::fresh_logdir(Path::new(RUNS), &experiment.name)?) };
    headwater_lab::create_logdir(logdir)?;
    Ok(logdir.to_owned())
}

/// Serves on a thread of its own; returns where.
fn background(board: serve::Board, logdir: &Path) -> anyhow::Result<(String, JoinHandle<anyhow::Result<()>>)> {
    let (url, logdir) = (board.url.clone(), logdir.to_owned());
    output::message(&format!("the board is at {url}"));
    let server = std::thread::Builder::new().name("board".to_owned()).spawn(move || board.serve(&logdir));
    Ok((url, server.context("cannot start the server")?))
}

/// What is worth a word about a run that did not go to its end.
fn remark(report: &RunReport) -> Option<String> {
    let RunReport { run, steps, .. } = report;
    match report.status {
        headwater_lab::Status::Interrupted => {
            Some(format!("{run}: interrupted after {}", output::count(*steps, "step")))
        }
        headwater_lab::Status::Stopped => {
            let rule = report.stopped_by.unwrap_or_default();
            Some(format!("{run}: stopped after {}, because of {rule} (--stop-on)", output::count(*steps, "step")))
        }
        headwater_lab::Status::Diverged if *steps == 1 => Some(format!(
            "{run}: diverged: the cost of the very first step is NaN or infinite; look at network.init and at the data"
        )),
        headwater_lab::Status::Diverged => Some(format!(
            "{run}: diverged: the cost of step {} is NaN or infinite; a smaller train.learning_rate or train.clip_norm may help",
            steps - 1
        )),
        _ => None,
    }
}

fn warn_of_mixed_records(runner: &Runner<'_>) {
    let occupied = runner.occupied();
    if let Some(first) = occupied.first() {
        let others = match occupied.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        output::message(&format!(
            "warning: {}/{first}{others} already holds records; they are kept, and the new ones will be shown with them under \
             one name; another --logdir keeps them apart",
            runner.logdir.display()
        ));
    }
}
