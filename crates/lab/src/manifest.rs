//! The manifest: `manifest.json` in a run's folder says what the records come from.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
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
    /// The loss became NaN or infinite.
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
    /// The rule whose finding stopped the run, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<&'static str>,
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
            stopped_by: None,
            config: config.clone(),
        }
    }

    /// Writes the manifest beside its place and renames it, so that a reader never sees half of one.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let temporary = folder.join(format!("{}.part", Self::FILE_NAME));
        let written = std::fs::write(&temporary, self.text()?)
            .and_then(|()| std::fs::rename(&temporary, folder.join(Self::FILE_NAME)));
        if written.is_err() {
            // On a full disk it would stay, empty.
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }

    /// Writes the manifest over the one that is there, in its room: this a full disk allows as well, as long as the file
    /// needs no other block of it.
    pub(crate) fn overwrite(&self, folder: &Path) -> io::Result<()> {
        let text = self.text()?;
        let mut file = File::options().write(true).open(folder.join(Self::FILE_NAME))?;
        // First the length, so that a disk without room for it leaves the file as it was.
        if file.metadata()?.len() < text.len() as u64 {
            file.seek(SeekFrom::Start(text.len() as u64 - 1))?;
            file.write_all(b"\n")?;
            file.rewind()?;
        }
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }

    fn text(&self) -> io::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_is_overwritten_is_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::new("experiment", "scenario", &Config::default());
        manifest.write(folder.path()).unwrap();
        (manifest.status, manifest.steps) = (Status::Failed, 1);
        manifest.overwrite(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join(Manifest::FILE_NAME)).unwrap();
        assert_eq!(text, manifest.text().unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_put_in_its_place_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(Manifest::FILE_NAME);
        std::fs::create_dir(&place).unwrap();
        Manifest::new("experiment", "scenario", &Config::default()).write(folder.path()).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
