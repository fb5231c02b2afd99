//! An experiment file as written, for its schema and for error messages with line numbers.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{NetworkConfig, RecordConfig, TrainConfig};
use crate::data_config::DataConfig;
use crate::sweep::SweepConfig;

// The values come from the merged tables.
/// An experiment: a configuration, and scenarios that each change a part of it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Headwater experiment")]
pub(crate) struct ExperimentFile {
    /// Name of the experiment. Default: the name of the file.
    pub(crate) name: Option<String>,
    /// The dataset.
    data: DataConfig,
    /// The network.
    network: NetworkConfig,
    /// How it is trained.
    train: TrainConfig,
    /// What is recorded.
    record: RecordConfig,
    /// Variants, each trained as a run of its own; without any, the configuration itself is the only one.
    pub(crate) scenario: Vec<ScenarioFile>,
    /// What `headwater sweep` tries.
    pub(crate) sweep: Option<SweepConfig>,
}

/// A variant: the keys in which it differs from the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioFile {
    /// Name of the scenario and of the folder of its runs.
    pub(crate) name: String,
    /// The published factor by which mean |gradient| falls from the last layer to the first, to compare with.
    pub(crate) published: Option<f64>,
    /// The dataset.
    #[serde(default)]
    #[expect(dead_code, reason = "only its type is of interest, here and below")]
    data: DataConfig,
    /// The network.
    #[serde(default)]
    #[expect(dead_code, reason = "see data")]
    network: NetworkConfig,
    /// How it is trained.
    #[serde(default)]
    #[expect(dead_code, reason = "see data")]
    train: TrainConfig,
    /// What is recorded.
    #[serde(default)]
    #[expect(dead_code, reason = "see data")]
    record: RecordConfig,
}

/// The JSON schema of an experiment file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ExperimentFile).to_value()
}
