//! What a network makes of whole sets of samples.

use headwater_data::Samples;
use headwater_nn::{Buffers, Layer, Network, ShapeError, Targets, answer, count_correct};

/// Samples that are evaluated at a time.
const EVALUATION_BATCH: usize = 250;
/// Fewer of a network with so many units that their activations are more numbers than these: its layers keep all of them.
const NUMBERS: usize = 1 << 20;
/// No fewer than these, so that weights are not fetched for a handful of samples.
const LEAST: usize = 64;
/// Misclassified samples that are shown.
const MISTAKES: usize = 16;

/// Cost and accuracy on some data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evaluation {
    pub(crate) cost: f64,
    pub(crate) accuracy: f64,
}

/// Evaluates whole sets of samples, a few at a time, in buffers of its own.
pub(crate) struct Evaluator {
    /// Samples at a time.
    batch: usize,
    buffers: Buffers,
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

impl Evaluator {
    pub(crate) fn new(network: &Network, width: usize) -> Result<Self, ShapeError> {
        Self::after(None, network, width)
    }

    /// The same, in the memory of another one.
    pub(crate) fn after(other: Option<Self>, network: &Network, width: usize) -> Result<Self, ShapeError> {
        let units: usize = network.layers().iter().map(Layer::outputs).sum();
        let batch = (NUMBERS / units).clamp(LEAST, EVALUATION_BATCH);
        let (buffers, mut inputs) = match other {
            Some(other) if other.batch == batch => (other.buffers.refit(network)?, other.inputs),
            _ => (Buffers::new(network, batch)?, Vec::new()),
        };
        inputs.resize(batch * width, 0.0);
        Ok(Self { batch, buffers, inputs, labels: vec![0; batch] })
    }

    /// Hands `visit` the outputs, `[count, outputs]`, the inputs and the labels of a few samples at a time, until it
    /// returns false.
    fn each(&mut self, network: &Network, samples: &Samples, mut visit: impl FnMut(&[f32], &[f32], &[u32]) -> bool) {
        for start in (0..samples.len()).step_by(self.batch) {
            let count = self.batch.min(samples.len() - start);
            let (inputs, labels) = (&mut self.inputs[..count * samples.width()], &mut self.labels[..count]);
            samples.range(start, inputs, labels);
            if !visit(network.forward(inputs, &mut self.buffers), inputs, labels) {
                return;
            }
        }
    }

    /// Cost and accuracy; nothing if there are no samples.
    pub(crate) fn evaluate(&mut self, network: &Network, samples: &Samples) -> Option<Evaluation> {
        let (mut cost, mut correct) = (0.0, 0);
        self.each(network, samples, |outputs, _, labels| {
            cost += f64::from(network.cost(outputs, Targets::Labels(labels))) * labels.len() as f64;
            correct += count_correct(outputs, network.outputs(), labels);
            true
        });
        let count = samples.len() as f64;
        (count > 0.0).then(|| Evaluation { cost: cost / count, accuracy: correct as f64 / count })
    }

    /// The first few samples that are classified wrongly, and for each what it was taken for and what it is.
    pub(crate) fn mistakes(&mut self, network: &Network, samples: &Samples) -> (Vec<f32>, Vec<(u32, u32)>) {
        let (mut pictures, mut answers) = (Vec::new(), Vec::new());
        self.each(network, samples, |outputs, inputs, labels| {
            let rows = outputs.chunks_exact(network.outputs()).zip(inputs.chunks_exact(samples.width()));
            for ((outputs, input), &label) in rows.zip(labels) {
                let wrong = answer(outputs).filter(|answer| *answer != label as usize);
                if let Some(answer) = wrong.filter(|_| answers.len() < MISTAKES) {
                    pictures.extend_from_slice(input);
                    answers.push((answer as u32, label));
                }
            }
            answers.len() < MISTAKES
        });
        (pictures, answers)
    }
}
