//! What histograms tell: how large tensors are, how far weights moved, how many units there are.

use std::collections::HashMap;

use headwater_events::{Datum, Histogram, Run, Series as Recorded, SeriesKind};
use headwater_probe::foreign::{self, Measure, Place};
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

/// The histograms that are looked at, few enough to be read.
fn some(series: &Recorded) -> impl Iterator<Item = (i64, Histogram)> + '_ {
    let ranges = standing(series, &mut None);
    let indices: Vec<usize> = ranges.into_iter().flatten().collect();
    let wanted: Vec<usize> = spread(indices.len(), HISTOGRAMS).map(|index| indices[index]).collect();
    wanted.into_iter().filter_map(|index| histogram(series, index))
}

/// Adds the sizes of what histograms hold. Activations that are all 0 are those of dead units.
fn sizes(evidence: &mut Evidence, series: &Recorded, quantity: Quantity, layer: &str) {
    let sizes: Series = some(series).filter_map(|(step, histogram)| Some((step, histogram.rms()?))).collect();
    let place = |measure| Place { measure, layer: layer.to_owned() };
    if quantity == Quantity::Activation && sizes.iter().any(|(_, size)| size == 0.0) {
        let dead = sizes.iter().map(|(step, size)| (step, f64::from(u8::from(size == 0.0))));
        evidence.take_at(&place(Measure::DeadUnits), series.tag(), dead);
    }
    evidence.take_at(&place(Measure::Statistic(quantity, Statistic::Rms)), series.tag(), sizes.iter());
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
    let place = |measure| Place { measure, layer: layer.to_owned() };
    evidence.take_at(
        &place(Measure::Statistic(Quantity::Weight, Statistic::Rms)),
        series.tag(),
        sizes.iter().collect::<Vec<_>>(),
    );
    if !moved.is_empty() {
        evidence.moved(layer, moved.iter());
    }
    if !ratios.is_empty() {
        evidence.set_visible(layer, visible);
        evidence.take_at(&place(Measure::UpdateRatio), series.tag(), ratios.iter());
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
    use super::*;

    #[test]
    fn normalisations_are_known_by_name() {
        assert!(is_normalisation("blocks.0.ln1.weight") && is_normalisation("batch_normalization_1/gamma/histogram"));
        assert!(!is_normalisation("norm/fc1") && !is_normalisation("layers.0.weight"));
    }
}
