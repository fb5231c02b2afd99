//! Rows of a fixed number of numbers, which fill whole registers.

use crate::Real;

/// Numbers in a [`Line`].
pub(crate) const LANES: usize = 16;

/// Sixteen numbers: a line of the cache, one register of AVX-512, two of AVX2.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(crate) struct Line(pub(crate) [Real; LANES]);

impl Line {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    /// All lanes the same.
    #[inline(always)]
    pub(crate) fn splat(value: Real) -> Self {
        Self([value; LANES])
    }

    /// The numbers from `at` on, and `filler` where there are no more than `count`.
    #[inline(always)]
    pub(crate) fn load(values: &[Real], at: usize, count: usize, filler: Real) -> Self {
        let mut line = Self::spill(values, at);
        for (lane, value) in line.0.iter_mut().enumerate() {
            *value = if lane < count { *value } else { filler };
        }
        line
    }

    /// The numbers from `at` on, over the end of a row if need be; what lies behind the last one is 0.
    #[inline(always)]
    pub(crate) fn spill(values: &[Real], at: usize) -> Self {
        let rest = &values[at..];
        match rest.first_chunk() {
            Some(whole) => Self(*whole),
            None => Self::from_tail(rest),
        }
    }

    /// Writes all numbers from `at` on, over the end of a row if need be: the next row must be written later.
    #[inline(always)]
    pub(crate) fn store_spilling(self, values: &mut [Real], at: usize) {
        let rest = &mut values[at..];
        match rest.first_chunk_mut() {
            Some(whole) => *whole = self.0,
            None => self.store_tail(rest),
        }
    }

    #[cold]
    fn store_tail(self, rest: &mut [Real]) {
        rest.copy_from_slice(&self.0[..rest.len()]);
    }

    #[cold]
    fn from_tail(values: &[Real]) -> Self {
        let mut line = Self::ZERO;
        line.0[..values.len()].copy_from_slice(values);
        line
    }

    /// Combines all lanes: the upper half with the lower one, and so on. The order is the same everywhere.
    #[inline(always)]
    pub(crate) fn reduce(mut self, combine: impl Fn(Real, Real) -> Real) -> Real {
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                self.0[lane] = combine(self.0[lane], self.0[lane + half]);
            }
            half /= 2;
        }
        self.0[0]
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn zip(mut self, other: Self, f: impl Fn(Real, Real) -> Real) -> Self {
        for (value, other) in self.0.iter_mut().zip(&other.0) {
            *value = f(*value, *other);
        }
        self
    }
}
