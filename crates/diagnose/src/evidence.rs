//! Evidence: what the records of one run tell.

mod candidates;
mod meaning;
mod missing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use headwater_probe::Measure;
use headwater_probe::foreign::{self, Place};
use headwater_probe::network::NetworkRecord;
use headwater_probe::tags::{Quantity, Statistic};

use crate::config::Config;
use crate::names::Course;
use crate::{LiveFinding, Order, Series};
use candidates::Candidates;
use meaning::Meaning;

/// What the records of one run tell: how the loss goes, and of each layer series of numbers by quantity. In which order
/// tags are added does not matter.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    run: String,
    config: Config,
    pub(crate) loss: Series,
    pub(crate) accuracy: Series,
    pub(crate) validation_loss: Series,
    pub(crate) validation_accuracy: Series,
    /// The loss of a guess that does not look at the input, if it was recorded; it has one value.
    pub(crate) chance_loss: Series,
    /// Norm of the gradient of all parameters.
    pub(crate) gradient_norm: Series,
    courses: HashMap<Course, Candidates>,
    /// Losses that may be parts of one: looked at if there is but one and no better.
    other_losses: Candidates,
    zero_inputs: Series,
    /// From the input to the output.
    layers: Vec<LayerEvidence>,
    /// The index of each layer in `layers`, by name.
    places: HashMap<String, usize>,
    order: Order,
    /// The network record, if there is one.
    network: Option<NetworkRecord>,
    /// Names of layers in the order in which a graph has them.
    graph: Vec<String>,
    /// Whether there are normalisations among the layers.
    normalised: bool,
    /// Whether update ratios are bounds from histograms.
    bounded: bool,
    /// Whether steps count epochs, as far as can be told.
    epochs: bool,
    notes: Vec<String>,
    /// What the run was told while it trained.
    live: Vec<LiveFinding>,
    /// How the run ended, in words, if it did not end well.
    ended: Option<String>,
    /// What the tags that came so far say.
    meanings: HashMap<String, Meaning>,
}

#[derive(Debug, Clone, Default)]
struct LayerEvidence {
    name: String,
    series: HashMap<Measure, Candidates>,
    /// The same of its bias.
    bias: HashMap<Measure, Series>,
    /// How far its weights moved in a step, root mean square: at least, as histograms tell.
    moved: Series,
    /// The smallest update ratio that its histograms would show. None if its update ratios are not from histograms.
    visible: Option<f64>,
    /// How many numbers each of its units takes.
    inputs: Option<f64>,
    /// When its first record was written.
    first_written: Option<f64>,
}

/// How the size of a tensor was recorded. Only sizes of one kind are compared.
const SIZES: [fn(Quantity) -> Measure; 5] = [
    |quantity| Measure::Statistic(quantity, Statistic::Rms),
    |quantity| Measure::Statistic(quantity, Statistic::MeanAbs),
    Measure::Norm,
    Measure::Mean,
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
        let before = self.layers.len();
        let used = self.take(tag, points);
        if self.layers.len() > before {
            self.arrange();
        }
        used
    }

    /// Adds numbers of a measure of the run, which need no tag.
    pub fn measured(&mut self, measure: Measure, points: impl IntoIterator<Item = (i64, f64)>) {
        self.take_as(&Meaning::of_measure(measure), measure.tag(), points);
    }

    /// Adds the numbers of a step: of the run, or of the layer with this name. New layers are put in order once, not after
    /// each number.
    pub fn measured_at<'n>(&mut self, step: i64, numbers: impl IntoIterator<Item = ((Measure, Option<&'n str>), f64)>) {
        let before = self.layers.len();
        for ((measure, layer), value) in numbers {
            match layer {
                Some(layer) => self.take_at(layer, measure, measure.tag(), [(step, value)]),
                None => self.measured(measure, [(step, value)]),
            }
        }
        if self.layers.len() > before {
            self.arrange();
        }
    }

    /// Adds numbers; layers are not in their order until [`Self::arrange`].
    pub(crate) fn take(&mut self, tag: &str, points: impl IntoIterator<Item = (i64, f64)>) -> bool {
        // A run that is watched gives a few numbers of the same tags again and again.
        let meaning = self.meanings.get(tag).cloned().unwrap_or_else(|| {
            let meaning = Meaning::of(tag);
            self.meanings.insert(tag.to_owned(), meaning.clone());
            meaning
        });
        self.take_as(&meaning, tag, points)
    }

    /// Adds numbers that were recorded under a tag of this meaning. False if it says nothing that a rule could use.
    fn take_as(&mut self, meaning: &Meaning, tag: &str, points: impl IntoIterator<Item = (i64, f64)>) -> bool {
        match meaning {
            Meaning::Course(course) => return self.take_course(*course, tag, points),
            Meaning::ZeroInputs => self.zero_inputs.extend(points),
            Meaning::Chance => self.chance_loss.extend(points),
            Meaning::Layer(Place { layer, measure }) => self.take_at(layer, *measure, tag, points),
            Meaning::SomeLoss => {
                self.other_losses.extend(tag, points);
                let plain = self.courses.get(&Course::Loss).and_then(Candidates::best).is_some();
                if !plain {
                    let only = self.other_losses.best().filter(|_| self.other_losses.count() == 1);
                    self.loss = only.cloned().unwrap_or_default();
                }
            }
            Meaning::Nothing => return false,
        }
        true
    }

    fn take_course(&mut self, course: Course, tag: &str, points: impl IntoIterator<Item = (i64, f64)>) -> bool {
        let candidates = self.courses.entry(course).or_default();
        let points: Vec<(i64, f64)> = points.into_iter().collect();
        candidates.extend(tag, points.iter().copied());
        let known = match course {
            Course::Loss => &mut self.loss,
            Course::Accuracy => &mut self.accuracy,
            Course::ValidationLoss => &mut self.validation_loss,
            Course::ValidationAccuracy => &mut self.validation_accuracy,
            Course::GradientNorm => &mut self.gradient_norm,
            // It is what it is set to, and no evidence of training.
            Course::LearningRate => {
                let best = candidates.best().into_iter().flat_map(Series::iter);
                let rate = best.map(|(_, rate)| rate).filter(|rate| *rate > 0.0).max_by(f64::total_cmp);
                self.config.recorded_rate(rate);
                return false;
            }
        };
        // Of one candidate only what is new has to be copied; but another loss may have stood in for it.
        match candidates.best() {
            Some(best) if candidates.count() == 1 && best.len() == known.len() + points.len() => known.extend(points),
            Some(best) => *known = best.clone(),
            // A tag without numbers takes nothing's place.
            None => {}
        }
        true
    }

    /// Adds numbers of a layer, which were recorded under, or computed from, a tag.
    pub(crate) fn take_at(
        &mut self,
        layer: &str,
        measure: Measure,
        tag: &str,
        points: impl IntoIterator<Item = (i64, f64)>,
    ) {
        self.layer(layer).series.entry(measure).or_default().extend(tag, points);
    }

    /// Adds numbers of a layer's bias: `place` is that of its weights.
    pub(crate) fn take_bias(&mut self, place: &Place, points: impl IntoIterator<Item = (i64, f64)>) {
        self.layer(&place.layer).bias.entry(place.measure).or_default().extend(points);
    }

    /// Adds how far the weights of a layer moved in a step, at least.
    pub(crate) fn moved(&mut self, layer: &str, points: impl IntoIterator<Item = (i64, f64)>) {
        self.bounded = true;
        self.layer(layer).moved.extend(points);
    }

    /// Sets the smallest update ratio that the histograms of a layer's weights are certain to show.
    pub(crate) fn set_visible(&mut self, layer: &str, ratio: f64) {
        self.layer(layer).visible = Some(ratio);
    }

    /// Notes how many numbers each unit of a layer takes.
    pub(crate) fn set_inputs(&mut self, layer: &str, inputs: f64) {
        self.layer(layer).inputs = Some(inputs);
    }

    /// Notes when a record of a layer was written.
    pub(crate) fn written(&mut self, layer: &str, time: f64) {
        let layer = self.layer(layer);
        layer.first_written = Some(layer.first_written.map_or(time, |known| known.min(time)));
    }

    /// Sets the network record.
    pub(crate) fn set_network(&mut self, record: NetworkRecord) {
        self.network = Some(record);
    }

    /// Notes in which order a graph has layers.
    pub(crate) fn draw(&mut self, graph: Vec<String>) {
        self.graph = graph;
    }

    /// Notes that there are normalisations between the layers.
    pub(crate) fn normalise(&mut self) {
        self.normalised = true;
    }

    /// Notes that steps count epochs.
    pub(crate) fn count_epochs(&mut self) {
        self.epochs = true;
    }

    /// Notes what was looked at of the records, if that is not all.
    pub(crate) fn note(&mut self, what: String) {
        if !self.notes.contains(&what) {
            self.notes.push(what);
        }
    }

    /// Adds what the run was told while it trained.
    pub(crate) fn seen_live(&mut self, finding: LiveFinding) {
        self.live.push(finding);
    }

    /// What the run was told while it trained, in that order.
    pub fn live_findings(&self) -> &[LiveFinding] {
        &self.live
    }

    /// Notes how the run ended, if it did not end well.
    pub(crate) fn end(&mut self, ended: Option<String>) {
        self.ended = ended;
    }

    fn layer(&mut self, name: &str) -> &mut LayerEvidence {
        let index = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.layers.len());
            self.layers.push(LayerEvidence { name: name.to_owned(), ..LayerEvidence::default() });
            self.layers.len() - 1
        });
        &mut self.layers[index]
    }

    /// Puts the layers in their order: that of the network record or the graph, if it has them all; else that of their
    /// names, with the help of when they were written.
    pub(crate) fn arrange(&mut self) {
        // Whoever came first does not count.
        self.layers.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<&str> = self.layers.iter().map(|layer| &*layer.name).collect();
        let mut drawn = HashMap::new();
        for (place, name) in self.graph.iter().enumerate() {
            drawn.entry(&**name).or_insert(place);
        }
        let places: Vec<Option<usize>> = names.iter().map(|name| drawn.get(name).copied()).collect();
        let order = if let Some(order) = self.network.as_ref().and_then(|network| network.modules().order(&names)) {
            self.order = Order::Network;
            order
        } else if names.len() > 1 && places.iter().all(Option::is_some) {
            self.order = Order::Graph;
            let mut order: Vec<usize> = (0..names.len()).collect();
            order.sort_by_key(|index| places[*index]);
            order
        } else {
            let times: Option<Vec<f64>> = self.layers.iter().map(|layer| layer.first_written).collect();
            let recorded = times.map_or(Vec::new(), |times| {
                let mut recorded: Vec<usize> = (0..times.len()).collect();
                recorded.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
                // What was written at once tells nothing.
                if recorded.windows(2).any(|pair| times[pair[0]] == times[pair[1]]) { Vec::new() } else { recorded }
            });
            let (order, used) = foreign::order_with(&names, &recorded);
            self.order = if used { Order::Records } else { Order::Names };
            order
        };
        self.layers = order.into_iter().map(|index| std::mem::take(&mut self.layers[index])).collect();
        for (place, layer) in self.layers.iter().enumerate() {
            if let Some(known) = self.places.get_mut(&layer.name) {
                *known = place;
            }
        }
    }

    /// Adds the configuration, a text in TOML or what others write: see `Config::read`.
    pub fn configure(&mut self, text: &str) {
        self.config.add_all(Config::read(text));
    }

    /// Adds our own configuration, as a table of tables.
    pub fn configure_from(&mut self, config: toml::Table) {
        self.config.add_all(Config::of(config));
    }

    /// Adds hyperparameters by name.
    pub(crate) fn hyperparameters(&mut self, values: impl IntoIterator<Item = (String, String)>) {
        self.config.extend(values);
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The layers' names, from the input to the output: see [`Self::order`].
    pub fn layers(&self) -> Vec<String> {
        self.layers.iter().map(|layer| layer.name.clone()).collect()
    }

    /// How their order is known.
    pub fn order(&self) -> Order {
        self.order
    }

    /// What was looked at of the records, where that is not all of them.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How the run ended, in words, as its log tells; none if it ended well or the log does not tell.
    pub fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    pub(crate) fn count(&self) -> usize {
        self.layers.len()
    }

    pub(crate) fn name(&self, layer: usize) -> &str {
        &self.layers[layer].name
    }

    /// What was recorded of a layer.
    pub(crate) fn series(&self, layer: usize, measure: Measure) -> Option<&Series> {
        self.layers[layer].series.get(&measure)?.best()
    }

    /// Everything that was recorded of a layer, in no particular order.
    pub(crate) fn measures(&self, layer: usize) -> impl Iterator<Item = (Measure, &Series)> {
        self.layers[layer].series.iter().filter_map(|(measure, candidates)| Some((*measure, candidates.best()?)))
    }

    /// What was recorded of a layer's bias.
    pub(crate) fn bias(&self, layer: usize, measure: Measure) -> Option<&Series> {
        self.layers[layer].bias.get(&measure).filter(|series| !series.is_empty())
    }

    /// The same of every layer that has it.
    pub(crate) fn all(&self, measure: Measure) -> Vec<(usize, &Series)> {
        (0..self.count()).filter_map(|layer| Some((layer, self.series(layer, measure)?))).collect()
    }

    /// How far the weights of each layer moved in a step, root mean square, as histograms tell: at least so far.
    pub(crate) fn movements(&self) -> Vec<(usize, &Series)> {
        let layers = self.layers.iter().enumerate();
        layers.filter(|(_, layer)| !layer.moved.is_empty()).map(|(index, layer)| (index, &layer.moved)).collect()
    }

    /// The smallest update ratio that the records of a layer are certain to show; 0 if it was not computed from
    /// histograms.
    pub(crate) fn visible(&self, layer: usize) -> f64 {
        self.layers[layer].visible.unwrap_or(0.0)
    }

    /// How many numbers each unit of a layer takes, if the records tell.
    pub(crate) fn inputs(&self, layer: usize) -> Option<f64> {
        self.layers[layer].inputs
    }

    pub(crate) fn is_normalised(&self) -> bool {
        self.normalised || self.network.as_ref().is_some_and(NetworkRecord::has_norms)
    }

    /// Whether there are skip connections, as far as the records tell.
    pub(crate) fn has_skips(&self) -> bool {
        self.config.get("network.residual").is_some() || self.network.as_ref().is_some_and(NetworkRecord::has_joins)
    }

    /// Whether update ratios are the least that they can be, as histograms tell.
    pub(crate) fn is_bounded(&self) -> bool {
        self.bounded
    }

    /// Whether steps count epochs, as far as can be told.
    pub(crate) fn counts_epochs(&self) -> bool {
        self.epochs
    }

    /// How large a quantity is in each layer that has it, in one and the same kind of number: that which most layers have,
    /// root mean squares before others. Numbers with a sign are none.
    pub(crate) fn sizes(&self, quantity: Quantity) -> Vec<(usize, &Series)> {
        let mut best: Vec<(usize, &Series)> = Vec::new();
        for measure in SIZES {
            let mut found = self.all(measure(quantity));
            // A size has no sign: this one is that of a mean, or a logarithm.
            found.retain(|(_, series)| !series.has_negative());
            if found.len() > best.len() {
                best = found;
            }
            if best.len() == self.count() {
                break;
            }
        }
        best
    }

    /// Like [`Self::sizes`], but one entry per layer; None where the quantity was not recorded.
    pub(crate) fn sizes_by_layer(&self, quantity: Quantity) -> Vec<Option<&Series>> {
        let mut sizes = vec![None; self.count()];
        for (layer, series) in self.sizes(quantity) {
            sizes[layer] = Some(series);
        }
        sizes
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
        let courses =
            [&self.loss, &self.accuracy, &self.validation_loss, &self.validation_accuracy, &self.gradient_norm];
        let layers = self.layers.iter().flat_map(|layer| layer.series.values().filter_map(Candidates::best));
        let ends = courses.into_iter().chain(layers).filter_map(|series| Some((series.first()?.0, series.last()?.0)));
        ends.reduce(|(first, last), (a, b)| (first.min(a), last.max(b)))
    }

    /// The same evidence as it was at a step: nothing that was recorded later.
    pub fn until(&self, step: i64) -> Self {
        let cut = |series: &Series| series.iter().take_while(|(at, _)| *at <= step).collect::<Series>();
        let mut then = self.clone();
        for series in [
            &mut then.loss,
            &mut then.accuracy,
            &mut then.validation_loss,
            &mut then.validation_accuracy,
            &mut then.gradient_norm,
            &mut then.zero_inputs,
        ] {
            *series = cut(series);
        }
        for candidates in then.courses.values_mut().chain([&mut then.other_losses]) {
            *candidates = candidates.until(step);
        }
        for layer in &mut then.layers {
            layer.moved = cut(&layer.moved);
            layer.bias.values_mut().for_each(|series| *series = cut(series));
            layer.series.values_mut().for_each(|candidates| *candidates = candidates.until(step));
        }
        then
    }
}
