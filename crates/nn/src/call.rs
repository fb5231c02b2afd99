//! The little grammar in which activations, initialisers, optimizers and schedules are written:
//! `relu`, `leaky_relu(0.2)`, `adam(beta1 = 0.9, epsilon = 1e-8)`.

use std::fmt;

use thiserror::Error;

use crate::Real;

/// A name with numeric arguments, by position, by name, or first the one and then the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// What stands before the parenthesis.
    pub name: &'a str,
    arguments: Vec<(Option<&'a str>, f64)>,
}

/// Why a text is not one of the names that were expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// The text is not `name` or `name(number, key = number)`.
    #[error("{text:?} is not of the form `name` or `name(number, key = number)`: {reason}")]
    Malformed {
        /// The whole text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing has this name.
    #[error("there is no {kind} {name:?}{}; known: {known}", did_you_mean(nearest.as_deref()))]
    UnknownName {
        /// What was looked for: "activation", "optimizer".
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// The known name that is spelled most alike.
        nearest: Option<String>,
        /// All known names.
        known: String,
    },
    /// The name is right and its arguments are not.
    #[error("{name}: {reason}")]
    Arguments {
        /// The name that was called.
        name: String,
        /// What is wrong, and what it takes.
        reason: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

/// Whether a number that is not 0 is one in [`Real`], where subnormal numbers count as 0.
pub fn vanishes(value: f64) -> bool {
    value != 0.0 && value.abs() < f64::from(Real::MIN_POSITIVE)
}

impl<'a> Call<'a> {
    /// Reads `name` or `name(arguments)`.
    ///
    /// # Errors
    /// [`CallError::Malformed`] when a parenthesis is missing, an argument is no number, or a positional argument
    /// follows a named one.
    pub fn parse(text: &'a str) -> Result<Self, CallError> {
        let malformed = |reason: &str| CallError::Malformed { text: text.to_owned(), reason: reason.to_owned() };
        let trimmed = text.trim();
        let (name, inside) = match trimmed.split_once('(') {
            None => (trimmed, ""),
            Some((name, rest)) => (
                name.trim_end(),
                rest.strip_suffix(')').ok_or_else(|| malformed("the closing parenthesis is missing"))?,
            ),
        };
        if name.is_empty() {
            return Err(malformed("the name is missing"));
        }
        let mut arguments = Vec::new();
        if !inside.trim().is_empty() {
            for argument in inside.split(',') {
                let (key, value) = match argument.split_once('=') {
                    Some((key, value)) => (Some(key.trim()), value),
                    None => (None, argument),
                };
                let value =
                    value.trim().parse().map_err(|_| malformed(&format!("{:?} is not a number", value.trim())))?;
                if key.is_none() && arguments.iter().any(|(key, _)| Option::is_some(key)) {
                    return Err(malformed("a positional argument follows a named one"));
                }
                arguments.push((key, value));
            }
        }
        Ok(Self { name, arguments })
    }

    /// All arguments, for a call whose number of arguments is open. Named arguments are refused.
    ///
    /// # Errors
    /// [`CallError::Arguments`] when an argument has a name.
    pub fn positional(&self) -> Result<Vec<f64>, CallError> {
        self.arguments
            .iter()
            .map(|&(key, value)| match key {
                None => Ok(value),
                Some(key) => Err(self.bad_arguments(&format!("takes no argument named {key:?}"))),
            })
            .collect()
    }

    /// Whether an argument is given by this name.
    pub fn names(&self, name: &str) -> bool {
        self.arguments.iter().any(|(key, _)| *key == Some(name))
    }

    /// The arguments in the order of `parameters`; each is a name with its default, or with `None` when it must be
    /// given.
    ///
    /// # Errors
    /// [`CallError::Arguments`] when there are too many, one is unknown or given twice, one is smaller than single precision
    /// can hold, or a required one is missing.
    pub fn arguments<const N: usize>(&self, parameters: [(&str, Option<f64>); N]) -> Result<[f64; N], CallError> {
        let takes = || {
            let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
            if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") }
        };
        let mut values = [None; N];
        for (position, &(key, value)) in self.arguments.iter().enumerate() {
            let index = match key {
                None => position,
                Some(key) => parameters
                    .iter()
                    .position(|(name, _)| *name == key)
                    .ok_or_else(|| self.bad_arguments(&format!("has no argument {key:?}; it takes {}", takes())))?,
            };
            let slot = values.get_mut(index).ok_or_else(|| {
                self.bad_arguments(&format!("{} arguments given; it takes {}", self.arguments.len(), takes()))
            })?;
            if vanishes(value) {
                return Err(self.bad_arguments(&format!(
                    "{} = {value:e} is expected to be 0, or at least {:e} in size: single precision takes less for 0",
                    parameters[index].0,
                    Real::MIN_POSITIVE
                )));
            }
            if slot.replace(value).is_some() {
                return Err(self.bad_arguments(&format!("{:?} is given twice", parameters[index].0)));
            }
        }
        let mut resolved = [0.0; N];
        for ((slot, value), (name, default)) in resolved.iter_mut().zip(values).zip(parameters) {
            *slot = value
                .or(default)
                .ok_or_else(|| self.bad_arguments(&format!("{name:?} is missing; it takes {}", takes())))?;
        }
        Ok(resolved)
    }

    /// The error of a call whose arguments have the right form and a wrong value.
    pub fn bad_arguments(&self, reason: &str) -> CallError {
        CallError::Arguments { name: self.name.to_owned(), reason: reason.to_owned() }
    }

    /// The error of a call whose name is not among `known`, with the nearest of them.
    pub fn unknown_name(&self, kind: &'static str, known: &[&str]) -> CallError {
        let nearest = known
            .iter()
            .map(|candidate| (strsim::jaro_winkler(self.name, candidate), *candidate))
            .filter(|(likeness, _)| *likeness > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name.to_owned());
        CallError::UnknownName { kind, name: self.name.to_owned(), nearest, known: known.join(", ") }
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        for (index, (key, value)) in self.arguments.iter().enumerate() {
            f.write_str(if index == 0 { "(" } else { ", " })?;
            if let Some(key) = key {
                write!(f, "{key} = ")?;
            }
            write!(f, "{value}")?;
        }
        f.write_str(if self.arguments.is_empty() { "" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_taken_by_position_by_name_and_by_default() {
        let call = Call::parse(" adam( 0.8, epsilon = 1e-7 ) ").unwrap();
        assert_eq!(call.name, "adam");
        let parameters = [("beta1", Some(0.9)), ("beta2", Some(0.999)), ("epsilon", Some(1e-8))];
        assert_eq!(call.arguments(parameters).unwrap(), [0.8, 0.999, 1e-7]);
        assert_eq!(call.to_string(), "adam(0.8, epsilon = 0.0000001)");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |text: &str| match Call::parse(text) {
            Err(error) => error.to_string(),
            Ok(call) => call.arguments([("slope", None)]).unwrap_err().to_string(),
        };
        assert!(message("relu(").contains("closing parenthesis"));
        assert!(message("(1)").contains("name is missing"));
        assert!(message("a(x)").contains("\"x\" is not a number"));
        assert!(message("a(b = 1, 2)").contains("positional"));
        assert!(message("a").contains("\"slope\" is missing"));
        assert!(message("a(1, 2)").contains("it takes slope"));
        assert!(message("a(1, slope = 2)").contains("given twice"));
        if cfg!(not(feature = "f64")) {
            let tiny = message("a(-1e-50)");
            assert!(tiny.contains("slope = -1e-50") && tiny.contains("at least 1.1754944e-38"), "{tiny}");
        }
        assert!(message("a(slop = 2)").contains("has no argument \"slop\""));
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_known_one() {
        let error = Call::parse("rleu").unwrap().unknown_name("activation", &["sigmoid", "relu"]);
        assert_eq!(error.to_string(), "there is no activation \"rleu\" (did you mean \"relu\"?); known: sigmoid, relu");
    }
}
