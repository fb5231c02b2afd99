//! Sixteen numbers in registers, as each instruction set has them.
//!
//! The compiler vectorises loops over slices by itself; the tiles of a product, two dozen sums that must stay in
//! registers, it does only when told so.

use super::lanes::{LANES, Line};
use crate::Real;

/// Sums of a product.
pub(crate) trait Accumulator: Copy {
    /// The first numbers of a line, as many as there are sums; a [`Line`] is fastest.
    fn load(line: &[Real; LANES]) -> Self;

    /// The same number in each place.
    fn splat(value: Real) -> Self;

    /// self + a b: in one rounding, but on the baseline of x86-64.
    fn add_product(self, a: Self, b: Self) -> Self;

    /// Writes the numbers to the beginning of a line.
    fn store(self, line: &mut [Real; LANES]);

    /// The numbers as a line, and 0 where there are no sums.
    #[inline(always)]
    fn line(self) -> Line {
        let mut line = Line::ZERO;
        self.store(&mut line.0);
        line
    }
}

/// Sixteen sums, and what else is done with sixteen numbers.
pub(crate) trait Register: Accumulator {
    /// Rows of a tile for which there is room, in tiles of [`Self::LINES`] registers a row.
    const ROWS: usize;
    /// Registers in a row of a tile.
    const LINES: usize;
    /// The first [`NARROW`] of the sixteen sums: less work, where a row has no more.
    type Narrow: Accumulator;

    /// Fewer than sixteen numbers, and those of `filler` behind them.
    fn load_tail(tail: &[Real], filler: Self) -> Self;

    /// self x.
    fn mul(self, x: Self) -> Self;

    /// self / x.
    fn div(self, x: Self) -> Self;

    /// The square root.
    fn sqrt(self) -> Self;

    /// self + |x|.
    fn add_absolute(self, x: Self) -> Self;

    /// `x` where it is smaller, else self: NaN in `x` is passed over.
    fn smaller(self, x: Self) -> Self;

    /// `x` where it is larger, else self: NaN in `x` is passed over.
    fn larger(self, x: Self) -> Self;

    /// A bit for each number, the first one lowest: whether it is not less than its bound. NaN is no number.
    fn at_least(self, bound: Self) -> u16;

    /// The first halves of both, number by number in turns; and the second halves.
    fn interleave(self, other: Self) -> [Self; 2];

    /// A bit for each number, the first one lowest: whether it is not 0. NaN is not.
    fn nonzero(self) -> u16;

    /// Asks for the line of the cache that the first of these numbers is in, which will be read or written soon.
    fn prefetch(values: &[Real]);
}

/// Sums in [`Register::Narrow`].
pub(crate) const NARROW: usize = 8;

/// The first numbers, over the end of a row if need be.
#[inline(always)]
pub(crate) fn load<R: Accumulator>(values: &[Real]) -> R {
    match values.first_chunk() {
        Some(whole) => R::load(whole),
        None => R::load(&Line::spill(values, 0).0),
    }
}

/// Transposes a square: interleaves its upper half into its lower one, four times.
#[inline(always)]
pub(crate) fn transpose<R: Register>(square: &mut [R; LANES]) {
    const HALF: usize = LANES / 2;
    for _ in 0..LANES.ilog2() {
        let before = *square;
        for row in 0..HALF {
            [square[2 * row], square[2 * row + 1]] = before[row].interleave(before[row + HALF]);
        }
    }
}

/// Sixteen numbers as the baseline has them: as many registers as it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable([Real; LANES]);

impl Accumulator for Portable {
    #[inline(always)]
    fn load(line: &[Real; LANES]) -> Self {
        Self(*line)
    }

    #[inline(always)]
    fn splat(value: Real) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            // AArch64 has an instruction for it; elsewhere it would be a call.
            if cfg!(target_arch = "aarch64") {
                a.0[lane].mul_add(b.0[lane], self.0[lane])
            } else {
                self.0[lane] + a.0[lane] * b.0[lane]
            }
        }))
    }

    #[inline(always)]
    fn store(self, line: &mut [Real; LANES]) {
        *line = self.0;
    }
}

impl Register for Portable {
    const ROWS: usize = 4;
    const LINES: usize = 1;
    type Narrow = Self;

    #[inline(always)]
    fn load_tail(tail: &[Real], mut filler: Self) -> Self {
        filler.0.iter_mut().zip(tail).for_each(|(lane, value)| *lane = *value);
        filler
    }

    #[inline(always)]
    fn mul(self, x: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] * x.0[lane]))
    }

    #[inline(always)]
    fn div(self, x: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] / x.0[lane]))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(Real::sqrt))
    }

    #[inline(always)]
    fn add_absolute(self, x: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] + x.0[lane].abs()))
    }

    #[inline(always)]
    fn smaller(self, x: Self) -> Self {
        Self(std::array::from_fn(|lane| if x.0[lane] < self.0[lane] { x.0[lane] } else { self.0[lane] }))
    }

    #[inline(always)]
    fn larger(self, x: Self) -> Self {
        Self(std::array::from_fn(|lane| if x.0[lane] > self.0[lane] { x.0[lane] } else { self.0[lane] }))
    }

    #[inline(always)]
    fn at_least(self, bound: Self) -> u16 {
        let mut bits = 0;
        for lane in 0..LANES {
            bits |= u16::from(self.0[lane] >= bound.0[lane]) << lane;
        }
        bits
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        let mut halves = [self; 2];
        for lane in 0..LANES {
            let (half, pair) = (lane * 2 / LANES, lane * 2 % LANES);
            halves[half].0[pair] = self.0[lane];
            halves[half].0[pair + 1] = other.0[lane];
        }
        halves
    }

    #[inline(always)]
    fn nonzero(self) -> u16 {
        let mut bits = 0;
        for (lane, value) in self.0.iter().enumerate() {
            bits |= u16::from(*value != 0.0) << lane;
        }
        bits
    }

    #[inline(always)]
    fn prefetch(_: &[Real]) {}
}

#[cfg(all(target_arch = "x86_64", not(feature = "f64")))]
pub(crate) use super::x86::{Avx2, Avx512};
/// The build that checks gradients needs no more.
#[cfg(all(target_arch = "x86_64", feature = "f64"))]
pub(crate) use {Portable as Avx2, Portable as Avx512};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InstructionSet;
    use crate::kernels::Kernel;

    /// So many numbers, and a filler behind them.
    struct Few<'a>(&'a [Real]);

    impl Kernel for Few<'_> {
        type Output = Line;

        #[inline(always)]
        fn run<R: Register>(self) -> Line {
            R::load_tail(self.0, R::splat(9.0)).line()
        }
    }

    #[test]
    fn few_numbers_are_filled_up_on_every_instruction_set() {
        let values: [Real; LANES] = std::array::from_fn(|i| i as Real + 1.0);
        for set in InstructionSet::available() {
            for count in 0..LANES {
                let mut expected = values;
                expected[count..].fill(9.0);
                assert_eq!(set.run(Few(&values[..count])).0, expected, "{set}");
            }
        }
    }
}
