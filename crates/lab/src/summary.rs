//! The report of a finished experiment: each scenario over its seeds, in figures and in words.

mod sentence;

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
    /// mean |dC/dW| of the first layer.
    pub gradient_first: Option<Quantiles>,
    /// mean |dC/dW| of the last layer.
    pub gradient_last: Option<Quantiles>,
    /// mean |dC/dW| of the last layer over that of the first.
    pub attenuation: Option<Quantiles>,
    /// Norm of delta of the last layer over that of the first: geometric means over the recorded steps, so that it is
    /// `exp(-sum)` of a run's gains.
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
            delta_attenuation: over(|report| {
                (!report.gains.is_empty()).then(|| (-report.gains.values().sum::<f64>()).exp())
            }),
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
}

/// Quantiles of a figure over the runs of a status.
fn over_all(runs: &[&RunReport], status: Status, figure: impl Fn(&RunReport) -> Option<f64>) -> Option<Quantiles> {
    Quantiles::of(runs.iter().filter(|report| report.status == status).filter_map(|report| figure(report)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::precise_fold_of_ln;

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
    fn the_sentence_says_how_far_the_gradient_falls_and_factors_that_multiply_to_what_delta_does() {
        let mut run = report(36.2, Status::Done);
        run.gains = [("activation", -(5876.0_f64.ln())), ("weight", 273.0_f64.ln()), ("norm", 0.01)]
            .map(|(part, gain)| (part.to_owned(), gain))
            .into();
        let summary = summary(&[run]);
        assert_eq!(
            summary.sentence,
            "a: mean |dC/dW| falls 36-fold from layer2 to layer1. \
             delta falls 21.3-fold: f' shrinks it 5,876-fold, the weights enlarge it 273-fold, \
             normalisation enlarges it 1.01-fold. \
             At the end 37.5 % of the training samples are right."
        );
        let delta = summary.delta_attenuation.unwrap().median;
        assert!((delta - 5876.0 / 273.0 / 0.01_f64.exp()).abs() < 1e-9, "{delta}");
    }

    #[test]
    fn the_factors_of_several_seeds_multiply_to_the_whole_too() {
        let gains = |activation, weight| RunReport {
            gains: [("activation", activation), ("weight", weight)].map(|(part, gain)| (part.to_owned(), gain)).into(),
            ..report(10.0, Status::Done)
        };
        // The medians are -3 and 1; the median of the sums would be -1.
        let runs = [gains(-2.0, 1.0), gains(-3.0, 4.0), gains(-4.0, 0.0)];
        let expected = format!("delta falls {}: f' shrinks it", precise_fold_of_ln(2.0));
        let sentence = summary(&runs).sentence;
        assert!(sentence.contains(&expected), "{sentence}");
    }

    #[test]
    fn what_stays_within_a_few_percent_neither_falls_nor_grows() {
        for (ratio, words) in [
            (1.049, "neither falls nor grows from layer2"),
            (0.96, "neither falls nor grows from layer2"),
            (1.06, "falls 1.1-fold from layer2"),
            (0.94, "grows 1.1-fold from layer2"),
            (1.0 / 30.0, "grows 30-fold from layer2"),
        ] {
            let sentence = summary(&[report(ratio, Status::Done)]).sentence;
            assert!(sentence.contains(words), "{ratio}: {sentence}");
        }
        let linear = RunReport { gains: [("activation".to_owned(), 0.0)].into(), ..report(2.0, Status::Done) };
        let sentence = summary(&[linear]).sentence;
        assert!(sentence.contains("delta neither falls nor grows: f' leaves it as it is"), "{sentence}");
    }

    #[test]
    fn of_a_single_layer_the_sentence_says_that_there_is_no_way() {
        let single = RunReport { gradient_mean_abs: vec![1.0], delta_rms: vec![1.0], ..report(1.0, Status::Done) };
        assert_eq!(
            summary(&[single]).sentence,
            "a: the network has only one layer, so no gradient has to pass through another. \
             At the end 37.5 % of the training samples are right."
        );
    }

    #[test]
    fn the_sentence_says_why_there_is_no_factor() {
        let gradients = |first: f64, last: f64, gain: f64| RunReport {
            gradient_mean_abs: vec![first, last],
            attenuation: Some(last / first).filter(|ratio| !ratio.is_nan()),
            gains: [("activation".to_owned(), gain)].into(),
            train_accuracy_last_200: None,
            ..report(1.0, Status::Done)
        };
        let sentence = |run: RunReport| summary(&[run]).sentence;
        assert_eq!(
            sentence(gradients(0.0, 1.0, f64::NEG_INFINITY)),
            "a: no gradient reaches layer1: mean |dC/dW| is exactly 0 there. \
             delta does not reach layer1 at some recorded steps: f' makes it 0."
        );
        assert!(sentence(gradients(0.0, 0.0, 0.0)).starts_with("a: mean |dC/dW| is 0 in layer1 and in layer2. "));
        assert!(sentence(gradients(1.0, 0.0, 0.0)).starts_with("a: mean |dC/dW| is 0 in layer2, but not in layer1. "));
        assert_eq!(sentence(report(1.0, Status::Diverged)), "a: the run diverged: the loss became NaN or infinite.");
        let both = summary(&[report(1.0, Status::Diverged), report(1.0, Status::Diverged)]);
        assert_eq!(both.sentence, "a: all 2 runs diverged: the loss became NaN or infinite.");
        // The mean over no records is NaN.
        let none = RunReport {
            gradient_mean_abs: vec![f64::NAN; 2],
            attenuation: None,
            gains: [("activation".to_owned(), f64::NAN)].into(),
            ..report(1.0, Status::Interrupted)
        };
        assert_eq!(sentence(none), "a: no gradient was recorded. The run was interrupted.");
        assert_eq!(summary(&[]).sentence, "a: no run finished.");
    }

    #[test]
    fn diverged_runs_are_counted_and_kept_out_of_the_figures() {
        let summary = summary(&[report(10.0, Status::Done), report(1e9, Status::Diverged)]);
        assert_eq!(summary.diverged, 1);
        assert_eq!(summary.attenuation.unwrap().p95, 10.0);
        assert!(summary.sentence.ends_with(". 1 of 2 runs diverged."), "{}", summary.sentence);
    }
}
