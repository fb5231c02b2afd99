//! AutoTrainer.
//!
//! Source: Zhang, Zhai, Ma and Shen, "AUTOTRAINER: An Automatic DNN Training Problem Detection and Repair System", ICSE
//! 2021, and where it is silent its released program (`monitor.py`).
//!
//! At the end of an epoch it looks at the gradients of one batch, at the weights, and at all epochs so far. Anything that
//! is not finite, and a held-out loss of 1e5, is an explosion. The rest is asked only after three tenths of the epochs,
//! and problems of the gradient only while the network is bad: while no epoch's accuracy, in training or on held-out data,
//! has reached 0.6, or none has gained 0.01 on the one before. Then the first that holds is named:
//!
//! | problem | criterion |
//! |---|---|
//! | dying `ReLU` | 70 % of the gradients are exactly 0 |
//! | explode | norm of the first layer's gradient over the last layer's > 70 |
//! | vanish | that ratio < 1e-3, and the first layer's norm < 1e-4 |
//! | slow convergence | no epoch gained 0.01 |
//!
//! Of a network that is not bad it asks only for an oscillating loss (which it judges by the training accuracy): the i-th
//! local maximum lies 0.03 or more above the i-th local minimum for a fifth of the epochs.
//!
//! What is taken here:
//! - A gradient problem seen in any epoch counts once the network turns out to be bad, as in the program.
//! - The program counts zeros over all layers and their biases; here 70 % in any one layer ring. That happens whenever it
//!   happens over all weights, so it rings whenever the program would, but for the biases, and possibly more often.
//! - The paper's accuracy is 0.6; the program's default is 0.7, with which it asks for gradient problems more often.
//! - Every epoch is looked at; the program looks at every third.
//! - Gains and oscillations are judged by the held-out accuracy where there is one, in its favour: the recorded batches are
//!   few, and their mean is noisier than a true epoch's. See `Epoch::smooth_loss`.
//! - It names no layer.

use super::symptom::{Kind, Symptom, Symptoms};
use super::watched::{Record, Watched};

const VANISHING_RATIO: f64 = 1e-3;
const VANISHING_NORM: f64 = 1e-4;
const EXPLODING_RATIO: f64 = 70.0;
const ZERO_GRADIENTS: f64 = 0.7;
const ACCURACY: f64 = 0.6;
const GAIN: f64 = 0.01;
const SWING: f64 = 0.03;
const SWINGING: f64 = 0.2;
const FROM: f64 = 0.3;
const INFINITE_LOSS: f64 = 1e5;

/// Which problems of the gradient were seen so far.
#[derive(Default)]
struct Seen {
    dying: bool,
    exploding: bool,
    vanishing: bool,
}

pub(crate) fn judge(watched: &Watched) -> Vec<Symptom> {
    let epochs = watched.epochs();
    let (mut symptoms, mut seen) = (Symptoms::default(), Seen::default());
    let (mut smooth, mut best) = (Vec::new(), [f64::NEG_INFINITY; 2]);
    for (index, epoch) in epochs.iter().enumerate() {
        let record = epoch.last();
        let mut add = |rule, kind| symptoms.add(record.step, rule, kind, None);
        let finite = record.finite(|layer| &layer.gradient) && record.finite(|layer| &layer.weights);
        // A held-out loss that is NaN is no number below the largest that counts as one.
        let diverged = epoch.validation().is_some_and(|(loss, _)| loss.is_nan() || loss >= INFINITE_LOSS);
        if !finite || !epoch.loss().is_finite() || diverged {
            add("explode", Kind::Exploding);
        }
        seen.look(record);
        smooth.push(epoch.smooth_accuracy());
        best = [best[0].max(epoch.accuracy()), best[1].max(epoch.smooth_accuracy())];
        if ((index + 1) as f64) < FROM * epochs.len() as f64 {
            continue;
        }
        let slow = largest_gain(&smooth) < GAIN;
        if best.iter().any(|best| *best < ACCURACY) || slow {
            if seen.dying {
                add("dying ReLU", Kind::DyingRelu);
            } else if seen.exploding {
                add("explode", Kind::Exploding);
            } else if seen.vanishing {
                add("vanish", Kind::Vanishing);
            } else if slow {
                add("slow convergence", Kind::NotLearning);
            }
        } else if oscillates(&smooth) {
            add("oscillating loss", Kind::Oscillating);
        }
    }
    symptoms.into_vec()
}

impl Seen {
    fn look(&mut self, record: &Record) {
        let (Some(first), Some(last)) = (record.layers.first(), record.layers.last()) else { return };
        let (first, ratio) = (first.gradient.norm(), first.gradient.norm() / last.gradient.norm());
        self.vanishing |= ratio < VANISHING_RATIO && first < VANISHING_NORM;
        self.exploding |= ratio > EXPLODING_RATIO;
        self.dying |= record.layers.iter().any(|layer| layer.gradient.zero_share() >= ZERO_GRADIENTS);
    }
}

/// The largest gain of one epoch on the one before, at least 0.
fn largest_gain(accuracies: &[f64]) -> f64 {
    accuracies.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
}

fn oscillates(accuracies: &[f64]) -> bool {
    let (mut peaks, mut valleys) = (Vec::new(), Vec::new());
    for three in accuracies.windows(3) {
        let (before, now, after) = (three[0], three[1], three[2]);
        if now >= before && now >= after {
            peaks.push(now);
        }
        if now <= before && now <= after {
            valleys.push(now);
        }
    }
    let swings = peaks.iter().zip(&valleys).filter(|(peak, valley)| **peak - **valley >= SWING).count();
    swings as f64 >= SWINGING * accuracies.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::healthy::{LAYERS, with_layers, with_records};

    use super::*;

    fn kinds(watched: &Watched) -> Vec<Kind> {
        judge(watched).iter().map(|symptom| symptom.kind).collect()
    }

    /// The same run, but it stays below the accuracy that counts as good.
    fn bad(mut watched: Watched) -> Watched {
        for record in &mut watched.records {
            record.accuracy *= 0.5;
            record.validation = record.validation.map(|(loss, accuracy)| (loss, 0.5 * accuracy));
        }
        watched
    }

    /// Norms of the first layer's gradient and the last one's.
    fn norms(first: f64, last: f64) -> Watched {
        // A hundred weights: the norm is ten times the root mean square.
        with_layers(move |index, layer| match index {
            0 => layer.gradient.rms = first / 10.0,
            _ if index + 1 == LAYERS => layer.gradient.rms = last / 10.0,
            _ => {}
        })
    }

    #[test]
    fn the_gradient_vanishes_if_both_the_ratio_and_the_norm_are_small() {
        assert_eq!(kinds(&bad(norms(0.99e-4, 1.0))), [Kind::Vanishing]);
        assert_eq!(kinds(&bad(norms(1.01e-4, 1.0))), []);
        assert_eq!(kinds(&bad(norms(0.9e-4, 0.0901))), [Kind::Vanishing]);
        assert_eq!(kinds(&bad(norms(0.9e-4, 0.0899))), []);
    }

    #[test]
    fn the_gradient_explodes_beyond_a_ratio_of_70() {
        assert_eq!(kinds(&bad(norms(70.1, 1.0))), [Kind::Exploding]);
        assert_eq!(kinds(&bad(norms(69.9, 1.0))), []);
    }

    #[test]
    fn relu_is_dying_from_70_zeros_in_a_hundred_on() {
        let zeros =
            |zeros| bad(with_layers(move |index, layer| layer.gradient.zeros = if index == 1 { zeros } else { 0.0 }));
        assert_eq!(kinds(&zeros(70.0)), [Kind::DyingRelu]);
        assert_eq!(kinds(&zeros(69.0)), []);
    }

    #[test]
    fn a_network_that_learns_has_no_problem_of_the_gradient() {
        assert_eq!(kinds(&norms(0.9e-4, 1.0)), []);
        let reaches = |accuracy: f64| {
            let mut watched = norms(0.9e-4, 1.0);
            let best = watched.epochs().last().unwrap().accuracy();
            for record in &mut watched.records {
                record.accuracy *= accuracy / best;
                record.validation = None;
            }
            watched
        };
        assert_eq!(judge(&reaches(0.59)).len(), 1);
        // It is good in its last epoch only, so it was called bad before.
        let good_at_last = judge(&reaches(0.61));
        assert!(good_at_last.iter().all(|symptom| symptom.step < 390));
    }

    #[test]
    fn nothing_but_an_explosion_is_named_in_the_first_three_tenths() {
        let watched = bad(norms(0.9e-4, 1.0));
        assert_eq!(judge(&watched)[0].step, watched.epochs()[5].last().step);
        let mut broken = watched;
        broken.records[0].layers[0].weights.finite = false;
        broken.records[1].layers[0].weights.finite = false;
        assert_eq!(judge(&broken)[0].step, 10);
    }

    #[test]
    fn a_held_out_loss_explodes_from_1e5_on() {
        let of = |loss| with_records(move |_, record| record.validation = Some((loss, record.accuracy)));
        assert_eq!(kinds(&of(1e5)), [Kind::Exploding]);
        assert_eq!(kinds(&of(f64::NAN)), [Kind::Exploding]);
        assert_eq!(kinds(&of(0.99e5)), []);
    }

    #[test]
    fn accuracies_that_never_gain_a_hundredth_converge_slowly() {
        // Of two records each, so an epoch gains as much as two records.
        let of = |gain: f64| {
            with_records(move |index, record| {
                record.accuracy = 0.2 + 0.5 * gain * index as f64;
                record.validation = Some((record.loss, record.accuracy));
            })
        };
        assert_eq!(kinds(&of(0.0099)), [Kind::NotLearning]);
        assert_eq!(kinds(&of(0.0101)), []);
    }

    #[test]
    fn the_loss_oscillates_if_a_fifth_of_the_epochs_swing_by_3_in_a_hundred() {
        let of = |swing: f64, epochs: usize| {
            with_records(move |index, record| {
                let epoch = index / 2;
                let high = epoch % 2 == 1 && epoch < epochs;
                record.accuracy = 0.9 + if high { swing } else { 0.0 };
            })
        };
        assert!(kinds(&of(0.031, 20)).contains(&Kind::Oscillating));
        assert!(!kinds(&of(0.029, 20)).contains(&Kind::Oscillating));
        // As many peaks are four of twenty epochs, and three are less than a fifth of any.
        assert!(oscillates(&[0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5]));
        let mut calm = vec![0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5];
        calm.extend((0..9).map(|index| 0.5 + 0.01 * f64::from(index)));
        assert!(!oscillates(&calm));
    }
}
