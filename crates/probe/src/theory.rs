//! What theory expects of a network before its first step: numbers in, predictions out.
//!
//! [`VarianceMap`] speaks of an endless network of equal layers: fixed points, the edge of chaos, depth scales.
//! [`predict`] goes through a given network layer by layer. Both assume weights and biases drawn independently with
//! mean zero, and layers wide enough for sums over a layer to be normal; the spread at finite width says how far one
//! draw strays. Neither knows what training does.

mod curve;
mod gaussian;
mod mean_field;
mod moments;

pub use mean_field::{Critical, FixedPoint, VarianceMap, critical};
pub use moments::Moments;
