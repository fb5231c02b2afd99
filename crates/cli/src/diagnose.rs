//! `headwater diagnose`: what is wrong, where, since when, why, and what to try first.

mod sheet;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use anyhow::ensure;
use clap::{Args, ValueEnum};
use headwater_diagnose::{Diagnosis, Finding, RULES, Severity};
use headwater_events::{Defect, Problem, Run, Store};
use headwater_threads::Unpoisoned as _;
use serde_json::json;

use crate::{exit, logdir, output};

#[derive(Debug, Args)]
#[command(
    override_usage = "headwater diagnose [OPTIONS] <LOGDIR>\n       headwater diagnose --rules [--json]",
    after_help = "\
Examples:
  headwater diagnose runs/vanishing          what is wrong with the runs in this folder, whoever wrote them
  headwater diagnose runs --fail-on error    in a script: warnings are shown but do not fail
  headwater diagnose --rules                 what each rule looks for, why, and its threshold

Exit codes: 0 healthy, 1 findings of the severity of --fail-on, 2 nothing to look at, or a run whose files are
broken, so that it could not be read or judged. It is 2 even if other runs have findings."
)]
pub(crate) struct Arguments {
    /// The log directory, or a run in it: TensorBoard event files, whoever wrote them
    #[arg(required_unless_present = "rules")]
    logdir: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Lowest severity for which the exit code is 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: Level,
    /// Print the documentation of all rules
    #[arg(long, conflicts_with = "logdir")]
    rules: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Level {
    /// Worth knowing; the network learns all the same
    Note,
    /// It learns less, or more slowly, than it could
    Warning,
    /// It does not learn, or loses what it learned
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
    let Judged { diagnoses, problems, broken } = of(logdir);
    ensure!(!diagnoses.is_empty() || !broken.is_empty(), logdir::nothing_in(logdir, &problems));
    if arguments.json {
        let findings: Vec<_> = diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings).collect();
        let runs: Vec<_> = diagnoses
            .iter()
            .map(|Diagnosis { run, ended, layers, order, only_live, not_judged, looked, notes, .. }| {
                json!({
                    "run": run,
                    "ended": ended,
                    "layers": layers,
                    "order": order,
                    "only_live": only_live,
                    "not_judged": not_judged,
                    "looked": looked,
                    "notes": notes,
                })
            })
            .collect();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        output::json(&json!({ "findings": findings, "runs": runs, "problems": problems, "broken": broken }))?;
    } else if !diagnoses.is_empty() {
        output::line(&sheet::text(&diagnoses, output::style()))?;
    }
    logdir::warn(logdir, &problems);
    if !broken.is_empty() {
        let places: Vec<String> = broken.iter().map(|place| output::plain(place)).collect();
        output::error(&format!("could not be read or judged, because their files are broken: {}", places.join(", ")));
        return Ok(ExitCode::from(exit::USAGE));
    }
    let worst = diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings).map(|finding| finding.severity).max();
    Ok(if worst >= Some(arguments.fail_on.into()) {
        ExitCode::from(exit::FAILURE)
    } else if diagnoses.iter().any(|diagnosis| diagnosis.looked) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::USAGE)
    })
}

/// The diagnosis of a log directory.
struct Judged {
    /// The diagnoses of all runs that have evidence of their own.
    diagnoses: Vec<Diagnosis>,
    /// What is wrong with the files of the log directory.
    problems: Vec<Problem>,
    /// The runs and folders that could not be read or judged because their files are broken.
    broken: Vec<String>,
}

fn of(logdir: &Path) -> Judged {
    let store = Store::open(logdir);
    store.load();
    let (diagnoses, problems) = (headwater_diagnose::diagnoses(&store), store.problems());
    let runs = store.runs();
    let is_broken = |run: &&Arc<Run>| {
        let judged = diagnoses.iter().find(|diagnosis| diagnosis.run == **run.name());
        run.files().iter().any(|file| file.refused)
            || !run.problems().is_empty() && (run.series().is_empty() || judged.is_some_and(|judged| !judged.looked))
    };
    let mut broken: Vec<String> = runs.iter().filter(is_broken).map(|run| run.name().to_string()).collect();
    // A file that the system refuses to open is not a run: nobody knows what is in it.
    let is_of_a_run = |problem: &Problem| runs.iter().any(|run| problem.path.parent() == Some(run.folder()));
    let refused = |problem: &&Problem| matches!(problem.defect, Defect::Unreadable(_)) && !is_of_a_run(problem);
    broken.extend(problems.iter().filter(refused).map(|problem| problem.path.display().to_string()));
    Judged { diagnoses, problems, broken }
}

/// Diagnoses only these runs of a log directory. The user did not ask about the other runs in the folder.
pub(crate) fn of_runs(logdir: &Path, runs: &[&str]) -> Vec<Diagnosis> {
    let mut diagnoses = of(logdir).diagnoses;
    diagnoses.retain(|diagnosis| runs.contains(&&*diagnosis.run));
    diagnoses
}

/// One line for each finding of severity warning or above; runs with the same finding share a line. `headwater train`
/// prints these at the end.
pub(crate) fn remarks(diagnoses: &[Diagnosis]) -> Vec<(Severity, String)> {
    sheet::lines(diagnoses)
}

/// What was said of the runs of each scenario while they train: of many seeds of one scenario one is enough.
#[derive(Default)]
pub(crate) struct ReportedFindings {
    said: Mutex<Vec<ReportedFinding>>,
}

/// A finding that was reported while the run trained.
struct ReportedFinding {
    run: String,
    rule: &'static str,
    severity: Severity,
    step: u64,
}

impl ReportedFindings {
    /// A finding after a step, in one line; none if the like was said of this scenario.
    pub(crate) fn line(&self, step: u64, finding: &Finding) -> Option<String> {
        let Finding { rule, run, severity, summary, .. } = finding;
        let mut said = self.said.lock().unpoisoned();
        let is_like = |known: &ReportedFinding| {
            (known.rule, known.severity) == (rule, *severity) && sheet::scenario(&known.run) == sheet::scenario(run)
        };
        if said.iter().any(is_like) {
            return None;
        }
        said.push(ReportedFinding { run: run.clone(), rule, severity: *severity, step });
        Some(format!("{run}, seen live at step {step}: {severity}: {rule}: {summary}"))
    }

    /// One line for each reported finding that no longer holds at the end of its run, or holds with a lower severity. A
    /// finding that another one explains by then still holds.
    pub(crate) fn withdrawn(self, diagnoses: &[Diagnosis]) -> Vec<String> {
        let said = self.said.into_inner().unpoisoned();
        let mut lines = Vec::new();
        for (index, ReportedFinding { run, rule, severity, step }) in said.iter().enumerate() {
            // Only the last report of each rule is compared with the end.
            let is_last = !said[index + 1..].iter().any(|later| (&later.run, later.rule) == (run, rule));
            let Some(diagnosis) = diagnoses.iter().find(|diagnosis| diagnosis.run == *run && is_last) else { continue };
            let holds = |finding: &&Finding| finding.rule == *rule || finding.explains.contains(rule);
            let at_the_end = diagnosis.findings.iter().filter(holds).map(|finding| finding.severity).max();
            let words = sheet::words(rule);
            match at_the_end {
                None => lines.push(format!("{run}: {words}: seen live at step {step}, and no longer at the end")),
                Some(now) if now < *severity => {
                    lines
                        .push(format!("{run}: {words}: seen live at step {step} ({severity}), and at the end a {now}"));
                }
                Some(_) => {}
            }
        }
        lines
    }
}

fn documentation() -> String {
    let rules = RULES.iter().map(|rule| format!("# {}\n{}", rule.name, rule.documentation()));
    rules.collect::<Vec<_>>().join("\n\n")
}
