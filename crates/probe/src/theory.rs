//! What theory expects of a network before its first step: numbers in, predictions out.
//!
//! [`VarianceMap`] speaks of an endless network of equal layers: fixed points, the edge of chaos, depth scales.
//! [`predict`] goes through a given network layer by layer. Both assume weights and biases drawn independently with
//! mean zero, and layers wide enough for sums over a layer to be normal; the spread at finite width says how far one
//! draw strays. Neither knows what training does.
//!
//! What theory cannot say: anything after the first step; corrections of order 1 / width to means (a narrow network's
//! last layer is off by a few percent, because the softmax's delta depends on the weights it passes); data whose samples
//! differ much in length, which are taken for samples of the mean length; the spread of normalised, residual or
//! dropped-out networks, and that of a batch of unrelated samples, for which the answer is an upper bound.

mod backward;
mod born_dead;
mod concern;
mod curve;
mod draw;
mod forward;
mod gaussian;
mod mean_field;
mod moments;
mod network;
mod pair;
mod spread;

pub use concern::Concern;
pub use draw::weight_variance;
pub use mean_field::{Critical, FixedPoint, VarianceMap, critical};
pub use moments::Moments;
pub use network::{
    Gains, Input, LayerPrediction, LayerTheory, Prediction, Skip, TheoryError, predict, predict_interruptible,
};
