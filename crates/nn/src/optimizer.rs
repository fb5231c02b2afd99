//! Optimizers: the rule that turns a gradient into an update, over all parameters at once.
//!
//! The conventions are PyTorch's, which differ from other libraries' in places: momentum's velocity is not
//! damped, RMSProp adds epsilon outside the root, AdamW's decay is scaled by the learning rate.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::call::{Call, CallError};
use crate::kernels::{BLOCK, Kernel, LANES, Register, Sums};
use crate::{InstructionSet, Real};

/// An update rule with its constants; g is the gradient, lr the learning rate, p the parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// Velocity (momentum, Nesterov) or mean gradient (Adam); empty when the rule has none.
    first: Vec<Real>,
    /// Mean squared gradient (RMSProp, Adam); empty when the rule has none.
    second: Vec<Real>,
}

impl OptimizerState {
    /// The state before the first step of a network with this many parameters.
    pub fn new(optimizer: Optimizer, parameters: usize) -> Self {
        let (first, second) = match optimizer {
            Optimizer::Sgd => (0, 0),
            Optimizer::Momentum { .. } | Optimizer::Nesterov { .. } => (parameters, 0),
            Optimizer::RmsProp { .. } => (0, parameters),
            Optimizer::Adam { .. } | Optimizer::AdamW { .. } => (parameters, parameters),
        };
        Self { optimizer, steps: 0, first: vec![0.0; first], second: vec![0.0; second] }
    }

    /// One step: updates `parameters` in place by their `gradients`, both flat and of the length given to [`Self::new`].
    pub fn update(&mut self, parameters: &mut [Real], gradients: &[Real], learning_rate: f64) {
        self.update_measured(parameters, gradients, learning_rate, &mut []);
    }

    /// The same; tells of each range of the parameters how far they went: sets the sum of (after - before)^2. The ranges
    /// are in ascending order and have nothing in common.
    pub fn update_measured(
        &mut self,
        parameters: &mut [Real],
        gradients: &[Real],
        learning_rate: f64,
        moves: &mut [(Range<usize>, f64)],
    ) {
        debug_assert_eq!(parameters.len(), gradients.len());
        self.steps = self.steps.saturating_add(1);
        InstructionSet::detected().run(Update { state: self, parameters, gradients, learning_rate, moves });
    }
}

/// One step of an optimizer.
struct Update<'a> {
    state: &'a mut OptimizerState,
    parameters: &'a mut [Real],
    gradients: &'a [Real],
    learning_rate: f64,
    moves: &'a mut [(Range<usize>, f64)],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(mut self) {
        let rule = Rule::new(self.state.optimizer, self.state.steps, self.learning_rate);
        let mut before = Before([0.0; BLOCK]);
        let mut done = 0;
        for (range, moved) in std::mem::take(&mut self.moves) {
            self.apply::<R>(&rule, done..range.start);
            done = range.end;
            let mut sums = Sums::ZERO;
            for start in range.clone().step_by(BLOCK) {
                let block = start..range.end.min(start + BLOCK);
                let before = &mut before.0[..block.len()];
                before.copy_from_slice(&self.parameters[block.clone()]);
                self.apply::<R>(&rule, block.clone());
                sums.add_moves::<R>(before, &self.parameters[block]);
            }
            *moved = sums.squares();
        }
        let end = self.parameters.len();
        self.apply::<R>(&rule, done..end);
    }
}

/// The parameters of a block before its update: whole lines of the cache.
#[repr(align(64))]
struct Before([Real; BLOCK]);

impl Update<'_> {
    /// Updates the parameters of a range.
    #[inline(always)]
    fn apply<R: Register>(&mut self, rule: &Rule, range: Range<usize>) {
        let OptimizerState { first, second, .. } = &mut *self.state;
        // A rule that has no means has none of any range.
        let first = first.get_mut(range.clone()).unwrap_or_default();
        let second = second.get_mut(range.clone()).unwrap_or_default();
        rule.apply::<R>(&mut self.parameters[range.clone()], &self.gradients[range], first, second);
    }
}

/// An update rule in single precision, at one step.
#[derive(Clone, Copy)]
enum Rule {
    Sgd {
        lr: Real,
    },
    Momentum {
        lr: Real,
        momentum: Real,
    },
    Nesterov {
        lr: Real,
        momentum: Real,
    },
    RmsProp {
        lr: Real,
        keep: Real,
        take: Real,
        epsilon: Real,
    },
    /// And what the parameters are multiplied by before the step.
    Adam {
        adam: Adam,
        kept: Real,
    },
}

impl Rule {
    fn new(optimizer: Optimizer, steps: i32, learning_rate: f64) -> Self {
        let lr = learning_rate as Real;
        match optimizer {
            Optimizer::Sgd => Self::Sgd { lr },
            Optimizer::Momentum { momentum } => Self::Momentum { lr, momentum: momentum as Real },
            Optimizer::Nesterov { momentum } => Self::Nesterov { lr, momentum: momentum as Real },
            Optimizer::RmsProp { decay, epsilon } => {
                Self::RmsProp { lr, keep: decay as Real, take: (1.0 - decay) as Real, epsilon: epsilon as Real }
            }
            Optimizer::Adam { beta1, beta2, epsilon } => {
                Self::Adam { adam: Adam::new(learning_rate, steps, [beta1, beta2, epsilon]), kept: 1.0 }
            }
            Optimizer::AdamW { beta1, beta2, epsilon, weight_decay } => {
                let kept = (1.0 - learning_rate * weight_decay) as Real;
                Self::Adam { adam: Adam::new(learning_rate, steps, [beta1, beta2, epsilon]), kept }
            }
        }
    }

    /// Updates some parameters in place by their gradients and means.
    #[inline(always)]
    fn apply<R: Register>(&self, parameters: &mut [Real], gradients: &[Real], first: &mut [Real], second: &mut [Real]) {
        match *self {
            Self::Sgd { lr } => {
                for (p, &g) in parameters.iter_mut().zip(gradients) {
                    *p -= lr * g;
                }
            }
            Self::Momentum { lr, momentum } => {
                for ((p, &g), v) in parameters.iter_mut().zip(gradients).zip(first) {
                    *v = momentum * *v + g;
                    *p -= lr * *v;
                }
            }
            Self::Nesterov { lr, momentum } => {
                for ((p, &g), v) in parameters.iter_mut().zip(gradients).zip(first) {
                    *v = momentum * *v + g;
                    *p -= lr * (g + momentum * *v);
                }
            }
            Self::RmsProp { lr, keep, take, epsilon } => {
                for ((p, &g), s) in parameters.iter_mut().zip(gradients).zip(second) {
                    *s = keep * *s + take * g * g;
                    *p -= lr * g / (s.sqrt() + epsilon);
                }
            }
            Self::Adam { adam, kept } => adam.update::<R>(parameters, gradients, first, second, kept),
        }
    }
}

/// Lines of the cache between the one that Adam works on and the ones that it asks for. It goes through four arrays at a time, and
/// the processor does not look beyond the end of a page.
const AHEAD: usize = 16;

/// The constants of one step of Adam. The corrections of both biases are drawn out of the loop: lr / (1 - beta1^t) and
/// 1 / sqrt(1 - beta2^t).
#[derive(Clone, Copy)]
struct Adam {
    lr: Real,
    root: Real,
    keep: [Real; 2],
    take: [Real; 2],
    epsilon: Real,
}

impl Adam {
    fn new(learning_rate: f64, steps: i32, [beta1, beta2, epsilon]: [f64; 3]) -> Self {
        Self {
            lr: (learning_rate / (1.0 - beta1.powi(steps))) as Real,
            root: (1.0 / (1.0 - beta2.powi(steps)).sqrt()) as Real,
            keep: [beta1, beta2].map(|beta| beta as Real),
            take: [beta1, beta2].map(|beta| (1.0 - beta) as Real),
            epsilon: epsilon as Real,
        }
    }

    /// `kept`: what the parameters are multiplied by before the step.
    #[inline(always)]
    fn update<R: Register>(
        &self,
        parameters: &mut [Real],
        gradients: &[Real],
        m: &mut [Real],
        s: &mut [Real],
        kept: Real,
    ) {
        let Self { lr, root, keep, take, epsilon } = *self;
        let update = |p: &mut [Real], g: &[Real], m: &mut [Real], s: &mut [Real]| {
            for ((p, &g), (m, s)) in p.iter_mut().zip(g).zip(m.iter_mut().zip(s)) {
                let (mean, mean_square) = (keep[0] * *m + take[0] * g, keep[1] * *s + take[1] * g * g);
                *p = kept * *p - lr * mean / (mean_square.sqrt() * root + epsilon);
                (*m, *s) = (mean, mean_square);
            }
        };
        let ((p, last_p), (g, last_g)) = (parameters.as_chunks_mut::<LANES>(), gradients.as_chunks::<LANES>());
        let ((m, last_m), (s, last_s)) = (m.as_chunks_mut::<LANES>(), s.as_chunks_mut::<LANES>());
        for line in 0..p.len().min(g.len()) {
            if line + AHEAD < p.len() {
                for coming in [&g[line + AHEAD], &p[line + AHEAD], &m[line + AHEAD], &s[line + AHEAD]] {
                    R::prefetch(coming);
                }
            }
            update(&mut p[line], &g[line], &mut m[line], &mut s[line]);
        }
        update(last_p, last_g, last_m, last_s);
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
    use super::*;

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
        let mut state = OptimizerState::new("adam".parse().unwrap(), 3);
        let mut parameters = [1.0, 1.0, 1.0];
        state.update(&mut parameters, &[1e-3, -5.0, 1e3], 0.1);
        for (p, expected) in parameters.iter().zip([0.9, 1.1, 0.9]) {
            assert!((p - expected).abs() < 1e-5, "{p} not {expected}");
        }
    }

    #[test]
    fn a_measured_update_is_the_same_update_and_tells_how_far_the_ranges_went() {
        for name in Optimizer::NAMES {
            let optimizer: Optimizer = name.parse().unwrap();
            let size = 3 * 512 + 50;
            let [mut state, mut other] = [(); 2].map(|()| OptimizerState::new(optimizer, size));
            let mut parameters: Vec<Real> = (0..size).map(|i| ((i * 7919) % 1009) as Real / 500.0 - 1.0).collect();
            let mut measured = parameters.clone();
            for step in 0..3 {
                let gradients: Vec<Real> = (0..size).map(|i| ((i * 31 + step) % 17) as Real / 8.0 - 1.0).collect();
                let before = parameters.clone();
                state.update(&mut parameters, &gradients, 0.01);
                let mut moves = [(3..2 * 512 + 5, 9.0), (2 * 512 + 5..2 * 512 + 5, 9.0), (size - 40..size - 1, 9.0)];
                other.update_measured(&mut measured, &gradients, 0.01, &mut moves);
                assert!(parameters == measured, "{name}");
                for (range, moved) in moves {
                    let pairs = before[range.clone()].iter().zip(&parameters[range]);
                    let sum: f64 = pairs.map(|(before, after)| f64::from(after - before).powi(2)).sum();
                    assert!((moved - sum).abs() <= 1e-6 * sum, "{name}: {moved} is not {sum}");
                }
            }
        }
    }

    #[test]
    fn every_optimizer_goes_down_a_parabola() {
        for name in Optimizer::NAMES {
            let mut state = OptimizerState::new(name.parse().unwrap(), 1);
            let mut p = [1.0];
            for _ in 0..500 {
                let gradient = [2.0 * p[0]];
                state.update(&mut p, &gradient, 0.01);
            }
            assert!(p[0].abs() < 0.05, "{name} ended at {}", p[0]);
        }
    }
}
