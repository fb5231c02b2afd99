//! A network: dense layers in a row, their parameters in one flat vector, and the passes over them.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use crate::kernels::{Input, Scratch};
use crate::layer::{Layer, LayerBuffers, LayerShape, Mode, Pass};
use crate::norm::Running;
use crate::tap::Tap;
use crate::{Activation, Initialiser, InstructionSet, Loss, Norm, Place, Real, Targets, kernels};

/// The random stream of dropout; see [`Network::initialise`] for the others of a seed.
const DROPOUT_STREAM: u64 = 1 << 31;

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
    /// A skip connection does not fit.
    #[error("layer{number}: {reason}")]
    Skip {
        /// Number of the layer at which it ends, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A probability is none.
    #[error("layer{number}: dropout must be at least 0 and below 1")]
    Dropout {
        /// Number of the layer, from 1.
        number: usize,
    },
}

/// Layers in a row.
#[derive(Debug, Clone)]
pub struct Network {
    layers: Vec<Layer>,
    loss: Loss,
    parameters: Vec<Real>,
    /// For each layer, empty unless it has batch normalisation.
    running: Vec<Running>,
    /// Where the sums of skip connections stand.
    place: Option<Place>,
}

/// What a pass over a batch computes, sized once for a network and its largest batch.
#[derive(Debug, Clone)]
pub struct Buffers {
    batch: usize,
    pub(crate) layers: Vec<LayerBuffers>,
    pub(crate) scratch: Scratch,
    dropout: ChaCha8Rng,
}

impl Network {
    /// A network of these layers whose weights and biases are all 0; see [`Self::initialise`].
    ///
    /// # Errors
    /// [`ShapeError`] when there are no inputs or layers, a layer has no units, the sizes overflow, or what stands around a
    /// product has no meaning.
    pub fn new(inputs: usize, shapes: &[LayerShape], loss: Loss) -> Result<Self, ShapeError> {
        if inputs == 0 {
            return Err(ShapeError::NoInputs);
        }
        if shapes.is_empty() {
            return Err(ShapeError::NoLayers);
        }
        let blocks = shapes.iter().filter(|shape| shape.skip.is_some()).count();
        let place = shapes.iter().find_map(|shape| shape.skip).map(|skip| skip.place);
        let mut layers: Vec<Layer> = Vec::with_capacity(shapes.len());
        let (mut fan_in, mut offset) = (inputs, 0_usize);
        for (index, shape) in shapes.iter().enumerate() {
            let number = index + 1;
            if shape.outputs == 0 {
                return Err(ShapeError::NoUnits { number });
            }
            if !(0.0..1.0).contains(&shape.dropout) {
                return Err(ShapeError::Dropout { number });
            }
            if let Some(skip) = shape.skip {
                let refuse = |reason| Err(ShapeError::Skip { number, reason });
                match layers.get_mut(skip.source) {
                    None => return refuse("a skip connection begins at an earlier layer"),
                    Some(source) if source.outputs() != shape.outputs => {
                        return refuse("a skip connection joins layers of the same width");
                    }
                    Some(source) if source.skips_to.is_some() => {
                        return refuse("one skip connection begins at a layer");
                    }
                    Some(_) if Some(skip.place) != place => return refuse("all sums stand in the same place"),
                    Some(source) => source.skips_to = Some(index),
                }
            }
            layers.push(Layer::new(fan_in, *shape, offset, blocks));
            offset = Layer::size(fan_in, shape)
                .and_then(|size| size.checked_add(offset))
                .ok_or(ShapeError::TooLarge { number })?;
            fan_in = shape.outputs;
        }
        let mut parameters = zeros(Some(offset), shapes.len())?;
        for layer in layers.iter().filter(|layer| layer.shape.norm.is_some()) {
            let (gamma, _) = parameters[layer.norm()].split_at_mut(layer.outputs());
            gamma.fill(1.0);
        }
        let running = |layer: &Layer| match layer.shape.norm {
            Some(Norm::Batch) => Running::new(layer.outputs()),
            _ => Running::default(),
        };
        let running = layers.iter().map(running).collect();
        Ok(Self { layers, loss, parameters, running, place })
    }

    /// Draws all weights and biases. Each layer's weights and each layer's biases have a random stream of their own,
    /// so that networks of one seed that differ in depth, or in the width of some layers, share all other layers.
    /// `bias` is not asked where the rule for the weights brings one for the biases.
    pub fn initialise(&mut self, weights: Initialiser, bias: Initialiser, seed: u64) {
        let bias = weights.own_bias().unwrap_or(bias);
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
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All parameters, flat; [`Layer::weights`] and its sisters say where each lies.
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

    /// Whether passes in training differ from those in evaluation.
    pub fn has_modes(&self) -> bool {
        self.layers.iter().any(|layer| layer.shape.dropout > 0.0 || layer.shape.norm == Some(Norm::Batch))
    }

    /// Computes the outputs, `[batch, outputs]`, of `x`, `[batch, inputs]`, for any batch up to the buffers': in
    /// evaluation, with running statistics and without dropout.
    pub fn forward<'b>(&self, x: &[Real], buffers: &'b mut Buffers) -> &'b [Real] {
        self.pass(x, &mut buffers.layers, &mut buffers.scratch, &mut Mode::Evaluation(&self.running));
        buffers.out(x.len() / self.inputs() * self.outputs())
    }

    /// The same in training: with the batch's own statistics, which the running ones take in, and with dropout.
    pub fn forward_training<'b>(&mut self, x: &[Real], buffers: &'b mut Buffers) -> &'b [Real] {
        let Buffers { layers, scratch, dropout, .. } = buffers;
        self.pass(x, layers, scratch, &mut Mode::Training(dropout));
        let batch = x.len() / self.inputs();
        for (running, here) in self.running.iter_mut().zip(&*layers).filter(|(running, _)| !running.mean.is_empty()) {
            running.update(&here.norm, batch);
        }
        buffers.out(batch * self.outputs())
    }

    fn pass(&self, x: &[Real], buffers: &mut [LayerBuffers], scratch: &mut Scratch, mode: &mut Mode<'_>) {
        let batch = x.len() / self.inputs();
        debug_assert_eq!(x.len(), batch * self.inputs());
        kernels::find_zeros(InstructionSet::detected(), x, scratch);
        for (index, layer) in self.layers.iter().enumerate() {
            let (below, here) = buffers.split_at_mut(index);
            let here = &mut here[0];
            layer.product(&self.parameters, input(x, below, batch * layer.inputs()), scratch, here);
            layer.forward(index, batch, &self.parameters, below, here, mode);
        }
    }

    /// The cost C of outputs that [`Self::forward`] computed.
    pub fn cost(&self, outputs: &[Real], targets: Targets<'_>) -> Real {
        self.loss.forward(outputs, self.outputs(), targets)
    }

    /// Computes dC/dp for every parameter p, from the last layer to the first, for the batch that
    /// [`Self::forward_training`] has just seen, and shows each layer to `tap`. ([`Self::forward`] does as well where
    /// passes do not differ.) Sets `gradients`, laid out as the parameters.
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
        self.loss_gradient(batch, targets, buffers);
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let pass = Pass { index, batch, parameters: &self.parameters, x, place: self.place };
            layer.backward(pass, &mut buffers.layers, &mut buffers.scratch, gradients, tap);
        }
    }

    /// Sets the last layer's delta to dC/dout.
    pub(crate) fn loss_gradient(&self, batch: usize, targets: Targets<'_>, buffers: &mut Buffers) {
        let Some(last) = buffers.layers.last_mut() else { return };
        let size = batch * self.outputs();
        let mut delta = std::mem::take(&mut last.delta);
        self.loss.backward(last.out(size), self.outputs(), targets, &mut delta[..size]);
        last.delta = delta;
    }

    /// Where the sums of skip connections stand.
    pub(crate) fn place(&self) -> Option<Place> {
        self.place
    }

    /// Layer-sequential unit variance (Mishkin and Matas, 2015, algorithm 1): scales the weights of each layer, first to
    /// last, until its product has variance 1 over the batch `x`. It begins from orthonormal weights.
    pub fn scale_to_unit_variance(&mut self, x: &[Real], buffers: &mut Buffers) {
        const TOLERANCE: f64 = 0.01;
        const TRIALS: usize = 10;
        let batch = x.len() / self.inputs();
        let Buffers { layers: buffers, scratch, dropout, .. } = buffers;
        kernels::find_zeros(InstructionSet::detected(), x, scratch);
        for (index, layer) in self.layers.iter().enumerate() {
            let (below, here) = buffers.split_at_mut(index);
            let here = &mut here[0];
            let input = input(x, below, batch * layer.inputs());
            for _ in 0..TRIALS {
                layer.product(&self.parameters, input, scratch, here);
                let variance = variance(&here.z[..batch * layer.outputs()]);
                // A layer that gives the same for every input cannot be helped by a factor.
                if (variance - 1.0).abs() < TOLERANCE || !(variance > 0.0 && variance.is_finite()) {
                    break;
                }
                let factor = (1.0 / variance.sqrt()) as Real;
                self.parameters[layer.weights()].iter_mut().for_each(|weight| *weight *= factor);
            }
            layer.product(&self.parameters, input, scratch, here);
            layer.forward(index, batch, &self.parameters, below, here, &mut Mode::Training(dropout));
        }
    }

    /// The same network with another activation in all layers but the last.
    pub fn with_hidden_activation(&self, activation: Activation) -> Self {
        let mut network = self.clone();
        let hidden = network.layers.len() - 1;
        for layer in &mut network.layers[..hidden] {
            layer.shape.activation = activation;
        }
        network
    }
}

/// The input of a layer above these.
fn input<'a>(x: &'a [Real], below: &'a [LayerBuffers], size: usize) -> (Input, &'a [Real]) {
    below.last().map_or((Input::Network, x), |below| (Input::Layer, below.out(size)))
}

fn variance(values: &[Real]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count
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
        Self::around(network, batch, None)
    }

    /// Buffers for batches of the same size through another network, in the memory of these as far as that goes.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn refit(self, network: &Network) -> Result<Self, ShapeError> {
        Self::around(network, self.batch, Some(self.scratch))
    }

    fn around(network: &Network, batch: usize, scratch: Option<Scratch>) -> Result<Self, ShapeError> {
        let layer = |(number, layer): (usize, &Layer)| {
            LayerBuffers::new(layer, batch, network.place, |length| zeros(length, number))
        };
        let layers = (1..).zip(&network.layers).map(layer).collect::<Result<_, _>>()?;
        let deepest = network.layers.iter().map(|layer| layer.inputs().max(layer.outputs())).max().unwrap_or(0);
        let scratch = scratch
            .filter(|scratch| scratch.is_for(deepest, batch, network.inputs()))
            .or_else(|| Scratch::new(deepest, batch, network.inputs()))
            .ok_or(ShapeError::TooLarge { number: network.layers.len() })?;
        let mut buffers = Self { batch, layers, scratch, dropout: ChaCha8Rng::seed_from_u64(0) };
        buffers.seed_dropout(0);
        Ok(buffers)
    }

    /// Lets dropout begin its random stream anew.
    pub fn seed_dropout(&mut self, seed: u64) {
        self.dropout = ChaCha8Rng::seed_from_u64(seed);
        self.dropout.set_stream(DROPOUT_STREAM);
    }

    /// Applies another activation to the pre-activations of the last pass, so that a backward pass answers: what if f were
    /// another one at the same z? The activations of a network with [`Network::with_hidden_activation`].
    pub fn reactivate(&mut self, network: &Network) {
        for (layer, here) in network.layers.iter().zip(&mut self.layers) {
            layer.activation().forward(&here.z, &mut here.a);
        }
    }

    fn out(&self, size: usize) -> &[Real] {
        debug_assert!(size <= self.batch * self.layers.last().map_or(0, |last| last.z.len() / self.batch.max(1)));
        self.layers.last().map_or(&[], |last| last.out(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BranchScale, LayerView, Skip};

    #[test]
    fn shapes_that_make_no_network_are_refused() {
        let layer = |outputs| LayerShape::new(outputs, Activation::Relu);
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
        let shapes = vec![LayerShape::new(10, Activation::Tanh); 1000];
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
    fn lsuv_gives_every_product_variance_one() {
        struct Variances(Vec<f64>);
        impl Tap for Variances {
            fn layer(&mut self, view: &LayerView<'_>) {
                self.0.push(variance(view.z));
            }
        }
        let mut network =
            Network::new(20, &vec![LayerShape::new(30, Activation::Relu); 50], Loss::MeanSquaredError).unwrap();
        network.initialise(Initialiser::Lsuv, Initialiser::Zeros, 4);
        let mut buffers = Buffers::new(&network, 64).unwrap();
        let x: Vec<Real> = (0..64 * 20).map(|i| ((i * 7919) % 101) as Real / 50.0 - 1.0).collect();
        network.scale_to_unit_variance(&x, &mut buffers);
        network.forward(&x, &mut buffers);
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut variances = Variances(Vec::new());
        network.backward(&x, Targets::Labels(&[0; 64]), &mut buffers, &mut gradients, &mut variances);
        assert!(variances.0.iter().all(|variance| (variance - 1.0).abs() < 0.02), "{:?}", variances.0);
    }

    #[test]
    fn skip_connections_that_do_not_fit_are_refused() {
        let layer = |outputs| LayerShape::new(outputs, Activation::Relu);
        let skip = |source, place| Some(Skip { source, place, scale: BranchScale::One });
        let build = |shapes: &[LayerShape]| Network::new(3, shapes, Loss::MeanSquaredError).map(|_| ());
        let ends = |outputs, skip| LayerShape { skip, ..layer(outputs) };
        assert_eq!(build(&[layer(3), ends(3, skip(0, Place::PreActivation))]), Ok(()));
        let refused = |shapes: &[LayerShape]| matches!(build(shapes), Err(ShapeError::Skip { .. }));
        assert!(refused(&[layer(3), ends(4, skip(0, Place::PreActivation))]));
        assert!(refused(&[layer(3), ends(3, skip(1, Place::PreActivation))]));
        let (pre, post) = (skip(0, Place::PreActivation), skip(1, Place::PostActivation));
        assert!(refused(&[layer(3), ends(3, pre), ends(3, pre)]));
        assert!(refused(&[layer(3), ends(3, pre), ends(3, post)]));
        let dropout = LayerShape { dropout: 1.0, ..layer(3) };
        assert_eq!(build(&[dropout]), Err(ShapeError::Dropout { number: 1 }));
    }

    #[test]
    fn dropout_keeps_the_mean_in_training_and_does_nothing_in_evaluation() {
        let shapes = [LayerShape { dropout: 0.25, ..LayerShape::new(10_000, Activation::Identity) }];
        let mut network = Network::new(1, &shapes, Loss::MeanSquaredError).unwrap();
        network.initialise(Initialiser::Constant(1.0), Initialiser::Zeros, 0);
        let mut buffers = Buffers::new(&network, 1).unwrap();
        assert!(network.forward(&[2.0], &mut buffers).iter().all(|a| *a == 2.0));
        let out = network.forward_training(&[2.0], &mut buffers);
        let dropped = out.iter().filter(|a| **a == 0.0).count() as f64 / 10_000.0;
        let mean = out.iter().map(|&a| f64::from(a)).sum::<f64>() / 10_000.0;
        assert!((dropped - 0.25).abs() < 0.02, "{dropped}");
        assert!((mean - 2.0).abs() < 0.06, "{mean}");
    }

    #[test]
    fn layers_that_two_networks_share_are_drawn_alike() {
        let drawn = |widths: &[usize]| {
            let shapes: Vec<_> = widths.iter().map(|&outputs| LayerShape::new(outputs, Activation::Relu)).collect();
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
