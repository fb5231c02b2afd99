//! Dense networks with forward and backward side by side.
//!
//! A network is a list of [`Layer`]s over one flat vector of parameters, a [`Loss`], and an
//! [`OptimizerState`] that updates the parameters. Whoever wants to see what backward computes hands it a
//! [`Hook`]; the empty hook `()` costs nothing.
//!
//! A complete training loop. The network learns exclusive or, which no single layer can:
//!
//! ```
//! use headwater_nn::{
//!     Activation, Workspace, Initialiser, LayerShape, Loss, Network, Optimizer, OptimizerState, Targets, count_correct,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Four samples of two inputs, `[batch, inputs]`, and the class of each.
//! let x = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
//! let labels = [0, 1, 1, 0];
//! let targets = Targets::Labels(&labels);
//!
//! // Two inputs, eight hidden units, two classes. The loss includes softmax, so the last layer does not.
//! let shapes = [LayerShape::new(8, Activation::Tanh), LayerShape::new(2, Activation::Identity)];
//! let mut network = Network::new(2, &shapes, Loss::SoftmaxCrossEntropy)?;
//! network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 0);
//!
//! // All memory of a step, allocated once.
//! let mut workspace = Workspace::new(&network, labels.len())?;
//! let mut gradients = vec![0.0; network.parameters().len()];
//! let mut optimizer = OptimizerState::new("adam".parse::<Optimizer>()?, gradients.len())?;
//!
//! let mut losses = Vec::new();
//! for _ in 0..200 {
//!     let outputs = network.forward_training(&x, &mut workspace);
//!     losses.push(network.loss(outputs, targets));
//! // Pass a `Hook` in place of `()` to look at each layer.
//!     network.backward(&x, targets, &mut workspace, &mut gradients, &mut ());
//!     optimizer.update(network.parameters_mut(), &gradients, 0.05);
//! }
//!
//! let outputs = network.forward(&x, &mut workspace);
//! assert_eq!(count_correct(outputs, 2, &labels), 4);
//! assert!(losses[199] < 0.05 * losses[0], "from {} to {}", losses[0], losses[199]);
//! # Ok(())
//! # }
//! ```
//!
//! Allocations that grow with the network return an error if memory is short ([`ShapeError`]). Work that may take long
//! has a variant that stops soon after a flag is raised ([`Interrupted`]). Where gradients vanish,
//! [`Subnormals::flush`] keeps the processor from slowing down. Whether to use it is up to the caller, because it
//! changes bits.
//!
//! Names of dimensions are the same everywhere: `batch`, `inputs` (fan-in), `outputs` (fan-out). All matrices are
//! row-major. The gradient of the loss with respect to `x` is called `dx`; `delta` is the gradient with respect to
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
mod hook;
mod init;
mod interrupt;
mod kernels;
mod layer;
mod learning_rate;
mod loss;
mod math;
mod memory;
mod network;
mod norm;
mod optimizer;
mod residual;
mod trace;
mod workspace;

pub use activation::{Activation, Slopes};
pub use call::{Call, CallError, vanishes};
pub use clip::Clip;
pub use hook::{Hook, LayerView};
pub use init::{InitialiseError, Initialiser};
pub use interrupt::Interrupted;
pub use kernels::{InstructionSet, InstructionSetError, Subnormals, Survey};
pub use layer::{Layer, LayerShape};
pub use learning_rate::LrSchedule;
pub use loss::{Loss, Targets, argmax, count_correct};
pub use memory::{ShapeError, try_copy, try_filled};
pub use network::Network;
pub use norm::Norm;
pub use optimizer::{Optimizer, OptimizerState, UpdateSurvey};
pub use residual::{BranchScale, Place, Residual, Skip};
pub use trace::Stage;
pub use workspace::Workspace;

/// The number type of parameters, activations and gradients.
#[cfg(not(feature = "f64"))]
pub type Real = f32;
/// The number type of parameters, activations and gradients, in the build that checks gradients.
#[cfg(feature = "f64")]
pub type Real = f64;
