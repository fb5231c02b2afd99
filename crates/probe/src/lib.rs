//! What is measured at a layer: statistics, histograms, blame, schedules and the vocabulary of tags; and what theory
//! expects there.
//!
//! A [`Probe`] is the [`Hook`](headwater_nn::Hook) that measures. It is pure: it holds numbers, and whoever trains
//! writes them where they belong, under the tags of [`measures`].

mod blame;
pub mod counterfactual;
mod curve;
pub mod foreign;
pub mod glossary;
mod histogram;
pub mod measures;
pub mod network;
mod probe;
mod schedule;
mod statistics;
pub mod tags;
pub mod theory;

pub use blame::{Blame, Gains};
pub use curve::{Curve, curve};
pub use histogram::{Bucket, Counter, Histogram};
pub use measures::Measure;
pub use probe::{LayerMeasurement, Probe};
pub use schedule::Schedule;
pub use statistics::{Statistics, Tensor};
