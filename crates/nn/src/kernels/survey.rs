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
        let mut sums = Sums {
            absolutes: [0.0; TOGETHER],
            squares: [0.0; TOGETHER],
            min: [Real::INFINITY; TOGETHER],
            max: [Real::NEG_INFINITY; TOGETHER],
            zeros: 0,
            nans: 0,
            infinities: 0,
        };
        let (chunks, rest) = self.values.as_chunks::<TOGETHER>();
        for chunk in chunks {
            sums.add(chunk);
        }
        sums.add(rest);
        let Sums { absolutes, squares, min, max, zeros, nans, infinities } = sums;
        Survey {
            absolutes: total(absolutes),
            squares: total(squares),
            min: min.into_iter().fold(Real::INFINITY, Real::min),
            max: max.into_iter().fold(Real::NEG_INFINITY, Real::max),
            zeros,
            nans,
            infinities,
        }
    }
}

/// What was seen so far, for each of the places.
struct Sums {
    absolutes: [f64; TOGETHER],
    squares: [f64; TOGETHER],
    min: [Real; TOGETHER],
    max: [Real; TOGETHER],
    zeros: u64,
    nans: u64,
    infinities: u64,
}

impl Sums {
    /// At most [`TOGETHER`] values. One loop for each sum: the compiler makes vectors of such loops, whose length it knows.
    #[inline(always)]
    fn add(&mut self, values: &[Real]) {
        for (sum, &value) in self.absolutes.iter_mut().zip(values) {
            *sum += f64::from(value).abs();
        }
        for (sum, &value) in self.squares.iter_mut().zip(values) {
            *sum += f64::from(value) * f64::from(value);
        }
        // NaN is neither smaller nor larger.
        for (min, &value) in self.min.iter_mut().zip(values) {
            *min = if value < *min { value } else { *min };
        }
        for (max, &value) in self.max.iter_mut().zip(values) {
            *max = if value > *max { value } else { *max };
        }
        self.zeros += count(values, |value| value == 0.0);
        self.nans += count(values, Real::is_nan);
        self.infinities += count(values, |value| value.abs() == Real::INFINITY);
    }
}

/// The sum of all places, half onto half.
#[inline(always)]
fn total(mut sums: [f64; TOGETHER]) -> f64 {
    let mut half = TOGETHER / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
        half /= 2;
    }
    sums[0]
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
