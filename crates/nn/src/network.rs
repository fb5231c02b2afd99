//! A network: dense layers in a row, their parameters in one flat vector, and the passes over them.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use crate::dense::{Dense, Forward};
use crate::{Activation, Initialiser, LayerView, Loss, Real, Tap, Targets};

/// What a network is built from: the units of one layer and their activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerShape {
    /// Number of units.
    pub outputs: usize,
    /// Their f.
    pub activation: Activation,
}

/// Why a network cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// There is nothing to feed the first layer with.
    #[error("a network needs at least one input")]
    NoInputs,
    /// There are no layers.
    #[error("a network needs at least one layer")]
    NoLayers,
    /// A layer has no units.
    #[error("layer{number} has no units: expected at least 1")]
    NoUnits {
        /// Number of the layer, from 1.
        number: usize,
    },
    /// The parameters or the activations of the network do not fit into memory.
    #[error(
        "there is not enough memory for the network and its batch, from layer{number} on; fewer units or a smaller batch need less"
    )]
    TooLarge {
        /// Number of the layer, from 1.
        number: usize,
    },
}

/// Dense layers in a row.
#[derive(Debug, Clone)]
pub struct Network {
    layers: Vec<Dense>,
    loss: Loss,
    parameters: Vec<Real>,
}

/// What a pass over a batch computes, sized once for a network and its largest batch.
#[derive(Debug, Clone)]
pub struct Buffers {
    batch: usize,
    layers: Vec<LayerBuffers>,
}

#[derive(Debug, Clone)]
struct LayerBuffers {
    /// Pre-activation, `[batch, outputs]`.
    z: Vec<Real>,
    /// Activation, `[batch, outputs]`.
    a: Vec<Real>,
    /// dC/da, then dC/dz, `[batch, outputs]`.
    delta: Vec<Real>,
}

impl Network {
    /// A network of these layers whose parameters are all 0; see [`Self::initialise`].
    ///
    /// # Errors
    /// [`ShapeError`] when there are no inputs or layers, a layer has no units, or the sizes overflow.
    pub fn new(inputs: usize, shapes: &[LayerShape], loss: Loss) -> Result<Self, ShapeError> {
        if inputs == 0 {
            return Err(ShapeError::NoInputs);
        }
        if shapes.is_empty() {
            return Err(ShapeError::NoLayers);
        }
        let mut layers = Vec::with_capacity(shapes.len());
        let (mut fan_in, mut offset) = (inputs, 0_usize);
        for (number, shape) in (1..).zip(shapes) {
            if shape.outputs == 0 {
                return Err(ShapeError::NoUnits { number });
            }
            layers.push(Dense::new(fan_in, shape.outputs, shape.activation, offset));
            offset = fan_in
                .checked_add(1)
                .and_then(|rows| rows.checked_mul(shape.outputs))
                .and_then(|size| size.checked_add(offset))
                .ok_or(ShapeError::TooLarge { number })?;
            fan_in = shape.outputs;
        }
        Ok(Self { layers, loss, parameters: zeros(Some(offset), shapes.len())? })
    }

    /// Draws all weights and biases. Each layer's weights and each layer's biases have a random stream of their own,
    /// so that networks of one seed that differ in depth, or in the width of some layers, share all other layers.
    pub fn initialise(&mut self, weights: Initialiser, bias: Initialiser, seed: u64) {
        for (number, layer) in (1_u64..).zip(&self.layers) {
            let stream = |part| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                // The lower half is left to whoever else draws from this seed.
                rng.set_stream((2 * number + part) << 32);
                rng
            };
            let (inputs, outputs) = (layer.inputs(), layer.outputs());
            weights.fill(&mut self.parameters[layer.weights()], inputs, outputs, &mut stream(0));
            bias.fill(&mut self.parameters[layer.bias()], 1, outputs, &mut stream(1));
        }
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[Dense] {
        &self.layers
    }

    /// All weights and biases, flat; [`Dense::weights`] and [`Dense::bias`] say where each lies.
    pub fn parameters(&self) -> &[Real] {
        &self.parameters
    }

    /// The same, to be changed by an optimizer.
    pub fn parameters_mut(&mut self) -> &mut [Real] {
        &mut self.parameters
    }

    /// Columns of the input.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs()
    }

    /// Columns of the output.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs()
    }

    /// Computes the outputs, `[batch, outputs]`, of `x`, `[batch, inputs]`, for any batch up to the buffers'.
    pub fn forward<'b>(&self, x: &[Real], buffers: &'b mut Buffers) -> &'b [Real] {
        let batch = x.len() / self.inputs();
        debug_assert_eq!(x.len(), batch * self.inputs());
        debug_assert!(batch <= buffers.batch);
        let mut below: Option<&[Real]> = None;
        for (layer, buffer) in self.layers.iter().zip(&mut buffers.layers) {
            let size = batch * layer.outputs();
            layer.forward(&self.parameters, below.unwrap_or(x), &mut buffer.z[..size], &mut buffer.a[..size]);
            below = Some(&buffer.a[..size]);
        }
        below.unwrap_or_default()
    }

    /// The cost C of outputs that [`Self::forward`] computed.
    pub fn cost(&self, outputs: &[Real], targets: Targets<'_>) -> Real {
        self.loss.forward(outputs, self.outputs(), targets)
    }

    /// Computes dC/dp for every parameter p, from the last layer to the first, for the batch that
    /// [`Self::forward`] has just seen, and shows each layer to `tap`. Sets `gradients`, laid out as the parameters.
    pub fn backward(
        &self,
        x: &[Real],
        targets: Targets<'_>,
        buffers: &mut Buffers,
        gradients: &mut [Real],
        tap: &mut impl Tap,
    ) {
        debug_assert_eq!(gradients.len(), self.parameters.len());
        let batch = x.len() / self.inputs();
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let (below, here) = buffers.layers.split_at_mut(index);
            let size = batch * layer.outputs();
            let LayerBuffers { z, a, delta } = &mut here[0];
            let (z, a, delta) = (&z[..size], &a[..size], &mut delta[..size]);
            if index == last {
                self.loss.backward(a, layer.outputs(), targets, delta);
            }
            let (input, dx) = match below.last_mut() {
                None => (x, None),
                Some(below) => {
                    let size = batch * layer.inputs();
                    (&below.a[..size], Some(&mut below.delta[..size]))
                }
            };
            layer.backward(&self.parameters, Forward { x: input, z, a }, delta, gradients, dx);
            tap.layer(&LayerView {
                index,
                batch,
                inputs: layer.inputs(),
                outputs: layer.outputs(),
                activation: layer.activation(),
                input,
                z,
                a,
                delta,
                weights: &self.parameters[layer.weights()],
                weight_gradient: &gradients[layer.weights()],
            });
        }
    }
}

/// Memory for this many numbers (none: more than can be counted), which a layer asked for.
fn zeros(length: Option<usize>, number: usize) -> Result<Vec<Real>, ShapeError> {
    let too_large = ShapeError::TooLarge { number };
    let Some(length) = length else { return Err(too_large) };
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| too_large)?;
    values.resize(length, 0.0);
    Ok(values)
}

impl Buffers {
    /// Buffers for batches of up to `batch` samples through `network`.
    ///
    /// # Errors
    /// [`ShapeError::TooLarge`] when there is not the memory.
    pub fn new(network: &Network, batch: usize) -> Result<Self, ShapeError> {
        let layer = |(number, layer): (usize, &Dense)| {
            let zeros = || zeros(batch.checked_mul(layer.outputs()), number);
            Ok(LayerBuffers { z: zeros()?, a: zeros()?, delta: zeros()? })
        };
        let layers = (1..).zip(&network.layers).map(layer).collect::<Result<_, _>>()?;
        Ok(Self { batch, layers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_make_no_network_are_refused() {
        let layer = |outputs| LayerShape { outputs, activation: Activation::Relu };
        let build = |inputs, shapes: &[LayerShape]| Network::new(inputs, shapes, Loss::MeanSquaredError).map(|_| ());
        assert_eq!(build(0, &[layer(1)]), Err(ShapeError::NoInputs));
        assert_eq!(build(1, &[]), Err(ShapeError::NoLayers));
        assert_eq!(build(1, &[layer(2), layer(0)]), Err(ShapeError::NoUnits { number: 2 }));
        assert_eq!(build(9, &[layer(usize::MAX / 4)]), Err(ShapeError::TooLarge { number: 1 }));
        assert_eq!(build(1, &[layer(1 << 50)]), Err(ShapeError::TooLarge { number: 1 }));
        let network = Network::new(2, &[layer(3)], Loss::MeanSquaredError).unwrap();
        let batches = [1 << 50, usize::MAX];
        assert!(batches.iter().all(|batch| Buffers::new(&network, *batch).is_err()));
    }

    #[test]
    fn a_network_of_a_thousand_layers_runs_and_the_tap_sees_every_layer_from_the_last_to_the_first() {
        struct Order(Vec<usize>);
        impl Tap for Order {
            fn layer(&mut self, view: &LayerView<'_>) {
                assert_eq!(view.z.len(), view.batch * view.outputs);
                assert_eq!(view.input.len(), view.batch * view.inputs);
                assert_eq!(view.weight_gradient.len(), view.inputs * view.outputs);
                self.0.push(view.index);
            }
        }
        let shapes = vec![LayerShape { outputs: 10, activation: Activation::Tanh }; 1000];
        let mut network = Network::new(5, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(Initialiser::Orthogonal { gain: 1.0 }, Initialiser::Zeros, 1);
        let mut buffers = Buffers::new(&network, 4).unwrap();
        let x = vec![0.5; 3 * 5];
        let y = network.forward(&x, &mut buffers);
        assert_eq!(y.len(), 30);
        assert!(network.cost(y, Targets::Labels(&[0, 1, 2])).is_finite());
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut order = Order(Vec::new());
        network.backward(&x, Targets::Labels(&[0, 1, 2]), &mut buffers, &mut gradients, &mut order);
        assert!(order.0.iter().copied().eq((0..1000).rev()));
        assert!(gradients.iter().all(|g| g.is_finite()));
        assert!(gradients[network.layers()[0].weights()].iter().any(|g| *g != 0.0));
    }

    #[test]
    fn layers_that_two_networks_share_are_drawn_alike() {
        let drawn = |widths: &[usize]| {
            let shapes: Vec<_> =
                widths.iter().map(|&outputs| LayerShape { outputs, activation: Activation::Relu }).collect();
            let mut network = Network::new(5, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
            network.initialise(Initialiser::HeNormal, Initialiser::Normal { std: 0.1 }, 3);
            network
        };
        let layer = |network: &Network, index: usize| {
            let layer = &network.layers()[index];
            network.parameters()[layer.weights().start..layer.bias().end].to_vec()
        };
        let (shallow, deep) = (drawn(&[4, 6, 3]), drawn(&[4, 6, 3, 3]));
        assert!((0..3).all(|index| layer(&shallow, index) == layer(&deep, index)));
        assert_ne!(layer(&deep, 2)[..3], layer(&deep, 3)[..3]);
    }
}
