//! The numbers and histograms of one step, in the order of the table of measures: for the event file and for the watch alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_probe::measures::{self, Definition, Results, Source, Step};
use headwater_probe::{Measure, tags};

/// One measured step.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) step: u64,
    pub(crate) numbers: Step<'a>,
}

/// A number of a step: which measure, and of which layer if it is not of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) measure: Measure,
    pub(crate) layer: Option<usize>,
}

/// The columns of a run's records and their tags. They are made once per run, because a deep network has many.
#[derive(Default)]
pub(crate) struct Columns {
    /// In the order in which [`Record::scalars`] gives the numbers.
    scalars: Vec<Column>,
    scalar_tags: Arc<[String]>,
    /// `[layers, quantities]`, in the order of [`headwater_probe::tags::Quantity::ALL`].
    histogram_tags: Arc<[String]>,
    layers: Vec<String>,
}

impl Columns {
    /// Makes the columns of `layers` layers, or of fewer if `interrupt` is raised.
    pub(crate) fn new(layers: usize, interrupt: &AtomicBool) -> Self {
        let of_run = of_steps().map(|(definition, _)| Column { measure: definition.measure, layer: None });
        let mut scalars: Vec<Column> = of_run.collect();
        let mut scalar_tags: Vec<String> = of_steps().map(|(definition, _)| definition.path.to_string()).collect();
        let (mut histogram_tags, mut names) = (Vec::new(), Vec::new());
        for index in (0..layers).take_while(|_| !interrupt.load(Ordering::Relaxed)) {
            let name = tags::layer(index);
            scalars
                .extend(of_layers().map(|(definition, _)| Column { measure: definition.measure, layer: Some(index) }));
            scalar_tags.extend(of_layers().map(|(definition, _)| definition.tag_of(&name)));
            histogram_tags.extend(tags::Quantity::ALL.map(|quantity| Measure::Whole(quantity).of(&name)));
            names.push(name);
        }
        Self { scalars, scalar_tags: scalar_tags.into(), histogram_tags: histogram_tags.into(), layers: names }
    }

    /// The column at an index, and the name of its layer.
    pub(crate) fn get(&self, index: usize) -> (Measure, Option<&str>) {
        let Column { measure, layer } = self.scalars[index];
        (measure, layer.map(|layer| &*self.layers[layer]))
    }

    /// The tags of the numbers of a step.
    pub(crate) fn scalar_tags(&self) -> Arc<[String]> {
        Arc::clone(&self.scalar_tags)
    }

    /// The tags of the histograms of a step: for each layer those of [`headwater_probe::tags::Quantity::ALL`].
    pub(crate) fn histogram_tags(&self) -> Arc<[String]> {
        Arc::clone(&self.histogram_tags)
    }
}

impl Record<'_> {
    /// Calls `put` with every number of the step and the index of its column in [`Columns`].
    pub(crate) fn scalars(&self, mut put: impl FnMut(usize, f64)) {
        let mut column = 0;
        for (_, read) in of_steps() {
            if let Some(value) = read(&self.numbers) {
                put(column, value);
            }
            column += 1;
        }
        for layer in self.numbers.by_layer() {
            for (_, read) in of_layers() {
                if let Some(value) = read(&layer) {
                    put(column, value);
                }
                column += 1;
            }
        }
    }
}

/// The run's measures that are recorded at every step, and their readers.
fn of_steps() -> impl Iterator<Item = (&'static Definition, fn(&Step<'_>) -> Option<f64>)> {
    measures::all().iter().filter_map(|definition| match &definition.source {
        Source::Step(read) => Some((definition, *read)),
        _ => None,
    })
}

/// Each layer's measures that are recorded at every step, and their readers.
fn of_layers() -> impl Iterator<Item = (&'static Definition, &'static measures::LayerReader)> {
    measures::all().iter().filter_map(|definition| match &definition.source {
        Source::Layer(read) => Some((definition, read)),
        _ => None,
    })
}

/// The tags of the measures that are recorded once, at the end, and their readers. The objectives of sweeps are among them.
pub(crate) fn results() -> impl Iterator<Item = (&'static str, fn(&Results) -> Option<f64>)> {
    measures::all().iter().filter_map(|definition| match definition.source {
        Source::End(read) => Some((&*definition.path, read)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use headwater_nn::{Activation, LayerShape, Loss, Network, Stage, Targets, Workspace};
    use headwater_probe::Probe;
    use headwater_probe::tags::{Quantity, Statistic};

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

        let columns = Columns::new(2, &AtomicBool::new(false));
        let (layers, blame) = (probe.layers(), probe.blame());
        let numbers = Step { loss: 1.5, accuracy: 0.5, validation: Some((2.5, 0.25)), layers, blame };
        let record = Record { step: 0, numbers };
        let mut found = std::collections::BTreeMap::new();
        record.scalars(|column, value| {
            let tag = columns.scalar_tags()[column].clone();
            let (measure, layer) = columns.get(column);
            assert_eq!(tag, layer.map_or_else(|| measure.tag().to_owned(), |layer| measure.of(layer)));
            assert!(found.insert(tag, value).is_none());
        });
        let statistics = |index: usize, quantity| &layers[index].tensor(quantity).statistics;
        let statistic = |quantity, statistic, index| Measure::Statistic(quantity, statistic).at(index);
        for (tag, expected) in [
            (Measure::Loss.tag().to_owned(), Some(1.5)),
            (Measure::ValidationAccuracy.tag().to_owned(), Some(0.25)),
            (Measure::ZeroInputs.tag().to_owned(), Some(0.5)),
            (Measure::Gain(Stage::Activation).at(0), blame.gains()[0].of(Stage::Activation)),
            (Measure::Gain(Stage::Weights).at(1), None),
            (statistic(Quantity::Weight, Statistic::MeanAbs, 0), Some(statistics(0, Quantity::Weight).mean_abs)),
            (statistic(Quantity::Weight, Statistic::Max, 1), Some(statistics(1, Quantity::Weight).max)),
            (statistic(Quantity::Preactivation, Statistic::Infinities, 0), Some(2.0)),
            (statistic(Quantity::Weight, Statistic::Infinities, 1), None),
            (Measure::DeadUnits.at(1), Some(layers[1].dead_units)),
            (Measure::SaturatedUnits.at(0), Some(layers[0].saturated_units)),
            (Measure::UpdateRatio.at(0), None),
        ] {
            assert!(columns.scalar_tags().contains(&tag), "{tag}");
            let bits = |number: Option<f64>| number.map(f64::to_bits);
            assert_eq!(bits(found.get(&tag).copied()), bits(expected), "{tag}");
        }
        assert_eq!(columns.histogram_tags().len(), 10);
        assert_eq!(columns.histogram_tags()[6], Measure::Whole(Quantity::ALL[1]).at(1));
    }
}
