//! From a run's event file to what a tool would have collected.

use std::collections::HashMap;

use headwater_events::{Datum, Run};
use headwater_lab::Config;
use headwater_nn::Activation;
use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use super::values::Values;
use super::watched::{Layer, Record, Tensor, Watched};

impl Watched {
    /// Reads a run that `config` describes, whose outputs have the activation `output` if any. Shares, norms and counts
    /// need histograms in the record: without them the rules that use them stay silent.
    pub(crate) fn read(run: &Run, config: &Config, output: Option<Activation>) -> Self {
        let mut columns: Vec<Columns> = Vec::new();
        while run.get(&Measure::Statistic(Quantity::Gradient, Statistic::MeanAbs).at(columns.len())).is_some() {
            columns.push(Columns::read(run, columns.len()));
        }
        let [loss, accuracy, validation_loss, validation_accuracy] = [
            Measure::Loss.tag(),
            Measure::Accuracy.tag(),
            Measure::ValidationLoss.tag(),
            Measure::ValidationAccuracy.tag(),
        ]
        .map(|tag| scalars(run, tag));
        let mut steps: Vec<i64> = loss.keys().copied().collect();
        steps.sort_unstable();
        let record = |step: i64| Record {
            step,
            loss: at(&loss, step),
            accuracy: at(&accuracy, step),
            validation: validation_loss.get(&step).map(|loss| (*loss, at(&validation_accuracy, step))),
            layers: columns.iter().map(|columns| columns.layer(step)).collect(),
        };
        let mut activations = vec![config.network.activation; columns.len()];
        if let Some(last) = activations.last_mut() {
            *last = output.unwrap_or(Activation::Identity);
        }
        Self {
            activations,
            loss: config.network.loss,
            learning_rate: config.train.learning_rate,
            records: steps.into_iter().map(record).collect(),
        }
    }
}

/// Numbers by step.
type Numbers = HashMap<i64, f64>;

fn scalars(run: &Run, tag: &str) -> Numbers {
    let points = run.get(tag).map(|series| series.points(0..series.len())).unwrap_or_default();
    points.into_iter().map(|point| (point.step, point.value)).collect()
}

fn histograms(run: &Run, tag: &str) -> HashMap<i64, Values> {
    let samples = run.get(tag).map(|series| series.read(0..series.len())).unwrap_or_default();
    let values = samples.into_iter().filter_map(|sample| match sample.datum {
        Ok(Datum::Histogram(histogram)) => Some((sample.step, Values::new(histogram.buckets))),
        _ => None,
    });
    values.collect()
}

/// What was not recorded compares with nothing.
fn at(numbers: &Numbers, step: i64) -> f64 {
    numbers.get(&step).copied().unwrap_or(f64::NAN)
}

/// The series of a layer.
struct Columns {
    gradient: TensorColumns,
    weights: TensorColumns,
    preactivation: TensorColumns,
    activation: TensorColumns,
    gradients: HashMap<i64, Values>,
    inputs: HashMap<i64, Values>,
    update_ratio: Numbers,
    dead_units: Numbers,
}

/// The series of a quantity of a layer: the statistics in the order of [`Statistic::ALL`].
struct TensorColumns([Numbers; Statistic::ALL.len()]);

impl Columns {
    fn read(run: &Run, layer: usize) -> Self {
        let tensor = |quantity| {
            TensorColumns(
                Statistic::ALL.map(|statistic| scalars(run, &Measure::Statistic(quantity, statistic).at(layer))),
            )
        };
        let whole = |quantity| histograms(run, &Measure::Whole(quantity).at(layer));
        Self {
            gradient: tensor(Quantity::Gradient),
            weights: tensor(Quantity::Weight),
            preactivation: tensor(Quantity::Preactivation),
            activation: tensor(Quantity::Activation),
            gradients: whole(Quantity::Gradient),
            inputs: whole(Quantity::Preactivation),
            update_ratio: scalars(run, &Measure::UpdateRatio.at(layer)),
            dead_units: scalars(run, &Measure::DeadUnits.at(layer)),
        }
    }

    fn layer(&self, step: i64) -> Layer {
        let count = |values: &HashMap<i64, Values>| values.get(&step).map_or(0.0, Values::count);
        // There are as many weights as gradients, and as many activations as pre-activations.
        let (weights, units) = (count(&self.gradients), count(&self.inputs));
        Layer {
            gradient: self.gradient.tensor(step, weights),
            gradients: self.gradients.get(&step).cloned().unwrap_or_default(),
            weights: self.weights.tensor(step, weights),
            preactivation: self.preactivation.tensor(step, units),
            activation: self.activation.tensor(step, units),
            inputs: self.inputs.get(&step).cloned().unwrap_or_default(),
            update_ratio: self.update_ratio.get(&step).copied(),
            dead_units: at(&self.dead_units, step),
        }
    }
}

impl TensorColumns {
    /// `count`: how many finite values there are.
    fn tensor(&self, step: i64, count: f64) -> Tensor {
        let of = |statistic: Statistic| at(&self.0[statistic as usize], step);
        // These are recorded only where there are any.
        let bad = |statistic: Statistic| self.0[statistic as usize].get(&step).copied().unwrap_or(0.0);
        let bad = bad(Statistic::Nans) + bad(Statistic::Infinities);
        Tensor {
            mean_abs: of(Statistic::MeanAbs),
            rms: of(Statistic::Rms),
            min: of(Statistic::Min),
            max: of(Statistic::Max),
            zeros: of(Statistic::Zeros),
            count: count + bad,
            finite: bad == 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use headwater_data::{Request, Source, load};
    use headwater_events::Store;
    use headwater_lab::{Intervention, apply};

    use super::*;

    #[test]
    fn a_run_is_read_as_it_was_recorded() {
        let mut config = Config::default();
        config.data.source = Source::Blobs;
        config.network.hidden = vec![6, 5];
        config.network.activation = Activation::Relu;
        (config.train.steps, config.train.learning_rate) = (30, 0.125);
        config.record.every = Some(10);
        let dataset = load(&Request::new(Source::Blobs)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        apply("run", &config, &dataset, &folder.path().join("run"), Intervention::default()).unwrap();
        let store = Store::open(folder.path());
        store.load();
        let watched = Watched::read(&store.run("run").unwrap(), &config, Some(Activation::Sigmoid));

        assert_eq!(watched.activations, [Activation::Relu, Activation::Relu, Activation::Sigmoid]);
        assert_eq!(watched.learning_rate, 0.125);
        assert_eq!(watched.records.iter().map(|record| record.step).collect::<Vec<_>>(), [0, 10, 20, 29]);
        for record in &watched.records {
            let counts: Vec<f64> = record.layers.iter().map(|layer| layer.weights.count).collect();
            assert_eq!(counts, [dataset.train.width() * 6, 30, 5 * dataset.classes].map(|count| count as f64));
            assert!(record.loss > 0.0 && record.validation.is_some());
            for layer in &record.layers {
                let tensors = [&layer.gradient, &layer.weights, &layer.preactivation, &layer.activation];
                assert!(tensors.iter().all(|tensor| tensor.finite && tensor.rms >= tensor.mean_abs), "{layer:?}");
                assert!(tensors.iter().all(|tensor| tensor.min <= tensor.max), "{layer:?}");
                assert!(layer.update_ratio.is_some_and(|ratio| ratio > 0.0) && layer.dead_units < 1.0);
                let square = layer.preactivation.rms.powi(2);
                assert!(layer.inputs.variance() <= square * 1.01, "{} of {square}", layer.inputs.variance());
            }
            assert!(record.layers[0].activation.zero_share() > 0.0);
            assert!(record.layers[0].gradients.quantile(0.9) > record.layers[0].gradients.quantile(0.1));
        }
    }
}
