//! What is measured at a layer: statistics, histograms, schedules and the vocabulary of tags.
//!
//! A [`Probe`] is the [`Tap`](headwater_nn::Tap) that measures. It is pure: it holds numbers, and whoever trains
//! writes them where they belong, under the names of [`tags`].

mod curve;
pub mod foreign;
mod histogram;
mod probe;
mod schedule;
mod statistics;
pub mod tags;
pub mod theory;

pub use curve::{Curve, curve};
pub use histogram::{Bucket, Histogram};
pub use probe::{LayerMeasurement, Probe};
pub use schedule::Schedule;
pub use statistics::{Statistics, Tensor};
