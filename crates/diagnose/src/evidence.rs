//! Evidence: what the records of one run tell.

use std::collections::HashMap;

use headwater_probe::foreign::{self, Measure, Place};
use headwater_probe::tags::{self, Quantity, Statistic};

use crate::Series;
use crate::config::Config;
use crate::names::{Course, course};

/// What the records of one run tell: how the loss goes, and of each layer series of numbers by quantity.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    run: String,
    config: Config,
    pub(crate) loss: Series,
    pub(crate) accuracy: Series,
    pub(crate) validation_loss: Series,
    pub(crate) validation_accuracy: Series,
    zero_inputs: Series,
    /// From the input to the output.
    layers: Vec<LayerEvidence>,
}

#[derive(Debug, Clone, Default)]
struct LayerEvidence {
    name: String,
    series: HashMap<Measure, Series>,
}

/// How the size of a tensor was recorded. Only sizes of one kind are compared.
const SIZES: [fn(Quantity) -> Measure; 4] = [
    |quantity| Measure::Statistic(quantity, Statistic::Rms),
    |quantity| Measure::Statistic(quantity, Statistic::MeanAbs),
    Measure::Norm,
    Measure::Whole,
];

impl Evidence {
    /// Nothing yet, of the run of this name.
    pub fn new(run: &str) -> Self {
        Self { run: run.to_owned(), ..Self::default() }
    }

    /// The run's name.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Adds numbers that were recorded under a tag, ours or another program's. False if the tag says nothing that a rule
    /// could use.
    pub fn add(&mut self, tag: &str, points: impl IntoIterator<Item = (i64, f64)>) -> bool {
        match course(tag) {
            Some(Course::Loss) => self.loss.extend(points),
            Some(Course::Accuracy) => self.accuracy.extend(points),
            Some(Course::ValidationLoss) => self.validation_loss.extend(points),
            Some(Course::ValidationAccuracy) => self.validation_accuracy.extend(points),
            None if tag == tags::zero_inputs(0) => self.zero_inputs.extend(points),
            // What would be, not what is: they name no layer.
            None if tag.starts_with("counterfactual/") => return false,
            None => {
                let Some(place) = foreign::read(tag) else { return false };
                self.add_at(place, points);
            }
        }
        true
    }

    /// Adds numbers of a layer.
    pub(crate) fn add_at(&mut self, place: Place, points: impl IntoIterator<Item = (i64, f64)>) {
        let index = self.layers.iter().position(|layer| layer.name == place.layer).unwrap_or_else(|| {
            self.layers.push(LayerEvidence { name: place.layer, series: HashMap::new() });
            self.layers.len() - 1
        });
        self.layers[index].series.entry(place.measure).or_default().extend(points);
        let order = foreign::order(&self.layers.iter().map(|layer| &*layer.name).collect::<Vec<_>>());
        if !order.is_sorted() {
            self.layers = order.into_iter().map(|index| std::mem::take(&mut self.layers[index])).collect();
        }
    }

    /// Adds the configuration, a text in TOML.
    pub fn configure(&mut self, text: &str) {
        self.config = Config::read(text);
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The layers' names, from the input to the output, as far as names tell: see [`foreign::order`].
    pub fn layers(&self) -> Vec<String> {
        self.layers.iter().map(|layer| layer.name.clone()).collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.layers.len()
    }

    pub(crate) fn name(&self, layer: usize) -> &str {
        &self.layers[layer].name
    }

    /// What was recorded of a layer.
    pub(crate) fn series(&self, layer: usize, measure: Measure) -> Option<&Series> {
        self.layers[layer].series.get(&measure).filter(|series| !series.is_empty())
    }

    /// The same of every layer that has it.
    pub(crate) fn all(&self, measure: Measure) -> Vec<(usize, &Series)> {
        (0..self.count()).filter_map(|layer| Some((layer, self.series(layer, measure)?))).collect()
    }

    /// How large a quantity is in each layer that has it, in one and the same kind of number: that which most layers have,
    /// root mean squares before others.
    pub(crate) fn sizes(&self, quantity: Quantity) -> Vec<(usize, &Series)> {
        let mut best: Vec<(usize, &Series)> = Vec::new();
        for measure in SIZES {
            let found = self.all(measure(quantity));
            if found.len() > best.len() {
                best = found;
            }
        }
        best
    }

    /// The same for one layer.
    pub(crate) fn size(&self, layer: usize, quantity: Quantity) -> Option<&Series> {
        self.sizes(quantity).into_iter().find(|(index, _)| *index == layer).map(|(_, series)| series)
    }

    /// Share of the first layer's inputs that are 0 for a whole batch: the median over the records.
    pub(crate) fn zero_inputs(&self) -> Option<f64> {
        self.zero_inputs.median()
    }

    /// The last layer's index.
    pub(crate) fn last_layer(&self) -> Option<usize> {
        self.count().checked_sub(1)
    }

    /// The first step of all and the last.
    pub(crate) fn steps(&self) -> Option<(i64, i64)> {
        let courses = [&self.loss, &self.accuracy, &self.validation_loss, &self.validation_accuracy];
        let layers = self.layers.iter().flat_map(|layer| layer.series.values());
        let ends = courses.into_iter().chain(layers).filter_map(|series| Some((series.first()?.0, series.last()?.0)));
        ends.reduce(|(first, last), (a, b)| (first.min(a), last.max(b)))
    }

    /// The same evidence as it was at a step: nothing that was recorded later.
    pub fn until(&self, step: i64) -> Self {
        let cut = |series: &Series| series.iter().take_while(|(at, _)| *at <= step).collect::<Series>();
        let layers = self.layers.iter().map(|layer| LayerEvidence {
            name: layer.name.clone(),
            series: layer.series.iter().map(|(measure, series)| (*measure, cut(series))).collect(),
        });
        Self {
            run: self.run.clone(),
            config: self.config.clone(),
            loss: cut(&self.loss),
            accuracy: cut(&self.accuracy),
            validation_loss: cut(&self.validation_loss),
            validation_accuracy: cut(&self.validation_accuracy),
            zero_inputs: cut(&self.zero_inputs),
            layers: layers.collect(),
        }
    }

    /// What cannot be judged from this evidence, and what to record so that it can.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let has = |quantity| !self.sizes(quantity).is_empty();
        if self.steps().is_none() {
            return vec![
                "nothing was recorded that tells of training: no loss, no accuracy, no gradients or weights of a layer"
                    .to_owned(),
            ];
        }
        if !has(Quantity::Gradient) && !has(Quantity::Delta) {
            missing.push(
                "no gradients recorded: whether they reach the first layers was not judged; add a histogram or the norm of \
                 each layer's weight gradient (tags such as fc1.weight.grad, grad_norm/fc1)"
                    .to_owned(),
            );
        } else if self.count() == 1 {
            missing.push(
                "gradients of one layer only: nothing to compare them with; record those of all layers".to_owned(),
            );
        }
        if !has(Quantity::Weight) && self.all(Measure::UpdateRatio).is_empty() {
            missing.push(
                "no weights recorded: the size of the updates was not judged; add histograms of the weights".to_owned(),
            );
        }
        if self.loss.is_empty() {
            missing.push("no loss recorded (loss, train/loss): whether it learns was not judged".to_owned());
        } else if self.loss.len() < 5 {
            missing.push(format!("{} values of the loss: too few to judge its course", self.loss.len()));
        }
        if self.validation_loss.is_empty() {
            missing.push("no validation loss recorded: overfitting was not judged".to_owned());
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stand_in_the_order_of_their_names_whenever_they_come() {
        let mut evidence = Evidence::new("run");
        for layer in ["head", "layers.10", "layers.2", "embed"] {
            assert!(evidence.add(&format!("{layer}.weight.grad"), [(0, 1.0)]));
        }
        assert_eq!(evidence.layers(), ["embed", "layers.2", "layers.10", "head"]);
        assert!(!evidence.add("learning_rate", [(0, 0.1)]));
        assert!(!evidence.add(tags::COUNTERFACTUAL_WEIGHTS, [(0, 0.1)]));
    }

    #[test]
    fn sizes_of_one_kind_are_compared_and_that_which_most_layers_have_is_taken() {
        let mut evidence = Evidence::new("run");
        evidence.add("gradient/rms/layer1", [(0, 1.0)]);
        evidence.add("grad_norm/layer1", [(0, 5.0)]);
        evidence.add("grad_norm/layer2", [(0, 6.0)]);
        let sizes: Vec<f64> =
            evidence.sizes(Quantity::Gradient).iter().map(|(_, series)| series.at(0).unwrap()).collect();
        assert_eq!(sizes, [5.0, 6.0]);
    }

    #[test]
    fn what_was_recorded_later_is_not_known_at_a_step() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..10).map(|step| (step, 1.0)));
        evidence.add("fc1.weight.grad", (0..10).map(|step| (step, 1.0)));
        let then = evidence.until(3);
        assert_eq!((then.steps(), then.layers()), (Some((0, 3)), evidence.layers()));
        assert_eq!(evidence.until(99).steps(), evidence.steps());
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_add() {
        assert_eq!(Evidence::new("run").missing().len(), 1);
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..10).map(|step| (step, 1.0)));
        let missing = evidence.missing();
        assert!(missing[0].starts_with("no gradients recorded"), "{missing:?}");
        assert!(missing.iter().any(|text| text.contains("validation loss")));
    }
}
