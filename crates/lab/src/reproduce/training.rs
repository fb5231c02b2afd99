//! Training without a record: what claims about learning need to know of a run.

use headwater_data::{Batches, Dataset};
use headwater_nn::{Hook, LayerView, Network, Subnormals};

use super::{Context, ReproduceError};
use crate::Config;
use crate::evaluator::Evaluator;
use crate::training::Stepper;

/// Steps at the end over which accuracy and loss are averaged, as in the report of a run.
const LAST: u64 = 200;

/// What came of a run.
pub(super) struct Trained {
    /// Mean accuracy of the last batches.
    pub(super) accuracy: f64,
    /// Mean loss of the last batches.
    pub(super) loss: f64,
    /// For each layer, first to last: mean |dC/dW|, averaged over the steps of the configuration's schedule.
    pub(super) gradients: Vec<f64>,
    network: Network,
}

/// Adds up mean |dC/dW|.
struct MeanAbs<'a>(&'a mut [f64]);

impl Hook for MeanAbs<'_> {
    fn layer(&mut self, view: &LayerView<'_>) {
        let sum: f64 = view.weight_gradient.iter().map(|g| f64::from(g.abs())).sum();
        self.0[view.index] += sum / view.weight_gradient.len() as f64;
    }
}

/// Trains a network by a configuration, as `headwater train` does: the same seed gives the same numbers.
///
/// # Errors
/// [`ReproduceError::Interrupted`] before the next step if the measurement is interrupted, or another
/// [`ReproduceError`] if there is not enough memory.
pub(super) fn train(context: &Context<'_>, config: &Config, dataset: &Dataset) -> Result<Trained, ReproduceError> {
    let Config { train, record, .. } = config;
    let interrupt = context.interrupt();
    // As the runner does.
    let _flushing = Subnormals::flush();
    let mut stepper = Stepper::new(config, dataset, None, Batches::new(dataset.train.len(), train.seed))?;
    stepper.draw(config, dataset, interrupt)?;
    let schedule = record.schedule();

    let (mut sums, mut recorded) = (vec![0.0; stepper.network.layers().len()], 0);
    let (mut correct, mut loss, mut counted) = (0, 0.0, 0);
    for step in 0..train.steps {
        context.go_on()?;
        let batch = stepper.forward(dataset, interrupt)?;
        if step + LAST >= train.steps {
            correct += batch.correct;
            loss += batch.loss;
            counted += 1;
        }
        if schedule.includes(step, train.steps) {
            stepper.backward(&mut MeanAbs(&mut sums), interrupt)?;
            recorded += 1;
        } else {
            stepper.backward(&mut (), interrupt)?;
        }
        stepper.condition(train, &[]);
        stepper.update(train.learning_rate_at(step), None);
    }
    Ok(Trained {
        accuracy: correct as f64 / (counted * train.batch_size) as f64,
        loss: loss / counted as f64,
        gradients: sums.iter().map(|sum| sum / f64::from(recorded)).collect(),
        network: stepper.network,
    })
}

impl Trained {
    /// Share of the test samples that are classified wrongly.
    pub(super) fn test_error(&self, dataset: &Dataset) -> Result<f64, ReproduceError> {
        let mut evaluator = Evaluator::new(&self.network, dataset.test.width())?;
        Ok(evaluator.evaluate(&self.network, &dataset.test).map_or(f64::NAN, |found| 1.0 - found.accuracy))
    }
}
