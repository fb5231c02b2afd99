//! The factor to blame.

use std::fmt;

use serde::Serialize;

/// What a finding blames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The slope of the activation, f'.
    Activation,
    /// The size of the weights.
    Weights,
    /// The normalisation.
    Normalisation,
    /// The learning rate.
    LearningRate,
    /// The data, or how they are fed.
    Data,
    /// The loss, or what it is given.
    Loss,
    /// The size of the network, or how long it is trained.
    Capacity,
    /// Dropout or weight decay.
    Regularisation,
    /// The records do not tell.
    Unknown,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Activation => "the activation's slope f'",
            Self::Weights => "the weights",
            Self::Normalisation => "the normalisation",
            Self::LearningRate => "the learning rate",
            Self::Data => "the data",
            Self::Loss => "the loss",
            Self::Capacity => "the network's capacity",
            Self::Regularisation => "dropout or weight decay",
            Self::Unknown => "not known from these records",
        })
    }
}
