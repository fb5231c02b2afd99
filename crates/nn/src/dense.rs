//! The product of a layer: y = x W + b.
//!
//! Shapes: x `[batch, inputs]`, W `[inputs, outputs]`, b `[outputs]`; y and delta = dC/dy `[batch, outputs]`.
//!
//! ```text
//! forward     y = x W + b
//! backward    dW = x^T delta
//!             db = sum of delta over the batch
//!             dx = delta W^T
//! ```

use std::ops::Range;

use crate::kernels::{Input, Scratch};
use crate::{InstructionSet, Real, kernels};

/// Shape and place of a product; its numbers lie in the network's flat vector of parameters, W first, then b.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dense {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Where W begins in the parameters.
    pub(crate) offset: usize,
}

impl Dense {
    pub(crate) fn weights(&self) -> Range<usize> {
        self.offset..self.offset + self.inputs * self.outputs
    }

    pub(crate) fn bias(&self) -> Range<usize> {
        let begin = self.weights().end;
        begin..begin + self.outputs
    }

    /// Sets `y`.
    pub(crate) fn forward(&self, parameters: &[Real], x: (Input, &[Real]), scratch: &mut Scratch, y: &mut [Real]) {
        let set = InstructionSet::detected();
        kernels::affine(set, x, &parameters[self.weights()], &parameters[self.bias()], scratch, y);
    }

    /// Sets (does not add to) dW and db in `gradients`, and `dx`. The first layer has nobody below who wants its dx.
    pub(crate) fn backward(
        &self,
        parameters: &[Real],
        x: (Input, &[Real]),
        delta: &[Real],
        gradients: &mut [Real],
        scratch: &mut Scratch,
        dx: Option<&mut [Real]>,
    ) {
        let (dw, db) = gradients[self.offset..self.bias().end].split_at_mut(self.inputs * self.outputs);
        kernels::weight_gradient(InstructionSet::detected(), x, delta, scratch, dw, db);
        if let Some(dx) = dx {
            self.input_gradient(parameters, delta, scratch, dx);
        }
    }

    /// Sets `dx` alone.
    pub(crate) fn input_gradient(&self, parameters: &[Real], delta: &[Real], scratch: &mut Scratch, dx: &mut [Real]) {
        let set = InstructionSet::detected();
        kernels::input_gradient(set, delta, &parameters[self.weights()], self.outputs, scratch, dx);
    }
}
