//! Dense networks with forward and backward side by side.
//!
//! A network is a list of [`Dense`] layers over one flat vector of parameters, a [`Loss`], and an
//! [`OptimizerState`] that updates the parameters. Whoever wants to see what backward computes hands it a
//! [`Tap`]; the empty tap `()` costs nothing.
//!
//! Names of dimensions are the same everywhere: `batch`, `inputs` (fan-in), `outputs` (fan-out). All matrices are
//! row-major. The gradient of the cost with respect to `x` is called `dx`; `delta` is the gradient with respect to
//! a layer's pre-activation `z`.
//!
//! Values are [`Real`]: `f32`, unless the crate is built with the feature `f64`, in which the tests compare every
//! gradient with central differences.

#![cfg_attr(
    feature = "f64",
    expect(clippy::useless_conversion, reason = "Real is f64 in this build, and f32 in the other")
)]

mod activation;
mod call;
mod clip;
mod dense;
mod init;
mod kernels;
mod loss;
mod network;
mod optimizer;
mod tap;

pub use activation::Activation;
pub use call::{Call, CallError};
pub use clip::Clip;
pub use dense::Dense;
pub use init::Initialiser;
pub use kernels::InstructionSet;
pub use loss::{Loss, Targets, answer, count_correct};
pub use network::{Buffers, LayerShape, Network, ShapeError};
pub use optimizer::{Optimizer, OptimizerState};
pub use tap::{LayerView, Tap};

/// The number type of parameters, activations and gradients.
#[cfg(not(feature = "f64"))]
pub type Real = f32;
/// The number type of parameters, activations and gradients, in the build that checks gradients.
#[cfg(feature = "f64")]
pub type Real = f64;
