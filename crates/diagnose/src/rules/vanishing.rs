//! The gradient does not reach the first layers.
//!
//! ## What it sees
//! delta of the first layer that trains (or the weight gradient, if delta was not recorded) is less than a hundredth of
//! the last layer's, while the loss has not converged. Layers that the configuration freezes, or that never get a
//! gradient, are left out. The rule corrects for inputs that are always 0.
//!
//! ## Why it is bad
//! The first layers learn nothing, and the last ones learn from features that are noise. An adaptive optimizer hides
//! it: its updates are as large as ever, but they follow mostly rounding and noise.
//!
//! ## What to do
//! If the activation is to blame, use one whose slope is about 1 (`relu`), with weights to suit (He). If the weights
//! are to blame, use Glorot's or He's variance. Normalisation and skip connections help with both.
//!
//! ## Source and threshold
//! Hochreiter, 1991; Glorot and Bengio, 2010. Each layer of sigmoids passes a quarter at best. Two or three of them,
//! which learn well, leave a sixtieth; four, which learn slowly, leave less than a hundredth (the fault suite, the half
//! that is fitted on). It is a note when the network learns all the same, or has hardly begun. It is an error when the
//! loss is not a tenth below its first value, or below the chance level if that is lower.

use headwater_probe::tags::Quantity;

use crate::attenuation::Attenuation;
use crate::finding::{confidence, figure, figure_of_ln};
use crate::remedies::Remedies;
use crate::remedy::{Remedy, Variance};
use crate::{Cause, Evidence, Fact, Finding, FirstHalf, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["dead_units", "update_too_small"],
    at_birth: true,
    first_half: FirstHalf::Warnings,
    idea: Some("vanishing"),
    also_called: &["vanishinggradient", "vanishinggradients"],
    ..Rule::of(judge)
};

/// ln of how much of delta must arrive.
const DELTA: f64 = -4.6;
/// The same of the weight gradient.
const GRADIENT: f64 = -4.6;
/// ln of how much less than theory expects is worth a word: four standard deviations of what draws of ten units differ by.
const LESS_THAN_EXPECTED: f64 = 4.0;
/// ln of what is too little whether or not the network was seen to learn.
const CLEARLY: f64 = -6.9;
/// Layers with less than a tenth are named.
const NAMED: f64 = -2.3;
/// A start is slow when the loss stays where it is for this share of the run.
const SLOW: f64 = 0.1;
/// Values of the loss without which nobody can say whether it learns.
const ENOUGH: usize = 5;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let attenuation = Attenuation::of(evidence)?;
    let direct = attenuation.quantity == Quantity::Delta;
    let threshold = if direct { DELTA } else { GRADIENT };
    let starved: Vec<(i64, f64)> = attenuation.whole.iter().copied().filter(|(_, ln)| *ln < threshold).collect();
    let (first_step, _) = *starved.first()?;
    let (last_step, _) = *starved.last()?;
    let (deepest, least) = starved.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
    // Deepest is often where nothing arrives and nothing can be told apart: the cause is read where there is most to read.
    let cause = match attenuation.cause(first_step, true) {
        Cause::Unknown => attenuation.cause(deepest, true),
        cause => cause,
    };
    let (begin, end) = evidence.steps()?;
    // The end of what was recorded is no end while it is being trained.
    let end = evidence.config().number("train.steps").map_or(end as f64, |planned| planned.max(end as f64));
    let slow = match evidence.takes_off() {
        Some(step) => step as f64 - begin as f64 > SLOW * (end - begin as f64),
        None => !evidence.loss.is_empty(),
    };
    // A few starved records of many are accidents of single batches, unless training began with them.
    if starved.len() * 5 < attenuation.whole.len() && !(slow && first_step == attenuation.whole[0].0) {
        return None;
    }
    let stuck = slow && starved.len() * 2 > attenuation.whole.len() && evidence.progress() < Some(0.1);
    let severity = match (evidence.loss.len(), evidence.learned()) {
        (1..ENOUGH, _) if least > CLEARLY => Severity::Note,
        (_, Some(true)) => Severity::Note,
        (_, Some(false)) if stuck => Severity::Error,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new(evidence, severity, cause);
    (finding.first_step, finding.last_step) = (first_step, last_step);
    finding.layers = attenuation.layers_beyond(NAMED, deepest);
    finding.confidence = confidence(starved.len(), (threshold - least).exp());
    if !direct {
        finding.confidence *= 0.8;
    }
    let (low, high) = attenuation.ends();
    let (name, low, high) = (attenuation.name(), evidence.name(low), evidence.name(high));
    finding.summary = if least.is_finite() {
        format!("at step {deepest} {name} shrinks {}-fold on its way from {high} to {low}", figure_of_ln(-least))
    } else {
        format!("at step {deepest} nothing of {high}'s {name} reaches {low}")
    };
    finding
        .evidence
        .push(Fact::new(&format!("{name} over {high}'s"), least.exp()).of(low).at(deepest).beyond(threshold.exp()));
    if let (Some(expected), Some((step, ln))) = (attenuation.expected(), attenuation.whole.first()) {
        finding
            .evidence
            .push(Fact::new("what theory expects of it before the first step", expected.exp()).of(low).at(*step));
        finding.summary += &if expected - ln > LESS_THAN_EXPECTED {
            format!(
                " (theory predicts {}-fold: the draw of the weights or the data add to it)",
                figure_of_ln(-expected)
            )
        } else {
            format!(" (theory predicts {}-fold for this network)", figure_of_ln(-expected))
        };
    }
    for (stage, sum) in attenuation.gains(first_step) {
        finding
            .evidence
            .push(Fact::new(&format!("ln of the factor that is due to {stage}, all layers"), sum).at(first_step));
    }
    if slow {
        finding.summary += &slowness(evidence).unwrap_or_default();
    }
    let remedies = Remedies::of(evidence);
    finding.remedies = match cause {
        Cause::Weights => remedies.init().norm().residual().rectifier(),
        Cause::Normalisation => remedies.residual().say("fewer layers"),
        _ if evidence.config().is_ours() => {
            remedies.rectifier().then(Remedy::MatchingInit(Variance::He)).norm().residual()
        }
        _ => remedies.rectifier().init().norm().residual(),
    }
    .list();
    Some(finding)
}

/// How long the loss took to fall by a tenth of the starting loss, or that it never did.
fn slowness(evidence: &Evidence) -> Option<String> {
    let chance = evidence.chance().filter(|chance| Some(*chance) < evidence.first_loss());
    Some(match (evidence.takes_off(), chance) {
        (Some(step), None) => format!("; the loss took until step {step} to drop by 10 %"),
        (Some(step), Some(chance)) => {
            format!("; the loss took until step {step} to fall 10 % below the chance level ({})", figure(chance))
        }
        (None, Some(chance)) if !evidence.is_early() => {
            let last = figure(evidence.last_loss()?);
            format!("; the loss ({last}) has not fallen 10 % below the chance level ({})", figure(chance))
        }
        (None, _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six layers, a loss that falls by `progress`, and deltas that fall by `factor` from each layer to the one below.
    fn run(factor: f64, scale: f64, progress: f64) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, scale * 2.3 * (1.0 - progress * step as f64 / 19.0))));
        for layer in 0..6 {
            let delta = scale * 0.01 * f64::powi(factor, 5 - layer);
            evidence.add(&format!("delta/rms/layer{}", layer + 1), (0..20).map(|step| (step, delta)));
        }
        evidence
    }

    #[test]
    fn a_gradient_that_falls_fourfold_in_each_layer_vanishes_and_is_blamed_on_what_shrinks_it() {
        let mut evidence = run(0.25, 1.0, 0.0);
        for layer in 1..6 {
            evidence.add(&format!("gain/activation/layer{layer}"), (0..20).map(|step| (step, -1.4)));
            evidence.add(&format!("gain/weights/layer{layer}"), (0..20).map(|step| (step, 0.0)));
            evidence.add(&format!("gain/weight/layer{layer}"), (0..20).map(|step| (step, 0.0)));
        }
        let finding = judge(&evidence).unwrap();
        assert_eq!((finding.severity, finding.cause), (Severity::Error, Cause::Activation));
        assert_eq!((finding.first_step, finding.last_step), (0, 19));
        assert_eq!(finding.layers.first().map(String::as_str), Some("layer1"));
        assert!(finding.confidence > 0.9, "{finding:?}");
    }

    #[test]
    fn next_to_nothing_is_a_number_and_only_nothing_is_nothing() {
        // delta of the first layer, as single precision has it, at all steps but the last, and ln of what the weights did to it.
        let share = |rms: f64, gain: Option<f64>| {
            let mut evidence = Evidence::new("run");
            evidence.add("loss", (0..20).map(|step| (step, 2.3)));
            evidence.add("delta/rms/layer1", (0..20).map(|step| (step, if step < 19 { rms } else { 1e-30 })));
            for (layer, rms) in [("layer2", 1e-2), ("layer3", 1.0)] {
                evidence.add(&format!("delta/rms/{layer}"), (0..20).map(|step| (step, rms)));
            }
            for (layer, gain) in [("layer1", gain), ("layer2", gain.map(|_| -4.6))] {
                let gains = gain.into_iter().flat_map(|gain| (0..20).map(move |step| (step, gain)));
                evidence.add(&format!("gain/weight/{layer}"), gains);
            }
            judge(&evidence).map_or_else(String::new, |finding| finding.summary)
        };
        let below = |decades: f64| Some(4.6 - decades * std::f64::consts::LN_10);
        for (rms, gain, expected) in [
            // Below what f32 holds, below what f64 holds, and nothing.
            (1e-41, None, "at step 0 delta shrinks 1.0e41-fold on its way from layer3 to layer1"),
            (0.0, below(52.0), "at step 0 delta shrinks 1.0e52-fold on its way from layer3 to layer1"),
            (0.0, below(1200.0), "at step 0 delta shrinks 1.0e1200-fold on its way from layer3 to layer1"),
            (0.0, Some(f64::NEG_INFINITY), "at step 0 nothing of layer3's delta reaches layer1"),
            (0.0, None, "at step 0 nothing of layer3's delta reaches layer1"),
        ] {
            assert!(share(rms, gain).starts_with(expected), "{}", share(rms, gain));
        }
    }

    #[test]
    fn what_is_small_and_does_not_shrink_is_no_vanishing() {
        // A loss divided by a million.
        assert_eq!(judge(&run(0.9, 1e-6, 0.5)), None);
        assert_eq!(judge(&run(0.9, 1.0, 0.0)), None);
        // Normalisation makes deltas grow downwards.
        assert_eq!(judge(&run(1.3, 1.0, 0.5)), None);
    }

    #[test]
    fn of_a_network_that_learns_it_is_a_note() {
        assert_eq!(judge(&run(0.25, 1.0, 0.9)).unwrap().severity, Severity::Note);
    }

    #[test]
    fn a_loss_that_came_down_to_that_of_guessing_has_not_moved() {
        let judged = |chance: Option<f64>, accuracy: Option<f64>| {
            let mut evidence = run(1e-3, 1.0, 0.0);
            evidence.add("chance/loss", chance.map(|chance| (0, chance)));
            // The loss falls from 2.70 to ln 10 at once, and no further.
            evidence.add("loss", (0..20).map(|step| (step, if step < 2 { 2.7 } else { 2.305 })));
            evidence.add("accuracy", (0..20).filter_map(|step| Some((step, accuracy? + 0.02 * (step % 2) as f64))));
            judge(&evidence).unwrap()
        };
        let (recorded, inferred) = (judged(Some(2.301), None), judged(None, Some(0.1)));
        assert_eq!((recorded.severity, inferred.severity), (Severity::Error, Severity::Error));
        assert!(
            recorded.summary.ends_with("the loss (2.31) has not fallen 10 % below the chance level (2.30)"),
            "{recorded:?}"
        );
        // A squared error of that size does not tell whether the network guesses.
        let mut squared = run(1e-3, 1.0, 0.0);
        squared.configure("loss: mse");
        squared.add("loss", (0..20).map(|step| (step, if step < 2 { 2.7 } else { 2.305 })));
        assert_eq!(judge(&squared).unwrap().severity, Severity::Warning);
    }

    #[test]
    fn a_start_is_slow_by_what_is_planned_and_not_by_what_was_made_so_far() {
        let judged = |planned: usize| {
            let mut evidence = run(0.25, 1.0, 0.3);
            evidence.configure(&format!("[train]\nsteps = {planned}"));
            judge(&evidence).unwrap().summary
        };
        assert!(judged(20).contains("until step 7"), "{}", judged(20));
        assert!(!judged(1000).contains("until step"), "{}", judged(1000));
    }

    #[test]
    fn a_converged_network_is_healthy_whatever_its_ratios_are() {
        let mut evidence = run(0.9, 1.0, 0.99);
        evidence.add("delta/rms/layer1", [(19, 1e-9)]);
        assert_eq!(judge(&evidence), None);
    }

    #[test]
    fn layers_that_get_no_gradient_at_all_or_are_frozen_by_the_configuration_are_left_out() {
        let mut evidence = run(0.9, 1.0, 0.3);
        evidence.add("delta/rms/layer1", (0..20).map(|step| (step, 0.0)));
        assert_eq!(judge(&evidence), None);
        let mut evidence = run(0.9, 1.0, 0.3);
        evidence.add("delta/rms/layer1", (0..20).map(|step| (step, 1e-12)));
        assert!(judge(&evidence).is_some());
        evidence.configure("freeze = ['layer1']");
        assert_eq!(judge(&evidence), None);
    }

    #[test]
    fn inputs_that_are_always_zero_are_made_up_for() {
        let gradients = |zeros: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("gradient/rms/layer1", (0..9).map(|step| (step, 0.008)));
            evidence.add("gradient/rms/layer2", (0..9).map(|step| (step, 1.0)));
            evidence.add("inputs/zero/layer1", (0..9).map(|step| (step, zeros)));
            judge(&evidence)
        };
        assert!(gradients(0.0).is_some());
        assert_eq!(gradients(0.9), None);
    }
}
