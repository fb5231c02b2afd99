//! What a network makes of whole sets of samples.

use std::sync::atomic::AtomicBool;

use headwater_data::Samples;
use headwater_nn::{
    Interrupted, Layer, Network, ShapeError, Subnormals, Targets, Workspace, argmax, count_correct, try_filled,
};

/// Samples that are evaluated at a time.
const EVALUATION_BATCH: usize = 250;
/// Fewer of a network with so many units that their activations are more numbers than these: its layers keep all of them.
const NUMBERS: usize = 1 << 20;
/// No fewer than these, so that weights are not fetched for a handful of samples.
const LEAST: usize = 64;
/// An evaluation of at most this many multiplications, a fraction of a second, is never interrupted.
const SHORT: f64 = 1e9;
/// Cost of a layer per sample besides its products, in multiplications.
const LAYER: f64 = 200.0;
/// A flag that is never raised.
static NEVER: AtomicBool = AtomicBool::new(false);
/// Misclassified samples that are shown.
const MISTAKES: usize = 16;

/// Loss and accuracy on some data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evaluation {
    pub(crate) loss: f64,
    pub(crate) accuracy: f64,
}

/// Evaluates whole sets of samples, a few at a time, in a workspace of its own.
pub(crate) struct Evaluator {
    /// Samples at a time.
    batch: usize,
    workspace: Workspace,
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
        let size = batch.saturating_mul(width);
        let (workspace, inputs) = match other {
            Some(other) if other.batch == batch && other.inputs.len() == size => {
                (other.workspace.refit(network)?, other.inputs)
            }
            Some(other) if other.batch == batch => {
                (other.workspace.refit(network)?, try_filled(0.0, size, "the samples of an evaluation")?)
            }
            _ => (Workspace::new(network, batch)?, try_filled(0.0, size, "the samples of an evaluation")?),
        };
        Ok(Self { batch, workspace, inputs, labels: vec![0; batch] })
    }

    /// Hands `visit` the outputs, `[count, outputs]`, the inputs and the labels of a few samples at a time, until it
    /// returns false. A long evaluation stops soon after `interrupt` is raised.
    fn each(
        &mut self,
        network: &Network,
        samples: &Samples,
        interrupt: &AtomicBool,
        mut visit: impl FnMut(&[f32], &[f32], &[u32]) -> bool,
    ) -> Result<(), Interrupted> {
        let _flushing = Subnormals::flush();
        let each = network.parameters().len() as f64 + LAYER * network.layers().len() as f64;
        let interrupt = if each * samples.len() as f64 > SHORT { interrupt } else { &NEVER };
        for start in (0..samples.len()).step_by(self.batch) {
            let count = self.batch.min(samples.len() - start);
            let (inputs, labels) = (&mut self.inputs[..count * samples.width()], &mut self.labels[..count]);
            samples.range(start, inputs, labels);
            if !visit(network.forward_interruptible(inputs, &mut self.workspace, interrupt)?, inputs, labels) {
                break;
            }
        }
        Ok(())
    }

    /// Loss and accuracy; nothing if there are no samples.
    pub(crate) fn evaluate(&mut self, network: &Network, samples: &Samples) -> Option<Evaluation> {
        self.evaluate_interruptible(network, samples, &NEVER)
    }

    /// Like [`Self::evaluate`]. Also returns None if the evaluation is long and `interrupt` is raised.
    pub(crate) fn evaluate_interruptible(
        &mut self,
        network: &Network,
        samples: &Samples,
        interrupt: &AtomicBool,
    ) -> Option<Evaluation> {
        let (mut loss, mut correct) = (0.0, 0);
        let evaluated = self.each(network, samples, interrupt, |outputs, _, labels| {
            loss += f64::from(network.loss(outputs, Targets::Labels(labels))) * labels.len() as f64;
            correct += count_correct(outputs, network.outputs(), labels);
            true
        });
        evaluated.ok()?;
        let count = samples.len() as f64;
        (count > 0.0).then(|| Evaluation { loss: loss / count, accuracy: correct as f64 / count })
    }

    /// The first few samples that are classified wrongly, and for each what it was taken for and what it is.
    /// If the evaluation is long and `interrupt` is raised, returns those found so far.
    pub(crate) fn mistakes(
        &mut self,
        network: &Network,
        samples: &Samples,
        interrupt: &AtomicBool,
    ) -> (Vec<f32>, Vec<(u32, u32)>) {
        let (mut pictures, mut answers) = (Vec::new(), Vec::new());
        let _ = self.each(network, samples, interrupt, |outputs, inputs, labels| {
            let rows = outputs.chunks_exact(network.outputs()).zip(inputs.chunks_exact(samples.width()));
            for ((outputs, input), &label) in rows.zip(labels) {
                let wrong = argmax(outputs).filter(|answer| *answer != label as usize);
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
