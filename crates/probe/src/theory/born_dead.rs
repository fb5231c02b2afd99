//! Units and networks that are dead before the first step.

use headwater_nn::{Activation, Norm, Place};

use super::forward::State;
use super::gaussian::Normal;
use super::network::LayerTheory;

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The last integral of [`dead_units`], with its samples, correlation and shift. In deep networks these converge, and then the
/// integral need not be computed again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LastShare(Option<Known>);

#[derive(Debug, Clone, Copy)]
struct Known {
    samples: usize,
    common: f64,
    mean: f64,
    share: f64,
}

/// Correlations and shifts that differ by less than this have the same result to seven digits.
const SAME: f64 = 1e-9;

/// The expected share of units whose f' is 0 for all of `samples` samples.
///
/// Of samples of equal correlation c, z is a part common to all, of variance c q, and a part of each its own; given the
/// first, the second are independent.
pub(super) fn dead_units(layer: &LayerTheory, state: &State, samples: usize, last: &mut LastShare) -> Option<f64> {
    match layer.activation {
        Activation::Relu | Activation::LeakyRelu { slope: 0.0 } => {}
        Activation::HardTanh => return None,
        _ => return Some(0.0),
    }
    if layer.norm == Some(Norm::Batch) && layer.skip.is_none() && samples > 1 {
        // A unit of mean 0 over the batch is positive for some sample.
        return Some(0.0);
    }
    let common = state.z.correlation.clamp(0.0, 1.0);
    let mean = state.z.shift;
    let own = (1.0 - common).sqrt();
    if own < 1e-6 {
        return Some(normal_cdf(-mean));
    }
    let power = samples as f64;
    if common == 0.0 {
        return Some(normal_cdf(-mean).powf(power));
    }
    let near = |a: f64, b: f64| (a - b).abs() < SAME;
    let is_known = |known: &Known| known.samples == samples && near(known.common, common) && near(known.mean, mean);
    if let Some(known) = last.0.filter(is_known) {
        return Some(known.share);
    }
    let shift = Normal { mean: mean / own, deviation: common.sqrt() / own, cuts: &[] };
    let [share] = shift.expect(|_, z| [normal_cdf(-z).powf(power)]);
    last.0 = Some(Known { samples, common, mean, share });
    Some(share)
}

/// The probability that, for one input, all units of some layer of rectifiers are negative.
///
/// With biases of mean 0 a unit is negative with probability 1/2, whatever the layers below, so of layers of N units
/// each that is 1 - (1 - 2^-N)^L (Lu et al., 2019, of networks of one input without biases).
pub(super) fn dead_network(layers: &[LayerTheory], states: &[State]) -> f64 {
    let ln_alive = |(layer, state): (&LayerTheory, &State)| {
        let rectifier = matches!(layer.activation, Activation::Relu | Activation::LeakyRelu { slope: 0.0 });
        // A unit's sign after normalisation depends on the others' or on the batch.
        if !rectifier || layer.norm.is_some() {
            return 0.0;
        }
        (-normal_cdf(-state.z.shift).powf(layer.fan_out as f64)).ln_1p()
    };
    // How many more skip connections go around a layer's f than around the f of the layer before.
    let mut opening = vec![0_isize; layers.len() + 1];
    for (end, skip) in layers.iter().enumerate().filter_map(|(end, layer)| Some((end, layer.skip?))) {
        opening[if skip.place == Place::PreActivation { skip.source } else { skip.source + 1 }] += 1;
        opening[end] -= 1;
    }
    let around = opening.iter().scan(0, |around, opening| {
        *around += opening;
        Some(*around)
    });
    let closed = layers.iter().zip(states).zip(around).filter(|(_, around)| *around == 0);
    let sum: f64 = closed.map(|(pair, _)| ln_alive(pair)).sum();
    -sum.exp_m1()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use headwater_nn::Initialiser;

    use super::super::forward;
    use super::super::network::Input;
    use super::*;

    #[test]
    fn a_share_that_is_known_for_one_number_of_samples_is_not_taken_for_another() {
        let (weights, biases) = (Initialiser::HeNormal, Initialiser::Zeros);
        let layers = [LayerTheory::dense(10, 10, Activation::Relu, weights, biases).unwrap()];
        let input = Input { mean_square: 1.0, correlation: 0.5, samples: 2, directions: 2 };
        let states = forward::pass(input, &layers, &AtomicBool::new(false)).unwrap();
        let mut last = LastShare::default();
        let mut of = |samples| dead_units(&layers[0], &states[0], samples, &mut last);
        let (few, many) = (of(2), of(100));
        assert_eq!(many, dead_units(&layers[0], &states[0], 100, &mut LastShare::default()));
        assert!(many < few, "{many:?} of {few:?}");
    }
}
