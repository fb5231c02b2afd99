//! Losses of any number of outputs, one sample after the other.

use super::{Loss, Targets, columns::larger};
use crate::kernels::{Kernel, LANES, Line, Register};
use crate::{Real, math};

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

/// A line of `y` from `column` on, filled up at the end of the row.
#[inline(always)]
fn line(y: &[Real], outputs: usize, row: usize, column: usize, filler: Real) -> Line {
    Line::load(y, row * outputs + column, outputs - column, filler)
}

/// C.
pub(super) struct Forward<'a> {
    pub(super) loss: Loss,
    pub(super) y: &'a [Real],
    pub(super) outputs: usize,
    pub(super) targets: Targets<'a>,
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

/// dC/dy.
pub(super) struct Backward<'a> {
    pub(super) loss: Loss,
    pub(super) y: &'a [Real],
    pub(super) outputs: usize,
    pub(super) targets: Targets<'a>,
    pub(super) dy: &'a mut [Real],
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
