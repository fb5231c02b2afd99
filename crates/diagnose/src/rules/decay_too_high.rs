//! Weights are pulled to zero faster than the gradient makes them grow.
//!
//! ## What it sees
//! In a network that does not learn, one of: a weight decay whose pull (decay times weight) is larger than the
//! gradient, in most records, in half of the layers and in the last one, where no gradient has vanished yet; a weight
//! decay that has shrunk all weights to less than a third; or, if the configuration does not mention decay, weights
//! that have shrunk to less than a third in all layers.
//!
//! ## Why it is bad
//! Decay is meant to be the weaker force. If it is the stronger one, it takes all weights to 0, and with them the
//! signal, delta, and what was learned.
//!
//! ## What to do
//! Use a decay of 1e-4, or none. With Adam, use decay that is separate from the gradient (`adamw`).
//!
//! ## Source and threshold
//! Krogh and Hertz, 1992; Loshchilov and Hutter, 2019. Pull and gradient balance where they are equal. At the start,
//! the pull of usual decays is a hundredth of that.

use headwater_probe::Measure;
use headwater_probe::tags::Quantity;

use crate::finding::{confidence, figure, range};
use crate::remedies::Remedies;
use crate::remedy::Remedy;
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
    ..Rule::of(judge)
};

/// The pull over the gradient.
const STRONGER: f64 = 1.0;
/// What is left of weights that nothing but decay takes away.
const LEFT: f64 = 0.3;
/// Records of the weights, at least.
const RECORDS: usize = 3;

/// A usual L2 penalty.
const USUAL: f64 = 1e-4;
/// What our `adamw` decays by if nothing else is said, and what is usual.
const USUAL_APART: f64 = 0.01;

/// How decay reaches the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Decay {
    /// Added to the gradient: a share of the weights.
    Added(f64),
    /// Apart from the gradient: this share times the learning rate goes in each step, if the rate is known.
    Apart { decay: f64, rate: Option<f64> },
}

impl Decay {
    fn of(evidence: &Evidence) -> Option<Self> {
        let config = evidence.config();
        let told = ["train.weight_decay", "weight_decay"].into_iter().find_map(|key| config.number(key));
        let told = told.filter(|decay| *decay > 0.0);
        let optimizer = config.get("train.optimizer").filter(|text| text.to_ascii_lowercase().contains("adamw"));
        // Ours adds `train.weight_decay` to the gradient whatever the optimizer is; its AdamW has one of its own.
        let (apart, added) = if config.is_ours() { (optimizer.map(own_decay), told) } else { (told, None) };
        match (optimizer, added) {
            (_, Some(decay)) => Some(Self::Added(decay)),
            (Some(_), None) => apart.map(|decay| Self::Apart { decay, rate: config.number("train.learning_rate") }),
            (None, None) => told.map(Self::Added),
        }
    }

    /// For each layer whose weights and comparison are known, the pull of the decay over that of the gradient.
    fn pulls(self, evidence: &Evidence) -> Vec<(usize, f64)> {
        let gradients = evidence.sizes_by_layer(Quantity::Gradient);
        let pull = |(layer, weight): (usize, &Series)| match self {
            Self::Added(decay) => {
                let gradient = gradients[layer]?;
                let ratios = weight.iter().filter_map(|(step, size)| Some(decay * size / gradient.at(step)?));
                Some((layer, median(ratios.filter(|ratio| ratio.is_finite()).collect())?))
            }
            // Of the step itself at most half of which is the gradient's.
            Self::Apart { decay, rate } => {
                Some((layer, 2.0 * decay * rate? / evidence.series(layer, Measure::UpdateRatio)?.median()?))
            }
        };
        evidence.sizes(Quantity::Weight).into_iter().filter_map(pull).collect()
    }

    /// The usual decay, or none if it is not larger than that.
    fn remedy(self, optimizer: Option<&str>) -> Remedy {
        let less = |decay: f64, usual: f64| if decay > usual { usual } else { 0.0 };
        match self {
            Self::Added(decay) => Remedy::LessWeightDecay(less(decay, USUAL)),
            Self::Apart { decay, .. } => {
                let known = arguments(optimizer.unwrap_or_default());
                let constants = match &known[..] {
                    [beta1, beta2, epsilon, _] => format!("{beta1}, {beta2}, {epsilon}"),
                    _ => "0.9, 0.999, 1e-8".to_owned(),
                };
                Remedy::LessAdamWDecay { constants, decay: less(decay, USUAL_APART) }
            }
        }
    }
}

/// The arguments of a call without names; none if they have names.
fn arguments(call: &str) -> Vec<&str> {
    let inside = call.split_once('(').map_or("", |(_, inside)| inside.trim_end_matches(')'));
    if inside.contains('=') { Vec::new() } else { inside.split(',').map(str::trim).collect() }
}

/// The decay of our `adamw(beta1, beta2, epsilon, weight_decay)`, with names or without.
fn own_decay(call: &str) -> f64 {
    let named = call.split(['(', ',', ')']).filter_map(|part| part.split_once('='));
    let named = named.filter(|(name, _)| name.trim() == "weight_decay").map(|(_, value)| value.trim()).next();
    let value = named.or_else(|| arguments(call).get(3).copied());
    value.map_or(USUAL_APART, |value| value.parse().unwrap_or(0.0))
}

/// What is left of each layer's weights.
fn shares_left(evidence: &Evidence) -> Vec<f64> {
    let left = |series: &Series| Some(series.last()?.1 / series.first()?.1);
    evidence.sizes(Quantity::Weight).iter().filter_map(|(_, series)| left(series)).collect()
}

struct Seen {
    layers: Vec<usize>,
    fact: Fact,
    records: usize,
    margin: f64,
}

/// Decay that is known and wins against the gradient. Over a gradient that vanished any decay wins, and is not to blame:
/// it must win in the last layer too, where the gradient is whole, or have shrunk all weights.
fn by_pull(evidence: &Evidence, decay: Decay) -> Option<Seen> {
    let weights = evidence.sizes(Quantity::Weight);
    let pulls = decay.pulls(evidence);
    let middle = median(pulls.iter().map(|(_, pull)| *pull).collect()).filter(|pull| *pull > STRONGER)?;
    let (_, last) = *pulls.last()?;
    let shrunk = shares_left(evidence).iter().all(|left| *left <= LEFT);
    if last <= STRONGER && !shrunk {
        return None;
    }
    let layers = pulls.iter().filter(|(_, pull)| *pull > STRONGER).map(|(layer, _)| *layer).collect();
    let fact = Fact::new("decay times weight, over the gradient, median", middle).beyond(STRONGER);
    Some(Seen { layers, fact, records: weights.first()?.1.len(), margin: middle })
}

/// Weights that go to zero in all layers.
fn by_weights(evidence: &Evidence) -> Option<Seen> {
    let weights = evidence.sizes(Quantity::Weight);
    let shares = shares_left(evidence);
    let most = shares.iter().copied().max_by(f64::total_cmp)?;
    let records = weights.iter().map(|(_, series)| series.len()).min()?;
    if shares.len() < 2 || most.is_nan() || most > LEFT || records < RECORDS {
        return None;
    }
    let fact = Fact::new("what is left of the weights, at most", most).beyond(LEFT);
    Some(Seen { layers: weights.iter().map(|(layer, _)| *layer).collect(), fact, records, margin: LEFT / most })
}

fn judge(evidence: &Evidence) -> Option<Finding> {
    if evidence.learned() != Some(false) {
        return None;
    }
    let config = evidence.config();
    let decay = Decay::of(evidence);
    let Seen { layers, fact, records, margin } = match decay {
        Some(decay) => by_pull(evidence, decay)?,
        // Our configuration names every decay that there is.
        None if config.is_ours() => return None,
        None => by_weights(evidence)?,
    };
    let severity = if evidence.is_lost() { Severity::Error } else { Severity::Warning };
    let mut finding = Finding::new(evidence, severity, Cause::Regularisation);
    finding.layers = layers.into_iter().map(|layer| evidence.name(layer).to_owned()).collect();
    finding.confidence = confidence(records, margin);
    finding.summary = match decay {
        Some(_) => format!(
            "weight decay pulls at {} {} times as strongly as the gradient",
            range(&finding.layers),
            figure(margin)
        ),
        None => {
            format!("the weights of {} shrink to {} of what they were", range(&finding.layers), figure(LEFT / margin))
        }
    };
    finding.evidence = vec![fact];
    let remedy = match decay {
        Some(decay) => decay.remedy(config.get("train.optimizer")),
        None => Remedy::LessWeightDecay(USUAL),
    };
    finding.remedies = Remedies::of(evidence).then(remedy).list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(config: &str, shrink: f64) -> Option<Finding> {
        let mut evidence = Evidence::new("run");
        evidence.configure(config);
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in ["layer1", "layer2"] {
            evidence
                .add(&format!("weight/rms/{layer}"), (0..20).map(|step| (step, 0.2 * f64::powi(shrink, step as i32))));
            evidence.add(&format!("gradient/rms/{layer}"), (0..20).map(|step| (step, 0.01)));
        }
        judge(&evidence)
    }

    #[test]
    fn decay_that_is_stronger_than_the_gradient_is_found_and_a_usual_one_is_not() {
        assert_eq!(run("[train]\nweight_decay = 0.5", 1.0).unwrap().layers, ["layer1", "layer2"]);
        assert_eq!(run("[train]\nweight_decay = 1e-4", 1.0), None);
    }

    #[test]
    fn without_a_configuration_weights_that_are_gone_tell_it() {
        assert!(run("", 0.9).is_some());
        assert_eq!(run("", 0.99), None);
        assert_eq!(run("[network]\nactivation = 'relu'", 0.9), None);
    }

    #[test]
    fn over_a_gradient_that_vanished_any_decay_wins_and_is_not_to_blame() {
        let starved = |last: f64| {
            let mut evidence = Evidence::new("run");
            evidence.configure("[network]\nactivation = 'sigmoid'\n[train]\nweight_decay = 1e-4");
            evidence.add("loss", (0..20).map(|step| (step, 2.3)));
            for (layer, gradient) in [("layer1", 1e-14), ("layer2", 1e-10), ("layer3", 1e-6), ("layer4", last)] {
                evidence.add(&format!("weight/rms/{layer}"), (0..20).map(|step| (step, 0.2)));
                evidence.add(&format!("gradient/rms/{layer}"), (0..20).map(move |step| (step, gradient)));
            }
            judge(&evidence)
        };
        assert_eq!(starved(0.01), None);
        // No smaller decay is left to advise but none.
        assert_eq!(starved(1e-6).unwrap().remedies[0].set.as_deref(), Some("train.weight_decay=0"));
    }

    /// A network whose steps are all this share of its weights.
    fn adamw(config: &str, ratio: f64) -> Option<Finding> {
        let mut evidence = Evidence::new("run");
        evidence.configure(config);
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in ["layer1", "layer2"] {
            evidence.add(&format!("weight/rms/{layer}"), (0..20).map(|step| (step, 0.2)));
            evidence.add(&format!("gradient/rms/{layer}"), (0..20).map(|step| (step, 1e-6)));
            evidence.add(&format!("update_ratio/{layer}"), (0..20).map(|step| (step, ratio)));
        }
        judge(&evidence)
    }

    #[test]
    fn decay_apart_from_the_gradient_is_held_against_the_step_however_its_optimizer_is_spelt() {
        for name in ["AdamW", "torch.optim.AdamW", "adamw"] {
            assert_eq!(adamw(&format!("optimizer: {name}\nweight_decay: 0.01\nlr: 0.001"), 0.003), None, "{name}");
        }
        assert!(adamw("optimizer: Adam\nweight_decay: 0.01\nlr: 0.001", 0.003).is_some());
    }

    #[test]
    fn the_decay_of_adamw_is_what_is_to_be_set() {
        for call in ["adamw(0.8, 0.999, 1e-8, 100)", "adamw(weight_decay = 100)"] {
            let beta = if call.contains('=') { 0.9 } else { 0.8 };
            let config = format!(
                "[network]\nactivation = 'relu'\n[train]\nlearning_rate = 1e-3\nweight_decay = 0.0\noptimizer = '{call}'"
            );
            let set = adamw(&config, 0.1).unwrap().remedies[0].set.clone();
            assert_eq!(set.unwrap(), format!("train.optimizer=adamw({beta}, 0.999, 1e-8, 0.01)"));
        }
    }
}
