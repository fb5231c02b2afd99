//! What is measured of one step, as numbers under the tags of the vocabulary: for the event file and for the watch alike.

use headwater_nn::Stage;
use headwater_probe::tags::{self, Quantity, Statistic};
use headwater_probe::{Blame, LayerMeasurement, Statistics};

use crate::evaluator::Evaluation;

/// What is known of one measured step.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) step: u64,
    pub(crate) batch: Evaluation,
    pub(crate) validation: Option<Evaluation>,
    pub(crate) layers: &'a [LayerMeasurement],
    pub(crate) blame: &'a Blame,
    /// Whether the step ended with an update: one at which the run diverged does not.
    pub(crate) updated: bool,
}

/// The tags of all layers, made once.
pub(crate) struct Tags {
    zero_inputs: String,
    layers: Vec<LayerTags>,
}

struct LayerTags {
    tensors: [TensorTags; 5],
    update_ratio: String,
    dead_units: String,
    saturated_units: String,
    gains: [String; Stage::ALL.len()],
}

struct TensorTags {
    histogram: String,
    statistics: [(Statistic, String); 7],
}

impl Tags {
    pub(crate) fn new(layers: usize) -> Self {
        let layers = (0..layers)
            .map(|index| LayerTags {
                tensors: Quantity::ALL.map(|quantity| TensorTags {
                    histogram: tags::histogram(quantity, index),
                    statistics: [
                        Statistic::MeanAbs,
                        Statistic::Rms,
                        Statistic::Min,
                        Statistic::Max,
                        Statistic::Zeros,
                        Statistic::Nans,
                        Statistic::Infinities,
                    ]
                    .map(|statistic| (statistic, tags::statistic(quantity, statistic, index))),
                }),
                update_ratio: tags::update_ratio(index),
                dead_units: tags::dead_units(index),
                saturated_units: tags::saturated_units(index),
                gains: Stage::ALL.map(|stage| tags::gain(stage, index)),
            })
            .collect();
        Self { zero_inputs: tags::zero_inputs(0), layers }
    }

    /// The tags of a layer's histograms, in the order of [`Quantity::ALL`].
    pub(crate) fn histograms(&self, layer: usize) -> impl Iterator<Item = &str> {
        self.layers[layer].tensors.iter().map(|tensor| &*tensor.histogram)
    }

    /// Gives every number of a step to `put`, until it fails.
    ///
    /// # Errors
    /// Those of `put`.
    pub(crate) fn scalars<E>(
        &self,
        record: &Record<'_>,
        mut put: impl FnMut(&str, f64) -> Result<(), E>,
    ) -> Result<(), E> {
        put(tags::LOSS, record.batch.cost)?;
        put(tags::ACCURACY, record.batch.accuracy)?;
        if let Some(validation) = record.validation {
            put(tags::VALIDATION_LOSS, validation.cost)?;
            put(tags::VALIDATION_ACCURACY, validation.accuracy)?;
        }
        if let Some(first) = record.layers.first() {
            put(&self.zero_inputs, first.zero_inputs)?;
        }
        for (tags, gains) in self.layers.iter().zip(record.blame.gains()) {
            for (tag, stage) in tags.gains.iter().zip(Stage::ALL) {
                if let Some(gain) = gains.of(stage) {
                    put(tag, gain)?;
                }
            }
        }
        for (tags, layer) in self.layers.iter().zip(record.layers) {
            for (tags, quantity) in tags.tensors.iter().zip(Quantity::ALL) {
                for (statistic, tag) in &tags.statistics {
                    if let Some(value) = value_of(*statistic, &layer.tensor(quantity).statistics) {
                        put(tag, value)?;
                    }
                }
            }
            put(&tags.dead_units, layer.dead_units)?;
            put(&tags.saturated_units, layer.saturated_units)?;
            // A step without an update has no ratio; nor have weights that are all zero.
            if record.updated && layer.update_ratio.is_finite() {
                put(&tags.update_ratio, layer.update_ratio)?;
            }
        }
        Ok(())
    }
}

/// The value to record, if the statistic is worth recording.
fn value_of(statistic: Statistic, statistics: &Statistics) -> Option<f64> {
    let some_if_any = |count: u64| (count > 0).then_some(count as f64);
    match statistic {
        Statistic::MeanAbs => Some(statistics.mean_abs),
        Statistic::Rms => Some(statistics.rms),
        Statistic::Min => Some(statistics.min),
        Statistic::Max => Some(statistics.max),
        Statistic::Zeros => Some(statistics.zeros as f64),
        Statistic::Nans => some_if_any(statistics.nans),
        Statistic::Infinities => some_if_any(statistics.infinities),
    }
}
