//! Schedules: which steps are recorded.

use std::fmt;
use std::str::FromStr;

use headwater_nn::{Call, CallError};
use strum::{EnumIter, EnumMessage};

/// The steps that are recorded, besides the first and the last, which always are.
#[derive(Debug, Clone, PartialEq, Eq, EnumIter, EnumMessage)]
pub enum Schedule {
    /// Steps 0, n, 2n, ...
    Every(u64),
    /// About this many steps in each decade, at equal distances of the logarithm.
    Log(u64),
    /// These steps, in ascending order.
    At(Vec<u64>),
}

impl Schedule {
    /// Whether `step`, from 0, of a run of `steps` is recorded.
    pub fn includes(&self, step: u64, steps: u64) -> bool {
        step == 0
            || step + 1 == steps
            || match self {
                Self::Every(every) => step.is_multiple_of(*every),
                // A step is recorded when it is the first with its number of the logarithmic grid.
                Self::Log(per_decade) => {
                    let position = |step: u64| ((step as f64).log10() * *per_decade as f64 + 1e-9).floor();
                    step == 1 || position(step) > position(step - 1)
                }
                Self::At(steps) => steps.binary_search(&step).is_ok(),
            }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(every) => write!(f, "every({every})"),
            Self::Log(per_decade) => write!(f, "log({per_decade})"),
            Self::At(steps) => {
                let steps: Vec<_> = steps.iter().map(u64::to_string).collect();
                write!(f, "at({})", steps.join(", "))
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = CallError;

    /// Reads `every(200)`, `log(10)` or `at(0, 1, 10, 500)`.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        let whole = |value: f64| {
            if value >= 0.0 && value.fract() == 0.0 && value < 9e15 {
                Ok(value as u64)
            } else {
                Err(call.bad_arguments(&format!("{value} is not a whole number of steps")))
            }
        };
        let at_least_one = |value| match whole(value)? {
            0 => Err(call.bad_arguments("expected a number of at least 1")),
            number => Ok(number),
        };
        match call.name {
            "every" => call.arguments([("steps", None)]).and_then(|[n]| at_least_one(n)).map(Self::Every),
            "log" => call.arguments([("per_decade", None)]).and_then(|[n]| at_least_one(n)).map(Self::Log),
            "at" => {
                let mut steps = call.positional()?.into_iter().map(whole).collect::<Result<Vec<_>, _>>()?;
                steps.sort_unstable();
                steps.dedup();
                Ok(Self::At(steps))
            }
            _ => Err(call.unknown_name("schedule", &["every", "log", "at"])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(text: &str, steps: u64) -> Vec<u64> {
        let schedule: Schedule = text.parse().unwrap();
        assert_eq!(schedule.to_string().parse(), Ok(schedule.clone()));
        (0..steps).filter(|step| schedule.includes(*step, steps)).collect()
    }

    #[test]
    fn the_first_and_the_last_step_are_always_recorded() {
        assert_eq!(recorded("every(200)", 2500)[..3], [0, 200, 400]);
        assert_eq!(recorded("every(200)", 2500)[12..], [2400, 2499]);
        assert_eq!(recorded("at(7, 3)", 10), [0, 3, 7, 9]);
        assert_eq!(recorded("at()", 10), [0, 9]);
        assert_eq!(recorded("every(5)", 1), [0]);
    }

    #[test]
    fn a_logarithmic_schedule_records_each_decade_alike() {
        assert_eq!(recorded("log(1)", 10_000), [0, 1, 10, 100, 1000, 9999]);
        let steps = recorded("log(10)", 100_000);
        let within = |from, to| steps.iter().filter(|step| (from..to).contains(*step)).count();
        assert_eq!(within(1000, 10_000), 10);
        assert_eq!(within(10_000, 99_999), 10);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for (text, reason) in [
            ("every(0)", "at least 1"),
            ("every(1.5)", "whole number"),
            ("at(-1)", "whole number"),
            ("evry(3)", "did you mean \"every\""),
        ] {
            let message = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(message.contains(reason), "{text}: {message}");
        }
    }
}
