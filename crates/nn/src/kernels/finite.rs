//! Whether all numbers are finite.

use super::lanes::LANES;
use super::{Kernel, Register};
use crate::Real;

/// Whether all of these are finite.
pub(super) struct AllFinite<'a>(pub(super) &'a [Real]);

impl Kernel for AllFinite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<R: Register>(self) -> bool {
        // 0 times what is not finite is NaN, and stays in the sum; four sums, because each waits for the one before.
        let (chunks, rest) = self.0.as_chunks::<{ 4 * LANES }>();
        let nothing = R::splat(0.0);
        let mut sums = [nothing; 4];
        for chunk in chunks {
            for (sum, line) in sums.iter_mut().zip(chunk.as_chunks::<LANES>().0) {
                *sum = sum.add_product(nothing, R::load(line));
            }
        }
        sums.iter().all(|sum| sum.line().0.iter().all(|sum| *sum == 0.0)) && rest.iter().all(|value| value.is_finite())
    }
}
