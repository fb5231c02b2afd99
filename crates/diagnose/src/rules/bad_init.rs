//! The network is sick before its first step: its initial weights are to blame.
//!
//! ## What it sees
//! At the first record, one of: weights of a hidden layer that are all zero, or all equal; a layer whose products,
//! compared with its inputs, are twenty times larger or smaller than in the other layers; activations that grow or
//! shrink by a factor of more than a hundred from the first layer to the last, or delta that grows by more than that (a
//! note below a thousand, if the network learns); weights that must make activations change by a factor of more than a
//! thousand; or, with an activation that saturates, products that are six times as large as the inputs in all layers.
//!
//! ## Why it is bad
//! Equal units get equal gradients and stay equal. A signal that is gone or enormous at the output says nothing about
//! the input, and the loss begins far above the chance level.
//!
//! ## What to do
//! Draw weights with He's variance (rectifiers) or Glorot's (sigmoid, tanh), and set biases to 0.
//!
//! ## Source and threshold
//! Glorot and Bengio, 2010; He et al., 2015: with their weights, products are as large as inputs to within a factor of
//! the root of 2, so a factor of twenty is far from any deliberate choice. Below a thousand, an adaptive optimizer
//! recovers in most networks of the fault suite. Before a network has trained, only weights that are all equal are an
//! error, and a factor below a thousand is a note unless theory expects it for weights of that size. It is a note as
//! well while the loss falls.

use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Stage, Statistic};

use crate::attenuation::Attenuation;
use crate::finding::{confidence, figure, range};
use crate::remedies::Remedies;
use crate::series::median;
use crate::{Cause, Evidence, Fact, Finding, Rule, Series, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &[
        "dead_units",
        "exploding",
        "gradient_noise",
        "not_finite",
        "saturated_units",
        "update_too_large",
        "update_too_small",
        "vanishing",
    ],
    at_birth: true,
    idea: Some("initialisation"),
    ..Rule::of(judge)
};

/// ln of how much the signal, or delta, may change between the first layer and the last without anybody's harm.
const MUCH: f64 = 6.9;
/// The same, of which a network that learns gets a note at most.
const SOME: f64 = 4.6;
/// ln of the root of 2: half of a rectifier's outputs are 0.
const RECTIFIER: f64 = 0.347;
/// ln of 2: as far as usual gains of a layer are from 1.
const HALF: f64 = 0.7;
/// ln of 20: a layer whose gain differs by so much from the others'.
const OTHER_SIZE: f64 = 3.0;
/// ln of 6: at pre-activations of that size tanh passes a twelfth of what it could, and sigmoid a sixth.
const FLAT: f64 = 1.8;
/// ln of 10.
const TENFOLD: f64 = 2.3;
/// An accuracy below this is one of guessing, or little more.
const HARDLY: f64 = 0.2;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let step = evidence.steps()?.0;
    let Seen { layers, facts, margin, summary, cause } = alike(evidence, step)
        .or_else(|| one_far_off(evidence, step))
        .or_else(|| far_off(evidence, step))
        .or_else(|| flat(evidence, step))?;
    // Equal units stay equal. A network may recover from everything else, and before it has trained nobody knows.
    let early = evidence.is_early() && margin.is_finite();
    let severity = match evidence.learned() {
        // Normalisation makes up for what it does itself, if anything does.
        Some(true) if cause == Cause::Normalisation || margin < 1.0 => Severity::Note,
        _ if margin < 1.0 && (early || evidence.still_falls()) && !is_expected(evidence) => Severity::Note,
        _ if early => Severity::Warning,
        // What is off by that much costs something, even if the network gets over it.
        _ if evidence.guesses() == Some(true) => Severity::Error,
        Some(false) if evidence.last_accuracy().is_none_or(|right| right < HARDLY) => Severity::Error,
        None if margin < 1.0 => Severity::Note,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new(evidence, severity, cause);
    finding.last_step = step;
    finding.confidence = confidence(layers.len().max(2), margin);
    finding.summary = summary;
    (finding.layers, finding.evidence) = (layers, facts);
    let remedies = Remedies::of(evidence);
    finding.remedies = if cause == Cause::Normalisation {
        remedies.residual().say("fewer layers").list()
    } else {
        remedies.init().norm().residual().list()
    };
    Some(finding)
}

/// Whether theory expects delta to change by a factor of ten or more with these weights. Then their size is to blame,
/// and not the random draw of a narrow network, from which the network may recover.
fn is_expected(evidence: &Evidence) -> bool {
    let expected = Attenuation::of(evidence).and_then(|attenuation| attenuation.expected());
    expected.is_some_and(|ln| ln.abs() > TENFOLD)
}

/// Tells of each hidden layer whether it has a single unit, according to the configuration.
fn are_single(evidence: &Evidence) -> impl Fn(usize) -> bool {
    let config = evidence.config();
    let width = config.number("network.width");
    let hidden = config.get("network.hidden").unwrap_or_default().trim_matches(['[', ']']);
    let each: Vec<bool> = hidden.split(',').map(|units| units.trim() == "1").collect();
    move |layer| width.map_or_else(|| each.get(layer) == Some(&true), |width| width == 1.0)
}

struct Seen {
    layers: Vec<String>,
    facts: Vec<Fact>,
    /// How many times the number is beyond its threshold.
    margin: f64,
    summary: String,
    cause: Cause,
}

/// Whether something keeps the products at one size whatever the weights are.
fn is_normalised(evidence: &Evidence) -> bool {
    evidence.is_normalised()
        || evidence.config().get("network.norm").is_some()
        || !evidence.all(Measure::Gain(Stage::Norm)).is_empty()
}

/// Of each layer, ln of the root mean square of its products over that of its inputs, and ln of what it should be: about
/// 0, between 1/2 and 2.
fn gains(evidence: &Evidence, step: i64) -> Vec<(usize, f64)> {
    let rms = |layer, quantity| {
        let value = evidence.series(layer, Measure::Statistic(quantity, Statistic::Rms))?.at(step)?;
        (value > 0.0 && value.is_finite()).then_some(value)
    };
    let dead = |layer| evidence.series(layer, Measure::DeadUnits).and_then(|shares| shares.at(step)) > Some(0.99);
    let gain = |layer: usize| {
        let inputs = match layer.checked_sub(1) {
            None => super::unscaled_input::size_of_inputs(evidence)?,
            Some(below) => rms(below, Quantity::Activation)?,
        };
        // Biases that keep all units off are another matter.
        (!dead(layer)).then_some((layer, (rms(layer, Quantity::Preactivation)? / inputs).ln()))
    };
    (0..evidence.count()).filter_map(gain).collect()
}

/// One layer, or a few, whose weights are of another size than those of the others.
fn one_far_off(evidence: &Evidence, step: i64) -> Option<Seen> {
    if is_normalised(evidence) || evidence.has_skips() {
        return None;
    }
    let gains = gains(evidence, step);
    let usual = median(gains.iter().map(|(_, ln)| *ln).collect())?.clamp(-HALF, HALF);
    let last = evidence.last_layer()?;
    // A last layer may well begin at 0, or nearly.
    let is_off = |(layer, ln): &(usize, f64)| ln - usual > OTHER_SIZE || (usual - ln > OTHER_SIZE && *layer < last);
    let (off, others): (Vec<_>, Vec<_>) = gains.iter().copied().partition(is_off);
    let told = median(others.iter().map(|(_, ln)| *ln).collect()).unwrap_or(usual);
    let (worst, ln) = off.iter().max_by(|a, b| (a.1 - usual).abs().total_cmp(&(b.1 - usual).abs()))?;
    let facts = off.iter().map(|(layer, ln)| {
        Fact::new("size of the products over that of the inputs", ln.exp()).of(evidence.name(*layer)).at(step)
    });
    Some(Seen {
        layers: off.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect(),
        facts: facts.collect(),
        margin: ((ln - usual).abs() - OTHER_SIZE).exp(),
        summary: format!(
            "before the first step {} multiplies its inputs by {}; the other layers multiply theirs by {}",
            evidence.name(*worst),
            figure(ln.exp()),
            figure(told.exp())
        ),
        cause: Cause::Weights,
    })
}

/// Weights so large that an activation that saturates is flat everywhere.
fn flat(evidence: &Evidence, step: i64) -> Option<Seen> {
    let saturates = matches!(evidence.config().activation(), Some("sigmoid" | "tanh" | "hard_tanh" | "softsign"));
    if !saturates || is_normalised(evidence) {
        return None;
    }
    let gains = gains(evidence, step);
    let usual = median(gains.iter().map(|(_, ln)| *ln).collect())?;
    if usual < FLAT {
        return None;
    }
    let names: Vec<String> = gains.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
    Some(Seen {
        facts: vec![
            Fact::new("size of the products over that of the inputs, median", usual.exp()).at(step).beyond(FLAT.exp()),
        ],
        margin: (usual - FLAT).exp(),
        summary: format!(
            "before the first step the weights of {} multiply the inputs by {}, where the activation is flat",
            range(&names),
            figure(usual.exp())
        ),
        layers: names,
        cause: Cause::Weights,
    })
}

/// Hidden layers whose weights are all the same number.
fn alike(evidence: &Evidence, step: i64) -> Option<Seen> {
    let last = evidence.last_layer()?;
    let single = are_single(evidence);
    let mut facts = Vec::new();
    for (layer, size) in evidence.sizes(Quantity::Weight) {
        let extreme = |statistic| evidence.series(layer, Measure::Statistic(Quantity::Weight, statistic))?.at(step);
        let constant =
            matches!((extreme(Statistic::Min), extreme(Statistic::Max)), (Some(min), Some(max)) if min == max);
        // A single weight is equal to itself.
        if layer < last && !single(layer) && (size.at(step) == Some(0.0) || constant) {
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
    let summary = format!("all weights of {} start equal, so their units stay identical", range(&layers));
    Some(Seen { layers, facts, margin: f64::INFINITY, summary, cause: Cause::Weights })
}

/// A signal, or a gradient, that changes a thousandfold over the layers.
fn far_off(evidence: &Evidence, step: i64) -> Option<Seen> {
    let sizes = evidence.sizes(Quantity::Activation);
    if let [(low, first), .., (high, last)] = sizes[..]
        && let (Some(before), Some(after)) = (first.at(step), last.at(step))
        && before > 0.0
        && after > 0.0
        && (after / before).ln().abs() > SOME
    {
        let what = if after > before { "grow" } else { "shrink" };
        let factor = (after / before).max(before / after);
        let summary = format!(
            "before the first step activations {what} {}-fold from {} to {}",
            figure(factor),
            evidence.name(low),
            evidence.name(high)
        );
        let fact =
            |(layer, size): (usize, f64)| Fact::new("size of the activations", size).of(evidence.name(layer)).at(step);
        let layers = sizes.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
        let facts = [(low, before), (high, after)].map(fact).to_vec();
        return Some(Seen { layers, facts, margin: factor / MUCH.exp(), summary, cause: Cause::Weights });
    }
    if let Some(seen) = by_weights(evidence, step) {
        return Some(seen);
    }
    let attenuation = Attenuation::of(evidence).filter(|attenuation| attenuation.quantity == Quantity::Delta)?;
    let (first, ln) = *attenuation.whole.first()?;
    if first != step || ln < SOME {
        return None;
    }
    let cause = attenuation.cause(step, false);
    let (low, high) = attenuation.ends();
    let (low, high) = (evidence.name(low), evidence.name(high));
    let fact = Fact::new(&format!("delta over {high}'s"), ln.exp()).of(low).at(step).beyond(MUCH.exp());
    let summary = format!("before the first step delta of {low} is {} times that of {high}", figure(ln.exp()));
    let layers = attenuation.layers_beyond(SOME, step);
    Some(Seen { layers, facts: vec![fact], margin: (ln - MUCH).exp(), summary, cause })
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
        "before the first step the weights make the signal {what} {}-fold from {} to {}",
        figure(ln.exp()),
        evidence.name(*low),
        evidence.name(*high)
    );
    let fact = |(layer, ln): &(usize, f64)| {
        Fact::new("size of the weights times the root of the inputs", ln.exp()).of(evidence.name(*layer)).at(step)
    };
    let layers = gains.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
    let facts = gains.iter().map(fact).collect();
    Some(Seen { layers, facts, margin: (ln - MUCH).exp(), summary, cause: Cause::Weights })
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
    fn before_it_has_trained_a_draw_of_narrow_layers_is_a_note_and_nothing_but_equal_weights_an_error() {
        let judged = |growth: f64, weights: f64, expected: f64| {
            let mut evidence = Evidence::new("run");
            evidence.configure("[network]\nactivation = 'relu'\n[train]\nsteps = 1000");
            evidence.add("loss", [(0, 2.4)]);
            evidence.add("accuracy", [(0, 0.1)]);
            for layer in 0..6 {
                let name = format!("layer{}", layer + 1);
                evidence.add(&format!("weight/rms/{name}"), [(0, weights)]);
                evidence.add(&format!("activation/rms/{name}"), [(0, f64::powi(growth, layer))]);
                evidence.add(&format!("delta/rms/{name}"), [(0, f64::powi(growth, 5 - layer))]);
                evidence.add(&format!("theory/delta/{name}"), [(0, expected * f64::from(5 - layer) / 5.0)]);
            }
            judge(&evidence).map(|finding| finding.severity)
        };
        assert_eq!(judged(0.35, 0.3, -0.2), Some(Severity::Note));
        // It is a note as well while the loss falls.
        let mut falling = run(0.3, 0.35);
        falling.add("loss", (0..20).map(|step| (step, 2.3 - 0.05 * step as f64)));
        falling.add("accuracy", (0..20).map(|step| (step, 0.2)));
        assert_eq!(judge(&falling).map(|finding| finding.severity), Some(Severity::Note));
        falling.add("loss", (0..20).map(|step| (step, 2.3)));
        assert_eq!(judge(&falling).map(|finding| finding.severity), Some(Severity::Error));
        assert_eq!(judged(0.35, 0.1, -5.2), Some(Severity::Warning));
        assert_eq!(judged(0.1, 0.01, -11.5), Some(Severity::Warning));
        assert_eq!(judged(0.35, 0.0, -0.2), Some(Severity::Error));
    }

    #[test]
    fn of_the_other_layers_is_told_what_was_measured() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in 1..7 {
            let name = format!("layer{layer}");
            let gain = if layer == 4 { 1e4 } else { 0.25 };
            evidence.add(&format!("activation/rms/{name}"), (0..20).map(|step| (step, 1.0)));
            evidence.add(&format!("preactivation/rms/{name}"), (0..20).map(move |step| (step, gain)));
        }
        let summary = judge(&evidence).unwrap().summary;
        assert!(summary.ends_with("the other layers multiply theirs by 0.25"), "{summary}");
    }

    #[test]
    fn ordinary_weights_are_not_and_neither_is_a_last_layer_of_zeros() {
        assert_eq!(judge(&run(0.3, 0.7)), None);
        let mut evidence = run(0.3, 0.7);
        evidence.add("weight/rms/layer6", (0..20).map(|step| (step, 0.0)));
        assert_eq!(judge(&evidence), None);
    }
}
