//! Common edges for histograms that have edges of their own, and how their values are shared out.

use headwater_events::{Bucket, Histogram};
use serde::Deserialize;

/// How edges are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scale {
    /// Equally far apart.
    Linear,
    /// Equal ratios on both sides of zero, and one bin around it.
    Log,
}

impl Scale {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scale::Linear => "linear",
            Scale::Log => "log",
        }
    }
}

/// Sizes are counted by quarters of a decade, from 1e-310 on.
const QUARTERS: usize = 4 * 620;
/// The share of the values that the bin around zero may swallow, zeros aside.
const SWALLOWED: f64 = 0.01;
/// The most decades on one side.
const DECADES: f64 = 12.0;

/// Where the values of some histograms lie.
#[derive(Debug, Clone)]
pub(crate) struct Extent {
    low: f64,
    high: f64,
    /// How many values there are of each size.
    sizes: Vec<f64>,
}

impl Default for Extent {
    fn default() -> Self {
        Extent { low: f64::INFINITY, high: f64::NEG_INFINITY, sizes: vec![0.0; QUARTERS] }
    }
}

impl Extent {
    pub(crate) fn add(&mut self, histogram: &Histogram) {
        for Bucket { left, right, count } in histogram.filled() {
            self.low = self.low.min(left);
            self.high = self.high.max(right);
            // A bucket that holds zero does not say how small its values are.
            if left > 0.0 || right < 0.0 {
                let quarter = 4.0 * (left / 2.0 + right / 2.0).abs().log10() + QUARTERS as f64 / 2.0;
                self.sizes[(quarter as usize).min(QUARTERS - 1)] += count;
            }
        }
    }

    /// The size below which next to no values are.
    fn threshold(&self, largest: f64) -> f64 {
        let may_be_swallowed = SWALLOWED * self.sizes.iter().sum::<f64>();
        let mut sum = 0.0;
        let quarter = self.sizes.iter().position(|count| {
            sum += count;
            sum > may_be_swallowed
        });
        let smallest = quarter.map_or(0.0, |quarter| 10_f64.powf((quarter as f64 - QUARTERS as f64 / 2.0) / 4.0));
        smallest.clamp(largest * 10_f64.powf(-DECADES), largest / 10.0)
    }
}

/// The edges of bins, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edges {
    /// One more than there are bins.
    pub(crate) edges: Vec<f64>,
    /// Half the width of the bin around zero, if the edges are logarithmic and there is one.
    pub(crate) threshold: Option<f64>,
}

impl Edges {
    /// `bins` bins, at least 3, over all values, or from `low` to `high` as far as these are given.
    pub(crate) fn new(scale: Scale, bins: usize, extent: &Extent, low: Option<f64>, high: Option<f64>) -> Self {
        let is_empty = extent.low > extent.high;
        let (first, last) = if is_empty { (0.0, 0.0) } else { (extent.low, extent.high) };
        let (low, high) = (low.unwrap_or(first), high.unwrap_or(last));
        let largest = low.abs().max(high.abs());
        // Where all values are the same, or lie on the wrong side of the end that is given, one bin holds it.
        let narrow = largest * 1e-9;
        let (low, high) = match (high - low > narrow, largest > 0.0) {
            (true, _) => (low, high),
            (false, true) => (low - 0.05 * largest, low + 0.05 * largest),
            (false, false) => (-0.5, 0.5),
        };
        if scale == Scale::Linear || largest == 0.0 {
            return Edges { edges: between(low, high, bins).collect(), threshold: None };
        }
        let threshold = extent.threshold(largest);
        let logarithmic = |low: f64, high: f64, bins: usize| {
            between(low.log10(), high.log10(), bins).map(|power| 10_f64.powf(power)).collect::<Vec<f64>>()
        };
        let mirrored = |low: f64, high: f64, bins: usize| {
            logarithmic(-high, -low, bins).into_iter().rev().map(|edge| -edge).collect::<Vec<f64>>()
        };
        let (mut edges, around_zero) = if low >= threshold {
            (logarithmic(low, high, bins), false)
        } else if high <= -threshold {
            (mirrored(low, high, bins), false)
        } else {
            let (left, right) = (low.max(-threshold), high.min(threshold));
            let decades = |end: f64| (end / threshold).log10().max(0.0);
            let (below, above) = (decades(-low), decades(high));
            let share = (bins - 1) as f64 * below / (below + above);
            let least = |decades: f64| usize::from(decades > 0.0);
            let below = (share.round() as usize).clamp(least(below), bins - 1 - least(above));
            let mut edges = if below > 0 { mirrored(low, left, below) } else { vec![left] };
            let above = bins - 1 - below;
            edges.extend(if above > 0 { logarithmic(right, high, above) } else { vec![right] });
            (edges, true)
        };
        // Powers of logarithms are not quite what they were.
        let end = edges.len() - 1;
        (edges[0], edges[end]) = (low, high);
        Edges { edges, threshold: around_zero.then_some(threshold) }
    }

    pub(crate) fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// Adds what lies between the first edge and the last to the counts of the bins. The values of a bucket are spread
    /// evenly over it; those of a bucket without width belong to the bin on the right, as `TensorBoard` has it.
    pub(crate) fn share_out(&self, histogram: &Histogram, counts: &mut [f64]) {
        let last = self.bins() - 1;
        for Bucket { left, right, count } in histogram.filled() {
            let mut bin = self.edges.partition_point(|edge| *edge <= left).saturating_sub(1);
            if left == right {
                if (self.edges[0]..=self.edges[last + 1]).contains(&left) {
                    counts[bin.min(last)] += count;
                }
                continue;
            }
            while bin <= last && self.edges[bin] < right {
                let inside = right.min(self.edges[bin + 1]) - left.max(self.edges[bin]);
                counts[bin] += count * (inside.max(0.0) / (right - left));
                bin += 1;
            }
        }
    }
}

fn between(low: f64, high: f64, parts: usize) -> impl Iterator<Item = f64> {
    (0..=parts).map(move |part| {
        let way = part as f64 / parts as f64;
        low * (1.0 - way) + high * way
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(buckets: &[[f64; 3]]) -> Histogram {
        let buckets = buckets.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect();
        Histogram { buckets, moments: None }
    }

    fn extent(histogram: &Histogram) -> Extent {
        let mut extent = Extent::default();
        extent.add(histogram);
        extent
    }

    fn shared_out(histogram: &Histogram, edges: &Edges) -> Vec<f64> {
        let mut counts = vec![0.0; edges.bins()];
        edges.share_out(histogram, &mut counts);
        counts
    }

    #[test]
    fn the_values_of_a_bucket_are_spread_evenly_over_the_bins_it_covers() {
        let one = histogram(&[[0.0, 4.0, 8.0]]);
        let edges = Edges::new(Scale::Linear, 4, &extent(&one), None, None);
        assert_eq!(edges.edges, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(shared_out(&one, &edges), [2.0, 2.0, 2.0, 2.0]);
        assert_eq!(shared_out(&histogram(&[[0.5, 2.5, 4.0], [-9.0, -8.0, 1.0]]), &edges), [1.0, 2.0, 1.0, 0.0]);
    }

    #[test]
    fn values_at_one_place_go_into_one_bin() {
        let edges = Edges { edges: vec![0.0, 1.0, 2.0], threshold: None };
        let points =
            histogram(&[[0.0, 0.0, 1.0], [1.0, 1.0, 2.0], [2.0, 2.0, 4.0], [2.5, 2.5, 8.0], [-1.0, -1.0, 8.0]]);
        assert_eq!(shared_out(&points, &edges), [1.0, 6.0]);
    }

    #[test]
    fn equal_values_have_a_bin_that_holds_them() {
        for value in [0.0, 0.5, -3.0, 1e-200, 1e200] {
            for scale in [Scale::Linear, Scale::Log] {
                let one = histogram(&[[value, value, 7.0]]);
                let edges = Edges::new(scale, 5, &extent(&one), None, None);
                assert!(edges.edges.is_sorted_by(|a, b| a < b), "{value}: {edges:?}");
                assert_eq!(shared_out(&one, &edges).iter().sum::<f64>(), 7.0, "{value}: {edges:?}");
            }
        }
    }

    #[test]
    fn logarithmic_edges_are_decades_with_a_bin_around_zero() {
        // Half of the values are zeros, and do not count as small.
        let values = histogram(&[[-1.0, -0.9, 50.0], [-1e-12, 1e-12, 300.0], [1e-3, 1.1e-3, 50.0], [0.9, 1.0, 200.0]]);
        let edges = Edges::new(Scale::Log, 13, &extent(&values), None, None);
        let threshold = edges.threshold.unwrap();
        assert!((1e-3 / 2.0..=1e-3 * 1.1).contains(&threshold), "{threshold}");
        assert_eq!((edges.edges[0], edges.edges[13]), (-1.0, 1.0));
        assert!((edges.edges[6] + threshold).abs() < 1e-12 && (edges.edges[7] - threshold).abs() < 1e-12);
        let ratios: Vec<f64> = edges.edges[7..].windows(2).map(|pair| pair[1] / pair[0]).collect();
        assert!(ratios.iter().all(|ratio| (ratio / ratios[0] - 1.0).abs() < 1e-9), "{ratios:?}");
    }

    #[test]
    fn values_of_one_sign_do_not_leave_half_of_the_bins_empty() {
        for sign in [1.0, -1.0] {
            let values = histogram(&[[sign * 1e-3, sign * 2e-3, 50.0], [sign * 0.5, sign, 50.0]]);
            let edges = Edges::new(Scale::Log, 10, &extent(&values), None, None);
            assert!(edges.edges.iter().all(|edge| edge * sign > 0.0), "{edges:?}");
            assert!(edges.edges.is_sorted());
        }
    }

    #[test]
    fn ends_that_are_given_are_taken() {
        let one = histogram(&[[0.0, 4.0, 8.0]]);
        for scale in [Scale::Linear, Scale::Log] {
            let edges = Edges::new(scale, 4, &extent(&one), Some(-1.0), Some(2.0));
            assert_eq!((edges.edges[0], edges.edges[4]), (-1.0, 2.0));
            assert!((shared_out(&one, &edges).iter().sum::<f64>() - 4.0).abs() < 1e-9);
        }
    }

    /// Numbers of every size, and what is none.
    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (-30.0f64..30.0, any::<bool>()).prop_map(|(power, negative)| 10f64.powf(power) * if negative { -1.0 } else { 1.0 }),
            4 => -2.0f64..2.0,
            1 => prop::sample::select(vec![0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e-310]),
        ]
    }

    proptest! {
        #[test]
        fn no_value_is_lost_or_made(
            buckets in prop::collection::vec((number(), number(), prop_oneof![0.0f64..1e6, Just(f64::NAN), Just(-1.0)]), 0..30),
            bins in 3usize..100,
            is_log: bool,
        ) {
            let buckets: Vec<[f64; 3]> = buckets.into_iter().map(|(left, right, count)| [left, right, count]).collect();
            let histogram = histogram(&buckets);
            let scale = if is_log { Scale::Log } else { Scale::Linear };
            let edges = Edges::new(scale, bins, &extent(&histogram), None, None);
            prop_assert_eq!(edges.bins(), bins);
            prop_assert!(edges.edges.iter().all(|edge| edge.is_finite()) && edges.edges.is_sorted(), "{:?}", edges);
            let counts = shared_out(&histogram, &edges);
            prop_assert!(counts.iter().all(|count| *count >= 0.0));
            let (found, expected) = (counts.iter().sum::<f64>(), histogram.filled().map(|bucket| bucket.count).sum::<f64>());
            prop_assert!((found - expected).abs() <= 1e-9 * expected, "{} and not {}", found, expected);
        }
    }
}
