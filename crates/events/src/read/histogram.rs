//! Histograms, and what can be computed of the values in them.
//!
//! A bucket says how many values lie between two edges and nothing of where. What the writer computed from the values
//! themselves is exact and comes first; the rest takes the values of a bucket to be spread evenly, within the bounds that
//! the record sets.

use crate::summary::histogram::Bucket;

/// Edges beyond this are taken for infinite: writers set outermost edges to plus and minus `f64::MAX`.
const INFINITE: f64 = 1e300;
/// `PyTorch`'s default buckets end below 1e20, and values beyond them are in no bucket: 1e20 over the width of a bucket.
const OUTERMOST: f64 = 1e20 / 1.1;
/// Sums in another order, or of numbers that were rounded, differ by less than this share.
const ROUNDING: f64 = 1e-6;

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
    /// there; one with none is left out. If the histogram is of one value, the bucket has no width.
    pub fn filled(&self) -> impl Iterator<Item = Bucket> + '_ {
        let only = self.only_value();
        let filled =
            self.buckets.iter().filter(move |bucket| only.is_none() && bucket.count > 0.0 && bucket.count.is_finite());
        let with_edges = filled.filter_map(|bucket| {
            let usable = |edge: f64| edge.abs() < INFINITE;
            let (left, right) = match (usable(bucket.left), usable(bucket.right)) {
                (true, true) => (bucket.left.min(bucket.right), bucket.left.max(bucket.right)),
                (true, false) => (bucket.left, bucket.left),
                (false, true) => (bucket.right, bucket.right),
                (false, false) => return None,
            };
            Some(Bucket { left, right, count: bucket.count })
        });
        only.into_iter().chain(with_edges)
    }

    /// The value v of a tensor that holds no other, where it was written as the only bucket, [v - 0.5, v + 0.5]:
    /// `TensorFlow` before 2.8 and `TensorBoard`'s own summary do so.
    fn only_value(&self) -> Option<Bucket> {
        let ([Bucket { left, right, count }], None) = (&self.buckets[..], self.moments) else { return None };
        let value = f64::midpoint(*left, *right);
        // As far as the edges of large values are exact. Beside an infinite edge, every width would be.
        let is_one = value.abs() < INFINITE && (right - left - 1.0).abs() <= 2.0 * f64::EPSILON * value.abs().max(1.0);
        (is_one && *count > 0.0 && count.is_finite()).then_some(Bucket { left: value, right: value, count: *count })
    }

    /// How many values the buckets hold, wherever they lie. Values that are not finite are in no bucket.
    pub fn count(&self) -> f64 {
        self.buckets.iter().map(|bucket| bucket.count).filter(|count| *count > 0.0 && count.is_finite()).sum()
    }

    /// How many of the values are NaN or infinite, as far as the writer's statistics tell; at least 1 if there are any.
    /// Such values are in no bucket, and a sum over them is not finite.
    pub fn not_finite(&self) -> f64 {
        let Some(moments) = self.moments.filter(|moments| moments.count > 0.0) else { return 0.0 };
        let missing = (moments.count - self.count()).max(0.0);
        let Moments { min, max, sum, sum_squares, .. } = moments;
        if [min, max, sum, sum_squares].iter().any(|value| !value.is_finite()) {
            return missing.max(1.0);
        }
        let beyond_the_buckets = min < -OUTERMOST || max > OUTERMOST;
        if missing > ROUNDING * moments.count && !beyond_the_buckets { missing } else { 0.0 }
    }

    /// The statistics that the writer computed, if they can be those of the values in the buckets: some writers leave a few
    /// of them at 0.
    fn exact(&self) -> Option<Moments> {
        let moments = self.moments.filter(|moments| moments.count > 0.0 && self.not_finite() == 0.0)?;
        let Moments { min, max, count, sum, sum_squares } = moments;
        let (least, most) = self.bounds(|left, right| {
            let inside = left.max(-right).max(0.0);
            (inside * inside, left.abs().max(right.abs()).powi(2))
        });
        let largest = min.abs().max(max.abs()).powi(2);
        let low = sum_squares * (1.0 + ROUNDING) >= least.max(largest);
        let sums = self.bounds(|left, right| (left, right));
        let slack = ROUNDING * (count * sum_squares).sqrt();
        let high = sum_squares <= most * (1.0 + ROUNDING) && sum >= sums.0 - slack && sum <= sums.1 + slack;
        let complete = count >= self.count() * (1.0 - ROUNDING);
        (low && complete && (high || self.is_cut(&moments))).then_some(moments)
    }

    /// Whether some values lie beyond the outermost buckets.
    fn is_cut(&self, moments: &Moments) -> bool {
        moments.count > self.count() * (1.0 + ROUNDING)
    }

    /// The least and the most that a sum over the values in the buckets can be, where `of` gives both for one value
    /// between two edges.
    fn bounds(&self, of: impl Fn(f64, f64) -> (f64, f64)) -> (f64, f64) {
        let filled = self.buckets.iter().filter(|bucket| bucket.count > 0.0);
        filled.fold((0.0, 0.0), |(low, high), Bucket { left, right, count }| {
            let (least, most) = of(left.min(*right), left.max(*right));
            (low + least * count, high + most * count)
        })
    }

    /// What mean and root mean square are if some values are not finite: infinite if the sum of squares says that none of them
    /// is NaN, else NaN.
    fn size_if_not_finite(&self) -> Option<f64> {
        let moments = self.moments.filter(|_| self.not_finite() > 0.0)?;
        Some(if moments.sum_squares == f64::INFINITY { f64::INFINITY } else { f64::NAN })
    }

    /// Mean of the absolute values. None if there are none; infinite or NaN if any of them is, and NaN if none lies at a finite
    /// edge. Exact if the writer wrote the sum and all values have one sign.
    pub fn mean_abs(&self) -> Option<f64> {
        if let Some(size) = self.size_if_not_finite() {
            return Some(size);
        }
        let spread = self.spread_mean_abs()?;
        let Some(moments) = self.exact() else { return Some(spread) };
        let Moments { count, sum, sum_squares, .. } = moments;
        let (mut least, mut most) = (sum.abs(), f64::INFINITY);
        if !self.is_cut(&moments) {
            // The sum is the positive values' less the sizes of the negative ones, and both are bounded.
            let positive = self.bounds(|left, right| (left.max(0.0), right.max(0.0)));
            let negative = self.bounds(|left, right| ((-right).max(0.0), (-left).max(0.0)));
            least = least.max(positive.0 + negative.0).max(sum + 2.0 * negative.0).max(2.0 * positive.0 - sum);
            most = (positive.1 + negative.1).min(sum + 2.0 * negative.1).min(2.0 * positive.1 - sum);
        }
        // Where bounds meet, they may cross by rounding; no mean is larger than the root mean square.
        Some(spread.max(least / count).min(most / count).min((sum_squares / count).sqrt()))
    }

    /// The same of values that are spread evenly within their buckets.
    fn spread_mean_abs(&self) -> Option<f64> {
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

    /// Root mean square. None if there are no values; infinite or NaN if any of them is, and NaN if none lies at a finite edge.
    /// Exact if the writer wrote the sum of squares.
    pub fn rms(&self) -> Option<f64> {
        if let Some(size) = self.size_if_not_finite() {
            return Some(size);
        }
        if let Some(Moments { count, sum_squares, .. }) = self.exact() {
            return Some((sum_squares / count).sqrt());
        }
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

    /// A histogram of these values between these edges, with the writer's statistics.
    fn of(values: &[f64], edges: &[f64]) -> Histogram {
        let bucket = |pair: &[f64]| {
            let inside = values.iter().filter(|value| (pair[0]..pair[1]).contains(*value)).count();
            bucket(pair[0], pair[1], inside as f64)
        };
        let moments = Moments {
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            count: values.len() as f64,
            sum: values.iter().sum(),
            sum_squares: values.iter().map(|value| value * value).sum(),
        };
        Histogram { buckets: edges.windows(2).map(bucket).collect(), moments: Some(moments) }
    }

    #[test]
    fn what_the_writer_computed_is_exact_however_coarse_the_buckets_are() {
        let mut values = vec![0.0; 10_000];
        values[3] = 1e-6;
        let spike = of(&values, &[0.0, 1e-6, 1.1e-6]);
        assert!((spike.rms().unwrap() / 1e-8 - 1.0).abs() < 1e-12, "{spike:?}");
        // All of one sign: the mean of the absolute values is that of the values.
        assert!((spike.mean_abs().unwrap() / 1e-10 - 1.0).abs() < 1e-12, "{:?}", spike.mean_abs());
    }

    proptest::proptest! {
        #[test]
        fn the_mean_size_lies_where_the_record_allows(
            values in proptest::collection::vec(-1e3..1e3, 1..60), cuts in proptest::collection::vec(-999.0..999.0, 0..6),
        ) {
            let mut edges = [&[-1e3], &cuts[..], &[1e3]].concat();
            edges.sort_by(f64::total_cmp);
            let histogram = of(&values, &edges);
            let (count, found) = (values.len() as f64, histogram.mean_abs().unwrap());
            let rms = (values.iter().map(|value| value * value).sum::<f64>() / count).sqrt();
            proptest::prop_assert!((histogram.rms().unwrap() / rms - 1.0).abs() < 1e-12);
            let slack = 1e-9 * rms;
            proptest::prop_assert!(found <= rms + slack && found >= values.iter().sum::<f64>().abs() / count - slack);
            let far = |value: &f64| {
                let end = edges.partition_point(|edge| edge <= value);
                edges[end - 1].abs().max(edges[end].abs())
            };
            proptest::prop_assert!(found <= values.iter().map(far).sum::<f64>() / count + slack);
        }
    }

    #[test]
    fn a_bucket_with_an_infinite_edge_is_not_one_wide() {
        let filled = |left, right| {
            Histogram { buckets: vec![bucket(left, right, 5.0)], moments: None }.filled().collect::<Vec<_>>()
        };
        assert_eq!(filled(1.0, f64::INFINITY), [bucket(1.0, 1.0, 5.0)]);
        assert_eq!(filled(f64::NEG_INFINITY, -2.0), [bucket(-2.0, -2.0, 5.0)]);
        assert_eq!(filled(f64::MAX, f64::MAX), []);
        assert_eq!(filled(6.5, 7.5), [bucket(7.0, 7.0, 5.0)]);
    }

    #[test]
    fn values_that_are_not_finite_are_known_by_their_sum_or_by_their_absence() {
        let whole = of(&[-1.0, 0.5, 2.0, 3.0], &[-2.0, 0.0, 4.0]);
        assert_eq!(whole.not_finite(), 0.0);
        let with = |change: fn(&mut Moments)| {
            let mut moments = whole.moments.unwrap();
            change(&mut moments);
            Histogram { moments: Some(moments), ..whole.clone() }
        };
        let nan = with(|moments| (moments.count, moments.sum) = (14.0, f64::NAN));
        assert_eq!(nan.not_finite(), 10.0);
        assert!(nan.rms().unwrap().is_nan() && nan.mean_abs().unwrap().is_nan());
        let infinite = with(|moments| (moments.count, moments.max) = (5.0, f64::INFINITY));
        assert_eq!(infinite.not_finite(), 1.0);
        let squared = with(|moments| {
            (moments.count, moments.sum, moments.sum_squares) = (14.0, f64::INFINITY, f64::INFINITY);
        });
        assert_eq!((squared.rms(), squared.mean_abs()), (Some(f64::INFINITY), Some(f64::INFINITY)));
        // Infinities of both signs make the sum NaN, but not the sum of squares.
        let both = with(|moments| (moments.count, moments.sum, moments.sum_squares) = (14.0, f64::NAN, f64::INFINITY));
        assert_eq!(both.rms(), Some(f64::INFINITY));
        // A writer that passes over them in its sums counts them all the same.
        assert_eq!(with(|moments| moments.count = 7.0).not_finite(), 3.0);
        // All of them.
        let none = Histogram { buckets: Vec::new(), moments: nan.moments };
        assert_eq!((none.not_finite(), none.count()), (14.0, 0.0));
        assert!(none.rms().unwrap().is_nan());
    }

    #[test]
    fn values_beyond_the_outermost_bucket_are_finite() {
        let far = Histogram {
            moments: Some(Moments { min: 1.0, max: 1e25, count: 4.0, sum: 1e25, sum_squares: 1e50 }),
            ..histogram(&[[1.0, 2.0, 3.0]])
        };
        assert_eq!(far.not_finite(), 0.0);
        assert!((far.rms().unwrap() / 5e24 - 1.0).abs() < 1e-12 && far.mean_abs() == Some(2.5e24), "{far:?}");
    }

    #[test]
    fn statistics_that_cannot_be_those_of_the_values_are_not_used() {
        let buckets = histogram(&[[2.0, 4.0, 3.0], [-1.0, 1.0, 9.0]]);
        let spread = (buckets.rms(), buckets.mean_abs());
        for moments in [
            Moments::default(),
            // Sums that the writer left at 0, or that are those of other values.
            Moments { min: -1.0, max: 4.0, count: 12.0, sum: 0.0, sum_squares: 0.0 },
            Moments { min: -1.0, max: 4.0, count: 12.0, sum: 3.0, sum_squares: 17.0 - 6.0 },
            Moments { min: -1.0, max: 4.0, count: 12.0, sum: 3.0, sum_squares: 1e3 },
            Moments { min: -1.0, max: 4.0, count: 12.0, sum: -9.0, sum_squares: 40.0 },
            Moments { min: -1.0, max: 4.0, count: 5.0, sum: 3.0, sum_squares: 20.0 },
        ] {
            let with = Histogram { moments: Some(moments), ..buckets.clone() };
            assert_eq!((with.rms(), with.mean_abs()), spread, "{moments:?}");
        }
    }

    #[test]
    fn the_only_bucket_of_one_value_has_no_width() {
        for value in [0.0, 1e-2, -3.7, 1e-7, 12_345.678, -1e9] {
            let one = histogram(&[[value - 0.5, value + 0.5, 9.0]]);
            let size = one.rms().unwrap();
            assert!((size - value.abs()).abs() <= 1e-15 + 1e-12 * value.abs(), "{size} and not {value}");
            assert_eq!(one.mean_abs().unwrap(), size);
        }
        // A bucket among others, one of another width, and one with statistics of its own are as wide as they say.
        assert!(histogram(&[[-0.5, 0.5, 9.0], [0.5, 1.5, 0.0]]).rms().unwrap() > 0.2);
        assert!(histogram(&[[-0.5, 0.51, 9.0]]).rms().unwrap() > 0.2);
        let sums = Moments { min: -0.5, max: 0.5, count: 9.0, sum: 0.0, sum_squares: 0.81 };
        let with = Histogram { moments: Some(sums), ..histogram(&[[-0.5, 0.5, 9.0]]) };
        assert!((with.rms().unwrap() - 0.3).abs() < 1e-12);
    }
}
