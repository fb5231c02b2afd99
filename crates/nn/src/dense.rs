//! A dense layer with its activation.
//!
//! Shapes: x `[batch, inputs]`, W `[inputs, outputs]`, b `[outputs]`; z, a and delta `[batch, outputs]`.
//!
//! ```text
//! forward     z = x W + b              a = f(z)
//! backward    delta = f'(z) da         da = dC/da comes from the layer above
//!             dW = x^T delta           db = sum of delta over the batch
//!             dx = delta W^T           goes to the layer below
//! ```

use std::ops::Range;

use crate::{Activation, InstructionSet, Real, kernels};

/// Shape and place of a dense layer; its numbers lie in the network's flat vector of parameters, W first, then b.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    inputs: usize,
    outputs: usize,
    activation: Activation,
    /// Where W begins in the parameters.
    offset: usize,
}

impl Dense {
    pub(crate) fn new(inputs: usize, outputs: usize, activation: Activation, offset: usize) -> Self {
        Self { inputs, outputs, activation, offset }
    }

    /// Fan-in.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Fan-out: the number of units.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The layer's f.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Where W, `[inputs, outputs]`, lies in the parameters and dW in the gradients.
    pub fn weights(&self) -> Range<usize> {
        self.offset..self.offset + self.inputs * self.outputs
    }

    /// Where b, `[outputs]`, lies in the parameters and db in the gradients.
    pub fn bias(&self) -> Range<usize> {
        let begin = self.weights().end;
        begin..begin + self.outputs
    }

    /// z = x W + b, a = f(z). Sets `z` and `a`.
    pub(crate) fn forward(&self, parameters: &[Real], x: &[Real], z: &mut [Real], a: &mut [Real]) {
        kernels::affine(InstructionSet::detected(), x, &parameters[self.weights()], &parameters[self.bias()], z);
        self.activation.forward(z, a);
    }

    /// Turns `delta`, which holds da, into dC/dz in place; sets (does not add to) dW and db in `gradients`, and `dx`.
    /// The first layer has nobody below who wants its dx.
    pub(crate) fn backward(
        &self,
        parameters: &[Real],
        forward: Forward<'_>,
        delta: &mut [Real],
        gradients: &mut [Real],
        dx: Option<&mut [Real]>,
    ) {
        self.activation.backward(forward.z, forward.a, delta);
        let set = InstructionSet::detected();
        kernels::weight_gradient(set, forward.x, delta, self.outputs, &mut gradients[self.weights()]);
        kernels::bias_gradient(delta, &mut gradients[self.bias()]);
        if let Some(dx) = dx {
            kernels::input_gradient(set, delta, &parameters[self.weights()], self.outputs, dx);
        }
    }
}

/// What forward computed and backward needs again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forward<'a> {
    pub(crate) x: &'a [Real],
    pub(crate) z: &'a [Real],
    pub(crate) a: &'a [Real],
}
