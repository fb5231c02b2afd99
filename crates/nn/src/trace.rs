//! The gradient's way down, step by step: what each part of each layer does to its norm.

use std::f64::consts::LN_2;
use std::fmt;
use std::sync::atomic::AtomicBool;

use crate::interrupt::{self, NEVER};
use crate::layer::Pass;
use crate::{Interrupted, Network, Real, Targets, Workspace};

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
        workspace: &mut Workspace,
        gradients: &mut [Real],
        visit: impl FnMut(usize, Stage, f64),
    ) {
        // `NEVER` is never raised.
        let _ = self.trace_interruptible(x, targets, workspace, gradients, visit, &NEVER);
    }

    /// Like [`Self::trace`], but stops at the next layer after `interrupt` is raised.
    ///
    /// # Errors
    /// [`Interrupted`] if `interrupt` was raised.
    pub fn trace_interruptible(
        &self,
        x: &[Real],
        targets: Targets<'_>,
        workspace: &mut Workspace,
        gradients: &mut [Real],
        mut visit: impl FnMut(usize, Stage, f64),
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        let batch = x.len() / self.inputs();
        self.loss_gradient(batch, targets, workspace);
        // log2 of the factor that the gradient was multiplied by.
        let mut scale = 0.0;
        for (index, layer) in self.layers().iter().enumerate().rev() {
            interrupt::check(interrupt)?;
            let size = batch * layer.outputs();
            let (below, rest) = workspace.layers.split_at_mut(index);
            let Some((here, above)) = rest.split_first_mut() else { continue };
            let delta = &mut here.delta[..size];
            scale += into_range(delta, norm(delta));
            if let Some(end) = layer.skips_to {
                let above = &mut above[end - index - 1];
                scale += meet(delta, scale, &mut above.carried[..size], above.carried_scale);
                above.carried_scale = scale;
            }
            let ln_norm = |gradient: &[Real]| norm(gradient).ln() - scale * LN_2;
            visit(index, Stage::Weights, ln_norm(delta));
            let pass = Pass { index, batch, parameters: self.parameters(), x, place: self.place() };
            layer.backward_to_product(pass, here, above, gradients, |stage, gradient| {
                visit(index, stage, ln_norm(gradient));
            });
            here.carried_scale = scale;
            if let Some(below) = below.last_mut() {
                scale += for_product(&mut here.delta[..size], norm(&self.parameters()[layer.weights()]));
                let dx = &mut below.delta[..batch * layer.inputs()];
                layer.input_gradient(self.parameters(), &here.delta[..size], &mut workspace.scratch, dx);
            }
        }
        Ok(())
    }
}

/// Scales a gradient of this norm back into [`RANGE`]. Returns log2 of the factor.
fn into_range(gradient: &mut [Real], norm: f64) -> f64 {
    if RANGE.contains(&norm) || norm == 0.0 || !norm.is_finite() {
        return 0.0;
    }
    let exponent = -norm.log2().round();
    multiply(gradient, exponent);
    exponent
}

/// log2 of the norm up to which, and down to which, a gradient is scaled for its product with weights.
const FAR: f64 = 100.0;

/// Scales a gradient so that its product with weights of this norm is in [`RANGE`]: tiny or huge weights would take it out
/// of f32 though both factors are in it. Returns log2 of the factor.
fn for_product(gradient: &mut [Real], weights: f64) -> f64 {
    let norm = norm(gradient);
    let product = norm * weights;
    if RANGE.contains(&product) || product == 0.0 || !product.is_finite() {
        return 0.0;
    }
    let exponent = (-product.log2()).clamp(-FAR - norm.log2(), FAR - norm.log2()).round();
    multiply(gradient, exponent);
    exponent
}

/// Scales `carried`, the gradient that went around a block, from `carried_scale` to the scale of `delta`, the gradient
/// that went through it. If that would take `carried` above [`RANGE`], scales both down. Returns log2 of the factor of
/// `delta`.
fn meet(delta: &mut [Real], scale: f64, carried: &mut [Real], carried_scale: f64) -> f64 {
    let shift = scale - carried_scale;
    let exponent = norm(carried).log2() + shift;
    let down = if exponent.is_finite() && exponent > RANGE.end.log2() { -exponent.round() } else { 0.0 };
    if down != 0.0 {
        multiply(delta, down);
    }
    multiply(carried, shift + down);
    down
}

/// Multiplies by a power of two, in f64: a factor that f32 cannot hold may still give a result that it can.
fn multiply(gradient: &mut [Real], exponent: f64) {
    let factor = exponent.exp2();
    for d in gradient {
        *d = (f64::from(*d) * factor) as Real;
    }
}

fn norm(values: &[Real]) -> f64 {
    values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Hook, Initialiser, LayerShape, Loss};

    struct Norms(Vec<f64>);
    impl Hook for Norms {
        fn layer(&mut self, view: &crate::LayerView<'_>) {
            self.0.push(norm(view.delta).ln());
        }
    }

    fn traced(shapes: &[LayerShape]) -> (Vec<f64>, Vec<f64>) {
        let mut network = Network::new(8, shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 2);
        let mut workspace = Workspace::new(&network, 4).unwrap();
        let x: Vec<Real> = (0..32).map(|i| i as Real / 16.0 - 1.0).collect();
        let targets = Targets::Labels(&[0, 1, 2, 3]);
        network.forward_training(&x, &mut workspace);
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut last = vec![0.0; shapes.len()];
        network.trace(&x, targets, &mut workspace, &mut gradients, |index, _, ln| last[index] = ln);
        let mut norms = Norms(Vec::new());
        network.backward(&x, targets, &mut workspace, &mut gradients, &mut norms);
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

    #[test]
    fn what_goes_around_a_block_in_which_the_gradient_vanishes_arrives_as_it_left() {
        let skip = |block: usize| {
            let residual: crate::Residual = format!("post({block})").parse().unwrap();
            residual.skips(&vec![8; block + 1])
        };
        // A block of 900 sigmoids, through which nothing passes, and the layer before it.
        let shape = |skip| LayerShape { skip, ..LayerShape::new(8, Activation::Sigmoid) };
        let shapes: Vec<_> = skip(900).into_iter().map(shape).collect();
        let (around, _) = traced(&shapes);
        assert!(around[1] < -1100.0, "{}", around[1]);
        // The gradient loses only f' of the last layer and of the first one.
        assert!(around[0] > around[900] - 2.0, "{} of {}", around[0], around[900]);
    }

    // The norm is computed in f64, where the square of a subnormal f64 underflows.
    #[cfg(not(feature = "f64"))]
    #[test]
    fn a_gradient_of_subnormal_numbers_is_followed_too() {
        let tiny = Real::MIN_POSITIVE / 4096.0;
        let mut gradient = [tiny, -tiny, 0.0];
        let exponent = into_range(&mut gradient, norm(&[tiny, -tiny]));
        assert!(gradient[0].is_normal() && (0.5..1.5).contains(&gradient[0]), "{gradient:?}");
        assert_eq!(f64::from(gradient[0]) * (-exponent).exp2(), f64::from(tiny));
    }

    /// ln of the norm of each layer's delta in a linear network whose weights are all multiplied by `factor`.
    #[cfg(not(feature = "f64"))]
    fn traced_with(factor: f64) -> Vec<f64> {
        let shapes = [LayerShape::new(8, Activation::Identity); 6];
        let mut network = Network::new(8, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 2);
        for parameter in network.parameters_mut() {
            *parameter = (f64::from(*parameter) * factor) as Real;
        }
        let (mut workspace, mut gradients) =
            (Workspace::new(&network, 4).unwrap(), vec![0.0; network.parameters().len()]);
        let x: Vec<Real> = (0..32).map(|i| i as Real / 16.0 - 1.0).collect();
        network.forward_training(&x, &mut workspace);
        let mut deltas = vec![f64::NAN; shapes.len()];
        let targets = Targets::Labels(&[0, 1, 2, 3]);
        network.trace(&x, targets, &mut workspace, &mut gradients, |index, _, ln| deltas[index] = ln);
        deltas
    }

    #[cfg(not(feature = "f64"))]
    #[test]
    fn weights_at_the_end_of_f32_are_followed_by_scaling_too() {
        // The products are next to nothing with either, so the loss's gradient is the same.
        let usual = traced_with(1e-9);
        for (factor, error) in [(1e-20, 1e-4), (1e-37, 1e-4), (1e-39, 1e-3)] {
            for (layer, (found, usual)) in traced_with(factor).into_iter().zip(&usual).enumerate() {
                let expected = usual + (5 - layer) as f64 * (factor / 1e-9_f64).ln();
                assert!((found - expected).abs() < error * 5.0, "{factor}: layer {layer}: {found}, not {expected}");
            }
        }
    }

    #[cfg(not(feature = "f64"))]
    #[test]
    fn a_gradient_is_scaled_for_weights_that_would_take_the_product_out_of_f32() {
        for (size, weights) in [(1e-10, 1e-39), (1e10, 1e37), (1.0, 1e-44), (1e-12, 1.0)] {
            let mut gradient = [size as Real; 4];
            let before = norm(&gradient);
            let exponent = for_product(&mut gradient, weights);
            let after = norm(&gradient);
            assert!((after / before / exponent.exp2() - 1.0).abs() < 1e-6, "{size}, {weights}");
            assert!(gradient[0].is_normal() && (1e-30..1e30).contains(&(after * weights)), "{size}, {weights}");
        }
    }

    #[test]
    fn a_trace_that_is_interrupted_ends_at_the_next_layer() {
        let mut network = Network::new(1, &[LayerShape::new(2, Activation::Tanh); 50], Loss::MeanSquaredError).unwrap();
        network.initialise(Initialiser::HeNormal, Initialiser::Zeros, 0);
        let (mut workspace, mut gradients) =
            (Workspace::new(&network, 1).unwrap(), vec![0.0; network.parameters().len()]);
        network.forward_training(&[1.0], &mut workspace);
        let (interrupt, mut seen) = (AtomicBool::new(false), Vec::new());
        let visit = |index, _: Stage, _: f64| {
            seen.push(index);
            interrupt.store(index == 45, std::sync::atomic::Ordering::Relaxed);
        };
        let targets = Targets::Labels(&[0]);
        let ended = network.trace_interruptible(&[1.0], targets, &mut workspace, &mut gradients, visit, &interrupt);
        assert_eq!((ended, seen.last()), (Err(Interrupted), Some(&45)));
    }
}
