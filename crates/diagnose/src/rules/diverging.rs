//! The loss grows.
//!
//! ## What it sees
//! At the end, the loss (on held-out data, if it was recorded) is at least 1.5 times its lowest smoothed value, and
//! higher than it was at the start.
//!
//! ## Why it is bad
//! The network gets worse with every step, or has lost what it had learned.
//!
//! ## What to do
//! Use a smaller learning rate, one that decays, or clipping. Go back to the best step.
//!
//! ## Source and threshold
//! LeCun et al., 1998, section 4.4: beyond twice the optimal learning rate, gradient descent diverges. The end is the
//! mean of the last tenth, and of at least ten values; noise alone does not reach 1.5 times.

use crate::finding::{confidence, figure};
use crate::loss::values;
use crate::remedies::Remedies;
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explained_by: &[
        "bad_init",
        "decay_too_high",
        "dropout_too_high",
        "exploding",
        "gradient_noise",
        "not_finite",
        "unscaled_input",
        "update_too_large",
    ],
    ..Rule::of(judge)
};

/// The last loss over the lowest.
const GROWN: f64 = 1.5;
/// Values of the loss, at least.
const VALUES: usize = 10;

fn judge(evidence: &Evidence) -> Option<Finding> {
    // Held-out data are the same in every record: no noise of batches. If that loss rises alone, it is overfitting.
    let held_out = evidence.validation_loss.finite();
    let points = if held_out.len() < VALUES { evidence.loss.finite() } else { held_out };
    if points.len() < VALUES {
        return None;
    }
    let width = points.len().div_ceil(10).max(2);
    let smooth: Vec<(i64, f64)> =
        points.windows(width).filter_map(|window| Some((window[0].0, mean(&values(window))?))).collect();
    let (best, lowest) = smooth.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (_, last) = *smooth.last()?;
    let first = points[0].1;
    let falls = evidence.progress().is_some_and(|progress| progress > 0.0);
    if lowest <= 0.0 || last < GROWN * lowest || last < first || falls {
        return None;
    }
    // Many young networks overshoot and come back.
    let severity = if evidence.is_early() { Severity::Warning } else { Severity::Error };
    let mut finding = Finding::new(evidence, severity, Cause::LearningRate);
    finding.first_step = best;
    finding.confidence =
        confidence(smooth.iter().filter(|(step, _)| *step > best).count().max(1), last / lowest / GROWN);
    finding.summary = format!("the loss grows from {} at step {best} to {}", figure(lowest), figure(last));
    finding.evidence = vec![
        Fact::new("the lowest loss, smoothed", lowest).at(best),
        Fact::new("the loss over the last tenth of the run", last).beyond(GROWN * lowest),
    ];
    finding.remedies = Remedies::of(evidence).learning_rate(0.1).clip().falling_rate().list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_that_grows_diverges_and_one_that_is_noisy_does_not() {
        let judged = |loss: &dyn Fn(i64) -> f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("loss", (0..40).map(|step| (step, loss(step))));
            judge(&evidence)
        };
        assert!(judged(&|step| 2.0 + step as f64 * 0.2).is_some());
        assert_eq!(judged(&|step| 0.3 + 0.2 * (step % 2) as f64), None);
        assert_eq!(judged(&|step| 2.0 / (1.0 + step as f64)), None);
    }
}
