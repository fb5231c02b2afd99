//! What is kept of one run: `result.toml` in its folder.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use headwater_events::crc;
use headwater_probe::measures::Results;
use serde::{Deserialize, Serialize};

use super::config::Objective;
use crate::{RunReport, Status};

/// Prefix of the last line of the file, which ends with the checksum of all lines before it. Without this line the file
/// is incomplete; with another checksum it was changed after it was written.
const CHECKSUM: &str = "# crc32c ";

/// The results of one run of a sweep. What could not be measured is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Done or diverged.
    pub status: Status,
    /// Steps that were made.
    pub steps: u64,
    /// See [`RunReport::train_accuracy_last_200`].
    pub train_accuracy_last_200: Option<f64>,
    /// Accuracy on the validation data after the last step.
    pub validation_accuracy: Option<f64>,
    /// Accuracy on the test data after the last step.
    pub test_accuracy: Option<f64>,
    /// See [`RunReport::attenuation`].
    pub attenuation: Option<f64>,
    /// Wall time from the first step to the last evaluation, with all that was recorded.
    pub seconds: f64,
    /// See [`RunReport::gains`].
    pub gains: BTreeMap<String, f64>,
}

impl Outcome {
    pub(crate) const FILE_NAME: &'static str = "result.toml";

    pub(crate) fn new(report: &RunReport) -> Self {
        Self {
            status: report.status,
            steps: report.steps,
            train_accuracy_last_200: report.train_accuracy_last_200,
            validation_accuracy: report.validation_accuracy,
            test_accuracy: report.test_accuracy,
            attenuation: report.attenuation,
            seconds: report.seconds,
            gains: report.gains.clone(),
        }
    }

    /// The results as the table of measures reads them.
    pub(crate) fn results(&self) -> Results {
        Results {
            train_accuracy_last_200: self.train_accuracy_last_200,
            validation_accuracy: self.validation_accuracy,
            test_accuracy: self.test_accuracy,
            attenuation: self.attenuation,
        }
    }

    /// What the sweep wants much of; none of a run that diverged.
    pub fn score(&self, objective: Objective) -> Option<f64> {
        let score = match objective {
            Objective::ValidationAccuracy => self.validation_accuracy,
            Objective::TestAccuracy => self.test_accuracy,
            Objective::TrainAccuracy => self.train_accuracy_last_200,
        };
        score.filter(|score| self.status == Status::Done && !score.is_nan())
    }

    /// Writes the file into a folder that is not yet among the finished ones.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let checksum = last_line(&text);
        std::fs::write(folder.join(Self::FILE_NAME), text + &checksum)
    }

    /// Whether the file is in a folder, whole or not.
    pub(crate) fn is_in(folder: &Path) -> io::Result<bool> {
        folder.join(Self::FILE_NAME).try_exists()
    }

    /// Reads the file of a folder. Returns None if there is none, or if it is not as it was written: the run is not
    /// over, the power failed, or somebody altered it.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read_to_string(folder.join(Self::FILE_NAME)) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (lines, checksum) = text.split_at(text.rfind(CHECKSUM)?);
        if checksum == last_line(lines) { toml::from_str(lines).ok() } else { None }
    }
}

/// The last line of a file with these lines.
fn last_line(lines: &str) -> String {
    format!("{CHECKSUM}{:08x}\n", crc::masked(lines.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written_to_the_last_bit_and_half_a_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Outcome::read(folder.path()).unwrap(), None);
        let outcome = Outcome {
            status: Status::Done,
            steps: 7,
            train_accuracy_last_200: Some(0.1 + 0.2),
            validation_accuracy: None,
            test_accuracy: Some(1.0 / 3.0),
            attenuation: Some(f64::INFINITY),
            seconds: 5e-324,
            gains: BTreeMap::from([("weight".to_owned(), -f64::MIN_POSITIVE)]),
        };
        outcome.write(folder.path()).unwrap();
        assert_eq!(Outcome::read(folder.path()).unwrap().as_ref(), Some(&outcome));
        let path = folder.path().join(Outcome::FILE_NAME);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(Outcome::read(folder.path()).unwrap(), None, "the first {length} bytes");
        }
        for position in 0..whole.len() {
            let mut altered = whole.clone();
            altered[position] ^= 1;
            let text = String::from_utf8(altered).unwrap();
            assert_eq!(Outcome::parse(&text), None, "with another byte at {position}");
        }
    }
}
