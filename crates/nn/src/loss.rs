//! Losses: the value and the gradient with respect to the network's outputs, computed together.

mod columns;
mod rows;

use std::fmt;
use std::str::FromStr;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};
use crate::{InstructionSet, Real};

/// The loss C of a batch; always a mean over the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage)]
pub enum Loss {
    /// -ln of the probability that softmax gives the right class, mean over the batch. The outputs are logits.
    SoftmaxCrossEntropy,
    /// (output - target)^2, mean over the batch and the outputs. Integer labels stand for one-hot targets.
    MeanSquaredError,
}

/// What the outputs of a batch should be.
#[derive(Debug, Clone, Copy)]
pub enum Targets<'a> {
    /// One class for each sample, `[batch]`, each less than `outputs`.
    Labels(&'a [u32]),
    /// One value for each output, `[batch, outputs]`; for cross-entropy each row is a distribution.
    Values(&'a [Real]),
}

impl Loss {
    const ALL: [Self; 2] = [Self::SoftmaxCrossEntropy, Self::MeanSquaredError];

    /// C of `y`, `[batch, outputs]`.
    pub fn forward(self, y: &[Real], outputs: usize, targets: Targets<'_>) -> Real {
        let set = InstructionSet::detected();
        match (self, targets) {
            (Self::SoftmaxCrossEntropy, Targets::Labels(labels)) if columns::fit(outputs) => {
                set.run(columns::Forward { y, outputs, labels })
            }
            _ => set.run(rows::Forward { loss: self, y, outputs, targets }),
        }
    }

    /// dC/dy of `y`, `[batch, outputs]`. Sets `dy`.
    pub fn backward(self, y: &[Real], outputs: usize, targets: Targets<'_>, dy: &mut [Real]) {
        let set = InstructionSet::detected();
        match (self, targets) {
            (Self::SoftmaxCrossEntropy, Targets::Labels(labels)) if columns::fit(outputs) => {
                set.run(columns::Backward { y, outputs, labels, dy });
            }
            _ => set.run(rows::Backward { loss: self, y, outputs, targets, dy }),
        }
    }

    /// How many terms the mean is over.
    fn terms(self, values: usize, outputs: usize) -> Real {
        match self {
            Self::SoftmaxCrossEntropy => (values / outputs) as Real,
            Self::MeanSquaredError => values as Real,
        }
    }
}

/// The class that the outputs of one sample speak for: the first of the largest. None if any of them is NaN.
pub fn argmax(y: &[Real]) -> Option<usize> {
    let mut best = 0;
    for (column, value) in y.iter().enumerate() {
        if value.is_nan() {
            return None;
        }
        if *value > y[best] {
            best = column;
        }
    }
    Some(best)
}

/// How many rows of `y`, `[batch, outputs]`, speak for the label.
pub fn count_correct(y: &[Real], outputs: usize, labels: &[u32]) -> usize {
    let rows = || y.chunks_exact(outputs).zip(labels).filter(|(y, label)| argmax(y) == Some(**label as usize)).count();
    if columns::fit(outputs) {
        InstructionSet::detected().run(columns::CountCorrect { y, outputs, labels })
    } else {
        rows()
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SoftmaxCrossEntropy => "softmax_cross_entropy",
            Self::MeanSquaredError => "mean_squared_error",
        })
    }
}

impl FromStr for Loss {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        call.arguments([])?;
        let names = Self::ALL.map(|loss| loss.to_string());
        let position = names.iter().position(|name| name == call.name);
        position
            .map(|index| Self::ALL[index])
            .ok_or_else(|| call.unknown_name("loss", &names.each_ref().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_cost_the_logarithm_of_the_number_of_classes() {
        let value = Loss::SoftmaxCrossEntropy.forward(&[3.0; 20], 10, Targets::Labels(&[0, 9]));
        assert!((value - (10.0 as Real).ln()).abs() < 1e-6);
    }

    #[test]
    fn huge_logits_neither_overflow_nor_lose_the_gradient() {
        let y = [1e4, 0.0, -1e4];
        let value = Loss::SoftmaxCrossEntropy.forward(&y, 3, Targets::Labels(&[1]));
        assert_eq!(value, 1e4);
        let mut dy = [0.0; 3];
        Loss::SoftmaxCrossEntropy.backward(&y, 3, Targets::Labels(&[1]), &mut dy);
        assert_eq!(dy, [1.0, -1.0, 0.0]);
    }

    #[test]
    fn nan_and_infinite_outputs_show_in_the_cost() {
        for y in [[Real::NAN, 0.0], [Real::INFINITY, 0.0]] {
            let value = Loss::SoftmaxCrossEntropy.forward(&y, 2, Targets::Labels(&[1]));
            assert!(!value.is_finite(), "{y:?}: {value}");
        }
    }

    #[test]
    fn labels_and_one_hot_values_mean_the_same() {
        let y = [0.1, 0.7, -0.3, 2.0, 0.0, -1.0];
        let one_hot = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        for loss in Loss::ALL {
            let (labels, values) = (Targets::Labels(&[1, 2]), Targets::Values(&one_hot));
            assert!((loss.forward(&y, 3, labels) - loss.forward(&y, 3, values)).abs() < 1e-6);
            let mut pair = [[0.0; 6]; 2];
            loss.backward(&y, 3, labels, &mut pair[0]);
            loss.backward(&y, 3, values, &mut pair[1]);
            assert!(pair[0].iter().zip(pair[1]).all(|(a, b)| (a - b).abs() < 1e-6), "{pair:?}");
        }
    }

    #[test]
    fn correct_answers_are_counted() {
        assert_eq!(count_correct(&[0.1, 0.9, 0.8, 0.2, 0.5, 0.5], 2, &[1, 1, 0]), 2);
        assert_eq!(count_correct(&[Real::NAN, 0.0, 0.0, Real::NAN], 2, &[0, 0]), 0);
    }

    #[test]
    fn many_samples_and_classes_are_counted_and_weighed_like_few() {
        for (batch, outputs) in [(1, 1), (3, 10), (16, 16), (30, 10), (33, 7), (5, 17), (40, 33)] {
            // Whole numbers, so that there are ties.
            let mut y: Vec<Real> = (0..batch * outputs).map(|i| ((i * 7919) % 13) as Real - 6.0).collect();
            let labels: Vec<u32> = (0..batch).map(|row| ((row * 5) % outputs) as u32).collect();
            let one_hot: Vec<Real> = (0..batch * outputs)
                .map(|i| Real::from(u8::from(i % outputs == labels[i / outputs] as usize)))
                .collect();
            let (labelled, valued) = (Targets::Labels(&labels), Targets::Values(&one_hot));
            let loss = Loss::SoftmaxCrossEntropy;
            let values = [labelled, valued].map(|targets| loss.forward(&y, outputs, targets));
            assert!((values[0] - values[1]).abs() < 1e-5, "{batch}, {outputs}: {values:?}");
            let gradients = [labelled, valued].map(|targets| {
                let mut dy = vec![9.0; y.len()];
                loss.backward(&y, outputs, targets, &mut dy);
                dy
            });
            assert!(gradients[0].iter().zip(&gradients[1]).all(|(a, b)| (a - b).abs() < 1e-6), "{batch}, {outputs}");
            for not_a_number in [false, true] {
                if not_a_number {
                    y[batch / 2 * outputs + outputs / 2] = Real::NAN;
                }
                let rows = y.chunks_exact(outputs).zip(&labels);
                let expected = rows.filter(|(y, label)| argmax(y) == Some(**label as usize)).count();
                assert_eq!(count_correct(&y, outputs, &labels), expected, "{batch}, {outputs}");
            }
        }
    }

    #[test]
    fn a_small_cost_under_large_logits_keeps_its_digits() {
        let value = Loss::SoftmaxCrossEntropy.forward(&[100.0, 92.0], 2, Targets::Labels(&[0]));
        assert!((value / 3.354_06e-4 - 1.0).abs() < 1e-4, "{value}");
    }
}
