//! How much is recorded of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much is recorded of a run. What is measured and returned is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Detail {
    /// The hyperparameters and the results, and no manifest: one small file.
    Results,
    /// All but histograms, pictures and the graph.
    Scalars,
    /// Whatever the configuration says.
    All,
}

impl Detail {
    /// Whether anything is recorded of the steps.
    pub(crate) fn has_steps(self) -> bool {
        self != Self::Results
    }
}
