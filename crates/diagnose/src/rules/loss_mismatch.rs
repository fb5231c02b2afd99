//! The loss and what it is given do not belong together.
//!
//! ## What it sees
//! One of: outputs that are never negative, or never outside of 0 to 1, in any record, where the loss expects any
//! number; a cross-entropy that levels off at ln(1 + (C - 1)/e) with a high accuracy and no batch below it, the lowest
//! value that softmax applied twice can reach; a loss between -1 and 0, which uses probabilities where it should use
//! their logarithms; a squared error for classes; a loss that falls by half while the accuracy stays where it was.
//!
//! ## Why it is bad
//! Softmax applied twice leaves a gradient that is small where the network is wrong, and so does a squared error for
//! classes. A loss that falls without changing any answer is the wrong loss for the task.
//!
//! ## What to do
//! Give the loss what it expects: logits to a softmax cross-entropy, log-probabilities to a negative log-likelihood.
//!
//! ## Source and threshold
//! Goodfellow, Bengio and Courville, 2016, section 6.2.2. The lowest value is the cross-entropy of probabilities of 1
//! and 0 that are taken for logits. C is read from the chance level, or from the first loss, which is near ln C.

use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::finding::{confidence, figure};
use crate::loss::{last_tenth, values};
use crate::remedies::Remedies;
use crate::remedy::Remedy;
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, FirstHalf, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explained_by: &[
        "bad_init",
        "dead_units",
        "decay_too_high",
        "dropout_too_high",
        "unscaled_input",
        "update_too_large",
    ],
    first_half: FirstHalf::Nothing,
    ..Rule::of(judge)
};

/// A squared error that gets this many answers right does its work.
const RIGHT: f64 = 0.8;
/// Records in which outputs are never what they should sometimes be.
const RECORDS: usize = 2;
/// How close to the floor of softmax twice is at it.
const NEAR: f64 = 0.12;
/// A batch may be below the floor by this share: numbers are rounded, and C is.
const BELOW: f64 = 0.98;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let points = evidence.loss.finite();
    if points.len() < 5 && bounded(evidence).is_none() {
        return None;
    }
    let first = points.first()?.1;
    let last = mean(last_tenth(&values(&points)))?;
    let accuracy = evidence.last_accuracy();
    let classes = evidence.start()?.exp().round();
    let floor = (1.0 + (classes - 1.0) / std::f64::consts::E).ln();
    let squared = evidence.config().get("network.loss") == Some("mean_squared_error");
    let never_below = points.iter().all(|(_, loss)| *loss > BELOW * floor);
    let (severity, summary, fact) = if let Some((what, extreme)) = bounded(evidence) {
        let severity = if evidence.is_lost() { Severity::Error } else { Severity::Warning };
        let summary = format!("the loss expects logits, but the outputs are {what} in every record");
        (severity, summary, Fact::new("the least of all outputs", extreme))
    } else if !squared
        && never_below
        && classes >= 3.0
        && accuracy.is_some_and(|accuracy| accuracy > 0.7)
        && (last - floor).abs() < NEAR * floor
    {
        let summary = format!("the loss levels off at {}: softmax seems to be applied twice", figure(last));
        (Severity::Warning, summary, Fact::new("the last loss", last).beyond(floor))
    } else if last < 0.0 && points.iter().all(|(_, loss)| (-1.0..=0.0).contains(loss)) && accuracy.is_some() {
        let summary = "the loss lies between -1 and 0: probabilities are taken for their logarithms".to_owned();
        (Severity::Warning, summary, Fact::new("the last loss", last).beyond(0.0))
    } else if squared && !evidence.accuracy.is_empty() {
        // How far a squared error falls says little of how many answers are right.
        let right = evidence.last_accuracy().is_some_and(|accuracy| accuracy > RIGHT);
        let severity = if right { Severity::Note } else { Severity::Warning };
        let summary =
            "mean squared error is used for classification: its gradient is small where the prediction is wrong"
                .to_owned();
        (severity, summary, Fact::new("the last loss", last))
    } else {
        let answers = values(&evidence.accuracies());
        let first_answers = mean(&answers[..answers.len().min(3)])?;
        let last_answers = mean(last_tenth(&answers))?;
        // With right answers at the start there is nothing to gain.
        if evidence.progress()? < 0.5 || answers.len() < 10 || last_answers > first_answers + 0.02 || last_answers > 0.5
        {
            return None;
        }
        // A loss that began far above guessing has something to lose without answering anything.
        let guessing = (1.0 / first_answers.max(1e-3)).ln();
        if last > 1.2 * guessing || first > 2.0 * guessing && last > 0.8 * guessing {
            return None;
        }
        let summary = format!(
            "the loss falls from {} to {}, and the accuracy stays at {}",
            figure(first),
            figure(last),
            figure(last_answers)
        );
        (Severity::Warning, summary, Fact::new("the accuracy at the end", last_answers).beyond(first_answers + 0.02))
    };
    let mut finding = Finding::new(evidence, severity, Cause::Loss);
    finding.confidence = confidence(points.len() / 5, 1.5) * 0.9;
    finding.summary = summary;
    finding.evidence = vec![fact];
    let remedies = Remedies::of(evidence);
    if bounded(evidence).is_some() {
        finding.layers = evidence.last_layer().map(|last| evidence.name(last).to_owned()).into_iter().collect();
        finding.confidence = confidence(points.len(), 10.0);
    }
    finding.remedies = if squared {
        remedies.then(Remedy::CrossEntropy)
    } else {
        remedies
            .say("give a softmax cross-entropy the outputs before softmax (logits), a negative log-likelihood log-probabilities")
            .say("check that labels and accuracy mean the same classes as the loss")
    }
    .list();
    Some(finding)
}

/// Whether something stands between the last product and the loss that lets only some numbers pass: which, and the least
/// of all outputs. Another program's outputs may well be recorded behind its softmax.
fn bounded(evidence: &Evidence) -> Option<(&'static str, f64)> {
    let last = evidence.last_layer().filter(|_| evidence.config().is_ours())?;
    let extreme = |quantity, statistic| evidence.series(last, Measure::Statistic(quantity, statistic));
    let (least, most) = (
        extreme(Quantity::Activation, Statistic::Min)?.finite(),
        extreme(Quantity::Activation, Statistic::Max)?.finite(),
    );
    let lowest = least.iter().map(|(_, value)| *value).min_by(f64::total_cmp)?;
    let highest = most.iter().map(|(_, value)| *value).max_by(f64::total_cmp)?;
    // The products themselves were on both sides of 0.
    let before = extreme(Quantity::Preactivation, Statistic::Min)?.finite();
    let cut = before.iter().any(|(_, value)| *value < 0.0);
    if least.len() < RECORDS || lowest < 0.0 || !cut {
        return None;
    }
    Some((if highest <= 1.0 { "between 0 and 1" } else { "0 or more" }, lowest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(loss: impl Fn(i64) -> f64, accuracy: impl Fn(i64) -> f64) -> Option<Finding> {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, loss(step))));
        evidence.add("accuracy", (0..20).map(|step| (step, accuracy(step))));
        judge(&evidence)
    }

    #[test]
    fn softmax_applied_twice_is_known_by_its_floor() {
        let rise = |step| 0.1 + 0.045 * step as f64;
        assert!(judged(|step| 1.48 + 0.82 / (1.0 + step as f64).powi(3), rise).unwrap().summary.contains("twice"));
        assert_eq!(judged(|step| 2.3 / (1.0 + step as f64), rise), None);
    }

    #[test]
    fn a_negative_likelihood_and_a_loss_that_changes_no_answer_are_found() {
        assert!(judged(|step| -0.1 - 0.04 * step as f64, |_| 0.9).unwrap().summary.contains("logarithms"));
        assert!(judged(|step| 2.3 - 0.1 * step as f64, |_| 0.1).unwrap().summary.contains("stays"));
        assert_eq!(judged(|_| 2.3, |_| 0.1), None);
    }
}
