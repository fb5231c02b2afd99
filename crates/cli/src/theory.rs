//! `headwater theory`: what theory expects of a network before its first step.

mod factor;
mod json;
mod sheet;
mod words;

use std::process::ExitCode;

use clap::Args;
use headwater_lab::Experiment;

use crate::{exit, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater theory                                             the experiment: sigmoid, ReLU, Leaky ReLU on MNIST
  headwater theory --set network.activation=tanh               one scenario with another activation
  headwater theory --set network.depth=1000 --set network.width=100 --set network.init='normal(sigma_w2 = 1.76, sigma_b2 = 0.05)'

Every key of a configuration can also be set by the environment: HEADWATER_NETWORK_INIT=he_normal.
Exit codes: 0 done, 1 theory has no answer for some scenario, 2 usage error.")]
pub(crate) struct Arguments {
    /// A preset by name, or a configuration by path
    #[arg(value_name = "PRESET|CONFIG.toml", default_value = "vanishing")]
    experiment: String,
    /// Set a key of the configuration; can be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print one JSON object for each scenario
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let experiment = Experiment::load(&arguments.experiment, &crate::environment::overrides(&arguments.set)?)?;
    crate::data::announce(&experiment);
    let forecasts = headwater_lab::forecasts(&experiment)?;
    let mut silent = false;
    for (index, (scenario, forecast)) in experiment.scenarios.iter().zip(&forecasts).enumerate() {
        silent |= forecast.is_err();
        if arguments.json {
            output::json(&json::scenario(scenario, forecast))?;
            continue;
        }
        let network = &scenario.config.network;
        let between = if index == 0 { "" } else { "\n" };
        output::line(&format!("{between}{}: {}, {}", scenario.name, network.activation, network.init))?;
        match forecast {
            Ok(forecast) => output::line(&sheet::text(scenario, forecast))?,
            Err(error) => output::line(&format!("No answer: {error}."))?,
        }
    }
    Ok(if silent { ExitCode::from(exit::FAILURE) } else { ExitCode::SUCCESS })
}
