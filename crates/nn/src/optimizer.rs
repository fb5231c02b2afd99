//! Optimizers: the rule that turns a gradient into an update, over all parameters at once.
//!
//! The conventions are PyTorch's, which differ from other libraries' in places: momentum's velocity is not
//! damped, RMSProp adds epsilon outside the root, AdamW's decay is scaled by the learning rate.

mod update;

use std::fmt;
use std::str::FromStr;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};
use crate::{InstructionSet, Real, ShapeError, memory};
use update::Update;
pub use update::UpdateSurvey;

/// An update rule with its constants; g is the gradient, lr the learning rate, p the parameters.
#[derive(Debug, Clone, Copy, PartialEq, EnumIter, EnumMessage)]
pub enum Optimizer {
    /// p -= lr g
    Sgd,
    /// v = momentum v + g; p -= lr v. Polyak, 1964.
    Momentum {
        /// Share of the velocity that is kept.
        momentum: f64,
    },
    /// v = momentum v + g; p -= lr (g + momentum v). Nesterov, 1983, in the form of Bengio,
    /// Boulanger-Lewandowski and Pascanu, 2013.
    Nesterov {
        /// Share of the velocity that is kept.
        momentum: f64,
    },
    /// s = decay s + (1 - decay) g^2; p -= lr g / (sqrt(s) + epsilon). Hinton, 2012, lecture 6e.
    RmsProp {
        /// Share of the mean square that is kept.
        decay: f64,
        /// Added to the root.
        epsilon: f64,
    },
    /// Bias-corrected means m of g and s of g^2; p -= lr m / (sqrt(s) + epsilon). Kingma and Ba, 2014, algorithm 1.
    Adam {
        /// Share of the mean that is kept.
        beta1: f64,
        /// Share of the mean square that is kept.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
    },
    /// Adam after p -= lr decay p. Loshchilov and Hutter, 2017.
    AdamW {
        /// Share of the mean that is kept.
        beta1: f64,
        /// Share of the mean square that is kept.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
        /// Share of each parameter that is taken away, per unit of learning rate.
        weight_decay: f64,
    },
}

/// An optimizer at work: its running means, one for each parameter, and its count of steps.
#[derive(Debug, Clone)]
pub struct OptimizerState {
    optimizer: Optimizer,
    steps: i32,
    /// Of each parameter what the rule keeps: nothing, the velocity (momentum, Nesterov), the mean squared gradient (RMSProp),
    /// or the mean gradient and then its mean square (Adam).
    means: Vec<Vec<Real>>,
}

impl OptimizerState {
    /// The state before the first step of a network with this many parameters.
    ///
    /// # Errors
    /// [`ShapeError::NoMemory`] if there is not enough memory.
    pub fn new(optimizer: Optimizer, parameters: usize) -> Result<Self, ShapeError> {
        let means = match optimizer {
            Optimizer::Sgd => 0,
            Optimizer::Momentum { .. } | Optimizer::Nesterov { .. } | Optimizer::RmsProp { .. } => 1,
            Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
        };
        let zeros = |_| memory::try_filled(0.0, parameters, "the optimizer's running means");
        Ok(Self { optimizer, steps: 0, means: (0..means).map(zeros).collect::<Result<_, _>>()? })
    }

    /// One step: updates `parameters` in place by their `gradients`, both flat and of the length given to [`Self::new`].
    pub fn update(&mut self, parameters: &mut [Real], gradients: &[Real], learning_rate: f64) {
        self.update_surveyed(parameters, gradients, learning_rate, &mut []);
    }

    /// The same; surveys ranges of the parameters, which are in ascending order and have nothing in common, on the way:
    /// the update has every number at hand that is to be looked at.
    pub fn update_surveyed(
        &mut self,
        parameters: &mut [Real],
        gradients: &[Real],
        learning_rate: f64,
        surveys: &mut [UpdateSurvey],
    ) {
        debug_assert_eq!(parameters.len(), gradients.len());
        self.steps = self.steps.saturating_add(1);
        InstructionSet::detected().run(Update { state: self, parameters, gradients, learning_rate, surveys });
    }
}

impl Optimizer {
    const NAMES: [&str; 6] = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"];
}

impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sgd => f.write_str("sgd"),
            Self::Momentum { momentum } => write!(f, "momentum({momentum})"),
            Self::Nesterov { momentum } => write!(f, "nesterov({momentum})"),
            Self::RmsProp { decay, epsilon } => write!(f, "rmsprop({decay}, {epsilon:e})"),
            Self::Adam { beta1, beta2, epsilon } => write!(f, "adam({beta1}, {beta2}, {epsilon:e})"),
            Self::AdamW { beta1, beta2, epsilon, weight_decay } => {
                write!(f, "adamw({beta1}, {beta2}, {epsilon:e}, {weight_decay})")
            }
        }
    }
}

impl FromStr for Optimizer {
    type Err = CallError;

    /// Reads a name as [`Display`](fmt::Display) prints it. Defaults: momentum 0.9; `rmsprop(decay = 0.99, epsilon = 1e-8)`;
    /// `adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8)`; AdamW's `weight_decay` 0.01.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        let or = |name: &'static str, default| (name, Some(default));
        let optimizer = match call.name {
            "sgd" => {
                call.arguments([])?;
                Self::Sgd
            }
            "momentum" => {
                let [momentum] = call.arguments([or("momentum", 0.9)])?;
                Self::Momentum { momentum }
            }
            "nesterov" => {
                let [momentum] = call.arguments([or("momentum", 0.9)])?;
                Self::Nesterov { momentum }
            }
            "rmsprop" => {
                let [decay, epsilon] = call.arguments([or("decay", 0.99), or("epsilon", 1e-8)])?;
                Self::RmsProp { decay, epsilon }
            }
            "adam" => {
                let [beta1, beta2, epsilon] =
                    call.arguments([or("beta1", 0.9), or("beta2", 0.999), or("epsilon", 1e-8)])?;
                Self::Adam { beta1, beta2, epsilon }
            }
            "adamw" => {
                let [beta1, beta2, epsilon, weight_decay] = call.arguments([
                    or("beta1", 0.9),
                    or("beta2", 0.999),
                    or("epsilon", 1e-8),
                    or("weight_decay", 0.01),
                ])?;
                Self::AdamW { beta1, beta2, epsilon, weight_decay }
            }
            _ => return Err(call.unknown_name("optimizer", &Self::NAMES)),
        };
        optimizer.check(&call)?;
        Ok(optimizer)
    }
}

impl Optimizer {
    /// Refuses constants with which the rule is undefined.
    fn check(self, call: &Call<'_>) -> Result<(), CallError> {
        let (shares, epsilon, weight_decay) = match self {
            Self::Sgd => ([0.0; 2], None, 0.0),
            Self::Momentum { momentum } | Self::Nesterov { momentum } => ([momentum, 0.0], None, 0.0),
            Self::RmsProp { decay, epsilon } => ([decay, 0.0], Some(epsilon), 0.0),
            Self::Adam { beta1, beta2, epsilon } => ([beta1, beta2], Some(epsilon), 0.0),
            Self::AdamW { beta1, beta2, epsilon, weight_decay } => ([beta1, beta2], Some(epsilon), weight_decay),
        };
        if !shares.iter().all(|share| (0.0..1.0).contains(share)) {
            return Err(call.bad_arguments("momentum, decay and the betas must be at least 0 and less than 1"));
        }
        if epsilon.is_some_and(|epsilon| !(epsilon as f32 > 0.0 && (epsilon as f32).is_finite())) {
            // A parameter without gradient would be divided 0 by 0.
            return Err(call.bad_arguments("epsilon must be positive in single precision"));
        }
        if !(weight_decay.is_finite() && weight_decay >= 0.0) {
            return Err(call.bad_arguments("weight_decay must be finite and not negative"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::Survey;

    #[test]
    fn every_optimizer_is_parsed_from_the_name_it_prints() {
        for name in Optimizer::NAMES {
            let optimizer: Optimizer = name.parse().unwrap();
            assert_eq!(optimizer.to_string().parse(), Ok(optimizer), "{optimizer}");
        }
        assert!("adam(epsilon = 0)".parse::<Optimizer>().unwrap_err().to_string().contains("positive"));
        assert!("adam(beta1 = 1)".parse::<Optimizer>().unwrap_err().to_string().contains("less than 1"));
        assert!("adma".parse::<Optimizer>().unwrap_err().to_string().contains("did you mean \"adam\""));
    }

    #[test]
    fn adams_first_update_is_the_learning_rate_whatever_the_gradient() {
        let mut state = OptimizerState::new("adam".parse().unwrap(), 3).unwrap();
        let mut parameters = [1.0, 1.0, 1.0];
        state.update(&mut parameters, &[1e-3, -5.0, 1e3], 0.1);
        for (p, expected) in parameters.iter().zip([0.9, 1.1, 0.9]) {
            assert!((p - expected).abs() < 1e-5, "{p} not {expected}");
        }
    }

    /// Three steps on an instruction set: the parameters before the last and after it, its gradients, and what was told of it.
    fn stepped(
        set: InstructionSet,
        optimizer: Optimizer,
        size: usize,
        number: impl Fn(usize) -> Real,
        ranges: &[Range<usize>],
    ) -> ([Vec<Real>; 3], Vec<UpdateSurvey>) {
        let mut state = OptimizerState::new(optimizer, size).unwrap();
        let mut parameters: Vec<Real> = (0..size).map(&number).collect();
        let (mut before, mut gradients) = (Vec::new(), Vec::new());
        let mut surveys: Vec<_> = ranges.iter().cloned().map(UpdateSurvey::new).collect();
        for step in 1..=3 {
            before.clone_from(&parameters);
            gradients = (0..size).map(|i| number(31 * i + step as usize)).collect();
            state.steps = step;
            let (parameters, gradients, surveys) = (&mut parameters[..], &gradients[..], &mut surveys[..]);
            set.run(Update { state: &mut state, parameters, gradients, learning_rate: 0.01, surveys });
        }
        ([before, parameters, gradients], surveys)
    }

    /// Whole blocks, an odd number of whole lines, a few numbers more, next to nothing, nothing.
    const LENGTHS: [usize; 9] = [1024, 512, 511, 496, 503, 33, 16, 1, 0];

    #[test]
    fn a_surveyed_update_is_the_same_update_and_tells_what_surveys_tell_and_how_far_the_ranges_went() {
        let scales = [1.0, 1e-25, 1e15];
        for (name, scale) in Optimizer::NAMES.into_iter().flat_map(|name| scales.map(|scale| (name, scale))) {
            let optimizer = name.parse().unwrap();
            let number = |i: usize| scale * (((i * 7919) % 1009) as Real / 500.0 - 1.0);
            for length in LENGTHS {
                let (size, ranges) = (length + 40, [3..length + 3, length + 4..length + 40]);
                for set in InstructionSet::available() {
                    let ([before, after, gradients], surveys) = stepped(set, optimizer, size, number, &ranges);
                    let ([_, alone, _], _) = stepped(set, optimizer, size, number, &[]);
                    assert!(after == alone, "{name}, {length}, {set}");
                    for UpdateSurvey { range, parameters: of_parameters, gradients: of_gradients, moved } in surveys {
                        let survey = |values: &[Real]| Survey::on(set, &values[range.clone()]);
                        assert_eq!(of_parameters, survey(&before), "{name}, {length}, {set}");
                        assert_eq!(of_gradients, survey(&gradients), "{name}, {length}, {set}");
                        let pairs = before[range.clone()].iter().zip(&after[range.clone()]);
                        let sum: f64 = pairs.map(|(before, after)| f64::from(after - before).powi(2)).sum();
                        assert!((moved - sum).abs() <= 1e-6 * sum, "{name}, {length}, {set}: {moved} is not {sum}");
                    }
                }
            }
        }
    }

    #[test]
    fn one_number_that_is_not_finite_shows_in_all_that_is_told_of_an_update() {
        for (set, is) in InstructionSet::available().flat_map(|set| [Real::NAN, Real::INFINITY].map(|is| (set, is))) {
            let number = |i: usize| if i == 31 * 700 + 3 { is } else { 0.5 };
            let (_, surveys) = stepped(set, "adam".parse().unwrap(), 1100, number, &[0..600, 600..1100]);
            assert_eq!(surveys[0].gradients, Survey::on(set, &[0.5; 600]));
            assert_eq!(surveys[1].gradients.nans + surveys[1].gradients.infinities, 1, "{set}");
            assert!(surveys[0].moved.is_finite() && surveys[1].moved.is_nan(), "{set}: {surveys:?}");
            assert!(surveys[1].parameters.squares.is_finite(), "{set}: before the update nothing was wrong");
        }
    }

    #[test]
    fn an_update_is_the_same_on_every_instruction_set_but_for_the_rounding_of_the_baseline() {
        for name in Optimizer::NAMES {
            let on =
                |set| stepped(set, name.parse().unwrap(), 555, |i| ((i * 7919) % 1009) as Real / 500.0 - 1.0, &[]).0;
            let [_, expected, _] = on(InstructionSet::detected());
            for set in InstructionSet::available() {
                let [_, found, _] = on(set);
                let near = |(a, b): (&Real, &Real)| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
                assert!(found.iter().zip(&expected).all(near), "{name} on {set}");
                assert!(found == expected || set == InstructionSet::Baseline, "{name} on {set}");
            }
        }
    }

    #[test]
    fn every_optimizer_goes_down_a_parabola() {
        for name in Optimizer::NAMES {
            let mut state = OptimizerState::new(name.parse().unwrap(), 1).unwrap();
            let mut p = [1.0];
            for _ in 0..500 {
                let gradient = [2.0 * p[0]];
                state.update(&mut p, &gradient, 0.01);
            }
            assert!(p[0].abs() < 0.05, "{name} ended at {}", p[0]);
        }
    }
}
