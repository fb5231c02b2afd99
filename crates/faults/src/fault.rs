//! The faults: what is done to a healthy configuration, and what a diagnosis should say of it.

use headwater_diagnose::Cause;
use headwater_lab::Config;
use headwater_nn::{Activation, Initialiser, Loss, Network};

use crate::architecture::Architecture;
use crate::data::Version;
use crate::hash::hash;

/// One fault that is injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// A deep network of sigmoids without normalisation: f' starves it.
    FlatSlopes,
    /// All weights too small.
    SmallWeights,
    /// All weights too large, of an activation that does not saturate.
    LargeWeights,
    /// Batch normalisation in a network so deep that the gradient explodes.
    DeepNorm,
    /// Weights so large that tanh or sigmoid saturate.
    Saturation,
    /// All weights equal.
    Symmetry,
    /// The weights of one layer hundreds of times too small.
    SmallLayer,
    /// The weights of one layer a hundred times too large.
    LargeLayer,
    /// Biases that keep one layer's rectifiers off.
    DeadLayer,
    /// One layer gets no updates.
    FrozenLayer,
    /// A learning rate some times too large.
    LargeRate,
    /// A learning rate thousands of times too large.
    HugeRate,
    /// A learning rate a thousand times too small.
    SmallRate,
    /// Inputs times 255.
    UnscaledInput,
    /// One input times 3000.
    HugeColumn,
    /// A few samples, learned by heart.
    Overfitting,
    /// Batches of one or two samples.
    TinyBatches,
    /// Labels that have nothing to do with the inputs.
    RandomLabels,
    /// A rectifier on the outputs before the softmax.
    ReluOutput,
    /// A sigmoid on the outputs before the softmax.
    SigmoidOutput,
    /// Squared error for classes.
    SquaredError,
    /// Nearly everything is dropped.
    Dropout,
    /// Weights are pulled to zero faster than they learn.
    WeightDecay,
}

/// What is done to a network by hand.
type Operation = Box<dyn Fn(&mut Network) + Sync>;

/// What a fault does to a run.
pub(crate) struct Injected {
    pub(crate) config: Config,
    /// Done to the network before its first step.
    pub(crate) before: Option<Operation>,
    pub(crate) frozen: Vec<usize>,
    pub(crate) output: Option<Activation>,
}

impl Injected {
    pub(crate) fn nothing(config: Config) -> Self {
        Self { config, before: None, frozen: Vec::new(), output: None }
    }
}

impl Fault {
    pub(crate) const ALL: [Self; 23] = [
        Self::FlatSlopes,
        Self::SmallWeights,
        Self::LargeWeights,
        Self::DeepNorm,
        Self::Saturation,
        Self::Symmetry,
        Self::SmallLayer,
        Self::LargeLayer,
        Self::DeadLayer,
        Self::FrozenLayer,
        Self::LargeRate,
        Self::HugeRate,
        Self::SmallRate,
        Self::UnscaledInput,
        Self::HugeColumn,
        Self::Overfitting,
        Self::TinyBatches,
        Self::RandomLabels,
        Self::ReluOutput,
        Self::SigmoidOutput,
        Self::SquaredError,
        Self::Dropout,
        Self::WeightDecay,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FlatSlopes => "flat slopes",
            Self::SmallWeights => "weights too small",
            Self::LargeWeights => "weights too large",
            Self::DeepNorm => "batch norm at depth",
            Self::Saturation => "saturated units",
            Self::Symmetry => "all weights equal",
            Self::SmallLayer => "one layer too small",
            Self::LargeLayer => "one layer too large",
            Self::DeadLayer => "one layer dead",
            Self::FrozenLayer => "one layer frozen",
            Self::LargeRate => "learning rate too large",
            Self::HugeRate => "learning rate absurd",
            Self::SmallRate => "learning rate too small",
            Self::UnscaledInput => "inputs unscaled",
            Self::HugeColumn => "one input huge",
            Self::Overfitting => "too few samples",
            Self::TinyBatches => "tiny batches",
            Self::RandomLabels => "wrong labels",
            Self::ReluOutput => "rectified outputs",
            Self::SigmoidOutput => "squashed outputs",
            Self::SquaredError => "squared error",
            Self::Dropout => "dropout too high",
            Self::WeightDecay => "weight decay too high",
        }
    }

    /// The rules that name it: the first is the one that it is made for, the others are its direct signs.
    pub(crate) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::FlatSlopes => &["vanishing"],
            Self::SmallWeights => &["vanishing", "bad_init"],
            Self::LargeWeights | Self::DeepNorm => &["exploding", "bad_init"],
            Self::Saturation => &["saturated_units", "bad_init", "exploding"],
            Self::Symmetry => &["bad_init"],
            Self::SmallLayer => &["bad_init", "vanishing"],
            Self::LargeLayer => &["bad_init", "exploding", "saturated_units"],
            Self::DeadLayer => &["dead_units", "bad_init"],
            Self::FrozenLayer => &["frozen_layer"],
            Self::LargeRate => &["update_too_large", "oscillating_loss", "diverging", "dead_units", "not_finite"],
            Self::HugeRate => &["update_too_large", "not_finite", "diverging", "oscillating_loss"],
            Self::SmallRate => &["update_too_small"],
            Self::UnscaledInput | Self::HugeColumn => &["unscaled_input"],
            Self::Overfitting => &["overfitting"],
            Self::TinyBatches => &["gradient_noise", "oscillating_loss"],
            Self::RandomLabels => &["plateau", "overfitting", "gradient_noise"],
            Self::ReluOutput | Self::SigmoidOutput | Self::SquaredError => &["loss_mismatch"],
            Self::Dropout => &["dropout_too_high"],
            Self::WeightDecay => &["decay_too_high"],
        }
    }

    /// What is to blame.
    pub(crate) fn causes(self) -> &'static [Cause] {
        match self {
            Self::FlatSlopes => &[Cause::Activation],
            Self::SmallWeights
            | Self::LargeWeights
            | Self::Saturation
            | Self::Symmetry
            | Self::SmallLayer
            | Self::LargeLayer
            | Self::DeadLayer => &[Cause::Weights],
            Self::DeepNorm => &[Cause::Normalisation],
            Self::FrozenLayer => &[Cause::Unknown],
            Self::LargeRate | Self::HugeRate | Self::SmallRate => &[Cause::LearningRate],
            Self::UnscaledInput | Self::HugeColumn | Self::TinyBatches | Self::RandomLabels => &[Cause::Data],
            Self::Overfitting => &[Cause::Capacity],
            Self::ReluOutput | Self::SigmoidOutput | Self::SquaredError => &[Cause::Loss],
            Self::Dropout | Self::WeightDecay => &[Cause::Regularisation],
        }
    }

    /// The layer that has it, from 0, of a network of `depth` hidden layers; none if it is everywhere.
    pub(crate) fn layer(self, id: &str, depth: usize) -> Option<usize> {
        match self {
            Self::FlatSlopes | Self::UnscaledInput | Self::HugeColumn => Some(0),
            Self::SmallLayer | Self::LargeLayer | Self::DeadLayer | Self::FrozenLayer => {
                Some(hash(&format!("layer of {id}")) as usize % depth)
            }
            _ => None,
        }
    }

    /// In how many of a hundred configurations that it suits it is injected: as often as there are few of these.
    pub(crate) fn share(self) -> u64 {
        match self {
            Self::FlatSlopes
            | Self::SmallWeights
            | Self::LargeWeights
            | Self::DeepNorm
            | Self::Saturation
            | Self::DeadLayer => 90,
            Self::SmallLayer | Self::LargeLayer => 55,
            // Seldom do harm.
            Self::FrozenLayer => 80,
            Self::TinyBatches | Self::SigmoidOutput | Self::SquaredError => 40,
            _ => 25,
        }
    }

    /// Whether it is there before the first step.
    pub(crate) fn is_born(self) -> bool {
        matches!(
            self,
            Self::FlatSlopes
                | Self::SmallWeights
                | Self::LargeWeights
                | Self::DeepNorm
                | Self::Saturation
                | Self::Symmetry
                | Self::SmallLayer
                | Self::LargeLayer
                | Self::DeadLayer
                | Self::UnscaledInput
                | Self::HugeColumn
        )
    }

    /// Whether it can be injected into this architecture.
    pub(crate) fn suits(self, architecture: &Architecture) -> bool {
        let Architecture { depth, .. } = *architecture;
        match self {
            // They replace what they need to.
            Self::FlatSlopes => architecture.is_plain() && architecture.can_die(),
            Self::DeepNorm => {
                architecture.rectifies() && architecture.is_plain() && depth >= 4 && architecture.width < 50
            }
            Self::SmallWeights => architecture.is_plain() && depth >= 4,
            Self::LargeWeights => {
                architecture.is_plain()
                    && depth >= 6
                    && !matches!(architecture.activation, "tanh" | "sigmoid" | "softsign")
            }
            Self::Saturation => architecture.is_plain() && matches!(architecture.activation, "tanh" | "sigmoid"),
            Self::SmallLayer | Self::LargeLayer => architecture.is_plain() && depth >= 3,
            Self::DeadLayer => architecture.can_die() && architecture.is_plain(),
            _ => true,
        }
    }

    pub(crate) fn version(self) -> Version {
        match self {
            Self::UnscaledInput => Version::Unscaled,
            Self::HugeColumn => Version::HugeColumn,
            Self::Overfitting => Version::Few,
            Self::RandomLabels => Version::RandomLabels,
            _ => Version::Sound,
        }
    }

    /// Injects it. `id` decides how strong it is, and where.
    pub(crate) fn inject(self, mut config: Config, architecture: &Architecture, id: &str) -> Injected {
        let strength = |choices: &[f64]| choices[hash(&format!("strength of {id}")) as usize % choices.len()];
        let layer = self.layer(id, architecture.depth);
        let scaled = |sigma_w2| Initialiser::Scaled { sigma_w2, sigma_b2: 0.0 };
        match self {
            Self::FlatSlopes => {
                config.network.activation = Activation::Sigmoid;
                config.network.init = Initialiser::GlorotUniform;
                config.network.depth = Some(architecture.depth.max(strength(&[6.0, 8.0, 10.0]) as usize));
            }
            Self::SmallWeights => {
                let factor = if architecture.depth > 8 { 0.3 } else { 0.05 };
                config.network.init = scaled(factor * strength(&[0.3, 1.0]));
            }
            Self::LargeWeights => config.network.init = scaled(strength(&[12.0, 25.0, 60.0])),
            Self::DeepNorm => {
                config.network.depth = Some(strength(&[40.0, 50.0, 60.0]) as usize);
                config.network.norm = Some(headwater_nn::Norm::Batch);
            }
            Self::Saturation => config.network.init = scaled(strength(&[200.0, 800.0, 3000.0])),
            Self::Symmetry => config.network.init = Initialiser::Constant(strength(&[0.0, 0.02, 0.1])),
            Self::LargeRate => config.train.learning_rate *= strength(&[20.0, 50.0, 100.0]),
            Self::HugeRate => config.train.learning_rate *= strength(&[1e3, 1e4, 1e6, 1e30]),
            Self::SmallRate => config.train.learning_rate *= strength(&[1e-3, 1e-4]),
            Self::Overfitting => config.train.steps += 500,
            Self::TinyBatches => {
                config.train.batch_size =
                    if config.network.norm.is_some() { 2 } else { strength(&[1.0, 2.0]) as usize };
            }
            Self::SquaredError => config.network.loss = Loss::MeanSquaredError,
            Self::Dropout => config.network.dropout = Some(strength(&[0.8, 0.9, 0.95])),
            Self::WeightDecay => config.train.weight_decay = Some(strength(&[0.3, 1.0])),
            Self::SmallLayer
            | Self::LargeLayer
            | Self::DeadLayer
            | Self::FrozenLayer
            | Self::UnscaledInput
            | Self::HugeColumn
            | Self::RandomLabels
            | Self::ReluOutput
            | Self::SigmoidOutput => {}
        }
        let mut injected = Injected::nothing(config);
        match (self, layer) {
            (Self::SmallLayer, Some(layer)) => injected.before = Some(scale(layer, strength(&[3e-3, 3e-4]) as f32)),
            (Self::LargeLayer, Some(layer)) => injected.before = Some(scale(layer, strength(&[100.0, 300.0]) as f32)),
            (Self::DeadLayer, Some(layer)) => {
                let bias = strength(&[-20.0, -60.0]) as f32;
                injected.before = Some(Box::new(move |network| {
                    let range = network.layers()[layer].bias();
                    network.parameters_mut()[range].fill(bias);
                }));
            }
            (Self::FrozenLayer, Some(layer)) => injected.frozen = vec![layer],
            (Self::ReluOutput, _) => injected.output = Some(Activation::Relu),
            (Self::SigmoidOutput, _) => injected.output = Some(Activation::Sigmoid),
            _ => {}
        }
        injected
    }
}

/// Multiplies the weights of one layer.
fn scale(layer: usize, factor: f32) -> Operation {
    Box::new(move |network| {
        let range = network.layers()[layer].weights();
        network.parameters_mut()[range].iter_mut().for_each(|weight| *weight *= factor);
    })
}

#[cfg(test)]
mod tests {
    use headwater_diagnose::Rule;

    use super::*;

    #[test]
    fn faults_are_named_by_rules_that_there_are() {
        for fault in Fault::ALL {
            assert!(!fault.rules().is_empty(), "{}", fault.name());
            for rule in fault.rules() {
                assert!(Rule::named(rule).is_some(), "{}: there is no rule {rule}", fault.name());
            }
        }
    }
}
