//! What to try: every remedy, with the setting that makes it and its sentence.

use serde::Serialize;

use crate::config::Config;

/// Something to change in the next run. Its setting and its sentence are both made in this file; a new variant needs an
/// arm in [`Remedy::setting`] and in [`Remedy::advice`], and an example in [`Remedy::examples`].
#[derive(Debug, Clone, PartialEq)]
pub enum Remedy {
    /// Another learning rate. Two findings must not send it two ways.
    LearningRate(Rate),
    /// A learning rate that falls to 0 along a cosine.
    FallingRate,
    /// A learning rate that rises to its full size over so many steps.
    Warmup(u32),
    /// A limit for the gradient's norm.
    Clip(f64),
    /// A higher limit in place of one that cuts nearly everything.
    LooserClip(Limit, f64),
    /// Other initial weights.
    Init(Variance),
    /// Initial weights for the activation that was advised before.
    MatchingInit(Variance),
    /// Biases that begin at 0.
    ZeroBiases(Biases),
    /// Another activation.
    Activation(Activation),
    /// Batch normalisation.
    BatchNorm,
    /// Skip connections, each around so many layers.
    Residual(u32),
    /// Dropout with this probability, where there is none.
    Dropout(f64),
    /// A smaller probability of dropout.
    LessDropout(f64),
    /// An L2 penalty, where there is none.
    WeightDecay(f64),
    /// A smaller L2 penalty, or none.
    LessWeightDecay(f64),
    /// A smaller decay of AdamW, or none.
    LessAdamWDecay {
        /// beta 1, beta 2 and epsilon, which stay as the configuration writes them: `0.9, 0.999, 1e-8`.
        constants: String,
        /// The new decay.
        decay: f64,
    },
    /// Adam with its usual constants.
    Adam,
    /// So many samples in a batch.
    BatchSize(u64),
    /// Softmax and cross-entropy as the loss.
    CrossEntropy,
    /// Inputs that are scaled to mean 0 and variance 1.
    ScaledInputs,
    /// Training that ends after so many steps.
    Steps(i64),
    /// What no key of the configuration does, in the rule's own words: a phrase without a capital and a full stop.
    Words(&'static str),
}

/// Another learning rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// A round number.
    To {
        /// The rate that there is.
        from: f64,
        /// The rate to try.
        to: f64,
    },
    /// A multiple of the rate, where nothing tells which rate is usual.
    Times {
        /// Smaller than 1 for a smaller rate.
        factor: f64,
        /// The rate that there is, if it is known.
        from: Option<f64>,
    },
    /// Smaller or larger: nobody knows.
    EitherWay,
}

/// What is limited of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Its norm.
    Norm,
    /// Each of its values.
    Value,
}

/// The variance of initial weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variance {
    /// 2 / (inputs + outputs).
    Glorot,
    /// 1 / inputs.
    LeCun,
    /// 2 / inputs.
    He,
}

/// What biases of 0 do for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Biases {
    /// They let a rectifier pass half of the samples.
    Alive,
    /// They keep an activation that saturates where it is steep.
    Steep,
}

/// What another activation is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// It passes the gradient undiminished.
    Passes,
    /// It bends, where there is none that does.
    Bends,
    /// It has this slope where a rectifier is off.
    Leaks(f64),
}

/// A remedy as it is told of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// What is to change.
    #[serde(skip)]
    pub remedy: Remedy,
    /// In the configuration's own keys, `network.init=he_normal`; none if the run's configuration is not ours, or there
    /// is no such key.
    pub set: Option<String>,
    /// In words.
    pub advice: String,
}

impl Proposal {
    /// A remedy for a run with this configuration; none if the configuration has it already.
    pub(crate) fn new(remedy: Remedy, config: &Config) -> Option<Self> {
        let setting = remedy.setting();
        if let Some((key, value)) = &setting
            && config.get(key).is_some_and(|known| is_same(known, value))
        {
            return None;
        }
        let set = setting.filter(|_| config.is_ours()).map(|(key, value)| format!("{key}={value}"));
        Some(Self { set, advice: remedy.advice(), remedy })
    }
}

impl Remedy {
    /// The key of our configuration that does it, and its value; none if there is no such key, or the value is not known.
    pub fn setting(&self) -> Option<(&'static str, String)> {
        Some(match self {
            Self::LearningRate(rate) => ("train.learning_rate", short(rate.to()?)),
            Self::FallingRate => ("train.lr_schedule", "cosine(0)".to_owned()),
            Self::Warmup(steps) => ("train.warmup", steps.to_string()),
            Self::Clip(limit) | Self::LooserClip(Limit::Norm, limit) => ("train.clip_norm", format!("{limit:?}")),
            Self::LooserClip(Limit::Value, limit) => ("train.clip_value", format!("{limit:?}")),
            Self::Init(variance) | Self::MatchingInit(variance) => {
                let name = match variance {
                    Variance::Glorot => "glorot_uniform",
                    Variance::LeCun => "lecun_normal",
                    Variance::He => "he_normal",
                };
                ("network.init", name.to_owned())
            }
            Self::ZeroBiases(_) => ("network.bias_init", "zeros".to_owned()),
            Self::Activation(Activation::Passes | Activation::Bends) => ("network.activation", "relu".to_owned()),
            Self::Activation(Activation::Leaks(slope)) => ("network.activation", format!("leaky_relu({slope})")),
            Self::BatchNorm => ("network.norm", "batch".to_owned()),
            Self::Residual(layers) => ("network.residual", format!("pre_scaled({layers})")),
            Self::Dropout(share) | Self::LessDropout(share) => ("network.dropout", share.to_string()),
            Self::WeightDecay(decay) | Self::LessWeightDecay(decay) => ("train.weight_decay", in_powers(*decay)),
            Self::LessAdamWDecay { constants, decay } => {
                ("train.optimizer", format!("adamw({constants}, {})", in_powers(*decay)))
            }
            Self::Adam => ("train.optimizer", "adam(0.9, 0.999, 1e-8)".to_owned()),
            Self::BatchSize(samples) => ("train.batch_size", samples.to_string()),
            Self::CrossEntropy => ("network.loss", "softmax_cross_entropy".to_owned()),
            Self::ScaledInputs => ("data.scale", "standardise".to_owned()),
            Self::Steps(steps) => ("train.steps", steps.to_string()),
            Self::Words(_) => return None,
        })
    }

    /// In words: a phrase that can stand behind "try".
    pub fn advice(&self) -> String {
        match self {
            Self::LearningRate(rate) => return rate.advice(),
            Self::LooserClip(_, limit) => return format!("clipping that lets usual gradients pass: at {limit}"),
            Self::MatchingInit(variance) => return format!("with it, {}", variance.advice()),
            Self::LessDropout(share) => return format!("less dropout: {share}"),
            Self::LessWeightDecay(decay) | Self::LessAdamWDecay { decay, .. } if *decay > 0.0 => {
                return format!("less weight decay: {}", in_powers(*decay));
            }
            Self::FallingRate => "a learning rate that falls",
            Self::Warmup(_) => "a learning rate that rises slowly",
            Self::Clip(_) => "clipping the gradient's norm",
            Self::Init(variance) => variance.advice(),
            Self::ZeroBiases(Biases::Alive) => "biases of 0, so that half of the samples pass",
            Self::ZeroBiases(Biases::Steep) => "biases of 0, around which the activation is steep",
            Self::Activation(Activation::Passes) => "an activation whose slope is 1 where it is active",
            Self::Activation(Activation::Bends) => "an activation that bends, so that layers are more than one layer",
            Self::Activation(Activation::Leaks(_)) => "a slope on either side, so that no unit dies",
            Self::BatchNorm => "batch normalisation, which keeps pre-activations where the slope is large",
            Self::Residual(_) => "skip connections: a way for the gradient around the layers",
            Self::Dropout(_) => "dropout",
            Self::WeightDecay(_) => "weight decay",
            Self::LessWeightDecay(_) | Self::LessAdamWDecay { .. } => "no weight decay",
            Self::Adam => "an optimizer that scales its steps (Adam), with learning rate 1e-3",
            Self::BatchSize(_) => "a larger batch",
            Self::CrossEntropy => "the loss for classes",
            Self::ScaledInputs => "inputs scaled to mean 0 and variance 1 over the training samples",
            Self::Steps(_) => "stop where the validation loss is lowest",
            Self::Words(advice) => advice,
        }
        .to_owned()
    }

    /// One of each, for tests that go through all of them.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::LearningRate(Rate::To { from: 0.1, to: 0.01 }),
            Self::LearningRate(Rate::Times { factor: 10.0, from: Some(1e-6) }),
            Self::LearningRate(Rate::EitherWay),
            Self::FallingRate,
            Self::Warmup(100),
            Self::Clip(1.0),
            Self::LooserClip(Limit::Norm, 1.0),
            Self::LooserClip(Limit::Value, 1.0),
            Self::Init(Variance::Glorot),
            Self::Init(Variance::LeCun),
            Self::MatchingInit(Variance::He),
            Self::ZeroBiases(Biases::Alive),
            Self::ZeroBiases(Biases::Steep),
            Self::Activation(Activation::Passes),
            Self::Activation(Activation::Bends),
            Self::Activation(Activation::Leaks(0.01)),
            Self::BatchNorm,
            Self::Residual(2),
            Self::Dropout(0.2),
            Self::LessDropout(0.1),
            Self::WeightDecay(1e-4),
            Self::LessWeightDecay(0.0),
            Self::LessAdamWDecay { constants: "0.9, 0.999, 1e-8".to_owned(), decay: 0.01 },
            Self::Adam,
            Self::BatchSize(64),
            Self::CrossEntropy,
            Self::ScaledInputs,
            Self::Steps(1000),
            Self::Words("fewer layers"),
        ]
    }
}

impl Rate {
    /// The rate to try, if it is known.
    fn to(self) -> Option<f64> {
        match self {
            Self::To { to, .. } => Some(to),
            Self::Times { factor, from } => Some(from? * factor),
            Self::EitherWay => None,
        }
    }

    fn advice(self) -> String {
        let which = |is_smaller| if is_smaller { "a smaller learning rate" } else { "a larger learning rate" };
        match self {
            Self::To { from, to } => format!("{}: {} in place of {}", which(to < from), short(to), short(from)),
            Self::Times { factor, from } => {
                let times = if factor < 1.0 { 1.0 / factor } else { factor };
                let advice = format!("{}, by a factor of {}", which(factor < 1.0), short(times));
                let place = |from| format!("{advice}: {} in place of {}", short(from * factor), short(from));
                from.map_or_else(|| advice.clone(), place)
            }
            Self::EitherWay => "another learning rate: ten times smaller, then ten times larger".to_owned(),
        }
    }
}

impl Variance {
    fn advice(self) -> &'static str {
        match self {
            Self::Glorot => "weights of variance 2 / (inputs + outputs) (Glorot)",
            Self::LeCun => "weights of variance 1 / inputs (LeCun)",
            Self::He => "weights of variance 2 / inputs (He)",
        }
    }
}

/// Whether two values mean the same: numbers may be written in several ways.
fn is_same(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs(),
        _ => a == b,
    }
}

/// With at most three digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    if (1e-4..1e6).contains(&rounded) { format!("{rounded}") } else { format!("{rounded:e}") }
}

/// As decays are written: `1e-4`, `0.01`, `0`.
fn in_powers(decay: f64) -> String {
    if decay > 0.0 && decay < 1e-3 { format!("{decay:e}") } else { decay.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_told_by_its_setting_and_its_sentence_and_json_has_these_two() {
        let config = Config::read("network.activation = 'relu'");
        let json = |remedy| serde_json::to_string(&Proposal::new(remedy, &config).unwrap()).unwrap();
        assert_eq!(
            json(Remedy::LearningRate(Rate::To { from: 0.1, to: 1e-5 })),
            r#"{"set":"train.learning_rate=1e-5","advice":"a smaller learning rate: 1e-5 in place of 0.1"}"#
        );
        assert_eq!(json(Remedy::Words("fewer layers")), r#"{"set":null,"advice":"fewer layers"}"#);
    }

    #[test]
    fn a_setting_that_there_is_in_any_spelling_is_not_proposed() {
        let config = Config::read("network.activation = 'relu'\ntrain.weight_decay = 0.0001");
        assert_eq!(Proposal::new(Remedy::WeightDecay(1e-4), &config), None);
        assert!(Proposal::new(Remedy::LessWeightDecay(0.0), &config).is_some());
    }

    #[test]
    fn every_sentence_is_a_phrase() {
        for advice in Remedy::examples().iter().map(Remedy::advice) {
            assert!(advice.starts_with(char::is_lowercase) && !advice.ends_with('.'), "{advice}");
        }
    }

    #[test]
    fn decays_are_written_as_people_write_them() {
        assert_eq!([0.0, 1e-4, 0.01, 0.3].map(in_powers), ["0", "1e-4", "0.01", "0.3"]);
    }
}
