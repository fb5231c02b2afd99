//! Activations: f and f' of each stand next to each other in [`Activation::dispatch`].
//!
//! Every f' takes both z and a = f(z), because it is often cheapest in terms of a. At a kink f' is what PyTorch
//! takes: the slope on the left of 0, and 0 at both ends of `hard_tanh`.

mod slopes;

use std::fmt;
use std::str::FromStr;

pub use slopes::Slopes;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};
use crate::kernels::{Kernel, Register};
use crate::{InstructionSet, Real, math};

/// An element-wise activation a = f(z).
#[derive(Debug, Clone, Copy, PartialEq, EnumIter, EnumMessage)]
pub enum Activation {
    /// f(z) = z
    Identity,
    /// f(z) = 1 / (1 + exp(-z))
    Sigmoid,
    /// f(z) = tanh(z)
    Tanh,
    /// f(z) = max(0, z)
    Relu,
    /// f(z) = z for z > 0, slope z otherwise. Maas, Hannun and Ng, 2013.
    LeakyRelu {
        /// f' on the left of zero.
        slope: Real,
    },
    /// f(z) = z for z > 0, exp(z) - 1 otherwise. Clevert, Unterthiner and Hochreiter, 2015.
    Elu,
    /// f(z) = scale z for z > 0, scale alpha (exp(z) - 1) otherwise. Klambauer et al., 2017.
    Selu,
    /// f(z) = z Phi(z), with Phi the distribution function of the standard normal. Hendrycks and Gimpel, 2016.
    Gelu,
    /// f(z) = z sigmoid(z)
    Silu,
    /// f(z) = ln(1 + exp(z))
    Softplus,
    /// f(z) = z / (1 + |z|)
    Softsign,
    /// f(z) = z cut to [-1, 1]
    HardTanh,
}

/// Klambauer et al., 2017, equation 14: the constants for which mean 0 and variance 1 are a fixed point.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

#[inline(always)]
fn sigmoid(z: Real) -> Real {
    1.0 / (1.0 + math::exp(-z))
}

/// The distribution function of the standard normal; `erfc` keeps its precision far in the left tail.
fn normal_cdf(z: Real) -> Real {
    let z = f64::from(z);
    (0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)) as Real
}

#[inline(always)]
fn normal_density(z: Real) -> Real {
    const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;
    FRAC_1_SQRT_TAU as Real * math::exp(-0.5 * z * z)
}

/// A loop over the elements of a layer that is compiled once for each activation, with f and f' inlined.
trait Elementwise {
    type Output;
    fn apply(self, f: impl Fn(Real) -> Real, df: impl Fn(Real, Real) -> Real) -> Self::Output;
}

impl Activation {
    /// One of each, with its default parameters, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu { slope: 0.2 },
        Self::Elu,
        Self::Selu,
        Self::Gelu,
        Self::Silu,
        Self::Softplus,
        Self::Softsign,
        Self::HardTanh,
    ];

    /// Chooses f and f' once, outside the loop.
    #[inline(always)]
    fn dispatch<E: Elementwise>(self, elementwise: E) -> E::Output {
        let (scale, alpha) = (SELU_SCALE as Real, SELU_ALPHA as Real);
        match self {
            Self::Identity => elementwise.apply(|z| z, |_, _| 1.0),
            Self::Sigmoid => elementwise.apply(sigmoid, |_, a| a * (1.0 - a)),
            Self::Tanh => elementwise.apply(math::tanh, |_, a| 1.0 - a * a),
            // Not `z.max(0.0)`: that would turn NaN into 0 and hide a diverged network.
            Self::Relu => elementwise.apply(|z| if z < 0.0 { 0.0 } else { z }, |z, _| if z > 0.0 { 1.0 } else { 0.0 }),
            Self::LeakyRelu { slope } => elementwise
                .apply(move |z| if z > 0.0 { z } else { slope * z }, move |z, _| if z > 0.0 { 1.0 } else { slope }),
            Self::Elu => elementwise
                .apply(|z| if z > 0.0 { z } else { math::exp_m1(z) }, |z, a| if z > 0.0 { 1.0 } else { a + 1.0 }),
            Self::Selu => elementwise.apply(
                |z| if z > 0.0 { scale * z } else { scale * alpha * math::exp_m1(z) },
                |z, a| if z > 0.0 { scale } else { a + scale * alpha },
            ),
            Self::Gelu => elementwise.apply(|z| z * normal_cdf(z), |z, _| normal_cdf(z) + z * normal_density(z)),
            Self::Silu => elementwise.apply(
                |z| z * sigmoid(z),
                |z, a| {
                    let s = sigmoid(z);
                    s + a * (1.0 - s)
                },
            ),
            Self::Softplus => elementwise.apply(
                // ln(1 + exp(z)) = max(z, 0) + ln(1 + exp(-|z|)), which does not overflow.
                |z| z.max(0.0) + math::ln_1p_of_fraction(math::exp(-z.abs())),
                |z, _| sigmoid(z),
            ),
            Self::Softsign => elementwise.apply(
                |z| z / (1.0 + z.abs()),
                |z, _| {
                    let r = 1.0 / (1.0 + z.abs());
                    r * r
                },
            ),
            Self::HardTanh => {
                elementwise.apply(|z| z.clamp(-1.0, 1.0), |z, _| if z > -1.0 && z < 1.0 { 1.0 } else { 0.0 })
            }
        }
    }

    /// a = f(z), element by element; `z` and `a` have the same length. Sets `a`.
    pub fn forward(self, z: &[Real], a: &mut [Real]) {
        debug_assert_eq!(z.len(), a.len());
        InstructionSet::detected().run(Forward { activation: self, z, a });
    }

    /// delta = f'(z) da, element by element and in place: `delta` holds da before and delta after.
    pub fn backward(self, z: &[Real], a: &[Real], delta: &mut [Real]) {
        debug_assert_eq!(z.len(), a.len());
        debug_assert_eq!(z.len(), delta.len());
        if self != Self::Identity {
            InstructionSet::detected().run(Backward { activation: self, z, a, delta });
        }
    }

    /// f(z) of one number.
    pub fn f(self, z: Real) -> Real {
        struct Value(Real);
        impl Elementwise for Value {
            type Output = Real;
            #[inline(always)]
            fn apply(self, f: impl Fn(Real) -> Real, _: impl Fn(Real, Real) -> Real) -> Real {
                f(self.0)
            }
        }
        self.dispatch(Value(z))
    }

    /// f'(z) of one number.
    pub fn df(self, z: Real) -> Real {
        struct Slope(Real);
        impl Elementwise for Slope {
            type Output = Real;
            #[inline(always)]
            fn apply(self, f: impl Fn(Real) -> Real, df: impl Fn(Real, Real) -> Real) -> Real {
                df(self.0, f(self.0))
            }
        }
        self.dispatch(Slope(z))
    }

    /// The largest |f'(z)| over all z: how much of a delta can come through at best.
    pub fn steepest_slope(self) -> Real {
        match self {
            Self::Sigmoid => 0.25,
            Self::LeakyRelu { slope } => slope.abs().max(1.0),
            Self::Selu => (SELU_SCALE * SELU_ALPHA) as Real,
            // f'' = 0 at z = sqrt(2): Phi(z) + z phi(z) there.
            Self::Gelu => 1.128_904_145_185_154_8_f64 as Real,
            // f'' = 0 where 2 = z tanh(z / 2), at z = 2.39936.
            Self::Silu => 1.099_839_320_128_866_4_f64 as Real,
            Self::Identity | Self::Tanh | Self::Relu | Self::Elu | Self::Softplus | Self::Softsign | Self::HardTanh => {
                1.0
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::HardTanh => "hard_tanh",
        }
    }
}

struct Forward<'a> {
    activation: Activation,
    z: &'a [Real],
    a: &'a mut [Real],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        self.activation.dispatch(self);
    }
}

impl Elementwise for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn apply(self, f: impl Fn(Real) -> Real, _: impl Fn(Real, Real) -> Real) {
        for (a, &z) in self.a.iter_mut().zip(self.z) {
            *a = f(z);
        }
    }
}

struct Backward<'a> {
    activation: Activation,
    z: &'a [Real],
    a: &'a [Real],
    delta: &'a mut [Real],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        self.activation.dispatch(self);
    }
}

impl Elementwise for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn apply(self, _: impl Fn(Real) -> Real, df: impl Fn(Real, Real) -> Real) {
        for ((delta, &z), &a) in self.delta.iter_mut().zip(self.z).zip(self.a) {
            *delta *= df(z, a);
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeakyRelu { slope } => write!(f, "leaky_relu({slope})"),
            other => f.write_str(other.name()),
        }
    }
}

impl FromStr for Activation {
    type Err = CallError;

    /// Reads a name as [`Display`](fmt::Display) prints it. `leaky_relu` alone has slope 0.2.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        let Some(&activation) = Self::ALL.iter().find(|known| known.name() == call.name) else {
            return Err(call.unknown_name("activation", &Self::ALL.map(Self::name)));
        };
        if let Self::LeakyRelu { slope } = activation {
            let [slope] = call.arguments([("slope", Some(f64::from(slope)))])?;
            let slope = slope as Real;
            if !slope.is_finite() {
                return Err(call.bad_arguments("the slope must be a finite number of single precision"));
            }
            return Ok(Self::LeakyRelu { slope });
        }
        call.arguments([])?;
        Ok(activation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activation_is_parsed_from_the_name_it_prints() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
        }
        assert_eq!("leaky_relu(0.01)".parse(), Ok(Activation::LeakyRelu { slope: 0.01 }));
        assert!("relu(1)".parse::<Activation>().unwrap_err().to_string().contains("no arguments"));
        assert!("rel".parse::<Activation>().unwrap_err().to_string().contains("did you mean \"relu\""));
    }

    #[test]
    fn large_arguments_give_finite_values_and_slopes() {
        for activation in Activation::ALL {
            for z in [-1e4, -700.0, -100.0, -20.0, 0.0, 20.0, 100.0, 700.0, 1e4] {
                let (a, slope) = (activation.f(z), activation.df(z));
                assert!(a.is_finite() && slope.is_finite(), "{activation} at {z}: {a}, {slope}");
                assert!(a.abs() <= 1.06 * z.abs() + 1.0, "{activation} at {z}: {a}");
            }
        }
    }

    #[test]
    fn nan_is_not_hidden() {
        for activation in Activation::ALL {
            assert!(activation.f(Real::NAN).is_nan(), "{activation}");
        }
    }

    #[test]
    fn the_steepest_slope_is_reached_and_never_exceeded() {
        for activation in Activation::ALL {
            let steepest = activation.steepest_slope();
            let seen = (-40_000..=40_000).map(|i| activation.df(i as Real * 2.5e-4).abs()).fold(0.0, Real::max);
            assert!(seen <= steepest * (1.0 + 1e-6), "{activation}: {seen} > {steepest}");
            assert!(seen >= steepest * (1.0 - 1e-3), "{activation}: {seen} < {steepest}");
        }
    }

    #[test]
    fn whole_layers_and_single_numbers_agree() {
        let z: Vec<Real> = (-20..=20).map(|i| i as Real * 0.3).collect();
        for activation in Activation::ALL {
            let mut a = vec![0.0; z.len()];
            activation.forward(&z, &mut a);
            let mut delta = vec![2.0; z.len()];
            activation.backward(&z, &a, &mut delta);
            for ((&z, &a), &delta) in z.iter().zip(&a).zip(&delta) {
                assert_eq!(a, activation.f(z));
                assert_eq!(delta, 2.0 * activation.df(z));
            }
        }
    }
}
