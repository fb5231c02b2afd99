//! What can be said of many numbers in one pass over them.

use super::{Kernel, Register};
use crate::{InstructionSet, Real};

/// Numbers that are looked at together, each place with sums of its own: enough to fill registers, whatever their width.
const TOGETHER: usize = 64;

/// Sums, extremes and counts of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    /// Sum of |x|; NaN or infinite when any number is.
    pub absolutes: f64,
    /// Sum of x^2, whose terms neither overflow nor vanish in f64; NaN or infinite when any number is.
    pub squares: f64,
    /// Smallest number; infinite when there is none.
    pub min: Real,
    /// Largest number; minus infinity when there is none.
    pub max: Real,
    /// How many are exactly 0.
    pub zeros: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite.
    pub infinities: u64,
}

impl Survey {
    /// Surveys `values`. Sums are taken in the same order on every instruction set.
    pub fn of(values: &[Real]) -> Self {
        InstructionSet::detected().run(Take { values })
    }
}

struct Take<'a> {
    values: &'a [Real],
}

impl Kernel for Take<'_> {
    type Output = Survey;

    #[inline(always)]
    fn run<R: Register>(self) -> Survey {
        let (mut absolutes, mut squares) = ([0.0_f64; TOGETHER], [0.0_f64; TOGETHER]);
        let (mut min, mut max) = ([Real::INFINITY; TOGETHER], [Real::NEG_INFINITY; TOGETHER]);
        let (mut zeros, mut nans, mut infinities) = (0, 0, 0);
        for values in self.values.chunks(TOGETHER) {
            for (sum, &value) in absolutes.iter_mut().zip(values) {
                *sum += f64::from(value).abs();
            }
            for (sum, &value) in squares.iter_mut().zip(values) {
                *sum += f64::from(value) * f64::from(value);
            }
            // NaN is neither smaller nor larger.
            for (min, &value) in min.iter_mut().zip(values) {
                *min = if value < *min { value } else { *min };
            }
            for (max, &value) in max.iter_mut().zip(values) {
                *max = if value > *max { value } else { *max };
            }
            zeros += count(values, |value| value == 0.0);
            nans += count(values, Real::is_nan);
            infinities += count(values, |value| value.abs() == Real::INFINITY);
        }
        Survey {
            absolutes: absolutes.iter().sum(),
            squares: squares.iter().sum(),
            min: min.into_iter().fold(Real::INFINITY, Real::min),
            max: max.into_iter().fold(Real::NEG_INFINITY, Real::max),
            zeros,
            nans,
            infinities,
        }
    }
}

/// How many of a few numbers are so.
#[inline(always)]
fn count(values: &[Real], is_so: impl Fn(Real) -> bool) -> u64 {
    let mut count = 0_u32;
    for &value in values {
        count += u32::from(is_so(value));
    }
    u64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_is_what_its_definition_says_on_every_instruction_set() {
        for length in [0, 1, 63, 64, 65, 1000] {
            let mut values: Vec<Real> = (0..length).map(|i| ((i * 7919) % 1009) as Real - 500.0).collect();
            if length == 1000 {
                (values[3], values[70], values[999]) = (Real::NAN, Real::INFINITY, Real::NEG_INFINITY);
            }
            let count = |is_so: fn(&&Real) -> bool| values.iter().filter(is_so).count() as u64;
            let surveys: Vec<_> = InstructionSet::available().map(|set| set.run(Take { values: &values })).collect();
            for survey in &surveys {
                assert_eq!(survey.zeros, count(|v| **v == 0.0));
                assert_eq!((survey.nans, survey.infinities), (count(|v| v.is_nan()), count(|v| v.is_infinite())));
                assert_eq!(survey.min, values.iter().copied().fold(Real::INFINITY, Real::min));
                assert_eq!(survey.max, values.iter().copied().fold(Real::NEG_INFINITY, Real::max));
                let sum = |term: fn(f64) -> f64| values.iter().map(|&v| term(f64::from(v))).sum::<f64>();
                assert_eq!(
                    survey.absolutes.to_bits() << 1,
                    sum(f64::abs).to_bits() << 1,
                    "whole numbers add up exactly"
                );
                assert_eq!(survey.squares.to_bits() << 1, sum(|v| v * v).to_bits() << 1);
            }
        }
    }
}
