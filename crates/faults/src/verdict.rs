//! What a run was, by how well it learned, whatever a diagnosis says of it.
//!
//! The score of a run is its accuracy on test data, on a scale from guessing (0) to a good configuration of that data (1: the
//! accuracy that a tenth of the healthy candidates reach or surpass). A run that diverged has 0.

use std::collections::BTreeMap;

use crate::case::Kind;
use crate::data::Datasets;
use crate::run::Outcome;

/// The least score of what counts as healthy.
const HEALTHY: f64 = 0.85;
/// A fault bites when it costs this much of the score of its healthy twin.
const BITES: f64 = 0.1;

/// What a run was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A healthy configuration that learned.
    Healthy,
    /// A faulty one that learned clearly less than its healthy twin.
    Sick,
    /// Meant to be healthy, and did not learn well enough to be called so.
    NotHealthy,
    /// A fault with which the network learned about as well.
    DidNotBite,
    /// A fault whose healthy twin did not learn either.
    NoTwin,
}

/// The scores of all runs.
pub(crate) struct Scale {
    best: BTreeMap<&'static str, f64>,
    chance: BTreeMap<&'static str, f64>,
}

impl Scale {
    pub(crate) fn of(outcomes: &[Outcome], datasets: &Datasets) -> Self {
        let mut accuracies: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.case.kind == Kind::Healthy) {
            accuracies.entry(outcome.case.task).or_default().push(outcome.accuracy.unwrap_or(0.0));
        }
        let chance = accuracies.keys().map(|task| (*task, datasets.chance(task))).collect();
        let best = accuracies.into_iter().map(|(task, mut accuracies)| {
            accuracies.sort_by(f64::total_cmp);
            (task, accuracies[accuracies.len() * 9 / 10])
        });
        Self { best: best.collect(), chance }
    }

    pub(crate) fn score(&self, task: &str, accuracy: Option<f64>) -> f64 {
        let (best, chance) = (self.best[task], self.chance[task]);
        accuracy.map_or(0.0, |accuracy| ((accuracy - chance) / (best - chance)).max(0.0))
    }

    pub(crate) fn bests(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.best.iter().map(|(task, best)| (*task, *best))
    }

    /// Whether a run learned clearly better than another of the same data.
    pub(crate) fn is_better(&self, task: &str, accuracy: Option<f64>, other: Option<f64>) -> bool {
        self.score(task, accuracy) >= self.score(task, other) + BITES
    }

    pub(crate) fn verdict(&self, outcome: &Outcome, outcomes: &[Outcome]) -> Verdict {
        let case = &outcome.case;
        let score = self.score(case.task, outcome.accuracy);
        if case.fault().is_none() {
            return if score >= HEALTHY { Verdict::Healthy } else { Verdict::NotHealthy };
        }
        let twin = outcomes.iter().find(|other| other.case.is_twin_of(case));
        match twin.map(|twin| self.score(case.task, twin.accuracy)) {
            Some(twin) if twin >= HEALTHY => {
                if score <= twin - BITES {
                    Verdict::Sick
                } else {
                    Verdict::DidNotBite
                }
            }
            _ => Verdict::NoTwin,
        }
    }
}
