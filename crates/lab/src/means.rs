//! What was measured over a run, as means over its recorded steps.

use headwater_nn::Stage;
use headwater_probe::tags::Quantity;

use crate::measures::Record;

/// Sums over the recorded steps, for the means that a report tells.
pub(crate) struct Means {
    records: u64,
    gradients: Vec<f64>,
    deltas: Vec<f64>,
    gains: [f64; Stage::ALL.len()],
    zero_inputs: f64,
}

impl Means {
    /// Nothing yet, of a network of so many layers.
    pub(crate) fn new(layers: usize) -> Self {
        Self {
            records: 0,
            gradients: vec![0.0; layers],
            deltas: vec![0.0; layers],
            gains: [0.0; Stage::ALL.len()],
            zero_inputs: 0.0,
        }
    }

    pub(crate) fn add(&mut self, record: &Record<'_>) {
        self.records += 1;
        for (index, layer) in record.numbers.layers.iter().enumerate() {
            self.gradients[index] += layer.tensor(Quantity::Gradient).statistics.mean_abs;
            self.deltas[index] += layer.tensor(Quantity::Delta).statistics.rms;
        }
        for (sum, stage) in self.gains.iter_mut().zip(Stage::ALL) {
            *sum += record.numbers.blame.gains().iter().filter_map(|gains| gains.of(stage)).sum::<f64>();
        }
        self.zero_inputs += record.numbers.layers[0].zero_inputs;
    }

    /// For each layer, the mean of the mean of |dC/dW|; NaN if nothing was recorded, as for the others.
    pub(crate) fn gradient_mean_abs(&self) -> Vec<f64> {
        self.gradients.iter().map(|sum| self.over_records(*sum)).collect()
    }

    /// For each layer, the mean of delta's root mean square.
    pub(crate) fn delta_rms(&self) -> Vec<f64> {
        self.deltas.iter().map(|sum| self.over_records(*sum)).collect()
    }

    /// For each part, the mean of what it did to delta in all layers together.
    pub(crate) fn gains(&self) -> impl Iterator<Item = (Stage, f64)> {
        Stage::ALL.into_iter().zip(self.gains.map(|sum| self.over_records(sum)))
    }

    /// The mean share of the first layer's inputs that were 0 in a whole batch.
    pub(crate) fn zero_inputs(&self) -> f64 {
        self.over_records(self.zero_inputs)
    }

    fn over_records(&self, sum: f64) -> f64 {
        sum / self.records as f64
    }
}
