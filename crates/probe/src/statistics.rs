//! The numbers that describe one tensor: a layer's gradient, delta, weights, pre-activation or activation.

use headwater_nn::Survey;

use crate::{Counter, Histogram};

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
    /// The histogram of the finite values, until it is taken.
    pub histogram: Option<Histogram>,
}

impl Tensor {
    /// Measures `values`; a histogram needs memory to count in.
    pub(crate) fn measure(values: &[f32], counter: Option<&mut Counter>) -> Self {
        let statistics = Statistics::of(values);
        let Statistics { min, max, .. } = statistics;
        Self {
            statistics,
            histogram: counter.map(|counter| Histogram::within(values, min as f32, max as f32, counter)),
        }
    }
}

impl Statistics {
    /// Measures `values`. Sums are f64: squares of f32 neither overflow nor vanish there.
    pub fn of(values: &[f32]) -> Self {
        Self::new(Survey::of(values), values.len())
    }

    /// What a survey of so many values tells.
    pub(crate) fn new(survey: Survey, count: usize) -> Self {
        let Survey { absolutes, squares, min, max, zeros, nans, infinities } = survey;
        let count = count as u64;
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
        let mut counter = Counter::default();
        let tensor = Tensor::measure(&values, Some(&mut counter));
        let statistics = tensor.statistics;
        assert_eq!((statistics.nans, statistics.infinities), (1, 2));
        assert!(statistics.mean_abs.is_nan());
        assert_eq!((statistics.min, statistics.max), (f64::NEG_INFINITY, f64::INFINITY));
        let buckets = tensor.histogram.unwrap().buckets(&mut counter);
        assert_eq!(buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [1.0]);
        assert!(Statistics::of(&[f32::NAN]).min.is_nan());
    }

    #[test]
    fn tiny_values_do_not_vanish_in_the_sums() {
        assert!((Statistics::of(&[1e-30, -1e-30]).rms / 1e-30 - 1.0).abs() < 1e-6);
    }
}
