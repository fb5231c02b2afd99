//! NaN or infinity.
//!
//! ## What it sees
//! A loss that is NaN or infinite, or a tensor of a layer with such numbers in it. The finding names the layer and the
//! quantity that had them first.
//!
//! ## Why it is bad
//! One NaN spreads to all weights with the next update. From then on the network computes nothing.
//!
//! ## What to do
//! Use a smaller learning rate, clip the gradient's norm, or warm up. If it is there from the start, look at the data
//! and the initial weights. The weights from before the first such step are still good.
//!
//! ## Source and threshold
//! A single such number is enough. For overflow and underflow of f32: Goodfellow, Bengio and Courville, 2016, section
//! 4.1.

use headwater_probe::foreign::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::finding::confidence;
use crate::remedy::Remedies;
use crate::{Cause, Evidence, Fact, Finding, Severity};

pub(super) fn judge(evidence: &Evidence) -> Option<Finding> {
    let mut seen: Vec<(i64, Option<usize>, String, f64)> = Vec::new();
    for (series, what) in [
        (&evidence.loss, "loss"),
        (&evidence.validation_loss, "validation loss"),
        (&evidence.gradient_norm, "norm of the gradient"),
    ] {
        seen.extend(series.first_not_finite().map(|(step, value)| (step, None, what.to_owned(), value)));
    }
    for layer in 0..evidence.count() {
        for quantity in Quantity::ALL {
            for statistic in [Statistic::Nans, Statistic::Infinities] {
                let series = evidence.series(layer, Measure::Statistic(quantity, statistic));
                let first = series.and_then(|series| series.iter().find(|(_, count)| *count > 0.0));
                seen.extend(
                    first.map(|(step, count)| (step, Some(layer), format!("{statistic} in its {quantity}"), count)),
                );
            }
        }
    }
    for quantity in Quantity::ALL {
        for (layer, series) in evidence.sizes(quantity) {
            let first = series.first_not_finite();
            seen.extend(first.map(|(step, value)| (step, Some(layer), quantity.to_string(), value)));
        }
    }
    seen.sort_by_key(|(step, layer, ..)| (*step, layer.is_none(), *layer));
    let (step, layer, what, value) = seen.first()?.clone();
    // The first record may well be one of many steps, or of an epoch.
    let from_the_start =
        evidence.steps().is_some_and(|(first, _)| first == step) && step <= 1 && !evidence.counts_epochs();
    let cause = if from_the_start { Cause::Data } else { Cause::LearningRate };
    let mut finding = Finding::new("not_finite", evidence, Severity::Error, cause);
    finding.first_step = step;
    finding.confidence = confidence(evidence.loss.len().max(10), f64::INFINITY);
    let fact = Fact::new(&what, value).at(step);
    let place = layer.map_or_else(|| "the network".to_owned(), |layer| evidence.name(layer).to_owned());
    finding.summary = format!("NaN or infinity at step {step}, first seen in {place}: {what}");
    finding.evidence = vec![if layer.is_some() { fact.of(&place) } else { fact }];
    finding.layers = layer.map(|_| place).into_iter().collect();
    let remedies = Remedies::of(evidence);
    finding.remedies = if from_the_start {
        remedies.say("look for NaN, infinities and huge values in the data").init().learning_rate(0.1).list()
    } else {
        let clipped = remedies.learning_rate(0.1).clip();
        clipped.warmup().list()
    };
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_that_had_it_first_is_named() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", [(0, 2.0), (1, 1.0), (2, f64::NAN)]);
        evidence.add("activation/infinities/layer2", [(1, 3.0)]);
        evidence.add("delta/nans/layer1", [(2, 3.0)]);
        let finding = judge(&evidence).unwrap();
        assert_eq!((finding.first_step, finding.layers), (1, vec!["layer2".to_owned()]));
        let mut healthy = Evidence::new("run");
        healthy.add("loss", [(0, 2.0), (1, 1e30)]);
        assert_eq!(judge(&healthy), None);
    }
}
