//! Experiments: configuration, scenarios, runner and manifest.
//!
//! An [`Experiment`] is read from a preset or a TOML file, with overrides on top. [`run`] trains every scenario with
//! every seed on all cores and records each as a folder of its own; what it returns is what a table or a program
//! wants to know of the runs.
//!
//! Load a configuration, train it into a folder and read its reports:
//!
//! ```
//! use std::num::NonZero;
//! use std::sync::atomic::AtomicBool;
//!
//! use headwater_lab::{Experiment, Overrides, Runner, Status, Watching, run};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("two.toml");
//! std::fs::write(
//!     &file,
//!     r#"
//!         name = "two"
//!         data.source = "blobs"
//!         train.steps = 40
//!         [[scenario]]
//!         name = "sigmoid"
//!         network.activation = "sigmoid"
//!         [[scenario]]
//!         name = "relu"
//!         network.activation = "relu"
//!     "#,
//! )?;
//! let experiment = Experiment::load(&file.to_string_lossy(), &Overrides::default())?;
//!
//! let logdir = folder.path().join("runs");
//! let runner = Runner {
//!     experiment: &experiment,
//!     seeds: NonZero::<u32>::MIN,
//!     threads: None,
//!     logdir: &logdir,
//!     watching: Some(Watching::default()),
//! };
//! // Another thread may raise the flag to end the runs early. The closure receives their progress.
//! let results = run(&runner, &AtomicBool::new(false), &|_progress| ())?;
//!
//! for result in results {
//!     let report = result?;
//!     assert_eq!((report.status, report.steps), (Status::Done, 40));
//!     // How far the gradient falls from the last layer to the first, and the folder with the full record.
//!     println!("{}: {:?}, in {}", report.run, report.attenuation, report.logdir.display());
//!     assert!(report.attenuation.is_some() && report.logdir.join("manifest.json").exists());
//! }
//! # Ok(())
//! # }
//! ```

mod as_text;
mod chance;
mod config;
mod config_error;
mod data_config;
mod datasets;
mod detail;
mod evaluator;
mod experiment;
mod experiment_file;
mod factor;
mod forecast;
mod intervention;
mod keys;
mod kinds;
mod logdir;
mod manifest;
mod meanings;
mod means;
mod measures;
mod memory;
mod overrides;
mod pictures;
mod progress;
mod recorder;
mod reference;
mod report;
pub mod reproduce;
mod resolved;
mod run_error;
mod runner;
mod summary;
pub mod sweep;
mod template;
mod thread_cache;
mod training;
mod values;
mod watch;

pub use config::{Config, NetworkConfig, RecordConfig, TrainConfig};
pub use config_error::ConfigError;
pub use data_config::DataConfig;
pub use experiment::{Experiment, PRESETS, Scenario};
pub use experiment_file::schema;
pub use forecast::{Endless, Forecast, Remedy, Scales, forecasts};
pub use intervention::Intervention;
pub use keys::{Suggestion, nearest};
pub use logdir::{LogdirError, LogdirLock, create as create_logdir, fresh as fresh_logdir};
pub use manifest::{Manifest, Status};
pub use meanings::{Meaning, meanings};
pub use overrides::{Overrides, key_of_variable, misspelled_variable, variable};
pub use progress::{Phase, Progress};
pub use reference::{Key, Section, keys, sections};
pub use report::RunReport;
pub use resolved::Resolved;
pub use run_error::RunError;
pub use runner::{Runner, apply, run};
pub use summary::{Quantiles, ScenarioSummary, Summary};
pub use template::template;
pub use values::{NamedValue, values};
pub use watch::Watching;
