//! Why a run could not be trained or recorded.

use std::path::PathBuf;

use headwater_data::DataError;
use headwater_events::WriteError;
use headwater_nn::ShapeError;
use thiserror::Error;

/// Why a run could not be trained or recorded.
#[derive(Debug, Error)]
pub enum RunError {
    /// The data cannot be had.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network cannot be built.
    #[error("run {run}: {source}")]
    Shape {
        /// The run.
        run: String,
        /// What is wrong with the shape.
        source: ShapeError,
    },
    /// A batch is drawn without replacement.
    #[error(
        "run {run}: train.batch_size is {batch_size}, and there are {samples} training samples; expected at most as many"
    )]
    Batch {
        /// The run.
        run: String,
        /// Samples in a batch.
        batch_size: usize,
        /// Samples in the training set.
        samples: usize,
    },
    /// The record cannot be written.
    #[error("run {run} stopped after {steps} {}: {source}", if *steps == 1 { "step" } else { "steps" })]
    Record {
        /// The run.
        run: String,
        /// Steps made until then.
        steps: u64,
        /// What happened to the file.
        source: WriteError,
    },
    /// The manifest cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}
