//! How well a run learns, by its loss and accuracy.

use crate::Evidence;
use crate::series::mean;

/// A network has learned when the loss has lost this share of what it was. In the experiment 0.82 for the rectifiers
/// after 2,500 steps, and 0.2 to 0.5 for the sigmoid.
const LEARNED: f64 = 0.65;
/// Or when it is right this often.
const RIGHT: f64 = 0.8;
/// By this much more of its answers must be right than at first, if it is known how many are.
const BETTER: f64 = 0.1;

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

    /// The share of the first loss that is gone at the end; less than 0 if it grew. None if the loss is none that can be
    /// compared: missing, or not positive.
    pub(crate) fn progress(&self) -> Option<f64> {
        let (first, last) = (self.first_loss()?, self.last_loss()?);
        (self.loss.len() > 1 && first > 0.0 && last >= 0.0).then(|| 1.0 - last / first)
    }

    /// The share of right answers at the end, held-out ones if they were recorded.
    pub(crate) fn last_accuracy(&self) -> Option<f64> {
        let held_out = values(&self.validation_accuracy.finite());
        let own = values(&self.accuracy.finite());
        mean(last_tenth(if held_out.is_empty() { &own } else { &held_out }))
    }

    /// Whether it learned well; none if nothing tells.
    pub(crate) fn learned(&self) -> Option<bool> {
        // The network of a loss that became NaN has forgotten everything.
        if self.loss.last().is_some_and(|(_, value)| !value.is_finite()) {
            return Some(false);
        }
        let right = self.last_accuracy().map(|accuracy| accuracy >= RIGHT);
        // A loss that began enormous falls far before any answer is right.
        let better = match (self.accuracy.first(), self.last_accuracy()) {
            (Some((_, first)), Some(last)) => last > first + BETTER,
            _ => true,
        };
        let gone = self.progress().map(|progress| progress >= LEARNED && better);
        match (right, gone) {
            (None, None) => None,
            (right, gone) => Some(right == Some(true) || gone == Some(true)),
        }
    }

    /// The first step at which the loss has lost a tenth of what it was; none if it never does.
    pub(crate) fn takes_off(&self) -> Option<i64> {
        let first = self.first_loss()?;
        self.loss.finite().into_iter().find(|(_, value)| *value < 0.9 * first).map(|(step, _)| step)
    }
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
}
