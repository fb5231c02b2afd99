//! What can go wrong in writing.

use std::{io, path::PathBuf, sync::Arc};

use crate::summary::Kind;

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder or the file could not be made.
    #[error("could not create {}: {source}", path.display())]
    Create {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file could not be written. It stays as it is: later calls return the same error.
    #[error(transparent)]
    File(#[from] FileError),
    /// A tag was given values of two kinds, of which readers would show only the first.
    #[error("tag \"{tag}\" holds {} values, so it cannot take one of kind {}", first.plugin_name(), now.plugin_name())]
    TwoKinds {
        /// The tag.
        tag: String,
        /// What its first value was.
        first: Kind,
        /// What this one is.
        now: Kind,
    },
    /// Hyperparameters, or the end of the session, were given twice, of which readers would show only the first.
    #[error("\"{tag}\" can be written once in a file, and was before")]
    Twice {
        /// Under which tag they stand.
        tag: &'static str,
    },
    /// A tag that has its place in a row was to be written by itself or in another row, or one that has values was to be in a
    /// row.
    #[error("tag \"{tag}\" is written either by itself or in one row")]
    InRow {
        /// The tag.
        tag: String,
    },
    /// A picture whose bytes do not fit its sides.
    #[error("image \"{tag}\" of {width} x {height} pixels: {source}")]
    Image {
        /// The tag.
        tag: String,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What the encoder said.
        source: png::EncodingError,
    },
    /// A sound that could not be encoded.
    #[error("audio \"{tag}\" of {samples} samples: {source}")]
    Audio {
        /// The tag.
        tag: String,
        /// Number of samples.
        samples: usize,
        /// What the encoder said.
        source: hound::Error,
    },
    /// The operating system would not start the thread that writes.
    #[error("could not start the writing thread: {0}")]
    Thread(io::Error),
    /// The thread that writes is gone without saying why: a defect of this crate.
    #[error("the thread writing {} ended unexpectedly", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
}

/// A file that could not be written.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "{}: {source}; {}",
    path.display(),
    match (*.records, *.torn) {
        (0, false) => "nothing of it is safe".to_owned(),
        (_, false) => format!("its first {records} records ({bytes} bytes) are safe, and nothing follows them"),
        (_, true) => format!(
            "its first {records} records ({bytes} bytes) are safe, and half a record after them could not be cut off"
        ),
    }
)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// How many whole records it holds.
    pub records: u64,
    /// How many bytes they are: the offset at which writing failed, and the file's length unless it is torn.
    pub bytes: u64,
    /// Whether part of a record stands behind them. Readers take it for a record that is still being written.
    pub torn: bool,
    /// What the operating system said.
    pub source: Arc<io::Error>,
}
