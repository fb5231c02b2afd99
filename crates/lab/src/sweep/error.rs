//! What can be wrong with a sweep.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::{ConfigError, RunError};

/// Why a sweep cannot be planned, found or gone on with.
#[derive(Debug, Error)]
pub enum SweepError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The section `[sweep]` is wrong, or not there.
    #[error("{origin}: {message}")]
    Section {
        /// The file.
        origin: String,
        /// The key, and what is wrong with it.
        message: String,
    },
    /// The values of one trial make no configuration that can be trained.
    #[error("{origin}: trial {trial} ({values}): {message}")]
    Trial {
        /// The file.
        origin: String,
        /// Number of the trial, from 0.
        trial: usize,
        /// Its values, as `key = value, key = value`.
        values: String,
        /// What is wrong.
        message: String,
    },
    /// A run cannot be begun, or its record not be written.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A sweep is in the folder already, and it was not asked to go on with it.
    #[error(
        "{} already holds a sweep, with {done} of {runs} runs over; add --resume to go on with it, or choose another --logdir",
        folder.display()
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// Runs that are over.
        done: usize,
        /// All runs.
        runs: usize,
    },
    /// There is something where the sweep's runs would go.
    #[error("{} already holds something else; choose another --logdir", path.display())]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// The sweep in the folder is another one.
    #[error("{} holds a different sweep: {difference}; choose another --logdir", folder.display())]
    Different {
        /// The folder.
        folder: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// No sweep is in the folder.
    #[error("there is no sweep in {}: it has no {}; `headwater sweep CONFIG.toml --logdir {}` begins one", .0.display(), super::Plan::FILE_NAME, .0.display())]
    NoSweep(PathBuf),
    /// The plan cannot be understood.
    #[error("{}: expected the plan of a sweep: {message}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file of the sweep cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of the sweep cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl SweepError {
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
