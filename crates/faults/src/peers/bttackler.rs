//! BTTackler.
//!
//! Source: Pei et al., "BTTackler: A Diagnosis-based Framework for Efficient Deep Learning Hyperparameter Optimization", KDD
//! 2024, with the indicators and defaults of its released program (`btassessor.py`, `default_config.yaml`), which stops bad
//! trials of a search early. Of each epoch it keeps, by layer, the mean of abs(gradient) and the share of gradients that
//! are exactly 0, each a mean over the batches.
//!
//! | indicator | rings | epochs |
//! |---|---|---|
//! | EG, exploding | not finite; median over the layers > 1e4; median of the quotients of neighbouring layers > 1e3 | all |
//! | VG, vanishing | median over the layers < 1e-5; median of the quotients < 1e-4; a layer whose gradients are all 0 | first half |
//! | DR, zero gradients | median over the layers of the share of zeros > 0.5, from the fifth epoch on | all |
//! | SC, slow | standard deviation over mean of all training losses so far < 1e-4, from the third epoch on | first half |
//! | SC, late | that of the earlier half of the losses (training or held-out) < that of the later half, from the sixth on | second half |
//! | HO, oscillation | over six losses (training or held-out) the slope >= 0.01 and standard deviation over mean > 0.2 | second half |
//! | NMG, no more gain | the last three losses (training or held-out) are on average higher than the three before | all |
//!
//! Quotients are those of a layer over the next one towards the output.
//!
//! What is taken here:
//! - In a search, a trial whose loss is among the best tenth of all trials at that epoch is spared VG, DR, SC and NMG. A
//!   single run has nobody to be compared with, so nothing is spared here: that costs it false alarms.
//! - Its authors note in the program that NMG is "useless"; it is on by default all the same, and so it is here, under a
//!   name of its own.
//! - OF, overfitting, is on the program's list and never called; it is left out.
//! - An epoch's means are over its recorded batches, not over all. Where there is a held-out loss it stands for the training
//!   loss as well, in its favour: see `Epoch::smooth_loss`.
//! - It names no layer.

use super::stats::{mean, median, slope, variation};
use super::symptom::{Kind, Symptom, Symptoms};
use super::watched::{Epoch, Watched};

const EXPLODING: f64 = 1e4;
const EXPLODING_QUOTIENT: f64 = 1e3;
const VANISHING: f64 = 1e-5;
const VANISHING_QUOTIENT: f64 = 1e-4;
const ZERO_GRADIENTS: f64 = 0.5;
const ZEROS_FROM: usize = 5;
const FLAT: f64 = 1e-4;
const FLAT_FROM: usize = 3;
/// Epochs that a window holds.
const WINDOW: usize = 6;
const RISING: f64 = 0.01;
const SWINGING: f64 = 0.2;

/// What the indicators on gradients say: EG, VG and DR.
pub(crate) fn gradients(watched: &Watched) -> Vec<Symptom> {
    let mut symptoms = all(watched);
    symptoms.retain(|symptom| ["EG", "VG", "DR"].contains(&symptom.rule));
    symptoms
}

/// What all indicators say.
pub(crate) fn all(watched: &Watched) -> Vec<Symptom> {
    let epochs = watched.epochs();
    let (mut symptoms, mut losses) = (Symptoms::default(), Vec::new());
    for (index, epoch) in epochs.iter().enumerate() {
        let step = epoch.last().step;
        let first_half = index < epochs.len() / 2;
        losses.push(epoch.smooth_loss());
        if !epoch.loss().is_finite() || !epoch.last().finite(|layer| &layer.gradient) {
            symptoms.add(step, "EG", Kind::Exploding, None);
            // Nothing else is asked of a trial that is broken.
            continue;
        }
        on_gradients(*epoch, index, first_half, &mut symptoms);
        if first_half && losses.len() >= FLAT_FROM && variation(&losses) < FLAT {
            symptoms.add(step, "SC", Kind::NotLearning, None);
        }
        if !first_half {
            on_second_half(&losses, step, &mut symptoms);
        }
        let (before, recent) = (losses.len().saturating_sub(WINDOW), losses.len().saturating_sub(WINDOW / 2));
        if mean(&losses[before..recent]) < mean(&losses[recent..]) {
            symptoms.add(step, "NMG", Kind::NotLearning, None);
        }
    }
    symptoms.into_vec()
}

fn on_gradients(epoch: Epoch<'_>, index: usize, first_half: bool, symptoms: &mut Symptoms) {
    let step = epoch.last().step;
    let sizes = epoch.layer_means(|layer| layer.gradient.mean_abs);
    let quotients: Vec<f64> = sizes.windows(2).map(|pair| pair[0] / pair[1]).collect();
    let zero = sizes.contains(&0.0);
    if median(&sizes) > EXPLODING || (!zero && median(&quotients) > EXPLODING_QUOTIENT) {
        symptoms.add(step, "EG", Kind::Exploding, None);
    }
    if first_half && (median(&sizes) < VANISHING || zero || median(&quotients) < VANISHING_QUOTIENT) {
        symptoms.add(step, "VG", Kind::Vanishing, None);
    }
    if index + 1 >= ZEROS_FROM && median(&epoch.layer_means(|layer| layer.gradient.zero_share())) > ZERO_GRADIENTS {
        symptoms.add(step, "DR", Kind::DyingRelu, None);
    }
}

fn on_second_half(course: &[f64], step: i64, symptoms: &mut Symptoms) {
    let (earlier, later) = course.split_at(course.len() / 2);
    if course.len() >= WINDOW && variation(earlier) < variation(later) {
        symptoms.add(step, "SC, late", Kind::NotLearning, None);
    }
    let window = &course[course.len().saturating_sub(WINDOW)..];
    if slope(window) >= RISING && variation(window) > SWINGING {
        symptoms.add(step, "HO", Kind::Oscillating, None);
    }
}

#[cfg(test)]
mod tests {
    use super::super::healthy::{run, with_layers, with_records};

    use super::*;

    fn rings(watched: &Watched, rule: &str) -> bool {
        all(watched).iter().any(|symptom| symptom.rule == rule)
    }

    fn sizes(of: impl Fn(usize) -> f64) -> Watched {
        with_layers(|index, layer| layer.gradient.mean_abs = of(index))
    }

    #[test]
    fn the_median_gradient_explodes_above_1e4_and_vanishes_below_1e_5() {
        assert!(rings(&sizes(|_| 1.01e4), "EG") && !rings(&sizes(|_| 0.99e4), "EG"));
        assert!(rings(&sizes(|_| 0.99e-5), "VG") && !rings(&sizes(|_| 1.01e-5), "VG"));
    }

    #[test]
    fn neighbouring_layers_explode_above_1e3_and_vanish_below_1e_4() {
        let chain = |quotient: f64| sizes(move |layer| 0.1 * quotient.powf(1.0 - layer as f64).clamp(1e-9, 1e9));
        assert!(rings(&chain(1.01e3), "EG") && !rings(&chain(0.99e3), "EG"));
        assert!(rings(&chain(0.99e-4), "VG") && !rings(&chain(1.01e-4), "VG"));
    }

    #[test]
    fn a_layer_without_gradient_vanishes_and_does_not_explode() {
        let watched = sizes(|layer| if layer == 2 { 0.0 } else { 1e-2 });
        assert!(rings(&watched, "VG") && !rings(&watched, "EG"));
    }

    #[test]
    fn vanishing_is_asked_for_in_the_first_half_only() {
        let late = with_records(|index, record| {
            if index >= 20 {
                record.layers.iter_mut().for_each(|layer| layer.gradient.mean_abs = 1e-6);
            }
        });
        assert!(!rings(&late, "VG"));
        let early = with_records(|index, record| {
            if index < 2 {
                record.layers.iter_mut().for_each(|layer| layer.gradient.mean_abs = 1e-6);
            }
        });
        assert!(rings(&early, "VG"));
    }

    #[test]
    fn the_median_share_of_zeros_must_exceed_one_half() {
        let zeros = |zeros| with_layers(move |_, layer| layer.gradient.zeros = zeros);
        assert!(rings(&zeros(51.0), "DR") && !rings(&zeros(50.0), "DR"));
        let mut short = zeros(51.0);
        short.records.truncate(4);
        assert!(!rings(&short, "DR"));
        short.records.push(short.records[0].clone());
        assert!(rings(&short, "DR"));
    }

    #[test]
    fn a_loss_that_varies_by_less_than_1e_4_is_slow() {
        let flat =
            |by: f64| with_records(move |index, record| record.loss = if index / 2 % 2 == 0 { 1.0 } else { 1.0 - by });
        // Three epochs, two of them alike: the deviation is 0.47 of the difference.
        assert!(rings(&flat(2.0e-4), "SC") && !rings(&flat(2.2e-4), "SC"));
        let first = all(&flat(0.0)).into_iter().find(|symptom| symptom.rule == "SC");
        assert_eq!(first.unwrap().step, 50, "the third epoch's end");
    }

    #[test]
    fn later_losses_that_vary_more_than_earlier_ones_ring_in_the_second_half() {
        let straight = with_records(|index, record| {
            record.loss = 2.0 - 0.04 * index as f64;
        });
        assert!(rings(&straight, "SC, late"));
        let first_half_only = with_records(|index, record| {
            record.loss = if index < 20 { 2.0 - 0.08 * index as f64 } else { 0.48 - 1e-3 * index as f64 };
        });
        let steps: Vec<i64> =
            all(&first_half_only).iter().filter(|symptom| symptom.rule == "SC, late").map(|s| s.step).collect();
        assert!(steps.iter().all(|step| *step >= 200), "{steps:?}");
    }

    #[test]
    fn a_rising_loss_that_swings_by_a_fifth_oscillates() {
        let of = |slope: f64, swing: f64| {
            with_records(move |index, record| {
                let (epoch, up) = ((index / 2) as f64, if index / 2 % 2 == 0 { -1.0 } else { 1.0 });
                record.loss = 1.0 + slope * (epoch - 17.0) + swing * up;
            })
        };
        assert!(rings(&of(0.02, 0.25), "HO"));
        assert!(!rings(&of(0.02, 0.1), "HO"));
        assert!(!rings(&of(-0.2, 0.25), "HO"));
        let window = [1.0, 0.75, 1.2, 0.7, 1.25, 1.1];
        let beyond = |by: f64| window.map(|loss| 1.0 + (loss - 1.0) * by);
        let rings_of = |course: &[f64]| {
            let mut symptoms = Symptoms::default();
            on_second_half(course, 0, &mut symptoms);
            symptoms.into_vec().iter().any(|symptom| symptom.rule == "HO")
        };
        let needed = SWINGING / variation(&window);
        assert!(slope(&beyond(needed)) > RISING);
        assert!(rings_of(&beyond(needed * 1.01)) && !rings_of(&beyond(needed * 0.99)));
        let tilted = |slope: f64| {
            let level = [1.3, 0.7, 1.0, 1.0, 0.7, 1.3];
            let tilt = |(index, loss): (usize, &f64)| loss + slope * index as f64;
            rings_of(&level.iter().enumerate().map(tilt).collect::<Vec<_>>())
        };
        assert!(tilted(0.0101) && !tilted(0.0099));
    }

    #[test]
    fn losses_higher_than_before_have_no_more_gain() {
        let turns = |by: f64| {
            with_records(move |index, record| {
                record.loss = 2.0 - 0.01 * (index.min(33) / 2) as f64 + if index >= 34 { by } else { 0.0 };
            })
        };
        // The last three epochs against the three before, whose mean is 0.01 above the last of them.
        assert!(rings(&turns(0.011), "NMG") && !rings(&turns(0.009), "NMG"));
        assert!(!rings(&run(), "NMG"));
        assert_eq!(gradients(&turns(0.011)), []);
    }
}
