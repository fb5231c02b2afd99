//! How far one draw of the weights strays from the mean over draws, to first order in 1 / width.
//!
//! Given the layers above, the squared norm of delta over the one above's is a mean over the n units of a layer of f'^2
//! times the square of a normal variable: its relative variance is (3 E[f'^4] / E[f'^2]^2 - 1) / n, 5 / n for `ReLU` (Hanin, 2018;
//! Hanin and Nica, 2019: the variance of ln |J|^2 is near 5 times the sum of 1 / n) and 2 / n for a linear layer. To
//! that comes, where f' depends on the size of z, the spread of q itself: each layer's q is a mean over the units below.
//! Over a batch whose deltas lie in K directions, the squares of K normal variables are averaged: 3 becomes 1 + 2 / K.
//! (All samples are taken to share their f'; where they are little alike that, too, is averaged.)
//! An orthogonal matrix keeps the length of what it multiplies, which takes the length's share out of both.

use super::forward::State;
use super::network::LayerTheory;

/// The standard deviation over draws of ln |delta| of each layer over the last layer's. None where a layer has
/// normalisation, dropout or a skip connection, for which it has not been worked out.
pub(super) fn deviations(layers: &[LayerTheory], states: &[State], directions: usize) -> Option<Vec<f64>> {
    if layers.iter().any(|layer| layer.norm.is_some() || layer.skip.is_some() || layer.dropout > 0.0) {
        return None;
    }
    // Relative variance of q in each layer; the input is given, so there is none in the first.
    let mut q_variances = vec![0.0];
    let noises: Vec<Noise> = Noise::of(layers, states, directions).collect();
    for (index, noise) in noises.iter().enumerate() {
        q_variances.push(noise.persistence.powi(2) * q_variances[index] + noise.q);
    }
    // Downwards: how ln |delta|^2 of all layers from here to the last but one depends on ln q here.
    let mut sensitivity_above = 0.0;
    let mut sum = 0.0;
    let mut deviations = vec![0.0];
    for (index, noise) in noises.iter().enumerate().rev() {
        sum += noise.delta + 2.0 * sensitivity_above * noise.both + sensitivity_above.powi(2) * noise.q;
        let sensitivity = states[index].moments.slope_exponent + noise.persistence * sensitivity_above;
        deviations.push(0.5 * (sum + sensitivity.powi(2) * q_variances[index]).max(0.0).sqrt());
        sensitivity_above = sensitivity;
    }
    deviations.reverse();
    Some(deviations)
}

/// Relative variances that come in between a layer and the one above, from the layer's finite number of units.
struct Noise {
    /// Of |delta|^2 of the layer over the layer above's.
    delta: f64,
    /// Of q of the layer above.
    q: f64,
    /// Covariance of the two.
    both: f64,
    /// How much of a deviation of ln q comes through to the layer above.
    persistence: f64,
}

impl Noise {
    fn of(layers: &[LayerTheory], states: &[State], directions: usize) -> impl Iterator<Item = Self> {
        let random = 2.0 / directions as f64;
        layers.windows(2).zip(states.windows(2)).map(move |(layers, states)| {
            let (above, moments) = (&layers[1], &states[0].moments);
            let share = states[1].signal_share;
            let units = layers[0].fan_out as f64;
            let (exponent, slope_exponent) = (moments.exponent, moments.slope_exponent);
            // z has no spread of length of its own if an orthogonal matrix made it.
            let length = if layers[0].orthogonal { 2.0 } else { 0.0 };
            let outputs = above.fan_out as f64;
            let delta = (1.0 + random) * moments.slope_kurtosis - 1.0 - length * slope_exponent.powi(2);
            let delta = if above.orthogonal {
                // More columns than rows: what is left of delta in a random subspace has a Beta distribution.
                let projection = (random * (outputs - units) / (units * (outputs + 2.0))).max(0.0);
                (delta - random) / (units + 2.0) + projection
            } else {
                delta / units
            };
            Self {
                delta: delta.max(0.0),
                q: share.powi(2) * (moments.kurtosis - 1.0 - length * exponent.powi(2)).max(0.0) / units,
                both: share * (moments.joint - 1.0 - length * exponent * slope_exponent) / units,
                persistence: share * exponent,
            }
        })
    }
}
