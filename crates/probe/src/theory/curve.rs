//! Activations in double precision, with what an integral must know of them: kinks, and slopes at zero and far out.
//!
//! `headwater_nn` computes in single precision, which is too coarse for integrals to ten digits. A test holds every
//! curve here against the one there.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use headwater_nn::Activation;

/// Klambauer et al., 2017, equation 14.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// A straight line on either side of zero: slope on the left, slope on the right.
pub(super) type Slopes = [f64; 2];

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// f(z) and f'(z).
pub(super) fn value_and_slope(activation: Activation, z: f64) -> (f64, f64) {
    match activation {
        Activation::Identity => (z, 1.0),
        Activation::Sigmoid => {
            let a = sigmoid(z);
            // Not a (1 - a), which is rounded to 0 far on the right.
            (a, a * sigmoid(-z))
        }
        Activation::Tanh => (z.tanh(), z.cosh().powi(-2)),
        Activation::Relu => broken_line(z, 0.0),
        Activation::LeakyRelu { slope } => broken_line(z, f64::from(slope)),
        Activation::Elu if z > 0.0 => (z, 1.0),
        Activation::Elu => (z.exp_m1(), z.exp()),
        Activation::Selu if z > 0.0 => (SELU_SCALE * z, SELU_SCALE),
        Activation::Selu => (SELU_SCALE * SELU_ALPHA * z.exp_m1(), SELU_SCALE * SELU_ALPHA * z.exp()),
        Activation::Gelu => {
            let below = 0.5 * libm::erfc(-z * FRAC_1_SQRT_2);
            (z * below, below + z * (-0.5 * z * z).exp() / (2.0 * PI).sqrt())
        }
        Activation::Silu => {
            let s = sigmoid(z);
            (z * s, s + z * s * sigmoid(-z))
        }
        Activation::Softplus => (z.max(0.0) + (-z.abs()).exp().ln_1p(), sigmoid(z)),
        Activation::Softsign => {
            let r = 1.0 / (1.0 + z.abs());
            (z * r, r * r)
        }
        Activation::HardTanh => (z.clamp(-1.0, 1.0), if z.abs() < 1.0 { 1.0 } else { 0.0 }),
    }
}

fn broken_line(z: f64, left: f64) -> (f64, f64) {
    if z > 0.0 { (z, 1.0) } else { (left * z, left) }
}

/// Where f, f' or f'' jumps: integrals are cut there.
pub(super) fn kinks(activation: Activation) -> &'static [f64] {
    match activation {
        Activation::Identity
        | Activation::Sigmoid
        | Activation::Tanh
        | Activation::Gelu
        | Activation::Silu
        | Activation::Softplus => &[],
        Activation::Relu | Activation::LeakyRelu { .. } | Activation::Elu | Activation::Selu | Activation::Softsign => {
            &[0.0]
        }
        Activation::HardTanh => &[-1.0, 1.0],
    }
}

/// The two slopes of an activation with f(s z) = s f(z) for every s > 0.
pub(super) fn homogeneous(activation: Activation) -> Option<Slopes> {
    match activation {
        Activation::Identity => Some([1.0, 1.0]),
        Activation::Relu => Some([0.0, 1.0]),
        Activation::LeakyRelu { slope } => Some([f64::from(slope), 1.0]),
        _ => None,
    }
}

/// The slopes just left and just right of zero.
pub(super) fn slopes_at_zero(activation: Activation) -> Slopes {
    [-f64::MIN_POSITIVE, f64::MIN_POSITIVE].map(|z| value_and_slope(activation, z).1)
}

/// The slopes far out; both 0 for an activation that saturates on both sides.
pub(super) fn slopes_far_out(activation: Activation) -> Slopes {
    match activation {
        Activation::Sigmoid | Activation::Tanh | Activation::Softsign | Activation::HardTanh => [0.0, 0.0],
        Activation::Elu | Activation::Gelu | Activation::Silu | Activation::Softplus => [0.0, 1.0],
        Activation::Selu => [0.0, SELU_SCALE],
        Activation::Identity | Activation::Relu | Activation::LeakyRelu { .. } => slopes_at_zero(activation),
    }
}

/// The values far out of an activation that saturates on both sides.
pub(super) fn values_far_out(activation: Activation) -> [f64; 2] {
    let low = if activation == Activation::Sigmoid { 0.0 } else { -1.0 };
    [low, 1.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_those_that_networks_compute() {
        for activation in Activation::ALL {
            for z in (-400..=400).map(|i| i as f32 * 0.1 + 0.013) {
                let (a, slope) = value_and_slope(activation, f64::from(z));
                let close = |ours: f64, theirs: f32| (ours - f64::from(theirs)).abs() <= 1e-6 * (1.0 + ours.abs());
                assert!(close(a, activation.f(z)), "{activation} at {z}: {a}, not {}", activation.f(z));
                assert!(close(slope, activation.df(z)), "{activation}' at {z}: {slope}, not {}", activation.df(z));
            }
        }
    }

    #[test]
    fn slopes_and_values_far_out_are_those_of_the_curve() {
        for activation in Activation::ALL {
            let ends = [-1e9, 1e9].map(|z| value_and_slope(activation, z));
            let slopes = slopes_far_out(activation);
            assert!((0..2).all(|side| (slopes[side] - ends[side].1).abs() < 1e-12), "{activation}");
            if slopes == [0.0, 0.0] {
                let values = values_far_out(activation);
                assert!((0..2).all(|side| (values[side] - ends[side].0).abs() < 1e-8), "{activation}");
            }
        }
    }
}
