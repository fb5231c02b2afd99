//! Tags as people write them.

use proptest::prelude::*;

use super::*;
use crate::tags::{Quantity, Stage, Statistic};

fn place(measure: Measure, layer: &str) -> Place {
    Place { measure, layer: layer.to_owned() }
}

#[test]
fn our_own_tags_are_read() {
    for quantity in Quantity::ALL {
        assert_eq!(read(&Measure::Whole(quantity).at(9)), Some(place(Measure::Whole(quantity), "layer10")));
        for statistic in Statistic::ALL {
            let expected = Some(place(Measure::Statistic(quantity, statistic), "layer1"));
            assert_eq!(read(&Measure::Statistic(quantity, statistic).at(0)), expected);
        }
    }
    for gain in Stage::ALL {
        assert_eq!(read(&Measure::Gain(gain).at(0)), Some(place(Measure::Gain(gain), "layer1")));
    }
    assert_eq!(read(&Measure::UpdateRatio.at(1)), Some(place(Measure::UpdateRatio, "layer2")));
    assert_eq!(read(&Measure::ExpectedDelta.at(0)), Some(place(Measure::ExpectedDelta, "layer1")));
    assert_eq!(read(&Measure::ExpectedSpread.at(0)), Some(place(Measure::ExpectedSpread, "layer1")));
    assert_eq!(read(&Measure::DeadUnits.at(2)), Some(place(Measure::DeadUnits, "layer3")));
    assert_eq!(read(&Measure::SaturatedUnits.at(3)), Some(place(Measure::SaturatedUnits, "layer4")));
    for of_no_layer in
        [Measure::CounterfactualRelu.tag(), Measure::CounterfactualWeights.tag(), tags::FIRST_LAYER_WEIGHTS]
    {
        assert_eq!(read(of_no_layer), None);
    }
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
        ("gradients_0/weight", gradient, "0"),
        ("weight_3", weight, "3"),
        ("weightL2_3", Measure::Norm(Quantity::Weight), "3"),
        ("grad_norm_2/mean", Measure::Norm(Quantity::Gradient), "2"),
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
        ("activations/fc1/nan_count", Measure::Statistic(Quantity::Activation, Statistic::Nans), "fc1"),
        ("fc1/pre_activation/num_infs", Measure::Statistic(Quantity::Preactivation, Statistic::Infinities), "fc1"),
        ("grads/fc1/inf", Measure::Statistic(Quantity::Gradient, Statistic::Infinities), "fc1"),
        ("grad_inf_norm/fc1", Measure::Norm(Quantity::Gradient), "fc1"),
        ("grad_norm/fc1/inf", Measure::Norm(Quantity::Gradient), "fc1"),
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
        "units/dead/.",
        "update_ratio/ ",
        "theory/delta//./",
        "gain/weight/[]",
        "torchinstruments/train/grad_enabled_true/modules//call_0/grad_output/histograms/distribution",
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
        "gradients_0/bias",
        "act_1/weight",
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
            prop_assert!(tag::is_name(&place.layer) && tag.contains(&place.layer));
        }
    }
}
