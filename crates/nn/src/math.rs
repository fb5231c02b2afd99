//! exp, tanh, ln and their kin without branches and calls, so that loops over them are vectorised.
//!
//! Each is within 2 units in the last place of the true value over the whole of f32, and the same to the last bit on
//! every instruction set: products and sums are rounded one by one everywhere. The polynomials are our own minimax fits
//! (Remez); the reductions are the usual ones (Muller, Elementary Functions, chapter 11).
//!
//! The build that checks gradients computes in f64 and takes the platform's functions.

pub(crate) use functions::{exp, exp_m1, ln, ln_1p_of_fraction, tanh};

#[cfg(feature = "f64")]
mod functions {
    pub(crate) fn exp(x: f64) -> f64 {
        x.exp()
    }
    pub(crate) fn exp_m1(x: f64) -> f64 {
        x.exp_m1()
    }
    pub(crate) fn tanh(x: f64) -> f64 {
        x.tanh()
    }
    pub(crate) fn ln(x: f64) -> f64 {
        x.ln()
    }
    pub(crate) fn ln_1p_of_fraction(x: f64) -> f64 {
        x.ln_1p()
    }
}

#[cfg(not(feature = "f64"))]
mod functions {
    use std::f32::consts::{LOG2_E, SQRT_2};

    /// Added and taken away, it rounds to a whole number, which stands in the lowest bits meanwhile.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts; the first has so few digits that its product with an exponent is exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    /// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, relative to e^r - 1 within 2^-31.
    const EXP: [f32; 6] = [0.5, 0.166_666_67, 0.041_666_35, 0.008_333_272, 0.001_394_114_8, 0.000_199_143_61];
    /// (tanh(x) / x - 1) / x^2 in powers of x^2, for |x| <= 0.55, relative to tanh(x) within 2^-29.
    const TANH: [f32; 5] = [-0.333_333_16, 0.133_325_86, -0.053_852_31, 0.021_071_674, -0.006_274_234];
    /// (2 atanh(s) / s - 2) / s^2 in powers of s^2, for |s| <= 1/3, within 2^-33.
    const ATANH: [f32; 5] = [0.666_666_75, 0.399_988_77, 0.286_168_84, 0.214_276_58, 0.243_009_33];

    #[inline(always)]
    fn polynomial<const N: usize>(coefficients: [f32; N], x: f32) -> f32 {
        let highest = coefficients[N - 1];
        coefficients.into_iter().rev().skip(1).fold(highest, |sum, c| sum * x + c)
    }

    #[inline(always)]
    fn power_of_two(exponent: i32) -> f32 {
        f32::from_bits((exponent + 127).cast_unsigned() << 23)
    }

    /// x = n ln 2 + r: n, and e^r - 1. `x` must lie within the exponents of f32, or be NaN.
    #[inline(always)]
    fn reduced(x: f32) -> (i32, f32) {
        let shifted = x * LOG2_E + ROUND;
        let n = shifted - ROUND;
        let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
        let n = shifted.to_bits().cast_signed().wrapping_sub(ROUND.to_bits().cast_signed());
        (n, r + r * r * polynomial(EXP, r))
    }

    /// `x` cut to the range, and NaN as it is.
    #[inline(always)]
    fn within(x: f32, low: f32, high: f32) -> f32 {
        let x = if x < low { low } else { x };
        if x > high { high } else { x }
    }

    /// e^x
    #[inline(always)]
    pub(crate) fn exp(x: f32) -> f32 {
        // At the ends the result is 0 and infinite.
        let (n, m1) = reduced(within(x, -104.0, 89.0));
        // In two steps, each of which is a float even where 2^n is not.
        let half = n >> 1;
        (1.0 + m1) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
    }

    /// e^x - 1
    #[inline(always)]
    pub(crate) fn exp_m1(x: f32) -> f32 {
        // 2^n (e^r - 1) + (2^n - 1), all halved, because 2^128 is no float. Tiny x are their own result: n is 0 there, and
        // adding and taking away a half would cost their digits.
        let (n, m1) = reduced(within(x, -20.0, 89.0));
        let half = power_of_two(n.wrapping_sub(1));
        let whole = 2.0 * (half * m1 + (half - 0.5));
        let result = if n == 0 { m1 } else { whole };
        result.copysign(x)
    }

    /// tanh(x)
    #[inline(always)]
    pub(crate) fn tanh(x: f32) -> f32 {
        let magnitude = x.abs();
        let squared = x * x;
        let small = x + x * squared * polynomial(TANH, squared);
        // Beyond 10 it is 1 to all digits.
        let large = 1.0 - 2.0 / (exp(within(2.0 * magnitude, 0.0, 20.0)) + 1.0);
        // Not below 0.55: NaN takes this way, too.
        let result = if magnitude < 0.55 { small } else { large };
        result.copysign(x)
    }

    /// 2 atanh(s) for |s| <= 1/3
    #[inline(always)]
    fn twice_atanh(s: f32) -> f32 {
        let squared = s * s;
        2.0 * s + s * squared * polynomial(ATANH, squared)
    }

    /// ln(1 + x) for x from 0 to 1; NaN of NaN.
    #[inline(always)]
    pub(crate) fn ln_1p_of_fraction(x: f32) -> f32 {
        twice_atanh(x / (2.0 + x))
    }

    /// ln(x); minus infinity of 0, NaN of what is negative.
    #[inline(always)]
    pub(crate) fn ln(x: f32) -> f32 {
        // Numbers too small to have all their digits are scaled by 2^24.
        let tiny = x < f32::MIN_POSITIVE;
        let scaled = if tiny { x * 16_777_216.0 } else { x };
        // x = 2^n m with m from 1/sqrt(2) to sqrt(2).
        let bits = scaled.to_bits();
        let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
        let above = mantissa > SQRT_2;
        let m = if above { 0.5 * mantissa } else { mantissa };
        let n = (bits >> 23).cast_signed() - 127 + i32::from(above) - if tiny { 24 } else { 0 };
        let n = n as f32;
        let result = n * LN_2_HIGH + (twice_atanh((m - 1.0) / (m + 1.0)) + n * LN_2_LOW);
        let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
        let result = if x == f32::INFINITY { x } else { result };
        if x >= 0.0 { result } else { f32::NAN }
    }
}

#[cfg(all(test, not(feature = "f64")))]
mod tests {
    use super::*;
    use crate::InstructionSet;
    use crate::kernels::{Kernel, Register};

    /// Every 1009th float, which passes through every exponent with 8,000 mantissas and more, and what stands out.
    fn floats() -> impl Iterator<Item = f32> {
        let special =
            [0.0, -0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::MIN, 88.72284, 88.7229, -103.97, -103.98, -87.4];
        (0..u32::MAX).step_by(1009).map(f32::from_bits).filter(|x| x.is_finite()).chain(special)
    }

    /// The distance of `ours` to the true value in units in the last place of a float of this size.
    fn ulps(ours: f32, truth: f64) -> f64 {
        let nearest = truth as f32;
        if ours == nearest || (ours.is_nan() && nearest.is_nan()) {
            return 0.0;
        }
        let below = f32::from_bits((truth.abs() as f32).to_bits().saturating_sub(1));
        let ulp = (f64::from(f32::from_bits(below.to_bits() + 1)) - f64::from(below)).max(2.0_f64.powi(-149));
        (f64::from(ours) - truth).abs() / ulp
    }

    fn worst(ours: impl Fn(f32) -> f32, truth: impl Fn(f64) -> f64, domain: impl Fn(f32) -> bool) -> (f64, f32) {
        floats()
            .filter(|x| domain(*x))
            .map(|x| (ulps(ours(x), truth(f64::from(x))), x))
            .fold((0.0, 0.0), |a, b| if b.0 > a.0 || b.0.is_nan() { b } else { a })
    }

    #[test]
    fn every_function_is_within_two_units_in_the_last_place_over_all_floats() {
        let all = |_| true;
        for (name, (ulps, at)) in [
            ("exp", worst(exp, f64::exp, all)),
            ("exp_m1", worst(exp_m1, f64::exp_m1, all)),
            ("tanh", worst(tanh, f64::tanh, all)),
            ("ln", worst(ln, f64::ln, all)),
            ("ln_1p", worst(ln_1p_of_fraction, f64::ln_1p, |x| (0.0..=1.0).contains(&x))),
        ] {
            assert!(ulps <= 2.0, "{name}({at:e}) is off by {ulps:.2} units");
        }
    }

    #[test]
    fn special_values_are_kept() {
        let inf = f32::INFINITY;
        assert_eq!([exp(inf), exp(-inf), exp(0.0)], [inf, 0.0, 1.0]);
        assert_eq!([exp_m1(inf), exp_m1(-inf), exp_m1(0.0)], [inf, -1.0, 0.0]);
        assert_eq!([tanh(inf), tanh(-inf), tanh(0.0)], [1.0, -1.0, 0.0]);
        assert_eq!([ln(inf), ln(0.0), ln(-0.0), ln(1.0)], [inf, -inf, -inf, 0.0]);
        assert!(tanh(-0.0).is_sign_negative() && exp_m1(-0.0).is_sign_negative());
        for function in [exp, exp_m1, tanh, ln, ln_1p_of_fraction] {
            assert!(function(f32::NAN).is_nan());
        }
        assert!(ln(-1.0).is_nan() && ln(-inf).is_nan());
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        struct All<'a>(&'a mut [f32]);
        impl Kernel for All<'_> {
            type Output = ();
            #[inline(always)]
            fn run<R: Register>(self) {
                for x in self.0 {
                    *x = exp(*x) + exp_m1(*x) + tanh(*x) + ln(*x) + ln_1p_of_fraction(x.abs().min(1.0));
                }
            }
        }
        let on = |set: InstructionSet| {
            let mut values: Vec<f32> = floats().step_by(7).collect();
            set.run(All(&mut values));
            values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let baseline = on(InstructionSet::Baseline);
        for set in InstructionSet::available() {
            assert!(on(set) == baseline, "{set}");
        }
    }
}
