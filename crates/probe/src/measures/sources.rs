//! What the readers of measures read, and when.

use crate::tags::Quantity;
use crate::theory::LayerPrediction;
use crate::{Blame, Gains, LayerMeasurement};

/// Everything measured at one step.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Loss of the training batch.
    pub loss: f64,
    /// Accuracy on the training batch, from 0 to 1.
    pub accuracy: f64,
    /// Loss and accuracy on the held-out data, if they were measured.
    pub validation: Option<(f64, f64)>,
    /// Every layer, first to last.
    pub layers: &'a [LayerMeasurement],
    /// What each part of each layer did to the gradient.
    pub blame: &'a Blame,
}

impl<'a> Step<'a> {
    /// What is known of each layer, first to last.
    pub fn by_layer(&self) -> impl Iterator<Item = LayerStep<'a>> {
        self.layers.iter().zip(self.blame.gains()).map(|(layer, gains)| LayerStep { layer, gains })
    }
}

/// Everything measured at one layer at one step.
#[derive(Debug, Clone, Copy)]
pub struct LayerStep<'a> {
    /// The layer's numbers.
    pub layer: &'a LayerMeasurement,
    /// What its parts did to the gradient.
    pub gains: &'a Gains,
}

/// Everything known before the first step, except what theory predicts.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// See [`crate::Measure::ChanceLoss`].
    pub chance_loss: f64,
}

/// The answers of [`crate::counterfactual`]; None where there is none.
#[derive(Debug, Clone, Copy)]
pub struct Counterfactuals {
    /// See [`crate::counterfactual::relu`].
    pub relu: Option<f64>,
    /// See [`crate::counterfactual::critical_weights`].
    pub critical_weights: Option<f64>,
}

/// The results of a run. None where they could not be measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Results {
    /// See [`crate::Measure::TrainAccuracyLast200`].
    pub train_accuracy_last_200: Option<f64>,
    /// See [`crate::Measure::FinalValidationAccuracy`].
    pub validation_accuracy: Option<f64>,
    /// See [`crate::Measure::TestAccuracy`].
    pub test_accuracy: Option<f64>,
    /// See [`crate::Measure::Attenuation`]. Infinite if the first layer's gradient is 0 in all records.
    pub attenuation: Option<f64>,
}

/// Reads a number of a layer at a step.
pub type LayerReader = Box<dyn Fn(&LayerStep<'_>) -> Option<f64> + Send + Sync>;

/// When a measure is recorded, and the function that reads it. A reader returns None if there is nothing to record.
pub enum Source {
    /// At every recorded step, of the run.
    Step(fn(&Step<'_>) -> Option<f64>),
    /// At every recorded step, of every layer.
    Layer(LayerReader),
    /// At every recorded step, of every layer, as a histogram of this quantity.
    Histogram(Quantity),
    /// Once, before the first step.
    Start(fn(&Start) -> Option<f64>),
    /// Once, before the first step, of every layer.
    Theory(fn(&LayerPrediction) -> Option<f64>),
    /// About ten times in a run.
    Counterfactual(fn(&Counterfactuals) -> Option<f64>),
    /// Once, after the last step.
    End(fn(&Results) -> Option<f64>),
    /// Only other programs record it.
    Elsewhere,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Step(_) => "Step",
            Self::Layer(_) => "Layer",
            Self::Histogram(_) => "Histogram",
            Self::Start(_) => "Start",
            Self::Theory(_) => "Theory",
            Self::Counterfactual(_) => "Counterfactual",
            Self::End(_) => "End",
            Self::Elsewhere => "Elsewhere",
        })
    }
}
