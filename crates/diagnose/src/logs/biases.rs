//! What biases tell of the layers they belong to: how many units there are, and whether anything comes from below.

use headwater_probe::Measure;
use headwater_probe::foreign::{self, Place};
use headwater_probe::tags::{Quantity, Statistic};

use crate::{Evidence, Series};

/// Where a tag would stand if it were not of a layer's bias but of its weights.
pub(super) fn of_bias(tag: &str) -> Option<Place> {
    ["biases", "bias"].iter().find_map(|word| {
        let at = tag.rfind(word)?;
        let after = tag[at + word.len()..].chars().next();
        // "unbiased" and "bias_ih_l0" are something else.
        let is_word = after.is_none_or(|letter| "/.:_'".contains(letter)) && !tag[at..].starts_with("bias_ih");
        let plural = if *word == "biases" { "weights" } else { "weight" };
        is_word.then(|| foreign::read(&format!("{}{plural}{}", &tag[..at], &tag[at + word.len()..]))).flatten()
    })
}

/// A weight gradient that is exactly 0 where that of the bias is not is the work of inputs that are all 0: the units of the
/// layer below are dead.
pub(super) fn dead_below(evidence: &mut Evidence) {
    let measures = [
        Measure::Statistic(Quantity::Gradient, Statistic::Rms),
        Measure::Norm(Quantity::Gradient),
        Measure::Whole(Quantity::Gradient),
    ];
    let mut found: Vec<(usize, Series)> = Vec::new();
    for layer in 1..evidence.count() {
        let known = evidence.series(layer - 1, Measure::DeadUnits).is_some();
        for measure in measures.iter().filter(|_| !known) {
            let (Some(weights), Some(bias)) = (evidence.series(layer, *measure), evidence.bias(layer, *measure)) else {
                continue;
            };
            let dead = |(step, weight): (i64, f64)| {
                let bias = bias.at(step)?;
                Some((step, f64::from(u8::from(weight == 0.0 && bias > 0.0))))
            };
            let shares: Series = weights.iter().filter_map(dead).collect();
            if shares.iter().any(|(_, share)| share > 0.0) {
                found.push((layer - 1, shares));
                break;
            }
        }
    }
    for (layer, shares) in found {
        let layer = evidence.name(layer).to_owned();
        evidence.take_at(&layer, Measure::DeadUnits, "", shares.iter());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_of_a_bias_is_known() {
        let layer = |tag| of_bias(tag).map(|place| place.layer);
        assert_eq!(layer("layers.0.bias").as_deref(), Some("layers.0"));
        assert_eq!(layer("layers.0.bias.grad").as_deref(), Some("layers.0"));
        assert_eq!(layer("sequential/dense/bias/histogram").as_deref(), Some("sequential/dense"));
        assert_eq!(layer("layer1/biases/summaries/histogram").as_deref(), Some("layer1"));
        assert_eq!(layer("loss/unbiased"), None);
        assert_eq!(layer("layers.0.weight"), None);
    }

    #[test]
    fn a_layer_whose_bias_alone_gets_a_gradient_stands_above_dead_units() {
        let mut evidence = Evidence::new("run");
        for (layer, gradient) in [("fc1", 0.0), ("fc2", 0.0), ("fc3", 0.0), ("fc4", 0.1)] {
            evidence.add(&format!("grad_norm/{layer}"), (0..5).map(|step| (step, gradient)));
            let bias = if layer == "fc1" || layer == "fc2" { 0.0 } else { 0.1 };
            evidence.take_bias(&of_bias(&format!("grad_norm/{layer}.bias")).unwrap(), (0..5).map(|step| (step, bias)));
        }
        dead_below(&mut evidence);
        let dead = |layer| evidence.series(layer, Measure::DeadUnits).is_some();
        assert_eq!([dead(0), dead(1), dead(2), dead(3)], [false, true, false, false]);
    }
}
