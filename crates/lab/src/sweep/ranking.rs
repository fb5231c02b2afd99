//! Which trials are the best so far.

use std::collections::HashMap;

use super::{Outcome, Plan};
use crate::{Quantiles, Status};

/// Takes in outcomes in any order; what it answers does not depend on that order.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    /// Of the runs that are over, by number; some have none.
    scores: HashMap<usize, Option<f64>>,
    /// Trials with a median over their seeds, best first.
    trials: Vec<(usize, f64)>,
    diverged: usize,
}

impl Ranking {
    /// Of no outcomes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the outcome of a run, given by its number. Twice is as once: its outcome is always the same.
    pub fn add(&mut self, plan: &Plan, run: usize, outcome: &Outcome) {
        if self.scores.insert(run, outcome.score(plan.objective)).is_some() {
            return;
        }
        self.diverged += usize::from(outcome.status == Status::Diverged);

        let trial = run / plan.seeds as usize;
        if let Some(Quantiles { median, .. }) = self.spread(plan, trial) {
            let is_before = |other: &(usize, f64)| other.1.total_cmp(&median).then(trial.cmp(&other.0)).is_gt();
            let place = self.trials.partition_point(is_before);
            self.trials.insert(place, (trial, median));
        }
    }

    /// The objective over a trial's seeds. None until all of them are over, or if one of them diverged.
    pub fn spread(&self, plan: &Plan, trial: usize) -> Option<Quantiles> {
        let seeds = plan.seeds as usize;
        let scores = (trial * seeds..(trial + 1) * seeds).map(|run| self.scores.get(&run).copied().flatten());
        Quantiles::of(scores.collect::<Option<Vec<f64>>>()?)
    }

    /// Runs that are over.
    pub fn done(&self) -> usize {
        self.scores.len()
    }

    /// Those of them that diverged.
    pub fn diverged(&self) -> usize {
        self.diverged
    }

    /// Trials, best first: number, and the median of the objective over the seeds. A trial counts when all its seeds are over
    /// and none of them diverged. Of equals, the one that comes first in the plan is first.
    pub fn best(&self) -> &[(usize, f64)] {
        &self.trials
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Overrides;

    #[test]
    fn the_best_trial_has_the_best_median_and_equals_stay_in_order_whatever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.toml");
        std::fs::write(&path, "[sweep]\nseeds = 2\n[sweep.keys]\ntrain.steps = [1, 2, 3, 4, 5]\n").unwrap();
        let plan = Plan::load(&path, &Overrides::default()).unwrap();
        let scores = [0.5, 0.5, 0.75, 0.5, 0.5, 0.25, 0.375, 0.625, 1.0, f64::NAN];
        let outcome = |score: f64| Outcome {
            status: if score.is_nan() { Status::Diverged } else { Status::Done },
            steps: 1,
            train_accuracy_last_200: None,
            validation_accuracy: Some(score),
            test_accuracy: None,
            attenuation: None,
            seconds: 0.0,
            gains: BTreeMap::new(),
        };
        let (mut up, mut down) = (Ranking::new(), Ranking::new());
        for run in 0..9 {
            up.add(&plan, run, &outcome(scores[run]));
            down.add(&plan, 9 - run, &outcome(scores[9 - run]));
        }
        assert_eq!(up.best().iter().map(|best| best.0).collect::<Vec<_>>(), [1, 0, 3, 2], "the last is not whole yet");
        up.add(&plan, 9, &outcome(scores[9]));
        down.add(&plan, 0, &outcome(scores[0]));
        down.add(&plan, 0, &outcome(scores[0]));
        assert_eq!(up.best(), down.best());
        assert_eq!(up.best()[..2], [(1, 0.625), (0, 0.5)]);
        assert_eq!((down.done(), down.diverged(), up.best().len()), (10, 1, 4));
        let spread = up.spread(&plan, 1).unwrap();
        assert!((spread.p5 - 0.5125).abs() < 1e-12 && (spread.p95 - 0.7375).abs() < 1e-12, "{spread:?}");
        assert_eq!(up.spread(&plan, 4), None, "one of its seeds diverged");
    }
}
