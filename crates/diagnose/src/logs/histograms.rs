//! What histograms tell: how large tensors are, how far weights moved, how many units there are.

use std::collections::HashMap;

use headwater_events::{Datum, Histogram, Run, Series as Recorded, SeriesKind};
use headwater_probe::Measure;
use headwater_probe::foreign::{self, Place};
use headwater_probe::tags::{Quantity, Statistic};

use super::movement::{self, Movement};
use super::{biases::of_bias, spread, standing};
use crate::{Evidence, Series};

/// Most histograms of a series, which must be read from their file.
const HISTOGRAMS: usize = 32;

/// Adds what the histograms of a run tell.
pub(super) fn add(run: &Run, evidence: &mut Evidence) {
    let mut biases = HashMap::new();
    let mut weights = Vec::new();
    let series = run.series();
    for series in series.iter().filter(|series| series.kind() == SeriesKind::Histogram) {
        let tag = series.name();
        if is_normalisation(tag) {
            evidence.normalise();
        }
        match foreign::read(tag) {
            Some(Place { measure: Measure::Whole(quantity), layer }) => {
                // Our own records have the numbers as scalars.
                if tag.starts_with(&format!("{quantity}/layer")) {
                    continue;
                }
                if quantity == Quantity::Weight {
                    weights.push((Place { measure: Measure::Whole(quantity), layer }, series));
                } else {
                    sizes(evidence, series, quantity, &layer);
                }
            }
            Some(_) => {}
            None => {
                let Some(place) = of_bias(tag) else { continue };
                if place.measure == Measure::Whole(Quantity::Weight) {
                    let units = histogram(series, 0).map(|(_, histogram)| (place.layer, histogram.count()));
                    biases.extend(units);
                } else if place.measure == Measure::Whole(Quantity::Gradient) {
                    let measure = Measure::Statistic(Quantity::Gradient, Statistic::Rms);
                    let sizes: Vec<_> = some(series).filter_map(|(step, found)| Some((step, found.rms()?))).collect();
                    evidence.take_bias(&Place { measure, ..place }, sizes);
                }
            }
        }
    }
    for (Place { layer, .. }, series) in weights {
        movements(evidence, series, &layer, biases.get(&layer).copied());
    }
}

/// A histogram of a series, with its step.
fn histogram(series: &Recorded, index: usize) -> Option<(i64, Histogram)> {
    let sample = series.read(index..index + 1).pop()?;
    match sample.datum {
        Ok(Datum::Histogram(histogram)) => Some((sample.step, histogram)),
        // What cannot be read is listed among the problems of the file.
        _ => None,
    }
}

/// The histograms that are looked at, few enough to be read. The first with values that are not finite is among them, if
/// such values stay once they are there.
fn some(series: &Recorded) -> impl Iterator<Item = (i64, Histogram)> + '_ {
    let ranges = standing(series, &mut None);
    let indices: Vec<usize> = ranges.into_iter().flatten().collect();
    let mut found: Vec<_> = spread(indices.len(), HISTOGRAMS)
        .filter_map(|place| Some((place, histogram(series, indices[place])?)))
        .collect();
    if let Some(at) = found.iter().position(|(_, (_, histogram))| histogram.not_finite() > 0.0).filter(|at| *at > 0) {
        let (mut good, mut bad) = (found[at - 1].0, found[at].0);
        while good + 1 < bad {
            let middle = usize::midpoint(good, bad);
            match histogram(series, indices[middle]) {
                Some(record) if record.1.not_finite() > 0.0 => {
                    bad = middle;
                    // In front of the others that are not finite.
                    found.insert(at, (middle, record));
                }
                _ => good = middle,
            }
        }
    }
    found.into_iter().map(|(_, record)| record)
}

/// Adds the sizes of what histograms hold. Activations that are all 0 are those of dead units.
fn sizes(evidence: &mut Evidence, series: &Recorded, quantity: Quantity, layer: &str) {
    let sizes: Series = some(series).filter_map(|(step, histogram)| Some((step, histogram.rms()?))).collect();
    if quantity == Quantity::Activation && sizes.iter().any(|(_, size)| size == 0.0) {
        let dead = sizes.iter().map(|(step, size)| (step, f64::from(u8::from(size == 0.0))));
        evidence.take_at(layer, Measure::DeadUnits, series.tag(), dead);
    }
    evidence.take_at(layer, Measure::Statistic(quantity, Statistic::Rms), series.tag(), sizes.iter());
}

/// Adds the sizes of weights, and how far they moved from one histogram to the next.
fn movements(evidence: &mut Evidence, series: &Recorded, layer: &str, units: Option<f64>) {
    let (mut sizes, mut moved, mut ratios) = (Series::default(), Series::default(), Series::default());
    let mut before: Option<(i64, Histogram)> = None;
    let mut visible: f64 = 0.0;
    for (step, now) in some(series) {
        let Some(size) = now.rms() else { continue };
        sizes.extend([(step, size)]);
        if let Some((then, before)) = &before
            && step > *then
        {
            let steps = step as f64 - *then as f64;
            let Movement { apart, ends } = Movement::between(before, &now);
            moved.extend([(*then, apart.max(ends) / steps)]);
            // Two weights out of all are enough to see that a layer moves, and too few to say that it moves far.
            if size > 0.0 {
                ratios.extend([(*then, if apart > 0.0 { apart } else { ends } / size / steps)]);
                visible = visible.max(movement::resolution(&now).unwrap_or(f64::INFINITY) / size / steps);
            }
        }
        if let Some(units) = units.filter(|units| *units > 0.0) {
            evidence.set_inputs(layer, (now.count() / units).max(1.0));
        }
        before = Some((step, now));
    }
    evidence.take_at(
        layer,
        Measure::Statistic(Quantity::Weight, Statistic::Rms),
        series.tag(),
        sizes.iter().collect::<Vec<_>>(),
    );
    if !moved.is_empty() {
        evidence.moved(layer, moved.iter());
    }
    if !ratios.is_empty() {
        evidence.set_visible(layer, visible);
        evidence.take_at(layer, Measure::UpdateRatio, series.tag(), ratios.iter());
    }
}

/// Whether a tag belongs to a normalisation.
fn is_normalisation(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    let is_norm = |part: &str| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        [
            "bn",
            "ln",
            "batchnorm",
            "layernorm",
            "layer_norm",
            "batch_norm",
            "batch_normalization",
            "layer_normalization",
            "groupnorm",
            "ln_f",
            "rmsnorm",
        ]
        .contains(&stem)
            || stem == "norm" && !tag.starts_with("norm")
    };
    tag.split(['/', '.']).any(is_norm)
}

#[cfg(test)]
mod tests {
    use headwater_events::{
        Bucket, Store, Writer,
        proto::{self, Event, HistogramProto, Summary, ValueKind, What},
        record,
    };
    use prost::Message as _;

    use super::*;
    use crate::{diagnose, evidence};

    /// The evidence of a run `run` whose file holds these values, each at a step under a tag.
    fn of(values: impl IntoIterator<Item = (i64, &'static str, ValueKind)>) -> Evidence {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        for (step, tag, value) in values {
            let value = proto::Value { tag: tag.to_owned(), value: Some(value), metadata: None };
            let what = Some(What::Summary(Summary { value: vec![value] }));
            let event = Event { wall_time: 1.0, step, what, source_metadata: None };
            record::append(&mut bytes, |buffer| buffer.extend_from_slice(&event.encode_to_vec()));
        }
        std::fs::create_dir(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("run/events.out.tfevents.1"), bytes).unwrap();
        let store = Store::open(folder.path());
        store.load();
        evidence(&store, &store.run("run").unwrap()).unwrap()
    }

    /// 1,000 values, of which so many are NaN, as `PyTorch` writes them: those are in no bucket.
    fn with_nans(nans: f64) -> ValueKind {
        let or_nan = |value: f64| if nans > 0.0 { f64::NAN } else { value };
        ValueKind::Histo(HistogramProto {
            min: or_nan(-1.0),
            max: or_nan(1.0),
            num: 1000.0,
            sum: or_nan(0.0),
            sum_squares: or_nan(300.0),
            bucket_limit: vec![-1.0, 0.0, 1.0],
            bucket: vec![0.0, 500.0, 500.0 - nans],
        })
    }

    #[test]
    fn a_hundred_nans_among_a_thousand_values_are_found_at_the_very_step() {
        let run = (0..300).flat_map(|step| {
            let nans = if step < 133 { 0.0 } else { 100.0 };
            [("fc1.weight.grad", 0.0), ("fc2.weight.grad", nans)].map(|(tag, nans)| (step, tag, with_nans(nans)))
        });
        let finding = diagnose(&of(run)).findings.into_iter().next().unwrap();
        assert_eq!((finding.rule, finding.first_step), ("not_finite", 133));
        assert_eq!(finding.layers, ["fc2"]);
    }

    #[test]
    fn a_gradient_of_one_value_is_exactly_that_value() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        for step in 0..10 {
            writer.scalar(step, "loss", 2.3).unwrap();
            for (tag, value) in [("gradients/dense_0/kernel", 0.0), ("gradients/dense_1/kernel", 0.25)] {
                let bucket = Bucket { left: value - 0.5, right: value + 0.5, count: 400.0 };
                writer.histogram(step, tag, &[bucket]).unwrap();
            }
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        let size =
            |layer| evidence.series(layer, Measure::Statistic(Quantity::Gradient, Statistic::Rms)).unwrap().at(3);
        assert_eq!((size(0), size(1)), (Some(0.0), Some(0.25)));
        let finding = diagnose(&evidence).findings.into_iter().find(|finding| finding.rule == "frozen_layer").unwrap();
        assert!(finding.summary.contains("dense_0") && finding.summary.contains("the gradient is exactly 0"));
    }

    #[test]
    fn normalisations_are_known_by_name() {
        assert!(is_normalisation("blocks.0.ln1.weight") && is_normalisation("batch_normalization_1/gamma/histogram"));
        assert!(!is_normalisation("norm/fc1") && !is_normalisation("layers.0.weight"));
    }
}
