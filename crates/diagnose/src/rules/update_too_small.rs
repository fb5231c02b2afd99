//! Each step hardly moves the weights, and the loss shows it.
//!
//! ## What it sees
//! In all records, at least half of the layers move by less than a twenty-thousandth of their weights' norm, and the
//! loss has fallen by less than a fifth of its first value, or of the chance level if that is lower. The rule does not
//! apply while the learning rate warms up.
//!
//! ## Why it is bad
//! The network would learn, but it would take far too long.
//!
//! ## What to do
//! If clipping cuts gradients to almost nothing, raise the clipping threshold far above its present value. Otherwise
//! use a larger learning rate, or an adaptive optimizer if the gradients themselves are small.
//!
//! ## Source and threshold
//! Bottou, 2012, recommends about a thousandth per step. Why a twenty-thousandth: 10,000 such steps, all in one
//! direction, would move the weights by half. The updates of a converged network may be as small, but its loss is no
//! longer that of the start.

use headwater_probe::Measure;

use crate::finding::{confidence, figure, range};
use crate::remedies::Remedies;
use crate::remedy::{Limit, Remedy};
use crate::series::median;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule { idea: Some("learning-rate"), ..Rule::of(judge) };

/// Norm of an update over the norm of the weights.
const SMALL: f64 = 5e-5;
/// What clips gradients.
const CLIPS: [(&str, Limit); 2] = [("train.clip_value", Limit::Value), ("train.clip_norm", Limit::Norm)];
/// Where clipping takes nearly all of any gradient.
const TIGHT: f64 = 0.01;
/// A network whose loss has fallen by this share of the starting loss learns all the same.
const FALL: f64 = 0.2;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let progress = evidence.progress()?;
    if progress > FALL || evidence.learned() == Some(true) || is_warming_up(evidence) {
        return None;
    }
    // Layers that do not move at all are another rule's.
    let ratios: Vec<(usize, f64, usize)> = evidence
        .all(Measure::UpdateRatio)
        .into_iter()
        .filter_map(|(layer, series)| Some((layer, largest(series)?, series.len())))
        .filter(|(_, ratio, _)| *ratio > 0.0)
        .collect();
    // Histograms hide most of what moves a little: there all layers must be still.
    let every = ratios.iter().map(|(_, ratio, _)| *ratio);
    let ratio = if evidence.is_bounded() { every.max_by(f64::total_cmp)? } else { median(every.collect())? };
    if ratio >= SMALL {
        return None;
    }
    let severity = if progress < 0.02 && !evidence.is_early() { Severity::Error } else { Severity::Warning };
    let mut finding = Finding::new(evidence, severity, Cause::LearningRate);
    finding.layers = ratios
        .iter()
        .filter(|(_, ratio, _)| *ratio < SMALL)
        .map(|(layer, ..)| evidence.name(*layer).to_owned())
        .collect();
    finding.confidence = confidence(ratios[0].2, SMALL / ratio);
    finding.summary = format!(
        "a step moves the weights of {} by {} of their size; about 0.001 is usual",
        range(&finding.layers),
        figure(ratio)
    );
    finding.evidence = ratios
        .iter()
        .map(|(layer, ratio, _)| {
            Fact::new("update over weights, at most", *ratio).of(evidence.name(*layer)).beyond(SMALL)
        })
        .chain([Fact::new("share of the loss that is gone", progress).beyond(FALL)])
        .collect();
    let factor = if ratio < 1e-2 * SMALL { 1000.0 } else { 10.0 };
    let mut remedies = Remedies::of(evidence);
    for (key, limit) in CLIPS {
        let Some(clip) = evidence.config().number(key).filter(|clip| (0.0..TIGHT).contains(clip)) else { continue };
        finding.summary += &format!("; gradients are clipped at {}", figure(clip));
        remedies = remedies.then(Remedy::LooserClip(limit, 1.0));
    }
    finding.remedies = remedies.learning_rate(factor).then(Remedy::Adam).list();
    Some(finding)
}

/// Whether the learning rate is still warming up.
fn is_warming_up(evidence: &Evidence) -> bool {
    let warmup = evidence.config().number("train.warmup");
    evidence.steps().zip(warmup).is_some_and(|((_, last), warmup)| (last as f64) < warmup)
}

/// Of a network that died the last updates are small, and the learning rate is not.
fn largest(series: &crate::Series) -> Option<f64> {
    series.finite().into_iter().map(|(_, ratio)| ratio).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_that_leaves_nothing_is_to_be_raised_first() {
        let judged = |clip: &str| {
            let mut evidence = Evidence::new("run");
            evidence.configure(&format!(
                "[network]\nactivation = 'relu'\n[train]\noptimizer = 'sgd'\nlearning_rate = 0.1\n{clip}"
            ));
            evidence.add("loss", (0..20).map(|step| (step, 2.3)));
            evidence.add("update_ratio/layer1", (0..20).map(|step| (step, 1e-7)));
            judge(&evidence).unwrap()
        };
        let finding = judged("clip_value = 1e-6");
        assert_eq!(finding.remedies[0].set.as_deref(), Some("train.clip_value=1.0"));
        assert!(finding.summary.contains("clipped at 1.0e-6"), "{}", finding.summary);
        assert!(!judged("clip_norm = 5.0").summary.contains("clipped"));
    }

    #[test]
    fn tiny_updates_are_a_fault_of_a_network_that_does_not_learn() {
        let judged = |ratio: f64, last: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("loss", (0..20).map(|step| (step, if step < 10 { 2.3 } else { last })));
            for layer in 1..4 {
                evidence.add(&format!("update_ratio/layer{layer}"), (0..20).map(|step| (step, ratio)));
            }
            judge(&evidence)
        };
        assert_eq!(judged(1e-6, 2.3).unwrap().severity, Severity::Error);
        assert_eq!(judged(1e-6, 0.1), None);
        assert_eq!(judged(1e-3, 2.3), None);
    }

    #[test]
    fn small_updates_while_the_rate_warms_up_are_no_finding() {
        let judged = |warmup: i64| {
            let mut evidence = Evidence::new("run");
            evidence.configure(&format!("[network]\nactivation = 'relu'\n[train]\nwarmup = {warmup}"));
            evidence.add("loss", (0..20).map(|step| (step, 2.3)));
            evidence.add("update_ratio/layer1", (0..20).map(|step| (step, 1e-7)));
            judge(&evidence)
        };
        assert_eq!(judged(100), None);
        assert!(judged(10).is_some());
    }

    #[test]
    fn a_loss_that_only_comes_down_to_that_of_guessing_shows_no_learning() {
        let judged = |chance: Option<f64>| {
            let mut evidence = Evidence::new("run");
            evidence.add("chance/loss", chance.map(|chance| (0, chance)));
            // The loss falls by three quarters, and the network has learned only the frequencies of the classes.
            evidence.add("loss", (0..20).map(|step| (step, if step < 2 { 9.2 } else { 2.31 })));
            evidence.add("update_ratio/layer1", (0..20).map(|step| (step, 1e-7)));
            judge(&evidence).map(|finding| finding.severity)
        };
        assert_eq!((judged(None), judged(Some(2.303))), (None, Some(Severity::Error)));
    }

    #[test]
    fn a_network_that_died_had_no_small_updates_when_it_lived() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in 1..4 {
            let ratio = |step| (step, if step == 0 { 0.3 } else { 1e-9 });
            evidence.add(&format!("update_ratio/layer{layer}"), (0..20).map(ratio));
        }
        assert_eq!(judge(&evidence), None);
    }
}
