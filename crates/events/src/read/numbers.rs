//! The points of a scalar series, in columns.
//!
//! Points are gathered one by one until there are [`BLOCK`] of them, and then packed. Beside each block stand its
//! smallest and largest value, so that a picture of a million points reads only the blocks that a pixel's edge cuts.

use std::ops::Range;

use super::packed::{BLOCK, Packed, Words};

/// A number at a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Step.
    pub step: i64,
    /// Seconds since the Unix epoch.
    pub wall_time: f64,
    /// The number. What was written as an f32 is exact.
    pub value: f64,
}

/// [`BLOCK`] points.
#[derive(Debug)]
pub(crate) struct NumberBlock {
    /// Steps, bits of wall times, bits of values.
    packed: Packed<3>,
    /// Whether the values are f32's.
    single: bool,
    pub(crate) summary: Summary,
}

/// What is known of some points without looking at them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) first_step: i64,
    pub(crate) last_step: i64,
    /// Whether no step is smaller than the one before.
    pub(crate) ascending: bool,
    /// Smallest value but NaN; plus infinity if there is none.
    pub(crate) min: f64,
    /// Largest value but NaN; minus infinity if there is none.
    pub(crate) max: f64,
    /// How many are NaN.
    pub(crate) nans: u8,
}

impl NumberBlock {
    fn new(points: &[Point; BLOCK]) -> Self {
        let mut summary = Summary {
            first_step: points[0].step,
            last_step: points[BLOCK - 1].step,
            ascending: points.is_sorted_by_key(|point| point.step),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            nans: 0,
        };
        let mut single = true;
        for &Point { value, .. } in points {
            // A comparison with NaN is false.
            if value < summary.min {
                summary.min = value;
            }
            if value > summary.max {
                summary.max = value;
            }
            summary.nans += u8::from(value.is_nan());
            single &= f64::from(value as f32).to_bits() == value.to_bits();
        }
        let steps = std::array::from_fn(|i| points[i].step.cast_unsigned());
        let walls = std::array::from_fn(|i| points[i].wall_time.to_bits());
        let values = std::array::from_fn(|i| {
            let value = points[i].value;
            if single { u64::from((value as f32).to_bits()) } else { value.to_bits() }
        });
        NumberBlock { packed: Packed::new([&steps, &walls, &values]), single, summary }
    }

    /// All points.
    pub(crate) fn points(&self) -> [Point; BLOCK] {
        let (mut steps, mut walls, mut values) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        self.packed.unpack(0, &mut steps);
        self.packed.unpack(1, &mut walls);
        self.packed.unpack(2, &mut values);
        std::array::from_fn(|i| Point {
            step: steps[i].cast_signed(),
            wall_time: f64::from_bits(walls[i]),
            value: if self.single { f64::from(f32::from_bits(values[i] as u32)) } else { f64::from_bits(values[i]) },
        })
    }

    fn steps(&self) -> Words {
        let mut steps = [0; BLOCK];
        self.packed.unpack(0, &mut steps);
        steps
    }
}

/// The points of a series, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    blocks: Vec<NumberBlock>,
    /// Fewer than [`BLOCK`] points that follow.
    open: Vec<Point>,
    /// Those that are integers which an f64 does not hold, by index.
    integers: Vec<(usize, i128)>,
}

impl Numbers {
    /// How many points there are.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.open.len()
    }

    /// Adds points behind the others. `integers`: those of them, by index, that an f64 does not hold.
    pub(crate) fn extend(&mut self, mut points: &[Point], integers: &[(usize, i128)]) {
        let before = self.len();
        self.integers.extend(integers.iter().map(|&(index, integer)| (before + index, integer)));
        // Very many series hold one point.
        if self.open.capacity() == 0 {
            self.open.reserve_exact(points.len().min(BLOCK));
        }
        loop {
            let (now, later) = points.split_at(points.len().min(BLOCK - self.open.len()));
            self.open.extend_from_slice(now);
            let Ok(full) = <&[Point; BLOCK]>::try_from(&self.open[..]) else { break };
            self.blocks.push(NumberBlock::new(full));
            self.open.clear();
            points = later;
        }
    }

    /// The step of the first point and of the last.
    pub(crate) fn ends(&self) -> Option<(i64, i64)> {
        let first = self.blocks.first().map(|block| block.summary.first_step);
        let first = first.or_else(|| self.open.first().map(|point| point.step))?;
        let last = self.open.last().map(|point| point.step);
        let last = last.or_else(|| self.blocks.last().map(|block| block.summary.last_step))?;
        Some((first, last))
    }

    /// Full blocks.
    pub(crate) fn blocks(&self) -> &[NumberBlock] {
        &self.blocks
    }

    /// The points behind the full blocks.
    pub(crate) fn open(&self) -> &[Point] {
        &self.open
    }

    /// The points whose indices are in `range`, as far as there are any.
    pub(crate) fn points(&self, range: Range<usize>) -> Vec<Point> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        let mut points = Vec::with_capacity(range.len());
        let mut at = range.start;
        while at < range.end {
            let (block, skip) = (at / BLOCK, at % BLOCK);
            let take = |points: &mut Vec<Point>, from: &[Point]| {
                let from = &from[skip..from.len().min(skip + range.end - at)];
                points.extend_from_slice(from);
                from.len()
            };
            at += match self.blocks.get(block) {
                Some(block) => take(&mut points, &block.points()),
                None => take(&mut points, &self.open),
            };
        }
        points
    }

    /// Those of the points in `range` that are integers which an f64 does not hold, by index.
    pub(crate) fn integers(&self, range: Range<usize>) -> &[(usize, i128)] {
        let at = |index| self.integers.partition_point(|(integer, _)| *integer < index);
        &self.integers[at(range.start)..at(range.end.max(range.start))]
    }

    /// The indices of the points whose step is smaller than that of the point before.
    pub(crate) fn turns(&self) -> Vec<usize> {
        let mut turns = Vec::new();
        let mut last = i64::MIN;
        for (i, block) in self.blocks.iter().enumerate() {
            if block.summary.ascending {
                if block.summary.first_step < last {
                    turns.push(i * BLOCK);
                }
                last = block.summary.last_step;
            } else {
                let steps = block.steps();
                last = turns_of(steps.iter().map(|step| step.cast_signed()), i * BLOCK, last, &mut turns);
            }
        }
        turns_of(self.open.iter().map(|point| point.step), self.blocks.len() * BLOCK, last, &mut turns);
        turns
    }
}

/// Appends the indices, counted from `at`, at which steps fall; returns the last step.
pub(crate) fn turns_of(steps: impl Iterator<Item = i64>, at: usize, mut last: i64, turns: &mut Vec<usize>) -> i64 {
    for (i, step) in steps.enumerate() {
        if step < last {
            turns.push(at + i);
        }
        last = step;
    }
    last
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Points whose steps never fall, or now and then, or often; single or not.
    pub(crate) fn points(most: usize) -> impl Strategy<Value = Vec<Point>> {
        let value = prop_oneof![
            any::<f32>().prop_map(f64::from),
            any::<f32>().prop_map(f64::from),
            Just(f64::NAN),
            Just(f64::NEG_INFINITY),
        ];
        let rise = (0i64..5, 0u32..1000, 1i64..300);
        let all = prop::collection::vec((rise, value, any::<f64>()), 0..most);
        (all, prop_oneof![Just(0.0), Just(0.1)], prop_oneof![Just(0), Just(2), Just(100)]).prop_map(
            |(points, offset, falls)| {
                let mut step = 0;
                let point = |((rise, chance, fall), value, wall_time): ((i64, _, i64), _, _)| {
                    step += if chance < falls { -fall } else { rise };
                    Point { step, wall_time, value: value + offset }
                };
                points.into_iter().map(point).collect()
            },
        )
    }

    fn bits(points: &[Point]) -> Vec<(i64, u64, u64)> {
        let bits = |value: f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
        points.iter().map(|point| (point.step, bits(point.wall_time), bits(point.value))).collect()
    }

    proptest! {
        #[test]
        fn points_come_back_to_the_bit(all in points(700), cut in any::<prop::sample::Index>(), from in 0usize..800, to in 0usize..800) {
            let mut numbers = Numbers::default();
            let cut = cut.index(all.len() + 1);
            numbers.extend(&all[..cut], &[]);
            numbers.extend(&all[cut..], &[]);
            prop_assert_eq!(numbers.len(), all.len());
            prop_assert_eq!(bits(&numbers.points(0..usize::MAX)), bits(&all));
            let expected = all.iter().skip(from).take(to.saturating_sub(from)).copied().collect::<Vec<_>>();
            prop_assert_eq!(bits(&numbers.points(from..to)), bits(&expected));
            prop_assert_eq!(numbers.ends(), all.first().zip(all.last()).map(|(first, last)| (first.step, last.step)));
            let turns: Vec<usize> = (1..all.len()).filter(|&i| all[i].step < all[i - 1].step).collect();
            prop_assert_eq!(numbers.turns(), turns);
        }
    }
}
