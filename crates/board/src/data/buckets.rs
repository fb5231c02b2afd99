//! The buckets of histograms, whoever made them.
//!
//! A bucket says how many values lie between two edges and nothing of where. All that is computed here takes them to be
//! spread evenly.

use headwater_events::{Bucket, Histogram};

/// Edges beyond this are taken for infinite: writers set outermost edges to plus and minus `f64::MAX`.
const INFINITE: f64 = 1e300;

/// A number that sums up a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Mean of the absolute values.
    MeanAbs,
    /// Root mean square.
    Rms,
}

/// The buckets that hold anything, with finite edges in ascending order. A bucket with one usable edge holds its values
/// there; one with none is left out.
pub(crate) fn filled(histogram: &Histogram) -> impl Iterator<Item = Bucket> {
    histogram.buckets.iter().filter(|bucket| bucket.count > 0.0 && bucket.count.is_finite()).filter_map(|bucket| {
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
pub(crate) fn total(histogram: &Histogram) -> f64 {
    histogram.buckets.iter().map(|bucket| bucket.count).filter(|count| *count > 0.0 && count.is_finite()).sum()
}

/// The fractions at which percentiles are given: the ends, one and a half, one and half a deviation of a normal
/// distribution on both sides, and the median. As on `TensorBoard`'s Distributions page.
pub(crate) const FRACTIONS: [f64; 9] = [0.0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1.0];

/// The values below which [`FRACTIONS`] of the whole lie; NaN if there is nothing.
pub(crate) fn percentiles(histogram: &Histogram) -> [f64; 9] {
    let mut buckets: Vec<Bucket> = filled(histogram).collect();
    if !buckets.is_sorted_by(|a, b| a.left <= b.left) {
        buckets.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    let Some(last) = buckets.last().copied() else { return [f64::NAN; 9] };
    let total: f64 = buckets.iter().map(|bucket| bucket.count).sum();
    let (mut rest, mut before) = (&buckets[..], 0.0);
    FRACTIONS.map(|fraction| {
        while let [Bucket { left, right, count }, after @ ..] = rest {
            if before + count > fraction * total {
                return left + (fraction * total - before) / count * (right - left);
            }
            before += count;
            rest = after;
        }
        last.right
    })
}

impl Moment {
    /// The moment of a histogram; NaN if it holds nothing.
    pub(crate) fn of(self, histogram: &Histogram) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        // Squares of large numbers overflow: they are taken of shares of the largest.
        let largest = filled(histogram).map(|bucket| bucket.left.abs().max(bucket.right.abs())).fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest } else { 1.0 };
        for bucket in filled(histogram) {
            let (left, right) = (bucket.left / scale, bucket.right / scale);
            let mean = match self {
                // The integral of |x| over [left, right], over its length.
                Moment::MeanAbs if left < 0.0 && right > 0.0 => (left * left + right * right) / (2.0 * (right - left)),
                Moment::MeanAbs => (left + right).abs() / 2.0,
                // The same of x^2.
                Moment::Rms => (left * left + left * right + right * right) / 3.0,
            };
            sum += mean * bucket.count;
            count += bucket.count;
        }
        let mean = sum / count;
        scale * if self == Moment::Rms { mean.sqrt() } else { mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[[f64; 3]]) -> Histogram {
        Histogram { buckets: buckets.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect() }
    }

    #[test]
    fn moments_are_those_of_values_spread_evenly() {
        // [-1, 1]: mean |x| = 1/2, mean x^2 = 1/3; [2, 4]: 3 and 28/3.
        let both = histogram(&[[-1.0, 1.0, 3.0], [2.0, 4.0, 1.0]]);
        assert!((Moment::MeanAbs.of(&both) - 4.5 / 4.0).abs() < 1e-12);
        assert!((Moment::Rms.of(&both) - (31.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn values_at_one_place_have_its_size() {
        let one = histogram(&[[-3.0, -3.0, 5.0]]);
        assert_eq!((Moment::MeanAbs.of(&one), Moment::Rms.of(&one)), (3.0, 3.0));
        let zero = histogram(&[[0.0, 0.0, 5.0]]);
        assert_eq!((Moment::MeanAbs.of(&zero), Moment::Rms.of(&zero)), (0.0, 0.0));
    }

    #[test]
    fn an_edge_at_infinity_is_not_where_values_are() {
        let open = histogram(&[[-f64::MAX, -1.0, 2.0], [2.0, f64::INFINITY, 2.0], [f64::NAN, f64::NAN, 9.0]]);
        assert_eq!(Moment::MeanAbs.of(&open), 1.5);
        assert_eq!(total(&open), 13.0);
    }

    #[test]
    fn percentiles_are_where_values_are() {
        let gap =
            histogram(&[[-9.0, -2.0, 0.0], [-2.0, -1.0, 1.0], [-1.0, 3.0, 0.0], [3.0, 4.0, 1.0], [4.0, 9.0, 0.0]]);
        let [lowest, .., highest] = percentiles(&gap);
        assert_eq!((lowest, highest), (-2.0, 4.0));
        let found = percentiles(&histogram(&[[0.0, 1.0, 10.0]]));
        assert!(found.iter().zip(FRACTIONS).all(|(found, fraction)| (found - fraction).abs() < 1e-12), "{found:?}");
        // In any order.
        assert_eq!(percentiles(&histogram(&[[0.5, 1.0, 5.0], [0.0, 0.5, 5.0]])), found);
        assert!(percentiles(&histogram(&[])).iter().all(|percentile| percentile.is_nan()));
    }

    #[test]
    fn nothing_has_no_moment() {
        assert!(Moment::MeanAbs.of(&histogram(&[])).is_nan());
        assert!(Moment::Rms.of(&histogram(&[[0.0, 1.0, 0.0], [0.0, 1.0, f64::NAN], [0.0, 1.0, -1.0]])).is_nan());
    }

    #[test]
    fn large_and_small_numbers_neither_overflow_nor_vanish() {
        for size in [1e-200, 1e200] {
            let far = Moment::Rms.of(&histogram(&[[size, size, 2.0]]));
            assert!((far / size - 1.0).abs() < 1e-12, "{far}");
        }
    }
}
