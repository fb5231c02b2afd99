//! Histograms with exponential buckets: each edge is 1.1 times the one before, from 1e-12 to 1e20, on both sides of
//! zero. These are the buckets of TensorFlow's `tensorflow/core/lib/histogram`, so that nothing is lost between
//! 1e-7 and 1e-3, where the gradients of interest live.

mod counter;

use std::sync::LazyLock;

pub use counter::Counter;

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
///
/// A small tensor is copied, which is done much sooner than counting, and counted by whoever asks for the buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    values: Values,
    /// The smallest value and the largest; the first is above the second if there are none.
    min: f32,
    max: f32,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// As they are, with those that are not finite.
    Few(Vec<f32>),
    Counted(Counts),
}

/// Counts of the buckets that have the smallest value, the largest, and all between.
#[derive(Debug, Clone, PartialEq, Default)]
struct Counts {
    /// The place of the first bucket among all, of which as many lie below zero as above.
    first: usize,
    /// In ascending order.
    counts: Vec<u32>,
}

/// How many values are few.
const FEW: usize = 8192;

impl Histogram {
    /// Takes in the finite ones of `values`.
    pub fn of(values: &[f32], counter: &mut Counter) -> Self {
        Self::within(values, f32::NAN, f32::NAN, counter)
    }

    /// The same if the smallest and the largest value are known already. What is not finite is no use, and found anew.
    pub(crate) fn within(values: &[f32], mut min: f32, mut max: f32, counter: &mut Counter) -> Self {
        if !(min.is_finite() && max.is_finite()) {
            let finite = || values.iter().copied().filter(|value| value.is_finite());
            min = finite().fold(f32::INFINITY, f32::min);
            max = finite().fold(f32::NEG_INFINITY, f32::max);
        }
        let values = if values.len() <= FEW {
            Values::Few(values.to_vec())
        } else {
            Values::Counted(Counts::of(values, min, max, counter))
        };
        Self { values, min, max }
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.values {
                Values::Few(values) => size_of_val(&**values),
                Values::Counted(Counts { counts, .. }) => size_of_val(&**counts),
            }
    }

    /// The buckets from the smallest value to the largest, without gaps: neighbouring empty buckets are merged into
    /// one, and the outer edges are the smallest and the largest value. Empty if nothing was counted. `counter` is memory to
    /// count in.
    pub fn buckets(&self, counter: &mut Counter) -> Vec<Bucket> {
        match &self.values {
            Values::Few(values) => self.buckets_of(&Counts::of(values, self.min, self.max, counter)),
            Values::Counted(counts) => self.buckets_of(counts),
        }
    }

    fn buckets_of(&self, Counts { first, counts }: &Counts) -> Vec<Bucket> {
        let lower = &*EDGES;
        let zero = lower.len();
        let left = |place: usize| {
            if place < zero { lower.get(zero - place).map_or(f64::MIN, |edge| -edge) } else { lower[place - zero] }
        };
        let right = |place: usize| if place + 1 < 2 * zero { left(place + 1) } else { f64::MAX };
        let mut buckets: Vec<Bucket> = Vec::new();
        for (place, &count) in (*first..).zip(counts).filter(|(_, count)| **count > 0) {
            let left = left(place);
            if let Some(before) = buckets.last().filter(|before| before.right < left) {
                buckets.push(Bucket { left: before.right, right: left, count: 0.0 });
            }
            buckets.push(Bucket { left, right: right(place), count: f64::from(count) });
        }
        if self.min < self.max {
            let end = buckets.len() - 1;
            buckets[0].left = f64::from(self.min);
            buckets[end].right = f64::from(self.max);
        }
        buckets
    }
}

impl Counts {
    fn of(values: &[f32], min: f32, max: f32, counter: &mut Counter) -> Self {
        let mut counts = Self::default();
        counter.count(values);
        if min <= max {
            counts.first = place_of(min);
            counter.take(counts.first..=place_of(max), &mut counts.counts);
        }
        counter.forget_the_others();
        counts
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

    /// The buckets of these values.
    fn buckets(values: &[f32]) -> Vec<Bucket> {
        let mut counter = Counter::default();
        Histogram::of(values, &mut counter).buckets(&mut counter)
    }

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
        let buckets = buckets(&[-2.0, -2.0, 0.0, 1e-3, 5.0]);
        assert_eq!((buckets[0].left, buckets[buckets.len() - 1].right), (-2.0, 5.0));
        assert!(buckets.windows(2).all(|pair| pair[0].right == pair[1].left));
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<f64>(), 5.0);
    }

    #[test]
    fn equal_values_make_one_bucket_that_holds_them() {
        let equal = buckets(&[0.5; 7]);
        assert_eq!(equal.len(), 1);
        assert!(equal[0].left <= 0.5 && 0.5 < equal[0].right && equal[0].count == 7.0);
        assert!(buckets(&[]).is_empty());
    }

    #[test]
    fn the_largest_and_smallest_floats_have_a_bucket() {
        let buckets = buckets(&[f32::MAX, f32::MIN, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, -1e-45, 0.0, -0.0]);
        let count = |left: f64, right: f64| {
            buckets.iter().find(|bucket| (bucket.left, bucket.right) == (left, right)).map(|bucket| bucket.count)
        };
        assert_eq!(count(0.0, 1e-12), Some(4.0));
        assert_eq!(count(-1e-12, 0.0), Some(2.0));
        assert_eq!((buckets[0].count, buckets[buckets.len() - 1].count), (1.0, 1.0));
    }

    #[test]
    fn many_values_are_counted_as_few_are() {
        let some: Vec<f32> = (0..FEW).map(|i| ((i * 7919) % 1009) as f32 * 1e-4 - 0.03).collect();
        let (few, many) = (buckets(&some), buckets(&some.repeat(3)));
        let expected = few.into_iter().map(|bucket| Bucket { count: 3.0 * bucket.count, ..bucket });
        assert!(many.into_iter().eq(expected));
    }

    proptest! {
        #[test]
        fn every_value_lies_in_the_bucket_that_counts_it(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let bucket = buckets(&[value])[0];
            let wide = f64::from(value);
            prop_assert!(bucket.left <= wide && wide < bucket.right, "{} in {:?}", wide, bucket);
        }
    }
}
