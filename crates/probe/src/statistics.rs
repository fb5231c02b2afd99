//! The numbers that describe one tensor: a layer's gradient, delta, weights, pre-activation or activation.

use headwater_nn::Survey;

use crate::Histogram;
use crate::histogram::Counter;

/// Statistics of the values of one tensor at one step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Statistics {
    /// Mean of |x|; NaN or infinite when any value is.
    pub mean_abs: f64,
    /// Square root of the mean of x^2; NaN or infinite when any value is.
    pub rms: f64,
    /// Smallest value that is a number; NaN when there is none.
    pub min: f64,
    /// Largest value that is a number; NaN when there is none.
    pub max: f64,
    /// How many values there are.
    pub count: u64,
    /// How many are exactly zero.
    pub zeros: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite.
    pub infinities: u64,
}

/// Statistics and, where it was asked for, the histogram of one tensor.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    /// The statistics of all values.
    pub statistics: Statistics,
    /// The histogram of the finite values.
    pub histogram: Option<Histogram>,
}

impl Tensor {
    pub(crate) fn new(with_histogram: bool) -> Self {
        Self { statistics: Statistics::default(), histogram: with_histogram.then(Histogram::default) }
    }

    /// Measures `values`, and forgets what was measured before.
    pub(crate) fn measure(&mut self, values: &[f32], counter: &mut Counter) {
        self.statistics = Statistics::of(values);
        let Some(histogram) = &mut self.histogram else { return };
        let Statistics { min, max, .. } = self.statistics;
        if min.is_finite() && max.is_finite() {
            histogram.measure_within(values, min as f32, max as f32, counter);
        } else {
            histogram.measure(values, counter);
        }
    }
}

impl Statistics {
    /// Measures `values`. Sums are f64: squares of f32 neither overflow nor vanish there.
    pub fn of(values: &[f32]) -> Self {
        let Survey { absolutes, squares, min, max, zeros, nans, infinities } = Survey::of(values);
        let count = values.len() as u64;
        let none = count == nans;
        Self {
            mean_abs: absolutes / count as f64,
            rms: (squares / count as f64).sqrt(),
            min: if none { f64::NAN } else { f64::from(min) },
            max: if none { f64::NAN } else { f64::from(max) },
            count,
            zeros,
            nans,
            infinities,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_those_of_the_definition() {
        let statistics = Statistics::of(&[3.0, -4.0, 0.0, -0.0]);
        assert_eq!(statistics.mean_abs, 1.75);
        assert_eq!(statistics.rms, 2.5);
        assert_eq!((statistics.min, statistics.max), (-4.0, 3.0));
        assert_eq!((statistics.count, statistics.zeros), (4, 2));
    }

    #[test]
    fn what_is_not_finite_is_counted_and_shows() {
        let values = [1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        let mut tensor = Tensor::new(true);
        tensor.measure(&values, &mut Counter::default());
        let statistics = tensor.statistics;
        assert_eq!((statistics.nans, statistics.infinities), (1, 2));
        assert!(statistics.mean_abs.is_nan());
        assert_eq!((statistics.min, statistics.max), (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(tensor.histogram.unwrap().count(), 1);
        assert!(Statistics::of(&[f32::NAN]).min.is_nan());
    }

    #[test]
    fn tiny_values_do_not_vanish_in_the_sums() {
        assert!((Statistics::of(&[1e-30, -1e-30]).rms / 1e-30 - 1.0).abs() < 1e-6);
    }
}
