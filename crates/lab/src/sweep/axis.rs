//! The values that a swept key takes: choices, or a range.

use crate::kinds::plainly;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Value;

/// The most values that one key may have in a grid.
const MOST: i64 = 100_000;

/// The values of one swept key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Axis {
    Choices(Vec<Value>),
    /// Evenly spread between two numbers, or between their logarithms.
    Real {
        from: f64,
        to: f64,
        logarithmic: bool,
        points: Option<u32>,
    },
    /// Whole numbers, both ends included.
    Integers {
        from: i64,
        to: i64,
    },
}

/// A range as it is written; one of the first three is given.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Range {
    /// From the first number to the second, spread evenly.
    uniform: Option<[f64; 2]>,
    /// From the first number to the second, both above 0, their logarithms spread evenly.
    log: Option<[f64; 2]>,
    /// Whole numbers from the first to the second, both included.
    integers: Option<[i64; 2]>,
    /// How many values of `uniform` or `log` a grid takes, both ends included; a sample takes no notice of it.
    #[schemars(range(min = 2))]
    points: Option<u32>,
}

impl Axis {
    /// Reads what is written for a key; the error says what is wrong with it.
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Array(choices) if choices.is_empty() => Err("expected at least one choice, found none".to_owned()),
            Value::Array(choices) => {
                let twice = choices.iter().enumerate().find(|(index, choice)| choices[..*index].contains(choice));
                twice.map_or_else(
                    || Ok(Self::Choices(choices.clone())),
                    |(_, choice)| Err(format!("the choice {choice} is there twice")),
                )
            }
            Value::Table(table) => {
                let range = Range::deserialize(table.clone()).map_err(|error| plainly(error.message()))?;
                range.axis()
            }
            other => Err(format!(
                "expected choices, as in [1, 2], or a range: {{ uniform = [0, 1] }}, {{ log = [1e-4, 1e-1] }} or {{ integers = [1, 9] }}; \
                 found {other}"
            )),
        }
    }

    /// The value at a place between 0 and 1, 1 excluded.
    pub(crate) fn at(&self, place: f64) -> Value {
        match self {
            Self::Choices(choices) => choices[((place * choices.len() as f64) as usize).min(choices.len() - 1)].clone(),
            Self::Real { from, to, logarithmic, .. } => Value::Float(between(*from, *to, *logarithmic, place)),
            Self::Integers { from, to } => {
                let count = (to - from + 1) as f64;
                Value::Integer((from + (place * count) as i64).min(*to))
            }
        }
    }

    /// The values in a grid.
    pub(crate) fn grid(&self) -> Result<Vec<Value>, String> {
        match self {
            Self::Choices(choices) => Ok(choices.clone()),
            Self::Integers { from, to } if to - from < MOST => Ok((*from..=*to).map(Value::Integer).collect()),
            Self::Integers { from, to } => Err(format!("integers from {from} to {to} are too many for a grid")),
            Self::Real { points: None, .. } => {
                Err("a grid needs to know how many values to take of a range: add `points = 5`".to_owned())
            }
            Self::Real { from, to, logarithmic, points: Some(points) } => {
                let last = f64::from(points - 1);
                let value = |index: u32| match f64::from(index) / last {
                    // The ends as they are written, not as arithmetic finds them.
                    0.0 => *from,
                    1.0 => *to,
                    place => between(*from, *to, *logarithmic, place),
                };
                Ok((0..*points).map(|index| Value::Float(value(index))).collect())
            }
        }
    }
}

impl Range {
    fn axis(self) -> Result<Axis, String> {
        let ascending = |name: &str, from: f64, to: f64| {
            let is = from.is_finite() && to.is_finite() && from < to;
            is.then_some(())
                .ok_or_else(|| format!("{name}: expected a smaller number and a larger one, found [{from}, {to}]"))
        };
        if let Some(points) = self.points.filter(|points| *points < 2 || i64::from(*points) > MOST) {
            return Err(format!("points: expected 2 to {MOST}, found {points}"));
        }
        match (self.uniform, self.log, self.integers) {
            (Some([from, to]), None, None) => {
                ascending("uniform", from, to)?;
                Ok(Axis::Real { from, to, logarithmic: false, points: self.points })
            }
            (None, Some([from, to]), None) => {
                ascending("log", from, to)?;
                if from <= 0.0 {
                    return Err(format!("log: expected two numbers above 0, found [{from}, {to}]"));
                }
                Ok(Axis::Real { from, to, logarithmic: true, points: self.points })
            }
            (None, None, Some(_)) if self.points.is_some() => {
                Err("points: a grid takes all of `integers`; leave it out, or write the choices".to_owned())
            }
            (None, None, Some([from, to])) => {
                ascending("integers", from as f64, to as f64)?;
                if to.checked_sub(from).is_none_or(|width| width > 1 << 52) {
                    return Err(format!("integers: [{from}, {to}] is too wide"));
                }
                Ok(Axis::Integers { from, to })
            }
            _ => Err("expected one of `uniform`, `log` and `integers`".to_owned()),
        }
    }
}

/// `libm`, because the platform's logarithm may round otherwise elsewhere, and a plan is to be the same everywhere.
fn between(from: f64, to: f64, logarithmic: bool, place: f64) -> f64 {
    let value = if logarithmic {
        let (from, to) = (libm::log(from), libm::log(to));
        libm::exp(from + place * (to - from))
    } else {
        from + place * (to - from)
    };
    value.clamp(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> Result<Axis, String> {
        Axis::read(&toml::from_str::<toml::Table>(&format!("a = {text}")).unwrap()["a"])
    }

    fn numbers(values: &[Value]) -> Vec<f64> {
        values.iter().map(|value| value.as_float().unwrap()).collect()
    }

    #[test]
    fn a_range_is_spread_as_it_says() {
        let at = |text: &str, place| axis(text).unwrap().at(place);
        assert_eq!(at("{ uniform = [1, 3] }", 0.25), Value::Float(1.5));
        let middle = at("{ log = [1e-4, 1e-2] }", 0.5).as_float().unwrap();
        assert!((middle - 1e-3).abs() < 1e-12, "{middle}");
        let integers = |place| at("{ integers = [2, 4] }", place);
        assert_eq!([0.0, 0.34, 0.999_999].map(integers), [2, 3, 4].map(Value::Integer));
        assert_eq!(at("['a', 'b']", 0.5), Value::String("b".to_owned()));
    }

    #[test]
    fn a_grid_takes_both_ends_of_a_range() {
        assert_eq!(numbers(&axis("{ uniform = [0, 1], points = 3 }").unwrap().grid().unwrap()), [0.0, 0.5, 1.0]);
        let log = numbers(&axis("{ log = [1e-3, 1e-1], points = 3 }").unwrap().grid().unwrap());
        assert_eq!((log[0], log[2]), (1e-3, 1e-1));
        assert_eq!(axis("{ integers = [1, 3] }").unwrap().grid().unwrap(), [1, 2, 3].map(Value::Integer));
        assert!(axis("{ log = [1e-3, 1e-1] }").unwrap().grid().unwrap_err().contains("points = 5"));
    }

    #[test]
    fn what_is_no_range_is_refused_with_what_would_be() {
        for (text, part) in [
            ("3", "expected choices"),
            ("[]", "at least one choice"),
            ("[1, 2, 1]", "the choice 1 is there twice"),
            ("{ uniform = [1, 0] }", "a smaller number and a larger one"),
            ("{ log = [0, 1] }", "above 0"),
            ("{ uniform = [0, 1], log = [1, 2] }", "expected one of"),
            ("{ lgo = [1, 2] }", "there is no key \"lgo\" here; expected uniform, log, integers, points"),
            ("{ uniform = [0, inf] }", "a smaller number"),
            ("{ uniform = [0, 1], points = 1 }", "expected 2"),
            ("{ integers = [0, 9], points = 3 }", "takes all"),
            ("{ integers = [-9223372036854775808, 9223372036854775807] }", "too wide"),
        ] {
            let error = axis(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
