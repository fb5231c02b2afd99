//! The loss jumps up and down instead of falling.
//!
//! ## What it sees
//! Over the second half, the validation loss strays from its course by more than a tenth of its first value, or of the
//! chance level if that is lower. Without a validation loss, the training loss strays by more than 0.35 of the same. If
//! the batches are the reason (the validation loss is smooth), another rule applies.
//!
//! ## Why it is bad
//! Each step overshoots: the network is thrown across the valley that it should descend.
//!
//! ## What to do
//! Use a smaller learning rate, or one that decays; less momentum; or a larger batch.
//!
//! ## Source and threshold
//! LeCun et al., 1998. The thresholds are choices that were not fitted to data.

use crate::finding::{confidence, percent};
use crate::loss::values;
use crate::remedies::Remedies;
use crate::series::roughness;
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

/// Roughness of a validation loss over its first value, or over chance if that is lower.
const VALIDATION: f64 = 0.1;
/// The same for a training loss.
const TRAINING: f64 = 0.35;
/// Values in the second half, at least.
const VALUES: usize = 5;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let validation = evidence.validation_loss.finite();
    let held_out = validation.len() >= 2 * VALUES;
    let (points, threshold, what) =
        if held_out { (validation, VALIDATION, "validation loss") } else { (evidence.loss.finite(), TRAINING, "loss") };
    let half = values(&points[points.len() / 2..]);
    let first = points.first()?.1;
    let chance = evidence.chance().filter(|chance| *chance < first);
    let (from, of) = chance.map_or((first, "its first value"), |chance| (chance, "the chance level"));
    if half.len() < VALUES || from <= 0.0 {
        return None;
    }
    let strays = roughness(&half)? / from;
    let turns = half.windows(3).filter(|three| (three[1] - three[0]) * (three[2] - three[1]) < 0.0).count();
    if strays < threshold || turns * 3 < half.len() {
        return None;
    }
    let severity = if evidence.learned() == Some(true) { Severity::Note } else { Severity::Warning };
    let mut finding = Finding::new(evidence, severity, Cause::LearningRate);
    finding.first_step = points[points.len() / 2].0;
    finding.confidence = confidence(turns, strays / threshold);
    finding.summary = format!("the {what} jumps by {} % of {of} between records", percent(strays));
    finding.evidence = vec![Fact::new(&format!("roughness of the {what} over {of}"), strays).beyond(threshold)];
    finding.remedies = Remedies::of(evidence).learning_rate(0.1).falling_rate().say("a larger batch").list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_found_and_the_noise_of_batches_is_not() {
        let judged = |tag: &str, size: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add(tag, (0..40).map(|step| (step, if step == 0 { 2.3 } else { 1.0 + size * (step % 2) as f64 })));
            judge(&evidence)
        };
        assert!(judged("loss", 1.5).is_some());
        assert!(judged("validation/loss", 0.6).is_some());
        assert_eq!(judged("loss", 0.3), None);
        assert_eq!(judged("validation/loss", 0.05), None);
    }
}
