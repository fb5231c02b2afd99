//! `TensorBoard` event files.
//!
//! A run is a folder that holds event files; a log directory holds runs. An event file is a sequence of records
//! ([`record`]), each one message ([`proto::Event`]) with a step, a wall time and a value of a tag. [`Writer`] writes
//! them in the form that `TensorBoard` 2.21 itself writes, without `TensorFlow`. [`Store`] reads a log directory that
//! any program wrote, and follows it as it grows. [`scalars`] and [`histograms`] go through everything once, one run at a time.

pub mod crc;
pub mod proto;
pub mod record;

#[cfg(feature = "fuzzing")]
pub mod fuzzing;

mod backlog;
mod error;
mod file_name;
mod log;
mod read;
mod rows;
mod summary;
mod worker;
mod writer;

#[cfg(test)]
mod golden;

pub use error::{FileError, WriteError};
pub use file_name::is_event_file;
pub use log::Written;
pub use read::{
    datum::{Array, Datum, DatumError, Pictures, Sounds, Text},
    fetch::FetchError,
    files::{FileReport, FileState},
    follow::Follower,
    histogram::{Histogram, Moments},
    kind::SeriesKind,
    metadata::Metadata,
    number::Number,
    numbers::Point,
    pixels::Pixel,
    problem::{Defect, Problem},
    run::Run,
    series::{Sample, Series, SeriesInfo},
    storage::{Entry, EntryKind, Listing, Stat, Storage, StoredFile},
    store::{Changes, Store, Subscription},
    stream::{HistogramAt, Scalar, Selection, Standing, Streamed, histograms, scalars},
    tensor::TensorError,
    wire::Malformed,
};
pub use rows::{HistogramRow, ScalarRow};
pub use summary::{
    Kind,
    audio::Audio,
    graph::{Graph, Node},
    histogram::Bucket,
    hparams::{Ending, HParamValue, HParams},
    image::{Image, Pixels},
};
pub use writer::Writer;
