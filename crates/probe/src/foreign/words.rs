//! The words that tags are made of, and what each says.

use crate::tags::{Quantity, Statistic};

/// What one word of a tag says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Word {
    Quantity(Quantity),
    Statistic(Statistic),
    /// "mean": with the sign, or not; the tag does not say.
    Mean,
    Norm,
    /// "kernel", "weight": which parameter of a layer.
    Weights,
    UpdateRatio,
    DeadUnits,
    SaturatedUnits,
    /// What is no matrix of weights: a bias, the scale of a normalisation, its running mean.
    Other,
    /// "params": weights, if nothing else says what.
    Parameters,
    /// "histogram", "value": says nothing that is not known.
    Filler,
}

/// What a part of a tag, between slashes or dots, says as a whole: one word, or several that underscores join,
/// `grad_l2_norm`. None if any of it is a name. Capitals and Keras's `:0` do not matter.
pub(super) fn words(part: &str) -> Option<Vec<Word>> {
    let part = plain(part);
    if let Some(word) = word(&part) {
        return Some(vec![word]);
    }
    let mut found: Vec<Word> = Vec::new();
    let mut pieces = part.split(['_', '-', ' ']).filter(|piece| !piece.is_empty());
    while let Some(piece) = pieces.next() {
        found.push(match piece {
            "pre" => match pieces.next()? {
                "activation" | "activations" | "act" | "acts" => Word::Quantity(Quantity::Preactivation),
                _ => return None,
            },
            // "grad_2.0_norm": which norm.
            number if is_order(number) && !found.is_empty() => Word::Norm,
            piece => word(piece).filter(|word| *word != Word::Other)?,
        });
    }
    // Of numbers alone nothing can be said, and "mean" alone is a name as good as any.
    found.iter().any(|word| !matches!(word, Word::Norm | Word::Filler)).then_some(found)
}

/// Without Keras's `:0`, in small letters, with underscores where capitals begin a word: `GradNorm` is `grad_norm`.
fn plain(part: &str) -> String {
    let part = part.split_once(':').map_or(part, |(part, _)| part).trim();
    let mut plain = String::with_capacity(part.len());
    let mut before = ' ';
    for letter in part.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            plain.push('_');
        }
        plain.extend(letter.to_lowercase());
        before = letter;
    }
    plain
}

/// Whether it says of which order a norm is.
fn is_order(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|order| order > 0.0 && order < 100.0 || order == f64::INFINITY)
}

/// What a word says, in small letters.
pub(super) fn word(text: &str) -> Option<Word> {
    // Keras's callback writes "kernel_0", and TensorFlow 1 "stddev_1" the second time.
    let text = match text.rsplit_once('_') {
        Some((before, number)) if !number.is_empty() && is_number(number) => before,
        _ => text,
    };
    Some(match text {
        "gradient" | "gradients" | "grad" | "grads" | "wgrad" | "dw" => Word::Quantity(Quantity::Gradient),
        "preactivation" | "preactivations" | "pre_activation" | "pre_activations" | "preact" | "preacts" => {
            Word::Quantity(Quantity::Preactivation)
        }
        "activation" | "activations" | "act" | "acts" | "output" | "outputs" => Word::Quantity(Quantity::Activation),
        // dC/da and dC/dx are told from dC/dz by no log; they go through the layers as it does.
        "delta"
        | "deltas"
        | "grad_output"
        | "grad_outputs"
        | "grad_out"
        | "output_grad"
        | "output_grads"
        | "activation_grad"
        | "activation_grads"
        | "activation_gradient"
        | "activation_gradients"
        | "act_grad"
        | "act_grads"
        | "grad_input"
        | "grad_inputs" => Word::Quantity(Quantity::Delta),
        "weight" | "weights" | "kernel" | "kernels" => Word::Weights,
        "bias"
        | "biases"
        | "beta"
        | "gamma"
        | "scale"
        | "running_mean"
        | "running_var"
        | "moving_mean"
        | "moving_variance"
        | "num_batches_tracked" => Word::Other,
        "params" | "param" | "parameters" | "parameter" => Word::Parameters,
        // Where TensorFlow's tutorial puts a layer's sum.
        "wx_plus_b" => Word::Filler,
        "histogram" | "histograms" | "hist" | "distribution" | "distributions" | "value" | "values" | "summaries"
        | "stats" | "statistics" | "flow" | "layerwise" | "per_layer" | "by_layer" | "units" | "neurons" => {
            Word::Filler
        }
        "norm" | "norms" | "l2" | "l2norm" | "l2_norm" | "2_norm" => Word::Norm,
        "mean_abs" | "abs_mean" | "absmean" | "meanabs" | "avg_abs" | "abs_avg" | "abs" | "magnitude" => {
            Word::Statistic(Statistic::MeanAbs)
        }
        // The mean is next to nothing beside it, in weights and gradients.
        "rms" | "std" | "stddev" => Word::Statistic(Statistic::Rms),
        "mean" | "avg" | "ave" | "average" => Word::Mean,
        "min" => Word::Statistic(Statistic::Min),
        "max" | "absmax" | "max_abs" | "abs_max" => Word::Statistic(Statistic::Max),
        "zeros" => Word::Statistic(Statistic::Zeros),
        "nans" | "nan" | "nan_count" | "nans_count" | "num_nan" | "num_nans" | "n_nan" | "n_nans" | "has_nan" => {
            Word::Statistic(Statistic::Nans)
        }
        "infinities" | "inf" | "infs" | "inf_count" | "infs_count" | "num_inf" | "num_infs" | "n_inf" | "n_infs"
        | "has_inf" => Word::Statistic(Statistic::Infinities),
        "update_ratio"
        | "update_ratios"
        | "update_to_weight"
        | "update_to_weight_ratio"
        | "update_weight_ratio"
        | "weight_update_ratio"
        | "update_to_data"
        | "update_data_ratio"
        | "relative_update" => Word::UpdateRatio,
        "dead" | "dead_units" | "dead_neurons" | "dead_relu" | "dead_relus" | "dead_fraction" | "dead_ratio"
        | "fraction_dead" | "frac_dead" => Word::DeadUnits,
        "saturated" | "saturated_units" | "saturation" | "saturated_fraction" | "frac_saturated" => {
            Word::SaturatedUnits
        }
        _ => return None,
    })
}

/// Whether it is made of digits.
pub(super) fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
