//! Experiments: configuration, scenarios, runner and manifest.
//!
//! An [`Experiment`] is read from a preset or a TOML file, with overrides on top. [`run`] trains every scenario with
//! every seed on all cores and records each as a folder of its own; what it returns is what a table or a program
//! wants to know of the runs.

mod as_text;
mod chance;
mod config;
mod detail;
mod evaluator;
mod experiment;
mod forecast;
mod keys;
mod kinds;
mod logdir;
mod manifest;
mod means;
mod measures;
mod overrides;
mod pictures;
mod recorder;
mod report;
pub mod reproduce;
mod room;
mod runner;
mod summary;
mod surgery;
pub mod sweep;
mod training;
mod watch;

pub use config::{Config, DataConfig, NetworkConfig, RecordConfig, TrainConfig};
pub use experiment::{ConfigError, Experiment, PRESETS, Scenario, schema};
pub use forecast::{Endless, Forecast, Remedy, Scales, forecasts};
pub use logdir::{LogdirError, create as create_logdir, fresh as fresh_logdir};
pub use manifest::{Manifest, Status};
pub use overrides::{Overrides, misspelled_variable};
pub use report::RunReport;
pub use runner::{Progress, RunError, Runner, run};
pub use summary::{Quantiles, ScenarioSummary, Summary};
pub use surgery::{Surgery, operate};
pub use watch::Watching;
