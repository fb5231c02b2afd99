//! Losses: the value and the gradient with respect to the network's outputs, computed together.

use std::fmt;
use std::str::FromStr;

use crate::call::{Call, CallError};
use crate::kernels::{Kernel, LANES, Line, Register};
use crate::{InstructionSet, Real, math};

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
    /// The targets of a line of outputs, from `column` on in this row.
    #[inline(always)]
    fn line(self, row: usize, column: usize, outputs: usize) -> Line {
        match self {
            Self::Labels(labels) => {
                let label = labels[row];
                let mut line = Line::ZERO;
                for (lane, target) in line.0.iter_mut().enumerate() {
                    *target = if (column + lane) as u32 == label { 1.0 } else { 0.0 };
                }
                line
            }
            Self::Values(values) => Line::load(values, row * outputs + column, outputs - column, 0.0),
        }
    }
}

impl Loss {
    const ALL: [Self; 2] = [Self::SoftmaxCrossEntropy, Self::MeanSquaredError];

    /// C of `y`, `[batch, outputs]`.
    pub fn forward(self, y: &[Real], outputs: usize, targets: Targets<'_>) -> Real {
        InstructionSet::detected().run(Forward { loss: self, y, outputs, targets })
    }

    /// dC/dy of `y`, `[batch, outputs]`. Sets `dy`.
    pub fn backward(self, y: &[Real], outputs: usize, targets: Targets<'_>, dy: &mut [Real]) {
        InstructionSet::detected().run(Backward { loss: self, y, outputs, targets, dy });
    }

    /// How many terms the mean is over.
    fn terms(self, values: usize, outputs: usize) -> Real {
        match self {
            Self::SoftmaxCrossEntropy => (values / outputs) as Real,
            Self::MeanSquaredError => values as Real,
        }
    }
}

/// A line of `y` from `column` on, filled up at the end of the row.
#[inline(always)]
fn line(y: &[Real], outputs: usize, row: usize, column: usize, filler: Real) -> Line {
    Line::load(y, row * outputs + column, outputs - column, filler)
}

struct Forward<'a> {
    loss: Loss,
    y: &'a [Real],
    outputs: usize,
    targets: Targets<'a>,
}

impl Kernel for Forward<'_> {
    type Output = Real;

    #[inline(always)]
    fn run<R: Register>(self) -> Real {
        let Self { loss, y, outputs, targets } = self;
        let mut sum = 0.0;
        for row in 0..y.len() / outputs {
            match loss {
                // ln(sum exp(y)) - y of the class, the large numbers first, so that no digits are lost.
                Loss::SoftmaxCrossEntropy => {
                    let (largest, exps) = sum_exp(y, outputs, row);
                    let rest = math::ln(exps);
                    sum += match targets {
                        Targets::Labels(labels) => (largest - y[row * outputs + labels[row] as usize]) + rest,
                        Targets::Values(values) => {
                            let pairs = values[row * outputs..].iter().zip(&y[row * outputs..]).take(outputs);
                            pairs.map(|(target, y)| target * ((largest - y) + rest)).sum()
                        }
                    };
                }
                Loss::MeanSquaredError => {
                    let (mut squares, mut column) = (Line::ZERO, 0);
                    while column < outputs {
                        // Filled up, the last line has 0 - 0 there: the label is none of those columns.
                        let y = line(y, outputs, row, column, 0.0);
                        let error = y.zip(targets.line(row, column, outputs), |y, target| y - target);
                        squares = squares.zip(error, |sum, error| sum + error * error);
                        column += LANES;
                    }
                    sum += squares.reduce(|a, b| a + b);
                }
            }
        }
        sum / loss.terms(y.len(), outputs)
    }
}

struct Backward<'a> {
    loss: Loss,
    y: &'a [Real],
    outputs: usize,
    targets: Targets<'a>,
    dy: &'a mut [Real],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        let Self { loss, y, outputs, targets, dy } = self;
        let scale = 1.0 / loss.terms(y.len(), outputs);
        for row in 0..y.len() / outputs {
            let (largest, exps) = match loss {
                Loss::SoftmaxCrossEntropy => sum_exp(y, outputs, row),
                Loss::MeanSquaredError => (0.0, 1.0),
            };
            let share = 1.0 / exps;
            let mut column = 0;
            while column < outputs {
                let y = line(y, outputs, row, column, 0.0);
                let target = targets.line(row, column, outputs);
                let gradient = match loss {
                    // (softmax(y) - target) / batch. The targets of a row add up to 1.
                    Loss::SoftmaxCrossEntropy => {
                        y.zip(target, |y, target| scale * (math::exp(y - largest) * share - target))
                    }
                    Loss::MeanSquaredError => y.zip(target, |y, target| 2.0 * scale * (y - target)),
                };
                gradient.store_spilling(dy, row * outputs + column);
                column += LANES;
            }
        }
    }
}

/// The largest y of a row, and the sum of exp(y - largest) over the row. NaN or infinite, where an output is.
#[inline(always)]
fn sum_exp(y: &[Real], outputs: usize, row: usize) -> (Real, Real) {
    let (mut maxima, mut column) = (Line::splat(Real::NEG_INFINITY), 0);
    while column < outputs {
        maxima = maxima.zip(line(y, outputs, row, column, Real::NEG_INFINITY), larger);
        column += LANES;
    }
    let largest = maxima.reduce(larger);
    let (mut sums, mut column) = (Line::ZERO, 0);
    while column < outputs {
        let y = line(y, outputs, row, column, Real::NEG_INFINITY);
        sums = sums.zip(y, |sum, y| sum + math::exp(y - largest));
        column += LANES;
    }
    (largest, sums.reduce(|a, b| a + b))
}

/// One instruction, other than `max`, which passes over NaN: here what follows is NaN all the same.
#[inline(always)]
fn larger(a: Real, b: Real) -> Real {
    if a > b { a } else { b }
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
    InstructionSet::detected().run(CountCorrect { y, outputs, labels })
}

struct CountCorrect<'a> {
    y: &'a [Real],
    outputs: usize,
    labels: &'a [u32],
}

impl Kernel for CountCorrect<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<R: Register>(self) -> usize {
        let Self { y, outputs, labels } = self;
        let mut correct = 0;
        for (row, &label) in labels.iter().enumerate().take(y.len() / outputs) {
            let spoken = y[row * outputs + label as usize];
            // What speaks against the label: what is larger, or as large and further left, or NaN.
            let (mut against, mut column) = (Line::ZERO, 0);
            while column < outputs {
                let y = line(y, outputs, row, column, Real::NEG_INFINITY);
                for (lane, (against, y)) in against.0.iter_mut().zip(y.0).enumerate() {
                    let right = (column + lane) as u32 >= label;
                    *against += if y < spoken || (y == spoken && right) { 0.0 } else { 1.0 };
                }
                column += LANES;
            }
            correct += usize::from(against.reduce(|a, b| a + b) == 0.0);
        }
        correct
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
