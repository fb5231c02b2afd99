//! The values of a tensor, as far as a histogram tells them.

use headwater_events::Bucket;

/// A histogram. Values count as spread evenly within each bucket; ours are a tenth wide, so a share of values beyond a
/// limit is wrong by at most what lies in the one bucket around the limit, in either direction.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Values(Vec<Bucket>);

impl Values {
    pub(crate) fn new(buckets: Vec<Bucket>) -> Self {
        Self(buckets)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> f64 {
        self.0.iter().map(|bucket| bucket.count).sum()
    }

    /// Share of the values outside of `low`..`high`. NaN of none.
    pub(crate) fn share_outside(&self, low: f64, high: f64) -> f64 {
        let below = |bucket: &Bucket, limit: f64| {
            let width = bucket.right - bucket.left;
            if width > 0.0 {
                ((limit - bucket.left) / width).clamp(0.0, 1.0)
            } else {
                f64::from(u8::from(bucket.left < limit))
            }
        };
        let outside = |bucket: &Bucket| bucket.count * (below(bucket, low) + 1.0 - below(bucket, high));
        self.0.iter().map(outside).sum::<f64>() / self.count()
    }

    /// The value below which a share of them lies. NaN of none.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut left_over = share * self.count();
        for Bucket { left, right, count } in self.0.iter().filter(|bucket| bucket.count > 0.0) {
            if left_over <= *count {
                return left + (right - left) * left_over / count;
            }
            left_over -= count;
        }
        self.0.last().map_or(f64::NAN, |bucket| bucket.right)
    }

    /// Their variance. NaN of none.
    pub(crate) fn variance(&self) -> f64 {
        let (count, mut sum, mut squares) = (self.count(), 0.0, 0.0);
        for Bucket { left, right, count } in self.0.iter().filter(|bucket| bucket.count > 0.0) {
            sum += count * f64::midpoint(*left, *right);
            squares += count * (left * left + left * right + right * right) / 3.0;
        }
        (squares / count - (sum / count).powi(2)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let bucket = |left, right, count| Bucket { left, right, count };
        Values::new(vec![bucket(-2.0, -1.0, 1.0), bucket(-1.0, 1.0, 2.0), bucket(1.0, 2.0, 1.0)])
    }

    #[test]
    fn a_bucket_around_a_limit_counts_in_part() {
        assert_eq!(values().share_outside(-1.0, 1.0), 0.5);
        assert_eq!(values().share_outside(-1.5, 9.0), 0.125);
        assert_eq!(values().share_outside(-9.0, 9.0), 0.0);
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        assert_eq!([0.0, 0.25, 0.5, 0.875, 1.0].map(|share| values().quantile(share)), [-2.0, -1.0, 0.0, 1.5, 2.0]);
    }

    #[test]
    fn the_variance_is_that_of_values_spread_evenly() {
        assert!((values().variance() - 4.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_known_of_no_values() {
        let none = Values::default();
        assert!(none.share_outside(-1.0, 1.0).is_nan() && none.quantile(0.5).is_nan());
        assert_eq!(none.count(), 0.0);
    }
}
