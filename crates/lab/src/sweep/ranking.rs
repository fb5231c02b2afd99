//! Which trials are the best so far.

use std::collections::HashMap;

use super::{Outcome, Plan};
use crate::Status;

/// Takes in outcomes in any order; what it answers does not depend on that order.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    /// Of the runs that are over, by number; some have none.
    scores: HashMap<usize, Option<f64>>,
    /// Trials with a mean over their seeds, best first.
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

        let seeds = plan.seeds as usize;
        let trial = run / seeds;
        // In the order of the runs, so that the sum is the same in whatever order they came.
        let mut runs = trial * seeds..(trial + 1) * seeds;
        let sum = runs.try_fold(0.0, |sum, run| Some(sum + self.scores.get(&run).copied().flatten()?));
        if let Some(mean) = sum.map(|sum| sum / seeds as f64) {
            let is_before = |other: &(usize, f64)| other.1.total_cmp(&mean).then(trial.cmp(&other.0)).is_gt();
            let place = self.trials.partition_point(is_before);
            self.trials.insert(place, (trial, mean));
        }
    }

    /// Runs that are over.
    pub fn done(&self) -> usize {
        self.scores.len()
    }

    /// Those of them that diverged.
    pub fn diverged(&self) -> usize {
        self.diverged
    }

    /// Trials, best first: number, and the mean of the objective over the seeds. A trial counts when all its seeds are over
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
    fn the_best_trial_is_best_in_the_mean_and_equals_stay_in_order_whatever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.toml");
        std::fs::write(&path, "[sweep]\nseeds = 2\n[sweep.keys]\ntrain.steps = [1, 2, 3, 4, 5]\n").unwrap();
        let plan = Plan::load(&path, &Overrides::default()).unwrap();
        let scores = [0.5, 0.5, 0.9, 0.3, 0.6, 0.2, 0.4, 0.6, 1.0, f64::NAN];
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
        assert_eq!(up.best()[..2], [(1, 0.6), (0, 0.5)]);
        assert_eq!((down.done(), down.diverged(), up.best().len()), (10, 1, 4));
    }
}
