//! `sweep --json`: one object for each trial when it ends, and one for the sweep.

use std::collections::BTreeMap;
use std::sync::Mutex;

use headwater_lab::Quantiles;
use headwater_lab::sweep::{Outcome, Plan, PlannedRun, Ranking, Sweep, Tally};
use headwater_threads::Unpoisoned as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::output;

/// Collects the outcomes of each trial's runs and prints the trial when all of them are over.
pub(super) struct Trials<'a> {
    sweep: &'a Sweep,
    /// For each trial, the outcomes by run number. Empty once the trial is printed.
    outcomes: Mutex<Vec<BTreeMap<usize, Outcome>>>,
}

/// A trial whose runs are all over.
#[derive(Serialize)]
struct TrialObject<'a> {
    trial: usize,
    scenario: &'a str,
    values: Map<String, Value>,
    objective: &'static str,
    #[serde(flatten)]
    spread: Spread,
    seeds: u32,
    runs: Vec<RunObject<'a>>,
}

/// The objective over the seeds; null if one of them diverged.
#[derive(Serialize)]
struct Spread {
    median: Option<f64>,
    p5: Option<f64>,
    p95: Option<f64>,
}

#[derive(Serialize)]
struct RunObject<'a> {
    run: &'a str,
    seed: u64,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

impl<'a> Trials<'a> {
    pub(super) fn new(sweep: &'a Sweep) -> Self {
        Self { sweep, outcomes: Mutex::new(vec![BTreeMap::new(); sweep.plan().trials.len()]) }
    }

    /// Adds the outcome of a run, and prints the trial if that was its last run.
    pub(super) fn add(&self, run: usize, outcome: &Outcome) -> anyhow::Result<()> {
        let plan = self.sweep.plan();
        let trial = self.sweep.runs()[run].trial;
        let whole = {
            let mut outcomes = self.outcomes.lock().unpoisoned();
            outcomes[trial].insert(run, outcome.clone());
            if outcomes[trial].len() < plan.seeds as usize {
                return Ok(());
            }
            std::mem::take(&mut outcomes[trial])
        };
        output::json(&TrialObject::new(plan, self.sweep.runs(), trial, &whole))
    }
}

impl<'a> TrialObject<'a> {
    fn new(plan: &'a Plan, runs: &'a [PlannedRun], trial: usize, outcomes: &'a BTreeMap<usize, Outcome>) -> Self {
        let scores = outcomes.values().map(|outcome| outcome.score(plan.objective));
        let spread = scores.collect::<Option<Vec<_>>>().and_then(Quantiles::of);
        let run = |(index, outcome): (&usize, &'a Outcome)| RunObject {
            run: &runs[*index].name,
            seed: runs[*index].seed,
            outcome,
        };
        Self {
            trial,
            scenario: &plan.trials[trial].scenario,
            values: values(plan, trial),
            objective: plan.objective.name(),
            spread: Spread::of(spread),
            seeds: plan.seeds,
            runs: outcomes.iter().map(run).collect(),
        }
    }
}

impl Spread {
    fn of(quantiles: Option<Quantiles>) -> Self {
        Self {
            median: quantiles.map(|quantiles| quantiles.median),
            p5: quantiles.map(|quantiles| quantiles.p5),
            p95: quantiles.map(|quantiles| quantiles.p95),
        }
    }
}

/// The values of the swept keys, by name.
fn values(plan: &Plan, trial: usize) -> Map<String, Value> {
    // JSON can represent every value of a configuration.
    let value = |value| serde_json::to_value(value).unwrap_or(Value::Null);
    plan.keys.iter().cloned().zip(plan.trials[trial].values.iter().map(value)).collect()
}

/// Prints the object of the whole sweep: what this process did, how far the sweep is, and the best `shown` trials.
pub(super) fn summary(
    sweep: &Sweep,
    ranking: &Ranking,
    tally: &Tally,
    shown: usize,
    interrupted: bool,
) -> anyhow::Result<()> {
    let plan = sweep.plan();
    let best = |(trial, _): &(usize, f64)| {
        let spread = Spread::of(ranking.spread(plan, *trial));
        json!({
            "trial": trial,
            "scenario": plan.trials[*trial].scenario,
            "values": values(plan, *trial),
            "median": spread.median,
            "p5": spread.p5,
            "p95": spread.p95,
        })
    };
    output::json(&json!({ "summary": {
        "experiment": plan.name,
        "objective": plan.objective.name(),
        "trials": plan.trials.len(),
        "seeds": plan.seeds,
        "runs": sweep.runs().len(),
        "over": tally.over,
        "diverged": ranking.diverged(),
        "damaged": tally.damaged,
        "trained_here": tally.runs,
        "threads": tally.threads,
        "training_seconds": tally.training_seconds,
        "seconds": tally.seconds,
        "interrupted": interrupted,
        "best": ranking.best().iter().take(shown).map(best).collect::<Vec<_>>(),
    } }))
}
