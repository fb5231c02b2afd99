//! What one layer's activation does to a pair of normal pre-activations, those of two samples.

use std::f64::consts::PI;

use headwater_nn::Activation;

use super::curve::{self, Slopes};
use super::gaussian::{COARSE, FINE, Rule, expect_pair};
use super::moments::{Moments, Place};

/// |ln q| up to which integrals are taken: five digits are enough, and the integrals are double.
const LN_RANGE: f64 = 30.0;

/// What f keeps in common of z1, z2 ~ N(mean, q) of correlation c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// E[f(z1) f(z2)] / E[f^2].
    pub(super) values: f64,
    /// E[f'(z1)^2 f'(z2)^2] / E[f'^2]^2: from 1, for independent slopes, to their kurtosis, for the same.
    pub(super) slope_squares: f64,
}

impl Pair {
    /// For z of standard deviation exp(`ln_q` / 2), mean `shift` times that, and `moments` there; to about seven digits.
    pub(super) fn new(activation: Activation, shift: f64, ln_q: f64, c: f64, moments: &Moments) -> Self {
        if c == 1.0 {
            return Self { values: 1.0, slope_squares: moments.slope_kurtosis };
        }
        if shift == 0.0
            && let Some(values) = values_in_the_limit(activation, ln_q, c)
        {
            return Self { values, slope_squares: slope_squares_in_the_limit(activation, ln_q, c, moments) };
        }
        let here = Place::new(activation, shift, ln_q);
        let functions = |z| {
            let (a, slope) = curve::value_and_slope(here.activation, z);
            [a, slope * slope]
        };
        let normal = (here.mean, (0.5 * here.ln_q).exp());
        let [values, slope_squares] = expect_pair(&*COARSE, normal, c, curve::kinks(here.activation), functions);
        Self {
            values: values / (moments.ln_square - here.ln_square).exp(),
            slope_squares: slope_squares / (2.0 * (moments.ln_slope_square - here.ln_slope_square)).exp(),
        }
    }
}

/// E[f(z1) f(z2)] / E[f^2] for z1, z2 ~ N(0, exp(`ln_q`)) of correlation `c`, to ten digits.
pub(super) fn value_correlation(activation: Activation, ln_q: f64, c: f64) -> f64 {
    values_in_the_limit(activation, ln_q, c).unwrap_or_else(|| {
        let values = |z| [curve::value_and_slope(activation, z).0];
        let rule: &Rule = &*FINE;
        let [product] = expect_pair(rule, (0.0, (0.5 * ln_q).exp()), c, curve::kinks(activation), values);
        product / Moments::new(activation, 0.0, ln_q).ln_square.exp()
    })
}

/// The slopes that f has wherever z is likely to be, if it has only two.
fn slopes(activation: Activation, ln_q: f64) -> Option<Slopes> {
    curve::homogeneous(activation).or_else(|| {
        if ln_q < -LN_RANGE {
            Some(curve::slopes_at_zero(activation))
        } else {
            Some(curve::slopes_far_out(activation)).filter(|slopes| ln_q > LN_RANGE && *slopes != [0.0, 0.0])
        }
    })
}

/// E[f(z1) f(z2)] / E[f^2] where no integral is needed.
fn values_in_the_limit(activation: Activation, ln_q: f64, c: f64) -> Option<f64> {
    if ln_q < -LN_RANGE && curve::value_and_slope(activation, 0.0).0 != 0.0 {
        return Some(1.0);
    }
    if let Some(slopes) = slopes(activation, ln_q) {
        return Some(products_of_slopes(slopes, c)[0]);
    }
    // A step from `low` to `high`; E[sign sign] = (2 / pi) arcsin(c).
    let [low, high] = curve::values_far_out(activation);
    let (even, odd) = (0.25 * (high + low).powi(2), 0.25 * (high - low).powi(2));
    (ln_q > LN_RANGE).then(|| (even + odd * c.asin() * 2.0 / PI) / (even + odd))
}

/// E[f'(z1)^2 f'(z2)^2] / E[f'^2]^2 there.
fn slope_squares_in_the_limit(activation: Activation, ln_q: f64, c: f64, moments: &Moments) -> f64 {
    if let Some([left, right]) = slopes(activation, ln_q) {
        let (left, right) = (left * left, right * right);
        return 1.0 + ((right - left) / (right + left)).powi(2) * c.asin() * 2.0 / PI;
    }
    // f' is not 0 only near 0, where the density of the pair is 1 / sqrt(1 - c^2) times that of two independent ones.
    ((1.0 - c) * (1.0 + c)).sqrt().recip().min(moments.slope_kurtosis)
}

/// E[f'(z1) f'(z2)] for z1, z2 ~ N(0, `q`) of correlation `c`, by which d E[f(z1) f(z2)] / dc = q times this.
pub(super) fn slope_product(activation: Activation, q: f64, c: f64) -> f64 {
    if let Some(slopes) = curve::homogeneous(activation) {
        return products_of_slopes(slopes, c)[1];
    }
    let slopes = |z| [curve::value_and_slope(activation, z).1];
    expect_pair(&*FINE, (0.0, q.sqrt()), c, curve::kinks(activation), slopes)[0]
}

/// E[f(z1) f(z2)] / E[f^2] and E[f'(z1) f'(z2)] of an activation of two slopes, whatever the variance.
///
/// It is (sum |z| + difference z) / 2 in the two slopes. With E|z1 z2| = (2 q / pi) (sqrt(1 - c^2) + c arcsin(c)) that
/// gives the arc-cosine kernels of Cho and Saul, 2009.
fn products_of_slopes([left, right]: Slopes, c: f64) -> [f64; 2] {
    let (odd, even) = (0.25 * (right + left).powi(2), 0.25 * (right - left).powi(2));
    let absolute = (((1.0 - c) * (1.0 + c)).max(0.0).sqrt() + c * c.asin()) * 2.0 / PI;
    [(odd * c + even * absolute) / (odd + even), odd + even * c.asin() * 2.0 / PI]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(activation: Activation, ln_q: f64, c: f64) -> Pair {
        Pair::new(activation, 0.0, ln_q, c, &Moments::new(activation, 0.0, ln_q))
    }

    #[test]
    fn limits_join_the_integrals_without_a_step() {
        for activation in Activation::ALL {
            for edge in [-LN_RANGE, LN_RANGE] {
                let [inside, outside] = [0.999, 1.001].map(|side| pair(activation, edge * side, 0.7));
                for (inside, outside) in
                    [(inside.values, outside.values), (inside.slope_squares, outside.slope_squares)]
                {
                    assert!((inside - outside).abs() < 2e-5, "{activation} at {edge}: {inside}, {outside}");
                }
            }
        }
    }

    #[test]
    fn a_pair_has_in_common_nothing_at_correlation_0_and_everything_at_1() {
        for activation in Activation::ALL {
            for ln_q in [-40.0, -1.0, 2.0, 40.0] {
                let moments = Moments::new(activation, 0.0, ln_q);
                let [apart, same, almost] = [0.0, 1.0, 1.0 - 1e-12].map(|c| pair(activation, ln_q, c));
                assert!((apart.values - moments.mean_share.powi(2)).abs() < 1e-6, "{activation}, {ln_q}: {apart:?}");
                assert!((apart.slope_squares - 1.0).abs() < 1e-6, "{activation}, {ln_q}: {apart:?}");
                assert!((same.values - almost.values).abs() < 1e-5, "{activation}, {ln_q}: {almost:?}");
                let off = (same.slope_squares - almost.slope_squares).abs();
                assert!(
                    off < 1e-4 * same.slope_squares || ln_q > LN_RANGE,
                    "{activation}, {ln_q}: {same:?}, {almost:?}"
                );
            }
        }
    }
}
