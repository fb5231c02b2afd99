//! The probe: the hook that measures every layer.

use headwater_nn::{Hook, LayerView, Network, OptimizerState, ShapeError, Stage, Survey, UpdateSurvey, try_filled};

use crate::tags::Quantity;
use crate::{Blame, Counter, Histogram, Statistics, Tensor};

/// A unit is saturated when the root mean square of f' over the batch is below this share of f' at its steepest.
const SATURATED_BELOW: f32 = 0.05;

/// What an error says the memory is for.
pub(crate) const MEASUREMENTS: &str = "the measurements of the layers";

/// What was measured at one layer at one step.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerMeasurement {
    tensors: [Tensor; 5],
    /// Share of the units whose f'(z) is exactly 0 for every sample of the batch.
    pub dead_units: f64,
    /// Share of the units whose f'(z) has, over the batch, a root mean square below a twentieth of its largest possible
    /// value; dead units are among them.
    pub saturated_units: f64,
    /// |update of W| / |W| of this step, in Euclidean norms; NaN before [`Probe::update`].
    pub update_ratio: f64,
    /// Share of the network's inputs that are exactly 0 in every sample of the batch: dC/dW is 0 in their rows, whatever delta
    /// is. NaN but at the first layer.
    pub zero_inputs: f64,
}

impl LayerMeasurement {
    fn nothing() -> Self {
        Self {
            tensors: std::array::from_fn(|_| Tensor::default()),
            dead_units: f64::NAN,
            saturated_units: f64::NAN,
            update_ratio: f64::NAN,
            zero_inputs: f64::NAN,
        }
    }

    /// The measurement of one of the five tensors.
    pub fn tensor(&self, quantity: Quantity) -> &Tensor {
        &self.tensors[quantity as usize]
    }
}

/// Measures every layer of one network. Its memory is sized once, but for histograms.
///
/// As the hook of a backward pass it measures what is there for each sample: z, a and delta. W and dC/dW are measured after
/// that: by [`Self::update`], without histograms on the way of the update itself, or by [`Self::measure_weights`] if the gradients
/// are changed before the update, as clipping does, or if there is none.
#[derive(Debug, Clone)]
pub struct Probe {
    layers: Vec<LayerMeasurement>,
    blame: Blame,
    /// None if there are no histograms.
    counter: Option<Counter>,
    /// W of each layer at its last update.
    updates: Vec<UpdateSurvey>,
    /// Whether W and dC/dW of this step were measured.
    weights_measured: bool,
}

impl Probe {
    /// A probe for `network`, with or without histograms.
    ///
    /// # Errors
    /// [`ShapeError::NoMemory`] if there is not enough memory.
    pub fn new(network: &Network, with_histograms: bool) -> Result<Self, ShapeError> {
        let layers = network.layers();
        let mut updates = try_filled(UpdateSurvey::new(0..0), layers.len(), MEASUREMENTS)?;
        for (update, layer) in updates.iter_mut().zip(layers) {
            update.range = layer.weights();
        }
        Ok(Self {
            layers: try_filled(LayerMeasurement::nothing(), layers.len(), MEASUREMENTS)?,
            blame: Blame::new(layers.len())?,
            counter: with_histograms.then(Counter::default),
            updates,
            weights_measured: false,
        })
    }

    /// The last measurement of every layer, first to last.
    pub fn layers(&self) -> &[LayerMeasurement] {
        &self.layers
    }

    /// The histograms of the last measurement, once, if there are any: for each layer, first to last, those of
    /// [`Quantity::ALL`].
    pub fn take_histograms(&mut self) -> Vec<Histogram> {
        self.layers
            .iter_mut()
            .flat_map(|layer| &mut layer.tensors)
            .filter_map(|tensor| tensor.histogram.take())
            .collect()
    }

    /// What each part of each layer did to the gradient, in the last pass.
    pub fn blame(&self) -> &Blame {
        &self.blame
    }

    /// The same, to be filled from [`Network::trace`] where [`Blame::is_faithful`] says so.
    pub fn blame_mut(&mut self) -> &mut Blame {
        &mut self.blame
    }

    /// Measures W of each layer and its gradient, both flat and of the network that the probe was made for.
    pub fn measure_weights(&mut self, parameters: &[f32], gradients: &[f32]) {
        for (layer, UpdateSurvey { range, .. }) in self.layers.iter_mut().zip(&self.updates) {
            for (quantity, values) in [(Quantity::Gradient, gradients), (Quantity::Weight, parameters)] {
                layer.tensors[quantity as usize] = Tensor::measure(&values[range.clone()], self.counter.as_mut());
            }
        }
        self.weights_measured = true;
    }

    /// The optimizer's update of a step that was measured: measures how far the weights go, and W and dC/dW if that was not
    /// done.
    pub fn update(
        &mut self,
        network: &mut Network,
        optimizer: &mut OptimizerState,
        gradients: &[f32],
        learning_rate: f64,
    ) {
        // Counting for a histogram takes a pass of its own.
        if self.counter.is_some() && !self.weights_measured {
            self.measure_weights(network.parameters(), gradients);
        }
        optimizer.update_surveyed(network.parameters_mut(), gradients, learning_rate, &mut self.updates);
        for (layer, update) in self.layers.iter_mut().zip(&self.updates) {
            let count = update.range.len();
            if !self.weights_measured {
                for (quantity, survey) in
                    [(Quantity::Gradient, update.gradients), (Quantity::Weight, update.parameters)]
                {
                    let statistics = Statistics::new(survey, count);
                    layer.tensors[quantity as usize] = Tensor { statistics, histogram: None };
                }
            }
            layer.update_ratio = (update.moved / count as f64).sqrt() / layer.tensor(Quantity::Weight).statistics.rms;
        }
        self.weights_measured = true;
    }
}

impl Hook for Probe {
    fn stage(&mut self, index: usize, stage: Stage, gradient: &[f32]) {
        self.blame.visit(index, stage, 0.5 * Survey::squares_of(gradient).ln());
    }

    fn layer(&mut self, view: &LayerView<'_>) {
        self.weights_measured = false;
        let measurement = &mut self.layers[view.index];
        // Those of the last step are no measurement of this one.
        for quantity in [Quantity::Gradient, Quantity::Weight] {
            measurement.tensors[quantity as usize] = Tensor::default();
        }
        for (quantity, values) in
            [(Quantity::Preactivation, view.z), (Quantity::Activation, view.a), (Quantity::Delta, view.delta)]
        {
            measurement.tensors[quantity as usize] = Tensor::measure(values, self.counter.as_mut());
        }
        let flat = (SATURATED_BELOW * view.activation.steepest_slope()).powi(2);
        let slopes = view.activation.slopes(view.z, view.a, view.outputs, flat);
        measurement.dead_units = slopes.zero as f64 / view.outputs as f64;
        measurement.saturated_units = slopes.flat as f64 / view.outputs as f64;
        measurement.update_ratio = f64::NAN;
        measurement.zero_inputs = view.zero_inputs().map_or(f64::NAN, |zeros| zeros as f64 / view.inputs as f64);
    }
}

#[cfg(test)]
mod tests {
    use headwater_nn::{Activation, LayerShape, Loss, Targets, Workspace};

    use super::*;

    /// One input, three units with biases 1, -1 and 0.01, two outputs.
    fn network(activation: Activation) -> Network {
        let shapes = [LayerShape::new(3, activation), LayerShape::new(2, Activation::Identity)];
        let mut network = Network::new(1, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network
            .parameters_mut()
            .copy_from_slice(&[0.5, 0.5, 40.0, 1.0, -1.0, 0.01, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0]);
        network
    }

    fn measured(activation: Activation) -> Probe {
        let network = network(activation);
        let mut probe = Probe::new(&network, true).unwrap();
        let mut workspace = Workspace::new(&network, 2).unwrap();
        let mut gradients = vec![0.0; network.parameters().len()];
        let x = [1.0, -1.0];
        network.forward(&x, &mut workspace);
        network.backward(&x, Targets::Labels(&[0, 1]), &mut workspace, &mut gradients, &mut probe);
        probe.measure_weights(network.parameters(), &gradients);
        probe
    }

    #[test]
    fn a_relu_unit_that_is_never_active_is_dead() {
        let probe = measured(Activation::Relu);
        assert_eq!(probe.layers()[0].dead_units, 1.0 / 3.0);
        assert_eq!(probe.layers()[0].saturated_units, 1.0 / 3.0);
        assert_eq!(probe.layers()[1].dead_units, 0.0);
    }

    #[test]
    fn a_sigmoid_unit_far_from_zero_is_saturated() {
        let probe = measured(Activation::Sigmoid);
        assert_eq!(probe.layers()[0].saturated_units, 1.0 / 3.0);
    }

    #[test]
    fn the_five_tensors_are_measured_whole() {
        let probe = measured(Activation::Identity);
        let first = &probe.layers()[0];
        let statistics = |quantity| first.tensor(quantity).statistics;
        assert_eq!(statistics(Quantity::Weight).max, 40.0);
        assert_eq!(statistics(Quantity::Weight).count, 3);
        assert_eq!(statistics(Quantity::Preactivation).count, 6);
        assert_eq!(statistics(Quantity::Activation), statistics(Quantity::Preactivation));
        assert!(statistics(Quantity::Gradient).mean_abs > 0.0);
        let histogram = first.tensor(Quantity::Delta).histogram.as_ref().unwrap();
        let buckets = histogram.buckets(&mut Counter::default());
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<f64>(), 6.0);
    }

    #[test]
    fn the_update_ratio_is_the_norm_of_the_change_over_the_norm_before() {
        let mut network = network(Activation::Relu);
        let mut probe = measured(Activation::Relu);
        assert!(probe.layers()[0].update_ratio.is_nan());
        // Plain descent by a gradient that is the first layer's weights, and 0 elsewhere.
        let mut gradients = vec![0.0; network.parameters().len()];
        gradients[..3].copy_from_slice(&network.parameters()[..3]);
        let mut sgd = OptimizerState::new("sgd".parse().unwrap(), gradients.len()).unwrap();
        probe.update(&mut network, &mut sgd, &gradients, 0.5);
        assert_eq!(network.parameters()[..3], [0.25, 0.25, 20.0]);
        assert!((probe.layers()[0].update_ratio - 0.5).abs() < 1e-12);
        assert_eq!(probe.layers()[1].update_ratio, 0.0);
    }

    #[test]
    fn weights_and_gradients_are_those_of_before_the_update_whoever_measures_them() {
        let mut gradients: Vec<f32> = (0..14).map(|i| i as f32 - 3.0).collect();
        let network = network(Activation::Relu);
        let rule = "adam".parse().unwrap();
        let measured = |before_all: bool, gradients: &mut [f32]| {
            let (mut network, mut optimizer) = (network.clone(), OptimizerState::new(rule, gradients.len()).unwrap());
            let mut probe = Probe::new(&network, false).unwrap();
            if before_all {
                probe.measure_weights(network.parameters(), gradients);
                gradients.fill(1.0);
            }
            probe.update(&mut network, &mut optimizer, gradients, 0.1);
            assert!(probe.layers().iter().all(|layer| layer.update_ratio > 0.0));
            probe.layers().iter().map(|layer| [0, 1].map(|tensor| layer.tensors[tensor].statistics)).collect::<Vec<_>>()
        };
        assert_eq!((Quantity::Gradient as usize, Quantity::Weight as usize), (0, 1));
        let at_the_update = measured(false, &mut gradients);
        assert_eq!(at_the_update[0][0], Statistics::of(&[-3.0, -2.0, -1.0]));
        assert_eq!(at_the_update[0][1], Statistics::of(&[0.5, 0.5, 40.0]));
        assert_eq!(measured(true, &mut gradients), at_the_update);
    }
}
