//! What a tool that watches a run would have collected.

use headwater_nn::{Activation, Loss};

use super::stats::mean;
use super::values::Values;

/// Epochs that a run is taken to have at most. BTTackler's default is twenty, and DeepDiagnosis needs as many to say
/// that the accuracy does not increase.
pub(crate) const EPOCHS: usize = 20;

/// What a tool that watches a run would have collected.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    /// The activation of each layer, from the input to the output.
    pub(crate) activations: Vec<Activation>,
    pub(crate) loss: Loss,
    pub(crate) learning_rate: f64,
    /// The recorded steps.
    pub(crate) records: Vec<Record>,
}

/// A recorded step.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) step: i64,
    /// Of the batch.
    pub(crate) loss: f64,
    pub(crate) accuracy: f64,
    /// Loss and accuracy on held-out data.
    pub(crate) validation: Option<(f64, f64)>,
    /// From the input to the output.
    pub(crate) layers: Vec<Layer>,
}

/// A layer at a recorded step.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// dC/dW.
    pub(crate) gradient: Tensor,
    /// dC/dW, whole.
    pub(crate) gradients: Values,
    /// W before the update.
    pub(crate) weights: Tensor,
    /// z.
    pub(crate) preactivation: Tensor,
    /// f(z).
    pub(crate) activation: Tensor,
    /// z, whole.
    pub(crate) inputs: Values,
    /// Norm of the update over the norm of W; none of a step without an update, and of weights that are all zero.
    pub(crate) update_ratio: Option<f64>,
    /// Share of units with f' = 0 for every sample of the batch.
    pub(crate) dead_units: f64,
}

/// A tensor at a recorded step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) mean_abs: f64,
    pub(crate) rms: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// How many values are exactly zero.
    pub(crate) zeros: f64,
    /// How many there are; 0 where no histogram tells.
    pub(crate) count: f64,
    /// Whether there is no NaN and no infinity.
    pub(crate) finite: bool,
}

impl Tensor {
    /// The root of the sum of squares.
    pub(crate) fn norm(&self) -> f64 {
        self.rms * self.count.sqrt()
    }

    /// Share of values that are exactly zero. NaN where their number is not known.
    pub(crate) fn zero_share(&self) -> f64 {
        self.zeros / self.count
    }
}

impl Record {
    /// Whether this quantity is finite in all layers.
    pub(crate) fn finite(&self, tensor: fn(&Layer) -> &Tensor) -> bool {
        self.layers.iter().all(|layer| tensor(layer).finite)
    }
}

/// A stretch of records that stands for an epoch; never empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Epoch<'a>(&'a [Record]);

impl Watched {
    /// The records in at most [`EPOCHS`] stretches of as many records each, give or take one.
    ///
    /// A true epoch may be longer or shorter. Shorter ones give a tool more looks, none of them worse informed: its means
    /// are over the records of a stretch, as they would be over the batches of an epoch.
    pub(crate) fn epochs(&self) -> Vec<Epoch<'_>> {
        let (records, count) = (self.records.len(), self.records.len().min(EPOCHS));
        (0..count).map(|i| Epoch(&self.records[i * records / count..(i + 1) * records / count])).collect()
    }
}

impl<'a> Epoch<'a> {
    /// The record at its end, when the tools look at tensors.
    pub(crate) fn last(self) -> &'a Record {
        &self.0[self.0.len() - 1]
    }

    /// Mean loss of the batches.
    pub(crate) fn loss(self) -> f64 {
        mean(&self.0.iter().map(|record| record.loss).collect::<Vec<_>>())
    }

    /// Mean accuracy of the batches.
    pub(crate) fn accuracy(self) -> f64 {
        mean(&self.0.iter().map(|record| record.accuracy).collect::<Vec<_>>())
    }

    /// Loss and accuracy on held-out data at its end.
    pub(crate) fn validation(self) -> Option<(f64, f64)> {
        self.last().validation
    }

    /// The loss that stands for an epoch's where noise would matter: that on held-out data, and only where there is none
    /// the mean of the batches. A true epoch's training loss is a mean over all of its batches, and nearly as smooth as
    /// that of all held-out data; the mean of the few batches that were recorded is not.
    pub(crate) fn smooth_loss(self) -> f64 {
        self.validation().map_or_else(|| self.loss(), |(loss, _)| loss)
    }

    /// The accuracy, likewise.
    pub(crate) fn smooth_accuracy(self) -> f64 {
        self.validation().map_or_else(|| self.accuracy(), |(_, accuracy)| accuracy)
    }

    /// The mean over the batches of a number of each layer.
    pub(crate) fn layer_means(self, number: fn(&Layer) -> f64) -> Vec<f64> {
        let of = |layer: usize| {
            let numbers: Vec<f64> = self.0.iter().filter_map(|record| record.layers.get(layer)).map(number).collect();
            mean(&numbers)
        };
        (0..self.last().layers.len()).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::healthy;

    use super::*;

    #[test]
    fn epochs_cut_the_records_into_twenty_and_leave_none_out() {
        let mut watched = healthy::run();
        let record = watched.records[0].clone();
        watched.records = (0..47).map(|step| Record { step, ..record.clone() }).collect();
        let epochs = watched.epochs();
        assert_eq!(epochs.len(), EPOCHS);
        assert_eq!(epochs.iter().map(|epoch| epoch.0.len()).sum::<usize>(), 47);
        assert_eq!(epochs[EPOCHS - 1].last().step, 46);
        watched.records.truncate(3);
        assert_eq!(watched.epochs().len(), 3);
    }

    #[test]
    fn an_epochs_numbers_are_means_over_its_batches() {
        let mut watched = healthy::run();
        watched.records.truncate(2 * EPOCHS);
        (watched.records[0].loss, watched.records[1].loss) = (1.0, 2.0);
        (watched.records[0].layers[1].dead_units, watched.records[1].layers[1].dead_units) = (0.0, 0.5);
        let epoch = watched.epochs()[0];
        assert_eq!((epoch.loss(), epoch.smooth_loss()), (1.5, 1.5));
        assert_eq!(epoch.layer_means(|layer| layer.dead_units)[1], 0.25);
    }

    #[test]
    fn held_out_data_stand_for_batches_where_noise_would_matter() {
        let mut watched = healthy::run();
        watched.records[1].validation = Some((3.0, 0.125));
        let epoch = watched.epochs()[0];
        assert_eq!((epoch.smooth_loss(), epoch.smooth_accuracy()), (3.0, 0.125));
        assert_ne!(epoch.loss(), 3.0);
    }
}
