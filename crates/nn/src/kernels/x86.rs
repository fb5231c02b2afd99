//! The registers of x86-64. Their code is only reached from the functions of `instructions` that were compiled for them,
//! which are only called on processors that have them.
#![expect(unsafe_code, reason = "intrinsics of instruction sets above the baseline")]

use std::arch::x86_64::{
    __m256, __m512, _CMP_GE_OQ, _CMP_NEQ_UQ, _MM_HINT_T0, _mm_prefetch, _mm256_add_ps, _mm256_andnot_ps,
    _mm256_blendv_ps, _mm256_castsi256_ps, _mm256_cmp_ps, _mm256_div_ps, _mm256_fmadd_ps, _mm256_loadu_ps,
    _mm256_loadu_si256, _mm256_maskload_ps, _mm256_max_ps, _mm256_min_ps, _mm256_movemask_ps, _mm256_mul_ps,
    _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_sqrt_ps, _mm256_storeu_ps, _mm256_unpackhi_ps,
    _mm256_unpacklo_ps, _mm512_abs_ps, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_div_ps, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_mask_loadu_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_permutex2var_ps,
    _mm512_set1_ps, _mm512_setr_epi32, _mm512_setzero_ps, _mm512_sqrt_ps, _mm512_storeu_ps,
};

use super::lanes::LANES;
use super::register::{Accumulator, Register};

#[inline(always)]
fn prefetch(values: &[f32]) {
    // SAFETY: every processor of x86-64 has the instruction, which changes nothing that a program sees.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().cast()) };
}

/// One register of AVX-512.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(__m512);

impl Accumulator for Avx512 {
    #[inline(always)]
    fn load(line: &[f32; LANES]) -> Self {
        // SAFETY: this processor has AVX-512 (see above); there are sixteen numbers.
        Self(unsafe { _mm512_loadu_ps(line.as_ptr()) })
    }

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn store(self, line: &mut [f32; LANES]) {
        // SAFETY: this processor has AVX-512 (see above); there are sixteen numbers.
        unsafe { _mm512_storeu_ps(line.as_mut_ptr(), self.0) };
    }
}

impl Register for Avx512 {
    // 24 of 32 registers are sums.
    const ROWS: usize = 8;
    const LINES: usize = 3;
    type Narrow = Narrow;

    #[inline(always)]
    fn load_tail(tail: &[f32], filler: Self) -> Self {
        debug_assert!(tail.len() < LANES);
        let lanes = (1 << (tail.len() % LANES)) - 1;
        // SAFETY: this processor has AVX-512 (see above); it reads as many numbers as there are bits, of which there are
        // no more than numbers.
        Self(unsafe { _mm512_mask_loadu_ps(filler.0, lanes, tail.as_ptr()) })
    }

    #[inline(always)]
    fn mul(self, x: Self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_mul_ps(self.0, x.0) })
    }

    #[inline(always)]
    fn div(self, x: Self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_div_ps(self.0, x.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_sqrt_ps(self.0) })
    }

    #[inline(always)]
    fn add_absolute(self, x: Self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_add_ps(self.0, _mm512_abs_ps(x.0)) })
    }

    #[inline(always)]
    fn smaller(self, x: Self) -> Self {
        // The instruction gives its second operand if either is NaN.
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_min_ps(x.0, self.0) })
    }

    #[inline(always)]
    fn larger(self, x: Self) -> Self {
        // SAFETY: this processor has AVX-512 (see above).
        Self(unsafe { _mm512_max_ps(x.0, self.0) })
    }

    #[inline(always)]
    fn at_least(self, bound: Self) -> u16 {
        // SAFETY: this processor has AVX-512 (see above).
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, bound.0) }
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        // The lower sixteen numbers are those of the first register.
        // SAFETY: this processor has AVX-512 (see above).
        unsafe {
            let first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let second = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            [first, second].map(|places| Self(_mm512_permutex2var_ps(self.0, places, other.0)))
        }
    }

    #[inline(always)]
    fn nonzero(self) -> u16 {
        // SAFETY: this processor has AVX-512 (see above).
        unsafe { _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, _mm512_setzero_ps()) }
    }

    #[inline(always)]
    fn prefetch(values: &[f32]) {
        prefetch(values);
    }
}

/// One register of AVX2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Narrow(__m256);

impl Accumulator for Narrow {
    #[inline(always)]
    fn load(line: &[f32; LANES]) -> Self {
        // SAFETY: this processor has AVX2 (see above); there are more than eight numbers.
        Self(unsafe { _mm256_loadu_ps(line.as_ptr()) })
    }

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: this processor has AVX2 and fused multiply-add (see above).
        Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn store(self, line: &mut [f32; LANES]) {
        // SAFETY: this processor has AVX2 (see above); there are more than eight numbers.
        unsafe { _mm256_storeu_ps(line.as_mut_ptr(), self.0) };
    }
}

/// Eight lanes of ones, then eight of zeros.
const LANES_OF: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// Two registers of AVX2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2([__m256; 2]);

impl Accumulator for Avx2 {
    #[inline(always)]
    fn load(line: &[f32; LANES]) -> Self {
        let (halves, _) = line.as_chunks::<8>();
        // SAFETY: this processor has AVX2 (see above); each half is eight numbers.
        Self(unsafe { [_mm256_loadu_ps(halves[0].as_ptr()), _mm256_loadu_ps(halves[1].as_ptr())] })
    }

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { [_mm256_set1_ps(value); 2] })
    }

    #[inline(always)]
    fn add_product(self, Self(a): Self, Self(b): Self) -> Self {
        let [first, second] = self.0;
        // SAFETY: this processor has AVX2 and fused multiply-add (see above).
        Self(unsafe { [_mm256_fmadd_ps(a[0], b[0], first), _mm256_fmadd_ps(a[1], b[1], second)] })
    }

    #[inline(always)]
    fn store(self, line: &mut [f32; LANES]) {
        let (halves, _) = line.as_chunks_mut::<8>();
        for (half, register) in halves.iter_mut().zip(self.0) {
            // SAFETY: this processor has AVX2 (see above); a half is eight numbers.
            unsafe { _mm256_storeu_ps(half.as_mut_ptr(), register) };
        }
    }
}

impl Register for Avx2 {
    // 12 of 16 registers are sums.
    const ROWS: usize = 6;
    const LINES: usize = 1;
    type Narrow = Narrow;

    #[inline(always)]
    fn load_tail(tail: &[f32], Self(filler): Self) -> Self {
        debug_assert!(tail.len() < LANES);
        let halves = tail.split_at_checked(8).unwrap_or((tail, &[]));
        let half = |half: &[f32], filler| {
            // As many that are all ones as there are numbers.
            let lanes = &LANES_OF[8 - half.len().min(8)..][..8];
            // SAFETY: this processor has AVX2 (see above); it reads where a lane is ones, and there are so many numbers.
            unsafe {
                let lanes = _mm256_loadu_si256(lanes.as_ptr().cast());
                _mm256_blendv_ps(filler, _mm256_maskload_ps(half.as_ptr(), lanes), _mm256_castsi256_ps(lanes))
            }
        };
        Self([half(halves.0, filler[0]), half(halves.1, filler[1])])
    }

    #[inline(always)]
    fn mul(self, Self(x): Self) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { [_mm256_mul_ps(self.0[0], x[0]), _mm256_mul_ps(self.0[1], x[1])] })
    }

    #[inline(always)]
    fn div(self, Self(x): Self) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { [_mm256_div_ps(self.0[0], x[0]), _mm256_div_ps(self.0[1], x[1])] })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { self.0.map(|half| _mm256_sqrt_ps(half)) })
    }

    #[inline(always)]
    fn add_absolute(self, Self(x): Self) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        unsafe {
            let sign = _mm256_set1_ps(-0.0);
            let absolute = x.map(|x| _mm256_andnot_ps(sign, x));
            Self([_mm256_add_ps(self.0[0], absolute[0]), _mm256_add_ps(self.0[1], absolute[1])])
        }
    }

    #[inline(always)]
    fn smaller(self, Self(x): Self) -> Self {
        // The instruction gives its second operand if either is NaN.
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { [_mm256_min_ps(x[0], self.0[0]), _mm256_min_ps(x[1], self.0[1])] })
    }

    #[inline(always)]
    fn larger(self, Self(x): Self) -> Self {
        // SAFETY: this processor has AVX2 (see above).
        Self(unsafe { [_mm256_max_ps(x[0], self.0[0]), _mm256_max_ps(x[1], self.0[1])] })
    }

    #[inline(always)]
    fn at_least(self, Self(bound): Self) -> u16 {
        let bits = |half: usize| {
            // SAFETY: this processor has AVX2 (see above).
            unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(self.0[half], bound[half])) }
        };
        (bits(0) | bits(1) << 8) as u16
    }

    #[inline(always)]
    fn interleave(self, Self(other): Self) -> [Self; 2] {
        let half = |half: usize| {
            // SAFETY: this processor has AVX2 (see above).
            unsafe {
                // In turns within each half of a register; then the halves are sorted.
                let low = _mm256_unpacklo_ps(self.0[half], other[half]);
                let high = _mm256_unpackhi_ps(self.0[half], other[half]);
                Self([_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)])
            }
        };
        [half(0), half(1)]
    }

    #[inline(always)]
    fn nonzero(self) -> u16 {
        let bits = |half: usize| {
            // SAFETY: this processor has AVX2 (see above).
            unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(self.0[half], _mm256_setzero_ps())) }
        };
        (bits(0) | bits(1) << 8) as u16
    }

    #[inline(always)]
    fn prefetch(values: &[f32]) {
        prefetch(values);
    }
}
