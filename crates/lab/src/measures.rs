//! What is measured of one step, as numbers under the tags of the vocabulary: for the event file and for the watch alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// The tags of all numbers and histograms of a step, made once: a deep network has millions of them.
#[derive(Default)]
pub(crate) struct Tags {
    /// In the order in which [`Record::scalars`] gives the numbers.
    scalars: Arc<[String]>,
    /// `[layers, quantities]`, in the order of [`Quantity::ALL`].
    histograms: Arc<[String]>,
}

/// Of a layer's numbers, where its gains begin among all: after those of the batch.
const GAINS: usize = 5;
/// Numbers of a layer besides its gains: statistics of each quantity, units that are dead and saturated, the update ratio.
const OTHERS: usize = Quantity::ALL.len() * Statistic::ALL.len() + 3;

impl Tags {
    /// Makes the tags for `layers` layers, or for fewer if `interrupt` is raised.
    pub(crate) fn new(layers: usize, interrupt: &AtomicBool) -> Self {
        let wanted = || (0..layers).take_while(|_| !interrupt.load(Ordering::Relaxed));
        let batch = [tags::LOSS, tags::ACCURACY, tags::VALIDATION_LOSS, tags::VALIDATION_ACCURACY].map(str::to_owned);
        let mut scalars: Vec<String> = batch.into_iter().chain([tags::zero_inputs(0)]).collect();
        let mut histograms = Vec::new();
        for index in wanted() {
            scalars.extend(Stage::ALL.map(|stage| tags::gain(stage, index)));
        }
        for index in wanted() {
            for quantity in Quantity::ALL {
                scalars.extend(Statistic::ALL.map(|statistic| tags::statistic(quantity, statistic, index)));
                histograms.push(tags::histogram(quantity, index));
            }
            scalars.extend([tags::dead_units(index), tags::saturated_units(index), tags::update_ratio(index)]);
        }
        Self { scalars: scalars.into(), histograms: histograms.into() }
    }

    /// The tags of the numbers of a step.
    pub(crate) fn of_scalars(&self) -> Arc<[String]> {
        Arc::clone(&self.scalars)
    }

    /// The tags of the histograms of a step: for each layer those of [`Quantity::ALL`].
    pub(crate) fn of_histograms(&self) -> Arc<[String]> {
        Arc::clone(&self.histograms)
    }
}

impl Record<'_> {
    /// Gives every number that there is to `put`, with its tag's place in [`Tags::of_scalars`].
    pub(crate) fn scalars(&self, mut put: impl FnMut(usize, f64)) {
        put(0, self.batch.cost);
        put(1, self.batch.accuracy);
        if let Some(validation) = self.validation {
            put(2, validation.cost);
            put(3, validation.accuracy);
        }
        if let Some(first) = self.layers.first() {
            put(4, first.zero_inputs);
        }
        for (gains, place) in self.blame.gains().iter().zip((GAINS..).step_by(Stage::ALL.len())) {
            for (place, stage) in (place..).zip(Stage::ALL) {
                if let Some(gain) = gains.of(stage) {
                    put(place, gain);
                }
            }
        }
        let others = GAINS + self.layers.len() * Stage::ALL.len();
        for (layer, place) in self.layers.iter().zip((others..).step_by(OTHERS)) {
            for (quantity, place) in Quantity::ALL.into_iter().zip((place..).step_by(Statistic::ALL.len())) {
                let statistics = &layer.tensor(quantity).statistics;
                for (place, statistic) in (place..).zip(Statistic::ALL) {
                    if let Some(value) = value_of(statistic, statistics) {
                        put(place, value);
                    }
                }
            }
            let units = place + OTHERS - 3;
            put(units, layer.dead_units);
            put(units + 1, layer.saturated_units);
            // A step without an update has no ratio; nor have weights that are all zero.
            if self.updated && layer.update_ratio.is_finite() {
                // Of weights that are next to nothing it may be more than an f32 holds.
                put(units + 2, layer.update_ratio.min(f64::from(f32::MAX)));
            }
        }
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

#[cfg(test)]
mod tests {
    use headwater_nn::{Activation, LayerShape, Loss, Network, Targets, Workspace};
    use headwater_probe::Probe;

    use super::*;

    #[test]
    fn every_number_stands_under_its_own_tag() {
        let shapes = [LayerShape::new(2, Activation::Tanh), LayerShape::new(3, Activation::Identity)];
        let mut network = Network::new(2, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
        (1_u8..).zip(network.parameters_mut()).for_each(|(i, parameter)| *parameter = f32::from(i) / 10.0);
        let (mut workspace, mut probe) = (Workspace::new(&network, 2).unwrap(), Probe::new(&network, false).unwrap());
        let mut gradients = vec![0.0; network.parameters().len()];
        let x = [0.0, f32::INFINITY, 0.0, 1.0];
        network.forward(&x, &mut workspace);
        network.backward(&x, Targets::Labels(&[0, 2]), &mut workspace, &mut gradients, &mut probe);
        probe.measure_weights(network.parameters(), &gradients);

        let tags = Tags::new(2, &AtomicBool::new(false));
        let batch = Evaluation { cost: 1.5, accuracy: 0.5 };
        let validation = Some(Evaluation { cost: 2.5, accuracy: 0.25 });
        let (layers, blame) = (probe.layers(), probe.blame());
        let record = Record { step: 0, batch, validation, layers, blame, updated: false };
        let mut numbers = std::collections::BTreeMap::new();
        record.scalars(|place, value| assert!(numbers.insert(tags.of_scalars()[place].clone(), value).is_none()));
        let statistics = |index: usize, quantity| &layers[index].tensor(quantity).statistics;
        for (tag, expected) in [
            (tags::LOSS.to_owned(), Some(1.5)),
            (tags::VALIDATION_ACCURACY.to_owned(), Some(0.25)),
            (tags::zero_inputs(0), Some(0.5)),
            (tags::gain(Stage::Activation, 0), blame.gains()[0].of(Stage::Activation)),
            (tags::gain(Stage::Weights, 1), None),
            (tags::statistic(Quantity::Weight, Statistic::MeanAbs, 0), Some(statistics(0, Quantity::Weight).mean_abs)),
            (tags::statistic(Quantity::Weight, Statistic::Max, 1), Some(statistics(1, Quantity::Weight).max)),
            (tags::statistic(Quantity::Preactivation, Statistic::Infinities, 0), Some(2.0)),
            (tags::statistic(Quantity::Weight, Statistic::Infinities, 1), None),
            (tags::dead_units(1), Some(layers[1].dead_units)),
            (tags::saturated_units(0), Some(layers[0].saturated_units)),
            (tags::update_ratio(0), None),
        ] {
            assert!(tags.of_scalars().contains(&tag), "{tag}");
            let bits = |number: Option<f64>| number.map(f64::to_bits);
            assert_eq!(bits(numbers.get(&tag).copied()), bits(expected), "{tag}");
        }
        assert_eq!(tags.of_histograms().len(), 10);
        assert_eq!(tags.of_histograms()[6], tags::histogram(Quantity::ALL[1], 1));
    }
}
