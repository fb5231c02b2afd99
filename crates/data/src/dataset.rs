//! A dataset, ready for training.

use crate::table::Table;
use crate::{Samples, Scale};
use serde::Serialize;
use std::sync::Arc;

/// Labelled samples in three disjoint sets. Cloning is cheap: the numbers are shared.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// `mnist`, `blobs`, `circles`, or the name of the folder or file, without extension.
    pub name: String,
    /// Number of classes: every label is below it.
    pub classes: usize,
    /// The shape of a sample, if it is a greyscale image: its pixels are the inputs, row by row.
    pub image: Option<ImageShape>,
    /// What the network learns from. Never empty.
    pub train: Samples,
    /// What its progress is judged by. May be empty.
    pub validation: Samples,
    /// What the final result is judged by. May be empty.
    pub test: Samples,
    /// What was done to the inputs.
    pub(crate) preparation: Preparation,
}

/// What was done to the inputs between the file and the network.
#[derive(Debug, Clone)]
pub(crate) struct Preparation {
    pub(crate) scale: Scale,
    /// How many missing values were replaced by a mean.
    pub(crate) filled: u64,
    /// How many samples were left out because of a missing value.
    pub(crate) dropped: usize,
    /// How a table was read. `None` if the source is not a table.
    pub(crate) table: Option<Arc<Table>>,
}

/// Rows and columns of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ImageShape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}
