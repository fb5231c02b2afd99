//! Experiments: configuration, scenarios, runner and manifest.
//!
//! An [`Experiment`] is read from a preset or a TOML file, with overrides on top. [`run`] trains every scenario with
//! every seed on all cores and records each as a folder of its own; what it returns is what a table or a program
//! wants to know of the runs.

mod as_text;
mod chance;
mod config;
mod config_error;
mod data_config;
mod detail;
mod evaluator;
mod experiment;
mod experiment_file;
mod factor;
mod forecast;
mod keys;
mod kinds;
mod logdir;
mod manifest;
mod meanings;
mod means;
mod measures;
mod overrides;
mod pictures;
mod recorder;
mod reference;
mod report;
pub mod reproduce;
mod resolved;
mod room;
mod runner;
mod summary;
mod surgery;
pub mod sweep;
mod template;
mod training;
mod values;
mod watch;

pub use config::{Config, NetworkConfig, RecordConfig, TrainConfig};
pub use config_error::ConfigError;
pub use data_config::DataConfig;
pub use experiment::{Experiment, PRESETS, Scenario};
pub use experiment_file::schema;
pub use factor::fold;
pub use forecast::{Endless, Forecast, Remedy, Scales, forecasts};
pub use keys::{Suggestion, nearest};
pub use logdir::{LogdirError, LogdirLock, create as create_logdir, fresh as fresh_logdir};
pub use manifest::{Manifest, Status};
pub use meanings::{Meaning, meanings};
pub use overrides::{Overrides, key_of_variable, misspelled_variable, variable};
pub use reference::{Key, Section, keys, sections};
pub use report::RunReport;
pub use resolved::Resolved;
pub use runner::{Progress, RunError, Runner, run};
pub use summary::{Quantiles, ScenarioSummary, Summary};
pub use surgery::{Surgery, operate};
pub use template::template;
pub use values::{NamedValue, values};
pub use watch::Watching;
