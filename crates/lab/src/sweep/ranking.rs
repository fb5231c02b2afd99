//! Which trials are the best so far.

use std::collections::BTreeMap;

use super::{Outcome, Plan};
use crate::Status;

/// Takes in outcomes in any order; what it answers does not depend on that order.
#[derive(Debug, Clone)]
pub struct Ranking {
    seeds: u32,
    runs: BTreeMap<usize, (usize, Option<f64>)>,
    diverged: usize,
}

impl Ranking {
    /// Of no outcomes.
    pub fn new(plan: &Plan) -> Self {
        Self { seeds: plan.seeds, runs: BTreeMap::new(), diverged: 0 }
    }

    /// Takes in the outcome of a run, given by its number; once.
    pub fn add(&mut self, plan: &Plan, run: usize, outcome: &Outcome) {
        let trial = run / plan.seeds as usize;
        if self.runs.insert(run, (trial, outcome.score(plan.objective))).is_none() {
            self.diverged += usize::from(outcome.status == Status::Diverged);
        }
    }

    /// Runs that are over.
    pub fn done(&self) -> usize {
        self.runs.len()
    }

    /// Those of them that diverged.
    pub fn diverged(&self) -> usize {
        self.diverged
    }

    /// The best trials, best first: number, and the mean of the objective over its seeds. A trial counts when all its seeds
    /// are over and none of them diverged. Of equals, the one that comes first in the plan is first.
    pub fn best(&self, count: usize) -> Vec<(usize, f64)> {
        let mut sums: BTreeMap<usize, (u32, f64)> = BTreeMap::new();
        // In the order of the runs, so that sums are the same in whatever order they came.
        for (trial, score) in self.runs.values() {
            if let Some(score) = score {
                let (runs, sum) = sums.entry(*trial).or_default();
                *runs += 1;
                *sum += score;
            }
        }
        let whole = sums.into_iter().filter(|(_, (runs, _))| *runs == self.seeds);
        let mut best: Vec<_> = whole.map(|(trial, (runs, sum))| (trial, sum / f64::from(runs))).collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.truncate(count);
        best
    }
}
