//! How well a run learns, by its loss and accuracy.

use crate::Evidence;
use crate::series::{Series, mean};

/// A network has learned when the loss has lost this share of what it was. In the experiment 0.82 for the rectifiers
/// after 2,500 steps, and 0.2 to 0.5 for the sigmoid.
const LEARNED: f64 = 0.65;
/// Or when it is right this often.
const RIGHT: f64 = 0.8;
/// By this much more of its answers must be right than at first, if it is known how many are.
const BETTER: f64 = 0.1;
/// A smaller share of the loss than this counts as nothing learned.
const NOTHING: f64 = 0.05;
/// Share of the planned steps after which a run is over.
const ENDED: f64 = 0.95;
/// Values of the loss, at least, to say that it never fell.
const VALUES: usize = 10;
/// A loss that is below this share of what it was a while ago is falling.
const FALLS: f64 = 0.95;
/// An accuracy is at most 1. Where one is larger than this, accuracies were recorded in percent.
const PERCENT: f64 = 1.5;

impl Evidence {
    /// The loss at the beginning: the mean of the first values, few of them.
    pub(crate) fn first_loss(&self) -> Option<f64> {
        let values = values(&self.loss.finite());
        mean(&values[..values.len().min(1.max(values.len() / 50))])
    }

    /// The loss at the end: the mean of the last tenth.
    pub(crate) fn last_loss(&self) -> Option<f64> {
        mean(last_tenth(&values(&self.loss.finite())))
    }

    /// The share of the starting loss ([`Self::start`]) that is gone at the end. Negative if the loss is above it. None
    /// if the loss cannot be compared, because it is missing or not positive.
    pub(crate) fn progress(&self) -> Option<f64> {
        let (start, last) = (self.start()?, self.last_loss()?);
        (self.loss.len() > 1 && start > 0.0 && last >= 0.0).then(|| 1.0 - last / start)
    }

    /// Whether the loss is still falling, however high it is: a loss that falls to chance from far above may go on
    /// falling. The last loss is compared with the mean over the second quarter, or with the first loss if there are
    /// few values.
    pub(crate) fn still_falls(&self) -> bool {
        let loss = values(&self.loss.finite());
        let before = if loss.len() < 2 * VALUES { loss.get(..1) } else { loss.get(loss.len() / 4..loss.len() / 2) };
        before.and_then(mean).zip(self.last_loss()).is_some_and(|(before, last)| last < FALLS * before)
    }

    /// The finite numbers on held-out data; the training's own if there are none, or but one of long ago: a run may be looked at
    /// before its second validation. Only where the steps were planned is it known that both count the same steps.
    pub(crate) fn newest(&self, held_out: &Series, own: &Series) -> Vec<(i64, f64)> {
        let is_old = |(step, _): (i64, f64)| own.last().is_some_and(|(last, _)| step < last / 2);
        let planned = self.config().number("train.steps").is_some();
        let points = held_out.finite();
        if points.is_empty() || planned && held_out.len() == 1 && held_out.last().is_some_and(is_old) {
            own.finite()
        } else {
            points
        }
    }

    /// The accuracies on training data that are finite, as shares from 0 to 1.
    pub(crate) fn accuracies(&self) -> Vec<(i64, f64)> {
        shares(self.accuracy.finite())
    }

    /// The same on held-out data.
    pub(crate) fn held_out_accuracies(&self) -> Vec<(i64, f64)> {
        shares(self.validation_accuracy.finite())
    }

    /// The share of right answers at the end, on held-out data if that is known.
    pub(crate) fn last_accuracy(&self) -> Option<f64> {
        mean(last_tenth(&values(&shares(self.newest(&self.validation_accuracy, &self.accuracy)))))
    }

    /// The share of the loss that is gone at the end, on held-out data if there is any, because batches of a few
    /// samples are noisy. It is measured from chance if the loss began higher.
    fn share_learned(&self) -> Option<f64> {
        let held_out = values(&self.validation_loss.finite());
        if held_out.len() < 2 {
            return self.progress();
        }
        let (first, last) = (held_out[0], mean(last_tenth(&held_out))?);
        let from = self.chance().map_or(first, |chance| chance.min(first));
        (from > 0.0 && last >= 0.0).then(|| 1.0 - last / from)
    }

    /// Whether it learned well; none if nothing tells.
    pub(crate) fn learned(&self) -> Option<bool> {
        // The network of a loss that became NaN has forgotten everything.
        if self.loss.last().is_some_and(|(_, value)| !value.is_finite()) {
            return Some(false);
        }
        // A network that always answers the most frequent class may be right very often.
        let right = self.last_accuracy().map(|accuracy| accuracy >= RIGHT && self.guesses() != Some(true));
        // A loss that began enormous falls far before any answer is right.
        let better = match (self.accuracies().first().copied(), self.last_accuracy()) {
            (Some((_, first)), Some(last)) => last > first + BETTER,
            _ => true,
        };
        let gone = self.share_learned().map(|share| share >= LEARNED && better);
        match (right, gone) {
            (None, None) => None,
            (right, gone) => Some(right == Some(true) || gone == Some(true)),
        }
    }

    /// Whether all of the planned training, or what there is if nothing says what was planned, brought nothing: the loss is
    /// where it was, and answers are guesses.
    pub(crate) fn learned_nothing(&self) -> bool {
        let planned = self.config().number("train.steps");
        // The last record may lie somewhat before the last step.
        let ended =
            planned.is_none_or(|planned| self.steps().is_some_and(|(_, last)| last as f64 + 1.0 >= ENDED * planned));
        let still = self.progress().is_some_and(|progress| progress < NOTHING);
        ended && still && self.loss.len() >= VALUES && self.guesses() == Some(true)
    }

    /// Whether the run has trained for long enough to judge, and its answers are guesses.
    pub(crate) fn is_lost(&self) -> bool {
        !self.is_early() && self.guesses() == Some(true)
    }

    /// How many samples a batch has, by the configuration or by the accuracies, which are multiples of 1 / batch; none if
    /// there are many or nothing tells.
    pub(crate) fn batch(&self) -> Option<usize> {
        let config = self.config();
        let told = ["train.batch_size", "batch_size"].into_iter().find_map(|key| config.number(key));
        let shares = values(&self.accuracies());
        let fits = |size: &usize| {
            shares.iter().all(|share| (share * *size as f64 - (share * *size as f64).round()).abs() < 1e-4)
        };
        told.map(|size| size as usize).or_else(|| (1..=8).find(fits).filter(|_| shares.len() >= 20))
    }

    /// Whether too little of the training was seen to say that it does not learn: the first tenth of what the configuration
    /// plans, and less than 200 steps.
    pub(crate) fn is_early(&self) -> bool {
        // What has become NaN is over.
        if self.loss.first_not_finite().is_some() {
            return false;
        }
        let steps = self.config().number("train.steps");
        self.steps().zip(steps).is_some_and(|((first, last), planned)| {
            let made = last as f64 - first as f64 + 1.0;
            made < planned && made < (0.1 * planned).max(200.0)
        })
    }

    /// The first step at which a tenth of the starting loss ([`Self::start`]) is gone. None if there is no such step.
    pub(crate) fn takes_off(&self) -> Option<i64> {
        let start = self.start()?;
        self.loss.finite().into_iter().find(|(_, value)| *value < 0.9 * start).map(|(step, _)| step)
    }
}

/// Accuracies as shares: some programs record percent.
fn shares(mut points: Vec<(i64, f64)>) -> Vec<(i64, f64)> {
    if points.iter().any(|(_, value)| *value > PERCENT) {
        for (_, value) in &mut points {
            *value /= 100.0;
        }
    }
    points
}

/// Without their steps.
pub(crate) fn values(points: &[(i64, f64)]) -> Vec<f64> {
    points.iter().map(|(_, value)| *value).collect()
}

/// The last tenth; one at least, if there is any.
pub(crate) fn last_tenth(values: &[f64]) -> &[f64] {
    &values[values.len() - values.len().div_ceil(10)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_that_falls_far_or_an_accuracy_that_is_high_is_learning() {
        let run = |last: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("loss", (0..20).map(|step| (step, if step < 10 { 2.0 } else { last })));
            evidence
        };
        assert_eq!(run(0.2).learned(), Some(true));
        assert_eq!(run(1.8).learned(), Some(false));
        assert_eq!(run(f64::NAN).learned(), Some(false));
        assert_eq!(Evidence::new("run").learned(), None);
        let mut converged = run(2.0);
        converged.add("accuracy", [(19, 0.99)]);
        assert_eq!(converged.learned(), Some(true));
        assert_eq!(run(0.2).takes_off(), Some(10));
        let mut guessing = run(0.2);
        guessing.add("accuracy", (0..20).map(|step| (step, 0.1)));
        assert_eq!(guessing.learned(), Some(false));
    }

    #[test]
    fn one_validation_of_long_ago_does_not_tell_how_a_run_stands_now() {
        let mut evidence = Evidence::new("run");
        evidence.configure("[train]\nsteps = 40");
        evidence.add("loss", (0..40).map(|step| (step, if step < 10 { 2.3 } else { 0.2 })));
        evidence.add("accuracy", (0..40).map(|step| (step, if step < 10 { 0.1 } else { 0.95 })));
        evidence.add("val_loss", [(0, 2.3)]);
        evidence.add("val_accuracy", [(0, 0.1)]);
        assert_eq!((evidence.learned(), evidence.guesses()), (Some(true), None));
        evidence.add("val_accuracy", [(39, 0.7)]);
        assert_eq!(evidence.last_accuracy(), Some(0.7));
    }

    #[test]
    fn guessing_is_known_by_the_loss_and_the_batch_by_the_accuracies() {
        let run = |accuracy: f64, loss: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("val_loss", (0..20).map(|step| (step, loss)));
            evidence.add("val_accuracy", (0..20).map(|step| (step, accuracy)));
            evidence.guesses()
        };
        assert_eq!(run(0.1, 2.31), Some(true));
        assert_eq!(run(0.5, 0.69), Some(true));
        assert_eq!(run(0.3, 2.0), Some(false));
        assert_eq!(run(0.1, 1e-6), None);
        let mut evidence = Evidence::new("run");
        evidence.add("accuracy", (0..40).map(|step| (step, [0.0, 0.5, 1.0][step as usize % 3])));
        assert_eq!(evidence.batch(), Some(2));
    }
}
