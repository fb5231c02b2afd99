//! Each step replaces a large share of the weights.
//!
//! ## What it sees
//! In some record, one step moves at least half of the layers by more than a twentieth of their weights' norm.
//!
//! ## Why it is bad
//! The gradient gives the right direction for small steps only. Large ones kill rectifiers, saturate sigmoids, and end
//! in noise.
//!
//! ## What to do
//! Use a smaller learning rate, or warm-up if only the first steps are too large.
//!
//! ## Source and threshold
//! Bottou, 2012, recommends about a thousandth per step. Why a twentieth: Adam with its usual 1e-3 begins the
//! experiment with 0.003 to 0.015. A step as large as the weights themselves, or larger, is an error. A network that
//! learns well all the same gets a note if the step is below 0.15, and so do a few first steps.

use headwater_probe::Measure;

use crate::finding::{confidence, figure, range};
use crate::remedies::Remedies;
use crate::series::median;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["dead_units", "exploding", "not_finite", "saturated_units", "vanishing"],
    idea: Some("learning-rate"),
    ..Rule::of(judge)
};

/// Norm of an update over the norm of the weights.
const LARGE: f64 = 0.05;
/// Taken for the number of steps in an epoch, where nothing says it.
const STEPS_OF_AN_EPOCH: f64 = 100.0;
/// So large a step is none that a network gets over without loss.
const LOUD: f64 = 0.15;
/// One record of this many, and fewer, are the first steps of a run.
const FEW: usize = 10;
/// What a good first step moves.
const USUAL: f64 = 0.005;
/// What leaves nothing of the weights.
const WHOLE: f64 = 1.0;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let ratios = evidence.all(Measure::UpdateRatio);
    // What histograms of two epochs lie apart is the work of many steps.
    let steps = if evidence.is_bounded() && evidence.counts_epochs() { STEPS_OF_AN_EPOCH } else { 1.0 };
    let middle = |step| {
        let at: Vec<f64> = ratios.iter().filter_map(|(_, series)| series.at(step).map(|ratio| ratio / steps)).collect();
        // A layer that began at 0 moves far; one of two is no majority.
        (at.len() > 1).then(|| median(at)).flatten()
    };
    let (_, longest) = ratios.iter().max_by_key(|(_, series)| series.len())?;
    let large: Vec<(i64, f64)> = longest
        .iter()
        .filter_map(|(step, _)| Some((step, middle(step)?)))
        .filter(|(_, ratio)| *ratio > LARGE)
        .collect();
    let (worst, ratio) = large.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let severity = match evidence.learned() {
        Some(true) if large[0].1 < LOUD => Severity::Note,
        // Adam's first steps are its largest.
        _ if ratio < LOUD && large.len() * FEW < longest.len() => Severity::Note,
        _ if ratio >= WHOLE => Severity::Error,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new(evidence, severity, Cause::LearningRate);
    (finding.first_step, finding.last_step) = (large[0].0, large[large.len() - 1].0);
    let over = |series: &crate::Series| series.at(worst).is_some_and(|ratio| ratio / steps > LARGE);
    finding.layers =
        ratios.iter().filter(|(_, series)| over(series)).map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
    finding.confidence = confidence(finding.layers.len(), ratio / LARGE);
    finding.summary = format!(
        "step {worst} moves the weights of {} by {} of their size; about 0.001 is usual",
        range(&finding.layers),
        figure(ratio)
    );
    finding.evidence = ratios
        .iter()
        .filter_map(|(layer, series)| {
            Some(
                Fact::new("update over weights", series.at(worst)? / steps)
                    .of(evidence.name(*layer))
                    .at(worst)
                    .beyond(LARGE),
            )
        })
        .collect();
    // The first tells how far the rate is off; later ones are of a network that is lost already.
    let factor = (USUAL / large[0].1).max(1e-3);
    finding.remedies = Remedies::of(evidence).learning_rate(factor).warmup().clip().list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_as_large_as_the_weights_are_an_error_and_adams_first_are_none() {
        let judged = |ratio: f64| {
            let mut evidence = Evidence::new("run");
            for layer in 1..4 {
                evidence.add(&format!("update_ratio/layer{layer}"), (0..5).map(|step| (step, ratio)));
            }
            judge(&evidence)
        };
        assert_eq!(judged(20.0).unwrap().severity, Severity::Error);
        assert_eq!(judged(0.1).unwrap().severity, Severity::Warning);
        assert_eq!(judged(0.015), None);
    }

    #[test]
    fn a_single_layer_that_began_at_zero_may_move_far() {
        let mut evidence = Evidence::new("run");
        for (layer, ratio) in [(1, 1e-3), (2, 1e-3), (3, 30.0)] {
            evidence.add(&format!("update_ratio/layer{layer}"), [(1, ratio)]);
        }
        assert_eq!(judge(&evidence), None);
    }
}
