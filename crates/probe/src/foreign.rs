//! What the tags of other people's logs mean in our vocabulary, and in which order their layers stand.
//!
//! Nobody agrees on names, but nearly all are made of the same words: which quantity, which parameter, which layer, in
//! some order, with slashes and dots between. So a tag is read from both ends: words that say what was recorded are
//! taken off, and what is left in the middle names the layer.
//!
//! | who writes it | tag | what it is |
//! |---|---|---|
//! | this project | `gradient/mean_abs/layer1`, `gradient/layer1`, `units/dead/layer2` | see [`crate::measures`] |
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

use crate::measures::{self, Measure, Subject};
use crate::tags;

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
/// use headwater_probe::tags::Quantity;
/// use headwater_probe::{Measure, foreign};
///
/// let place = foreign::read("layers.0.weight.grad").unwrap();
/// assert_eq!((place.measure, &*place.layer), (Measure::Whole(Quantity::Gradient), "layers.0"));
/// assert_eq!(foreign::read("layers.0.bias.grad"), None);
/// ```
pub fn read(tag: &str) -> Option<Place> {
    // Some of our own look like a layer's: counterfactuals of the whole network, and a picture.
    let is_of_run = measures::all().iter().any(|known| known.of == Subject::Run && known.path == tag);
    if is_of_run || tag == tags::FIRST_LAYER_WEIGHTS {
        return None;
    }
    own(tag).or_else(|| others(tag)).filter(|place| is_name(&place.layer))
}

/// Reads tags of ours that only we use. Tags such as `gradient/rms/layer1` consist of words that others use, too, and are read
/// like theirs.
fn own(tag: &str) -> Option<Place> {
    measures::all().iter().filter(|known| known.of == Subject::Layer).find_map(|known| {
        let is_shared = matches!(known.measure, Measure::Whole(_) | Measure::Statistic(..) | Measure::Norm(_));
        let layer = tag.strip_prefix(&*known.path)?.strip_prefix('/')?;
        (!is_shared).then(|| Place { measure: known.measure, layer: layer.to_owned() })
    })
}
