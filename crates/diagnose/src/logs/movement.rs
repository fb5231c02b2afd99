//! How far a tensor moved between two of its histograms, and the smallest movement that a histogram can show.

use headwater_events::{Bucket, Histogram, Moments};

/// The number of quantiles to compare.
const QUANTILES: u32 = 64;
/// Edges beyond this count as infinite: writers set the outermost ones to plus and minus `f64::MAX`.
const INFINITE: f64 = 1e300;
/// How many values must be expected to change bucket before unchanged buckets mean that no value moved.
const CROSSINGS: f64 = 10.0;

/// How far a tensor moved between two histograms. Values may trade places without a trace, so these distances are lower
/// bounds. They are 0 only if the two records are identical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Movement {
    /// Root mean square over all values.
    pub(super) apart: f64,
    /// The root mean square over the smallest and the largest value, which move with single weights.
    pub(super) ends: f64,
}

impl Movement {
    pub(super) fn between(before: &Histogram, now: &Histogram) -> Self {
        if before == now {
            return Self { apart: 0.0, ends: 0.0 };
        }
        let fractions: Vec<f64> = (0..QUANTILES).map(|i| (f64::from(i) + 0.5) / f64::from(QUANTILES)).collect();
        let pairs = before.percentiles(&fractions).into_iter().zip(now.percentiles(&fractions));
        let quantiles =
            (pairs.map(|(before, now)| (now - before).powi(2)).sum::<f64>() / fractions.len() as f64).sqrt();
        let ends = |histogram: &Histogram| Some((histogram.buckets.first()?.left, histogram.buckets.last()?.right));
        let ends = match (ends(before), ends(now)) {
            (Some(before), Some(now)) => f64::midpoint((now.0 - before.0).powi(2), (now.1 - before.1).powi(2)).sqrt(),
            _ => 0.0,
        };
        // 64 quantiles and two ends can stay where they are while single buckets and sums change.
        let apart = [between_curves(before, now), between_moments(before, now).unwrap_or(0.0)];
        let apart = apart.into_iter().filter(|distance| distance.is_finite()).fold(quantiles, f64::max);
        // The records differ in a way that neither distance shows, so the tensor has moved all the same.
        let hidden = apart == 0.0 && ends == 0.0;
        Self { apart: if hidden { f64::MIN_POSITIVE } else { apart }, ends }
    }
}

/// A lower bound of the root mean square movement, from the changes of the sum and of the sum of squares. A movement is
/// at least as large as the change of the mean, and as the change of the root mean square.
fn between_moments(before: &Histogram, now: &Histogram) -> Option<f64> {
    let (before, now) = (usable(before)?, usable(now)?);
    if before.count != now.count {
        return None;
    }
    let mean = |moments: &Moments| moments.sum / moments.count;
    let rms = |moments: &Moments| (moments.sum_squares.max(0.0) / moments.count).sqrt();
    Some((mean(now) - mean(before)).abs().max((rms(now) - rms(before)).abs()))
}

/// The moments of a histogram, if its writer filled them in.
pub(super) fn usable(histogram: &Histogram) -> Option<&Moments> {
    let is_usable = |moments: &&Moments| {
        moments.count > 0.0 && [moments.count, moments.sum, moments.sum_squares].iter().all(|value| value.is_finite())
    };
    histogram.moments.as_ref().filter(is_usable)
}

/// The area between the two cumulative distributions, with values spread evenly within buckets. It is the mean
/// movement, and the root mean square is at least as large.
fn between_curves(before: &Histogram, now: &Histogram) -> f64 {
    let (before, now) = (Curve::of(before), Curve::of(now));
    let mut edges: Vec<f64> = before.edges.iter().chain(&now.edges).copied().collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let area = edges.windows(2).map(|pair| {
        let (left, right, width) = (
            now.at(pair[0]) - before.at(pair[0]),
            now.just_below(pair[1]) - before.just_below(pair[1]),
            pair[1] - pair[0],
        );
        // Both curves are straight between two edges. Where they cross, the area is two triangles.
        let height = if left * right < 0.0 {
            f64::midpoint(left * left, right * right) / (left.abs() + right.abs())
        } else {
            f64::midpoint(left, right).abs()
        };
        height * width
    });
    area.sum()
}

/// A piecewise linear cumulative distribution.
struct Curve {
    edges: Vec<f64>,
    /// The share of the values that lie below each edge.
    below: Vec<f64>,
}

impl Curve {
    fn of(histogram: &Histogram) -> Self {
        let filled: Vec<Bucket> = histogram.filled().collect();
        let total: f64 = filled.iter().map(|bucket| bucket.count).sum();
        let (mut edges, mut below, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for Bucket { left, right, count } in filled {
            if edges.last() != Some(&left) {
                edges.push(left);
                below.push(sum / total);
            }
            sum += count;
            edges.push(right);
            below.push(sum / total);
        }
        Self { edges, below }
    }

    /// The share of the values that are `x` or less.
    fn at(&self, x: f64) -> f64 {
        self.before(self.edges.partition_point(|edge| *edge <= x), x)
    }

    /// The share of the values that are less than `x`. It differs from [`Self::at`] because many values may lie at one
    /// edge.
    fn just_below(&self, x: f64) -> f64 {
        self.before(self.edges.partition_point(|edge| *edge < x), x)
    }

    /// The share at `x`, which lies before the edge with index `above`.
    fn before(&self, above: usize, x: f64) -> f64 {
        match (above.checked_sub(1), self.edges.get(above)) {
            (None, _) => 0.0,
            (Some(last), None) => self.below[last],
            (Some(left), Some(edge)) => {
                let width = edge - self.edges[left];
                self.below[left] + (x - self.edges[left]) / width * (self.below[above] - self.below[left])
            }
        }
    }
}

/// The smallest root mean square movement that a histogram is certain to show: one that takes ten values across an edge
/// of their buckets. 0 if it has sums, because any movement changes them. None if it is empty.
pub(super) fn resolution(histogram: &Histogram) -> Option<f64> {
    if usable(histogram).is_some() {
        return Some(0.0);
    }
    // The probability that a value crosses an edge is its movement over the width of its bucket.
    let crossings = |bucket: &Bucket| {
        let width = bucket.right - bucket.left;
        // Values at one place leave it however little they move; of a bucket with one usable edge nothing is known.
        let is_place = width == 0.0 && histogram.buckets.len() == 1;
        if is_place {
            f64::INFINITY
        } else if width > 0.0 && width < INFINITE {
            bucket.count / width
        } else {
            0.0
        }
    };
    let each: f64 = histogram.filled().map(|bucket| crossings(&bucket)).sum();
    (histogram.count() > 0.0).then(|| if each > 0.0 { CROSSINGS / each } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[[f64; 3]], moments: Option<Moments>) -> Histogram {
        let buckets = buckets.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect();
        Histogram { buckets, moments }
    }

    fn sums(sum: f64, sum_squares: f64) -> Moments {
        Moments { min: -1.0, max: 1.0, count: 100.0, sum, sum_squares }
    }

    #[test]
    fn histograms_that_are_the_same_did_not_move_and_a_shift_is_as_far_as_it_is() {
        let before = histogram(&[[-1.0, 0.0, 50.0], [0.0, 1.0, 50.0]], None);
        assert_eq!(Movement::between(&before, &before), Movement { apart: 0.0, ends: 0.0 });
        let Movement { apart, ends } =
            Movement::between(&before, &histogram(&[[-0.9, 0.1, 50.0], [0.1, 1.1, 50.0]], None));
        assert!((apart - 0.1).abs() < 1e-12 && (ends - 0.1).abs() < 1e-12, "{apart} {ends}");
        assert!(!Movement::between(&before, &histogram(&[], None)).apart.is_nan());
    }

    #[test]
    fn sums_that_differ_under_equal_buckets_are_a_movement_of_at_least_the_mean() {
        let buckets = [[-1.0, 0.0, 50.0], [0.0, 1.0, 50.0]];
        let before = histogram(&buckets, Some(sums(3.0, 30.0)));
        assert_eq!(Movement::between(&before, &before.clone()).apart, 0.0);
        let apart = Movement::between(&before, &histogram(&buckets, Some(sums(3.5, 30.0)))).apart;
        assert!((apart - 0.005).abs() < 1e-12, "{apart}");
        // The mean stays the same, but the root mean square changes.
        let apart = Movement::between(&before, &histogram(&buckets, Some(sums(3.0, 31.0)))).apart;
        assert!((apart - (0.31_f64.sqrt() - 0.3_f64.sqrt())).abs() < 1e-12, "{apart}");
    }

    #[test]
    fn a_single_value_that_changed_its_bucket_is_a_movement_whatever_the_quantiles_say() {
        let count = 1e6;
        let before = histogram(&[[-1.0, 0.0, count], [0.0, 1.0, count], [1.0, 2.0, 1.0], [2.0, 3.0, 1.0]], None);
        let now = histogram(&[[-1.0, 0.0, count], [0.0, 1.0, count], [1.0, 2.0, 0.0], [2.0, 3.0, 2.0]], None);
        let Movement { apart, ends } = Movement::between(&before, &now);
        assert!(apart > 0.0 && ends == 0.0, "{apart} {ends}");
        // One of two million values moved by 1.
        assert!((apart - 1.0 / (2.0 * count + 2.0)).abs() < 1e-9, "{apart}");
    }

    #[test]
    fn what_differs_in_a_way_that_no_distance_shows_moved_all_the_same() {
        let before = histogram(&[[-1.0, 1.0, 100.0]], None);
        assert!(Movement::between(&before, &histogram(&[[-1.0, 1.0, 200.0]], None)).apart > 0.0);
        let unlimited = |count| histogram(&[[-f64::MAX, f64::MAX, count]], None);
        assert!(Movement::between(&unlimited(1.0), &unlimited(2.0)).apart > 0.0);
    }

    #[test]
    fn sums_show_any_movement_and_buckets_one_that_makes_ten_values_cross_an_edge() {
        assert_eq!(resolution(&histogram(&[[-1.0, 1.0, 100.0]], Some(sums(0.0, 1.0)))), Some(0.0));
        // A tensor of one value, as TensorFlow wrote it before 2.8.
        assert_eq!(resolution(&histogram(&[[-0.5, 0.5, 100.0]], None)), Some(0.0));
        // Of 100 values in a bucket of width 2, ten cross an edge when all move by 0.2.
        assert_eq!(resolution(&histogram(&[[-1.0, 1.0, 100.0]], None)), Some(0.2));
        assert_eq!(resolution(&histogram(&[], None)), None);
        // Sums that the writer left at zero do not count.
        assert_eq!(resolution(&histogram(&[[-1.0, 1.0, 100.0]], Some(Moments::default()))), Some(0.2));
    }
}
