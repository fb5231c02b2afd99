//! A layer: a product, and what may stand around it: normalisation, a skip connection, an activation, dropout.
//!
//! With y = x W + b, and everything but the product and f optional:
//!
//! ```text
//! forward     y = x W + b
//!             s = alpha y + s_source                 a pre-activation skip ends here
//!             n = norm(s)
//!             z = alpha n + out_source               a post-activation skip ends here
//!             a = f(z)
//!             out = dropout(a)                       the next layer's x
//! backward    the same from the bottom to the top; delta = dC/dy comes last
//! ```
//!
//! [`Stage`] names each step of the way back.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::dense::Dense;
use crate::hook::{Hook, LayerView};
use crate::kernels::{Input, Scratch};
use crate::norm::{Affine, NormWorkspace, Running};
use crate::trace::Stage;
use crate::{Activation, BranchScale, Norm, Place, Real, Skip, dropout};

/// What a network is built from: the units of one layer and what stands around its product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerShape {
    /// Number of units.
    pub outputs: usize,
    /// Their f.
    pub activation: Activation,
    /// Normalisation before f.
    pub norm: Option<Norm>,
    /// The skip connection that ends at this layer.
    pub skip: Option<Skip>,
    /// Probability with which an activation is dropped in training: at least 0 and below 1.
    pub dropout: f64,
}

impl LayerShape {
    /// A product and its activation, and nothing else.
    pub fn new(outputs: usize, activation: Activation) -> Self {
        Self { outputs, activation, norm: None, skip: None, dropout: 0.0 }
    }
}

/// Shape and place of a layer; its numbers lie in the network's flat vector of parameters: W, b, then gamma and beta of
/// its normalisation, then alpha of its skip connection, as far as it has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    dense: Dense,
    pub(crate) shape: LayerShape,
    /// The branch's factor where it is not a parameter.
    fixed_scale: Real,
    /// The layer at which a skip ends that begins after this one.
    pub(crate) skips_to: Option<usize>,
}

/// What a pass computes at a layer, sized once. What a layer has no use for is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct LayerWorkspace {
    /// What f is applied to, `[batch, outputs]`.
    pub(crate) z: Vec<Real>,
    /// a = f(z), `[batch, outputs]`.
    pub(crate) a: Vec<Real>,
    /// The gradient on its way down: that of out, ..., that of y, `[batch, outputs]`.
    pub(crate) delta: Vec<Real>,
    /// out where there is dropout, `[batch, outputs]`.
    dropped: Vec<Real>,
    /// What dropout multiplied with, `[batch, outputs]`.
    mask: Vec<Real>,
    /// s where a skip begins and it is not z, `[batch, outputs]`.
    stream: Vec<Real>,
    /// What alpha was multiplied with, `[batch, outputs]`.
    branch: Vec<Real>,
    /// The gradient of the sum, for the layer at which the skip began, `[batch, outputs]`.
    pub(crate) carried: Vec<Real>,
    /// In a trace, log2 of the factor that `carried` is multiplied by.
    pub(crate) carried_scale: f64,
    pub(crate) norm: NormWorkspace,
}

/// How a pass is made.
pub(crate) enum Mode<'a> {
    /// With the batch's own statistics, and dropout from this random stream.
    Training(&'a mut ChaCha8Rng),
    /// With the running statistics of each layer, and without dropout.
    Evaluation(&'a [Running]),
}

impl Layer {
    /// A layer whose parameters begin at `offset`. `blocks`: how many skip connections the network has.
    pub(crate) fn new(inputs: usize, shape: LayerShape, offset: usize, blocks: usize) -> Self {
        let fixed_scale = match shape.skip.map(|skip| skip.scale) {
            Some(BranchScale::InverseSqrtDepth) => 1.0 / (blocks as Real).sqrt(),
            _ => 1.0,
        };
        let dense = Dense { inputs, outputs: shape.outputs, offset };
        Self { dense, shape, fixed_scale, skips_to: None }
    }

    /// How many parameters a layer of this shape has; none if they cannot be counted.
    pub(crate) fn size(inputs: usize, shape: &LayerShape) -> Option<usize> {
        let around = usize::from(shape.norm.is_some()).checked_mul(2)?.checked_mul(shape.outputs)?;
        let rezero = usize::from(shape.skip.is_some_and(|skip| skip.scale == BranchScale::ReZero));
        inputs.checked_add(1)?.checked_mul(shape.outputs)?.checked_add(around)?.checked_add(rezero)
    }

    /// Fan-in.
    pub fn inputs(&self) -> usize {
        self.dense.inputs
    }

    /// Fan-out: the number of units.
    pub fn outputs(&self) -> usize {
        self.dense.outputs
    }

    /// The layer's f.
    pub fn activation(&self) -> Activation {
        self.shape.activation
    }

    /// What stands around the product.
    pub fn shape(&self) -> &LayerShape {
        &self.shape
    }

    /// Where W, `[inputs, outputs]`, lies in the parameters and dW in the gradients.
    pub fn weights(&self) -> Range<usize> {
        self.dense.weights()
    }

    /// Where b, `[outputs]`, lies in the parameters and db in the gradients.
    pub fn bias(&self) -> Range<usize> {
        self.dense.bias()
    }

    /// Where gamma and then beta of the normalisation lie, `[2, outputs]`; empty without one.
    pub fn norm(&self) -> Range<usize> {
        let begin = self.bias().end;
        begin..begin + if self.shape.norm.is_some() { 2 * self.outputs() } else { 0 }
    }

    /// Where alpha of a `ReZero` skip connection lies.
    pub fn branch_scale(&self) -> Option<usize> {
        let rezero = self.shape.skip.is_some_and(|skip| skip.scale == BranchScale::ReZero);
        rezero.then_some(self.norm().end)
    }

    fn alpha(&self, parameters: &[Real]) -> Real {
        self.branch_scale().map_or(self.fixed_scale, |index| parameters[index])
    }

    fn gamma_and_beta<'a>(&self, parameters: &'a [Real]) -> Affine<&'a [Real]> {
        let (gamma, beta) = parameters[self.norm()].split_at(self.outputs());
        Affine { gamma, beta }
    }

    /// The skip that ends here, if it is of this kind.
    fn skip(&self, place: Place) -> Option<Skip> {
        self.shape.skip.filter(|skip| skip.place == place)
    }

    /// Only the product: sets `here.z`.
    pub(crate) fn product(
        &self,
        parameters: &[Real],
        x: (Input, &[Real]),
        scratch: &mut Scratch,
        here: &mut LayerWorkspace,
    ) {
        let size = x.1.len() / self.inputs() * self.outputs();
        self.dense.forward(parameters, x, scratch, &mut here.z[..size]);
    }

    /// What comes after the product. `below`: the workspace of the layers before this one; `index`: this one's.
    pub(crate) fn forward(
        &self,
        index: usize,
        batch: usize,
        parameters: &[Real],
        below: &[LayerWorkspace],
        here: &mut LayerWorkspace,
        mode: &mut Mode<'_>,
    ) {
        let size = batch * self.outputs();
        let z = &mut here.z[..size];
        if let Some(skip) = self.skip(Place::PreActivation) {
            here.branch[..size].copy_from_slice(z);
            add_to_scaled(z, self.alpha(parameters), below[skip.source].stream(size));
        }
        if !here.stream.is_empty() {
            here.stream[..size].copy_from_slice(z);
        }
        if let Some(norm) = self.shape.norm {
            let affine = self.gamma_and_beta(parameters);
            match mode {
                Mode::Training(_) => norm.forward(z, self.outputs(), &affine, &mut here.norm),
                Mode::Evaluation(running) => norm.evaluate(z, self.outputs(), &affine, &running[index]),
            }
        }
        if let Some(skip) = self.skip(Place::PostActivation) {
            here.branch[..size].copy_from_slice(z);
            add_to_scaled(z, self.alpha(parameters), below[skip.source].out(size));
        }
        self.shape.activation.forward(z, &mut here.a[..size]);
        if self.shape.dropout > 0.0 {
            let out = &mut here.dropped[..size];
            out.copy_from_slice(&here.a[..size]);
            if let Mode::Training(rng) = mode {
                dropout::forward(self.shape.dropout, out, &mut here.mask[..size], rng);
            }
        }
    }

    /// The way back to the product: `here.delta` holds the gradient of out, as the layer above left it, and is turned into
    /// delta = dC/dy in place. Sets (does not add to) what `gradients` has for normalisation and skip connection.
    /// `above`: the workspace of the layers after this one. `stage` sees the gradient after each step.
    pub(crate) fn backward_to_product(
        &self,
        pass: Pass<'_>,
        here: &mut LayerWorkspace,
        above: &[LayerWorkspace],
        gradients: &mut [Real],
        mut stage: impl FnMut(Stage, &[Real]),
    ) {
        let Pass { index, batch, parameters, place, .. } = pass;
        let size = batch * self.outputs();
        let delta = &mut here.delta[..size];
        let carried = self.skips_to.map(|end| &above[end - index - 1].carried[..size]);
        if let (Some(carried), Some(Place::PostActivation)) = (carried, place) {
            add(delta, carried);
            stage(Stage::Skip, delta);
        }
        if self.shape.dropout > 0.0 {
            dropout::backward(&here.mask[..size], delta);
            stage(Stage::Dropout, delta);
        }
        self.shape.activation.backward(&here.z[..size], &here.a[..size], delta);
        stage(Stage::Activation, delta);
        if self.skip(Place::PostActivation).is_some() {
            here.carried[..size].copy_from_slice(delta);
            self.leave_sum(parameters, &here.branch[..size], delta, gradients);
            stage(Stage::Skip, delta);
        }
        if let Some(norm) = self.shape.norm {
            let Affine { gamma, .. } = self.gamma_and_beta(parameters);
            let (dgamma, dbeta) = gradients[self.norm()].split_at_mut(self.outputs());
            norm.backward(delta, self.outputs(), gamma, &here.norm, Affine { gamma: dgamma, beta: dbeta });
            stage(Stage::Norm, delta);
        }
        if let (Some(carried), Some(Place::PreActivation)) = (carried, place) {
            add(delta, carried);
            stage(Stage::Skip, delta);
        }
        if self.skip(Place::PreActivation).is_some() {
            here.carried[..size].copy_from_slice(delta);
            self.leave_sum(parameters, &here.branch[..size], delta, gradients);
            stage(Stage::Skip, delta);
        }
    }

    /// The way back through the layer: [`Self::backward_to_product`], then the product. Sets (does not add to) the layer's
    /// part of `gradients`, and the gradient of the layer below's out. `workspace`: those of all layers.
    pub(crate) fn backward(
        &self,
        pass: Pass<'_>,
        workspace: &mut [LayerWorkspace],
        scratch: &mut Scratch,
        gradients: &mut [Real],
        hook: &mut impl Hook,
    ) {
        let (below, rest) = workspace.split_at_mut(pass.index);
        let Some((here, above)) = rest.split_first_mut() else { return };
        let Pass { index, batch, parameters, x, .. } = pass;
        let size = batch * self.outputs();
        hook.stage(index, Stage::Weights, &here.delta[..size]);
        self.backward_to_product(pass, here, above, gradients, |stage, gradient| hook.stage(index, stage, gradient));
        let delta = &here.delta[..size];
        let (whose, input, dx) = match below.last_mut() {
            None => (Input::Network, x, None),
            Some(below) => {
                let size = batch * self.inputs();
                let LayerWorkspace { a, dropped, delta, .. } = below;
                let out = if dropped.is_empty() { a } else { dropped };
                (Input::Layer, &out[..size], Some(&mut delta[..size]))
            }
        };
        self.dense.backward(parameters, (whose, input), delta, gradients, scratch, dx);
        hook.layer(&LayerView {
            index,
            batch,
            inputs: self.inputs(),
            outputs: self.outputs(),
            activation: self.activation(),
            input,
            z: &here.z[..size],
            a: &here.a[..size],
            delta,
            weights: &parameters[self.weights()],
            weight_gradient: &gradients[self.weights()],
            zeros: (whose == Input::Network).then_some(scratch.zeros()),
        });
    }

    /// dx = delta W^T alone.
    pub(crate) fn input_gradient(&self, parameters: &[Real], delta: &[Real], scratch: &mut Scratch, dx: &mut [Real]) {
        self.dense.input_gradient(parameters, delta, scratch, dx);
    }

    /// Turns the gradient of a sum s = alpha y + source into that of y, and sets dalpha.
    fn leave_sum(&self, parameters: &[Real], branch: &[Real], delta: &mut [Real], gradients: &mut [Real]) {
        if let Some(index) = self.branch_scale() {
            gradients[index] = branch.iter().zip(&*delta).map(|(y, ds)| y * ds).sum();
        }
        let alpha = self.alpha(parameters);
        if alpha != 1.0 {
            for delta in delta {
                *delta *= alpha;
            }
        }
    }
}

/// What the way back through a layer needs to know of the pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) index: usize,
    pub(crate) batch: usize,
    pub(crate) parameters: &'a [Real],
    /// The input of the network.
    pub(crate) x: &'a [Real],
    /// Where the sums of the network's skip connections stand.
    pub(crate) place: Option<Place>,
}

impl LayerWorkspace {
    /// Workspace for batches of up to `batch` samples; `zeros` makes one or says that there is not the memory.
    pub(crate) fn new<E>(
        layer: &Layer,
        batch: usize,
        place: Option<Place>,
        zeros: impl Fn(Option<usize>) -> Result<Vec<Real>, E>,
    ) -> Result<Self, E> {
        let LayerShape { norm, skip, dropout, .. } = layer.shape;
        let all = || zeros(batch.checked_mul(layer.outputs()));
        let all_if = |wanted: bool| if wanted { all() } else { Ok(Vec::new()) };
        let streams = layer.skips_to.is_some() && place == Some(Place::PreActivation) && norm.is_some();
        let units = |wanted: bool| zeros(Some(if wanted { layer.outputs() } else { 0 }));
        Ok(Self {
            z: all()?,
            a: all()?,
            delta: all()?,
            dropped: all_if(dropout > 0.0)?,
            mask: all_if(dropout > 0.0)?,
            stream: all_if(streams)?,
            branch: all_if(skip.is_some())?,
            carried: all_if(skip.is_some())?,
            carried_scale: 0.0,
            norm: NormWorkspace {
                h: all_if(norm.is_some())?,
                scale: zeros(Some(norm.map_or(0, |norm| norm.groups(batch, layer.outputs()))))?,
                mean: units(norm == Some(Norm::Batch))?,
                variance: units(norm == Some(Norm::Batch))?,
            },
        })
    }

    /// What the next layer is given.
    pub(crate) fn out(&self, size: usize) -> &[Real] {
        if self.dropped.is_empty() { &self.a[..size] } else { &self.dropped[..size] }
    }

    /// s: what a pre-activation skip begins with.
    fn stream(&self, size: usize) -> &[Real] {
        if self.stream.is_empty() { &self.z[..size] } else { &self.stream[..size] }
    }
}

/// values = alpha values + other
fn add_to_scaled(values: &mut [Real], alpha: Real, other: &[Real]) {
    values.iter_mut().zip(other).for_each(|(value, other)| *value = alpha * *value + other);
}

fn add(values: &mut [Real], other: &[Real]) {
    values.iter_mut().zip(other).for_each(|(value, other)| *value += other);
}
