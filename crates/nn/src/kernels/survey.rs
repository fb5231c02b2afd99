//! What can be said of many numbers in one pass over them.
//!
//! Sums are taken in the numbers' own precision over short blocks, lane by lane, and only the blocks are added up in f64.
//! Where squares would leave the range of f32, which a block's sum of |x| tells, the block is looked through again in f64.

use super::lanes::{LANES, Line};
use super::{Kernel, Register};
use crate::{InstructionSet, Real};

/// Numbers of a block: 16 terms a lane in each of two sums, whose rounding errors are far below those of the numbers.
pub(crate) const BLOCK: usize = 32 * LANES;

/// If no lane of a block has a sum of |x| above this (2^60), no sum of squares overflows, and all numbers are finite.
const LARGEST: Real = (1_u64 << 60) as Real;
/// If a lane of a block has a sum of |x| of this (2^-36) or more, the squares that vanish (below 2^-126) count for nothing.
const SMALLEST: Real = 1.0 / (1_u64 << 36) as Real;

/// Sums, extremes and counts of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    /// Sum of |x|; NaN or infinite when any number is.
    pub absolutes: f64,
    /// Sum of x^2, whose terms neither overflow nor vanish; NaN or infinite when any number is.
    pub squares: f64,
    /// Smallest number; infinite when there is none.
    pub min: Real,
    /// Largest number; minus infinity when there is none.
    pub max: Real,
    /// How many are exactly 0.
    pub zeros: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite.
    pub infinities: u64,
}

impl Survey {
    /// Surveys `values`. Sums are taken in the same order on every instruction set, and differ only between those that
    /// round a product and a sum once and the baseline of x86-64, which rounds twice.
    pub fn of(values: &[Real]) -> Self {
        InstructionSet::detected().run(Take { values })
    }

    /// The sum of squares alone, to the bit.
    pub fn squares_of(values: &[Real]) -> f64 {
        InstructionSet::detected().run(Squares { values })
    }
}

struct Take<'a> {
    values: &'a [Real],
}

impl Kernel for Take<'_> {
    type Output = Survey;

    #[inline(always)]
    fn run<R: Register>(self) -> Survey {
        let mut sums = Sums::ZERO;
        let mut seen = Seen { min: R::splat(Real::INFINITY), max: R::splat(Real::NEG_INFINITY), nonzero: 0 };
        let (blocks, rest) = self.values.as_chunks::<BLOCK>();
        for block in blocks {
            seen.block(block, &mut sums);
        }
        seen.block(rest, &mut sums);
        Survey {
            absolutes: total(sums.absolutes),
            squares: sums.squares(),
            min: seen.min.line().reduce(|a, b| if b < a { b } else { a }),
            max: seen.max.line().reduce(|a, b| if b > a { b } else { a }),
            zeros: self.values.len() as u64 - u64::from(seen.nonzero),
            nans: sums.nans,
            infinities: sums.infinities,
        }
    }
}

struct Squares<'a> {
    values: &'a [Real],
}

impl Kernel for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<R: Register>(self) -> f64 {
        let mut sums = Sums::ZERO;
        let (blocks, rest) = self.values.as_chunks::<BLOCK>();
        for block in blocks {
            sums.add::<R>(block);
        }
        sums.add::<R>(rest);
        sums.squares()
    }
}

/// Sums of many numbers, each of which is at home in one of the lanes.
pub(crate) struct Sums {
    absolutes: [f64; LANES],
    squares: [f64; LANES],
    nans: u64,
    infinities: u64,
}

impl Sums {
    pub(crate) const ZERO: Self = Self { absolutes: [0.0; LANES], squares: [0.0; LANES], nans: 0, infinities: 0 };

    /// Adds up to [`BLOCK`] numbers.
    #[inline(always)]
    pub(crate) fn add<R: Register>(&mut self, values: &[Real]) {
        let mut block = Block::new();
        let (pairs, rest) = values.as_chunks::<{ 2 * LANES }>();
        for pair in pairs {
            let (lines, _) = pair.as_chunks();
            block.even.add(R::load(&lines[0]));
            block.odd.add(R::load(&lines[1]));
        }
        let (line, few) = split(rest);
        if let Some(line) = line {
            block.even.add(R::load(line));
        }
        block.odd.add(R::load_few(few, R::splat(0.0)));
        self.add_block(&block, values);
    }

    /// Adds how far up to [`BLOCK`] numbers went. What is left in `before` is of no use.
    #[inline(always)]
    pub(crate) fn add_moves<R: Register>(&mut self, before: &mut [Real], after: &[Real]) {
        let mut block = Block::new();
        let minus_one = R::splat(-1.0);
        let (pairs, rest) = after.as_chunks::<{ 2 * LANES }>();
        for (pair, before) in pairs.iter().zip(before.as_chunks::<{ 2 * LANES }>().0) {
            let [lines, before] = [pair, before].map(|pair| pair.as_chunks::<LANES>().0);
            block.even.add(R::load(&lines[0]).add_product(R::load(&before[0]), minus_one));
            block.odd.add(R::load(&lines[1]).add_product(R::load(&before[1]), minus_one));
        }
        let [(line, few), (line_before, few_before)] = [rest, &before[after.len() - rest.len()..]].map(split);
        if let (Some(line), Some(before)) = (line, line_before) {
            block.even.add(R::load(line).add_product(R::load(before), minus_one));
        }
        let nothing = R::splat(0.0);
        block.odd.add(R::load_few(few, nothing).add_product(R::load_few(few_before, nothing), minus_one));
        if !block.is_within_range() {
            before.iter_mut().zip(after).for_each(|(before, after)| *before = after - *before);
        }
        self.add_block(&block, before);
    }

    /// Adds a block: its sums if they are right, else those of its `values`.
    #[inline(always)]
    fn add_block<R: Register>(&mut self, block: &Block<R>, values: &[Real]) {
        if block.is_within_range() {
            let [absolutes, squares] = block.sums();
            widen(&mut self.absolutes, &absolutes.line());
            widen(&mut self.squares, &squares.line());
        } else {
            self.add_wide(values);
        }
    }

    /// The same for numbers that are too small or too large for f32, or no numbers.
    #[cold]
    fn add_wide(&mut self, values: &[Real]) {
        for line in values.chunks(LANES) {
            for ((&value, absolutes), squares) in line.iter().zip(&mut self.absolutes).zip(&mut self.squares) {
                let wide = f64::from(value);
                *absolutes += wide.abs();
                *squares += wide * wide;
                self.nans += u64::from(value.is_nan());
                self.infinities += u64::from(value.is_infinite());
            }
        }
    }

    /// The sum of all squares.
    #[inline(always)]
    pub(crate) fn squares(&self) -> f64 {
        total(self.squares)
    }
}

/// The sums of one block: apart those of its even lines and of its odd ones, which need not wait for each other.
struct Block<R> {
    even: Lines<R>,
    odd: Lines<R>,
}

struct Lines<R> {
    absolutes: R,
    squares: R,
}

impl<R: Register> Lines<R> {
    #[inline(always)]
    fn add(&mut self, line: R) {
        self.absolutes = self.absolutes.add_absolute(line);
        self.squares = self.squares.add_product(line, line);
    }
}

impl<R: Register> Block<R> {
    #[inline(always)]
    fn new() -> Self {
        let none = || Lines { absolutes: R::splat(0.0), squares: R::splat(0.0) };
        Self { even: none(), odd: none() }
    }

    /// |x| and x^2, lane by lane. Neither is negative.
    #[inline(always)]
    fn sums(&self) -> [R; 2] {
        let Self { even, odd } = self;
        [even.absolutes.add_absolute(odd.absolutes), even.squares.add_absolute(odd.squares)]
    }

    /// Whether all numbers are finite, no square is infinite, and those that are 0 do not matter.
    #[inline(always)]
    fn is_within_range(&self) -> bool {
        let [absolutes, _] = self.sums();
        let any = |least: Real| absolutes.at_least(R::splat(least)) != 0;
        // Above 0 comes the smallest number there is.
        R::splat(LARGEST).at_least(absolutes) == u16::MAX && (any(SMALLEST) || !any(Real::from_bits(1)))
    }
}

/// What a survey tells besides sums.
struct Seen<R> {
    min: R,
    max: R,
    nonzero: u32,
}

impl<R: Register> Seen<R> {
    #[inline(always)]
    fn line(&mut self, line: &[Real; LANES]) -> R {
        self.nonzero += R::nonzero(line).count_ones();
        let line = R::load(line);
        self.min = self.min.smaller(line);
        self.max = self.max.larger(line);
        line
    }

    /// Looks at up to [`BLOCK`] numbers.
    #[inline(always)]
    fn block(&mut self, values: &[Real], sums: &mut Sums) {
        let mut block = Block::new();
        let (pairs, rest) = values.as_chunks::<{ 2 * LANES }>();
        for pair in pairs {
            let (lines, _) = pair.as_chunks();
            block.even.add(self.line(&lines[0]));
            block.odd.add(self.line(&lines[1]));
        }
        let (line, few) = split(rest);
        if let Some(line) = line {
            block.even.add(self.line(line));
        }
        if let [first, ..] = few {
            // Filled up with 0, which adds nothing, and with a number that is there, which is no new extreme.
            let nothing = R::splat(0.0);
            let line = R::load_few(few, nothing);
            self.nonzero += (!(line.at_least(nothing) & nothing.at_least(line))).count_ones();
            block.odd.add(line);
            let line = R::load_few(few, R::splat(*first));
            self.min = self.min.smaller(line);
            self.max = self.max.larger(line);
        }
        sums.add_block(&block, values);
    }
}

/// A line, if there are enough numbers for one, and those behind it.
#[inline(always)]
fn split(values: &[Real]) -> (Option<&[Real; LANES]>, &[Real]) {
    match values.split_first_chunk() {
        Some((line, few)) => (Some(line), few),
        None => (None, values),
    }
}

/// Adds up in f64.
#[inline(always)]
fn widen(sums: &mut [f64; LANES], line: &Line) {
    for (sum, lane) in sums.iter_mut().zip(line.0) {
        *sum += f64::from(lane);
    }
}

/// The sum of all lanes, half onto half.
#[inline(always)]
fn total(mut sums: [f64; LANES]) -> f64 {
    let mut half = LANES / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
        half /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_every_set(values: &[Real]) -> Vec<Survey> {
        InstructionSet::available().map(|set| set.run(Take { values })).collect()
    }

    /// Numbers of one size with signs and digits of their own.
    fn noise(length: usize, size: Real) -> Vec<Real> {
        (0..length).map(|i| size * (((i * 7919) % 10_007) as Real / 5e3 - 1.0)).collect()
    }

    #[test]
    fn a_survey_is_what_its_definition_says_on_every_instruction_set() {
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 63, 500, BLOCK, BLOCK + 1, 3 * BLOCK + 37] {
            let mut values: Vec<Real> = (0..length).map(|i| ((i * 7919) % 1009) as Real - 500.0).collect();
            if length == 500 {
                (values[3], values[70], values[499]) = (Real::NAN, Real::INFINITY, Real::NEG_INFINITY);
            }
            let count = |is_so: fn(&&Real) -> bool| values.iter().filter(is_so).count() as u64;
            for survey in on_every_set(&values) {
                assert_eq!(survey.zeros, count(|v| **v == 0.0));
                assert_eq!((survey.nans, survey.infinities), (count(|v| v.is_nan()), count(|v| v.is_infinite())));
                assert_eq!(survey.min, values.iter().copied().fold(Real::INFINITY, Real::min));
                assert_eq!(survey.max, values.iter().copied().fold(Real::NEG_INFINITY, Real::max));
                let sum = |term: fn(f64) -> f64| values.iter().map(|&v| term(f64::from(v))).sum::<f64>();
                assert_eq!(
                    survey.absolutes.to_bits() << 1,
                    sum(f64::abs).to_bits() << 1,
                    "whole numbers add up exactly"
                );
                assert_eq!(survey.squares.to_bits() << 1, sum(|v| v * v).to_bits() << 1);
            }
        }
    }

    #[test]
    fn numbers_of_any_size_keep_their_digits_in_the_sums() {
        for size in [1e-42, 1e-30, 1e-20, 1e-12, 1e-9, 1.0, 1e9, 1e17, 1e19, 1e30, 1e38] {
            let mut values = noise(3 * BLOCK + 37, size);
            // A block with the smallest numbers, and one with the largest.
            values[..BLOCK].iter_mut().for_each(|v| *v *= 1e-3);
            let sum = |term: fn(f64) -> f64| values.iter().map(|&v| term(f64::from(v))).sum::<f64>();
            for survey in on_every_set(&values) {
                assert!((survey.absolutes / sum(f64::abs) - 1.0).abs() < 1e-6, "{size}: {survey:?}");
                assert!((survey.squares / sum(|v| v * v) - 1.0).abs() < 1e-6, "{size}: {survey:?}");
            }
        }
    }

    #[test]
    fn one_number_that_is_not_finite_shows_wherever_it_stands() {
        for (at, is) in (0..3 * BLOCK + 7).step_by(61).zip([Real::NAN, Real::INFINITY].into_iter().cycle()) {
            let mut values = noise(3 * BLOCK + 7, 1.0);
            values[at] = is;
            for survey in on_every_set(&values) {
                assert!(!survey.absolutes.is_finite() && !survey.squares.is_finite());
                assert_eq!(survey.nans + survey.infinities, 1, "at {at}");
            }
        }
    }

    #[test]
    fn all_sets_that_multiply_and_add_in_one_rounding_give_the_same_bits() {
        let fused = |set: &InstructionSet| *set != InstructionSet::Baseline || cfg!(target_arch = "aarch64");
        for length in [7, 100, 300, 7840] {
            let values = noise(length, 0.3);
            let bits = |set: InstructionSet| {
                let survey = set.run(Take { values: &values });
                assert_eq!(survey.squares.to_bits(), set.run(Squares { values: &values }).to_bits());
                [survey.absolutes.to_bits(), survey.squares.to_bits()]
            };
            let all: Vec<_> = InstructionSet::available().filter(fused).map(bits).collect();
            assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }
}
