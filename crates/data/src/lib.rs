//! Datasets, splits and batches.
//!
//! [`load`] turns a [`Request`] into a [`Dataset`]: three sets of [`Samples`] that many training runs on many threads
//! can share. [`Batches`] says which samples the next step sees. Everything that depends on chance depends on a seed and
//! on nothing else.
//!
//! ```
//! use headwater_data::{Batches, Request, load};
//!
//! let dataset = load(&Request::new("blobs".parse()?))?;
//! let (mut indices, mut labels) = ([0; 30], [0; 30]);
//! let mut inputs = vec![0.0; 30 * dataset.train.width()];
//! let mut batches = Batches::new(dataset.train.len(), 1);
//! batches.next(&mut indices);
//! dataset.train.gather(&indices, &mut inputs, &mut labels);
//! # Ok::<(), headwater_data::DataError>(())
//! ```
//!
//! Inputs are `[samples, width]`, row-major; labels are class numbers from 0.

mod batches;
mod blobs;
mod catalogue;
mod circles;
mod class_labels;
mod dataset;
mod description;
mod error;
mod idx;
mod idx_folder;
mod load;
mod loading;
mod missing;
mod npy;
mod npy_header;
mod npz;
mod random;
mod samples;
mod scale;
mod source;
mod split;
mod table;

pub use batches::Batches;
pub use catalogue::{Availability, Entry, catalogue};
pub use dataset::{Dataset, ImageShape};
pub use description::{
    ColumnDescription, ColumnRole, Description, InputStatistics, SplitDescription, TableDescription,
};
pub use error::{DataError, TableError};
pub use load::{Request, load, load_interruptible};
pub use missing::Missing;
pub use samples::Samples;
pub use scale::Scale;
pub use source::Source;
pub use table::{Encoding, Separator};
