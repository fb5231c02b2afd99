//! What a training step needs: the network, its gradients, the optimizer and a batch. A step allocates nothing.

use std::sync::atomic::AtomicBool;

use headwater_data::{Batches, Dataset};
use headwater_nn::{
    Activation, Hook, InitialiseError, Initialiser, Interrupted, Network, OptimizerState, ShapeError, Stage,
    Subnormals, Targets, Workspace, count_correct, try_filled,
};
use headwater_probe::Probe;
use headwater_probe::counterfactual::Scene;

use crate::{Config, TrainConfig};

/// Samples by which LSUV scales the weights.
const LSUV_BATCH: usize = 256;

/// The state of a training between its steps.
pub(crate) struct Stepper {
    pub(crate) network: Network,
    pub(super) workspace: Workspace,
    /// dC/dW and the like, as long as the parameters.
    pub(super) gradients: Vec<f32>,
    optimizer: OptimizerState,
    batches: Batches,
    indices: Vec<u32>,
    /// `[batch, inputs]`.
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

/// What the forward pass of a batch tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    pub(crate) loss: f64,
    /// Samples that are classified correctly.
    pub(crate) correct: usize,
}

impl Stepper {
    /// A network without weights. `output` replaces the activation of the last layer.
    pub(crate) fn new(
        config: &Config,
        dataset: &Dataset,
        output: Option<Activation>,
        batches: Batches,
    ) -> Result<Self, ShapeError> {
        let Config { network: shape, train, .. } = config;
        let (width, batch) = (dataset.train.width(), train.batch_size);
        let mut shapes = shape.shapes(dataset.classes);
        if let (Some(last), Some(activation)) = (shapes.last_mut(), output) {
            last.activation = activation;
        }
        let network = Network::new(width, &shapes, shape.loss)?;
        let mut workspace = Workspace::new(&network, batch)?;
        workspace.seed_dropout(train.seed);
        let parameters = network.parameters().len();
        Ok(Self {
            gradients: try_filled(0.0, parameters, "the gradients")?,
            optimizer: OptimizerState::new(train.optimizer, parameters)?,
            inputs: try_filled(0.0, batch.saturating_mul(width), "the batch")?,
            batches,
            indices: vec![0; batch],
            labels: vec![0; batch],
            workspace,
            network,
        })
    }

    /// Draws the parameters. The same seed gives every scenario the same batches, and the same weights where the shapes agree.
    pub(crate) fn draw(
        &mut self,
        config: &Config,
        dataset: &Dataset,
        interrupt: &AtomicBool,
    ) -> Result<(), InitialiseError> {
        let Config { network: shape, train, .. } = config;
        // As in the steps that follow: a weight that counts as 0 is 0.
        let _flushing = Subnormals::flush();
        self.network.initialise_interruptible(shape.init, shape.bias_init, train.seed, interrupt)?;
        if shape.init == Initialiser::Lsuv {
            let samples = &dataset.train;
            let count = LSUV_BATCH.min(samples.len());
            let mut inputs = try_filled(0.0, count.saturating_mul(samples.width()), "the batch")?;
            samples.range(0, &mut inputs, &mut vec![0; count]);
            let mut workspace = Workspace::new(&self.network, count)?;
            self.network.scale_to_unit_variance(&inputs, &mut workspace, interrupt)?;
        }
        Ok(())
    }

    /// Takes the next batch and computes the outputs and the loss.
    pub(crate) fn forward(&mut self, dataset: &Dataset, interrupt: &AtomicBool) -> Result<Batch, Interrupted> {
        self.batches.next(&mut self.indices);
        dataset.train.gather(&self.indices, &mut self.inputs, &mut self.labels);
        let outputs = self.network.forward_training_interruptible(&self.inputs, &mut self.workspace, interrupt)?;
        let correct = count_correct(outputs, self.network.outputs(), &self.labels);
        Ok(Batch { loss: f64::from(self.network.loss(outputs, Targets::Labels(&self.labels))), correct })
    }

    /// Sets the gradients of the batch, and shows each layer to the hook.
    pub(crate) fn backward(&mut self, hook: &mut impl Hook, interrupt: &AtomicBool) -> Result<(), Interrupted> {
        let targets = Targets::Labels(&self.labels);
        let Self { network, workspace, gradients, inputs, .. } = self;
        network.backward_interruptible(inputs, targets, workspace, gradients, hook, interrupt)
    }

    /// Follows the gradient again where it does not fit in f32, scaled and exactly. `scratch` is overwritten.
    pub(super) fn retrace(
        &mut self,
        scratch: &mut [f32],
        visit: impl FnMut(usize, Stage, f64),
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        let _exact = Subnormals::keep();
        let targets = Targets::Labels(&self.labels);
        self.network.trace_interruptible(&self.inputs, targets, &mut self.workspace, scratch, visit, interrupt)
    }

    /// The batch, for questions about other activations and weights. `scratch` is overwritten.
    pub(super) fn scene<'a>(&'a mut self, scratch: &'a mut [f32], interrupt: &'a AtomicBool) -> Scene<'a> {
        Scene {
            network: &self.network,
            workspace: &mut self.workspace,
            x: &self.inputs,
            targets: Targets::Labels(&self.labels),
            scratch,
            interrupt,
        }
    }

    /// Clips the gradients, adds the weight decay, and clears the gradients of frozen layers.
    pub(crate) fn condition(&mut self, train: &TrainConfig, frozen: &[usize]) {
        train.clip().apply(&mut self.gradients);
        if let Some(decay) = train.weight_decay.map(|decay| decay as f32) {
            for (gradient, parameter) in self.gradients.iter_mut().zip(self.network.parameters()) {
                *gradient += decay * parameter;
            }
        }
        for layer in frozen.iter().filter_map(|index| self.network.layers().get(*index)) {
            for range in [layer.weights(), layer.bias(), layer.norm()] {
                self.gradients[range].fill(0.0);
            }
        }
    }

    /// The optimizer's step. A probe measures on the way how far it goes.
    pub(crate) fn update(&mut self, learning_rate: f64, probe: Option<&mut Probe>) {
        let Self { network, optimizer, gradients, .. } = self;
        match probe {
            Some(probe) => probe.update(network, optimizer, gradients, learning_rate),
            None => optimizer.update(network.parameters_mut(), gradients, learning_rate),
        }
    }

    /// Samples in a batch.
    pub(crate) fn batch_size(&self) -> usize {
        self.labels.len()
    }
}
