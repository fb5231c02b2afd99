//! Sums of |x| and x^2 of many numbers.
//!
//! They are taken in the numbers' own precision over short blocks, lane by lane, and only the blocks are added up in f64. Where
//! squares would leave the range of f32, which a block's sum of |x| tells, the block is looked through again in f64.

use crate::Real;
use crate::kernels::Register;
use crate::kernels::lanes::{LANES, Line};

/// Numbers of a block: 16 terms a lane in each of two sums, whose rounding errors are far below those of the numbers.
pub(crate) const BLOCK: usize = 32 * LANES;

/// If no lane of a block has a sum of |x| above this (2^60), no sum of squares overflows, and all numbers are finite.
const LARGEST: Real = (1_u64 << 60) as Real;
/// If a lane of a block has a sum of |x| of this (2^-36) or more, the squares that vanish (below 2^-126) count for nothing.
const SMALLEST: Real = 1.0 / (1_u64 << 36) as Real;

/// Sums of many numbers, each of which is at home in one of the lanes.
pub(super) struct Sums {
    absolutes: [f64; LANES],
    squares: [f64; LANES],
    /// How many are NaN.
    pub(super) nans: u64,
    /// How many are infinite.
    pub(super) infinities: u64,
}

impl Sums {
    pub(super) const ZERO: Self = Self { absolutes: [0.0; LANES], squares: [0.0; LANES], nans: 0, infinities: 0 };

    /// Adds up to [`BLOCK`] numbers.
    #[inline(always)]
    pub(super) fn add<R: Register>(&mut self, values: &[Real]) {
        let mut block = Block::new();
        let (pairs, rest) = values.as_chunks::<{ 2 * LANES }>();
        for pair in pairs {
            let (lines, _) = pair.as_chunks();
            block.add::<EVEN>(R::load(&lines[0]));
            block.add::<ODD>(R::load(&lines[1]));
        }
        let (line, tail) = split(rest);
        if let Some(line) = line {
            block.add::<EVEN>(R::load(line));
        }
        block.add::<ODD>(R::load_tail(tail, R::splat(0.0)));
        self.add_block(&block, values);
    }

    /// Adds a block: its sums if they are right, else those of its `values`.
    #[inline(always)]
    pub(super) fn add_block<R: Register>(&mut self, block: &Block<R>, values: &[Real]) {
        if block.is_within_range() {
            let [absolutes, squares] = block.sums();
            widen(&mut self.absolutes, &absolutes.line());
            widen(&mut self.squares, &squares.line());
        } else {
            let Self { absolutes, squares, nans, infinities } = Self::wide(values);
            for lane in 0..LANES {
                self.absolutes[lane] += absolutes[lane];
                self.squares[lane] += squares[lane];
            }
            self.nans += nans;
            self.infinities += infinities;
        }
    }

    /// The sums of numbers that are too small or too large for f32, or no numbers. It gets no hold of other sums, which can so
    /// stay in registers.
    #[cold]
    #[inline(never)]
    fn wide(values: &[Real]) -> Self {
        let mut sums = Self::ZERO;
        for line in values.chunks(LANES) {
            for ((&value, absolutes), squares) in line.iter().zip(&mut sums.absolutes).zip(&mut sums.squares) {
                let wide = f64::from(value);
                *absolutes += wide.abs();
                *squares += wide * wide;
                sums.nans += u64::from(value.is_nan());
                sums.infinities += u64::from(value.is_infinite());
            }
        }
        sums
    }

    /// The sum of all |x|.
    #[inline(always)]
    pub(super) fn absolutes(&self) -> f64 {
        total(self.absolutes)
    }

    /// The sum of all squares.
    #[inline(always)]
    pub(super) fn squares(&self) -> f64 {
        total(self.squares)
    }
}

/// The sums of one block: apart those of its even lines and of its odd ones, which need not wait for each other.
pub(super) struct Block<R>([Lines<R>; 2]);

/// The lines of a block with an even number, from 0 on.
pub(crate) const EVEN: usize = 0;
/// The lines of a block with an odd number; what is less than a line and stands at the end counts among them.
pub(crate) const ODD: usize = 1;

struct Lines<R> {
    absolutes: R,
    squares: R,
}

impl<R: Register> Block<R> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let none = || Lines { absolutes: R::splat(0.0), squares: R::splat(0.0) };
        Self([none(), none()])
    }

    #[inline(always)]
    pub(super) fn add<const PARITY: usize>(&mut self, line: R) {
        let lines = &mut self.0[PARITY];
        lines.absolutes = lines.absolutes.add_absolute(line);
        lines.squares = lines.squares.add_product(line, line);
    }

    /// |x| and x^2, lane by lane. Neither is negative.
    #[inline(always)]
    fn sums(&self) -> [R; 2] {
        let [even, odd] = &self.0;
        [even.absolutes.add_absolute(odd.absolutes), even.squares.add_absolute(odd.squares)]
    }

    /// Whether all numbers are finite, no square is infinite, and those that are 0 do not matter.
    #[inline(always)]
    pub(super) fn is_within_range(&self) -> bool {
        let [absolutes, _] = self.sums();
        let any = |least: Real| absolutes.at_least(R::splat(least)) != 0;
        // Above 0 comes the smallest number there is.
        R::splat(LARGEST).at_least(absolutes) == u16::MAX && (any(SMALLEST) || !any(Real::from_bits(1)))
    }
}

/// A line, if there are enough numbers for one, and those behind it.
#[inline(always)]
pub(super) fn split(values: &[Real]) -> (Option<&[Real; LANES]>, &[Real]) {
    match values.split_first_chunk() {
        Some((line, tail)) => (Some(line), tail),
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
