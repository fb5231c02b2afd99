//! How far one draw of the weights strays from the mean over draws, to first order in 1 / width.
//!
//! Given the layers above, the squared norm of delta over the one above's is a mean over the n units of a layer of f'^2
//! times the square of a normal variable: its relative variance is (3 E[f'^4] / E[f'^2]^2 - 1) / n, which is 5 / n for
//! rectifiers (Hanin, 2018; Hanin and Nica, 2019: the variance of ln |J|^2 is near 5 times the sum of 1 / n) and 2 / n
//! for a linear layer. To that comes, where f' depends on the size of z, the spread of q itself: each layer's q is a mean
//! over the units below. An orthogonal matrix keeps the length of what it multiplies, which takes the length's share
//! out of both.
//!
//! Over a batch whose deltas have K directions, K squares of normal variables are averaged for each unit, with f' of as
//! many samples. On the way down the K directions turn towards each other, as the columns of a product of random
//! matrices do: 1 / K grows by about 1 / n a layer.

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
    let noises: Vec<Noise> = Noise::of(layers, states, &alignments(layers, states, directions)).collect();
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

/// 1 / K in every layer, first to last: the mean of cos^2 between the deltas of two samples, taken with themselves.
fn alignments(layers: &[LayerTheory], states: &[State], directions: usize) -> Vec<f64> {
    let mut alignment = 1.0 / directions as f64;
    let mut alignments = vec![alignment];
    for index in (0..layers.len() - 1).rev() {
        // An orthogonal matrix keeps angles; slopes that samples share do not.
        let kept = if layers[index + 1].orthogonal { 1.0 } else { 0.0 };
        let turned = (states[index].pair.slope_squares - kept) / layers[index].fan_out as f64;
        alignment = (alignment + (1.0 - alignment) * turned).clamp(0.0, 1.0);
        alignments.push(alignment);
    }
    alignments.reverse();
    alignments
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
    fn of(layers: &[LayerTheory], states: &[State], alignments: &[f64]) -> impl Iterator<Item = Self> {
        layers.windows(2).zip(states.windows(2)).zip(&alignments[1..]).map(|((layers, states), alignment)| {
            let (above, moments) = (&layers[1], &states[0].moments);
            let share = states[1].signal_share;
            let units = layers[0].fan_out as f64;
            let (exponent, slope_exponent) = (moments.exponent, moments.slope_exponent);
            // z has no spread of length of its own if an orthogonal matrix made it.
            let length = if layers[0].orthogonal { 2.0 } else { 0.0 };
            let outputs = above.fan_out as f64;
            // The lengths of two samples' z, squares, have correlation c^2.
            let shared = alignment + (1.0 - alignment) * states[0].z.correlation.powi(2);
            // One sample's f' and normal variable squared with themselves, or two samples' with each other.
            let slopes = 3.0 * alignment * moments.slope_kurtosis + (1.0 - alignment) * states[0].pair.slope_squares;
            let delta = slopes - 1.0 - length * shared * slope_exponent.powi(2);
            let delta = if above.orthogonal {
                let random = 2.0 * alignment;
                // More columns than rows: what is left of delta in a random subspace has a Beta distribution.
                let projection = (random * (outputs - units) / (units * (outputs + 2.0))).max(0.0);
                (delta - random) / (units + 2.0) + projection
            } else {
                delta / units
            };
            Self {
                delta: delta.max(0.0),
                q: shared * share.powi(2) * (moments.kurtosis - 1.0 - length * exponent.powi(2)).max(0.0) / units,
                both: shared * share * (moments.joint - 1.0 - length * exponent * slope_exponent) / units,
                persistence: share * exponent,
            }
        })
    }
}
