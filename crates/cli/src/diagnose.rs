//! `headwater diagnose`: what is wrong, where, since when, why, and what to try first.

mod sheet;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::ensure;
use clap::{Args, ValueEnum};
use headwater_diagnose::{Diagnosis, Finding, RULES, Severity};
use headwater_events::{Problem, Store};
use serde_json::json;

use crate::{exit, logdir, output};

/// How many problems with files are told one by one.
const PROBLEMS: usize = 3;

#[derive(Debug, Args)]
#[command(
    override_usage = "headwater diagnose [OPTIONS] <LOGDIR>\n       headwater diagnose --rules [--json]",
    after_help = "\
Examples:
  headwater diagnose runs/vanishing          what is wrong with the runs in this folder, whoever wrote them
  headwater diagnose runs --fail-on error    as a check: warnings are shown and do not fail
  headwater diagnose --rules                 what is looked for, why, and from where on

Exit codes: 0 healthy, 1 findings of that severity, 2 nothing to look at."
)]
pub(crate) struct Arguments {
    /// The log directory, or a run in it: TensorBoard event files, whoever wrote them
    #[arg(required_unless_present = "rules")]
    logdir: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: Level,
    /// Print the documentation of all rules and end
    #[arg(long, conflicts_with = "logdir")]
    rules: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Level {
    /// Worth knowing; the network learns all the same
    Note,
    /// It learns less, or more slowly, than it could
    Warning,
    /// It does not learn, or what it learned is lost
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(logdir) = arguments.logdir.as_deref().filter(|_| !arguments.rules) else {
        if arguments.json {
            let rules = RULES.iter().map(|rule| json!({ "rule": rule.name, "documentation": rule.documentation() }));
            output::json(&json!({ "rules": rules.collect::<Vec<_>>() }))?;
        } else {
            output::line(&documentation())?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    logdir::check(logdir)?;
    let (diagnoses, problems) = of(logdir);
    ensure!(!diagnoses.is_empty(), logdir::nothing_in(logdir, &problems));
    if arguments.json {
        let findings: Vec<_> = diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings).collect();
        let runs: Vec<_> = diagnoses
            .iter()
            .map(|Diagnosis { run, layers, order, not_judged, looked, notes, .. }| {
                json!({
                    "run": run,
                    "layers": layers,
                    "order": order,
                    "not_judged": not_judged,
                    "looked": looked,
                    "notes": notes,
                })
            })
            .collect();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        output::json(&json!({ "findings": findings, "runs": runs, "problems": problems }))?;
    } else {
        output::line(&sheet::text(&diagnoses, output::style()))?;
    }
    for problem in problems.iter().take(PROBLEMS) {
        output::warning(&problem.to_string());
    }
    if problems.len() > PROBLEMS {
        let more = output::count((problems.len() - PROBLEMS) as u64, "more problem");
        output::warning(&format!("{more}; see them with: {}", output::command("inspect", logdir)));
    }
    let worst = diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings).map(|finding| finding.severity).max();
    Ok(if worst >= Some(arguments.fail_on.into()) {
        ExitCode::from(exit::BAD_NEWS)
    } else if diagnoses.iter().any(|diagnosis| diagnosis.looked) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::BAD_QUESTION)
    })
}

/// Diagnoses of all runs in a log directory, and the problems that there are with its files.
fn of(logdir: &Path) -> (Vec<Diagnosis>, Vec<Problem>) {
    let store = Store::open(logdir);
    store.load();
    (headwater_diagnose::diagnoses(&store), store.problems())
}

/// Diagnoses of these runs of a log directory: other runs in the folder are not what was asked about.
pub(crate) fn of_runs(logdir: &Path, runs: &[&str]) -> Vec<Diagnosis> {
    let (mut diagnoses, _) = of(logdir);
    diagnoses.retain(|diagnosis| runs.contains(&&*diagnosis.run));
    diagnoses
}

/// One line for each finding of warning and above, runs that share it together: what `headwater train` ends with.
pub(crate) fn remarks(diagnoses: &[Diagnosis]) -> Vec<(Severity, String)> {
    sheet::lines(diagnoses)
}

/// What was said of the runs of each scenario while they train: of many seeds of one scenario one is enough.
#[derive(Default)]
pub(crate) struct Heard {
    said: Mutex<Vec<(String, &'static str, Severity)>>,
}

impl Heard {
    /// A finding after a step, in one line; none if the like was said of this scenario.
    pub(crate) fn line(&self, step: u64, finding: &Finding) -> Option<String> {
        let Finding { rule, run, severity, summary, .. } = finding;
        let key = (sheet::scenario(run).to_owned(), *rule, *severity);
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if said.contains(&key) {
            return None;
        }
        said.push(key);
        Some(format!("{run}, step {step}: {severity}: {rule}: {summary}"))
    }
}

fn documentation() -> String {
    let rules = RULES.iter().map(|rule| format!("# {}\n{}", rule.name, rule.documentation()));
    rules.collect::<Vec<_>>().join("\n\n")
}
