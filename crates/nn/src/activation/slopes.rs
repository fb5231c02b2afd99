//! How steep f is at the units of a layer, over a batch.

use super::{Activation, Elementwise};
use crate::kernels::{Kernel, LANES, Line, Register};
use crate::{InstructionSet, Real};

/// How many units of a layer pass next to no gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slopes {
    /// Units whose f'(z) is exactly 0 for every sample.
    pub zero: usize,
    /// Units whose mean of f'(z)^2 over the batch is below the bound; those with f' = 0 are among them.
    pub flat: usize,
}

impl Activation {
    /// Looks at f' of every unit, with `z` and `a`, both `[batch, outputs]`. `bound`: what the mean of f'^2 is at a unit that
    /// is not flat. A unit with f' that is no number is neither.
    pub fn slopes(self, z: &[Real], a: &[Real], outputs: usize, bound: Real) -> Slopes {
        debug_assert_eq!(z.len(), a.len());
        InstructionSet::detected().run(Look { activation: self, z, a, outputs, bound })
    }
}

struct Look<'a> {
    activation: Activation,
    z: &'a [Real],
    a: &'a [Real],
    outputs: usize,
    bound: Real,
}

impl Kernel for Look<'_> {
    type Output = Slopes;

    #[inline(always)]
    fn run<R: Register>(self) -> Slopes {
        self.activation.dispatch(self)
    }
}

impl Elementwise for Look<'_> {
    type Output = Slopes;

    #[inline(always)]
    fn apply(self, _: impl Fn(Real) -> Real, df: impl Fn(Real, Real) -> Real) -> Slopes {
        let Self { z, a, outputs, bound, .. } = self;
        let bound = bound * (z.len() / outputs) as Real;
        let mut slopes = Slopes::default();
        for first in (0..outputs).step_by(LANES) {
            let (mut squares, mut steepest) = (Line::ZERO, Line::ZERO);
            for at in (first..z.len()).step_by(outputs) {
                // Over the end of a row if need be: what is there is looked at, and not counted. Where z is no number, f'
                // is none either; a comparison with 0 would make it 0.
                let slope = |z: Real, a: Real| if z.is_nan() { z } else { df(z, a) };
                let df = Line::spill(z, at).zip(Line::spill(a, at), slope);
                squares = squares.zip(df, |sum, df| sum + df * df);
                steepest = steepest.zip(df, |steepest, df| if df.abs() > steepest { df.abs() } else { steepest });
            }
            for (square, steepest) in squares.0.into_iter().zip(steepest.0).take(outputs - first) {
                slopes.zero += usize::from(square == 0.0 && steepest == 0.0);
                slopes.flat += usize::from(square < bound);
            }
        }
        slopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_as_their_definition_says_on_every_instruction_set() {
        for activation in Activation::ALL {
            for (batch, outputs) in [(1, 1), (30, 10), (5, 16), (3, 37)] {
                // From unit to unit further from 0.
                let z: Vec<Real> = (0..batch * outputs)
                    .map(|i| ((i % outputs) as Real - 3.0) * (1.0 + (i / outputs) as Real / 10.0))
                    .collect();
                let mut a = vec![0.0; z.len()];
                activation.forward(&z, &mut a);
                let bound = (activation.steepest_slope() / 20.0).powi(2);
                let of = |unit: usize| z.iter().skip(unit).step_by(outputs).map(|z| activation.df(*z));
                let zero = (0..outputs).filter(|unit| of(*unit).all(|df| df == 0.0)).count();
                let mean = |unit| of(unit).map(|df| df * df).sum::<Real>() / batch as Real;
                let flat = (0..outputs).filter(|unit| mean(*unit) < bound).count();
                for set in InstructionSet::available() {
                    let slopes = set.run(Look { activation, z: &z, a: &a, outputs, bound });
                    assert_eq!(slopes, Slopes { zero, flat }, "{activation}, {batch} x {outputs}, {set}");
                }
            }
        }
    }

    #[test]
    fn a_slope_whose_square_vanishes_is_not_zero_and_no_number_is_neither() {
        // f' = a (1 - a), and 1e-30 squared is below the smallest number of f32.
        let slopes = |a: Real| Activation::Sigmoid.slopes(&[0.0], &[a], 1, 1e-4);
        assert_eq!(slopes(1e-30), Slopes { zero: 0, flat: 1 });
        assert_eq!(slopes(0.0), Slopes { zero: 1, flat: 1 });
        assert_eq!(slopes(Real::NAN), Slopes { zero: 0, flat: 0 });
        for activation in Activation::ALL {
            let found = activation.slopes(&[Real::NAN, Real::NAN], &[Real::NAN, Real::NAN], 1, 1e-4);
            assert_eq!(found, Slopes { zero: 0, flat: 0 }, "{activation}");
        }
    }
}
