//! Diagnosis: what is wrong with a run, where, since which step, how sure that is, why, and what to try first.
//!
//! [`Evidence`] is what a run's records tell: series of numbers, by layer and quantity, whoever wrote them. The
//! [rules](RULES) are pure functions from evidence to findings, each in a file of its own; [`diagnose`] asks all of
//! them and lets a finding stand for those that it explains.
//!
//! ```
//! use headwater_diagnose::{Evidence, diagnose};
//!
//! let mut evidence = Evidence::new("mine");
//! evidence.add("train/loss", (0..20).map(|step| (step, 2.3)));
//! for (layer, rms) in [("fc1", 1e-9), ("fc2", 1e-6), ("fc3", 1e-3)] {
//!     evidence.add(&format!("{layer}.weight.grad_norm"), (0..20).map(|step| (step, rms)));
//! }
//! let diagnosis = diagnose(&evidence);
//! assert_eq!(diagnosis.findings[0].rule, "vanishing");
//! assert_eq!(diagnosis.findings[0].layers, ["fc1", "fc2"]);
//! ```

mod attenuation;
mod cause;
mod chance;
mod config;
mod diagnose;
mod evidence;
mod finding;
pub mod live;
mod logs;
mod loss;
mod names;
mod order;
mod remedies;
pub mod remedy;
mod rule;
mod rules;
mod runs;
mod series;

pub use cause::Cause;
pub use diagnose::{Diagnosis, diagnose, diagnose_interruptible};
pub use evidence::Evidence;
pub use finding::{Fact, Finding, Severity};
pub use live::LiveFinding;
pub use logs::{ending, evidence, network_record, relatives};
pub use order::Order;
pub use remedy::{Proposal, Remedy};
pub use rule::{FirstHalf, Rule};
pub use rules::RULES;
pub use runs::diagnoses;
pub use series::Series;
