//! Experiments: configuration, scenarios, runner and manifest.
//!
//! An [`Experiment`] is read from a preset or a TOML file, with overrides on top. [`run`] trains every scenario with
//! every seed on all cores and records each as a folder of its own; what it returns is what a table or a program
//! wants to know of the runs.
//!
//! A configuration is loaded, trained into a folder, and its reports are read:
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
//! // Another thread may raise the flag to end the runs early; the closure sees what they do.
//! let results = run(&runner, &AtomicBool::new(false), &|_progress| ())?;
//!
//! for result in results {
//!     let report = result?;
//!     assert_eq!((report.status, report.steps), (Status::Done, 40));
//!     // How far the gradient falls from the last layer to the first, and where all of it is recorded.
//!     println!("{}: {:?}, in {}", report.run, report.attenuation, report.logdir.display());
//!     assert!(report.attenuation.is_some() && report.logdir.join("manifest.json").exists());
//! }
//! # Ok(())
//! # }
//! ```

mod as_text;
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
mod memory;
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
pub use runner::{Phase, Progress, RunError, Runner, run};
pub use summary::{Quantiles, ScenarioSummary, Summary};
pub use surgery::{Surgery, operate};
pub use watch::Watching;
