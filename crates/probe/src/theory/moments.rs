//! What one layer's activation does to a normal pre-activation: moments of f(z) and f'(z), z ~ N(mean, q).
//!
//! q is given and moments are returned as natural logarithms, because a thousand layers multiply up to numbers that
//! no float holds. Where q is beyond all bends of f, exact limits take the place of integrals.

use std::f64::consts::PI;

use headwater_nn::{Activation, Real};

use super::curve::{self, Slopes};
use super::gaussian::Normal;

/// |ln q| up to which integrals are taken; at exp(-60) f is straight to thirteen digits, at exp(60) its bends are
/// that narrow.
const LN_RANGE: f64 = 60.0;

/// Moments of a = f(z) and f'(z) for z ~ N(mean, q).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// ln E[f^2].
    pub ln_square: f64,
    /// ln E[f'^2].
    pub ln_slope_square: f64,
    /// `E[f] / sqrt(E[f^2])`, in -1 to 1.
    pub mean_share: f64,
    /// E[f^4] / E[f^2]^2.
    pub kurtosis: f64,
    /// E[f'^4] / E[f'^2]^2.
    pub slope_kurtosis: f64,
    /// E[f^2 f'^2] / (E[f^2] E[f'^2]).
    pub joint: f64,
    /// d ln E[f^2] / d ln q.
    pub exponent: f64,
    /// d ln E[f'^2] / d ln q.
    pub slope_exponent: f64,
}

impl Moments {
    /// In place of moments that are yet to be computed.
    pub(super) const EMPTY: Self = Self {
        ln_square: f64::NAN,
        ln_slope_square: f64::NAN,
        mean_share: f64::NAN,
        kurtosis: f64::NAN,
        slope_kurtosis: f64::NAN,
        joint: f64::NAN,
        exponent: f64::NAN,
        slope_exponent: f64::NAN,
    };

    /// The moments for z ~ N(`mean`, exp(`ln_q`)).
    pub fn new(activation: Activation, mean: f64, ln_q: f64) -> Self {
        if mean == 0.0 {
            if let Some(slopes) = curve::homogeneous(activation) {
                return Self::of_slopes(slopes, ln_q);
            }
            if ln_q < -LN_RANGE && curve::value_and_slope(activation, 0.0).0 == 0.0 {
                return Self::of_slopes(curve::slopes_at_zero(activation), ln_q);
            }
        }
        if ln_q < -LN_RANGE {
            return Self::of_point(activation, mean);
        }
        if ln_q <= LN_RANGE {
            return Self::of_integrals(activation, mean, ln_q);
        }
        let slopes = curve::slopes_far_out(activation);
        if slopes != [0.0, 0.0] {
            return Self::of_slopes(slopes, ln_q);
        }
        // z is hardly ever where f' is not 0: the share of such z falls as 1 / sqrt(q).
        let edge = Self::of_integrals(activation, mean, LN_RANGE);
        let beyond = 0.5 * (ln_q - LN_RANGE);
        Self {
            ln_slope_square: edge.ln_slope_square - beyond,
            slope_kurtosis: edge.slope_kurtosis * beyond.exp(),
            exponent: 0.0,
            slope_exponent: -0.5,
            ..edge
        }
    }

    /// The moments for z of standard deviation exp(`ln_q` / 2) and a mean of `shift` times that, however large or small.
    pub(super) fn shifted(activation: Activation, shift: f64, ln_q: f64) -> Self {
        let here = Place::new(activation, shift, ln_q);
        let moments = Self::new(here.activation, here.mean, here.ln_q);
        Self {
            ln_square: moments.ln_square + here.ln_square,
            ln_slope_square: moments.ln_slope_square + here.ln_slope_square,
            ..moments
        }
    }

    fn of_integrals(activation: Activation, mean: f64, ln_q: f64) -> Self {
        let normal = Normal { mean, deviation: (0.5 * ln_q).exp(), cuts: curve::kinks(activation) };
        let [first, square, slope_square, fourth, slope_fourth, joint, by_q, slope_by_q] = normal.expect(|x, z| {
            let (a, slope) = curve::value_and_slope(activation, z);
            let (square, slope_square) = (a * a, slope * slope);
            // d/d ln q E[g(z)] = E[g(z) (x^2 - 1)] / 2: it is the density that is differentiated, so g may jump.
            let score = 0.5 * (x * x - 1.0);
            [
                a,
                square,
                slope_square,
                square * square,
                slope_square * slope_square,
                square * slope_square,
                square * score,
                slope_square * score,
            ]
        });
        Self {
            ln_square: square.ln(),
            ln_slope_square: slope_square.ln(),
            mean_share: first / square.sqrt(),
            kurtosis: fourth / (square * square),
            slope_kurtosis: slope_fourth / (slope_square * slope_square),
            joint: joint / (square * slope_square),
            exponent: by_q / square,
            slope_exponent: slope_by_q / slope_square,
        }
    }

    /// f(z) = left z for z < 0, right z for z > 0, where mean is 0.
    fn of_slopes([left, right]: Slopes, ln_q: f64) -> Self {
        let square = 0.5 * (left * left + right * right);
        let fourth = 0.5 * (left.powi(4) + right.powi(4)) / (square * square);
        Self {
            ln_square: square.ln() + ln_q,
            ln_slope_square: square.ln(),
            mean_share: (right - left) / (2.0 * PI * square).sqrt(),
            kurtosis: 3.0 * fourth,
            slope_kurtosis: fourth,
            joint: fourth,
            exponent: 1.0,
            slope_exponent: 0.0,
        }
    }

    /// All z the same.
    fn of_point(activation: Activation, z: f64) -> Self {
        let (a, slope) = curve::value_and_slope(activation, z);
        Self {
            ln_square: (a * a).ln(),
            ln_slope_square: (slope * slope).ln(),
            mean_share: a.signum(),
            kurtosis: 1.0,
            slope_kurtosis: 1.0,
            joint: 1.0,
            exponent: 0.0,
            slope_exponent: 0.0,
        }
    }
}

/// Where to integrate instead of at a mean and a variance that floats do not hold.
pub(super) struct Place {
    pub(super) activation: Activation,
    pub(super) mean: f64,
    pub(super) ln_q: f64,
    /// What is then to be added to ln E[f^2].
    pub(super) ln_square: f64,
    /// What is then to be added to ln E[f'^2].
    pub(super) ln_slope_square: f64,
}

impl Place {
    /// For z of standard deviation exp(`ln_q` / 2) and a mean of `shift` times that.
    pub(super) fn new(activation: Activation, shift: f64, ln_q: f64) -> Self {
        let plain = |mean| Self { activation, mean, ln_q, ln_square: 0.0, ln_slope_square: 0.0 };
        if shift == 0.0 {
            return plain(0.0);
        }
        let slopes = curve::homogeneous(activation).or_else(|| {
            if ln_q > LN_RANGE {
                Some(curve::slopes_far_out(activation))
            } else if ln_q < -LN_RANGE && curve::value_and_slope(activation, 0.0).0 == 0.0 {
                Some(curve::slopes_at_zero(activation))
            } else {
                None
            }
        });
        match slopes {
            // A broken line looks the same at every scale.
            Some([left, right]) if right != 0.0 => Self {
                activation: Activation::LeakyRelu { slope: (left / right) as Real },
                mean: shift,
                ln_q: 0.0,
                ln_square: ln_q + 2.0 * right.ln(),
                ln_slope_square: 2.0 * right.ln(),
            },
            _ => plain(shift * (0.5 * ln_q).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(ours: f64, exact: f64) -> bool {
        (ours - exact).abs() <= 1e-10 * (1.0 + exact.abs())
    }

    #[test]
    fn broken_lines_have_the_moments_of_half_normals() {
        let relu = Moments::new(Activation::Relu, 0.0, 4.0_f64.ln());
        assert!(close(relu.ln_square.exp(), 2.0) && close(relu.ln_slope_square.exp(), 0.5));
        assert!(close(relu.mean_share, (2.0 / PI.sqrt() / 2.0_f64.sqrt()) / 2.0_f64.sqrt()));
        for activation in [Activation::Relu, Activation::LeakyRelu { slope: 0.25 }, Activation::Identity] {
            let (closed, integrated) =
                (Moments::new(activation, 0.0, 0.7), Moments::of_integrals(activation, 0.0, 0.7));
            for (closed, integrated) in [
                (closed.ln_square, integrated.ln_square),
                (closed.ln_slope_square, integrated.ln_slope_square),
                (closed.mean_share, integrated.mean_share),
                (closed.kurtosis, integrated.kurtosis),
                (closed.slope_kurtosis, integrated.slope_kurtosis),
                (closed.joint, integrated.joint),
                (closed.exponent, integrated.exponent),
                (closed.slope_exponent, integrated.slope_exponent),
            ] {
                assert!(close(closed, integrated), "{activation}: {closed}, {integrated}");
            }
        }
    }

    /// For hard tanh, E[f'^2] = erf(1 / sqrt(2 q)) and E[f^2] = q (erf - 2 density / sqrt(q)) + 1 - erf.
    #[test]
    fn a_cut_off_line_has_the_moments_of_the_truncated_normal() {
        for q in [1e-3, 0.1, 1.0, 30.0, 1e9] {
            let moments = Moments::new(Activation::HardTanh, 0.0, f64::ln(q));
            let inside = libm::erf((2.0 * q).sqrt().recip());
            assert!(close(moments.ln_slope_square.exp(), inside));
            let square = q * inside - 2.0 * (q / (2.0 * PI)).sqrt() * (-0.5 / q).exp() + (1.0 - inside);
            assert!(close(moments.ln_square.exp(), square), "{q}");
        }
    }

    /// The trapezoidal rule converges geometrically for analytic functions: a reference that shares nothing with the
    /// panels. Its step resolves the logistic curve at every q here.
    #[test]
    fn smooth_curves_agree_with_another_rule_to_ten_digits() {
        for activation in
            [Activation::Sigmoid, Activation::Tanh, Activation::Gelu, Activation::Silu, Activation::Softplus]
        {
            for (mean, q) in [(0.0, 0.01_f64), (0.0, 1.0), (0.3, 3.0), (0.0, 100.0)] {
                let moments = Moments::new(activation, mean, q.ln());
                let (mut square, mut slope_square) = (0.0, 0.0);
                let step = 1.0 / 512.0;
                for x in (-5120..=5120).map(|i| f64::from(i) * step) {
                    let weight = step * (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                    let (a, slope) = curve::value_and_slope(activation, mean + q.sqrt() * x);
                    square += weight * a * a;
                    slope_square += weight * slope * slope;
                }
                assert!((moments.ln_square - square.ln()).abs() < 1e-10, "{activation}, {q}");
                assert!((moments.ln_slope_square - slope_square.ln()).abs() < 1e-10, "{activation}', {q}");
            }
        }
    }

    #[test]
    fn exponents_are_logarithmic_derivatives() {
        for activation in Activation::ALL {
            for ln_q in [-3.0, 0.0, 2.5] {
                let at = |ln_q| Moments::new(activation, 0.1, ln_q);
                let (above, below, here) = (at(ln_q + 1e-4), at(ln_q - 1e-4), at(ln_q));
                assert!(((above.ln_square - below.ln_square) / 2e-4 - here.exponent).abs() < 1e-6, "{activation}");
                let slope = (above.ln_slope_square - below.ln_slope_square) / 2e-4;
                assert!((slope - here.slope_exponent).abs() < 1e-6, "{activation}: {slope}, {}", here.slope_exponent);
            }
        }
    }

    #[test]
    fn limits_join_the_integrals_without_a_step_and_hold_beyond_all_floats() {
        for activation in Activation::ALL {
            for edge in [-LN_RANGE, LN_RANGE] {
                let [inside, outside] = [edge * 0.999_999, edge * 1.000_001].map(|ln_q| {
                    let moments = Moments::new(activation, 0.0, ln_q);
                    (
                        moments.ln_square - moments.exponent * (ln_q - edge),
                        moments.ln_slope_square - moments.slope_exponent * (ln_q - edge),
                    )
                });
                assert!((inside.0 - outside.0).abs() < 1e-9, "{activation} at {edge}: {inside:?}, {outside:?}");
                assert!((inside.1 - outside.1).abs() < 1e-9, "{activation} at {edge}: {inside:?}, {outside:?}");
            }
            for ln_q in [-5000.0, 5000.0] {
                let moments = Moments::new(activation, 0.0, ln_q);
                assert!(moments.ln_square.is_finite() && moments.ln_slope_square.is_finite(), "{activation} at {ln_q}");
            }
        }
    }
}
