//! Networks before their first step, and what is seen in one pass over them.

use headwater_data::{Batches, Dataset, Request, Source};
use headwater_nn::{Activation, Hook, Initialiser, LayerShape, LayerView, Loss, Network, Targets, Workspace};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::ReproduceError;
use super::svd::{self, Columns};

/// Units of the output layer.
const OUTPUTS: usize = 10;
/// The random stream of inputs and of gradients at the output; networks count theirs up from 0.
const INPUTS: u64 = u64::MAX;
const OUTPUT_GRADIENTS: u64 = u64::MAX - 1;

/// A network with room for its passes. At its output the gradient of each sample is noise, as theory takes it: that of
/// a loss knows the outputs, and is no random direction.
pub(super) struct Drawn {
    network: Network,
    workspace: Workspace,
    gradients: Vec<f32>,
    seed: u64,
}

/// What a pass shows of a layer: mean squares over units and samples.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signal {
    /// Of z.
    pub(super) q: f64,
    /// Mean of a.
    pub(super) mean: f64,
    /// Of a.
    pub(super) square: f64,
    /// Of dC/dW.
    pub(super) gradient: f64,
    /// Half the squared distance of the first two samples' z, over the mean of their squares: 1 - correlation.
    pub(super) apart: f64,
    /// Share of the units whose a is 0.
    pub(super) zero: f64,
}

impl Drawn {
    /// A network of these shapes for batches of up to `batch` samples.
    pub(super) fn new(
        inputs: usize,
        shapes: &[LayerShape],
        weights: Initialiser,
        bias: Initialiser,
        batch: usize,
        seed: u64,
    ) -> Result<Self, ReproduceError> {
        let mut network = Network::new(inputs, shapes, Loss::MeanSquaredError)?;
        network.initialise(weights, bias, seed);
        let workspace = Workspace::new(&network, batch)?;
        let gradients = vec![0.0; network.parameters().len()];
        Ok(Self { network, workspace, gradients, seed })
    }

    /// A pass upwards, and the targets from which the outputs are away by noise.
    fn forward(&mut self, x: &[f32]) -> Vec<f32> {
        let outputs = self.network.forward_training(x, &mut self.workspace);
        let noise = normal(outputs.len(), self.seed, OUTPUT_GRADIENTS);
        outputs.iter().zip(noise).map(|(output, noise)| output - noise).collect()
    }

    /// ln |delta| of every layer, first to last, in norms over units and samples.
    pub(super) fn ln_deltas(&mut self, x: &[f32]) -> Vec<f64> {
        let mut ln = vec![0.0; self.network.layers().len()];
        let targets = self.forward(x);
        let targets = Targets::Values(&targets);
        // The last stage of each layer leaves its delta.
        self.network.trace(x, targets, &mut self.workspace, &mut self.gradients, |index, _, norm| ln[index] = norm);
        ln
    }

    /// What a pass shows of every layer, first to last.
    pub(super) fn signals(&mut self, x: &[f32]) -> Vec<Signal> {
        struct Signals(Vec<Signal>);
        impl Hook for Signals {
            fn layer(&mut self, view: &LayerView<'_>) {
                self.0[view.index] = Signal::of(view);
            }
        }
        let mut signals = Signals(vec![Signal::default(); self.network.layers().len()]);
        self.backward(x, &mut signals);
        signals.0
    }

    fn backward(&mut self, x: &[f32], hook: &mut impl Hook) {
        let targets = self.forward(x);
        self.network.backward(x, Targets::Values(&targets), &mut self.workspace, &mut self.gradients, hook);
    }

    /// The Jacobian of z of the layer at index `to` by z of the one at `from`, both of as many units as all between,
    /// at the sample `x`; a column for each unit of the lower layer.
    pub(super) fn jacobian(&mut self, x: &[f32], from: usize, to: usize) -> Columns {
        struct Slopes(Vec<Vec<f32>>);
        impl Hook for Slopes {
            fn layer(&mut self, view: &LayerView<'_>) {
                let mut slopes = vec![1.0; view.outputs];
                view.activation.backward(view.z, view.a, &mut slopes);
                self.0[view.index] = slopes;
            }
        }
        let mut slopes = Slopes(vec![Vec::new(); self.network.layers().len()]);
        self.backward(x, &mut slopes);
        let layers = self.network.layers();
        let mut columns = svd::unit(layers[from].outputs());
        for (slopes, layer) in slopes.0[from..to].iter().zip(&layers[from + 1..=to]) {
            for column in &mut columns {
                column.iter_mut().zip(slopes).for_each(|(entry, slope)| *entry *= f64::from(*slope));
            }
            columns = svd::times(&columns, &self.network.parameters()[layer.weights()]);
        }
        columns
    }
}

impl Signal {
    fn of(view: &LayerView<'_>) -> Self {
        let (first, second) = match view.z.chunks_exact(view.outputs).take(2).collect::<Vec<_>>()[..] {
            [first, second] => (first, second),
            _ => (view.z, view.z),
        };
        let apart = first.iter().zip(second).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
        let both = (mean_square(first) + mean_square(second)) * view.outputs as f64;
        Self {
            q: mean_square(view.z),
            mean: view.a.iter().map(|a| f64::from(*a)).sum::<f64>() / view.a.len() as f64,
            square: mean_square(view.a),
            gradient: mean_square(view.weight_gradient),
            apart: apart / both,
            zero: view.a.iter().filter(|a| **a == 0.0).count() as f64 / view.a.len() as f64,
        }
    }
}

fn mean_square(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / values.len() as f64
}

/// `depth` hidden layers of `width` units, and an output layer.
pub(super) fn plain(depth: usize, width: usize, activation: Activation) -> Vec<LayerShape> {
    let mut shapes = vec![LayerShape::new(width, activation); depth];
    shapes.push(LayerShape::new(OUTPUTS, Activation::Identity));
    shapes
}

/// Inputs: standard normal numbers.
pub(super) fn noise(count: usize, seed: u64) -> Vec<f32> {
    normal(count, seed, INPUTS)
}

/// Standard normal numbers from one random stream of a seed.
pub(super) fn normal(count: usize, seed: u64, stream: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    (0..count).map(|_| rng.sample(StandardNormal)).collect()
}

/// The MNIST in the box, in the experiment's splits.
pub(super) fn mnist() -> Result<Dataset, ReproduceError> {
    Ok(headwater_data::load(&Request::new(Source::Mnist))?)
}

/// The inputs of the first batch of a seed.
pub(super) fn batch(dataset: &Dataset, size: usize, seed: u64) -> Vec<f32> {
    let mut indices = vec![0; size];
    Batches::new(dataset.train.len(), seed).next(&mut indices);
    let (mut inputs, mut labels) = (vec![0.0; size * dataset.train.width()], vec![0; size]);
    dataset.train.gather(&indices, &mut inputs, &mut labels);
    inputs
}
