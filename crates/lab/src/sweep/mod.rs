//! Sweeps: many trials of one experiment, over a grid or a sample of any keys of its configuration.
//!
//! A sweep is a folder. [`Sweep::create`] writes the plan into it, once, and any number of workers, in one or many
//! processes, train what is in the plan: [`Sweep::work`]. They talk through the file system only.
//!
//! ```text
//! plan.toml         every trial's values; nothing is drawn a second time
//! queue/workers/    one file for each process that works, with a heartbeat in it
//! queue/leases/     who trains what
//! running/          runs that are being trained, each in a folder of its worker
//! runs/             runs that are over, each with its records and its result.toml
//! results.csv       made of those
//! ```
//!
//! A run counts once because a folder is renamed from `running` to `runs` once, complete with its result: the second
//! rename is refused by the file system. Leases do not carry that: they only keep two workers from doing one thing.

mod axis;
mod config;
mod draw;
mod error;
mod holder;
mod outcome;
mod part;
mod plan;
mod queue;
mod ranking;
mod results;
mod sample;
mod words;
mod work;

pub(crate) use config::SweepConfig;
pub use config::{Method, Objective};
pub(crate) use draw::set;
pub use error::SweepError;
pub use outcome::Outcome;
pub use plan::{Plan, PlannedRun, Trial};
pub use ranking::Ranking;
pub use words::short;
pub use work::{Sweep, SweepProgress, Tally};
