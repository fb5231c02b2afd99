//! The inputs are far from the size that the weights expect.
//!
//! ## What it sees
//! Inputs whose root mean square is over 10, as estimated from the first record: a layer's weight gradient over its
//! delta is proportional to the size of its inputs, and the inputs of the second layer, the first one's activations,
//! are known. If deltas were not recorded, the estimate is the weight gradient over the bias gradient, the median over
//! all records.
//!
//! ## Why it is bad
//! Pre-activations of the first layer are too large by the same factor. Sigmoids saturate, losses explode, and a
//! learning rate that suits the first layer starves the others.
//!
//! ## What to do
//! Scale inputs to mean 0 and variance 1, or to [0, 1].
//!
//! ## Source and threshold
//! LeCun et al., 1998, section 4.3. 10 lies between scaled data (at most about 3) and pixels in 0..255 (about 80). The
//! estimate is good to a factor of 3.

use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::finding::{confidence, figure};
use crate::remedies::Remedies;
use crate::remedy::Remedy;
use crate::series::median;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &[
        "bad_init",
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
    ..Rule::of(judge)
};

/// Root mean square of the inputs.
const LARGE: f64 = 10.0;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let estimate = size_of_inputs(evidence)?;
    let step = evidence.steps()?.0;
    let rms = |layer: usize, quantity| {
        let value = evidence.series(layer, Measure::Statistic(quantity, Statistic::Rms))?.at(step)?;
        (value.is_finite() && value > 0.0).then_some(value)
    };
    if estimate < LARGE {
        return None;
    }
    // Even a network that learns learns less: the first layer's rate suits no other.
    let severity = if evidence.is_lost() { Severity::Error } else { Severity::Warning };
    let first = evidence.name(0);
    let mut finding = Finding::new(evidence, severity, Cause::Data);
    finding.layers = vec![first.to_owned()];
    finding.confidence = confidence(1, estimate / LARGE);
    finding.summary = format!("the inputs are about {} in size, where about 1 is expected", figure(estimate));
    finding.evidence =
        vec![Fact::new("root mean square of the inputs, estimated", estimate).of(first).at(step).beyond(LARGE)];
    if let Some(z) = rms(0, Quantity::Preactivation) {
        finding.evidence.push(Fact::new("root mean square of the pre-activations", z).of(first).at(step));
    }
    finding.remedies = Remedies::of(evidence).then(Remedy::ScaledInputs).norm().list();
    Some(finding)
}

/// Root mean square of the inputs, estimated from the first record.
pub(super) fn size_of_inputs(evidence: &Evidence) -> Option<f64> {
    if evidence.count() < 2 {
        return None;
    }
    let step = evidence.steps()?.0;
    let rms = |layer: usize, quantity| {
        let value = evidence.series(layer, Measure::Statistic(quantity, Statistic::Rms))?.at(step)?;
        (value.is_finite() && value > 0.0).then_some(value)
    };
    // Where all weights are equal, all inputs of a unit say the same, and no layer tells of another.
    let extreme = |statistic| evidence.series(1, Measure::Statistic(Quantity::Weight, statistic))?.at(step);
    if extreme(Statistic::Min).is_some_and(|least| extreme(Statistic::Max) == Some(least)) {
        return None;
    }
    // dC/dW = x^T delta. Where deltas of samples add up or cancel, they do so alike in both layers.
    let inputs_by = |layer| Some(rms(layer, Quantity::Gradient)? / rms(layer, Quantity::Delta)?);
    let by_delta = || Some(inputs_by(0)? / inputs_by(1)? * rms(0, Quantity::Activation)?);
    // So it is with the gradient of the bias, which is the sum of delta: inputs of 1 would have the same.
    let by_bias = || {
        let measure = Measure::Statistic(Quantity::Gradient, Statistic::Rms);
        let (weights, bias) = (evidence.series(0, measure)?, evidence.bias(0, measure)?);
        let ratios: Vec<f64> = weights
            .iter()
            .filter_map(|(step, weight)| Some(weight / bias.at(step).filter(|bias| *bias > 0.0)?))
            .filter(|ratio| ratio.is_finite())
            .collect();
        median(ratios)
    };
    by_delta().or_else(by_bias)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_up_to_255_are_found_and_pixels_up_to_1_are_not() {
        let judged = |size: f64| {
            let mut evidence = Evidence::new("run");
            for (tag, value) in [("delta/rms", 0.01), ("activation/rms", 0.4)] {
                evidence.add(&format!("{tag}/layer1"), [(0, value)]);
                evidence.add(&format!("{tag}/layer2"), [(0, value)]);
            }
            evidence.add("gradient/rms/layer1", [(0, 0.01 * size)]);
            evidence.add("gradient/rms/layer2", [(0, 0.01 * 0.4)]);
            judge(&evidence)
        };
        assert!(judged(85.0).is_some());
        assert_eq!(judged(0.33), None);
    }

    #[test]
    fn inputs_are_to_be_scaled_by_a_setting_in_our_own_runs_and_in_words_in_others() {
        let advised = |config: &str| {
            let mut evidence = Evidence::new("run");
            evidence.configure(config);
            for layer in ["layer1", "layer2"] {
                evidence.add(&format!("delta/rms/{layer}"), [(0, 0.01)]);
                evidence.add(&format!("activation/rms/{layer}"), [(0, 0.4)]);
            }
            evidence.add("gradient/rms/layer1", [(0, 0.85)]);
            evidence.add("gradient/rms/layer2", [(0, 0.004)]);
            judge(&evidence).unwrap().remedies.remove(0)
        };
        let own = advised("[network]\nactivation = 'relu'\n[data]\nscale = 'none'");
        assert_eq!(own.set.as_deref(), Some("data.scale=standardise"));
        let foreign = advised("lr: 0.1");
        assert!(foreign.set.is_none() && foreign.advice.contains("mean 0 and variance 1"), "{foreign:?}");
        // Inputs that are already scaled need another remedy.
        let scaled = advised("[network]\nactivation = 'relu'\n[data]\nscale = 'standardise'");
        assert_eq!(scaled.set.as_deref(), Some("network.norm=batch"));
    }
}
