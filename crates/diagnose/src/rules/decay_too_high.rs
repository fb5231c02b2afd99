//! Weights are pulled to zero faster than the gradient makes them grow.
//!
//! ## What it sees
//! In a network that does not learn: a weight decay whose pull, decay times weight, is larger than the gradient in half of
//! the layers, in most records; or, where the configuration says nothing, weights of which less than a third is left in all
//! layers.
//!
//! ## Why it is bad
//! Decay is meant to be the weaker force. As the stronger one it takes all weights to 0, and with them the signal, delta,
//! and what was learned.
//!
//! ## What to do
//! A decay of 1e-4, or none; with Adam, decay that is apart from the gradient (`adamw`).
//!
//! ## Source and threshold
//! Krogh and Hertz, 1992; Loshchilov and Hutter, 2019. Pull and gradient balance where they are equal; usual decays are a
//! hundredth of that at the start.

use headwater_probe::foreign::Measure;
use headwater_probe::tags::Quantity;

use crate::finding::{confidence, figure, range};
use crate::remedy::Remedies;
use crate::series::median;
use crate::{Cause, Evidence, Fact, Finding, Severity};

/// The pull over the gradient.
const STRONGER: f64 = 1.0;
/// What is left of weights that nothing but decay takes away.
const LEFT: f64 = 0.3;
/// Records of the weights, at least.
const RECORDS: usize = 3;

pub(super) fn judge(evidence: &Evidence) -> Option<Finding> {
    if evidence.learned() != Some(false) {
        return None;
    }
    let weights = evidence.sizes(Quantity::Weight);
    let config = evidence.config();
    // AdamW's decay goes to the weights apart from the gradient; the pull is then held against the whole step.
    let apart = config
        .get("train.optimizer")
        .and_then(|text| text.strip_prefix("adamw(")?.trim_end_matches(')').split(',').nth(3)?.trim().parse().ok());
    let apart = apart.zip(config.number("train.learning_rate")).map(|(decay, rate): (f64, f64)| decay * rate);
    let decay = ["train.weight_decay", "weight_decay"].into_iter().find_map(|key| config.number(key)).or(apart);
    let (layers, fact, records, margin) = match decay {
        Some(decay) => {
            let pull = |layer: usize| {
                if apart == Some(decay) {
                    // Of the step itself at most half of which is the gradient's.
                    return Some(2.0 * decay / evidence.series(layer, Measure::UpdateRatio)?.median()?);
                }
                let (weight, gradient) =
                    (evidence.size(layer, Quantity::Weight)?, evidence.size(layer, Quantity::Gradient)?);
                let ratios = weight.iter().filter_map(|(step, size)| Some(decay * size / gradient.at(step)?));
                median(ratios.filter(|ratio| ratio.is_finite()).collect())
            };
            let pulls: Vec<(usize, f64)> =
                weights.iter().filter_map(|(layer, _)| Some((*layer, pull(*layer)?))).collect();
            let middle = median(pulls.iter().map(|(_, pull)| *pull).collect()).filter(|pull| *pull > STRONGER)?;
            let layers = pulls.iter().filter(|(_, pull)| *pull > STRONGER).map(|(layer, _)| *layer).collect::<Vec<_>>();
            let fact = Fact::new("decay times weight, over the gradient, median", middle).beyond(STRONGER);
            (layers, fact, weights.first()?.1.len(), middle)
        }
        // Our configuration names every decay that there is.
        None if config.is_ours() => return None,
        None => {
            let left = |series: &crate::Series| Some(series.last()?.1 / series.first()?.1);
            let shares: Vec<f64> = weights.iter().filter_map(|(_, series)| left(series)).collect();
            let most = shares.iter().copied().max_by(f64::total_cmp)?;
            let records = weights.iter().map(|(_, series)| series.len()).min()?;
            if shares.len() < 2 || most.is_nan() || most > LEFT || records < RECORDS {
                return None;
            }
            let layers = weights.iter().map(|(layer, _)| *layer).collect();
            (layers, Fact::new("what is left of the weights, at most", most).beyond(LEFT), records, LEFT / most)
        }
    };
    let severity = if evidence.guesses() == Some(true) { Severity::Error } else { Severity::Warning };
    let mut finding = Finding::new("decay_too_high", evidence, severity, Cause::Regularisation);
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
    finding.remedies = Remedies::of(evidence).set("train.weight_decay", "1e-4", "less weight decay: 1e-4").list();
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
}
