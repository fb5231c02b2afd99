//! The loss never leaves its start.
//!
//! ## What it sees
//! There are at least ten values. The mean of the last quarter of the loss is at most 2 % below the start (or below the
//! chance level, if that is lower), beyond what noise alone explains, and the accuracy, if there is one, is low. Or the
//! answers, on held-out data if there is any, are no better than guessing.
//!
//! ## Why it is bad
//! The network gives the best answer that needs no input: the frequencies of the classes.
//!
//! ## What to do
//! If another finding explains the plateau, fix that one first. Otherwise try a larger learning rate, or a smaller one
//! if steps are large; other initial weights; an activation, if there is none. Check that labels belong to their
//! samples.
//!
//! ## Source and threshold
//! Sutskever et al., 2013, for how initialisation affects the first plateau. The noise counts with two standard errors.
//! A run that was resumed when it was good already has an accuracy above 0.8, or cannot be told from one that does not
//! learn, so this is at most a warning. Guessing scores an accuracy of about exp(-loss); the rule allows a fifth
//! more.

use headwater_probe::Measure;

use crate::attenuation::Attenuation;
use crate::finding::{confidence, figure};
use crate::loss::values;
use crate::remedies::Remedies;
use crate::remedy::{Activation, Remedy};
use crate::series::{mean, median, roughness};
use crate::{Cause, Evidence, Fact, Finding, FirstHalf, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explained_by: &[
        "bad_init",
        "dead_units",
        "decay_too_high",
        "dropout_too_high",
        "exploding",
        "gradient_noise",
        "not_finite",
        "saturated_units",
        "unscaled_input",
        "update_too_large",
        "update_too_small",
        "vanishing",
    ],
    guesses_rate: true,
    first_half: FirstHalf::Nothing,
    ..Rule::of(judge)
};

/// Values of the loss, at least.
const VALUES: usize = 10;
/// A learning rate with which no network that begins at random was seen to learn.
const TINY: f64 = 1e-5;
/// An accuracy below this is one of guessing, or little more.
const HARDLY: f64 = 0.2;
/// Norm of an update over that of the weights, in networks that learn.
const USUAL: std::ops::Range<f64> = 1e-4..0.05;
/// ln of what may become of delta between the last layer and the first in such networks.
const ARRIVES: f64 = 4.6;
/// The loss must fall by this share of the starting loss.
const FALL: f64 = 0.02;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let all = values(&evidence.loss.finite());
    let accuracy = evidence.last_accuracy();
    if all.len() < VALUES || evidence.is_early() || accuracy.is_some_and(|accuracy| accuracy >= 0.8) {
        return None;
    }
    // Where first steps threw the network far above guessing, to which it then fell back, what it was thrown to is no start.
    let rest = &all[all.len().div_ceil(10)..];
    let begins_later = evidence.loss.first().is_some_and(|(step, _)| step > 0) || evidence.counts_epochs();
    let thrown = begins_later
        && accuracy.is_some_and(|accuracy| accuracy < HARDLY)
        && Some(all[0]) > mean(rest).map(|mean| 1.5 * mean);
    let loss = if thrown { rest.to_vec() } else { all };
    let quarter = &loss[loss.len() - loss.len() / 4..];
    let begin = mean(&loss[..(loss.len() / 20).max(2)])?;
    let chance = evidence.chance().filter(|chance| *chance < begin);
    let first = chance.unwrap_or(begin);
    let last = mean(quarter)?;
    let lowest = loss.windows(quarter.len()).filter_map(mean).min_by(f64::total_cmp)?;
    // The fall from far above chance is steep, and it is not noise.
    let course = if chance.is_some() { &loss[loss.len() / 2..] } else { &loss };
    let error = 2.0 * roughness(course)? / (quarter.len() as f64).sqrt();
    // Noise of the first values may be as large; then there is no telling.
    let fell = |now: f64| first - now > FALL * first.abs();
    // A loss that falls to chance from far above may go on falling.
    let flat = !(fell(last) || fell(lowest) || error > 0.2 * first.abs() || chance.is_some() && evidence.still_falls());
    if !flat && evidence.guesses() != Some(true) {
        return None;
    }
    let tiny = evidence.config().number("train.learning_rate").is_some_and(|rate| rate > 0.0 && rate <= TINY);
    let linear = evidence.config().activation() == Some("identity");
    let cause = match (tiny || thrown, flows(evidence)) {
        (true, _) => Cause::LearningRate,
        (false, _) if linear => Cause::Activation,
        (false, true) => Cause::Data,
        (false, false) => Cause::Unknown,
    };
    let mut finding = Finding::new(evidence, Severity::Warning, cause);
    finding.confidence = confidence(loss.len() / 4, 1.0 + FALL * first.abs() / error.max(f64::MIN_POSITIVE));
    finding.summary = if let Some(chance) = chance.filter(|_| flat) {
        let (begin, last, chance) = (figure(begin), figure(last), figure(chance));
        format!("the loss falls from {begin} to {last}, but not below the chance level ({chance})")
    } else if flat {
        format!("the loss does not fall: {} at the start, {} at the end", figure(first), figure(last))
    } else {
        format!("the predictions are no better than guessing: the loss is {} at the end", figure(last))
    };
    if cause == Cause::Data {
        finding.summary +=
            "; gradients arrive and weights move as they should, so the labels may not belong to the inputs";
    }
    if cause == Cause::Activation {
        finding.summary += "; without a bend in between all layers are one, which tells only what a plane can part";
    }
    finding.evidence = vec![
        Fact::new(evidence.start_in_words(), first),
        Fact::new("the loss over the last quarter", last).beyond((1.0 - FALL) * first),
    ];
    let remedies = Remedies::of(evidence);
    let labels = "check that the labels belong to the samples, and that the loss gets what it expects";
    let factor = if thrown {
        Some(0.1)
    } else if tiny {
        Some(10.0)
    } else {
        // Which way the rate should go is told by the size of steps, and by nothing else.
        step_size(evidence).map(|size| if size >= USUAL.end { 0.1 } else { 10.0 })
    };
    finding.remedies = match cause {
        Cause::Data => remedies.say(labels).rate(factor).list(),
        Cause::Activation => remedies.then(Remedy::Activation(Activation::Bends)).rate(factor).say(labels).list(),
        _ => remedies.rate(factor).init().norm().say(labels).list(),
    };
    Some(finding)
}

/// What a step moves of the weights, of the layer in the middle.
fn step_size(evidence: &Evidence) -> Option<f64> {
    median(evidence.all(Measure::UpdateRatio).iter().filter_map(|(_, ratios)| ratios.median()).collect())
}

/// Whether the network works as one that learns does: its gradient reaches the first layers, and steps are of a usual size.
fn flows(evidence: &Evidence) -> bool {
    let usual = step_size(evidence).is_some_and(|ratio| USUAL.contains(&ratio));
    let arrives = Attenuation::of(evidence)
        .and_then(|attenuation| median(values(&attenuation.whole)))
        .is_some_and(|ln| ln.abs() < ARRIVES);
    usual && arrives
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(loss: impl Fn(i64) -> f64, accuracy: Option<f64>) -> Option<Finding> {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..40).map(|step| (step, loss(step))));
        evidence.add("accuracy", accuracy.map(|accuracy| (39, accuracy)));
        judge(&evidence)
    }

    #[test]
    fn a_loss_that_never_falls_is_a_plateau_and_one_that_fell_is_not() {
        assert!(judged(|step| 2.3 + 0.02 * (step % 2) as f64, None).is_some());
        assert_eq!(judged(|step| if step < 3 { 2.3 } else { 0.1 }, None), None);
        assert_eq!(judged(|step| 2.3 - 0.005 * step as f64, None), None);
    }

    #[test]
    fn to_come_down_to_guessing_is_a_plateau_too_and_to_be_on_the_way_is_none() {
        let judged = |loss: &dyn Fn(i64) -> f64| {
            let mut evidence = Evidence::new("run");
            evidence.configure("num_classes: 10");
            evidence.add("loss", (0..40).map(|step| (step, loss(step))));
            judge(&evidence)
        };
        let stuck = judged(&|step| 2.31 + 20.0 * f64::powi(0.5, step as i32)).unwrap();
        assert!(stuck.summary.contains("not below the chance level (2.30)"), "{}", stuck.summary);
        assert_eq!(judged(&|step| 3.0 + 20.0 * f64::powi(0.9, step as i32)), None);
        assert_eq!(judged(&|step| 0.5 + 20.0 * f64::powi(0.5, step as i32)), None);
    }

    #[test]
    fn which_way_the_rate_should_go_is_said_only_if_steps_tell() {
        let advice = |ratio: Option<f64>| {
            let mut evidence = Evidence::new("run");
            evidence.configure("lr: 1.0\noptimizer: Adam");
            evidence.add("loss", (0..40).map(|step| (step, 2.3)));
            for layer in ["layer1", "layer2"] {
                evidence.add(&format!("update_ratio/{layer}"), ratio.map(|ratio| (39, ratio)));
            }
            judge(&evidence).unwrap().remedies[0].advice.clone()
        };
        assert!(advice(None).starts_with("another learning rate"), "{}", advice(None));
        assert!(advice(Some(0.5)).starts_with("a smaller learning rate"), "{}", advice(Some(0.5)));
    }

    #[test]
    fn of_a_network_without_a_bend_the_activation_is_to_blame() {
        let mut evidence = Evidence::new("run");
        evidence.configure("[network]\nactivation = 'identity'");
        evidence.add("loss", (0..40).map(|step| (step, 0.693)));
        let finding = judge(&evidence).unwrap();
        assert_eq!(finding.cause, Cause::Activation);
        assert_eq!(finding.remedies[0].set.as_deref(), Some("network.activation=relu"));
    }

    #[test]
    fn a_good_network_that_was_resumed_is_on_no_plateau() {
        assert_eq!(judged(|_| 0.05, Some(0.98)), None);
    }
}
