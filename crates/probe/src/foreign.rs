//! What the tags of other people's logs mean in our vocabulary, and in which order their layers stand.
//!
//! Nobody agrees on names, but nearly all are made of the same words: which quantity, which parameter, which layer, in
//! some order, with slashes and dots between. So a tag is read from both ends: words that say what was recorded are
//! taken off, and what is left in the middle names the layer.
//!
//! | who writes it | tag | what it is |
//! |---|---|---|
//! | this project | `gradient/mean_abs/layer1`, `gradient/layer1`, `units/dead/layer2` | see [`tags`](crate::tags) |
//! | `PyTorch`, by hand | `layers.0.weight.grad`, `grads/layers.0.weight`, `fc1.weight` | gradient or weight of `layers.0`, `fc1` |
//! | Lightning's `grad_norm` | `grad_2.0_norm/layers.0.weight` | norm of the gradient of `layers.0` |
//! | Keras | `dense_1/kernel_0`, `sequential/dense/kernel/histogram`, `Gradients/dense/kernel:0` | weight or gradient |
//! | Flax | `params/Dense_0/kernel`, `grads/params/Dense_0/kernel` | weight or gradient of `Dense_0` |
//!
//! Biases are parameters of layers, but not what is asked for; neither are the scales of normalisations. Their tags have
//! no place.

mod order;
mod words;

pub use order::{order, order_with};

use words::{Word, is_number, word, words};

use crate::tags::{Quantity, Stage, Statistic};

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
    own(tag).or_else(|| others(tag))
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
    (!layer.is_empty()).then(|| Place { measure, layer: layer.to_owned() })
}

/// What the words that were taken off say together.
#[derive(Debug, Default)]
struct Said {
    quantity: Option<Quantity>,
    statistic: Option<Statistic>,
    /// What no number of a tensor is.
    measure: Option<Measure>,
    weights: bool,
    parameters: bool,
    norm: bool,
    mean: bool,
}

impl Said {
    /// None if the tag has no place.
    fn add(&mut self, word: Word) -> Option<()> {
        match word {
            // The word that stands farthest outside is heard first: "activations/grad.0" records activations.
            Word::Quantity(quantity) => {
                self.quantity.get_or_insert(quantity);
            }
            Word::Statistic(statistic) => {
                self.statistic.get_or_insert(statistic);
            }
            Word::UpdateRatio => self.measure = Some(Measure::UpdateRatio),
            Word::DeadUnits => self.measure = Some(Measure::DeadUnits),
            Word::SaturatedUnits => self.measure = Some(Measure::SaturatedUnits),
            Word::Norm => self.norm = true,
            Word::Mean => self.mean = true,
            Word::Weights => self.weights = true,
            Word::Other => return None,
            Word::Parameters => self.parameters = true,
            Word::Filler => {}
        }
        Some(())
    }

    fn measure(&self) -> Option<Measure> {
        if self.measure.is_some() {
            return self.measure;
        }
        // "params/x" may be anything, "params_norm/x" is a norm of weights.
        let weights = self.weights || self.parameters && self.norm;
        let quantity = self.quantity.or_else(|| weights.then_some(Quantity::Weight))?;
        Some(match self.statistic {
            // A mean of norms, or of absolute values, is one all the same.
            Some(statistic) => Measure::Statistic(quantity, statistic),
            None if self.norm => Measure::Norm(quantity),
            None if self.mean => Measure::Mean(quantity),
            None => Measure::Whole(quantity),
        })
    }
}

/// What separates the parts of a tag; the last three are of `JAX`'s paths, `['params']['Dense_0']`.
const SEPARATORS: [char; 5] = ['/', '.', '[', ']', '\''];

fn others(tag: &str) -> Option<Place> {
    if let Some(rest) = tag.strip_prefix("torchinstruments/") {
        return torchinstruments(rest);
    }
    // Lightning logs a number once a step and once an epoch.
    let tag = tag.strip_suffix("_step").or_else(|| tag.strip_suffix("_epoch")).unwrap_or(tag);
    let mut said = Said::default();
    let rest = endings(beginnings(tag, &mut said)?, &mut said)?;
    let parts = || rest.split(SEPARATORS).filter(|part| !part.is_empty());
    let is_scale = said.weights && parts().rfind(|part| !is_number(part)).is_some_and(is_normalisation);
    let is_layer = parts().next().is_some()
        && !is_whole(rest)
        // A tag that is nothing but such words names no layer: its last word is left, and is none.
        && !words(rest).is_some_and(|words| words.iter().any(|word| !matches!(word, Word::Filler | Word::Parameters)));
    let measure = said.measure()?;
    (is_layer && !is_scale).then(|| Place { measure, layer: rest.to_owned() })
}

/// Whether it is all of a network, or something that is done to it, and no layer.
fn is_whole(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_one = |word| {
        [
            "total",
            "all",
            "global",
            "overall",
            "model",
            "clip",
            "clipped",
            "unclipped",
            "clipping",
            "penalty",
            "scaler",
            "accumulation",
            "noise",
            "decay",
            "lr",
            "rate",
            "before",
            "after",
            "pre",
            "post",
        ]
        .contains(&word)
    };
    name.split(['_', ' ', '-']).any(is_one)
}

/// Takes words off the beginning. A word must be a part of its own, `grad_norm/fc1`, or stand in front of what is plainly
/// a layer, `grad_fc1`.
fn beginnings<'a>(tag: &'a str, said: &mut Said) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let end = rest.find(['/', ' ', '[', ']', '\'']).unwrap_or(rest.len());
        // Whose number it is is no part of what it is.
        let is_run = |part: &str| ["train", "training", "debug", "monitor"].contains(&&*part.to_ascii_lowercase());
        if end < rest.len() && (is_run(&rest[..end]) || words(&rest[..end]).is_some()) {
            // What follows may say better: "weights/fc1.weight.grad".
            for word in words(&rest[..end]).unwrap_or_default() {
                said.add(word)?;
            }
            rest = trimmed(&rest[end..]);
        } else {
            return joined_beginning(rest, said);
        }
    }
}

/// Takes `grad_`, `grad_2.0_norm_` or `grad.` off what has no slash behind it.
fn joined_beginning<'a>(rest: &'a str, said: &mut Said) -> Option<&'a str> {
    let joins = rest.char_indices().filter(|(_, letter)| ['_', '.', ':', '-'].contains(letter)).map(|(at, _)| at);
    let is_layer = |name: &str| {
        let ends = [".weight", ".kernel", "_weight", "_kernel", ".grad", "_grad"];
        !is_whole(name)
            && (name.bytes().any(|byte| byte.is_ascii_digit()) || ends.iter().any(|end| name.ends_with(end)))
    };
    // The longest beginning that is all words, of which the first is one that is no name: "weight.0" may be anything.
    let is_beginning = |at: &usize| {
        let found = words(&rest[..*at]);
        // Another word may follow; a number with it is a norm's, "grad_2.0_norm".
        let whole = rest[*at + 1..].split(SEPARATORS).next().unwrap_or_default();
        found.is_some_and(|found| {
            let gradient = matches!(found[0], Word::Quantity(Quantity::Gradient | Quantity::Delta));
            (gradient || found.len() > 1 && found[0] == Word::Weights) && !starts_with_word(whole)
        }) && is_layer(&rest[*at + 1..])
    };
    let Some(at) = joins.filter(is_beginning).last() else { return Some(rest) };
    for word in words(&rest[..at]).unwrap_or_default() {
        said.add(word)?;
    }
    Some(&rest[at + 1..])
}

/// Whether the first of the words that underscores join is one of a tag: `norm_fc1`.
fn starts_with_word(part: &str) -> bool {
    part.split_once(['_', '-']).is_some_and(|(first, _)| word(first).is_some() || first.parse::<f64>().is_ok())
}

/// Without separators at its beginning and end.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ')
}

/// Takes words off the end: whole parts, `.weight.grad`, and what an underscore joins, `fc1_weight_grad`.
fn endings<'a>(rest: &'a str, said: &mut Said) -> Option<&'a str> {
    let mut rest = rest.trim_end_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ');
    loop {
        let start = rest.rfind(|letter| SEPARATORS.contains(&letter) || letter == ' ').map_or(0, |at| at + 1);
        let last = &rest[start..];
        if start > 0
            && let Some(found) = words(last).or_else(|| word(&last.to_ascii_lowercase()).map(|word| vec![word]))
        {
            for word in found {
                said.add(word)?;
            }
            rest = trimmed_end(&rest[..start]);
        } else if last.starts_with("weight_ih") || last.starts_with("weight_hh") {
            // The two matrices of a recurrent layer in PyTorch: layers of their own.
            said.weights = true;
            return Some(rest);
        } else if last.starts_with("bias_ih") || last.starts_with("bias_hh") {
            return None;
        } else if let Some((before, ending)) = last.rsplit_once(['_', '-'])
            && let Some(found) = word(&ending.to_ascii_lowercase()).filter(|found| is_joined(before, *found))
        {
            said.add(found)?;
            rest = &rest[..start + before.len()];
        } else {
            return Some(rest);
        }
    }
}

fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ')
}

/// Whether a word that an underscore joins to the name before it is not part of that name: `grad_norm` speaks of a
/// norm, `layer_norm` is a layer.
fn is_joined(before: &str, found: Word) -> bool {
    let before_it = || before.rsplit(['_', '-']).next().and_then(|before| word(&before.to_ascii_lowercase()));
    match found {
        // "fc_out", "self_attn_output" are layers.
        Word::Quantity(Quantity::Activation) => before.ends_with(|letter: char| letter.is_ascii_digit()),
        Word::Quantity(_) | Word::Weights | Word::Other => !before.is_empty(),
        Word::Norm | Word::Statistic(_) | Word::Mean => before_it().is_some_and(|before| {
            matches!(before, Word::Quantity(_) | Word::Weights | Word::Norm | Word::Statistic(_) | Word::Mean)
        }),
        Word::UpdateRatio | Word::DeadUnits | Word::SaturatedUnits => !before.is_empty(),
        Word::Parameters | Word::Filler => false,
    }
}

/// Its observer's tags: `train/grad_enabled_true/modules/NAME/call_0/grad_output/histograms/distribution`.
fn torchinstruments(rest: &str) -> Option<Place> {
    let rest = rest.strip_prefix("train/")?.split_once("/modules/")?.1;
    let (layer, rest) = rest.split_once("/call_0/")?;
    let quantity = match rest.split('/').next()? {
        "output" => Quantity::Activation,
        "grad_output" => Quantity::Delta,
        _ => return None,
    };
    (layer != "@root").then(|| Place { measure: Measure::Whole(quantity), layer: layer.to_owned() })
}

/// Whether a module's name is that of a normalisation, which has a weight that is no matrix.
fn is_normalisation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix("bn").or_else(|| name.strip_prefix("ln"));
    name.contains("norm") || rest.is_some_and(|rest| is_number(rest.trim_start_matches('_')) || rest == "_f")
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tags;

    fn place(measure: Measure, layer: &str) -> Place {
        Place { measure, layer: layer.to_owned() }
    }

    #[test]
    fn our_own_tags_are_read() {
        for quantity in Quantity::ALL {
            assert_eq!(read(&tags::histogram(quantity, 9)), Some(place(Measure::Whole(quantity), "layer10")));
            for statistic in Statistic::ALL {
                let expected = Some(place(Measure::Statistic(quantity, statistic), "layer1"));
                assert_eq!(read(&tags::statistic(quantity, statistic, 0)), expected);
            }
        }
        for gain in Stage::ALL {
            assert_eq!(read(&tags::gain(gain, 0)), Some(place(Measure::Gain(gain), "layer1")));
        }
        assert_eq!(read(&tags::update_ratio(1)), Some(place(Measure::UpdateRatio, "layer2")));
        assert_eq!(read(&tags::theory_delta(0)), Some(place(Measure::ExpectedDelta, "layer1")));
        assert_eq!(read(&tags::theory_spread(0)), Some(place(Measure::ExpectedSpread, "layer1")));
        assert_eq!(read(&tags::dead_units(2)), Some(place(Measure::DeadUnits, "layer3")));
        assert_eq!(read(&tags::saturated_units(3)), Some(place(Measure::SaturatedUnits, "layer4")));
    }

    #[test]
    fn tags_of_other_frameworks_are_read() {
        let gradient = Measure::Whole(Quantity::Gradient);
        let weight = Measure::Whole(Quantity::Weight);
        for (tag, measure, layer) in [
            ("layers.0.weight.grad", gradient, "layers.0"),
            ("grads/layers.0.weight", gradient, "layers.0"),
            ("gradients/layers.0.weight", gradient, "layers.0"),
            ("grad/fc1", gradient, "fc1"),
            ("fc1.weight/grad", gradient, "fc1"),
            ("fc1/weight/gradient", gradient, "fc1"),
            ("fc1_weight_grad", gradient, "fc1"),
            ("0.weight.grad", gradient, "0"),
            ("Gradients/dense/kernel:0", gradient, "dense"),
            ("grads/params/Dense_0/kernel", gradient, "Dense_0"),
            ("weights/fc1.weight.grad", gradient, "fc1"),
            ("layer1.weight", weight, "layer1"),
            ("weights/fc1", weight, "fc1"),
            ("parameters/layers.0.weight", weight, "layers.0"),
            ("params/Dense_0/kernel", weight, "Dense_0"),
            ("dense/kernel_0", weight, "dense"),
            ("dense_1/kernel", weight, "dense_1"),
            ("sequential/dense/kernel:0", weight, "sequential/dense"),
            ("sequential/dense/kernel/histogram", weight, "sequential/dense"),
            ("encoder.layers.11.linear1.weight", weight, "encoder.layers.11.linear1"),
            ("activations/fc1", Measure::Whole(Quantity::Activation), "fc1"),
            ("fc1/activation", Measure::Whole(Quantity::Activation), "fc1"),
            ("grad_2.0_norm/layers.0.weight", Measure::Norm(Quantity::Gradient), "layers.0"),
            ("grad_norm/fc1", Measure::Norm(Quantity::Gradient), "fc1"),
            ("fc1.weight.grad_norm", Measure::Norm(Quantity::Gradient), "fc1"),
            ("fc1_grad_norm", Measure::Norm(Quantity::Gradient), "fc1"),
            ("gradients/fc1/norm", Measure::Norm(Quantity::Gradient), "fc1"),
            ("weight_norm/fc1", Measure::Norm(Quantity::Weight), "fc1"),
            ("grads/fc1/max", Measure::Statistic(Quantity::Gradient, Statistic::Max), "fc1"),
            ("grad_2.0_norm/encoder.0.weight_step", Measure::Norm(Quantity::Gradient), "encoder.0"),
            ("grad_2.0_norm_layers.0.weight", Measure::Norm(Quantity::Gradient), "layers.0"),
            ("grad_norm_fc1.weight", Measure::Norm(Quantity::Gradient), "fc1"),
            ("grad_norm_layer_3", Measure::Norm(Quantity::Gradient), "layer_3"),
            ("grad_fc1", gradient, "fc1"),
            ("grad_fc1_weight", gradient, "fc1"),
            ("gradients.layers.0.weight", gradient, "layers.0"),
            ("train/grad_norm/blocks.3.attn.qkv.weight", Measure::Norm(Quantity::Gradient), "blocks.3.attn.qkv"),
            ("GradNorm/fc1", Measure::Norm(Quantity::Gradient), "fc1"),
            ("Grad Norm/fc1", Measure::Norm(Quantity::Gradient), "fc1"),
            ("grads_norm/Dense_0/kernel", Measure::Norm(Quantity::Gradient), "Dense_0"),
            ("grads['params']['Dense_0']['kernel']", gradient, "Dense_0"),
            ("layer1/weights/gradients", gradient, "layer1"),
            ("layer1/weights/summaries/stddev_1", Measure::Statistic(Quantity::Weight, Statistic::Rms), "layer1"),
            ("layer1/weights/summaries/histogram", weight, "layer1"),
            ("layer1/Wx_plus_b/pre_activations", Measure::Whole(Quantity::Preactivation), "layer1"),
            ("params_norm/Dense_0/kernel", Measure::Norm(Quantity::Weight), "Dense_0"),
            ("layer1/activations_1", Measure::Whole(Quantity::Activation), "layer1"),
            ("gradients/dense/kernel/histogram", gradient, "dense"),
            ("gradient_flow/fc1", gradient, "fc1"),
            ("grad_mean/fc1.weight", Measure::Mean(Quantity::Gradient), "fc1"),
            ("fc1/grad_abs_mean", Measure::Statistic(Quantity::Gradient, Statistic::MeanAbs), "fc1"),
            ("fc1.weight_grad_std", Measure::Statistic(Quantity::Gradient, Statistic::Rms), "fc1"),
            ("layer_2/gradient_norm", Measure::Norm(Quantity::Gradient), "layer_2"),
            ("lstm.weight_ih_l0", weight, "lstm.weight_ih_l0"),
            ("dead_neurons/relu1", Measure::DeadUnits, "relu1"),
            ("grad_output/fc2", Measure::Whole(Quantity::Delta), "fc2"),
            (
                "torchinstruments/train/grad_enabled_true/modules/blocks.0/call_0/grad_output/histograms/distribution",
                Measure::Whole(Quantity::Delta),
                "blocks.0",
            ),
        ] {
            assert_eq!(read(tag), Some(place(measure, layer)), "{tag}");
        }
    }

    #[test]
    fn biases_scales_and_what_names_no_layer_have_no_place() {
        for tag in [
            "",
            "/",
            "loss",
            "loss/train",
            "weights",
            "gradient",
            "gradient/norm",
            "grad_norm/total",
            "grad_2.0_norm_total",
            "gradient/",
            "units/dead/",
            "gain/strange/layer1",
            "layers.0.bias",
            "layers.0.bias.grad",
            "grads/params/Dense_0/bias",
            "dense/bias_0",
            "dense/bias:0",
            "batch_normalization/gamma_0",
            "bn1.weight.grad",
            "encoder.layers.0.norm1.weight",
            "grads/LayerNorm_0/weight",
            "layer_norm.weight.grad",
            "learning_rate",
            "epoch_accuracy",
            "grad_norm",
            "train/grad_norm",
            "grad_2.0_norm_total_step",
            "gradient_penalty",
            "grad_norm_clipped",
            "grad_clip",
            "weight_decay",
            "lstm.bias_ih_l0",
            "grads/LayerNorm_0/scale",
            "ln_f.weight.grad",
        ] {
            assert_eq!(read(tag), None, "{tag}");
        }
    }

    /// Texts made of the words that tags are made of, and of anything.
    pub(super) fn tag() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "grad",
                "grads",
                "weight",
                "kernel:0",
                "bias",
                "norm",
                "grad_2.0_norm",
                "layer",
                "0",
                "00",
                "12",
                "/",
                ".",
                "_",
                ":",
                "gain",
                "units",
                "dead",
                "params",
                "rms",
                "head",
                "é",
                "٣",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_a_layer_has_a_name_out_of_the_tag(tag in tag()) {
            if let Some(place) = read(&tag) {
                prop_assert!(!place.layer.is_empty() && tag.contains(&place.layer));
            }
        }
    }
}
