//! What the tags of other people's logs mean in our vocabulary, and in which order their layers stand.
//!
//! Nobody agrees on names, but nearly all are made of the same words: which quantity, which parameter, which layer, in
//! some order, with slashes and dots between. So a tag is read from both ends: words that say what was recorded are
//! taken off, and what is left in the middle names the layer.
//!
//! | who writes it | tag | what it is |
//! |---|---|---|
//! | this project | `gradient/mean_abs/layer1`, `gradient/layer1`, `units/dead/layer2` | see [`crate::tags`] |
//! | `PyTorch`, by hand | `layers.0.weight.grad`, `grads/layers.0.weight`, `fc1.weight` | gradient or weight of `layers.0`, `fc1` |
//! | by hand | `gradients_0/weight`, `weight_norm_3` | gradient of layer `0`, norm of the weights of layer `3` |
//! | Lightning's `grad_norm` | `grad_2.0_norm/layers.0.weight` | norm of the gradient of `layers.0` |
//! | `torchinstruments` | `torchinstruments/train/.../modules/fc1/call_0/grad_output/...` | delta of `fc1`, nearly |
//! | `TensorFlow` 1 | `layer1/weights/summaries/stddev`, `layer1/weights/gradients` | weight or gradient of `layer1` |
//! | Keras | `dense_1/kernel_0`, `sequential/dense/kernel/histogram`, `Gradients/dense/kernel:0` | weight or gradient |
//! | Flax | `params/Dense_0/kernel`, `grads/params/Dense_0/kernel` | weight or gradient of `Dense_0` |
//!
//! Biases are parameters of layers, but not what is asked for; neither are the scales of normalisations. Their tags have
//! no place.

mod order;
mod tag;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use order::{order, order_with};

use tag::{is_name, others};

use crate::tags::{self, Quantity, Stage, Statistic};

/// What a tag records of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The quantity itself: of a histogram all of its values, of a scalar some number that the tag does not explain.
    Whole(Quantity),
    /// A number that sums it up.
    Statistic(Quantity, Statistic),
    /// Its norm: the root of the sum of squares, mostly.
    Norm(Quantity),
    /// Its mean, of which the tag does not say whether it is that of absolute values.
    Mean(Quantity),
    /// Norm of a step's update over the norm of W.
    UpdateRatio,
    /// Fraction of units that pass no gradient at all.
    DeadUnits,
    /// Fraction of units that pass next to none.
    SaturatedUnits,
    /// Natural log of the factor by which something changes the delta.
    Gain(Stage),
    /// Natural log of what theory expects of delta's root mean square, over the last layer's.
    ExpectedDelta,
    /// The standard deviation, over draws of the weights, of the natural log of delta's norm over the last layer's.
    ExpectedSpread,
}

/// Tags of our own that look like a layer's but are not: counterfactuals of the whole network, and a picture.
const OF_NO_LAYER: [&str; 3] = [tags::COUNTERFACTUAL_RELU, tags::COUNTERFACTUAL_WEIGHTS, tags::FIRST_LAYER_WEIGHTS];

/// Where a tag stands in our vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// What is recorded.
    pub measure: Measure,
    /// Of which layer: the name that its owner gave it.
    pub layer: String,
}

/// Where a tag stands in our vocabulary. None if it says nothing of a layer.
///
/// ```
/// use headwater_probe::foreign::{self, Measure};
/// use headwater_probe::tags::Quantity;
///
/// let place = foreign::read("layers.0.weight.grad").unwrap();
/// assert_eq!((place.measure, &*place.layer), (Measure::Whole(Quantity::Gradient), "layers.0"));
/// assert_eq!(foreign::read("layers.0.bias.grad"), None);
/// ```
pub fn read(tag: &str) -> Option<Place> {
    if OF_NO_LAYER.contains(&tag) {
        return None;
    }
    own(tag).or_else(|| others(tag)).filter(|place| is_name(&place.layer))
}

/// Tags of our own whose first words are nobody else's.
fn own(tag: &str) -> Option<Place> {
    let (measure, layer) = if let Some(layer) = tag.strip_prefix("update_ratio/") {
        (Measure::UpdateRatio, layer)
    } else if let Some(layer) = tag.strip_prefix("units/dead/") {
        (Measure::DeadUnits, layer)
    } else if let Some(layer) = tag.strip_prefix("units/saturated/") {
        (Measure::SaturatedUnits, layer)
    } else if let Some(layer) = tag.strip_prefix("theory/delta/") {
        (Measure::ExpectedDelta, layer)
    } else if let Some(layer) = tag.strip_prefix("theory/spread/") {
        (Measure::ExpectedSpread, layer)
    } else {
        let (gain, layer) = tag.strip_prefix("gain/")?.split_once('/')?;
        (Measure::Gain(Stage::ALL.into_iter().find(|known| known.to_string() == gain)?), layer)
    };
    Some(Place { measure, layer: layer.to_owned() })
}
