//! Dense networks with forward and backward side by side.
//!
//! A network is a list of [`Layer`]s over one flat vector of parameters, a [`Loss`], and an
//! [`OptimizerState`] that updates the parameters. Whoever wants to see what backward computes hands it a
//! [`Tap`]; the empty tap `()` costs nothing.
//!
//! Names of dimensions are the same everywhere: `batch`, `inputs` (fan-in), `outputs` (fan-out). All matrices are
//! row-major. The gradient of the cost with respect to `x` is called `dx`; `delta` is the gradient with respect to
//! a layer's pre-activation `z`.
//!
//! Values are [`Real`]: `f32`, unless the crate is built with the feature `f64`, in which the tests compare every
//! gradient with central differences.

#![expect(clippy::inline_always, reason = "code of kernels must be compiled for its caller's instruction set")]
#![cfg_attr(
    feature = "f64",
    expect(clippy::useless_conversion, reason = "Real is f64 in this build, and f32 in the other")
)]

mod activation;
mod call;
mod clip;
mod dense;
mod dropout;
mod init;
mod kernels;
mod layer;
mod learning_rate;
mod loss;
mod math;
mod network;
mod norm;
mod optimizer;
mod residual;
mod tap;
mod trace;

pub use activation::{Activation, Slopes};
pub use call::{Call, CallError};
pub use clip::Clip;
pub use init::Initialiser;
pub use kernels::{InstructionSet, Survey};
pub use layer::{Layer, LayerShape};
pub use learning_rate::Decay;
pub use loss::{Loss, Targets, answer, count_correct};
pub use network::{Buffers, Network, ShapeError};
pub use norm::Norm;
pub use optimizer::{Optimizer, OptimizerState, UpdateSurvey};
pub use residual::{BranchScale, Place, Residual, Skip};
pub use tap::{LayerView, Tap};
pub use trace::Stage;

/// The number type of parameters, activations and gradients.
#[cfg(not(feature = "f64"))]
pub type Real = f32;
/// The number type of parameters, activations and gradients, in the build that checks gradients.
#[cfg(feature = "f64")]
pub type Real = f64;
