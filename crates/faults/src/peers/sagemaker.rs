//! SageMaker Debugger's built-in rules, with their documented defaults.
//!
//! Source: Amazon SageMaker Developer Guide, "List of Debugger built-in rules" (a page for each rule), and Rauschmayr et
//! al., "Amazon SageMaker Debugger", MLSys 2021. The rules' programs are not published, so this is their documentation.
//!
//! | rule | rings | here |
//! |---|---|---|
//! | `VanishingGradient` | mean of abs(gradient) < 1e-7 | as it is |
//! | `ExplodingTensor` | any NaN or infinity | in gradients, weights, pre-activations, activations, loss |
//! | `AllZero` | every value of a tensor is 0 | of weights (which tensors is the user's choice; gradients are seen by `VanishingGradient`) |
//! | `UnchangedTensor` | `numpy.allclose` (rtol 1e-5, atol 1e-8) over 3 saved steps | of weights: update ratio at most 1e-5, and mean, root mean square, minimum and maximum all close. Each is necessary for `allclose`, so it rings whenever the rule would, and possibly more often |
//! | `DeadRelu` | units active in less than 1 % of cases are more than 50 % of a layer | units that are never active in the batch. The same up to batches of 100; in larger ones a unit that is active once or twice in several hundred samples is missed |
//! | `SaturatedActivation` | inputs within -23..16.99999 (sigmoid), -9.4999..9.4999 (tanh) in less than 1 % of cases, for more than 50 % of a layer's units | units are not told apart in a log: rings if more than 99 % of 50 % of all inputs are outside, which is necessary for the rule, so it rings whenever the rule would, and possibly more often |
//! | `PoorWeightInitialization` | variances of activation inputs differ by a factor > 10 between layers, in the first 10 steps | hidden layers of any activation; the documented default looks at `ReLU` only |
//! | the same, of gradients | a layer's gradients range over less than 1e-3 from the 5th to the 95th percentile, in the first 10 steps | as it is. It also looks at the loss of the first steps, in words that leave open how; that is left out |
//! | `WeightUpdateRatio` | norm of the update over norm of W > 10 or < 1e-8 | measured at each record, from one step to the next. W = 0 that gets any update rings, as the documented epsilon of 1e-9 makes it |
//! | `LossNotDecreasing` | loss not 0.1 % lower than 10 steps before | of held-out data or means over an epoch, in its favour: of single batches noise alone would make it ring. See `Epoch::smooth_loss` |
//! | `Overfit` | (validation loss - training loss) / training loss > 0.1, for one step | means over five epochs, in its favour: of the few batches of one, noise alone would make it ring |
//! | `Overtraining` | training loss not better by 0.01 for 5 steps, validation loss for 10 | epochs instead of steps, and both must hold, in its favour |
//!
//! Not here, because a log does not hold what they look at: `ClassImbalance`, `Confusion`, `CheckInputImages`,
//! `SimilarAcrossRuns`, `StalledTraining`, `NLPSequenceRatio` and the rules for trees; and `TensorVariance`, which has no
//! thresholds unless its user sets them.

use headwater_nn::Activation;

use super::stats::mean;
use super::symptom::{Kind, Symptom, Symptoms};
use super::watched::{Epoch, Layer, Record, Tensor, Watched};

const VANISHING: f64 = 1e-7;
/// Tolerances of `numpy.allclose`.
const RELATIVE: f64 = 1e-5;
const ABSOLUTE: f64 = 1e-8;
/// Saved steps over which a tensor is compared.
const UNCHANGED_STEPS: usize = 3;
/// Share of a layer's units.
const OF_A_LAYER: f64 = 0.5;
/// Share of cases outside of the limits that makes a unit saturated.
const OUTSIDE: f64 = 0.99;
const SIGMOID_LIMITS: (f64, f64) = (-23.0, 16.99999);
const TANH_LIMITS: (f64, f64) = (-9.4999, 9.4999);
const VARIANCE_RATIO: f64 = 10.0;
/// Least range of a layer's gradients between these shares.
const GRADIENT_RANGE: f64 = 1e-3;
const GRADIENT_SHARES: (f64, f64) = (0.05, 0.95);
/// Steps in which the initialisation is judged.
const FIRST_STEPS: i64 = 10;
const UPDATE_RATIOS: (f64, f64) = (1e-8, 10.0);
const LOSS_STEPS: i64 = 10;
const LOSS_DECREASE: f64 = 0.001;
const OVERFIT_RATIO: f64 = 0.1;
/// Epochs whose mean losses are compared.
const OVERFIT_EPOCHS: usize = 5;
const OVERTRAINING_DELTA: f64 = 0.01;
const PATIENCE_TRAIN: usize = 5;
const PATIENCE_VALIDATION: usize = 10;

/// What the rules on tensors say, at each record.
pub(crate) fn tensors(watched: &Watched) -> Vec<Symptom> {
    let mut symptoms = Symptoms::default();
    on_tensors(watched, &mut symptoms);
    symptoms.into_vec()
}

/// What all rules say.
pub(crate) fn all(watched: &Watched) -> Vec<Symptom> {
    let mut symptoms = Symptoms::default();
    on_tensors(watched, &mut symptoms);
    loss_not_decreasing(watched, &mut symptoms);
    overfit(watched, &mut symptoms);
    overtraining(watched, &mut symptoms);
    symptoms.into_vec()
}

fn on_tensors(watched: &Watched, symptoms: &mut Symptoms) {
    for (index, record) in watched.records.iter().enumerate() {
        if !record.loss.is_finite() {
            symptoms.add(record.step, "ExplodingTensor", Kind::Exploding, None);
        }
        poor_weight_initialization(record, symptoms);
        for (number, layer) in record.layers.iter().enumerate() {
            let mut add = |rule, kind| symptoms.add(record.step, rule, kind, Some(number));
            if layer.gradient.mean_abs < VANISHING {
                add("VanishingGradient", Kind::Vanishing);
            }
            let tensors = [layer.gradient, layer.weights, layer.preactivation, layer.activation];
            if tensors.iter().any(|tensor| !tensor.finite) {
                add("ExplodingTensor", Kind::Exploding);
            }
            if layer.weights.mean_abs == 0.0 {
                add("AllZero", Kind::PoorInit);
            }
            let of_layer = |record: &Record| record.layers.get(number).cloned();
            let past: Vec<Layer> =
                watched.records[..=index].iter().rev().take(UNCHANGED_STEPS).filter_map(of_layer).collect();
            if past.len() == UNCHANGED_STEPS && past.iter().all(|then| unchanged(layer, then)) {
                add("UnchangedTensor", Kind::Unchanged);
            }
            if watched.activations[number] == Activation::Relu && layer.dead_units > OF_A_LAYER {
                add("DeadRelu", Kind::DyingRelu);
            }
            if saturated(watched.activations[number], layer) {
                add("SaturatedActivation", Kind::Saturated);
            }
            let next = watched.records.get(index + 1).and_then(of_layer);
            let from_zero = layer.weights.mean_abs == 0.0 && next.is_some_and(|next| next.weights.mean_abs > 0.0);
            if layer.update_ratio.is_some_and(|ratio| ratio > UPDATE_RATIOS.1) || from_zero {
                add("WeightUpdateRatio", Kind::UpdateTooLarge);
            }
            if layer.update_ratio.is_some_and(|ratio| ratio < UPDATE_RATIOS.0) {
                add("WeightUpdateRatio", Kind::UpdateTooSmall);
            }
        }
    }
}

fn unchanged(now: &Layer, then: &Layer) -> bool {
    let close = |of: fn(&Tensor) -> f64| {
        let (now, then) = (of(&now.weights), of(&then.weights));
        (now - then).abs() <= ABSOLUTE + RELATIVE * then.abs()
    };
    then.update_ratio.is_some_and(|ratio| ratio <= RELATIVE)
        && close(|tensor| tensor.mean_abs)
        && close(|tensor| tensor.rms)
        && close(|tensor| tensor.min)
        && close(|tensor| tensor.max)
}

fn saturated(activation: Activation, layer: &Layer) -> bool {
    let (low, high) = match activation {
        Activation::Sigmoid => SIGMOID_LIMITS,
        Activation::Tanh => TANH_LIMITS,
        _ => return false,
    };
    layer.inputs.share_outside(low, high) > OUTSIDE * OF_A_LAYER
}

fn poor_weight_initialization(record: &Record, symptoms: &mut Symptoms) {
    let Some((_, hidden)) = record.layers.split_last().filter(|_| record.step < FIRST_STEPS) else { return };
    for (number, layer) in record.layers.iter().enumerate() {
        if layer.gradients.quantile(GRADIENT_SHARES.1) - layer.gradients.quantile(GRADIENT_SHARES.0) < GRADIENT_RANGE {
            symptoms.add(record.step, "PoorWeightInitialization, gradients", Kind::PoorInit, Some(number));
        }
    }
    let variances: Vec<f64> = hidden.iter().map(|layer| layer.inputs.variance()).collect();
    let smallest = variances.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = variances.iter().copied().fold(0.0, f64::max);
    if largest > VARIANCE_RATIO * smallest {
        symptoms.add(record.step, "PoorWeightInitialization", Kind::PoorInit, None);
    }
}

fn loss_not_decreasing(watched: &Watched, symptoms: &mut Symptoms) {
    let mut before: Option<(i64, f64)> = None;
    for epoch in watched.epochs() {
        let (step, loss) = (epoch.last().step, epoch.smooth_loss());
        match before {
            Some((then, _)) if step - then < LOSS_STEPS => continue,
            Some((_, then)) if loss > then * (1.0 - LOSS_DECREASE) => {
                symptoms.add(step, "LossNotDecreasing", Kind::NotLearning, None);
            }
            _ => {}
        }
        before = Some((step, loss));
    }
}

fn overfit(watched: &Watched, symptoms: &mut Symptoms) {
    for epochs in watched.epochs().windows(OVERFIT_EPOCHS) {
        let losses = |epoch: &Epoch<'_>| epoch.validation().map(|(held_out, _)| (held_out, epoch.loss()));
        let (held_out, train): (Vec<f64>, Vec<f64>) = epochs.iter().filter_map(losses).unzip();
        if mean(&held_out) - mean(&train) > OVERFIT_RATIO * mean(&train) {
            symptoms.add(epochs[OVERFIT_EPOCHS - 1].last().step, "Overfit", Kind::Overfitting, None);
        }
    }
}

fn overtraining(watched: &Watched, symptoms: &mut Symptoms) {
    let (mut train, mut held_out) = (Patience::default(), Patience::default());
    for epoch in watched.epochs() {
        let Some((validation, _)) = epoch.validation() else { continue };
        let (train, held_out) = (train.without_gain(epoch.loss()), held_out.without_gain(validation));
        if train >= PATIENCE_TRAIN && held_out >= PATIENCE_VALIDATION {
            symptoms.add(epoch.last().step, "Overtraining", Kind::Overfitting, None);
        }
    }
}

/// Waits for a loss to get better.
#[derive(Default)]
struct Patience {
    best: Option<f64>,
    waited: usize,
}

impl Patience {
    /// For how many epochs, this one included, the loss has not been better by the least that counts.
    fn without_gain(&mut self, loss: f64) -> usize {
        if self.best.is_none_or(|best| best - loss >= OVERTRAINING_DELTA) {
            (self.best, self.waited) = (Some(loss), 0);
        } else {
            self.waited += 1;
        }
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::super::healthy::{run, values, with_layer, with_records};

    use super::*;

    fn rings(watched: &Watched, rule: &str) -> Option<Symptom> {
        all(watched).into_iter().find(|symptom| symptom.rule == rule)
    }

    #[test]
    fn a_mean_gradient_vanishes_below_1e_7() {
        let of = |mean_abs| with_layer(1, move |layer| layer.gradient.mean_abs = mean_abs);
        assert_eq!(rings(&of(1.01e-7), "VanishingGradient"), None);
        let symptom = rings(&of(0.99e-7), "VanishingGradient").unwrap();
        assert_eq!((symptom.kind, symptom.layer, symptom.step), (Kind::Vanishing, Some(1), 0));
    }

    #[test]
    fn one_tensor_that_is_not_finite_explodes() {
        let watched = with_layer(2, |layer| layer.preactivation.finite = false);
        assert_eq!(rings(&watched, "ExplodingTensor").map(|symptom| symptom.layer), Some(Some(2)));
    }

    #[test]
    fn weights_that_are_all_zero_ring_and_so_does_their_first_update() {
        let watched = with_records(|index, record| {
            let weights = &mut record.layers[0].weights;
            weights.mean_abs = if index == 0 { 0.0 } else { 1e-3 };
        });
        assert!(rings(&watched, "AllZero").is_some());
        assert_eq!(rings(&watched, "WeightUpdateRatio").unwrap().kind, Kind::UpdateTooLarge);
        let frozen = with_layer(0, |layer| layer.weights.mean_abs = 0.0);
        assert_eq!(rings(&frozen, "WeightUpdateRatio"), None);
    }

    #[test]
    fn weights_are_unchanged_when_three_records_are_close() {
        let still = run().records[0].layers[0].weights;
        let of = |ratio, steps| {
            with_records(move |index, record| {
                if index < steps {
                    (record.layers[0].weights, record.layers[0].update_ratio) = (still, Some(ratio));
                }
            })
        };
        assert_eq!(rings(&of(0.99e-5, 3), "UnchangedTensor").map(|symptom| symptom.step), Some(20));
        assert_eq!(rings(&of(0.99e-5, 2), "UnchangedTensor"), None);
        assert_eq!(rings(&of(1.01e-5, 3), "UnchangedTensor"), None);
        let moved = |by: f64| {
            with_records(move |index, record| {
                let layer = &mut record.layers[0];
                (layer.weights, layer.update_ratio) = (still, Some(0.0));
                layer.weights.max += if index % 3 == 2 { by * still.max } else { 0.0 };
            })
        };
        assert!(rings(&moved(0.9e-5), "UnchangedTensor").is_some());
        assert_eq!(rings(&moved(1.1e-5), "UnchangedTensor"), None);
        let from_zero = |to: f64| {
            with_records(move |index, record| {
                let layer = &mut record.layers[0];
                (layer.weights, layer.update_ratio) = (still, Some(0.0));
                layer.weights.min = if index % 3 == 2 { to } else { 0.0 };
            })
        };
        assert!(rings(&from_zero(0.9e-8), "UnchangedTensor").is_some());
        assert_eq!(rings(&from_zero(1.1e-8), "UnchangedTensor"), None);
    }

    #[test]
    fn more_than_half_of_a_relu_layer_must_be_dead() {
        let of = |share| with_layer(0, move |layer| layer.dead_units = share);
        assert_eq!(rings(&of(0.5), "DeadRelu"), None);
        assert!(rings(&of(0.51), "DeadRelu").is_some());
        let mut other = of(0.51);
        other.activations[0] = Activation::Tanh;
        assert_eq!(rings(&other, "DeadRelu"), None);
    }

    #[test]
    fn inputs_saturate_beyond_the_limits_of_their_activation() {
        for (activation, low, high) in [(Activation::Sigmoid, -23.0, 16.99999), (Activation::Tanh, -9.4999, 9.4999)] {
            let of = |share: f64| {
                let mut watched = with_layer(0, |layer| layer.inputs = values(high - (1.0 - share), high + share));
                watched.activations[0] = activation;
                watched
            };
            assert_eq!(rings(&of(0.49), "SaturatedActivation"), None);
            assert!(rings(&of(0.5), "SaturatedActivation").is_some());
            let mut below = with_layer(0, |layer| layer.inputs = values(low - 0.51, low + 0.49));
            assert_eq!(rings(&below, "SaturatedActivation"), None, "not of ReLU");
            below.activations[0] = activation;
            assert!(rings(&below, "SaturatedActivation").is_some());
        }
    }

    #[test]
    fn variances_of_hidden_inputs_differ_by_more_than_ten_in_the_first_ten_steps() {
        let of =
            |ratio: f64| with_layer(1, move |layer| layer.inputs = values(-2.0 * ratio.sqrt(), 2.0 * ratio.sqrt()));
        assert_eq!(rings(&of(9.9), "PoorWeightInitialization"), None);
        assert_eq!(rings(&of(10.1), "PoorWeightInitialization").unwrap().kind, Kind::PoorInit);
        let mut later = of(10.1);
        later.records.remove(0);
        assert_eq!(rings(&later, "PoorWeightInitialization"), None);
        let outputs = with_layer(3, |layer| layer.inputs = values(-99.0, 99.0));
        assert_eq!(rings(&outputs, "PoorWeightInitialization"), None);
    }

    #[test]
    fn gradients_range_over_less_than_1e_3_in_the_first_ten_steps() {
        // Nine tenths of values spread evenly.
        let of = |range: f64| with_layer(2, move |layer| layer.gradients = values(0.0, range / 0.9));
        assert_eq!(rings(&of(1.01e-3), "PoorWeightInitialization, gradients"), None);
        assert_eq!(rings(&of(0.99e-3), "PoorWeightInitialization, gradients").unwrap().layer, Some(2));
        let mut later = of(0.99e-3);
        later.records.remove(0);
        assert_eq!(rings(&later, "PoorWeightInitialization, gradients"), None);
    }

    #[test]
    fn updates_are_too_large_above_10_and_too_small_below_1e_8() {
        let of = |ratio| with_layer(0, move |layer| layer.update_ratio = Some(ratio));
        for (ratio, kind) in
            [(9.9, None), (10.1, Some(Kind::UpdateTooLarge)), (1.01e-8, None), (0.99e-8, Some(Kind::UpdateTooSmall))]
        {
            assert_eq!(rings(&of(ratio), "WeightUpdateRatio").map(|symptom| symptom.kind), kind, "{ratio}");
        }
    }

    #[test]
    fn a_loss_must_be_lower_by_a_thousandth_after_ten_steps() {
        let of = |decrease: f64| {
            // The epochs of the healthy run are of two records.
            with_records(move |index, record| record.loss = 2.0 * (1.0 - decrease).powf((index / 2) as f64))
        };
        assert_eq!(rings(&of(0.0011), "LossNotDecreasing"), None);
        assert!(rings(&of(0.0009), "LossNotDecreasing").is_some());
        let mut dense = of(0.0009);
        for (step, record) in (0..).zip(&mut dense.records) {
            record.step = step;
        }
        assert_eq!(rings(&dense, "LossNotDecreasing"), None, "ten steps later it is lower by five times that");
        // Epochs end with steps 1, 3, 5, ...
        for record in &mut dense.records {
            record.loss = if record.step < 20 { 1.0 } else { 0.5 };
        }
        assert_eq!(rings(&dense, "LossNotDecreasing").unwrap().step, 11);
    }

    #[test]
    fn held_out_loss_a_tenth_higher_is_overfitting() {
        let of = |ratio: f64| {
            with_records(move |index, record| {
                record.loss = 1.0;
                record.validation = Some((if index >= 10 { ratio } else { 1.0 }, 0.5));
            })
        };
        assert_eq!(rings(&of(1.09), "Overfit"), None);
        assert_eq!(rings(&of(1.11), "Overfit").unwrap().step, 190);
        assert_eq!(rings(&run(), "Overfit"), None, "nothing held out");
    }

    #[test]
    fn training_on_without_gain_for_ten_epochs_is_overtraining() {
        // Flat but for one gain in the epoch `last`.
        let of = |last: usize, gain: f64| {
            with_records(move |index, record| {
                record.loss = 1.0;
                record.validation = Some((if index / 2 >= last { 1.0 - gain } else { 1.0 }, 0.5));
            })
        };
        assert_eq!(rings(&of(11, 0.02), "Overtraining").unwrap().step, 210, "ten epochs after the first");
        assert_eq!(rings(&of(10, 0.02), "Overtraining"), None, "never ten epochs without a gain");
        assert_eq!(rings(&of(9, 0.02), "Overtraining").unwrap().step, 390, "ten epochs after the gain");
        assert!(rings(&of(10, 0.009), "Overtraining").is_some(), "too small a gain");
        let train_gains = with_records(|index, record| {
            (record.loss, record.validation) = (if index / 2 >= 6 { 0.5 } else { 1.0 }, Some((1.0, 0.5)));
        });
        assert_eq!(rings(&train_gains, "Overtraining").unwrap().step, 230, "five epochs after the gain");
        let improving = with_records(|index, record| {
            (record.loss, record.validation) = (9.0 - 0.1 * index as f64, Some((1.0, 0.5)));
        });
        assert_eq!(rings(&improving, "Overtraining"), None);
    }

    #[test]
    fn rules_on_tensors_know_nothing_of_the_loss() {
        let watched = with_records(|_, record| record.loss = 1.0);
        assert!(rings(&watched, "LossNotDecreasing").is_some());
        assert_eq!(tensors(&watched), []);
    }
}
