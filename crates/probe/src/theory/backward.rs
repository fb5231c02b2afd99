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

use super::forward::State;
use super::mean_field::ln_sum;
use super::network::{Gains, LayerTheory, Skip};

/// The gradient in one layer, norms of whole layers over |dC/da| of the last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delta {
    /// ln |dC/da|, a the layer's output.
    pub(super) ln_output: f64,
    /// ln |delta|.
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
    let last = layers.len() - 1;
    let ln_slope = |index: usize| 0.5 * states[index].moments.ln_slope_square + layers[index].output_scale().abs().ln();
    let ln_dropout = |index: usize| -0.5 * (1.0 - layers[index].dropout).ln();
    let mut delta = Delta { ln_output: 0.0, ln_norm: ln_slope(last) + ln_dropout(last), gains: None };
    let mut deltas = vec![delta];
    for index in (0..last).rev() {
        let above = &layers[index + 1];
        let norm = -0.5 * states[index + 1].ln_norm_variance;
        let mut weight = 0.5 * above.sigma_w2().ln();
        if let Some(Skip::Preactivation { scale }) = above.skip {
            weight += scale.abs().ln();
        }
        let branch = delta.ln_norm + norm + weight;
        let (dropout, activation) = (ln_dropout(index), ln_slope(index));
        let (ln_output, ln_norm, skip) = match above.skip {
            None => (branch, branch + dropout + activation, 0.0),
            Some(Skip::Activation { .. }) => {
                let ln_output = ln_norm_sum(delta.ln_output, branch);
                (ln_output, ln_output + dropout + activation, ln_output - branch)
            }
            Some(Skip::Preactivation { .. }) => {
                let through = branch + dropout + activation;
                let ln_norm = ln_norm_sum(delta.ln_norm, through);
                (branch, ln_norm, ln_norm - through)
            }
        };
        delta = Delta { ln_output, ln_norm, gains: Some(Gains { norm, weight, skip, dropout, activation }) };
        deltas.push(delta);
    }
    deltas.reverse();
    deltas
}

/// ln |x + y| of two vectors at right angles, from ln |x| and ln |y|.
fn ln_norm_sum(x: f64, y: f64) -> f64 {
    0.5 * ln_sum(2.0 * x, 2.0 * y)
}
