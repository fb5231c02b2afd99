//! The result of a scenario in words.

use headwater_probe::{Measure, measures};

use crate::factor::{ALIKE, fold, precise_fold_of_ln};

use super::ScenarioSummary;

/// Up to this factor, a part of a layer counts as leaving delta unchanged: its factor would read "1.00-fold".
const NOTHING: f64 = 1.005;

/// The parts of a layer: the key of the gain, the name, and whether the name is plural.
fn parts() -> impl Iterator<Item = (String, &'static str, bool)> {
    measures::all().iter().filter_map(|definition| match definition.measure {
        Measure::Gain(stage) => Some((stage.to_string(), definition.noun, definition.is_plural)),
        _ => None,
    })
}

impl ScenarioSummary {
    /// "sigmoid: mean |dC/dW| falls 27-fold from layer6 to layer1. delta falls 21.6-fold: f' shrinks it 5,876-fold, the
    /// weights enlarge it 273-fold. At the end 38.3 % of the training samples are right."
    pub(super) fn in_words(&self, layers: usize) -> String {
        let (first, is_measured) = self.gradient_in_words(layers);
        let mut sentences = vec![first];
        if is_measured {
            sentences.extend(self.delta_in_words(layers));
            sentences.extend(self.accuracy_in_words());
        }
        sentences.extend(self.losses_in_words());
        format!("{}: {}.", self.scenario, sentences.join(". "))
    }

    /// What happened to the weight gradient, and whether there was one.
    fn gradient_in_words(&self, layers: usize) -> (String, bool) {
        let (runs, last) = (self.runs, format!("layer{layers}"));
        if runs == 0 {
            return ("no run finished".to_owned(), false);
        }
        if self.diverged == runs {
            let which = if runs == 1 { "the run".to_owned() } else { format!("all {runs} runs") };
            return (format!("{which} diverged: the loss became NaN or infinite"), false);
        }
        let (Some(low), Some(high)) = (self.gradient_first, self.gradient_last) else {
            return ("no gradient was recorded".to_owned(), false);
        };
        let words = match (low.median, high.median, self.attenuation.map(|ratio| ratio.median)) {
            _ if layers == 1 => "the network has only one layer, so no gradient has to pass through another".to_owned(),
            (0.0, 0.0, _) => format!("mean |dC/dW| is 0 in layer1 and in {last}"),
            (0.0, ..) | (.., Some(f64::INFINITY)) => {
                "no gradient reaches layer1: mean |dC/dW| is exactly 0 there".to_owned()
            }
            (_, 0.0, _) => format!("mean |dC/dW| is 0 in {last}, but not in layer1"),
            (.., Some(ratio)) if ratio.is_finite() => {
                format!("mean |dC/dW| {} from {last} to layer1", change(ratio))
            }
            _ => "mean |dC/dW| is not a number".to_owned(),
        };
        (words, true)
    }

    /// What happened to delta, and which parts of the layers caused it. The factors of the parts multiply to the whole,
    /// because all of them are geometric means over the recorded steps.
    fn delta_in_words(&self, layers: usize) -> Option<String> {
        let gains: Vec<_> =
            parts().filter_map(|(key, name, is_plural)| Some((*self.gains.get(&key)?, name, is_plural))).collect();
        if layers < 2 || gains.is_empty() {
            return None;
        }
        let lost = |(gain, name, is_plural): &(f64, &str, bool)| {
            // The gain is minus infinity, or NaN if a median lies between that and a number.
            (!gain.is_finite()).then(|| format!("{name} {} it 0", if *is_plural { "make" } else { "makes" }))
        };
        let lost: Vec<String> = gains.iter().filter_map(lost).collect();
        if !lost.is_empty() {
            return Some(format!("delta does not reach layer1 at some recorded steps: {}", lost.join(", ")));
        }
        let parts: Vec<String> = gains.iter().map(|(gain, name, is_plural)| part(*gain, name, *is_plural)).collect();
        let sum: f64 = gains.iter().map(|(gain, ..)| gain).sum();
        Some(format!("delta {}: {}", change_of_ln(-sum), parts.join(", ")))
    }

    /// Uses as many digits as the table.
    fn accuracy_in_words(&self) -> Option<String> {
        let accuracy = self.train_accuracy_last_200?;
        Some(format!("At the end {:.1} % of the training samples are right", 100.0 * accuracy.median))
    }

    /// The runs that did not make all their steps.
    fn losses_in_words(&self) -> Vec<String> {
        let words = |(count, one, several): (usize, &str, &str)| match (count, self.runs) {
            (0, _) => None,
            (1, 1) => Some(format!("The run {one}")),
            (1, runs) => Some(format!("1 of {runs} runs {one}")),
            (count, runs) => Some(format!("{count} of {runs} runs {several}")),
        };
        let diverged = if self.diverged < self.runs { self.diverged } else { 0 };
        let ends = [
            (diverged, "diverged", "diverged"),
            (self.interrupted, "was interrupted", "were interrupted"),
            (self.stopped, "was stopped by a finding", "were stopped by a finding"),
        ];
        ends.into_iter().filter_map(words).collect()
    }
}

/// "falls 27-fold", from the ratio of the last layer to the first.
fn change(ratio: f64) -> String {
    match ratio {
        ratio if ratio > ALIKE => format!("falls {}", fold(ratio)),
        ratio if ratio < 1.0 / ALIKE => format!("grows {}", fold(1.0 / ratio)),
        _ => "neither falls nor grows".to_owned(),
    }
}

/// Like [`change`], from a natural logarithm and with one more digit.
fn change_of_ln(ln: f64) -> String {
    match ln {
        ln if ln > ALIKE.ln() => format!("falls {}", precise_fold_of_ln(ln)),
        ln if ln < -ALIKE.ln() => format!("grows {}", precise_fold_of_ln(-ln)),
        _ => "neither falls nor grows".to_owned(),
    }
}

/// "f' shrinks it 5,876-fold".
fn part(gain: f64, name: &str, is_plural: bool) -> String {
    let s = if is_plural { "" } else { "s" };
    match gain {
        gain if gain > NOTHING.ln() => format!("{name} enlarge{s} it {}", precise_fold_of_ln(gain)),
        gain if gain < -NOTHING.ln() => format!("{name} shrink{s} it {}", precise_fold_of_ln(-gain)),
        _ => format!("{name} leave{s} it as it is"),
    }
}
