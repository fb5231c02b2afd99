//! The network is sick before its first step: its initial weights are to blame.
//!
//! ## What it sees
//! At the first record: weights that are all zero in a hidden layer, or all equal; activations that grow or shrink by more
//! than a thousand from the first layer to the last, or weights that must make them do so; or delta that grows by more than that because of the weights.
//!
//! ## Why it is bad
//! Equal units get equal gradients and stay equal; a signal that is gone or enormous at the output tells nothing of the
//! input, and the loss begins far above that of guessing.
//!
//! ## What to do
//! Weights drawn with He's variance (rectifiers) or Glorot's (sigmoid, tanh), biases of 0.
//!
//! ## Source and threshold
//! Glorot and Bengio, 2010; He et al., 2015. A thousand: within it, an adaptive optimizer was seen to recover in the
//! project's scenarios.

use headwater_probe::foreign::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::attenuation::Attenuation;
use crate::finding::{confidence, figure, range};
use crate::remedy::Remedies;
use crate::{Cause, Evidence, Fact, Finding, Series, Severity};

/// ln of how much the signal, or delta, may change between the first layer and the last.
const MUCH: f64 = 6.9;
/// ln of the root of 2: half of a rectifier's outputs are 0.
const RECTIFIER: f64 = 0.347;
/// An accuracy below this is one of guessing, or little more.
const HARDLY: f64 = 0.2;

pub(super) fn judge(evidence: &Evidence) -> Option<Finding> {
    let step = evidence.steps()?.0;
    let (layers, facts, margin, summary) = alike(evidence, step).or_else(|| far_off(evidence, step))?;
    let severity = match evidence.learned() {
        Some(true) => Severity::Note,
        Some(false) if evidence.last_accuracy().is_none_or(|accuracy| accuracy < HARDLY) => Severity::Error,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new("born_sick", evidence, severity, Cause::Weights);
    finding.last_step = step;
    finding.confidence = confidence(layers.len().max(2), margin);
    finding.summary = summary;
    (finding.layers, finding.evidence) = (layers, facts);
    finding.remedies = Remedies::of(evidence).init().set("network.bias_init", "zeros", "biases of 0").norm().list();
    Some(finding)
}

type Seen = (Vec<String>, Vec<Fact>, f64, String);

/// Hidden layers whose weights are all the same number.
fn alike(evidence: &Evidence, step: i64) -> Option<Seen> {
    let last = evidence.last_layer()?;
    let mut facts = Vec::new();
    for (layer, size) in evidence.sizes(Quantity::Weight) {
        let extreme = |statistic| evidence.series(layer, Measure::Statistic(Quantity::Weight, statistic))?.at(step);
        let constant =
            matches!((extreme(Statistic::Min), extreme(Statistic::Max)), (Some(min), Some(max)) if min == max);
        if layer < last && (size.at(step) == Some(0.0) || constant) {
            facts.push(
                Fact::new("size of the weights, which are all equal", size.at(step)?).of(evidence.name(layer)).at(step),
            );
        }
    }
    let layers: Vec<String> = facts.iter().filter_map(|fact| fact.layer.clone()).collect();
    // A last layer, or one branch of a sum, may well begin at 0; a second layer of zeros below it stops everything.
    if layers.is_empty() || evidence.config().get("network.residual").is_some_and(|kind| kind.contains("rezero")) {
        return None;
    }
    let summary = format!("the weights of {} begin all equal: their units cannot come to differ", range(&layers));
    Some((layers, facts, f64::INFINITY, summary))
}

/// A signal, or a gradient, that changes a thousandfold over the layers.
fn far_off(evidence: &Evidence, step: i64) -> Option<Seen> {
    let sizes = evidence.sizes(Quantity::Activation);
    if let [(low, first), .., (high, last)] = sizes[..]
        && let (Some(before), Some(after)) = (first.at(step), last.at(step))
        && before > 0.0
        && (after / before).ln().abs() > MUCH
    {
        let what = if after > before { "grow" } else { "shrink" };
        let factor = (after / before).max(before / after);
        let summary = format!(
            "before any step activations {what} {}-fold from {} to {}",
            figure(factor),
            evidence.name(low),
            evidence.name(high)
        );
        let fact =
            |(layer, size): (usize, f64)| Fact::new("size of the activations", size).of(evidence.name(layer)).at(step);
        let layers = sizes.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
        return Some((layers, [(low, before), (high, after)].map(fact).to_vec(), factor / MUCH.exp(), summary));
    }
    if let Some(seen) = by_weights(evidence, step) {
        return Some(seen);
    }
    let attenuation = Attenuation::of(evidence).filter(|attenuation| attenuation.quantity == Quantity::Delta)?;
    let (first, ln) = *attenuation.whole.first()?;
    if first != step || ln < MUCH {
        return None;
    }
    let (low, high) = attenuation.ends();
    let (low, high) = (evidence.name(low), evidence.name(high));
    let fact = Fact::new(&format!("delta over {high}'s"), ln.exp()).of(low).at(step).beyond(MUCH.exp());
    let summary = format!("before any step {low} gets {} times {high}'s delta", figure(ln.exp()));
    Some((attenuation.layers_beyond(MUCH, step), vec![fact], (ln - MUCH).exp(), summary))
}

/// Weights by which alone the signal changes a thousandfold, where activations were not recorded: each layer multiplies it
/// by their root mean square times the root of how many inputs a unit has, and a rectifier takes the root of 2 from that.
fn by_weights(evidence: &Evidence, step: i64) -> Option<Seen> {
    if evidence.is_normalised()
        || !evidence.sizes(Quantity::Activation).is_empty()
        || evidence.counts_epochs()
        || step > 1
    {
        return None;
    }
    let gain = |(layer, size): (usize, &Series)| {
        let gain = size.at(step)? * evidence.inputs(layer)?.sqrt();
        (gain > 0.0 && gain.is_finite()).then_some((layer, gain.ln()))
    };
    let gains: Vec<(usize, f64)> = evidence.sizes(Quantity::Weight).into_iter().filter_map(gain).collect();
    let [(low, _), .., (high, _)] = &gains[..] else { return None };
    let most: f64 = gains.iter().map(|(_, ln)| ln - RECTIFIER).sum();
    // Smaller weights may be meant for other activations: nothing is taken off.
    let least: f64 = gains.iter().map(|(_, ln)| ln).sum();
    let (what, ln) = if most > MUCH {
        ("grow", most)
    } else if least < -MUCH {
        ("shrink", -least)
    } else {
        return None;
    };
    let summary = format!(
        "before any step the weights make the signal {what} {}-fold from {} to {}",
        figure(ln.exp()),
        evidence.name(*low),
        evidence.name(*high)
    );
    let fact = |(layer, ln): &(usize, f64)| {
        Fact::new("size of the weights times the root of the inputs", ln.exp()).of(evidence.name(*layer)).at(step)
    };
    let layers = gains.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
    Some((layers, gains.iter().map(fact).collect(), (ln - MUCH).exp(), summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(weights: f64, growth: f64) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in 0..6 {
            let name = format!("layer{}", layer + 1);
            evidence.add(&format!("weight/rms/{name}"), (0..20).map(|step| (step, weights)));
            evidence.add(&format!("activation/rms/{name}"), (0..20).map(|step| (step, f64::powi(growth, layer))));
        }
        evidence
    }

    #[test]
    fn zeros_and_weights_far_too_large_or_small_are_born_sick() {
        assert_eq!(judge(&run(0.0, 1.0)).unwrap().layers.len(), 5);
        assert!(judge(&run(5.0, 16.0)).unwrap().summary.contains("grow"));
        assert!(judge(&run(0.01, 0.02)).unwrap().summary.contains("shrink"));
    }

    #[test]
    fn ordinary_weights_are_not_and_neither_is_a_last_layer_of_zeros() {
        assert_eq!(judge(&run(0.3, 0.7)), None);
        let mut evidence = run(0.3, 0.7);
        evidence.add("weight/rms/layer6", (0..20).map(|step| (step, 0.0)));
        assert_eq!(judge(&evidence), None);
    }
}
