//! A network: dense layers in a row, their parameters in one flat vector, and the passes over them.

use std::sync::atomic::AtomicBool;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::hook::Hook;
use crate::interrupt::{self, NEVER};
use crate::kernels::{Input, Scratch};
use crate::layer::{Layer, LayerShape, LayerWorkspace, Mode, Pass};
use crate::norm::Running;
use crate::{
    Activation, InitialiseError, Initialiser, InstructionSet, Interrupted, Loss, Norm, Place, Real, ShapeError,
    Targets, Workspace, kernels, memory,
};

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
        let mut layers: Vec<Layer> = memory::room(shapes.len(), "the layers")?;
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
        let mut parameters = memory::zeros(Some(offset), shapes.len())?;
        for layer in layers.iter().filter(|layer| layer.shape.norm.is_some()) {
            let (gamma, _) = parameters[layer.norm()].split_at_mut(layer.outputs());
            gamma.fill(1.0);
        }
        let mut running = memory::room(layers.len(), "the running statistics")?;
        for layer in &layers {
            let batch = layer.shape.norm == Some(Norm::Batch);
            running.push(if batch { Running::new(layer.outputs())? } else { Running::default() });
        }
        Ok(Self { layers, loss, parameters, running, place })
    }

    /// Draws all weights and biases. Each layer's weights and each layer's biases have a random stream of their own,
    /// so that networks of one seed that differ in depth, or in the width of some layers, share all other layers.
    /// `bias` is not asked where the rule for the weights brings one for the biases.
    ///
    /// # Panics
    /// If there is not enough memory to make orthogonal weights; [`Self::initialise_interruptible`] returns an error
    /// instead.
    pub fn initialise(&mut self, weights: Initialiser, bias: Initialiser, seed: u64) {
        if let Err(error) = self.initialise_interruptible(weights, bias, seed, &NEVER) {
            panic!("{error}");
        }
    }

    /// Like [`Self::initialise`], but stops soon after `interrupt` is raised.
    ///
    /// # Errors
    /// [`InitialiseError`] if `interrupt` was raised, or if there is not enough memory to make orthogonal weights. Some
    /// parameters are then not drawn.
    pub fn initialise_interruptible(
        &mut self,
        weights: Initialiser,
        bias: Initialiser,
        seed: u64,
        interrupt: &AtomicBool,
    ) -> Result<(), InitialiseError> {
        let bias = weights.own_bias().unwrap_or(bias);
        for (number, layer) in (1_u64..).zip(&self.layers) {
            let stream = |part| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                // The lower half is left to whoever else draws from this seed.
                rng.set_stream((2 * number + part) << 32);
                rng
            };
            let (inputs, outputs) = (layer.inputs(), layer.outputs());
            weights.fill(&mut self.parameters[layer.weights()], [inputs, outputs], &mut stream(0), interrupt)?;
            bias.fill(&mut self.parameters[layer.bias()], [1, outputs], &mut stream(1), interrupt)?;
        }
        Ok(())
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

    /// Computes the outputs, `[batch, outputs]`, of `x`, `[batch, inputs]`, for any batch up to the workspace's: in
    /// evaluation, with running statistics and without dropout.
    pub fn forward<'b>(&self, x: &[Real], workspace: &'b mut Workspace) -> &'b [Real] {
        // `NEVER` is never raised.
        self.forward_interruptible(x, workspace, &NEVER).unwrap_or_default()
    }

    /// Like [`Self::forward`], but stops at the next layer after `interrupt` is raised.
    ///
    /// # Errors
    /// [`Interrupted`] if `interrupt` was raised.
    pub fn forward_interruptible<'b>(
        &self,
        x: &[Real],
        workspace: &'b mut Workspace,
        interrupt: &AtomicBool,
    ) -> Result<&'b [Real], Interrupted> {
        let mode = &mut Mode::Evaluation(&self.running);
        self.pass(x, &mut workspace.layers, &mut workspace.scratch, mode, interrupt)?;
        Ok(workspace.out(x.len() / self.inputs() * self.outputs()))
    }

    /// The same in training: with the batch's own statistics, which the running ones take in, and with dropout.
    pub fn forward_training<'b>(&mut self, x: &[Real], workspace: &'b mut Workspace) -> &'b [Real] {
        // `NEVER` is never raised.
        self.forward_training_interruptible(x, workspace, &NEVER).unwrap_or_default()
    }

    /// Like [`Self::forward_training`], but stops at the next layer after `interrupt` is raised.
    ///
    /// # Errors
    /// [`Interrupted`] if `interrupt` was raised. The running statistics are then unchanged.
    pub fn forward_training_interruptible<'b>(
        &mut self,
        x: &[Real],
        workspace: &'b mut Workspace,
        interrupt: &AtomicBool,
    ) -> Result<&'b [Real], Interrupted> {
        let Workspace { layers, scratch, dropout, .. } = workspace;
        self.pass(x, layers, scratch, &mut Mode::Training(dropout), interrupt)?;
        let batch = x.len() / self.inputs();
        for (running, here) in self.running.iter_mut().zip(&*layers).filter(|(running, _)| !running.mean.is_empty()) {
            running.update(&here.norm, batch);
        }
        Ok(workspace.out(batch * self.outputs()))
    }

    fn pass(
        &self,
        x: &[Real],
        workspace: &mut [LayerWorkspace],
        scratch: &mut Scratch,
        mode: &mut Mode<'_>,
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        let batch = x.len() / self.inputs();
        debug_assert_eq!(x.len(), batch * self.inputs());
        kernels::find_zeros(InstructionSet::detected(), x, scratch);
        for (index, layer) in self.layers.iter().enumerate() {
            interrupt::check(interrupt)?;
            let (below, here) = workspace.split_at_mut(index);
            let here = &mut here[0];
            layer.product(&self.parameters, input(x, below, batch * layer.inputs()), scratch, here);
            layer.forward(index, batch, &self.parameters, below, here, mode);
        }
        Ok(())
    }

    /// The loss C of outputs that [`Self::forward`] computed.
    pub fn loss(&self, outputs: &[Real], targets: Targets<'_>) -> Real {
        self.loss.forward(outputs, self.outputs(), targets)
    }

    /// Computes dC/dp for every parameter p, from the last layer to the first, for the batch that
    /// [`Self::forward_training`] has just seen, and shows each layer to `hook`. ([`Self::forward`] does as well where
    /// passes do not differ.) Sets `gradients`, laid out as the parameters.
    pub fn backward(
        &self,
        x: &[Real],
        targets: Targets<'_>,
        workspace: &mut Workspace,
        gradients: &mut [Real],
        hook: &mut impl Hook,
    ) {
        // `NEVER` is never raised.
        let _ = self.backward_interruptible(x, targets, workspace, gradients, hook, &NEVER);
    }

    /// Like [`Self::backward`], but stops at the next layer after `interrupt` is raised.
    ///
    /// # Errors
    /// [`Interrupted`] if `interrupt` was raised.
    pub fn backward_interruptible(
        &self,
        x: &[Real],
        targets: Targets<'_>,
        workspace: &mut Workspace,
        gradients: &mut [Real],
        hook: &mut impl Hook,
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        debug_assert_eq!(gradients.len(), self.parameters.len());
        let batch = x.len() / self.inputs();
        self.loss_gradient(batch, targets, workspace);
        for (index, layer) in self.layers.iter().enumerate().rev() {
            interrupt::check(interrupt)?;
            let pass = Pass { index, batch, parameters: &self.parameters, x, place: self.place };
            layer.backward(pass, &mut workspace.layers, &mut workspace.scratch, gradients, hook);
        }
        Ok(())
    }

    /// Sets the last layer's delta to dC/dout.
    pub(crate) fn loss_gradient(&self, batch: usize, targets: Targets<'_>, workspace: &mut Workspace) {
        let Some(last) = workspace.layers.last_mut() else { return };
        let size = batch * self.outputs();
        let mut delta = std::mem::take(&mut last.delta);
        self.loss.backward(last.out(size), self.outputs(), targets, &mut delta[..size]);
        last.delta = delta;
    }

    /// Where the sums of skip connections stand.
    pub(crate) fn place(&self) -> Option<Place> {
        self.place
    }

    /// Layer-sequential unit variance (Mishkin and Matas, 2015, algorithm 1): scales the weights of each layer, first
    /// to last, until its product has variance 1 over the batch `x`. Expects orthonormal weights. Stops soon after
    /// `interrupt` is raised.
    ///
    /// # Errors
    /// [`Interrupted`] if `interrupt` was raised. Some layers are then not scaled.
    pub fn scale_to_unit_variance(
        &mut self,
        x: &[Real],
        workspace: &mut Workspace,
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        const TOLERANCE: f64 = 0.01;
        const TRIALS: usize = 10;
        let batch = x.len() / self.inputs();
        let Workspace { layers: workspace, scratch, dropout, .. } = workspace;
        kernels::find_zeros(InstructionSet::detected(), x, scratch);
        for (index, layer) in self.layers.iter().enumerate() {
            let (below, here) = workspace.split_at_mut(index);
            let here = &mut here[0];
            let input = input(x, below, batch * layer.inputs());
            for _ in 0..TRIALS {
                interrupt::check(interrupt)?;
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
        Ok(())
    }

    /// A copy of the network in new memory.
    ///
    /// # Errors
    /// [`ShapeError::NoMemory`] if there is not enough memory.
    pub fn try_clone(&self) -> Result<Self, ShapeError> {
        Ok(Self {
            layers: memory::try_copy(&self.layers, "a copy of the network")?,
            parameters: memory::try_copy(&self.parameters, "a copy of the network")?,
            running: memory::try_copy(&self.running, "a copy of the network")?,
            ..*self
        })
    }

    /// The same network with another activation in all layers but the last.
    ///
    /// # Errors
    /// As [`Self::try_clone`].
    pub fn with_hidden_activation(&self, activation: Activation) -> Result<Self, ShapeError> {
        let mut network = self.try_clone()?;
        let hidden = network.layers.len() - 1;
        for layer in &mut network.layers[..hidden] {
            layer.shape.activation = activation;
        }
        Ok(network)
    }
}

/// The input of a layer above these.
fn input<'a>(x: &'a [Real], below: &'a [LayerWorkspace], size: usize) -> (Input, &'a [Real]) {
    below.last().map_or((Input::Network, x), |below| (Input::Layer, below.out(size)))
}

fn variance(values: &[Real]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count
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
        assert!(batches.iter().all(|batch| Workspace::new(&network, *batch).is_err()));
    }

    #[test]
    fn a_network_of_a_thousand_layers_runs_and_the_tap_sees_every_layer_from_the_last_to_the_first() {
        struct Order(Vec<usize>);
        impl Hook for Order {
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
        let mut workspace = Workspace::new(&network, 4).unwrap();
        let x = vec![0.5; 3 * 5];
        let y = network.forward(&x, &mut workspace);
        assert_eq!(y.len(), 30);
        assert!(network.loss(y, Targets::Labels(&[0, 1, 2])).is_finite());
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut order = Order(Vec::new());
        network.backward(&x, Targets::Labels(&[0, 1, 2]), &mut workspace, &mut gradients, &mut order);
        assert!(order.0.iter().copied().eq((0..1000).rev()));
        assert!(gradients.iter().all(|g| g.is_finite()));
        assert!(gradients[network.layers()[0].weights()].iter().any(|g| *g != 0.0));
    }

    #[test]
    fn lsuv_gives_every_product_variance_one() {
        struct Variances(Vec<f64>);
        impl Hook for Variances {
            fn layer(&mut self, view: &LayerView<'_>) {
                self.0.push(variance(view.z));
            }
        }
        let mut network =
            Network::new(20, &vec![LayerShape::new(30, Activation::Relu); 50], Loss::MeanSquaredError).unwrap();
        network.initialise(Initialiser::Lsuv, Initialiser::Zeros, 4);
        let mut workspace = Workspace::new(&network, 64).unwrap();
        let x: Vec<Real> = (0..64 * 20).map(|i| ((i * 7919) % 101) as Real / 50.0 - 1.0).collect();
        network.scale_to_unit_variance(&x, &mut workspace, &NEVER).unwrap();
        network.forward(&x, &mut workspace);
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut variances = Variances(Vec::new());
        network.backward(&x, Targets::Labels(&[0; 64]), &mut workspace, &mut gradients, &mut variances);
        assert!(variances.0.iter().all(|variance| (variance - 1.0).abs() < 0.02), "{:?}", variances.0);
    }

    /// Raises the flag at the second layer.
    struct Raise<'a>(&'a AtomicBool, usize);
    impl Hook for Raise<'_> {
        fn layer(&mut self, _: &LayerView<'_>) {
            self.1 += 1;
            self.0.store(self.1 == 2, std::sync::atomic::Ordering::Relaxed);
        }
    }

    #[test]
    fn work_is_given_up_when_the_flag_is_raised() {
        let interrupt = AtomicBool::new(true);
        for weights in ["he_normal", "uniform(1)", "constant(3)", "orthogonal", "lsuv"] {
            let mut network =
                Network::new(4, &[LayerShape::new(4, Activation::Tanh); 3], Loss::MeanSquaredError).unwrap();
            let given_up = Err(InitialiseError::Interrupted(Interrupted));
            let drawn = network.initialise_interruptible(weights.parse().unwrap(), Initialiser::Zeros, 1, &interrupt);
            assert_eq!(drawn, given_up, "{weights}");
            assert!(network.parameters().iter().all(|parameter| *parameter == 0.0), "{weights}: nothing was drawn");
        }
        let mut network = Network::new(4, &[LayerShape::new(4, Activation::Tanh); 9], Loss::MeanSquaredError).unwrap();
        let mut workspace = Workspace::new(&network, 1).unwrap();
        let x = [1.0; 4];
        assert_eq!(network.forward_interruptible(&x, &mut workspace, &interrupt), Err(Interrupted));
        assert_eq!(network.forward_training_interruptible(&x, &mut workspace, &interrupt), Err(Interrupted));
        assert_eq!(network.scale_to_unit_variance(&x, &mut workspace, &interrupt), Err(Interrupted));
        let (mut gradients, mut raise) = (vec![0.0; network.parameters().len()], Raise(&interrupt, 0));
        interrupt.store(false, std::sync::atomic::Ordering::Relaxed);
        let targets = Targets::Labels(&[0]);
        let ended = network.backward_interruptible(&x, targets, &mut workspace, &mut gradients, &mut raise, &interrupt);
        assert_eq!((ended, raise.1), (Err(Interrupted), 2));
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
        let mut workspace = Workspace::new(&network, 1).unwrap();
        assert!(network.forward(&[2.0], &mut workspace).iter().all(|a| *a == 2.0));
        let out = network.forward_training(&[2.0], &mut workspace);
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
