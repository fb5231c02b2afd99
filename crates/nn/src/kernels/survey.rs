//! What can be said of many numbers in one pass over them.

mod sums;

use super::lanes::LANES;
use super::{Kernel, Register};
use crate::{InstructionSet, Real};
pub(crate) use sums::{BLOCK, EVEN, ODD};
use sums::{Block, Sums, split};

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

    /// The same on one of the instruction sets.
    #[cfg(test)]
    pub(crate) fn on(set: InstructionSet, values: &[Real]) -> Self {
        set.run(Take { values })
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
        let mut surveyor = Surveyor::<R>::new();
        let (blocks, rest) = self.values.as_chunks::<BLOCK>();
        for block in blocks {
            surveyor.block(block);
        }
        surveyor.block(rest);
        surveyor.survey(self.values.len())
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

/// A survey of numbers that come line by line, in blocks of [`BLOCK`]; the last may be shorter.
pub(crate) struct Surveyor<R> {
    sums: Sums,
    block: Block<R>,
    min: R,
    max: R,
    nonzero: u32,
}

impl<R: Register> Surveyor<R> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        let [min, max] = [Real::INFINITY, Real::NEG_INFINITY].map(R::splat);
        Self { sums: Sums::ZERO, block: Block::new(), min, max, nonzero: 0 }
    }

    /// A line that is [`EVEN`] or [`ODD`] in its block.
    #[inline(always)]
    pub(crate) fn line<const PARITY: usize>(&mut self, line: R) {
        self.nonzero += line.nonzero().count_ones();
        self.min = self.min.smaller(line);
        self.max = self.max.larger(line);
        self.block.add::<PARITY>(line);
    }

    /// The last numbers, fewer than a line.
    #[inline(always)]
    pub(crate) fn tail(&mut self, tail: &[Real]) {
        let [first, ..] = tail else { return };
        // Filled up with 0, which adds nothing, and with a number that is there, which is no new extreme.
        let line = R::load_tail(tail, R::splat(0.0));
        self.nonzero += line.nonzero().count_ones();
        self.block.add::<ODD>(line);
        let line = R::load_tail(tail, R::splat(*first));
        self.min = self.min.smaller(line);
        self.max = self.max.larger(line);
    }

    /// Ends a block of these numbers.
    #[inline(always)]
    pub(crate) fn end_block(&mut self, values: &[Real]) {
        self.sums.add_block(&self.block, values);
        self.block = Block::new();
    }

    /// Takes in a block.
    #[inline(always)]
    fn block(&mut self, values: &[Real]) {
        let (pairs, rest) = values.as_chunks::<{ 2 * LANES }>();
        for pair in pairs {
            let (lines, _) = pair.as_chunks();
            self.line::<EVEN>(R::load(&lines[0]));
            self.line::<ODD>(R::load(&lines[1]));
        }
        let (line, tail) = split(rest);
        if let Some(line) = line {
            self.line::<EVEN>(R::load(line));
        }
        self.tail(tail);
        self.end_block(values);
    }

    /// The survey of so many numbers.
    #[inline(always)]
    pub(crate) fn survey(&self, count: usize) -> Survey {
        Survey {
            absolutes: self.sums.absolutes(),
            squares: self.sums.squares(),
            min: self.min.line().reduce(|a, b| if b < a { b } else { a }),
            max: self.max.line().reduce(|a, b| if b > a { b } else { a }),
            zeros: count as u64 - u64::from(self.nonzero),
            nans: self.sums.nans,
            infinities: self.sums.infinities,
        }
    }
}

/// How far numbers go that are changed line by line, in the same blocks.
pub(crate) struct Moves<R> {
    sums: Sums,
    block: Block<R>,
}

impl<R: Register> Moves<R> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { sums: Sums::ZERO, block: Block::new() }
    }

    /// A line before and after.
    #[inline(always)]
    pub(crate) fn line<const PARITY: usize>(&mut self, before: R, after: R) {
        self.block.add::<PARITY>(after.add_product(before, R::splat(-1.0)));
    }

    /// The last numbers, fewer than a line.
    #[inline(always)]
    pub(crate) fn tail(&mut self, before: &[Real], after: &[Real]) {
        let [before, after] = [before, after].map(|tail| R::load_tail(tail, R::splat(0.0)));
        self.block.add::<ODD>(after.add_product(before, R::splat(-1.0)));
    }

    /// Ends a block. What is left in `before` is of no use.
    #[inline(always)]
    pub(crate) fn end_block(&mut self, before: &mut [Real], after: &[Real]) {
        if !self.block.is_within_range() {
            before.iter_mut().zip(after).for_each(|(before, after)| *before = after - *before);
        }
        self.sums.add_block(&self.block, before);
        self.block = Block::new();
    }

    /// The sum of (after - before)^2.
    #[inline(always)]
    pub(crate) fn squares(&self) -> f64 {
        self.sums.squares()
    }
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
