//! Histograms, and what can be computed of the values in them.
//!
//! A bucket says how many values lie between two edges and nothing of where. All that is computed here takes them to be
//! spread evenly.

use crate::summary::histogram::Bucket;

/// Edges beyond this are taken for infinite: writers set outermost edges to plus and minus `f64::MAX`.
const INFINITE: f64 = 1e300;

/// A histogram.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Ascending; each begins where the last ended.
    pub buckets: Vec<Bucket>,
    /// Statistics that the writer computed from the values themselves. Only the format of `PyTorch` and `TensorFlow` 1
    /// has them; otherwise None.
    pub moments: Option<Moments>,
}

/// Statistics that a writer computed from the values of a histogram, in double precision. They change when any value
/// changes, long before a bucket's count does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// How many values there are.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
}

impl Histogram {
    /// The values below which the given fractions of the whole lie, each in [0, 1] and ascending, by interpolation within
    /// buckets: what `TensorBoard`'s Distributions page draws (`distribution/compressor.py`). Zeros if there are no
    /// buckets.
    pub fn percentiles(&self, fractions: &[f64]) -> Vec<f64> {
        let (Some(first), Some(last)) = (self.buckets.first(), self.buckets.last()) else {
            return vec![0.0; fractions.len()];
        };
        let total: f64 = self.buckets.iter().map(|bucket| bucket.count).sum();
        let (mut i, mut before) = (0, 0.0);
        let percentile = |fraction: &f64| {
            while let Some(&Bucket { right, count, .. }) = self.buckets.get(i) {
                if count > 0.0 && before + count > fraction * total {
                    // The first bucket that holds anything reaches down to the histogram's left end.
                    let left = if before > 0.0 { self.buckets[i - 1].right.max(first.left) } else { first.left };
                    let right = right.min(last.right);
                    return left + (fraction * total - before) / count * (right - left);
                }
                before += count;
                i += 1;
            }
            last.right
        };
        fractions.iter().map(percentile).collect()
    }

    /// The buckets that hold anything, with finite edges in ascending order. A bucket with one usable edge holds its values
    /// there; one with none is left out.
    pub fn filled(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.buckets.iter().filter(|bucket| bucket.count > 0.0 && bucket.count.is_finite()).filter_map(|bucket| {
            let usable = |edge: f64| edge.abs() < INFINITE;
            let (left, right) = match (usable(bucket.left), usable(bucket.right)) {
                (true, true) => (bucket.left.min(bucket.right), bucket.left.max(bucket.right)),
                (true, false) => (bucket.left, bucket.left),
                (false, true) => (bucket.right, bucket.right),
                (false, false) => return None,
            };
            Some(Bucket { left, right, count: bucket.count })
        })
    }

    /// How many values there are, wherever they lie.
    pub fn count(&self) -> f64 {
        self.buckets.iter().map(|bucket| bucket.count).filter(|count| *count > 0.0 && count.is_finite()).sum()
    }

    /// Mean of the absolute values. None if there are none; NaN if none of them lies at a finite edge.
    pub fn mean_abs(&self) -> Option<f64> {
        // The integral of |x| over [left, right], over its length.
        let (mean, scale) = self.mean(|left, right| {
            if left < 0.0 && right > 0.0 {
                (left * left + right * right) / (2.0 * (right - left))
            } else {
                (left + right).abs() / 2.0
            }
        })?;
        Some(scale * mean)
    }

    /// Root mean square. None if there are no values; NaN if none of them lies at a finite edge.
    pub fn rms(&self) -> Option<f64> {
        // The integral of x^2, over the length.
        let (mean, scale) = self.mean(|left, right| (left * left + left * right + right * right) / 3.0)?;
        Some(scale * mean.sqrt())
    }

    /// The mean over all values of what is given of the edges of their buckets. Squares of large numbers overflow: the edges
    /// are shares of the largest, which is given back as well.
    fn mean(&self, of: impl Fn(f64, f64) -> f64) -> Option<(f64, f64)> {
        let largest = self.filled().map(|bucket| bucket.left.abs().max(bucket.right.abs())).fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let (mut sum, mut count) = (0.0, 0.0);
        for Bucket { left, right, count: values } in self.filled() {
            sum += of(left / scale, right / scale) * values;
            count += values;
        }
        (self.count() > 0.0).then(|| (sum / count, scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(left: f64, right: f64, count: f64) -> Bucket {
        Bucket { left, right, count }
    }

    fn histogram(buckets: &[[f64; 3]]) -> Histogram {
        let buckets = buckets.iter().map(|&[left, right, count]| bucket(left, right, count)).collect();
        Histogram { buckets, moments: None }
    }

    #[test]
    fn percentiles_are_those_of_tensorboard() {
        // From tensorboard.plugins.distribution import compressor; compressor.compress_histogram(buckets)
        let buckets = vec![
            bucket(-2.0, -1.0, 0.0),
            bucket(-1.0, 0.0, 3.0),
            bucket(0.0, 0.5, 0.0),
            bucket(0.5, 4.0, 5.0),
            bucket(4.0, 5.0, 0.0),
        ];
        let histogram = Histogram { buckets, moments: None };
        let fractions = [0.0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1.0];
        let expected =
            [-2.0, -1.643_733_333_333_333_3, -1.1536, -0.354_666_666_666_666_7, 1.2, 2.2724, 3.11128, 3.62592, 5.0];
        for (found, expected) in histogram.percentiles(&fractions).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} and not {expected}");
        }
        assert_eq!(Histogram::default().percentiles(&[0.0, 1.0]), [0.0, 0.0]);
    }

    #[test]
    fn moments_are_those_of_values_spread_evenly() {
        // [-1, 1]: mean |x| = 1/2, mean x^2 = 1/3; [2, 4]: 3 and 28/3.
        let both = histogram(&[[-1.0, 1.0, 3.0], [2.0, 4.0, 1.0]]);
        assert!((both.mean_abs().unwrap() - 4.5 / 4.0).abs() < 1e-12);
        assert!((both.rms().unwrap() - (31.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn values_at_one_place_have_its_size() {
        let one = histogram(&[[-3.0, -3.0, 5.0]]);
        assert_eq!((one.mean_abs(), one.rms()), (Some(3.0), Some(3.0)));
        let zero = histogram(&[[0.0, 0.0, 5.0]]);
        assert_eq!((zero.mean_abs(), zero.rms()), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn an_edge_at_infinity_is_not_where_values_are() {
        let open = histogram(&[[-f64::MAX, -1.0, 2.0], [2.0, f64::INFINITY, 2.0], [f64::NAN, f64::NAN, 9.0]]);
        assert_eq!(open.mean_abs(), Some(1.5));
        assert_eq!(open.count(), 13.0);
    }

    #[test]
    fn nothing_has_no_moment_and_values_that_are_no_numbers_have_nan() {
        assert_eq!(histogram(&[]).mean_abs(), None);
        assert_eq!(histogram(&[[0.0, 1.0, 0.0], [0.0, 1.0, f64::NAN], [0.0, 1.0, -1.0]]).rms(), None);
        assert!(histogram(&[[f64::NAN, f64::NAN, 4.0]]).rms().unwrap().is_nan());
    }

    #[test]
    fn large_and_small_numbers_neither_overflow_nor_vanish() {
        for size in [1e-200, 1e200] {
            let far = histogram(&[[size, size, 2.0]]).rms().unwrap();
            assert!((far / size - 1.0).abs() < 1e-12, "{far}");
        }
    }
}
