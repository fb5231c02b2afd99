//! The manifest: `manifest.json` in a run's folder says what the records come from.

use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use headwater_nn::InstructionSet;
use serde::{Deserialize, Serialize};

use crate::Config;

/// How a run stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is being trained, or the program was killed.
    Running,
    /// All steps were made.
    Done,
    /// The cost became NaN or infinite.
    Diverged,
    /// The watch found it sick, and was told to stop such runs.
    Stopped,
    /// It was asked to stop.
    Interrupted,
    /// It could not be begun, or its record could not be written.
    Failed,
}

/// What a run's records come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the weights and of the order of the samples.
    pub seed: u64,
    /// Version of the program.
    pub version: &'static str,
    /// Instruction set of the kernels: results are bit-identical on the same one.
    pub instruction_set: String,
    /// Start, in seconds since 1970-01-01 UTC.
    pub started: f64,
    /// Wall time so far.
    pub seconds: f64,
    /// Steps so far.
    pub steps: u64,
    /// How the run stands.
    pub status: Status,
    /// The configuration as resolved.
    pub config: Config,
}

impl Manifest {
    /// The name of the file in a run's folder.
    pub const FILE_NAME: &'static str = "manifest.json";

    pub(crate) fn new(experiment: &str, scenario: &str, config: &Config) -> Self {
        Self {
            experiment: experiment.to_owned(),
            scenario: scenario.to_owned(),
            seed: config.train.seed,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: InstructionSet::detected().to_string(),
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64()),
            seconds: 0.0,
            steps: 0,
            status: Status::Running,
            config: config.clone(),
        }
    }

    /// Writes the manifest beside its place and renames it, so that a reader never sees half of one.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        let temporary = folder.join(format!("{}.part", Self::FILE_NAME));
        std::fs::write(&temporary, text + "\n")?;
        std::fs::rename(temporary, folder.join(Self::FILE_NAME))
    }
}
