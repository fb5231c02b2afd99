//! Expectations over normal variables, by Gauss-Legendre quadrature on panels.
//!
//! A panel never spans a kink, is never wider than two standard deviations nearby, and never wider than the distance
//! from zero at which activations bend (|z| = 1, 2, 4, ...). So twenty nodes give about fourteen digits on each,
//! for a standard deviation of 1e-13 as for one of 1e13.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Beyond nine standard deviations lies 2e-19 of the mass.
const REACH: f64 = 9.0;

/// Nodes and weights of a rule on [-1, 1].
pub(super) type Rule = [(f64, f64)];

/// For all that is single: about fourteen digits.
pub(super) static FINE: LazyLock<[(f64, f64); 20]> = LazyLock::new(legendre);
/// For double integrals of which there are a thousand: about seven digits at a sixth of the price.
pub(super) static COARSE: LazyLock<[(f64, f64); 8]> = LazyLock::new(legendre);

/// The zeros of the Legendre polynomial P, by Newton's method; weights are 2 / ((1 - x^2) P'(x)^2).
fn legendre<const N: usize>() -> [(f64, f64); N] {
    let polynomial = |x: f64| {
        let (mut below, mut here) = (1.0, x);
        for k in 2..=N {
            let k = k as f64;
            (below, here) = (here, ((2.0 * k - 1.0) * x * here - (k - 1.0) * below) / k);
        }
        (here, N as f64 * (x * here - below) / (x * x - 1.0))
    };
    std::array::from_fn(|i| {
        let mut x = -(PI * (i as f64 + 0.75) / (N as f64 + 0.5)).cos();
        for _ in 0..8 {
            let (value, slope) = polynomial(x);
            x -= value / slope;
        }
        let slope = polynomial(x).1;
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
}

/// A normal distribution, and where the functions to be averaged over it must be cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normal<'a> {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    /// Places in z where a function jumps or bends.
    pub(super) cuts: &'a [f64],
}

impl Normal<'_> {
    /// E of each of `values(x, z)`, for z = mean + deviation x and standard normal x.
    pub(super) fn expect<const N: usize>(&self, values: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
        self.expect_by(&*FINE, values)
    }

    fn expect_by<const N: usize>(&self, rule: &Rule, values: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        let edges = self.edges();
        for panel in edges.windows(2) {
            let (middle, half) = (0.5 * (panel[0] + panel[1]), 0.5 * (panel[1] - panel[0]));
            for (node, weight) in rule {
                let x = middle + half * node;
                let weight = weight * half * (-0.5 * x * x).exp();
                let values = values(x, self.mean + self.deviation * x);
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += weight * value;
                }
            }
        }
        sums.map(|sum| sum / (2.0 * PI).sqrt())
    }

    /// The edges of the panels in x, ascending.
    fn edges(&self) -> Vec<f64> {
        let mut edges = vec![-REACH, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, REACH];
        let mut cut = |z: f64| {
            let x = (z - self.mean) / self.deviation;
            if x.abs() < REACH {
                edges.push(x);
            }
        };
        cut(0.0);
        let mut bend = 1.0;
        while bend < self.mean.abs() + REACH * self.deviation {
            cut(bend);
            cut(-bend);
            bend *= 2.0;
        }
        self.cuts.iter().for_each(|z| cut(*z));
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges
    }
}

/// E[g(z1) g(z2)] of each g in `values`, for z1 and z2 of one mean, one variance and correlation `c` in [-1, 1]. `kinks`
/// are those of `values`.
///
/// One variable is averaged out given the other, which it follows with variance (1 - c^2) variance.
pub(super) fn expect_pair<const N: usize>(
    rule: &Rule,
    (mean, deviation): (f64, f64),
    c: f64,
    kinks: &[f64],
    values: impl Fn(f64) -> [f64; N],
) -> [f64; N] {
    let product = |a: [f64; N], b: [f64; N]| std::array::from_fn(|i| a[i] * b[i]);
    let given = ((1.0 - c) * (1.0 + c)).max(0.0).sqrt() * deviation;
    if given < 1e-9 * deviation {
        return Normal { mean, deviation, cuts: kinks }
            .expect_by(rule, |_, z| product(values(z), values(mean + c.signum() * (z - mean))));
    }
    // A kink becomes, in the average, a bend as wide as `given`; panels grow away from it.
    let mut cuts = kinks.to_vec();
    for kink in kinks {
        let middle = mean + (kink - mean) / c;
        let mut away = given / c.abs();
        while away < REACH * deviation {
            cuts.extend([middle - away, middle + away]);
            away *= 2.0;
        }
        cuts.push(middle);
    }
    Normal { mean, deviation, cuts: &cuts }.expect_by(rule, |_, z| {
        let other = Normal { mean: mean + c * (z - mean), deviation: given, cuts: kinks };
        product(values(z), other.expect_by(rule, |_, z| values(z)))
    })
}

#[cfg(test)]
mod tests {
    use headwater_nn::Activation;

    use super::super::curve;
    use super::*;

    fn close(ours: f64, exact: f64) -> bool {
        (ours / exact - 1.0).abs() < 1e-10
    }

    fn pair(rule: &Rule, activation: Activation, mean: f64, variance: f64, c: f64) -> [f64; 2] {
        let values = |z| curve::value_and_slope(activation, z).into();
        expect_pair(rule, (mean, variance.sqrt()), c, curve::kinks(activation), values)
    }

    #[test]
    fn powers_have_the_moments_of_the_normal_distribution() {
        let [one, second, fourth, eighth] =
            Normal { mean: 0.0, deviation: 0.3, cuts: &[] }.expect(|_, z| [1.0, z.powi(2), z.powi(4), z.powi(8)]);
        assert!(close(one, 1.0) && close(second, 0.09) && close(fourth, 3.0 * 0.0081));
        assert!(close(eighth, 105.0 * 0.09_f64.powi(4)));
    }

    /// E|z| = s sqrt(2 / pi) and P(|z| < 1) = erf(1 / (s sqrt(2))) for a standard deviation s.
    #[test]
    fn kinks_and_jumps_cost_no_digits() {
        for deviation in [1e-6, 1e-3, 0.2, 1.0, 7.0, 1e4, 1e12] {
            let normal = Normal { mean: 0.0, deviation, cuts: &[-1.0, 1.0] };
            let [absolute, inside] = normal.expect(|_, z| [z.abs(), f64::from(u8::from(z.abs() < 1.0))]);
            assert!(close(absolute, deviation * (2.0 / PI).sqrt()), "{deviation}: {absolute}");
            let exact = libm::erf(1.0 / (deviation * 2.0_f64.sqrt()));
            assert!(close(inside, exact), "{deviation}: {inside}, not {exact}");
        }
    }

    #[test]
    fn a_mean_moves_the_cuts_with_it() {
        for mean in [-20.0, -0.7, 0.0, 0.1, 3.0] {
            let [above] = Normal { mean, deviation: 2.0, cuts: &[0.0] }.expect(|_, z| [z.max(0.0)]);
            let x = mean / 2.0;
            let exact = mean * 0.5 * libm::erfc(-x / 2.0_f64.sqrt()) + 2.0 * (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
            assert!((above - exact).abs() < 1e-15 + 1e-10 * exact, "{mean}: {above}, not {exact}");
        }
    }

    /// Cho and Saul, 2009: the kernels of degree 0 and 1 are those of a rectifier's slope and value.
    #[test]
    fn pairs_of_rectifiers_give_the_arc_cosine_kernels() {
        for c in [-1.0, -0.9, -0.3, 0.01, 0.5, 0.99, 0.999_999, 1.0_f64] {
            let [values, slopes] = pair(&*FINE, Activation::Relu, 0.0, 3.0, c);
            let angle = c.acos();
            let exact = 3.0 * (angle.sin() + (PI - angle) * c) / (2.0 * PI);
            assert!((values - exact).abs() < 1e-10, "{c}: {values}, not {exact}");
            let exact = (PI - angle) / (2.0 * PI);
            assert!((slopes - exact).abs() < 1e-10, "{c}: {slopes}, not {exact}");
        }
    }

    /// Price's theorem: d/dc E[f f] = variance E[f' f'].
    #[test]
    fn the_mean_product_of_slopes_is_the_derivative_of_the_mean_product_of_values() {
        for activation in Activation::ALL {
            for (variance, c) in [(0.3, 0.2), (1.0, 0.9), (9.0, 0.99)] {
                let h = 1e-4 * (1.0 - c);
                let [above, below] = [c + h, c - h].map(|c| pair(&*FINE, activation, 0.2, variance, c)[0]);
                let derivative = (above - below) / (2.0 * h * variance);
                let slopes = pair(&*FINE, activation, 0.2, variance, c)[1];
                assert!((derivative - slopes).abs() < 1e-6, "{activation}, {c}: {derivative}, not {slopes}");
            }
        }
    }

    #[test]
    fn the_coarse_rule_agrees_with_the_fine_one_to_seven_digits() {
        for activation in Activation::ALL {
            for (mean, variance, c) in [(0.0, 0.3, 0.2), (0.2, 1.0, 0.9), (0.0, 20.0, 0.999), (0.0, 400.0, -0.5)] {
                let [fine] = [pair(&*FINE, activation, mean, variance, c)[0]];
                let [coarse] = [pair(&*COARSE, activation, mean, variance, c)[0]];
                let size = pair(&*FINE, activation, mean, variance, 1.0)[0];
                assert!((fine - coarse).abs() < 1e-7 * size, "{activation}, {variance}, {c}: {coarse}, not {fine}");
            }
        }
    }
}
