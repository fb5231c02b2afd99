//! The gradient's way down, step by step: what each part of each layer does to its norm.

use std::fmt;

use crate::layer::{LayerBuffers, Pass};
use crate::{Buffers, Network, Real, Targets};

/// A step of the gradient's way down from one layer's delta to the next one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It came from the layer above: delta W^T of that layer; at the last layer, from the loss.
    Weights,
    /// The gradient that went around a block was added to it, or it left the sum at a block's end for the branch.
    Skip,
    /// It passed dropout's mask.
    Dropout,
    /// It was multiplied by f'.
    Activation,
    /// It passed the normalisation.
    Norm,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Weights, Self::Skip, Self::Dropout, Self::Activation, Self::Norm];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weights => "weight",
            Self::Skip => "skip",
            Self::Dropout => "dropout",
            Self::Activation => "activation",
            Self::Norm => "norm",
        })
    }
}

/// The gradient is scaled by a power of two, which is exact, when its norm leaves this range.
const RANGE: std::ops::Range<f64> = 1e-12..1e12;

impl Network {
    /// Follows the gradient of the batch that [`Self::forward_training`] has just seen from the loss to the first layer, and
    /// tells `visit` after each step the layer's index, the step, and the natural logarithm of the gradient's Euclidean
    /// norm over the whole batch. The last step of each layer leaves its delta = dC/dy.
    ///
    /// What f32 cannot hold is followed all the same: backward is linear, so the gradient is scaled on its way, and the
    /// logarithm is that of the unscaled one. The parts of `gradients` that belong to normalisation and skip
    /// connections are overwritten; those of weights and biases are not touched.
    pub fn trace(
        &self,
        x: &[Real],
        targets: Targets<'_>,
        buffers: &mut Buffers,
        gradients: &mut [Real],
        mut visit: impl FnMut(usize, Stage, f64),
    ) {
        let batch = x.len() / self.inputs();
        self.loss_gradient(batch, targets, buffers);
        // ln of what the gradient was multiplied by.
        let mut scaled = 0.0;
        for (index, layer) in self.layers().iter().enumerate().rev() {
            let size = batch * layer.outputs();
            scaled += rescale(index, size, self, &mut buffers.layers);
            let (below, rest) = buffers.layers.split_at_mut(index);
            let Some((here, above)) = rest.split_first_mut() else { continue };
            visit(index, Stage::Weights, ln_norm(&here.delta[..size]) - scaled);
            let pass = Pass { index, batch, parameters: self.parameters(), x, place: self.place() };
            layer.backward_to_product(pass, here, above, gradients, |stage, gradient| {
                visit(index, stage, ln_norm(gradient) - scaled);
            });
            if let Some(below) = below.last_mut() {
                let dx = &mut below.delta[..batch * layer.inputs()];
                layer.input_gradient(self.parameters(), &here.delta[..size], &mut buffers.scratch, dx);
            }
        }
    }
}

/// Brings the gradient back into [`RANGE`], and with it the one that goes around the block; returns the logarithm of the
/// factor.
fn rescale(index: usize, size: usize, network: &Network, buffers: &mut [LayerBuffers]) -> f64 {
    let norm = ln_norm(&buffers[index].delta[..size]).exp();
    if RANGE.contains(&norm) || norm == 0.0 || !norm.is_finite() {
        return 0.0;
    }
    let exponent = -norm.log2().round();
    let factor = exponent.exp2() as Real;
    buffers[index].delta[..size].iter_mut().for_each(|d| *d *= factor);
    for (layer, here) in network.layers().iter().zip(buffers).skip(index + 1) {
        if layer.shape().skip.is_some_and(|skip| skip.source <= index) {
            here.carried.iter_mut().for_each(|d| *d *= factor);
        }
    }
    exponent * std::f64::consts::LN_2
}

fn ln_norm(values: &[Real]) -> f64 {
    values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Initialiser, LayerShape, Loss, Tap};

    struct Norms(Vec<f64>);
    impl Tap for Norms {
        fn layer(&mut self, view: &crate::LayerView<'_>) {
            self.0.push(ln_norm(view.delta));
        }
    }

    fn traced(shapes: &[LayerShape]) -> (Vec<f64>, Vec<f64>) {
        let mut network = Network::new(8, shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 2);
        let mut buffers = Buffers::new(&network, 4).unwrap();
        let x: Vec<Real> = (0..32).map(|i| i as Real / 16.0 - 1.0).collect();
        let targets = Targets::Labels(&[0, 1, 2, 3]);
        network.forward_training(&x, &mut buffers);
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut last = vec![0.0; shapes.len()];
        network.trace(&x, targets, &mut buffers, &mut gradients, |index, _, ln| last[index] = ln);
        let mut norms = Norms(Vec::new());
        network.backward(&x, targets, &mut buffers, &mut gradients, &mut norms);
        norms.0.reverse();
        (last, norms.0)
    }

    #[test]
    fn the_trace_ends_at_every_layer_with_the_delta_of_backward() {
        let residual: crate::Residual = "pre_rezero(1)".parse().unwrap();
        let skips = residual.skips(&[8; 6]);
        let norm = Some(crate::Norm::Batch);
        let with = |skip| LayerShape { norm, skip, dropout: 0.2, ..LayerShape::new(8, Activation::Gelu) };
        for shapes in [vec![LayerShape::new(8, Activation::Tanh); 6], skips.into_iter().map(with).collect()] {
            let (traced, norms) = traced(&shapes);
            for (traced, norm) in traced.iter().zip(&norms) {
                assert!((traced - norm).abs() < 1e-6 || traced == norm, "{traced} is not {norm}");
            }
        }
    }

    #[test]
    fn a_gradient_that_f32_cannot_hold_is_followed_to_the_first_layer() {
        let (traced, norms) = traced(&vec![LayerShape::new(8, Activation::Sigmoid); 1000]);
        // About ln 0.25 for each layer, from the last to the first.
        assert!(traced[0] < -1200.0 && traced[0].is_finite(), "{}", traced[0]);
        if cfg!(not(feature = "f64")) {
            assert_eq!(norms[0], f64::NEG_INFINITY);
        }
        assert!((traced[999] - norms[999]).abs() < 1e-9);
    }
}
