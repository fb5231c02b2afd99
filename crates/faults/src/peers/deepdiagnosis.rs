//! DeepDiagnosis.
//!
//! Source: Wardat, Dantas Cruz, Le and Rajan, "DeepDiagnosis: Automatically Diagnosing Faults and Recommending Actionable
//! Fixes in Deep Learning Programs", ICSE 2022, and where it is silent its released program (`callbacks.py`). It looks at
//! the end of every epoch, and stops at its first symptom:
//!
//! | symptom | criterion | when |
//! |---|---|---|
//! | numerical error | NaN, infinity or exactly 0: mean of a layer's activations, gradient, weights | every epoch |
//! | vanishing gradient | mean of abs(dW) < 1e-7 | every epoch |
//! | invalid loss, accuracy | NaN or infinite; an accuracy of 0 | every epoch |
//! | dead node | 70 % of a `ReLU` layer's activations are 0 | last epoch |
//! | saturated activation | over half of the inputs of sigmoid or tanh beyond -5 or 5 | every 5th |
//! | unchanged tensor | a layer's mean activation, gradient or weight was the same in 5 epochs | every 5th |
//! | loss not decreasing | the same in 5 epochs | every 5th |
//! | accuracy not increasing | the same in 20 epochs | every 20th |
//! | out of range | outputs without softmax before a cross-entropy (`ReLU`, linear); linear outputs that range ten times wider than the targets; targets outside of the activation's range | first epoch |
//!
//! A symptom is then traced to a cause. Two causes are faults of their own, and are added to what was said at that epoch:
//! poor weights (variance below 1e-5 or above 10) and an improper learning rate (learning rate x norm of dW over norm of W
//! below 1e-5 or above 1e-1). Without a symptom neither is looked for.
//!
//! What is taken here:
//! - dW is the gradient, as in the program. The batch is that of the step, not always the first of the data. So
//!   activations of a layer that stands still differ from record to record, and "unchanged" is seen by the weights only.
//! - Where there is a held-out loss and accuracy, they stand for an epoch's, in its favour: see `Epoch::smooth_loss`. So a
//!   network that stands still has a loss that is the same, whatever the batches.
//! - "The same" is judged by the mean of absolute values in f32, not by the mean: it rings on weights that stand still, and
//!   might on some that move in balance.
//! - The program knows a layer's activation by the layer's name in Keras; here it is known of every layer.
//! - In the program the cause looks at the mean weight; the paper's norm and the weights' variance (their mean square; 0 if
//!   all are equal) are taken here.
//! - The cause "inputs outside of -1..1" is left out: the log holds no inputs. That costs it the name of one fault, not the
//!   detection of any.

use headwater_nn::{Activation, Loss};

use super::symptom::{Kind, Symptom, Symptoms};
use super::watched::{Epoch, Layer, Record, Tensor, Watched};

const VANISHING: f64 = 1e-7;
const DEAD: f64 = 0.7;
const LIMIT: f64 = 5.0;
const SATURATED: f64 = 0.5;
/// Epochs that a loss and a tensor are compared over.
const EVERY: usize = 5;
/// Epochs that the accuracy is compared over.
const ACCURACY_EVERY: usize = 20;
/// How much wider than the targets linear outputs may range.
const RANGE: f64 = 10.0;
/// Targets are 0 and 1.
const TARGETS: f64 = 1.0;
const WEIGHT_VARIANCES: (f64, f64) = (1e-5, 10.0);
const LEARNING_RATIOS: (f64, f64) = (1e-5, 1e-1);

pub(crate) fn judge(watched: &Watched) -> Vec<Symptom> {
    let epochs = watched.epochs();
    let mut symptoms = Symptoms::default();
    for (index, epoch) in epochs.iter().enumerate() {
        let (record, counter) = (epoch.last(), index + 1);
        if index == 0 && out_of_range(watched, record) {
            symptoms.add(record.step, "out of range", Kind::LossMismatch, record.layers.len().checked_sub(1));
        }
        for (number, layer) in record.layers.iter().enumerate() {
            let activation = watched.activations[number];
            on_layer(layer, activation, record.step, number, &mut symptoms);
            if counter == epochs.len() && activation == Activation::Relu && layer.activation.zero_share() >= DEAD {
                symptoms.add(record.step, "dead node", Kind::DyingRelu, Some(number));
            }
            if counter.is_multiple_of(EVERY) {
                every_fifth(&epochs[counter - EVERY..counter], activation, number, &mut symptoms);
            }
        }
        on_course(&epochs[..counter], &mut symptoms);
        if symptoms.any_at(record.step) {
            trace(record, watched.learning_rate, &mut symptoms);
        }
    }
    symptoms.into_vec()
}

fn out_of_range(watched: &Watched, record: &Record) -> bool {
    let (Some(activation), Some(layer)) = (watched.activations.last(), record.layers.last()) else { return false };
    match (watched.loss, activation) {
        // Softmax is part of our cross-entropy.
        (Loss::SoftmaxCrossEntropy, Activation::Identity) => false,
        (Loss::SoftmaxCrossEntropy, Activation::Relu) => true,
        (_, Activation::Identity) => layer.activation.max - layer.activation.min > RANGE * TARGETS,
        // The targets lie within what all others reach.
        _ => false,
    }
}

fn on_layer(layer: &Layer, activation: Activation, step: i64, number: usize, symptoms: &mut Symptoms) {
    let mut add = |rule, kind| symptoms.add(step, rule, kind, Some(number));
    let if_zero = |tensor: &Tensor, kind| {
        let broken = !tensor.finite || !tensor.mean_abs.is_finite();
        if broken { Some(Kind::Exploding) } else { (tensor.mean_abs == 0.0).then_some(kind) }
    };
    let no_activity = if activation == Activation::Relu { Kind::DyingRelu } else { Kind::PoorInit };
    let errors = [
        if_zero(&layer.activation, no_activity),
        if_zero(&layer.gradient, Kind::Vanishing),
        if_zero(&layer.weights, Kind::PoorInit),
    ];
    for kind in errors.into_iter().flatten() {
        add("numerical error", kind);
    }
    if layer.gradient.mean_abs < VANISHING {
        add("vanishing gradient", Kind::Vanishing);
    }
}

fn every_fifth(five: &[Epoch<'_>], activation: Activation, number: usize, symptoms: &mut Symptoms) {
    let record = five[five.len() - 1].last();
    let mut add = |rule, kind| symptoms.add(record.step, rule, kind, Some(number));
    if matches!(activation, Activation::Sigmoid | Activation::Tanh)
        && record.layers[number].inputs.share_outside(-LIMIT, LIMIT) > SATURATED
    {
        add("saturated activation", Kind::Saturated);
    }
    let same =
        |of: fn(&Layer) -> f64| all_same(five.iter().map(|epoch| epoch.last().layers.get(number).map_or(f64::NAN, of)));
    let hidden = number + 1 < record.layers.len();
    if (hidden && same(|layer| layer.activation.mean_abs))
        || same(|layer| layer.gradient.mean_abs)
        || same(|layer| layer.weights.mean_abs)
    {
        add("unchanged tensor", Kind::Unchanged);
    }
}

/// Never true of NaN.
fn all_same(mut values: impl Iterator<Item = f64>) -> bool {
    values.next().is_some_and(|first| !first.is_nan() && values.all(|value| value == first))
}

fn on_course(epochs: &[Epoch<'_>], symptoms: &mut Symptoms) {
    let (counter, epoch) = (epochs.len(), epochs[epochs.len() - 1]);
    let mut add = |rule, kind| symptoms.add(epoch.last().step, rule, kind, None);
    if !epoch.loss().is_finite() {
        add("invalid loss", Kind::Exploding);
    }
    if counter.is_multiple_of(EVERY) && all_same(epochs[counter - EVERY..].iter().map(|epoch| epoch.smooth_loss())) {
        add("loss not decreasing", Kind::NotLearning);
    }
    if !epoch.smooth_accuracy().is_finite() || epoch.smooth_accuracy() == 0.0 {
        add("invalid accuracy", Kind::NotLearning);
    }
    if counter.is_multiple_of(ACCURACY_EVERY)
        && all_same(epochs[counter - ACCURACY_EVERY..].iter().map(|epoch| epoch.smooth_accuracy()))
    {
        add("accuracy not increasing", Kind::NotLearning);
    }
}

/// The causes that are faults of their own.
fn trace(record: &Record, learning_rate: f64, symptoms: &mut Symptoms) {
    for (number, layer) in record.layers.iter().enumerate() {
        let mut add = |rule, kind| symptoms.add(record.step, rule, kind, Some(number));
        let equal = layer.weights.min == layer.weights.max;
        let variance = if equal { 0.0 } else { layer.weights.rms.powi(2) };
        if variance < WEIGHT_VARIANCES.0 || variance > WEIGHT_VARIANCES.1 {
            add("poor weights", Kind::PoorInit);
        }
        let ratio = learning_rate * layer.gradient.rms / layer.weights.rms;
        if ratio < LEARNING_RATIOS.0 {
            add("improper learning rate", Kind::UpdateTooSmall);
        }
        if ratio > LEARNING_RATIOS.1 {
            add("improper learning rate", Kind::UpdateTooLarge);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::healthy::{run, values, with_layer, with_records};

    use super::*;

    fn rings(watched: &Watched, rule: &str) -> Option<Symptom> {
        judge(watched).into_iter().find(|symptom| symptom.rule == rule)
    }

    #[test]
    fn a_mean_gradient_vanishes_below_1e_7() {
        let of = |mean_abs| with_layer(1, move |layer| layer.gradient.mean_abs = mean_abs);
        assert_eq!(rings(&of(0.99e-7), "vanishing gradient").unwrap().layer, Some(1));
        let above = with_records(|index, record| record.layers[1].gradient.mean_abs = 1.01e-7 + 1e-9 * index as f64);
        assert_eq!(judge(&above), []);
    }

    #[test]
    fn what_is_exactly_zero_or_no_number_is_a_numerical_error() {
        let kind = |watched: &Watched| rings(watched, "numerical error").map(|symptom| symptom.kind);
        assert_eq!(kind(&with_layer(0, |layer| layer.activation.mean_abs = 0.0)), Some(Kind::DyingRelu));
        assert_eq!(kind(&with_layer(0, |layer| layer.weights.mean_abs = 0.0)), Some(Kind::PoorInit));
        assert_eq!(kind(&with_layer(0, |layer| layer.gradient.mean_abs = 0.0)), Some(Kind::Vanishing));
        assert_eq!(kind(&with_layer(0, |layer| layer.weights.finite = false)), Some(Kind::Exploding));
        assert_eq!(kind(&with_layer(0, |layer| layer.weights.min = 0.0)), None);
    }

    #[test]
    fn nodes_are_dead_from_70_zeros_in_a_hundred_on_in_the_last_epoch() {
        let of = |zeros| with_layer(0, move |layer| layer.activation.zeros = zeros);
        assert_eq!(rings(&of(70.0), "dead node").unwrap().step, 390);
        assert_eq!(rings(&of(69.0), "dead node"), None);
        let mut other = of(70.0);
        other.activations[0] = Activation::LeakyRelu { slope: 0.1 };
        assert_eq!(rings(&other, "dead node"), None);
        let early =
            with_records(|index, record| record.layers[0].activation.zeros = if index < 38 { 90.0 } else { 9.0 });
        assert_eq!(rings(&early, "dead node"), None);
    }

    #[test]
    fn more_than_half_of_the_inputs_beyond_5_are_saturated() {
        for sign in [1.0, -1.0] {
            let of = |share: f64| {
                let (near, far) = (sign * (4.0 + share), sign * (5.0 + share));
                let mut watched = with_layer(0, |layer| layer.inputs = values(near.min(far), near.max(far)));
                watched.activations[0] = Activation::Tanh;
                watched
            };
            assert_eq!(rings(&of(0.51), "saturated activation").unwrap().kind, Kind::Saturated);
            assert_eq!(rings(&of(0.49), "saturated activation"), None);
            let mut relu = of(0.51);
            relu.activations[0] = Activation::Relu;
            assert_eq!(rings(&relu, "saturated activation"), None);
        }
    }

    #[test]
    fn weights_that_stand_still_for_five_epochs_are_unchanged() {
        // Epochs end with odd records; the first five with the ninth.
        let of = |moves: usize| {
            with_records(move |index, record| {
                let moved = if index >= moves { 1e-6 } else { 0.0 };
                if index < 10 {
                    record.layers[2].weights.mean_abs = 0.25 + moved;
                }
            })
        };
        assert_eq!(
            rings(&of(10), "unchanged tensor").map(|symptom| (symptom.layer, symptom.step)),
            Some((Some(2), 90))
        );
        assert_eq!(rings(&of(9), "unchanged tensor"), None);
    }

    #[test]
    fn a_loss_that_is_the_same_in_five_epochs_and_an_accuracy_in_twenty_do_not_improve() {
        let loss =
            |until: usize| with_records(move |index, record| record.loss = if index < until { 2.0 } else { 1.0 });
        assert_eq!(rings(&loss(10), "loss not decreasing").unwrap().step, 90);
        assert_eq!(rings(&loss(8), "loss not decreasing").unwrap().step, 190, "the next five");
        let accuracy =
            |from: usize| with_records(move |index, record| record.accuracy = if index >= from { 0.2 } else { 0.1 });
        assert_eq!(rings(&accuracy(40), "accuracy not increasing").unwrap().step, 390);
        assert_eq!(rings(&accuracy(38), "accuracy not increasing"), None);
    }

    #[test]
    fn no_number_and_an_accuracy_of_zero_are_invalid() {
        let of = |loss, accuracy| with_records(move |_, record| (record.loss, record.accuracy) = (loss, accuracy));
        assert_eq!(rings(&of(f64::INFINITY, 0.1), "invalid loss").unwrap().kind, Kind::Exploding);
        assert!(rings(&of(1.0, 0.0), "invalid accuracy").is_some());
        assert_eq!(rings(&of(1.0, 0.01), "invalid accuracy"), None);
    }

    #[test]
    fn outputs_that_do_not_fit_the_loss_are_out_of_range() {
        let of = |activation, loss, range: f64| {
            let mut watched = with_layer(3, |layer| (layer.activation.min, layer.activation.max) = (0.0, range));
            (watched.activations[3], watched.loss) = (activation, loss);
            rings(&watched, "out of range").is_some()
        };
        assert!(of(Activation::Relu, Loss::SoftmaxCrossEntropy, 1.0));
        assert!(!of(Activation::Identity, Loss::SoftmaxCrossEntropy, 99.0));
        assert!(!of(Activation::Sigmoid, Loss::SoftmaxCrossEntropy, 1.0));
        assert!(of(Activation::Identity, Loss::MeanSquaredError, 10.1));
        assert!(!of(Activation::Identity, Loss::MeanSquaredError, 9.9));
    }

    #[test]
    fn causes_are_looked_for_only_after_a_symptom() {
        let of = |sick: bool, learning_ratio: f64, weights: f64| {
            let mut watched = with_layer(0, |layer| {
                layer.weights.rms = weights;
                layer.gradient.rms = learning_ratio * weights / 0.1;
            });
            if sick {
                watched.records.iter_mut().for_each(|record| record.layers[1].gradient.mean_abs = 1e-9);
            }
            let causes = ["improper learning rate", "poor weights"];
            let judged = judge(&watched).into_iter().filter(|symptom| symptom.layer == Some(0));
            judged.filter(|symptom| causes.contains(&symptom.rule)).map(|symptom| symptom.kind).collect::<Vec<_>>()
        };
        assert_eq!(of(true, 0.99e-5, 0.3), [Kind::UpdateTooSmall]);
        assert_eq!(of(true, 1.01e-5, 0.3), []);
        assert_eq!(of(true, 0.101, 0.3), [Kind::UpdateTooLarge]);
        assert_eq!(of(true, 0.099, 0.3), []);
        assert_eq!(of(true, 1e-3, 0.99e-5_f64.sqrt()), [Kind::PoorInit]);
        assert_eq!(of(true, 1e-3, 1.01e-5_f64.sqrt()), []);
        assert_eq!(of(true, 1e-3, 10.1_f64.sqrt()), [Kind::PoorInit]);
        assert_eq!(of(true, 1e-3, 9.9_f64.sqrt()), []);
        assert_eq!(of(false, 0.5, 9.0), []);
        assert_eq!(judge(&run()), []);
    }
}
