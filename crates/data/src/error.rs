//! What can be wrong with a dataset, and where.

use std::io;
use std::path::{Path, PathBuf};

/// The sources that messages list.
pub(crate) const KINDS: &str = "mnist, blobs, circles, a folder of IDX files, a .csv, a .tsv or a .npz";

/// Why a dataset could not be loaded. Every message says what was expected, what was found instead, and where.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The word names no dataset and no path.
    #[error(
        "unknown dataset `{given}`{}: expected {KINDS}",
        nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
    )]
    UnknownSource {
        /// The word.
        given: String,
        /// The built-in dataset with the most similar name, if one is similar.
        nearest: Option<&'static str>,
    },

    /// A folder lacks one of MNIST's four files.
    #[error(
        "{} has neither {name} nor {name}.gz: a folder needs train-images-idx3-ubyte, train-labels-idx1-ubyte, \
         t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte{}",
        folder.display(),
        instead.as_ref().map(|file| format!("; did you mean {}?", file.display())).unwrap_or_default()
    )]
    MissingFile {
        /// Where it was looked for.
        folder: PathBuf,
        /// What was looked for, with and without `.gz`.
        name: &'static str,
        /// A table or an NPZ file in this folder, which the user may have meant.
        instead: Option<PathBuf>,
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

    /// A table does not have the expected form.
    #[error(transparent)]
    Table(Box<TableError>),

    /// A key does not name a column of a table.
    #[error(
        "{}: {}{}; set {key} to {} of: {columns}",
        path.display(),
        given.as_ref().map_or("no label column is named".to_owned(), |name| format!("there is no column `{name}`")),
        nearest.as_ref().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default(),
        if *key == "data.label" { "one" } else { "some" }
    )]
    UnknownColumn {
        /// The file.
        path: PathBuf,
        /// The configuration key: `data.label` or `data.ignore`.
        key: &'static str,
        /// The column that the user asked for.
        given: Option<String>,
        /// The column with the most similar name, if there is one.
        nearest: Option<String>,
        /// The columns of the table, or the first few of them.
        columns: String,
    },

    /// A name is not one of the choices.
    #[error("unknown {what} {given:?}: expected {expected}")]
    UnknownName {
        /// What the name chooses.
        what: &'static str,
        /// The unknown name.
        given: String,
        /// The known names.
        expected: &'static str,
    },

    /// A path does not exist.
    #[error("{} does not exist: expected {KINDS}", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },

    /// A file is not of a supported kind.
    #[error(
        "{} is a file of no known kind: expected {KINDS}; a table is called .csv, .tsv or .txt, and IDX files are given by \
         their folder",
        path.display()
    )]
    UnknownKind {
        /// The file.
        path: PathBuf,
    },

    /// All training samples have the same class.
    #[error("{name}: all training samples have one and the same label; expected at least two classes to tell apart")]
    OneClass {
        /// The name of the dataset.
        name: String,
    },

    /// The system has less memory than the dataset needs.
    #[error(
        "not enough memory to load {}: could not get {} MB in one piece; use fewer samples, or a machine with more memory",
        path.display(),
        bytes.div_ceil(1_000_000)
    )]
    Memory {
        /// The file, or the dataset.
        path: PathBuf,
        /// How many bytes were requested.
        bytes: usize,
    },

    /// The interrupt flag was raised during loading.
    #[error("interrupted while the dataset was loaded")]
    Interrupted,

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

/// What is wrong with a table, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}{}{}: expected {expected}, found {found}{}",
    path.display(),
    line.map(|line| format!(", line {line}")).unwrap_or_default(),
    column.as_ref().map(|name| format!(", column {name}")).unwrap_or_default(),
    if advice.is_empty() { String::new() } else { format!("; {advice}") }
)]
pub struct TableError {
    /// The file.
    pub path: PathBuf,
    /// The line on which the row starts, from 1. `None` if the error is about a whole column.
    pub line: Option<u64>,
    /// The column's name, or its number if there is no header.
    pub column: Option<String>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What to do about it. May be empty.
    pub advice: String,
}

impl DataError {
    pub(crate) fn format(path: &Path, offset: u64, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), member: None, offset, expected: expected.into(), found: found.into() }
    }

    pub(crate) fn io(path: &Path, reason: io::Error) -> Self {
        match reason.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path: path.to_owned() },
            io::ErrorKind::OutOfMemory => {
                let bytes = std::fs::metadata(path).map_or(0, |file| file.len() as usize);
                Self::memory(path, bytes)
            }
            _ => Self::Io { path: path.to_owned(), reason },
        }
    }

    pub(crate) fn memory(path: &Path, bytes: usize) -> Self {
        Self::Memory { path: path.to_owned(), bytes }
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
