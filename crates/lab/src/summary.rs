//! What is told of an experiment when it is over: each scenario over its seeds, and one plain sentence.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Experiment, RunReport, Status};

/// Median and 5-95 % range over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    /// Middle value.
    pub median: f64,
    /// 5 % of the values are below.
    pub p5: f64,
    /// 25 % of the values are below.
    pub p25: f64,
    /// 75 % of the values are below.
    pub p75: f64,
    /// 95 % of the values are below.
    pub p95: f64,
}

/// One scenario over its seeds. The figures are those of the runs that made all their steps; if none did, those of the
/// runs that were interrupted; if there are none either, of those that were stopped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioSummary {
    /// Name of the scenario.
    pub scenario: String,
    /// How many runs were begun.
    pub runs: usize,
    /// How many of them diverged.
    pub diverged: usize,
    /// How many of them were interrupted.
    pub interrupted: usize,
    /// How many of them were stopped by a finding.
    pub stopped: usize,
    /// See [`RunReport::train_accuracy_last_200`].
    pub train_accuracy_last_200: Option<Quantiles>,
    /// See [`RunReport::validation_accuracy`].
    pub validation_accuracy: Option<Quantiles>,
    /// See [`RunReport::test_accuracy`].
    pub test_accuracy: Option<Quantiles>,
    /// Mean |gradient| of the first layer.
    pub gradient_first: Option<Quantiles>,
    /// Mean |gradient| of the last layer.
    pub gradient_last: Option<Quantiles>,
    /// Mean |gradient| of the last layer over that of the first.
    pub attenuation: Option<Quantiles>,
    /// Root mean square of delta of the last layer over that of the first.
    pub delta_attenuation: Option<Quantiles>,
    /// Medians over the runs of [`RunReport::gains`].
    pub gains: BTreeMap<String, f64>,
    /// The published attenuation.
    pub published_attenuation: Option<f64>,
    /// What is seen, in words.
    pub sentence: String,
}

/// An experiment over its scenarios and seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the experiment.
    pub experiment: String,
    /// Wall time of everything.
    pub seconds: f64,
    /// One entry for each scenario, in the experiment's order.
    pub scenarios: Vec<ScenarioSummary>,
}

impl Quantiles {
    /// Quantiles with linear interpolation between the values around; absent when there are no values. Infinity is a
    /// value, NaN is not.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| {
            let position = share * last as f64;
            let (below, above) = (values[position.floor() as usize], values[position.ceil() as usize]);
            if below == above { below } else { below + position.fract() * (above - below) }
        };
        Some(Self { median: at(0.5), p5: at(0.05), p25: at(0.25), p75: at(0.75), p95: at(0.95) })
    }
}

impl Summary {
    /// Sums up the runs of an experiment.
    pub fn new(experiment: &Experiment, reports: &[RunReport], seconds: f64) -> Self {
        let scenarios = experiment
            .scenarios
            .iter()
            .map(|scenario| {
                let runs: Vec<_> = reports.iter().filter(|report| report.scenario == scenario.name).collect();
                ScenarioSummary::new(&scenario.name, scenario.published, &runs)
            })
            .collect();
        Self { experiment: experiment.name.clone(), seconds, scenarios }
    }
}

impl ScenarioSummary {
    fn new(scenario: &str, published: Option<f64>, runs: &[&RunReport]) -> Self {
        let count = |status| runs.iter().filter(|report| report.status == status).count();
        let known = [Status::Done, Status::Interrupted, Status::Stopped];
        let counted = known.into_iter().find(|status| count(*status) > 0).unwrap_or(Status::Done);
        let over = |figure: fn(&RunReport) -> Option<f64>| over_all(runs, counted, figure);
        let mut summary = Self {
            scenario: scenario.to_owned(),
            runs: runs.len(),
            diverged: count(Status::Diverged),
            interrupted: count(Status::Interrupted),
            stopped: count(Status::Stopped),
            train_accuracy_last_200: over(|report| report.train_accuracy_last_200),
            validation_accuracy: over(|report| report.validation_accuracy),
            test_accuracy: over(|report| report.test_accuracy),
            gradient_first: over(|report| report.gradient_mean_abs.first().copied()),
            gradient_last: over(|report| report.gradient_mean_abs.last().copied()),
            attenuation: over(|report| report.attenuation),
            delta_attenuation: over(|report| Some(report.delta_rms.last()? / report.delta_rms.first()?)),
            gains: runs.first().map_or_else(BTreeMap::new, |first| {
                let of = |part: &String| over_all(runs, counted, |report| report.gains.get(part).copied());
                first.gains.keys().filter_map(|part| Some((part.clone(), of(part)?.median))).collect()
            }),
            published_attenuation: published,
            sentence: String::new(),
        };
        let layers = runs.first().map_or(0, |report| report.gradient_mean_abs.len());
        summary.sentence = summary.in_words(layers);
        summary
    }

    /// "f' shrinks it 1,700-fold, the weights enlarge it 195-fold".
    fn blame_in_words(&self) -> Option<String> {
        let names = [
            ("activation", "f'", "s"),
            ("weight", "the weights", ""),
            ("norm", "normalisation", "s"),
            ("skip", "the skip connections", ""),
            ("dropout", "dropout", "s"),
        ];
        let part = |(key, name, s): (&str, &str, &str)| {
            let gain = self.gains.get(key).filter(|gain| !gain.is_nan())?;
            if *gain == f64::NEG_INFINITY {
                return Some(format!("{name} make{s} it 0 in some records"));
            }
            let verb = if *gain < 0.0 { "shrink" } else { "enlarge" };
            Some(format!("{name} {verb}{s} it {}-fold", fold(gain.abs().exp())))
        };
        let parts: Vec<String> = names.into_iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn in_words(&self, layers: usize) -> String {
        if self.runs == 0 {
            return format!("{}: no run came to an end.", self.scenario);
        }
        let known = self.attenuation.zip(self.delta_attenuation).filter(|(gradient, _)| gradient.median.is_finite());
        let Some((gradient, delta)) = known else {
            let why = match self.gradient_first {
                Some(_) => "nothing of the gradient reaches layer1: it is exactly zero there",
                None if self.diverged > 0 => "every run diverged: the cost became NaN or infinite",
                None => "was interrupted before a gradient could be measured",
            };
            return format!("{}: {why}.", self.scenario);
        };
        let verb = |factor: f64| if factor >= 1.0 { "falls" } else { "grows" };
        let times = |factor: f64| fold(if factor >= 1.0 { factor } else { 1.0 / factor });
        let way = match layers {
            1 => "there is but one layer, so the gradient has no way to go".to_owned(),
            _ => format!(
                "the gradient {} {}-fold from layer{layers} to layer1 (delta, free of the inputs' zeros, {} {}-fold{})",
                verb(gradient.median),
                times(gradient.median),
                verb(delta.median),
                times(delta.median),
                self.blame_in_words().map_or_else(String::new, |blame| format!(": {blame}")),
            ),
        };
        let mut sentence = format!("{}: {way}", self.scenario);
        if let Some(accuracy) = self.train_accuracy_last_200 {
            sentence
                .push_str(&format!("; at the end {:.0} % of the training samples are right", 100.0 * accuracy.median));
        }
        if self.diverged > 0 {
            sentence.push_str(&format!("; {} of {} runs diverged", self.diverged, self.runs));
        }
        sentence.push('.');
        sentence
    }
}

/// Quantiles of a figure over the runs of a status.
fn over_all(runs: &[&RunReport], status: Status, figure: impl Fn(&RunReport) -> Option<f64>) -> Option<Quantiles> {
    Quantiles::of(runs.iter().filter(|report| report.status == status).filter_map(|report| figure(report)))
}

/// A factor, with as many digits as say something.
fn fold(factor: f64) -> String {
    match factor {
        factor if factor < 10.0 => format!("{factor:.1}"),
        factor if factor < 1e5 => format!("{factor:.0}"),
        factor => format!("{factor:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(attenuation: f64, status: Status) -> RunReport {
        RunReport {
            run: "a".into(),
            scenario: "a".into(),
            seed: 0,
            status,
            steps: 10,
            seconds: 1.0,
            train_accuracy_last_200: Some(0.375),
            validation_accuracy: None,
            test_accuracy: None,
            gradient_mean_abs: vec![1.0, attenuation],
            delta_rms: vec![1.0, 0.5],
            gains: [("activation", -2.0), ("weight", 2.0 + 2.0_f64.ln())]
                .map(|(part, gain)| (part.to_owned(), gain))
                .into(),
            zero_inputs: 0.25,
            attenuation: Some(attenuation),
            diverged: status == Status::Diverged,
            stopped_by: None,
            logdir: "a".into(),
        }
    }

    fn summary(reports: &[RunReport]) -> ScenarioSummary {
        ScenarioSummary::new("a", Some(30.0), &reports.iter().collect::<Vec<_>>())
    }

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let quantiles = Quantiles::of([4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((quantiles.median, quantiles.p25), (2.5, 1.75));
        assert!((quantiles.p5 - 1.15).abs() < 1e-12 && (quantiles.p95 - 3.85).abs() < 1e-12);
        assert_eq!(Quantiles::of([]), None);
    }

    #[test]
    fn the_sentence_says_how_far_the_gradient_falls() {
        let sentence = summary(&[report(36.2, Status::Done)]).sentence;
        assert_eq!(
            sentence,
            "a: the gradient falls 36-fold from layer2 to layer1 (delta, free of the inputs' zeros, grows 2.0-fold: \
             f' shrinks it 7.4-fold, the weights enlarge it 15-fold); \
             at the end 38 % of the training samples are right."
        );
    }

    #[test]
    fn of_a_single_layer_the_sentence_says_that_there_is_no_way() {
        let single = RunReport { gradient_mean_abs: vec![1.0], delta_rms: vec![1.0], ..report(1.0, Status::Done) };
        assert_eq!(
            summary(&[single]).sentence,
            "a: there is but one layer, so the gradient has no way to go; at the end 38 % of the training samples are right."
        );
    }

    #[test]
    fn the_sentence_says_why_there_is_no_factor() {
        let vanished = RunReport {
            gradient_mean_abs: vec![0.0, 1.0],
            attenuation: Some(f64::INFINITY),
            ..report(1.0, Status::Done)
        };
        assert_eq!(
            summary(&[vanished]).sentence,
            "a: nothing of the gradient reaches layer1: it is exactly zero there."
        );
        assert_eq!(
            summary(&[report(1.0, Status::Diverged)]).sentence,
            "a: every run diverged: the cost became NaN or infinite."
        );
        // The mean over no records is NaN.
        let none =
            RunReport { gradient_mean_abs: vec![f64::NAN; 2], attenuation: None, ..report(1.0, Status::Interrupted) };
        assert_eq!(summary(&[none]).sentence, "a: was interrupted before a gradient could be measured.");
    }

    #[test]
    fn diverged_runs_are_counted_and_kept_out_of_the_figures() {
        let summary = summary(&[report(10.0, Status::Done), report(1e9, Status::Diverged)]);
        assert_eq!(summary.diverged, 1);
        assert_eq!(summary.attenuation.unwrap().p95, 10.0);
        assert!(summary.sentence.contains("1 of 2 runs diverged"));
    }
}
