//! How the learning rate changes over training: warm-up, then a schedule.

use std::fmt;
use std::str::FromStr;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};

/// What becomes of the learning rate after warm-up. `s` counts the steps since its end, of `n` that there are.
#[derive(Debug, Clone, Copy, PartialEq, Default, EnumIter, EnumMessage)]
pub enum LrSchedule {
    /// It stays.
    #[default]
    Constant,
    /// It is multiplied by `factor` after every `every` steps.
    Step {
        /// Steps between two changes.
        every: u64,
        /// What it is multiplied by.
        factor: f64,
    },
    /// It falls along half a cosine to `to` times its value: to + (1 - to) (1 + cos(pi s / n)) / 2. Loshchilov and
    /// Hutter, 2016, equation 5, without restarts.
    Cosine {
        /// What is left of it at the end, as a share.
        to: f64,
    },
}

impl LrSchedule {
    const NAMES: [&str; 3] = ["constant", "step", "cosine"];

    /// The factor of the learning rate at `step`, from 0, of `steps`: it rises linearly over the first `warmup` steps,
    /// (step + 1) / warmup, and then follows the schedule.
    pub fn factor(self, step: u64, steps: u64, warmup: u64) -> f64 {
        if step < warmup {
            return (step + 1) as f64 / warmup as f64;
        }
        let since = step - warmup;
        match self {
            Self::Constant => 1.0,
            Self::Step { every, factor } => factor.powi(i32::try_from(since / every).unwrap_or(i32::MAX)),
            Self::Cosine { to } => {
                let share = since as f64 / steps.saturating_sub(warmup).max(1) as f64;
                to + (1.0 - to) * 0.5 * (1.0 + (std::f64::consts::PI * share.min(1.0)).cos())
            }
        }
    }
}

impl fmt::Display for LrSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("constant"),
            Self::Step { every, factor } => write!(f, "step({every}, {factor})"),
            Self::Cosine { to } => write!(f, "cosine({to})"),
        }
    }
}

impl FromStr for LrSchedule {
    type Err = CallError;

    /// Reads a name as [`Display`](fmt::Display) prints it; `step` alone halves, `cosine` alone falls to 0.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        match call.name {
            "constant" => call.arguments([]).map(|[]| Self::Constant),
            "step" => {
                let [every, factor] = call.arguments([("every", None), ("factor", Some(0.5))])?;
                if every.fract() != 0.0 || !(1.0..=1e18).contains(&every) {
                    return Err(call.bad_arguments("every must be a whole number of steps, at least 1"));
                }
                if !(factor >= 0.0 && factor.is_finite()) {
                    return Err(call.bad_arguments("factor must be finite and not negative"));
                }
                Ok(Self::Step { every: every as u64, factor })
            }
            "cosine" => {
                let [to] = call.arguments([("to", Some(0.0))])?;
                if (0.0..=1.0).contains(&to) {
                    Ok(Self::Cosine { to })
                } else {
                    Err(call.bad_arguments("to is a share: from 0 to 1"))
                }
            }
            _ => Err(call.unknown_name("learning rate schedule", &Self::NAMES)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_over_the_warm_up_and_then_decays() {
        let step = LrSchedule::Step { every: 10, factor: 0.1 };
        let factors: Vec<f64> = [0, 4, 5, 14, 15, 25].map(|at| step.factor(at, 100, 5)).to_vec();
        for (factor, expected) in factors.iter().zip([0.2, 1.0, 1.0, 1.0, 0.1, 0.01]) {
            assert!((factor - expected).abs() < 1e-12, "{factors:?}");
        }
        let cosine = LrSchedule::Cosine { to: 0.2 };
        assert_eq!(cosine.factor(0, 100, 0), 1.0);
        assert!((cosine.factor(50, 100, 0) - 0.6).abs() < 1e-12);
        assert!((cosine.factor(100, 100, 0) - 0.2).abs() < 1e-12);
        assert_eq!(LrSchedule::Constant.factor(7, 10, 0), 1.0);
    }

    #[test]
    fn every_schedule_is_parsed_from_the_name_it_prints() {
        for text in ["constant", "step(100, 0.5)", "cosine(0.1)"] {
            assert_eq!(text.parse::<LrSchedule>().unwrap().to_string(), text);
        }
        assert!("step(0)".parse::<LrSchedule>().is_err());
        assert!("cosine(2)".parse::<LrSchedule>().unwrap_err().to_string().contains("share"));
        assert!("cosin".parse::<LrSchedule>().unwrap_err().to_string().contains("did you mean"));
    }
}
