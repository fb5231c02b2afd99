//! Histograms with exponential buckets: each edge is 1.1 times the one before, from 1e-12 to 1e20, on both sides of
//! zero. These are the buckets of TensorFlow's `tensorflow/core/lib/histogram`, so that nothing is lost between
//! 1e-7 and 1e-3, where the gradients of interest live.

mod counter;

use std::sync::LazyLock;

pub(crate) use counter::Counter;

/// Upper end of the innermost positive bucket.
const SMALLEST: f64 = 1e-12;
/// Where the edges stop.
const LARGEST: f64 = 1e20;
/// Ratio of neighbouring edges.
const GROWTH: f64 = 1.1;

/// Lower edges of the buckets from zero on: 0, 1e-12, 1.1e-12, ...; the last bucket has no upper edge.
static EDGES: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let mut lower = vec![0.0];
    let mut edge = SMALLEST;
    while edge < LARGEST {
        lower.push(edge);
        edge *= GROWTH;
    }
    lower
});

/// One bucket: `count` values from `left` up to, not including, `right` (the last bucket includes it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Lower edge.
    pub left: f64,
    /// Upper edge.
    pub right: f64,
    /// How many values lie between.
    pub count: f64,
}

/// Counts of finite values. Values that are not finite are counted by [`Statistics`](crate::Statistics).
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Counts of the buckets that have the smallest value, the largest, and all between, in ascending order.
    counts: Vec<u32>,
    /// The place of the first of them among all buckets, of which as many lie below zero as above.
    first: usize,
    min: f32,
    max: f32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Vec::new(), first: 0, min: f32::INFINITY, max: f32::NEG_INFINITY }
    }
}

impl Histogram {
    /// Counts the finite ones of `values`.
    pub fn of(values: &[f32]) -> Self {
        let mut histogram = Self::default();
        histogram.measure(values, &mut Counter::default());
        histogram
    }

    /// The same in memory that is there; what was counted before is forgotten.
    pub(crate) fn measure(&mut self, values: &[f32], counter: &mut Counter) {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        self.min = finite().fold(f32::INFINITY, f32::min);
        self.max = finite().fold(f32::NEG_INFINITY, f32::max);
        self.measure_within(values, self.min, self.max, counter);
    }

    /// The same if it is known that the finite values lie between `min` and `max`, which are two of them; without any, the
    /// first is above the second.
    pub(crate) fn measure_within(&mut self, values: &[f32], min: f32, max: f32, counter: &mut Counter) {
        (self.min, self.max) = (min, max);
        counter.count(values);
        self.counts.clear();
        if min <= max {
            self.first = place_of(min);
            counter.take(self.first..=place_of(max), &mut self.counts);
        }
        counter.forget_the_others();
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The buckets from the smallest value to the largest, without gaps: neighbouring empty buckets are merged into
    /// one, and the outer edges are the smallest and the largest value. Empty if nothing was counted.
    pub fn buckets(&self) -> Vec<Bucket> {
        let lower = &*EDGES;
        let zero = lower.len();
        let left = |place: usize| {
            if place < zero { lower.get(zero - place).map_or(f64::MIN, |edge| -edge) } else { lower[place - zero] }
        };
        let mut buckets: Vec<Bucket> = Vec::with_capacity(self.counts.len());
        for (place, &count) in (self.first..).zip(&self.counts) {
            let right = if place + 1 < 2 * zero { left(place + 1) } else { f64::MAX };
            match buckets.last_mut() {
                Some(before) if count == 0 && before.count == 0.0 => before.right = right,
                _ => buckets.push(Bucket { left: left(place), right, count: f64::from(count) }),
            }
        }
        if self.min < self.max {
            let end = buckets.len() - 1;
            buckets[0].left = f64::from(self.min);
            buckets[end].right = f64::from(self.max);
        }
        buckets
    }
}

/// The place of the bucket of a finite value among all buckets, in ascending order.
fn place_of(value: f32) -> usize {
    let wide = f64::from(value);
    // A bucket includes its lower edge, on the negative side as well: -1e-12 lies in [-1e-12, 0).
    if value < 0.0 {
        EDGES.len() - EDGES.partition_point(|edge| *edge < -wide)
    } else {
        EDGES.len() + EDGES.partition_point(|edge| *edge <= wide) - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_edges_are_tensorflows() {
        // 774 limits from 1e-12 up to 1e20, as the loop in TensorFlow's histogram.cc makes them, and zero.
        assert_eq!(EDGES.len(), 775);
        assert_eq!(EDGES[1], 1e-12);
        assert_eq!(EDGES[2], 1e-12 * 1.1);
        assert!(EDGES[774] < 1e20 && EDGES[774] * 1.1 >= 1e20);
    }

    #[test]
    fn buckets_reach_from_the_smallest_value_to_the_largest_without_gaps() {
        let buckets = Histogram::of(&[-2.0, -2.0, 0.0, 1e-3, 5.0]).buckets();
        assert_eq!((buckets[0].left, buckets[buckets.len() - 1].right), (-2.0, 5.0));
        assert!(buckets.windows(2).all(|pair| pair[0].right == pair[1].left));
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<f64>(), 5.0);
    }

    #[test]
    fn equal_values_make_one_bucket_that_holds_them() {
        let buckets = Histogram::of(&[0.5; 7]).buckets();
        assert_eq!(buckets.len(), 1);
        assert!(buckets[0].left <= 0.5 && 0.5 < buckets[0].right && buckets[0].count == 7.0);
        assert!(Histogram::of(&[]).buckets().is_empty());
    }

    #[test]
    fn the_largest_and_smallest_floats_have_a_bucket() {
        let histogram = Histogram::of(&[f32::MAX, f32::MIN, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, 0.0, -0.0]);
        assert_eq!(histogram.count(), 7);
        assert_eq!(histogram.counts[place_of(0.0) - histogram.first], 4);
        assert_eq!(histogram.counts[place_of(-1e-45) - histogram.first], 1);
    }

    proptest! {
        #[test]
        fn every_value_lies_in_the_bucket_that_counts_it(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let histogram = Histogram::of(&[value]);
            let bucket = histogram.buckets()[0];
            let wide = f64::from(value);
            prop_assert!(bucket.left <= wide && wide < bucket.right, "{} in {:?}", wide, bucket);
        }
    }
}
