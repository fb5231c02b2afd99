//! The vocabulary: under which tag each quantity is recorded.
//!
//! Layers are named `layer1` ... `layerN`; layerN is the output layer.

use std::fmt;

// What changes a delta between two layers is named by the network that takes the steps.
pub use headwater_nn::Stage;

/// Cost of the training batch at that step.
pub const LOSS: &str = "loss";
/// Share of the training batch at that step that is classified rightly.
pub const ACCURACY: &str = "accuracy";
/// Cost on held-out data.
pub const VALIDATION_LOSS: &str = "validation/loss";
/// Accuracy on held-out data.
pub const VALIDATION_ACCURACY: &str = "validation/accuracy";
/// Accuracy on the held-out data, once, after the last update. A sweep is judged by it unless it names another tag.
pub const FINAL_VALIDATION_ACCURACY: &str = "final/validation_accuracy";
/// Cost of a guess that knows how frequent the classes are among the training samples but does not look at the input;
/// once, at step 0. A network has learned something only below it.
pub const CHANCE_LOSS: &str = "chance/loss";
/// Accuracy on the test data, once, at the end of a run.
pub const TEST_ACCURACY: &str = "final/test_accuracy";
/// Mean training accuracy over the last 200 steps, once, at the end of a run.
pub const TRAIN_ACCURACY_LAST_200: &str = "final/train_accuracy_last_200";
/// Mean |gradient| of the last layer over that of the first, each a mean over the recorded steps; once, at the end.
pub const ATTENUATION: &str = "final/attenuation";
/// ln of the factor by which |`delta_1`| would change with f = `ReLU` at the same z.
pub const COUNTERFACTUAL_RELU: &str = "counterfactual/relu";
/// ln of the factor by which |`delta_1`| would change with weights of critical variance.
pub const COUNTERFACTUAL_WEIGHTS: &str = "counterfactual/critical_weights";
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

/// The tag of a histogram: `gradient/layer1`.
pub fn histogram(quantity: Quantity, index: usize) -> String {
    format!("{quantity}/{}", layer(index))
}

/// The tag of a statistic: `gradient/mean_abs/layer1`.
pub fn statistic(quantity: Quantity, statistic: Statistic, index: usize) -> String {
    format!("{quantity}/{statistic}/{}", layer(index))
}

/// The tag of the norm of a step's update over the norm of W before it.
pub fn update_ratio(index: usize) -> String {
    format!("update_ratio/{}", layer(index))
}

/// The tag of the fraction of units that pass no gradient at all.
pub fn dead_units(index: usize) -> String {
    format!("units/dead/{}", layer(index))
}

/// The tag of the fraction of units that pass next to no gradient.
pub fn saturated_units(index: usize) -> String {
    format!("units/saturated/{}", layer(index))
}

/// The tag of a gain: `gain/weight/layer1`; see [`crate::Blame`].
pub fn gain(stage: Stage, index: usize) -> String {
    format!("gain/{stage}/{}", layer(index))
}

/// The tag of what theory expects before the first step: ln of the root mean square of delta over the last layer's; see
/// [`crate::theory`].
pub fn theory_delta(index: usize) -> String {
    format!("theory/delta/{}", layer(index))
}

/// The tag of how far one draw of the weights strays from what theory expects: the standard deviation of ln of delta over
/// the last layer's; see [`crate::theory`].
pub fn theory_spread(index: usize) -> String {
    format!("theory/spread/{}", layer(index))
}

/// The tag of the share of inputs that are 0 in the whole batch, so that their rows of dC/dW are 0 whatever delta is.
pub fn zero_inputs(index: usize) -> String {
    format!("inputs/zero/{}", layer(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_the_vocabulary() {
        assert_eq!(statistic(Quantity::Gradient, Statistic::MeanAbs, 0), "gradient/mean_abs/layer1");
        assert_eq!(histogram(Quantity::Preactivation, 5), "preactivation/layer6");
        assert_eq!(update_ratio(1), "update_ratio/layer2");
        assert_eq!(zero_inputs(0), "inputs/zero/layer1");
        assert_eq!(theory_delta(0), "theory/delta/layer1");
        assert_eq!(theory_spread(0), "theory/spread/layer1");
        assert_eq!(dead_units(2), "units/dead/layer3");
        assert_eq!(saturated_units(2), "units/saturated/layer3");
        assert_eq!(gain(Stage::Activation, 0), "gain/activation/layer1");
    }
}
