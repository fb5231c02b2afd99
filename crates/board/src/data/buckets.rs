//! The buckets of histograms, whoever made them.
//!
//! A bucket says how many values lie between two edges and nothing of where. Percentiles take them to be spread evenly;
//! moments are those of [`Histogram`], exact where the writer computed them.

use headwater_events::{Bucket, Histogram};

/// A number that sums up a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Mean of the absolute values.
    MeanAbs,
    /// Root mean square.
    Rms,
}

/// The fractions at which percentiles are given: the ends, one and a half, one and half a deviation of a normal
/// distribution on both sides, and the median. As on `TensorBoard`'s Distributions page.
pub(crate) const FRACTIONS: [f64; 9] = [0.0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1.0];

/// The values below which [`FRACTIONS`] of the whole lie; NaN if there is nothing.
pub(crate) fn percentiles(histogram: &Histogram) -> [f64; 9] {
    let mut buckets: Vec<Bucket> = histogram.filled().collect();
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
        let moment = match self {
            Moment::MeanAbs => histogram.mean_abs(),
            Moment::Rms => histogram.rms(),
        };
        moment.unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[[f64; 3]]) -> Histogram {
        let buckets = buckets.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect();
        Histogram { buckets, moments: None }
    }

    #[test]
    fn percentiles_are_where_values_are() {
        let gap =
            histogram(&[[-9.0, -2.0, 0.0], [-2.0, -1.0, 1.0], [-1.0, 3.0, 0.0], [3.0, 4.0, 1.0], [4.0, 9.0, 0.0]]);
        let [lowest, .., highest] = percentiles(&gap);
        assert_eq!((lowest, highest), (-2.0, 4.0));
        let found = percentiles(&histogram(&[[0.0, 0.5, 5.0], [0.5, 1.0, 5.0]]));
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
}
