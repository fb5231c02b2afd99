//! The words that tags are made of: quantities, statistics, names of layers, and the tags of what is not a number. The tags
//! of numbers and histograms are in [`crate::measures`].
//!
//! Layers are named `layer1` ... `layerN`; layerN is the output layer.

use std::fmt;

// What changes a delta between two layers is named by the network that takes the steps.
pub use headwater_nn::Stage;

/// The configuration as resolved, as text.
pub const CONFIG: &str = "config";
/// The weights of each unit of the first layer as a picture.
pub const FIRST_LAYER_WEIGHTS: &str = "first_layer/weights";
/// A few samples that the trained network classifies wrongly, as pictures.
pub const MISCLASSIFIED: &str = "misclassified";
/// What each of those is, and what it was taken for, as text.
pub const MISCLASSIFIED_LABELS: &str = "misclassified_labels";

/// What is recorded whole, as a histogram, and summed up as statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// dC/dW, before clipping.
    Gradient,
    /// W, before the step's update.
    Weight,
    /// z = x W + b.
    Preactivation,
    /// a = f(z).
    Activation,
    /// delta = dC/dy of the product y = x W + b; in a plain layer y is z.
    Delta,
}

impl Quantity {
    /// All of them, in the order in which they are recorded.
    pub const ALL: [Self; 5] = [Self::Gradient, Self::Weight, Self::Preactivation, Self::Activation, Self::Delta];

    /// Its symbol: `dC/dW`, `W`, `z`, `a`, `delta`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Gradient => "dC/dW",
            Self::Weight => "W",
            Self::Preactivation => "z",
            Self::Activation => "a",
            Self::Delta => "delta",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gradient => "gradient",
            Self::Weight => "weight",
            Self::Preactivation => "preactivation",
            Self::Activation => "activation",
            Self::Delta => "delta",
        })
    }
}

/// A number that sums up a [`Quantity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// Mean of the absolute values.
    MeanAbs,
    /// Root mean square.
    Rms,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Number of exact zeros.
    Zeros,
    /// Number of NaN; recorded only when there are any.
    Nans,
    /// Number of infinities; recorded only when there are any.
    Infinities,
}

impl Statistic {
    /// All of them, in the order in which they are recorded.
    pub const ALL: [Self; 7] =
        [Self::MeanAbs, Self::Rms, Self::Min, Self::Max, Self::Zeros, Self::Nans, Self::Infinities];
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MeanAbs => "mean_abs",
            Self::Rms => "rms",
            Self::Min => "min",
            Self::Max => "max",
            Self::Zeros => "zeros",
            Self::Nans => "nans",
            Self::Infinities => "infinities",
        })
    }
}

/// The name of the layer at `index`, from 0.
pub fn layer(index: usize) -> String {
    format!("layer{}", index + 1)
}
