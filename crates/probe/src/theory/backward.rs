//! The gradient's way down: by how much delta changes from layer to layer.
//!
//! Mean field takes the weights that delta passes for independent of those that made z (Schoenholz et al., 2017,
//! section 4), so norms multiply:
//!
//! ```text
//! |W^T delta|^2 = n Var(W) |delta|^2               n the units below
//! |f'(z) g|^2   = E[f'(z)^2] |g|^2
//! |x + y|^2     = |x|^2 + |y|^2                    a skip connection and its branch
//! |delta|^2 / variance                             a normalisation; what it projects out is 1 / n
//! ```

use headwater_nn::Place;

use super::forward::State;
use super::mean_field::ln_sum;
use super::network::{Gains, LayerTheory, Skip};

/// The gradient in one layer, norms of whole layers over that of the network's output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delta {
    /// ln of the gradient of the layer's output.
    pub(super) ln_output: f64,
    /// ln |delta|, delta = dC/dy.
    pub(super) ln_norm: f64,
    pub(super) gains: Option<Gains>,
}

impl Delta {
    /// ln of the root mean square of delta over units.
    pub(super) fn ln_rms(&self, layer: &LayerTheory) -> f64 {
        self.ln_norm - 0.5 * (layer.fan_out as f64).ln()
    }
}

/// The gradient in every layer, first to last.
pub(super) fn pass(layers: &[LayerTheory], states: &[State]) -> Vec<Delta> {
    // What comes around a block, for the layer at which it begins.
    let mut around_output = vec![f64::NEG_INFINITY; layers.len()];
    let mut around_stream = around_output.clone();
    let mut deltas: Vec<Delta> = Vec::with_capacity(layers.len());
    for (index, (layer, state)) in layers.iter().zip(states).enumerate().rev() {
        let above = deltas.last().map(|above| (above.ln_norm, 0.5 * layers[index + 1].sigma_w2().ln()));
        let branch = above.map_or(0.0, |(delta, weight)| delta + weight);
        let dropout = -0.5 * (1.0 - layer.dropout).ln();
        let activation = 0.5 * state.moments.ln_slope_square;
        let norm = -0.5 * state.ln_norm_variance;
        let ln_output = ln_norm_sum(branch, around_output[index]);
        let at_z = ln_output + dropout + activation;
        let stream = ln_norm_sum(at_z + norm, around_stream[index]);
        let ln_norm = match layer.skip {
            None => stream,
            Some(Skip { source, place: Place::PreActivation, scale }) => {
                around_stream[source] = ln_norm_sum(around_stream[source], stream);
                stream + scale.abs().ln()
            }
            Some(Skip { source, place: Place::PostActivation, scale }) => {
                around_output[source] = ln_norm_sum(around_output[source], at_z);
                stream + scale.abs().ln()
            }
        };
        let gains = above.map(|(_, weight)| {
            let straight = branch + dropout + activation + norm;
            // Nothing came through a closed branch: whatever is here came around it.
            let skip = if ln_norm == straight { 0.0 } else { ln_norm - straight };
            Gains { weight, skip, dropout, activation, norm }
        });
        deltas.push(Delta { ln_output, ln_norm, gains });
    }
    deltas.reverse();
    deltas
}

/// ln |x + y| of two vectors at right angles, from ln |x| and ln |y|.
fn ln_norm_sum(x: f64, y: f64) -> f64 {
    0.5 * ln_sum(2.0 * x, 2.0 * y)
}
