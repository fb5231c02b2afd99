//! Losses: the value and the gradient with respect to the network's outputs, computed together.

use std::fmt;
use std::str::FromStr;

use crate::Real;
use crate::call::{Call, CallError};

/// The cost C of a batch; always a mean over the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Targets<'_> {
    fn value(self, row: usize, column: usize, outputs: usize) -> Real {
        match self {
            Self::Labels(labels) => Real::from(u8::from(labels[row] as usize == column)),
            Self::Values(values) => values[row * outputs + column],
        }
    }
}

impl Loss {
    const ALL: [Self; 2] = [Self::SoftmaxCrossEntropy, Self::MeanSquaredError];

    /// C of `y`, `[batch, outputs]`.
    pub fn forward(self, y: &[Real], outputs: usize, targets: Targets<'_>) -> Real {
        let mut sum = 0.0;
        for (row, y) in y.chunks_exact(outputs).enumerate() {
            match self {
                // ln(sum exp(y)) - y of the class, the large numbers first, so that no digits are lost.
                Self::SoftmaxCrossEntropy => {
                    let (largest, rest) = log_sum_exp(y);
                    sum += match targets {
                        Targets::Labels(labels) => (largest - y[labels[row] as usize]) + rest,
                        Targets::Values(_) => y
                            .iter()
                            .enumerate()
                            .map(|(column, y)| targets.value(row, column, outputs) * ((largest - y) + rest))
                            .sum(),
                    };
                }
                Self::MeanSquaredError => {
                    for (column, y) in y.iter().enumerate() {
                        let error = y - targets.value(row, column, outputs);
                        sum += error * error;
                    }
                }
            }
        }
        sum / self.terms(y.len(), outputs)
    }

    /// dC/dy of `y`, `[batch, outputs]`. Sets `dy`.
    pub fn backward(self, y: &[Real], outputs: usize, targets: Targets<'_>, dy: &mut [Real]) {
        let scale = 1.0 / self.terms(y.len(), outputs);
        for (row, (y, dy)) in y.chunks_exact(outputs).zip(dy.chunks_exact_mut(outputs)).enumerate() {
            match self {
                // (softmax(y) - target) / batch. The targets of a row add up to 1.
                Self::SoftmaxCrossEntropy => {
                    let (largest, rest) = log_sum_exp(y);
                    for (column, (dy, y)) in dy.iter_mut().zip(y).enumerate() {
                        *dy = scale * (((y - largest) - rest).exp() - targets.value(row, column, outputs));
                    }
                }
                Self::MeanSquaredError => {
                    for (column, (dy, y)) in dy.iter_mut().zip(y).enumerate() {
                        *dy = 2.0 * scale * (y - targets.value(row, column, outputs));
                    }
                }
            }
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

/// ln(sum exp(y)) in two parts, of which the first is the largest y: their sum does not overflow.
fn log_sum_exp(y: &[Real]) -> (Real, Real) {
    let largest = y.iter().copied().fold(Real::NEG_INFINITY, Real::max);
    if !largest.is_finite() {
        // NaN or infinite, and so is everything that is computed from it.
        return (largest, y.iter().sum());
    }
    (largest, y.iter().map(|y| (y - largest).exp()).sum::<Real>().ln())
}

/// The class that the outputs of one sample speak for: the first of the largest. None if any of them is NaN.
pub fn answer(y: &[Real]) -> Option<usize> {
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
    let rows = y.chunks_exact(outputs).zip(labels);
    rows.filter(|(y, label)| answer(y) == Some(**label as usize)).count()
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
        let cost = Loss::SoftmaxCrossEntropy.forward(&[3.0; 20], 10, Targets::Labels(&[0, 9]));
        assert!((cost - (10.0 as Real).ln()).abs() < 1e-6);
    }

    #[test]
    fn huge_logits_neither_overflow_nor_lose_the_gradient() {
        let y = [1e4, 0.0, -1e4];
        let cost = Loss::SoftmaxCrossEntropy.forward(&y, 3, Targets::Labels(&[1]));
        assert_eq!(cost, 1e4);
        let mut dy = [0.0; 3];
        Loss::SoftmaxCrossEntropy.backward(&y, 3, Targets::Labels(&[1]), &mut dy);
        assert_eq!(dy, [1.0, -1.0, 0.0]);
    }

    #[test]
    fn nan_and_infinite_outputs_show_in_the_cost() {
        for y in [[Real::NAN, 0.0], [Real::INFINITY, 0.0]] {
            let cost = Loss::SoftmaxCrossEntropy.forward(&y, 2, Targets::Labels(&[1]));
            assert!(!cost.is_finite(), "{y:?}: {cost}");
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
            assert_eq!(pair[0], pair[1]);
        }
    }

    #[test]
    fn correct_answers_are_counted() {
        assert_eq!(count_correct(&[0.1, 0.9, 0.8, 0.2, 0.5, 0.5], 2, &[1, 1, 0]), 2);
        assert_eq!(count_correct(&[Real::NAN, 0.0, 0.0, Real::NAN], 2, &[0, 0]), 0);
    }

    #[test]
    fn a_small_cost_under_large_logits_keeps_its_digits() {
        let cost = Loss::SoftmaxCrossEntropy.forward(&[100.0, 92.0], 2, Targets::Labels(&[0]));
        assert!((cost / 3.354_06e-4 - 1.0).abs() < 1e-4, "{cost}");
    }
}
