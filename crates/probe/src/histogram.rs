//! Histograms with exponential buckets: each edge is 1.1 times the one before, from 1e-12 to 1e20, on both sides of
//! zero. These are the buckets of TensorFlow's `tensorflow/core/lib/histogram`, so that nothing is lost between
//! 1e-7 and 1e-3, where the gradients of interest live.

use std::sync::LazyLock;

/// Upper end of the innermost positive bucket.
const SMALLEST: f64 = 1e-12;
/// Where the edges stop.
const LARGEST: f64 = 1e20;
/// Ratio of neighbouring edges.
const GROWTH: f64 = 1.1;
/// Bits of a float's mantissa that the table of first guesses looks at; with 5, a cell is narrower than a bucket.
const MANTISSA_BITS: u32 = 5;

/// The edges of the positive buckets and how to find the bucket of a value without a search.
struct Edges {
    /// Lower edges: 0, 1e-12, 1.1e-12, ...; the last bucket has no upper edge.
    lower: Vec<f64>,
    /// For the upper bits of a float: the bucket of the smallest float with these bits.
    guess: Vec<u16>,
}

static EDGES: LazyLock<Edges> = LazyLock::new(|| {
    let mut lower = vec![0.0];
    let mut edge = SMALLEST;
    while edge < LARGEST {
        lower.push(edge);
        edge *= GROWTH;
    }
    let shift = 23 - MANTISSA_BITS;
    let guess = (0..1_u32 << (8 + MANTISSA_BITS))
        .map(|bits| {
            let value = f64::from(f32::from_bits(bits << shift));
            // Infinity and NaN have cells too; they are never looked up.
            (lower.partition_point(|edge| *edge <= value).max(1) - 1) as u16
        })
        .collect();
    Edges { lower, guess }
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
    /// Counts of the buckets below zero, outwards from zero.
    negative: Vec<u32>,
    /// Counts of the buckets from zero on, outwards.
    positive: Vec<u32>,
    min: f32,
    max: f32,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = EDGES.lower.len();
        Self { negative: vec![0; buckets], positive: vec![0; buckets], min: f32::INFINITY, max: f32::NEG_INFINITY }
    }
}

impl Histogram {
    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.negative.fill(0);
        self.positive.fill(0);
        (self.min, self.max) = (f32::INFINITY, f32::NEG_INFINITY);
    }

    /// Counts one finite value.
    #[inline]
    pub fn add(&mut self, value: f32) {
        debug_assert!(value.is_finite());
        let edges = &*EDGES;
        let magnitude = value.abs();
        let mut bucket = usize::from(edges.guess[(magnitude.to_bits() >> (23 - MANTISSA_BITS)) as usize]);
        let wide = f64::from(magnitude);
        // At most one edge lies inside a cell.
        if edges.lower.get(bucket + 1).is_some_and(|edge| *edge <= wide) {
            bucket += 1;
        }
        // A bucket includes its lower edge, on the negative side as well: -1e-12 lies in [-1e-12, 0).
        if value < 0.0 {
            if bucket > 0 && edges.lower[bucket] == wide {
                bucket -= 1;
            }
            self.negative[bucket] += 1;
        } else {
            self.positive[bucket] += 1;
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.negative.iter().chain(&self.positive).map(|count| u64::from(*count)).sum()
    }

    /// The buckets from the smallest value to the largest, without gaps: neighbouring empty buckets are merged into
    /// one, and the outer edges are the smallest and the largest value. Empty if nothing was counted.
    pub fn buckets(&self) -> Vec<Bucket> {
        let lower = &EDGES.lower;
        // From the outermost bucket below zero to the outermost above.
        let zero = lower.len();
        let count = |index: usize| {
            if index < zero { self.negative[zero - 1 - index] } else { self.positive[index - zero] }
        };
        let left = |index: usize| {
            if index < zero { lower.get(zero - index).map_or(f64::MIN, |edge| -edge) } else { lower[index - zero] }
        };
        let Some(first) = (0..2 * zero).find(|index| count(*index) > 0) else { return Vec::new() };
        let last = (first..2 * zero).rfind(|index| count(*index) > 0).unwrap_or(first);
        let mut buckets: Vec<Bucket> = Vec::with_capacity(last + 1 - first);
        for index in first..=last {
            let right = if index + 1 < 2 * zero { left(index + 1) } else { f64::MAX };
            match buckets.last_mut() {
                Some(before) if count(index) == 0 && before.count == 0.0 => before.right = right,
                _ => buckets.push(Bucket { left: left(index), right, count: f64::from(count(index)) }),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f32]) -> Histogram {
        let mut histogram = Histogram::default();
        for value in values {
            histogram.add(*value);
        }
        histogram
    }

    #[test]
    fn the_edges_are_tensorflows() {
        // 774 limits from 1e-12 up to 1e20, as the loop in TensorFlow's histogram.cc makes them, and zero.
        assert_eq!(EDGES.lower.len(), 775);
        assert_eq!(EDGES.lower[1], 1e-12);
        assert_eq!(EDGES.lower[2], 1e-12 * 1.1);
        assert!(EDGES.lower[774] < 1e20 && EDGES.lower[774] * 1.1 >= 1e20);
    }

    #[test]
    fn no_table_cell_spans_two_edges() {
        let edges = &*EDGES;
        for (cell, &bucket) in edges.guess.iter().enumerate() {
            let largest = f64::from(f32::from_bits(((cell as u32 + 1) << (23 - MANTISSA_BITS)) - 1));
            if largest.is_finite() {
                assert!(edges.lower.get(usize::from(bucket) + 2).is_none_or(|edge| *edge > largest), "cell {cell}");
            }
        }
    }

    #[test]
    fn buckets_reach_from_the_smallest_value_to_the_largest_without_gaps() {
        let buckets = of(&[-2.0, -2.0, 0.0, 1e-3, 5.0]).buckets();
        assert_eq!((buckets[0].left, buckets[buckets.len() - 1].right), (-2.0, 5.0));
        assert!(buckets.windows(2).all(|pair| pair[0].right == pair[1].left));
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<f64>(), 5.0);
    }

    #[test]
    fn equal_values_make_one_bucket_that_holds_them() {
        let buckets = of(&[0.5; 7]).buckets();
        assert_eq!(buckets.len(), 1);
        assert!(buckets[0].left <= 0.5 && 0.5 < buckets[0].right && buckets[0].count == 7.0);
        assert!(of(&[]).buckets().is_empty());
    }

    #[test]
    fn the_largest_and_smallest_floats_have_a_bucket() {
        let histogram = of(&[f32::MAX, f32::MIN, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, 0.0, -0.0]);
        assert_eq!(histogram.count(), 7);
        assert_eq!(histogram.positive[0], 4);
    }

    proptest! {
        #[test]
        fn every_value_lies_in_the_bucket_that_counts_it(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let histogram = of(&[value]);
            let bucket = histogram.buckets()[0];
            let wide = f64::from(value);
            prop_assert!(bucket.left <= wide && wide < bucket.right, "{} in {:?}", wide, bucket);
        }
    }
}
