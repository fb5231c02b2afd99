//! What can be wrong with a dataset, and where.

use std::io;
use std::path::{Path, PathBuf};

/// Why a dataset could not be loaded. Every message says what was expected, what was found instead, and where.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The word names no dataset and no path.
    #[error(
        "unknown dataset `{given}`{}: expected mnist, blobs, circles, a folder of IDX files, a .csv or a .npz",
        nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
    )]
    UnknownSource {
        /// The word.
        given: String,
        /// The built-in dataset with the most similar name, if one is similar.
        nearest: Option<&'static str>,
    },

    /// A folder lacks one of MNIST's four files (or does not exist).
    #[error("{} has neither {} nor {}.gz", folder.display(), name, name)]
    MissingFile {
        /// Where it was looked for.
        folder: PathBuf,
        /// What was looked for, with and without `.gz`.
        name: &'static str,
    },

    /// The operating system could not open or read a file.
    #[error("cannot read {}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },

    /// The bytes of a binary file are not what its format demands.
    #[error(
        "{}{}, offset {offset}: expected {expected}, found {found}",
        path.display(),
        member.as_ref().map(|name| format!(", array {name}")).unwrap_or_default()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The array within an NPZ file.
        member: Option<String>,
        /// Bytes from the start of the file or array, after decompression.
        offset: u64,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },

    /// The file is no readable zip archive, which is what an NPZ file is.
    #[error("{}: expected a zip archive of arrays, as numpy.savez writes it; {reason}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with the archive.
        reason: String,
    },

    /// An NPZ file lacks the arrays that make a dataset.
    #[error(
        "{}: expected arrays x_train and y_train (with x_test and y_test, or without), or x and y; found {}",
        path.display(),
        found.join(", ")
    )]
    MissingArrays {
        /// The file.
        path: PathBuf,
        /// The names of the arrays that it has.
        found: Vec<String>,
    },

    /// A line of a CSV file is not what it should be.
    #[error(
        "{}, line {line}{}: expected {expected}, found {found}",
        path.display(),
        column.as_ref().map(|name| format!(", column {name}")).unwrap_or_default()
    )]
    Csv {
        /// The file.
        path: PathBuf,
        /// The line on which the row starts, from 1.
        line: u64,
        /// The column's name.
        column: Option<String>,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },

    /// It is not known which column of a CSV file holds the labels.
    #[error(
        "{}: {}; set data.label to one of the columns: {}",
        path.display(),
        given.as_ref().map_or("no label column is named".to_owned(), |name| format!("there is no column `{name}`")),
        columns.join(", ")
    )]
    LabelColumn {
        /// The file.
        path: PathBuf,
        /// The column that was asked for.
        given: Option<String>,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// There are too few samples for the splits that were asked for.
    #[error("cannot take {asked} {split} samples of {name}: it has {available}{}", if *split == "test" { "" } else { ", and at least one must be left for training" })]
    Split {
        /// The dataset.
        name: String,
        /// Which samples were to be taken.
        split: &'static str,
        /// How many were asked for.
        asked: usize,
        /// How many there are to take them from.
        available: usize,
    },
}

impl DataError {
    pub(crate) fn format(path: &Path, offset: u64, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), member: None, offset, expected: expected.into(), found: found.into() }
    }

    pub(crate) fn io(path: &Path, reason: io::Error) -> Self {
        Self::Io { path: path.to_owned(), reason }
    }

    /// An error of reading `path` after `offset` decompressed bytes: damage is the file's, anything else the system's.
    pub(crate) fn reading(path: &Path, offset: u64, reason: io::Error) -> Self {
        match reason.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::format(path, offset, "intact compressed data", format!("damage ({reason})"))
            }
            _ => Self::io(path, reason),
        }
    }

    /// The same error, inside the array `name` of an NPZ file.
    pub(crate) fn in_member(mut self, name: &str) -> Self {
        if let Self::Format { member, .. } = &mut self {
            *member = Some(name.to_owned());
        }
        self
    }
}
