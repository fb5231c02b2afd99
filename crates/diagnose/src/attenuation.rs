//! Attenuation: how much of the gradient reaches the first layers, compared with the last.
//!
//! Only ratios are looked at, so that a loss divided by a million makes no difference.

use std::ops::Range;

use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Stage};

use crate::{Cause, Evidence, Series};

/// Half of the rectifier's slopes are 0: it multiplies delta's norm by the root of 1/2, which He's weights make up for. This
/// much is not the slope's fault.
const RECTIFIER: f64 = -0.347;
/// A converged network's gradient is what is left of a sum that nearly cancels: its ratios tell nothing.
const CONVERGED: f64 = 0.05;

/// By layer and step, the gradient over that of the last layer.
pub(crate) struct Attenuation<'a> {
    evidence: &'a Evidence,
    /// delta, or dC/dW where deltas were not recorded.
    pub(crate) quantity: Quantity,
    /// Whether gradients were not recorded either, and it is how far the weights move that is compared.
    by_movement: bool,
    sizes: Vec<(usize, &'a Series)>,
    /// ln of the lowest layer's over the last's, by step; minus infinity where nothing arrives.
    pub(crate) whole: Vec<(i64, f64)>,
}

impl<'a> Attenuation<'a> {
    /// None if fewer than two layers that take part in training have it.
    pub(crate) fn of(evidence: &'a Evidence) -> Option<Self> {
        let mut quantity = Quantity::Delta;
        let mut sizes = evidence.sizes(quantity);
        if sizes.len() < 2 {
            quantity = Quantity::Gradient;
            sizes = evidence.sizes(quantity);
        }
        // Steps in proportion to the gradient move the weights in proportion; others hide a small gradient, and never make
        // a large one small.
        let by_movement = sizes.len() < 2;
        if by_movement {
            sizes = evidence.movements();
        }
        // A layer that never got a gradient is cut off, not starved: another rule's business, or intended. So is one that
        // the configuration froze. What single precision took for 0 may have arrived all the same.
        let arrives = |layer: usize| {
            let gains = evidence.series(layer, Measure::Gain(Stage::Weights)).filter(|_| quantity == Quantity::Delta);
            gains.is_some_and(|gains| gains.iter().any(|(_, gain)| gain.is_finite()))
        };
        let index = sizes.iter().position(|(layer, series)| {
            (series.iter().any(|(_, value)| value > 0.0) || arrives(*layer))
                && !evidence.config().freezes(evidence.name(*layer))
        })?;
        sizes.drain(..index);
        let ((bottom, low), (top, high)) = (sizes.first()?, sizes.last()?);
        if sizes.len() < 2 {
            return None;
        }
        // Rows of inputs that are all 0 have no gradient whatever delta is.
        let inputs = if *bottom == 0 && quantity == Quantity::Gradient { evidence.zero_inputs() } else { None };
        let correction = inputs.filter(|share| *share < 1.0).map_or(0.0, |share| -0.5 * (1.0 - share).ln());
        let start = evidence.start();
        let converged = |step| match (start, evidence.loss.until(step)) {
            (Some(start), Some(now)) => start > 0.0 && now < CONVERGED * start,
            _ => false,
        };
        let ratio = |(step, low): (i64, f64)| {
            let high = high.at(step).filter(|high| high.is_finite() && *high > 0.0)?;
            // Where f32 ends, the gains go on: they are followed by scaling.
            let beyond =
                || if quantity == Quantity::Delta { sum_of_gains(evidence, *bottom..*top, step) } else { None };
            let ln = if low == 0.0 { beyond().unwrap_or(f64::NEG_INFINITY) } else { (low / high).ln() + correction };
            (low.is_finite() && !converged(step)).then_some((step, ln))
        };
        let whole = low.iter().filter_map(ratio).collect();
        Some(Self { evidence, quantity, by_movement, sizes, whole })
    }

    /// How the numbers are called.
    pub(crate) fn name(&self) -> &'static str {
        match self.quantity {
            Quantity::Delta => "delta",
            _ if self.by_movement => "movement of the weights",
            _ => "weight gradient",
        }
    }

    /// The lowest layer and the last.
    pub(crate) fn ends(&self) -> (usize, usize) {
        (self.sizes[0].0, self.sizes[self.sizes.len() - 1].0)
    }

    /// Below the last: layers whose gradient at a step is, over the last layer's, on the far side of `ln`: less, if that is
    /// negative, or more.
    pub(crate) fn layers_beyond(&self, ln: f64, step: i64) -> Vec<String> {
        let Some((_, high)) = self.sizes.last() else { return Vec::new() };
        let Some(high) = high.at(step) else { return Vec::new() };
        let below = &self.sizes[..self.sizes.len() - 1];
        let beyond = below.iter().filter(|(_, series)| {
            series
                .at(step)
                .is_some_and(|value| if ln < 0.0 { (value / high).ln() < ln } else { (value / high).ln() > ln })
        });
        beyond.map(|(layer, _)| self.evidence.name(*layer).to_owned()).collect()
    }

    /// Sums over layers of the gains of each stage at a step; what has none is left out.
    pub(crate) fn gains(&self, step: i64) -> Vec<(Stage, f64)> {
        let sum = |stage| {
            let gains = self.evidence.all(Measure::Gain(stage));
            let gains: Vec<f64> = gains.iter().filter_map(|(_, series)| series.at(step)).collect();
            (!gains.is_empty()).then(|| gains.iter().sum())
        };
        Stage::ALL.into_iter().filter_map(|stage| Some((stage, sum(stage)?))).collect()
    }

    /// Which stage the change at a step is due to: the one whose gains go farthest in its direction.
    pub(crate) fn cause(&self, step: i64, shrinks: bool) -> Cause {
        let gains = self.gains(step);
        let layers = (self.sizes.len() - 1) as f64;
        let rectifier = matches!(self.evidence.config().activation(), Some("relu" | "leaky_relu"));
        let fault = |(stage, sum): &(Stage, f64)| {
            let due = match stage {
                Stage::Activation if rectifier => layers * RECTIFIER,
                Stage::Weights if rectifier => -layers * RECTIFIER,
                _ => 0.0,
            };
            if shrinks { due - sum } else { sum - due }
        };
        let worst = gains.iter().max_by(|a, b| fault(a).total_cmp(&fault(b)));
        match worst.map(|(stage, _)| stage) {
            Some(Stage::Activation) => Cause::Activation,
            Some(Stage::Norm) => Cause::Normalisation,
            Some(_) => Cause::Weights,
            None => self.likely_cause(),
        }
    }

    /// Without gains: what the configuration lets expect.
    fn likely_cause(&self) -> Cause {
        match self.evidence.config().activation() {
            Some("sigmoid") => Cause::Activation,
            Some("relu" | "leaky_relu" | "identity") => Cause::Weights,
            _ => Cause::Unknown,
        }
    }

    /// What theory expects of the lowest layer before the first step: ln over the last layer's.
    pub(crate) fn expected(&self) -> Option<f64> {
        let (low, high) = self.ends();
        let expected = |layer| self.evidence.series(layer, Measure::ExpectedDelta)?.first().map(|(_, value)| value);
        Some(expected(low)? - expected(high)?)
    }
}

/// ln of what is left of delta's norm below the layers `between`, if the gains of all of them were recorded at a step. Root
/// mean squares differ from it by the root of the layers' sizes.
fn sum_of_gains(evidence: &Evidence, between: Range<usize>, step: i64) -> Option<f64> {
    let of = |layer: usize| {
        let gain = |stage| evidence.series(layer, Measure::Gain(stage))?.at(step);
        Stage::ALL.into_iter().filter_map(gain).reduce(|sum, gain| sum + gain)
    };
    between.map(of).sum::<Option<f64>>().filter(|sum| !sum.is_nan())
}
