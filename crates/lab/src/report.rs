//! What is told of one run when it is over.

use std::collections::BTreeMap;
use std::path::PathBuf;

use headwater_probe::measures::Results;
use serde::Serialize;

use crate::Status;

/// The results of one run. What could not be measured (of a run that diverged, or with no such data) is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// Name of the run, and its folder below the log directory: `sigmoid` or `sigmoid/seed-3`.
    pub run: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the weights and of the order of the samples.
    pub seed: u64,
    /// How the run ended.
    pub status: Status,
    /// Steps that were made.
    pub steps: u64,
    /// Wall time from the first step to the last, with all that was recorded.
    pub seconds: f64,
    /// Mean accuracy of the last 200 training batches (of all, if there were fewer).
    pub train_accuracy_last_200: Option<f64>,
    /// Accuracy on the validation data after the last step.
    pub validation_accuracy: Option<f64>,
    /// Accuracy on the test data after the last step.
    pub test_accuracy: Option<f64>,
    /// For each layer, first to last: the mean over the recorded steps of the mean of |dC/dW|.
    pub gradient_mean_abs: Vec<f64>,
    /// For each layer, first to last: the mean over the recorded steps of the root mean square of delta.
    pub delta_rms: Vec<f64>,
    /// What the parts of all layers together did to delta on its way from the last layer to the first: by part (`weight`,
    /// `activation`, ...), the natural logarithm of the factor, a mean over the recorded steps. Together they are
    /// `ln(|delta_1| / |delta_L|)`.
    pub gains: BTreeMap<String, f64>,
    /// Share of the inputs that were 0 in every sample of a batch, a mean over the recorded steps: dC/dW of the first layer is 0
    /// in their rows.
    pub zero_inputs: f64,
    /// `gradient_mean_abs` of the last layer over that of the first.
    pub attenuation: Option<f64>,
    /// Whether the loss became NaN or infinite.
    pub diverged: bool,
    /// The rule of [`headwater_diagnose`] whose finding stopped the run, if one did.
    pub stopped_by: Option<&'static str>,
    /// Folder of the run's records.
    pub logdir: PathBuf,
}

impl RunReport {
    /// The results that are recorded at the end of a run.
    pub(crate) fn results(&self) -> Results {
        Results {
            train_accuracy_last_200: self.train_accuracy_last_200,
            validation_accuracy: self.validation_accuracy,
            test_accuracy: self.test_accuracy,
            attenuation: self.attenuation,
        }
    }
}
