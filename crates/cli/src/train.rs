//! `headwater train`: the experiment from configuration to verdict.

mod bars;
mod endings;
mod folder;
mod live;
mod verdict;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;
use headwater_data::DataError;
use headwater_diagnose::{Finding, Severity};
use headwater_lab::{Experiment, RunError, RunReport, Runner, Status, Summary, Watching};
use serde::Serialize;
use serde_json::json;

use self::endings::Endings;
use self::folder::Folder;
use self::live::Live;
use crate::signals::Signals;
use crate::{data, diagnose, environment, exit, number, output, serve};

/// With fewer layers than this, over all runs, the diagnosis takes only a moment.
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

With --json, standard output has one JSON object on each line, of three kinds:
  {\"step\": ..., \"finding\": {...}}    something is found in a run while it trains
  {\"run\": ..., \"status\": ..., ...}   a run has ended: its results
  {\"summary\": {...}}                  at the end: the scenarios, and the findings in all records
A finding is the same object as in `headwater diagnose --json`.

Ctrl-C, SIGTERM or SIGHUP: the runs finish their records and stop. A second one ends the program.
Exit codes: 0 done, 1 could not write (or the folder is in use), 2 usage error, 3 diverged or
stopped by a finding, 129/130/143 interrupted by SIGHUP, Ctrl-C, SIGTERM.")]
pub(crate) struct Arguments {
    /// A preset by name, or a configuration by path
    #[arg(value_name = "PRESET|CONFIG.toml", default_value = "vanishing")]
    experiment: String,
    /// Set a key of the configuration; can be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Train every scenario with this many seeds, from train.seed on
    #[arg(long, env = "HEADWATER_SEEDS", value_name = "N", default_value = "1", value_parser = seeds)]
    seeds: NonZero<u32>,
    /// Record into this folder [default: a new folder in runs/]
    #[arg(long, env = "HEADWATER_LOGDIR", value_name = "DIR")]
    logdir: Option<PathBuf>,
    /// Train this many runs at a time [default: one on each core]
    #[arg(long, env = "HEADWATER_THREADS", value_name = "N", value_parser = number::at_least_one::<NonZero<usize>>)]
    threads: Option<NonZero<usize>>,
    /// Stop a run on a finding of this severity or worse: at once on an error, otherwise only if it persists, because many
    /// networks look bad at first and then learn; see `headwater diagnose --help`
    #[arg(long, value_name = "SEVERITY")]
    stop_on: Option<diagnose::Level>,
    /// Print JSON objects: findings as they come, each run as it ends, and the summary
    #[arg(long)]
    json: bool,
    /// Serve the board while the runs train, and afterwards until Ctrl-C; see `headwater serve --help`
    #[arg(long)]
    serve: bool,
    #[command(flatten, next_help_heading = "With --serve")]
    place: serve::Place,
}

fn seeds(text: &str) -> Result<NonZero<u32>, String> {
    let seeds: NonZero<u32> = number::at_least_one(text)?;
    if seeds.get() > MOST_SEEDS { Err(format!("expected at most {MOST_SEEDS}")) } else { Ok(seeds) }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let experiment = Experiment::load(&arguments.experiment, &environment::overrides(&arguments.set)?)?;
    ensure!(
        arguments.serve || !arguments.place.is_given(),
        "--port, --host and the other options of the server need --serve"
    );
    let signals = Signals::listen().context("cannot listen for signals")?;
    // Before the first run starts there is no record to finish, and loading data may take a while.
    signals.end_at_once();
    // Before anything is made: the port may be taken.
    let board = if arguments.serve { Some(serve::listen(&arguments.place)?) } else { None };
    let folder = signals.undoing(|| Folder::make(arguments.logdir.as_deref(), &experiment.name), Folder::let_go)?;
    let logdir = &*folder.path;
    let runner = Runner {
        experiment: &experiment,
        seeds: arguments.seeds,
        threads: arguments.threads,
        logdir,
        watching: Some(Watching { stop_on: arguments.stop_on.map(Severity::from) }),
    };
    warn_of_mixed_records(&runner);
    let board = board.map(|board| background(board, logdir)).transpose()?;
    let started = Instant::now();
    data::announce(&experiment);
    let live = Live::new(runner.runs(), logdir, arguments.json, &signals);
    let results = headwater_lab::run(&runner, signals.stop(), &|progress| live.hear(progress));
    if let Err(RunError::Data(DataError::Interrupted)) = results {
        Signals::wait_for_the_end();
    }
    // The records are finished. Ending at once from here on cannot harm them.
    signals.end_at_once();
    let (reported, printed) = live.end();
    folder.let_go();
    let results = results?;
    let told = printed.and_then(|()| tell(&runner, results, reported, arguments.json, started.elapsed().as_secs_f64()));
    let interrupted = signals.exit_code();
    if let Some(code) = interrupted {
        // Ignore output errors: the terminal may be gone.
        return Ok(ExitCode::from(code));
    }
    let code = told?;
    if let Some((url, server)) = board {
        output::notice(&format!("the board is still at {url}; Ctrl-C ends it"));
        return server
            .join()
            .map_or_else(|_| bail!("the server broke down"), |result| result.map(|()| ExitCode::SUCCESS));
    }
    Ok(ExitCode::from(code))
}

/// Reports the results of the runs. Returns the exit code.
fn tell(
    runner: &Runner<'_>,
    results: Vec<Result<RunReport, RunError>>,
    reported: diagnose::ReportedFindings,
    json: bool,
    seconds: f64,
) -> anyhow::Result<u8> {
    let planned = runner.runs();
    let begun = results.len();
    let endings = Endings::new(&planned, &results);
    let (mut reports, mut failed) = (Vec::new(), false);
    for result in results {
        match result {
            Ok(report) => reports.push(report),
            Err(error) => {
                failed = true;
                output::error(&error.to_string());
            }
        }
    }
    let summary = Summary::new(runner.experiment, &reports, seconds);
    if !json {
        output::line(&verdict::text(&summary, &endings))?;
    }
    let is_interrupted = begun < planned.len() || reports.iter().any(|report| report.status == Status::Interrupted);
    // After an interruption, the user should not wait for the diagnosis of a deep network.
    let layers: usize = reports.iter().map(|report| report.gradient_mean_abs.len()).sum();
    let is_quick = layers < QUICKLY_DIAGNOSED;
    let runs: Vec<&str> = reports.iter().map(|report| &*report.run).collect();
    let diagnoses = if is_interrupted && !is_quick { Vec::new() } else { diagnose::of_runs(runner.logdir, &runs) };
    if json {
        let findings = diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings).collect();
        output::json(&json!({ "summary": Whole { summary: &summary, findings } }))?;
    }
    reports.iter().for_each(remark);
    for (severity, line) in diagnose::remarks(&diagnoses) {
        if severity == Severity::Error { output::error(&line) } else { output::warning(&line) }
    }
    reported.withdrawn(&diagnoses).iter().for_each(|line| output::message(line));
    if is_interrupted {
        let runs = output::count_of(begun as u64, planned.len() as u64, "run");
        output::message(&format!("interrupted: {runs} begun; what they recorded is whole"));
    }
    if !reports.is_empty() {
        let command = output::command("serve", runner.logdir);
        output::message(&format!("{seconds:.1} s; look at the records with: {command}"));
    }
    let diverged = reports.iter().any(|report| report.diverged || report.stopped_by.is_some());
    Ok(match (failed, diverged) {
        (true, _) => exit::FAILURE,
        (false, true) => exit::DIVERGED,
        (false, false) => 0,
    })
}

/// The summary in JSON.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    /// The findings of all runs, from the finished records.
    findings: Vec<&'a Finding>,
}

/// Serves on a thread of its own; returns where.
fn background(board: serve::Board, logdir: &Path) -> anyhow::Result<(String, JoinHandle<anyhow::Result<()>>)> {
    let (url, logdir) = (board.url.clone(), logdir.to_owned());
    output::notice(&format!("the board is at {url}"));
    let server = std::thread::Builder::new().name("board".to_owned()).spawn(move || board.serve(&logdir));
    Ok((url, server.context("cannot start the server")?))
}

/// Prints a message if a run stopped before its end.
fn remark(report: &RunReport) {
    let RunReport { run, steps, .. } = report;
    let count = output::count(*steps, "step");
    match report.status {
        Status::Interrupted => output::message(&format!("{run}: interrupted after {count}")),
        Status::Stopped => {
            let rule = report.stopped_by.unwrap_or_default();
            output::warning(&format!("{run}: stopped after {count}, because of {rule} (--stop-on)"));
        }
        Status::Diverged if *steps == 1 => output::warning(&format!(
            "{run}: diverged: the loss of the very first step is NaN or infinite; look at network.init and at the data"
        )),
        Status::Diverged => output::warning(&format!(
            "{run}: diverged: the loss of step {} is NaN or infinite; a smaller train.learning_rate or train.clip_norm may help",
            steps - 1
        )),
        Status::Running | Status::Done | Status::Failed => {}
    }
}

fn warn_of_mixed_records(runner: &Runner<'_>) {
    let occupied = runner.occupied();
    if let Some(first) = occupied.first() {
        let others = match occupied.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        output::warning(&format!(
            "{}/{first}{others} already holds records; they are kept, and the new ones will be shown with them under \
             one name; another --logdir keeps them apart",
            runner.logdir.display()
        ));
    }
}
