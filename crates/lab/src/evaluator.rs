//! What a network makes of whole sets of samples.

use headwater_data::Samples;
use headwater_nn::{Buffers, Network, ShapeError, Targets, answer, count_correct};

/// Samples that are evaluated at a time.
const EVALUATION_BATCH: usize = 250;
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
    buffers: Buffers,
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

impl Evaluator {
    pub(crate) fn new(network: &Network, width: usize) -> Result<Self, ShapeError> {
        Ok(Self {
            buffers: Buffers::new(network, EVALUATION_BATCH)?,
            inputs: vec![0.0; EVALUATION_BATCH * width],
            labels: vec![0; EVALUATION_BATCH],
        })
    }

    /// Hands `visit` the outputs, `[count, outputs]`, the inputs and the labels of a few samples at a time, until it
    /// returns false.
    fn each(&mut self, network: &Network, samples: &Samples, mut visit: impl FnMut(&[f32], &[f32], &[u32]) -> bool) {
        for start in (0..samples.len()).step_by(EVALUATION_BATCH) {
            let count = EVALUATION_BATCH.min(samples.len() - start);
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
