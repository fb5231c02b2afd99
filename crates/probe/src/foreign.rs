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

use std::{cmp::Reverse, str::FromStr as _};

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

/// What one word of a tag says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Quantity(Quantity),
    Statistic(Statistic),
    Norm,
    /// "kernel", "weight": which parameter of a layer.
    Weights,
    /// "bias": a parameter that is not asked for.
    Bias,
    /// "params", "histogram", "value": says nothing that is not known.
    Filler,
}

/// What a word says at the beginning of a tag or at its end. Capitals and Keras's ":0" do not matter.
fn word(text: &str) -> Option<Word> {
    let text = text.split_once(':').map_or(text, |(text, _)| text).to_ascii_lowercase();
    Some(match &*text {
        "gradient" | "gradients" | "grad" | "grads" => Word::Quantity(Quantity::Gradient),
        "preactivation" | "preactivations" | "pre_activation" | "pre_activations" => {
            Word::Quantity(Quantity::Preactivation)
        }
        "activation" | "activations" => Word::Quantity(Quantity::Activation),
        "delta" | "deltas" => Word::Quantity(Quantity::Delta),
        "weight" | "weights" | "kernel" | "kernels" | "kernel_0" | "weight_0" => Word::Weights,
        "bias" | "biases" | "bias_0" | "beta" | "beta_0" | "gamma" | "gamma_0" => Word::Bias,
        "params" | "parameters" | "histogram" | "histograms" | "hist" | "value" | "values" => Word::Filler,
        "norm" | "l2" | "l2_norm" | "2_norm" => Word::Norm,
        "mean_abs" | "abs_mean" => Word::Statistic(Statistic::MeanAbs),
        "rms" => Word::Statistic(Statistic::Rms),
        "min" => Word::Statistic(Statistic::Min),
        "max" => Word::Statistic(Statistic::Max),
        "zeros" => Word::Statistic(Statistic::Zeros),
        "nans" => Word::Statistic(Statistic::Nans),
        "infinities" => Word::Statistic(Statistic::Infinities),
        _ => return None,
    })
}

/// What the words that were taken off say together.
#[derive(Debug, Default)]
struct Said {
    quantity: Option<Quantity>,
    weights: bool,
    norm: bool,
    statistic: Option<Statistic>,
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
            Word::Norm => self.norm = true,
            Word::Weights => self.weights = true,
            Word::Bias => return None,
            Word::Filler => {}
        }
        Some(())
    }

    fn measure(&self) -> Option<Measure> {
        let quantity = self.quantity.or_else(|| self.weights.then_some(Quantity::Weight))?;
        Some(match self.statistic {
            Some(statistic) => Measure::Statistic(quantity, statistic),
            None if self.norm => Measure::Norm(quantity),
            None => Measure::Whole(quantity),
        })
    }
}

fn others(tag: &str) -> Option<Place> {
    let mut said = Said::default();
    let mut rest = norm_prefix(tag, &mut said);
    // A tag that is nothing but such words names no layer: its last word is left, and is none.
    while let Some((first, after)) = rest.split_once(['/', '.']) {
        // "weight.0" may be anything; "weight/layer1" is ours.
        let Some(found) = word(first).filter(|_| rest.as_bytes()[first.len()] == b'/') else { break };
        // What follows may say better: "weights/fc1.weight.grad".
        said.add(found)?;
        rest = after;
    }
    rest = endings(rest, &mut said)?;
    let is_scale = said.weights && rest.rsplit(['/', '.']).find(|part| !is_number(part)).is_some_and(is_normalisation);
    let is_layer = !rest.is_empty() && !["total", "all", "global"].contains(&rest) && word(rest).is_none();
    let measure = said.measure()?;
    (is_layer && !is_scale).then(|| Place { measure, layer: rest.to_owned() })
}

/// Takes off `grad_2.0_norm/`, `grad_norm/` and the like.
fn norm_prefix<'a>(tag: &'a str, said: &mut Said) -> &'a str {
    let Some((first, rest)) = tag.split_once('/') else { return tag };
    let first = first.to_ascii_lowercase();
    let Some((quantity, order)) = first.split_once('_') else { return tag };
    let order = order.strip_suffix("norms").or_else(|| order.strip_suffix("norm")).map(|order| order.trim_matches('_'));
    let is_order = |order: &str| order.is_empty() || order == "l2" || f64::from_str(order).is_ok();
    let quantity = word(quantity).filter(|word| matches!(word, Word::Quantity(_) | Word::Weights));
    let (Some(quantity), Some(order)) = (quantity, order) else { return tag };
    if !is_order(order) {
        return tag;
    }
    said.norm = true;
    // Never a bias.
    said.add(quantity).map_or(tag, |()| rest)
}

/// Takes words off the end: whole parts, `.weight.grad`, and what an underscore joins, `fc1_weight_grad`.
fn endings<'a>(mut rest: &'a str, said: &mut Said) -> Option<&'a str> {
    loop {
        let start = rest.rfind(['/', '.']).map_or(0, |at| at + 1);
        let last = &rest[start..];
        if start > 0
            && let Some(found) = word(last)
        {
            said.add(found)?;
            rest = &rest[..start - 1];
        } else if let Some((before, ending)) = last.rsplit_once('_')
            && let Some(found) = word(ending).filter(|found| is_joined(before, *found))
        {
            said.add(found)?;
            rest = &rest[..start + before.len()];
        } else {
            return Some(rest);
        }
    }
}

/// Whether a word that an underscore joins to the name before it is not part of that name: `grad_norm` speaks of a
/// norm, `layer_norm` is a layer.
fn is_joined(before: &str, found: Word) -> bool {
    match found {
        Word::Quantity(_) | Word::Weights | Word::Bias => !before.is_empty(),
        Word::Norm => before.rsplit('_').next().and_then(word).is_some(),
        Word::Statistic(_) | Word::Filler => false,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a module's name is that of a normalisation, which has a weight that is no matrix.
fn is_normalisation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix("bn").or_else(|| name.strip_prefix("ln"));
    name.contains("norm") || rest.is_some_and(|rest| is_number(rest.trim_start_matches('_')))
}

/// The order of layers, from the input to the output, as far as their names tell: the indices of `names` in that order.
///
/// Natural order: numbers as numbers, so that `layer10` stands behind `layer2`, and `dense` before `dense_1`. Names that
/// begin with a word for the input side (`embedding`, `stem`, ...) stand in front, those that begin with one for the
/// output side (`decoder`, `head`, `classifier`, `output`, ...) behind. Equal names keep their order.
///
/// ```
/// let names = ["fc10", "head", "fc2", "embed"];
/// assert_eq!(headwater_probe::foreign::order(&names), [3, 2, 0, 1]);
/// ```
pub fn order<T: AsRef<str>>(names: &[T]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_cached_key(|index| key(names[*index].as_ref()));
    order
}

/// A piece of a name. Numbers stand before letters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Digits without leading zeros; more digits are a larger number.
    Number(usize, &'a str),
    Text(String),
}

/// Compares as the layers of a network stand.
fn key(name: &str) -> (u8, Vec<Piece<'_>>, Reverse<usize>, &str) {
    let mut pieces = Vec::new();
    for run in name.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        // ASCII digits never stand inside a character.
        let run = str::from_utf8(run).unwrap_or_default();
        if is_number(run) {
            let digits = run.trim_start_matches('0');
            pieces.push(Piece::Number(digits.len(), digits));
        } else {
            pieces.push(Piece::Text(run.to_lowercase()));
        }
    }
    (side(name), pieces, Reverse(name.len()), name)
}

/// 0: the input's side; 1: anywhere; 2: the output's.
fn side(name: &str) -> u8 {
    const INPUT: [&str; 5] = ["input", "embed", "embedding", "embeddings", "stem"];
    const OUTPUT: [&str; 8] = ["decoder", "head", "lm_head", "classifier", "logits", "output", "out", "predictions"];
    // A wrapper's name says nothing of the side.
    let first = name.split(['/', '.']).find(|part| !["model", "module", "net", "sequential"].contains(part));
    let first = first.unwrap_or_default().trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '_');
    let is_one_of = |words: &[&str]| words.iter().any(|word| first.eq_ignore_ascii_case(word));
    if is_one_of(&INPUT) {
        0
    } else if is_one_of(&OUTPUT) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
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
        ] {
            assert_eq!(read(tag), None, "{tag}");
        }
    }

    #[test]
    fn layers_stand_from_the_input_to_the_output() {
        for names in [
            &["layer1", "layer2", "layer10"][..],
            &["dense", "dense_1", "dense_2", "dense_10"],
            &["layers.0", "layers.2", "layers.10"],
            &["embedding", "encoder.layers.2.fc", "encoder.layers.10.fc", "decoder.layers.0.fc", "head"],
            &["features.0", "features.28", "classifier.0"],
            &["model.embed", "model.layers.9", "model.lm_head"],
            &["conv1", "conv2", "fc1", "out"],
        ] {
            let backward: Vec<&str> = names.iter().rev().copied().collect();
            let ordered: Vec<&str> = order(&backward).into_iter().map(|index| backward[index]).collect();
            assert_eq!(ordered, names);
        }
    }

    /// Texts made of the words that tags are made of, and of anything.
    fn tag() -> impl Strategy<Value = String> {
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

        #[test]
        fn the_order_is_total_and_does_not_depend_on_how_names_come(mut names in prop::collection::vec(tag(), 0..20), turn in 0usize..20) {
            let ordered = |names: &[String]| -> Vec<String> { order(names).into_iter().map(|index| names[index].clone()).collect() };
            let first = ordered(&names);
            if !names.is_empty() {
                let turn = turn % names.len();
                names.rotate_left(turn);
            }
            prop_assert_eq!(&ordered(&names), &first);
            prop_assert_eq!(&ordered(&first), &first);
            names.sort();
            let mut sorted = first;
            sorted.sort();
            prop_assert_eq!(names, sorted);
        }

        #[test]
        fn numbers_are_compared_as_numbers(a: u64, b: u64) {
            let names = [format!("layer{a}"), format!("layer{b}")];
            let expected = if b < a { [1, 0] } else { [0, 1] };
            prop_assert_eq!(order(&names), expected);
        }
    }
}
