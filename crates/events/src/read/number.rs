//! A number as it was written.

use std::fmt;

/// A number of either width. Displayed, it has as many digits as tell it from others of its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Written as an f32, or narrower.
    Single(f32),
    /// Written as an f64 or an integer.
    Double(f64),
    /// Written as an integer of 64 bits, beyond 2^53.
    Integer(i128),
}

impl From<Number> for f64 {
    fn from(number: Number) -> f64 {
        match number {
            Number::Single(number) => number.into(),
            Number::Double(number) => number,
            Number::Integer(number) => number as f64,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Single(number) => number.fmt(f),
            Number::Double(number) => number.fmt(f),
            Number::Integer(number) => number.fmt(f),
        }
    }
}
