//! The mean-field theory of an endless network of equal, wide, dense layers.
//!
//! A pre-activation is a sum of many independent terms, so it is normal: z ~ N(0, q). From layer to layer
//!
//! ```text
//! q    ->  V(q) = sigma_w^2 E[f(z)^2] + sigma_b^2                  Poole et al., 2016
//! c    ->  C(c) = (sigma_w^2 E[f(z1) f(z2)] + sigma_b^2) / q*      z1, z2 of correlation c, at V(q*) = q*
//! |delta|^2 grows, towards the input, by chi_1 = sigma_w^2 E[f'(z)^2] = C'(1)
//! ```
//!
//! with `sigma_w^2` = fan-in times the variance of a weight, and `sigma_b^2` the variance of a bias. Distances from the
//! fixed points shrink as exp(-l / xi) over l layers: 1 / `xi_q` = -ln V'(q*), 1 / `xi_c` = -ln C'(c*) (Schoenholz et
//! al., 2017).

use headwater_nn::Activation;

use super::curve::{self, Slopes};
use super::moments::Moments;
use super::pair::{slope_product, value_correlation};

/// |ln q| beyond which a network has run away or died out: there an activation is piecewise linear or a step, so
/// nothing will call it back.
const LN_END: f64 = 60.0;

/// Equal layers on end: what the variance of the pre-activation, and the correlation between two inputs, become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceMap {
    /// The layers' f.
    pub activation: Activation,
    /// Fan-in times the variance of a weight.
    pub sigma_w2: f64,
    /// The variance of a bias.
    pub sigma_b2: f64,
}

/// Where the variance of the pre-activation goes, layer after layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FixedPoint {
    /// It dies out.
    Zero,
    /// It comes to this q*.
    At(f64),
    /// It stays what it is: the critical initialisation of a piecewise linear activation.
    Anywhere,
    /// It grows without end.
    Infinity,
}

impl VarianceMap {
    /// V(q), the variance of the pre-activation one layer further up.
    pub fn q(&self, q: f64) -> f64 {
        self.sigma_w2 * Moments::new(self.activation, 0.0, q.ln()).ln_square.exp() + self.sigma_b2
    }

    /// ln V(q) - ln q at ln q.
    fn ln_growth(&self, ln_q: f64) -> f64 {
        let ln_square = Moments::new(self.activation, 0.0, ln_q).ln_square;
        ln_sum(self.sigma_w2.ln() + ln_square, self.sigma_b2.ln()) - ln_q
    }

    /// Where q goes from q = 1.
    pub fn fixed_point(&self) -> FixedPoint {
        self.fixed_point_from(1.0)
    }

    /// Where q goes from `start` > 0. There can be several fixed points: GELU dies out from small and runs away from
    /// large q.
    pub fn fixed_point_from(&self, start: f64) -> FixedPoint {
        if let Some(slopes) = curve::homogeneous(self.activation) {
            return self.fixed_point_of_slopes(slopes);
        }
        let mut ln_q = start.ln();
        let growth = self.ln_growth(ln_q);
        if growth.abs() < 1e-13 {
            return FixedPoint::At(start);
        }
        // V is increasing in q for every activation here, so q moves towards the next fixed point and never past it.
        let step = 0.25_f64.copysign(growth);
        while self.ln_growth(ln_q + step) * growth > 0.0 {
            ln_q += step;
            if ln_q.abs() > LN_END {
                return if growth > 0.0 { FixedPoint::Infinity } else { FixedPoint::Zero };
            }
        }
        FixedPoint::At(root(|ln_q| self.ln_growth(ln_q), ln_q, ln_q + step).exp())
    }

    /// V(q) = gain q + `sigma_b^2`.
    fn fixed_point_of_slopes(&self, [left, right]: Slopes) -> FixedPoint {
        let gain = self.sigma_w2 * 0.5 * (left * left + right * right);
        if (gain - 1.0).abs() < 1e-12 {
            if self.sigma_b2 == 0.0 { FixedPoint::Anywhere } else { FixedPoint::Infinity }
        } else if gain > 1.0 {
            FixedPoint::Infinity
        } else if self.sigma_b2 == 0.0 {
            FixedPoint::Zero
        } else {
            FixedPoint::At(self.sigma_b2 / (1.0 - gain))
        }
    }

    /// `chi_1` at the variance `q`: the factor by which the mean square of delta grows from a layer to the one below.
    pub fn chi_1(&self, q: f64) -> f64 {
        self.sigma_w2 * Moments::new(self.activation, 0.0, q.ln()).ln_slope_square.exp()
    }

    /// `chi_1` where the variance goes from 1, however far that is.
    pub fn chi_1_at_fixed_point(&self) -> f64 {
        self.chi_1(match self.fixed_point() {
            FixedPoint::Zero => 0.0,
            FixedPoint::At(q) => q,
            FixedPoint::Anywhere => 1.0,
            FixedPoint::Infinity => f64::INFINITY,
        })
    }

    /// V'(q).
    pub fn q_slope(&self, q: f64) -> f64 {
        let ln_q = q.max(f64::MIN_POSITIVE).ln();
        let moments = Moments::new(self.activation, 0.0, ln_q);
        moments.exponent * self.sigma_w2 * (moments.ln_square - ln_q).exp()
    }

    /// The depth over which a deviation from `q_star` shrinks by e; infinite where V' = 1, negative where it grows.
    pub fn xi_q(&self, q_star: f64) -> f64 {
        depth_scale(self.q_slope(q_star))
    }

    /// C(c): the correlation one layer further up of two inputs whose pre-activations have variance `q_star` each and
    /// correlation `c`.
    pub fn c(&self, q_star: f64, c: f64) -> f64 {
        let ln_q = q_star.ln();
        let ln_signal = self.sigma_w2.ln() + Moments::new(self.activation, 0.0, ln_q).ln_square;
        let ln_whole = ln_sum(ln_signal, self.sigma_b2.ln());
        let common = (self.sigma_b2.ln() - ln_whole).exp();
        common + (1.0 - common) * value_correlation(self.activation, ln_q, c)
    }

    /// C'(c) = `sigma_w^2` E[f'(z1) f'(z2)] where V(q*) = q*.
    pub fn c_slope(&self, q_star: f64, c: f64) -> f64 {
        self.sigma_w2 * slope_product(self.activation, q_star, c)
    }

    /// The correlation c* to which two different inputs come: 1 where `chi_1` <= 1, below 1 in the chaotic phase.
    ///
    /// C is a power series in c with no negative coefficient, so convex on [0, 1]; Newton's method from 0 climbs to the
    /// smallest root of C(c) = c and never past it.
    pub fn c_star(&self, q_star: f64) -> f64 {
        if self.chi_1(q_star) <= 1.0 + 1e-12 {
            return 1.0;
        }
        let mut c = 0.0;
        for _ in 0..100 {
            let step = (self.c(q_star, c) - c) / (1.0 - self.c_slope(q_star, c));
            if step.abs() < 1e-13 || step.is_nan() {
                break;
            }
            c = (c + step).min(1.0);
        }
        c
    }

    /// The depth over which what tells two inputs apart comes e times closer to what it will be for ever: how deep
    /// information about the input reaches. Infinite at the edge of chaos.
    pub fn xi_c(&self, q_star: f64) -> f64 {
        let c_star = self.c_star(q_star);
        depth_scale(if c_star == 1.0 { self.chi_1(q_star) } else { self.c_slope(q_star, c_star) })
    }
}

fn depth_scale(factor: f64) -> f64 {
    -1.0 / factor.ln()
}

/// Where an activation is critical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Critical {
    /// Fan-in times the variance of a weight.
    pub sigma_w2: f64,
    /// The variance to which the pre-activation goes; 0 where it falls to 0 slower than exponentially, NaN where it
    /// stays what it is or grows with the biases.
    pub q_star: f64,
}

/// The `sigma_w^2` for which `chi_1` = 1 at a fixed point that attracts, so that neither signal nor gradient grows or
/// shrinks exponentially: the edge of chaos (Schoenholz et al., 2017). The one with the smallest q*; none where the
/// activation has none.
///
/// A piecewise linear activation of slopes a and 1 is critical at 2 / (1 + a^2) (He et al., 2015).
pub fn critical(activation: Activation, sigma_b2: f64) -> Option<Critical> {
    if let Some([left, right]) = curve::homogeneous(activation) {
        return Some(Critical { sigma_w2: 2.0 / (left * left + right * right), q_star: f64::NAN });
    }
    // At a fixed point q, sigma_w^2 = (q - sigma_b^2) / E[f^2], so chi_1 is a function of q alone.
    let at = |ln_excess: f64| {
        let ln_q = ln_sum(ln_excess, sigma_b2.ln());
        let moments = Moments::new(activation, 0.0, ln_q);
        let sigma_w2 = (ln_excess - moments.ln_square).exp();
        (ln_excess + moments.ln_slope_square - moments.ln_square, sigma_w2, ln_q)
    };
    let attracts = |sigma_w2, ln_q: f64| VarianceMap { activation, sigma_w2, sigma_b2 }.q_slope(ln_q.exp()) < 1.0;
    if sigma_b2 == 0.0 && curve::value_and_slope(activation, 0.0).0 == 0.0 {
        // Straight near 0: chi_1 = 1 in the limit q -> 0, which attracts if f bends down from there.
        let (_, sigma_w2, _) = at(-LN_END);
        if (VarianceMap { activation, sigma_w2, sigma_b2 }).ln_growth(-6.0) < 0.0 {
            return Some(Critical { sigma_w2, q_star: 0.0 });
        }
    }
    // Each number is an integral: ln chi_1 is smooth, and no activation known here has two zeros this near each other.
    let step = 0.25;
    let mut ln_excess = -20.0;
    let mut below = at(ln_excess).0;
    while ln_excess < 20.0 {
        let above = at(ln_excess + step).0;
        if below * above < 0.0 {
            let (_, sigma_w2, ln_q) = at(root(|ln_excess| at(ln_excess).0, ln_excess, ln_excess + step));
            if attracts(sigma_w2, ln_q) {
                return Some(Critical { sigma_w2, q_star: ln_q.exp() });
            }
        }
        ln_excess += step;
        below = above;
    }
    None
}

/// ln(exp(a) + exp(b)); either may be minus infinity.
pub(super) fn ln_sum(a: f64, b: f64) -> f64 {
    let (high, low) = (a.max(b), a.min(b));
    if high == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The zero of `f` between `a` and `b`, where it has different signs, to the last digits: bisection.
fn root(f: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let sign = f(a).signum();
    for _ in 0..60 {
        let middle = 0.5 * (a + b);
        if f(middle) * sign > 0.0 { a = middle } else { b = middle }
    }
    0.5 * (a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(activation: Activation, sigma_w2: f64, sigma_b2: f64) -> VarianceMap {
        VarianceMap { activation, sigma_w2, sigma_b2 }
    }

    fn q_star(map: VarianceMap) -> f64 {
        let FixedPoint::At(q) = map.fixed_point() else { panic!("{map:?} goes to {:?}", map.fixed_point()) };
        assert!((map.q(q) / q - 1.0).abs() < 1e-10, "{map:?}: {q}");
        q
    }

    #[test]
    fn sigmoid_under_glorot_keeps_a_quarter_of_the_delta() {
        let map = map(Activation::Sigmoid, 1.0, 0.0);
        let q = q_star(map);
        assert!((q - 0.265).abs() < 5e-4, "{q}");
        assert!((map.chi_1(q).sqrt() - 0.236).abs() < 5e-4, "{}", map.chi_1(q).sqrt());
    }

    /// He et al., 2015: variance 2 / fan-in keeps the signal; Xavier's 1 / fan-in halves it, delta falls by sqrt(2).
    #[test]
    fn rectifiers_keep_their_scale_under_he_and_lose_it_under_glorot() {
        let he = map(Activation::Relu, 2.0, 0.0);
        assert_eq!((he.fixed_point(), he.chi_1(0.3)), (FixedPoint::Anywhere, 1.0));
        let glorot = map(Activation::Relu, 1.0, 0.0);
        assert_eq!(glorot.fixed_point(), FixedPoint::Zero);
        assert!((glorot.chi_1_at_fixed_point().sqrt() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(map(Activation::Relu, 2.0, 0.1).fixed_point(), FixedPoint::Infinity);
        assert_eq!(map(Activation::Relu, 1.0, 0.1).fixed_point(), FixedPoint::At(0.2));
    }

    /// Schoenholz et al., 2017, figures 4 and 5: `sigma_b^2` = 0.05; networks train down to about six depth scales.
    #[test]
    fn tanh_has_the_edge_of_chaos_and_the_depth_scales_of_schoenholz() {
        let edge = critical(Activation::Tanh, 0.05).unwrap();
        assert!((edge.sigma_w2 - 1.761).abs() < 1e-3, "{edge:?}");
        assert!((edge.q_star - 0.570).abs() < 1e-3, "{edge:?}");
        for (sigma_w2, depth) in [(1.0, 22.0), (1.5, 95.0)] {
            let map = map(Activation::Tanh, sigma_w2, 0.05);
            let reach = 6.0 * map.xi_c(q_star(map));
            assert!((reach - depth).abs() < 0.5, "{sigma_w2}: {reach}");
        }
    }

    /// Klambauer et al., 2017: mean 0 and variance 1 stay, and attract, under LeCun's variance 1 / fan-in.
    #[test]
    fn selu_under_lecun_keeps_mean_0_and_variance_1_and_lets_delta_grow() {
        let map = map(Activation::Selu, 1.0, 0.0);
        assert!((q_star(map) - 1.0).abs() < 1e-9);
        assert!(Moments::new(Activation::Selu, 0.0, 0.0).mean_share.abs() < 1e-9);
        assert!((map.chi_1(1.0) - 1.0716).abs() < 5e-5, "{}", map.chi_1(1.0));
    }

    /// Poole et al., 2016: beyond the edge of chaos inputs that are alike come apart.
    #[test]
    fn inputs_become_alike_in_the_ordered_phase_and_stay_apart_in_the_chaotic_one() {
        let ordered = map(Activation::Tanh, 1.0, 0.05);
        assert_eq!(ordered.c_star(q_star(ordered)), 1.0);
        for activation in [Activation::Tanh, Activation::HardTanh, Activation::Softsign] {
            let chaotic = map(activation, 6.0, 0.05);
            let q = q_star(chaotic);
            let c = chaotic.c_star(q);
            assert!(c > 0.0 && c < 0.9, "{activation}: {c}");
            assert!((chaotic.c(q, c) - c).abs() < 1e-10, "{activation}: {c}");
            let mut iterated = 0.999;
            for _ in 0..300 {
                iterated = chaotic.c(q, iterated);
            }
            assert!((iterated - c).abs() < 1e-8, "{activation}: {iterated}, not {c}");
        }
    }

    #[test]
    fn distances_from_the_fixed_points_shrink_by_e_over_a_depth_scale() {
        for map in
            [map(Activation::Tanh, 1.5, 0.05), map(Activation::Sigmoid, 9.0, 0.3), map(Activation::HardTanh, 1.2, 0.1)]
        {
            let q = q_star(map);
            let shrunk = (map.q(q * 1.0001) - q) / (q * 0.0001);
            assert!(((-1.0 / map.xi_q(q)).exp() - shrunk).abs() < 1e-4, "{map:?}");
            let c = map.c_star(q);
            let shrunk = (map.c(q, c - 1e-5) - c) / -1e-5;
            // A kink makes C' approach C'(1) as a square root only.
            assert!(((-1.0 / map.xi_c(q)).exp() - shrunk).abs() < 1e-2, "{map:?}, {c}");
        }
    }

    /// Every critical point: V(q*) = q* and `chi_1` = 1 there.
    #[test]
    fn critical_points_are_critical() {
        for (activation, sigma_b2) in [
            Activation::Tanh,
            Activation::HardTanh,
            Activation::Softsign,
            Activation::Sigmoid,
            Activation::Gelu,
            Activation::Silu,
            Activation::Elu,
        ]
        .into_iter()
        .flat_map(|activation| [(activation, 0.01), (activation, 0.3)])
        {
            let Some(edge) = critical(activation, sigma_b2) else { continue };
            let map = map(activation, edge.sigma_w2, sigma_b2);
            assert!((map.q(edge.q_star) / edge.q_star - 1.0).abs() < 1e-8, "{activation}: {edge:?}");
            assert!((map.chi_1(edge.q_star) - 1.0).abs() < 1e-8, "{activation}: {edge:?}");
        }
        let tanh = critical(Activation::Tanh, 0.0).unwrap();
        assert!((tanh.sigma_w2 - 1.0).abs() < 1e-9 && tanh.q_star == 0.0, "{tanh:?}");
        let leaky = critical(Activation::LeakyRelu { slope: 0.5 }, 0.1).unwrap();
        assert_eq!(leaky.sigma_w2, 2.0 / 1.25);
    }

    #[test]
    fn gelu_dies_out_from_small_and_runs_away_from_large_inputs() {
        let map = map(Activation::Gelu, 3.0, 0.0);
        assert_eq!(map.fixed_point_from(0.01), FixedPoint::Zero);
        assert_eq!(map.fixed_point_from(100.0), FixedPoint::Infinity);
    }
}
