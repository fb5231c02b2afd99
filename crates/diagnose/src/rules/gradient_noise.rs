//! The gradient of a batch says little about the gradient of the data.
//!
//! ## What it sees
//! Over the second half, the loss of training batches strays by more than a quarter of its first value (or of the
//! chance level, if that is lower) while the validation loss is smooth: the batches vary, not the network. Or batches
//! have one or two samples, and the network does not learn.
//!
//! ## Why it is bad
//! Most of each step is noise, so the learning rate must be small, and learning is slow.
//!
//! ## What to do
//! Use a larger batch, more momentum, or a learning rate that decays.
//!
//! ## Source and threshold
//! `McCandlish` and others, An Empirical Model of Large-Batch Training, 2018. This rule only hints at their noise
//! scale, because gradients of single samples are not recorded. The threshold is a choice that was not fitted to data.

use crate::finding::{confidence, percent};
use crate::loss::values;
use crate::remedies::Remedies;
use crate::remedy::Remedy;
use crate::series::roughness;
use crate::{Cause, Evidence, Fact, Finding, FirstHalf, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["dead_units", "exploding", "not_finite", "saturated_units", "update_too_large", "vanishing"],
    // Noise of a loss is a sign of many things, and the reason only if batches are tiny.
    explains_if: |_, evidence| evidence.batch().is_some_and(|batch| batch <= TINY),
    first_half: FirstHalf::Nothing,
    ..Rule::of(judge)
};

/// Roughness of the batches' loss over the starting loss.
const NOISY: f64 = 0.25;
/// What the validation loss may stray by, over that of the batches.
const SMOOTH: f64 = 0.25;
/// Samples in a batch that tell next to nothing, in a network that does not learn.
const TINY: usize = 2;
/// Values in the second half, at least.
const VALUES: usize = 5;

fn judge(evidence: &Evidence) -> Option<Finding> {
    tiny(evidence).or_else(|| noisy(evidence))
}

/// Batches of so few samples that their gradient is mostly chance, whatever the loss looks like.
fn tiny(evidence: &Evidence) -> Option<Finding> {
    let batch = evidence.batch().filter(|batch| *batch <= TINY)?;
    if evidence.learned() != Some(false)
        || evidence.is_early()
        || evidence.loss.len() < VALUES && evidence.loss.first_not_finite().is_none()
    {
        return None;
    }
    let mut finding = Finding::new(evidence, Severity::Warning, Cause::Data);
    finding.confidence = confidence(evidence.loss.len(), TINY as f64 / batch as f64) * 0.8;
    let samples = if batch == 1 { "sample" } else { "samples" };
    finding.summary = format!("a batch has only {batch} {samples}, so its gradient is mostly noise");
    finding.evidence = vec![Fact::new("samples in a batch", batch as f64).beyond(TINY as f64)];
    finding.remedies = larger(evidence).falling_rate().list();
    Some(finding)
}

/// A larger batch.
fn larger(evidence: &Evidence) -> Remedies<'_> {
    let remedies = Remedies::of(evidence);
    match evidence.config().number("train.batch_size") {
        Some(size) => remedies.then(Remedy::BatchSize((size * 8.0).max(32.0) as u64)),
        None => remedies.say("a larger batch, or gradients accumulated over several"),
    }
}

fn noisy(evidence: &Evidence) -> Option<Finding> {
    let second_half = |points: Vec<(i64, f64)>| values(&points[points.len() / 2..]);
    let half = second_half(evidence.loss.finite());
    let held_out = second_half(evidence.validation_loss.finite());
    if half.len() < VALUES || held_out.len() < VALUES {
        return None;
    }
    let start = evidence.start().filter(|start| *start > 0.0)?;
    let (noise, smooth) = (roughness(&half)? / start, roughness(&held_out)? / start);
    if noise < NOISY || smooth > SMOOTH * noise {
        return None;
    }
    let severity = if evidence.learned() == Some(true) { Severity::Note } else { Severity::Warning };
    let mut finding = Finding::new(evidence, severity, Cause::Data);
    finding.confidence = confidence(half.len(), noise / NOISY) * 0.8;
    finding.summary = format!(
        "the loss of batches strays by {} % of {}, that of held-out data by {} %",
        percent(noise),
        evidence.start_in_words(),
        percent(smooth)
    );
    finding.evidence = vec![
        Fact::new(&format!("roughness of the batches' loss over {}", evidence.start_in_words()), noise).beyond(NOISY),
        Fact::new("roughness of the validation loss over it", smooth).beyond(SMOOTH * noise),
    ];
    finding.remedies = larger(evidence).falling_rate().list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noisy_batches_are_told_from_a_network_that_jumps() {
        let judged = |batches: f64, held_out: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("loss", (0..40).map(|step| (step, 2.0 + batches * (step % 2) as f64)));
            evidence.add("val_loss", (0..40).map(|step| (step, 2.0 + held_out * (step % 2) as f64)));
            judge(&evidence)
        };
        assert!(judged(1.5, 0.01).is_some());
        assert_eq!(judged(1.5, 1.5), None);
        assert_eq!(judged(0.2, 0.0), None);
    }
}
