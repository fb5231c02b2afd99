//! The recorder: writes what a run measures into its event file, under the tags of the vocabulary.

mod graph;
mod network;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_data::{Dataset, ImageShape};
use headwater_diagnose::{Finding, LiveFinding};
use headwater_events::{Ending, HParamValue, HParams, HistogramRow, ScalarRow, WriteError, Writer};
use headwater_nn::Network;
use headwater_probe::measures::{self, Counterfactuals, Source, Start};
use headwater_probe::theory::LayerPrediction;
use headwater_probe::{Bucket, Counter, Histogram, tags};

use crate::detail::Detail;
use crate::measures::{Columns, Record, results};
use crate::{Config, RunReport, memory, pictures};

/// Writes one run's records.
pub(crate) struct Recorder {
    writer: Writer,
    columns: Columns,
    detail: Detail,
    /// None before [`Self::begin`], or if the steps are not recorded; so for the histograms.
    scalars: Option<ScalarRow>,
    histograms: Option<HistogramRow>,
    /// The numbers of a step, in the order of their columns.
    numbers: Vec<Option<f32>>,
    /// Raised when it would take too long to make the histograms that are not in the file yet.
    unwanted: Arc<AtomicBool>,
}

/// Up to this many histograms of a step are made in a moment.
const QUICKLY_MADE: usize = 5000;

impl Recorder {
    pub(crate) fn new(writer: Writer, detail: Detail) -> Self {
        Self {
            writer,
            columns: Columns::default(),
            detail,
            scalars: None,
            histograms: None,
            numbers: Vec::new(),
            unwanted: Arc::default(),
        }
    }

    /// The columns of the records.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What is known before the first step: the configuration, as text and as hyperparameters, and the network, as a
    /// record and as a graph.
    /// Returns early if `interrupt` is raised: naming everything in a deep network takes time.
    pub(crate) fn begin(
        &mut self,
        config: &Config,
        dataset: &Dataset,
        network: &Network,
        interrupt: &AtomicBool,
    ) -> Result<(), WriteError> {
        let is_interrupted = || interrupt.load(Ordering::Relaxed);
        if self.detail.has_steps() {
            // Only if steps are recorded: naming everything takes longer than a step.
            self.columns = Columns::new(network.layers().len(), interrupt);
            if is_interrupted() {
                return Ok(());
            }
            self.scalars = Some(self.writer.scalar_row(self.columns.scalar_tags())?);
            self.numbers = vec![None; self.columns.scalar_tags().len()];
            self.histograms = Some(self.writer.histogram_row(self.columns.histogram_tags())?);
            self.writer.text(0, tags::CONFIG, &format!("```toml\n{}```\n", config_text(config)))?;
        }
        self.writer.hparams(&HParams {
            group: String::new(),
            values: hyperparameters(&toml::Table::try_from(config).unwrap_or_default()),
            metrics: results().map(|(tag, _)| tag.to_owned()).collect(),
        })?;
        if self.detail.has_steps() && !is_interrupted() {
            let record = network::record(config, dataset, network);
            self.writer.json(0, headwater_probe::network::TAG, &record.to_json())?;
            if self.detail == Detail::All && !is_interrupted() {
                self.writer.graph(&graph::graph(&record, config.train.batch_size))?;
            }
        }
        Ok(())
    }

    pub(crate) fn step(&mut self, record: &Record<'_>) -> Result<(), WriteError> {
        let Some(row) = &self.scalars else { return Ok(()) };
        self.numbers.fill(None);
        record.scalars(|place, value| self.numbers[place] = Some(value as f32));
        self.writer.scalars(row, record.step.cast_signed(), &self.numbers)
    }

    /// The histograms of a step: for each layer those of [`Quantity::ALL`].
    pub(crate) fn histograms(&mut self, step: u64, histograms: Vec<Histogram>) -> Result<(), WriteError> {
        let Some(row) = self.histograms.as_ref().filter(|_| !histograms.is_empty()) else { return Ok(()) };
        let bytes = histograms.iter().map(Histogram::bytes).sum();
        let (mut counter, unwanted) = (None, Arc::clone(&self.unwanted));
        let buckets = move |place: usize| {
            if unwanted.load(Ordering::Relaxed) {
                return None;
            }
            let counter = counter.get_or_insert_with(Counter::default);
            let buckets = histograms[place].buckets(counter).into_iter();
            Some(buckets.map(|Bucket { left, right, count }| headwater_events::Bucket { left, right, count }).collect())
        };
        self.writer.histograms(row, step.cast_signed(), bytes, buckets)
    }

    /// Records what is known before the first step. `theory` has an entry for each layer, or none at all.
    pub(crate) fn start(&mut self, start: Start, theory: &[LayerPrediction]) -> Result<(), WriteError> {
        for definition in measures::all() {
            match definition.source {
                Source::Start(read) => self.number(0, &definition.path, read(&start))?,
                Source::Theory(read) => {
                    for (index, layer) in theory.iter().enumerate() {
                        self.number(0, &definition.tag_of(&tags::layer(index)), read(layer))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A finding of which the run is told after a step, with what was measured there.
    pub(crate) fn finding(&mut self, record: &Record<'_>, finding: &Finding) -> Result<(), WriteError> {
        let mut numbers = Vec::new();
        record.scalars(|place, value| numbers.push((place, value)));
        let tags = self.columns.scalar_tags();
        let numbers = numbers.iter().map(|&(place, value)| (&*tags[place], self.columns.get(place).1, value));
        let live = LiveFinding::new(record.step.cast_signed(), finding, numbers);
        self.writer.json(record.step.cast_signed(), headwater_diagnose::live::TAG, &live.to_json())
    }

    /// What [`headwater_probe::counterfactual`] answers.
    pub(crate) fn counterfactuals(&mut self, step: u64, answers: &Counterfactuals) -> Result<(), WriteError> {
        for definition in measures::all() {
            if let Source::Counterfactual(read) = definition.source {
                // Where no gradient arrives at all, there is no factor.
                self.number(step, &definition.path, read(answers).filter(|answer| answer.is_finite()))?;
            }
        }
        Ok(())
    }

    fn number(&mut self, step: u64, tag: &str, value: Option<f64>) -> Result<(), WriteError> {
        value.map_or(Ok(()), |value| self.writer.scalar(step.cast_signed(), tag, value as f32))
    }

    pub(crate) fn first_layer(&mut self, step: u64, network: &Network, shape: ImageShape) -> Result<(), WriteError> {
        let layer = &network.layers()[0];
        let image = pictures::weights(&network.parameters()[layer.weights()], layer.outputs(), shape);
        self.writer.image(step.cast_signed(), tags::FIRST_LAYER_WEIGHTS, &image)
    }

    /// Samples, `[count, pixels]`, with what the network took each for and what it is.
    pub(crate) fn misclassified(
        &mut self,
        step: u64,
        samples: &[f32],
        answers: &[(u32, u32)],
        shape: ImageShape,
    ) -> Result<(), WriteError> {
        let step = step.cast_signed();
        let mut text = String::from(
            "The pictures under the same name, row by row.\n\n| picture | it is | taken for |\n|---|---|---|\n",
        );
        for (number, (answer, label)) in (1..).zip(answers) {
            text.push_str(&format!("| {number} | {label} | {answer} |\n"));
        }
        self.writer.text(step, tags::MISCLASSIFIED_LABELS, &text)?;
        self.writer.image(step, tags::MISCLASSIFIED, &pictures::samples(samples, shape))
    }

    /// The results, the ending, and everything on disk.
    ///
    /// If the run of a deep network was interrupted, histograms that wait to be made are left out.
    pub(crate) fn end(mut self, report: &RunReport) -> Result<(), WriteError> {
        let many = self.columns.histogram_tags().len() > QUICKLY_MADE;
        let in_haste = many && report.status == crate::Status::Interrupted;
        self.unwanted.store(in_haste, Ordering::Relaxed);
        let step = report.steps.saturating_sub(1).cast_signed();
        let values = report.results();
        for (tag, read) in results() {
            match read(&values) {
                Some(value) if fits(value) => self.writer.scalar(step, tag, value as f32)?,
                Some(value) => self.writer.wide_scalar(step, tag, value)?,
                None => {}
            }
        }
        let done = report.status == crate::Status::Done;
        self.writer.session_end(if done { Ending::Success } else { Ending::Failure })?;
        if in_haste {
            self.writer.flush()?;
            memory::drop_later(self);
            return Ok(());
        }
        self.writer.close().map(|_| ())
    }
}

/// Whether a number is still one, and of the same size, in single precision: a ratio of gradients may not be.
fn fits(value: f64) -> bool {
    let narrow = value as f32;
    narrow.is_finite() == value.is_finite() && (narrow.is_normal() || !value.is_finite() || value == 0.0)
}

/// The configuration in TOML.
pub(crate) fn config_text(config: &Config) -> String {
    toml::to_string(config).unwrap_or_default()
}

/// The configuration as flat names and values.
fn hyperparameters(config: &toml::Table) -> Vec<(String, HParamValue)> {
    let mut values = Vec::new();
    for (section, keys) in config {
        for (key, value) in keys.as_table().into_iter().flatten() {
            let value = match value {
                toml::Value::Integer(number) => HParamValue::Number(*number as f64),
                toml::Value::Float(number) => HParamValue::Number(*number),
                toml::Value::Boolean(truth) => HParamValue::Bool(*truth),
                toml::Value::String(text) => HParamValue::Text(text.clone()),
                other => HParamValue::Text(other.to_string()),
            };
            values.push((format!("{section}.{key}"), value));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use headwater_events::Store;

    use super::*;
    use crate::Status;

    #[test]
    fn a_ratio_beyond_single_precision_is_recorded_as_it_is() {
        for ratio in [3.5e39, 7.2e-40, 30.0, f64::INFINITY] {
            let folder = tempfile::tempdir().unwrap();
            let recorder = Recorder::new(Writer::create(&folder.path().join("run")).unwrap(), Detail::All);
            let report = RunReport {
                run: "run".to_owned(),
                scenario: "run".to_owned(),
                seed: 0,
                status: Status::Done,
                steps: 1,
                seconds: 1.0,
                train_accuracy_last_200: None,
                validation_accuracy: None,
                test_accuracy: None,
                gradient_mean_abs: vec![1.0, ratio],
                delta_rms: vec![1.0, 1.0],
                gains: std::collections::BTreeMap::new(),
                zero_inputs: 0.0,
                attenuation: Some(ratio),
                diverged: false,
                stopped_by: None,
                logdir: PathBuf::new(),
            };
            recorder.end(&report).unwrap();
            let store = Store::open(folder.path());
            store.load();
            let series = store.run("run").unwrap().get(headwater_probe::Measure::Attenuation.tag()).unwrap();
            let recorded = series.points(0..1)[0].value;
            assert!(recorded == ratio || (recorded / ratio - 1.0).abs() < 1e-6, "{recorded}, not {ratio}");
        }
    }
}
