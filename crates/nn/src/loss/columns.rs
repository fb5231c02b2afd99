//! Softmax cross-entropy of few classes, sixteen samples at a time.
//!
//! A line holds one class of sixteen samples, so what is summed over the classes is summed from line to line, and
//! nothing within a register. What stands behind the last sample of a batch is of no consequence.

use crate::kernels::{Kernel, LANES, Line, Register, load, transpose};
use crate::{Real, math};

/// Whether so many classes are few.
pub(super) fn fit(outputs: usize) -> bool {
    outputs <= LANES
}

/// Sixteen rows of `y` from `row` on, class by class. Only the first `outputs` lines are classes.
#[inline(always)]
fn classes<R: Register>(y: &[Real], outputs: usize, row: usize) -> [Line; LANES] {
    let mut square = [R::splat(0.0); LANES];
    for (sample, line) in square.iter_mut().enumerate() {
        *line = load(&y[((row + sample) * outputs).min(y.len())..]);
    }
    transpose(&mut square);
    let mut lines = [Line::ZERO; LANES];
    for (line, register) in lines.iter_mut().zip(&square) {
        *line = register.line();
    }
    lines
}

/// Turns outputs, class by class, into exp(y - largest); returns the largest of each sample and the sums.
#[inline(always)]
fn exponentials(classes: &mut [Line]) -> (Line, Line) {
    let mut largest = classes[0];
    for class in &*classes {
        largest = largest.zip(*class, larger);
    }
    let mut sums = Line::ZERO;
    for class in classes {
        *class = class.zip(largest, |y, largest| math::exp(y - largest));
        sums = sums.zip(*class, |sum, e| sum + e);
    }
    (largest, sums)
}

/// The labels of sixteen samples from `row` on, as numbers: those behind the last one are 0.
#[inline(always)]
fn numbers(labels: &[u32], row: usize) -> Line {
    let mut numbers = Line::ZERO;
    for (number, label) in numbers.0.iter_mut().zip(&labels[row..]) {
        *number = *label as Real;
    }
    numbers
}

/// C = the mean of ln(sum exp(y)) - y of the class, the large numbers first, so that no digits are lost.
pub(super) struct Forward<'a> {
    pub(super) y: &'a [Real],
    pub(super) outputs: usize,
    pub(super) labels: &'a [u32],
}

impl Kernel for Forward<'_> {
    type Output = Real;

    #[inline(always)]
    fn run<R: Register>(self) -> Real {
        let Self { y, outputs, labels } = self;
        let batch = y.len() / outputs;
        let (mut sum, mut row) = (0.0, 0);
        while row < batch {
            let mut lines = classes::<R>(y, outputs, row);
            let (largest, sums) = exponentials(&mut lines[..outputs]);
            let rest = sums.zip(sums, |sum, _| math::ln(sum));
            for (sample, &label) in labels[row..batch].iter().take(LANES).enumerate() {
                sum += (largest.0[sample] - y[(row + sample) * outputs + label as usize]) + rest.0[sample];
            }
            row += LANES;
        }
        sum / batch as Real
    }
}

/// dC/dy = (softmax(y) - target) / batch.
pub(super) struct Backward<'a> {
    pub(super) y: &'a [Real],
    pub(super) outputs: usize,
    pub(super) labels: &'a [u32],
    pub(super) dy: &'a mut [Real],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        let Self { y, outputs, labels, dy } = self;
        let batch = y.len() / outputs;
        let scale = 1.0 / batch as Real;
        let mut row = 0;
        while row < batch {
            let mut lines = classes::<R>(y, outputs, row);
            let (_, sums) = exponentials(&mut lines[..outputs]);
            let share = sums.zip(sums, |sum, _| 1.0 / sum);
            let labels = numbers(labels, row);
            let mut square = [R::splat(0.0); LANES];
            for (class, (line, register)) in lines[..outputs].iter().zip(&mut square).enumerate() {
                let probability = line.zip(share, |e, share| e * share);
                let class = class as Real;
                let gradient = probability.zip(labels, |p, label| scale * (p - if label == class { 1.0 } else { 0.0 }));
                *register = R::load(&gradient.0);
            }
            transpose(&mut square);
            for (sample, register) in square.iter().enumerate().take(batch - row) {
                // The next sample is written over what spills.
                register.line().store_spilling(dy, (row + sample) * outputs);
            }
            row += LANES;
        }
    }
}

/// How many samples speak for their label.
pub(super) struct CountCorrect<'a> {
    pub(super) y: &'a [Real],
    pub(super) outputs: usize,
    pub(super) labels: &'a [u32],
}

impl Kernel for CountCorrect<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<R: Register>(self) -> usize {
        let Self { y, outputs, labels } = self;
        let batch = (y.len() / outputs).min(labels.len());
        let (mut correct, mut row) = (0, 0);
        while row < batch {
            let lines = classes::<R>(y, outputs, row);
            let numbers = numbers(labels, row);
            let mut spoken = Line::ZERO;
            for (sample, &label) in labels[row..batch].iter().take(LANES).enumerate() {
                spoken.0[sample] = y[(row + sample) * outputs + label as usize];
            }
            // What speaks against a label: what is larger, or as large and further left, or NaN.
            let mut against = Line::ZERO;
            for (class, line) in lines[..outputs].iter().enumerate() {
                let class = class as Real;
                let least = line.zip(spoken, |y, spoken| if y < spoken { 0.0 } else { 1.0 });
                let equal = line.zip(spoken, |y, spoken| if y == spoken { 1.0 } else { 0.0 });
                let right = numbers.zip(equal, |label, equal| if class >= label { equal } else { 0.0 });
                against = against.zip(least.zip(right, |least, right| least - right), |sum, more| sum + more);
            }
            for against in against.0.iter().take(batch - row) {
                correct += usize::from(*against == 0.0);
            }
            row += LANES;
        }
        correct
    }
}

/// One instruction, other than `max`, which passes over NaN: here what follows is NaN all the same.
#[inline(always)]
pub(super) fn larger(a: Real, b: Real) -> Real {
    if a > b { a } else { b }
}
