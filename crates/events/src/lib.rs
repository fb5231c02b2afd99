//! `TensorBoard` event files.
//!
//! A run is a folder that holds event files; a log directory holds runs. An event file is a sequence of records
//! ([`record`]), each one message ([`proto::Event`]) with a step, a wall time and a value of a tag. [`Writer`] writes
//! them in the form that `TensorBoard` 2.21 itself writes, without `TensorFlow`.

pub mod crc;
pub mod proto;
pub mod record;

mod error;
mod file_name;
mod log;
mod summary;
mod worker;
mod writer;

#[cfg(test)]
mod golden;

pub use error::{FileError, WriteError};
pub use file_name::is_event_file;
pub use log::Written;
pub use summary::{
    Kind,
    audio::Audio,
    graph::{Graph, Node},
    histogram::Bucket,
    hparams::{Ending, HParamValue, HParams},
    image::{Image, Pixels},
};
pub use writer::Writer;
