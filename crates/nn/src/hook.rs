//! The hook: where a network can be watched without being changed or slowed down.

use crate::kernels::Zeros;
use crate::{Activation, Real, Stage};

/// What backward has just computed at one layer, borrowed from the network and its workspace.
#[derive(Debug, Clone, Copy)]
pub struct LayerView<'a> {
    /// Position in the network, from 0; layer 0 is called `layer1`.
    pub index: usize,
    /// Rows of `input`, `z`, `a` and `delta`.
    pub batch: usize,
    /// Columns of `input`, rows of `weights`.
    pub inputs: usize,
    /// Columns of `z`, `a`, `delta` and `weights`.
    pub outputs: usize,
    /// The layer's f.
    pub activation: Activation,
    /// The layer's input x, `[batch, inputs]`.
    pub input: &'a [Real],
    /// Pre-activation: what f is applied to, `[batch, outputs]`. Without normalisation and skip connection z = x W + b.
    pub z: &'a [Real],
    /// Activation a = f(z), `[batch, outputs]`.
    pub a: &'a [Real],
    /// dC/dy of the product y = x W + b, `[batch, outputs]`; without normalisation and skip connection that is dC/dz. C
    /// is the mean over the batch, so each row carries the factor 1 / batch.
    pub delta: &'a [Real],
    /// W, `[inputs, outputs]`, as it was in this forward pass.
    pub weights: &'a [Real],
    /// dC/dW, `[inputs, outputs]`, before any clipping.
    pub weight_gradient: &'a [Real],
    /// Where the input is 0, if it is the network's.
    pub(crate) zeros: Option<&'a Zeros>,
}

impl LayerView<'_> {
    /// How many inputs are exactly 0 in every sample of the batch; none if the input is another layer's output.
    pub fn zero_inputs(&self) -> Option<usize> {
        self.zeros.map(|zeros| zeros.zero_columns(self.batch))
    }
}

/// Sees every layer, from the last to the first, right after its backward.
pub trait Hook {
    /// Called once for each layer in each backward pass.
    fn layer(&mut self, view: &LayerView<'_>);

    /// Called after each step of the gradient's way into the layer at `index`, `[batch, outputs]` as it is then, before
    /// [`Self::layer`] of the same layer. The last step leaves delta.
    #[inline]
    fn stage(&mut self, index: usize, stage: Stage, gradient: &[Real]) {
        let _ = (index, stage, gradient);
    }
}

/// The empty hook: looks at nothing and costs nothing.
impl Hook for () {
    #[inline]
    fn layer(&mut self, _: &LayerView<'_>) {}
}
