//! `headwater config`: prints the resolved experiment, and where each value comes from.

use std::process::ExitCode;

use clap::Args;
use headwater_lab::Resolved;

use crate::{environment, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater config                                          the experiment that `headwater train` takes
  headwater config mine.toml --set train.steps=500          what a file comes to under an override
  headwater config mine.toml > whole.toml                   a file with every key, which is the same experiment

Every key of a configuration can also be set by the environment: HEADWATER_TRAIN_STEPS=500.
Exit codes: 0 done, 2 it makes no experiment.")]
pub(crate) struct Arguments {
    /// A preset by name, or a configuration by path
    #[arg(value_name = "PRESET|CONFIG.toml", default_value = "vanishing")]
    experiment: String,
    /// Set a key of the configuration, or a key of `[sweep]`; can be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let resolved = Resolved::load(&arguments.experiment, &environment::overrides(&arguments.set)?)?;
    if arguments.json {
        output::json(&resolved.to_json())?;
    } else {
        output::line(resolved.to_toml().trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
