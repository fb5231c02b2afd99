//! The healthy configurations: what is trained when nothing is wrong.

use headwater_lab::{Config, DataConfig};

use crate::hash::hash;

/// A network and how it is trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Architecture {
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) activation: &'static str,
    /// More of `[network]`.
    network: &'static str,
    /// Optimizer, learning rate and batch.
    train: (&'static str, f64, usize),
    steps: u64,
}

const fn architecture(
    depth: usize,
    width: usize,
    activation: &'static str,
    network: &'static str,
    train: (&'static str, f64, usize),
    steps: u64,
) -> Architecture {
    Architecture { depth, width, activation, network, train, steps }
}

/// Architectures on which rules were fitted.
pub(crate) const FITTED: usize = 30;

const ADAM: &str = "adam(0.9, 0.999, 1e-8)";
const MOMENTUM: &str = "momentum(0.9)";

/// The first of them are those on which rules were fitted; the others were written when that was done.
pub(crate) const ARCHITECTURES: [Architecture; FITTED + 18] = [
    architecture(2, 64, "relu", "", (ADAM, 2e-3, 32), 500),
    architecture(2, 32, "relu", "", ("sgd", 0.1, 32), 700),
    architecture(3, 48, "relu", "", (MOMENTUM, 0.02, 32), 500),
    architecture(3, 16, "relu", "", (ADAM, 5e-3, 32), 600),
    architecture(5, 32, "relu", "", (ADAM, 2e-3, 32), 500),
    architecture(8, 32, "relu", "", (ADAM, 1e-3, 32), 600),
    architecture(12, 48, "relu", "", (ADAM, 1e-3, 32), 600),
    architecture(4, 96, "relu", "dropout = 0.1", (ADAM, 1e-3, 32), 500),
    architecture(8, 32, "relu", "norm = 'batch'", ("sgd", 0.1, 48), 500),
    architecture(20, 32, "relu", "norm = 'batch'", (ADAM, 2e-3, 48), 500),
    architecture(10, 32, "relu", "norm = 'layer'", (ADAM, 2e-3, 32), 600),
    architecture(17, 32, "relu", "residual = 'pre_scaled(2)'", (ADAM, 1e-3, 32), 500),
    architecture(29, 24, "relu", "residual = 'pre(2)'\nnorm = 'batch'", (MOMENTUM, 0.01, 48), 500),
    architecture(2, 64, "tanh", "", ("sgd", 0.1, 32), 600),
    architecture(4, 32, "tanh", "", (ADAM, 2e-3, 32), 500),
    architecture(8, 32, "tanh", "", (MOMENTUM, 0.01, 32), 600),
    architecture(12, 48, "tanh", "", (ADAM, 1e-3, 32), 500),
    architecture(6, 24, "tanh", "norm = 'batch'", (ADAM, 2e-3, 32), 500),
    architecture(2, 64, "sigmoid", "", (ADAM, 1e-2, 32), 800),
    architecture(3, 48, "sigmoid", "norm = 'batch'", (ADAM, 5e-3, 32), 600),
    architecture(6, 32, "leaky_relu(0.01)", "", (ADAM, 2e-3, 32), 500),
    architecture(10, 48, "leaky_relu(0.2)", "", (MOMENTUM, 0.005, 32), 600),
    architecture(15, 32, "leaky_relu(0.1)", "", (ADAM, 1e-3, 24), 600),
    architecture(6, 48, "elu", "", (ADAM, 1e-3, 32), 500),
    architecture(3, 64, "gelu", "", (ADAM, 2e-3, 32), 500),
    architecture(7, 32, "gelu", "norm = 'layer'", (ADAM, 2e-3, 32), 500),
    architecture(4, 48, "silu", "", ("rmsprop(0.9, 1e-7)", 1e-3, 32), 500),
    architecture(10, 32, "selu", "", (ADAM, 1e-3, 32), 500),
    architecture(3, 128, "relu", "dropout = 0.2", (MOMENTUM, 0.02, 32), 600),
    architecture(4, 32, "softsign", "", (ADAM, 3e-3, 24), 600),
    // Not fitted on.
    architecture(2, 96, "relu", "", (MOMENTUM, 0.01, 64), 400),
    architecture(4, 24, "relu", "", (ADAM, 3e-3, 48), 700),
    architecture(6, 64, "relu", "", (ADAM, 1e-3, 24), 500),
    architecture(7, 40, "relu", "", (MOMENTUM, 0.01, 32), 500),
    architecture(10, 32, "relu", "", (ADAM, 1e-3, 40), 800),
    architecture(3, 80, "relu", "dropout = 0.15", ("rmsprop(0.9, 1e-7)", 1e-3, 32), 600),
    architecture(14, 32, "relu", "norm = 'batch'", (ADAM, 1e-3, 64), 400),
    architecture(5, 48, "relu", "norm = 'layer'", (MOMENTUM, 0.02, 32), 500),
    architecture(21, 32, "relu", "residual = 'post_scaled(2)'", (ADAM, 1e-3, 32), 500),
    architecture(3, 40, "tanh", "", (MOMENTUM, 0.02, 48), 600),
    architecture(6, 48, "tanh", "", (ADAM, 1e-3, 24), 700),
    architecture(10, 64, "tanh", "", (ADAM, 5e-4, 32), 600),
    architecture(1, 96, "sigmoid", "", (ADAM, 5e-3, 32), 700),
    architecture(4, 32, "leaky_relu(0.1)", "", ("sgd", 0.05, 32), 800),
    architecture(9, 40, "leaky_relu(0.05)", "", (ADAM, 1e-3, 32), 500),
    architecture(5, 64, "gelu", "", (ADAM, 1e-3, 48), 600),
    architecture(8, 40, "elu", "", (MOMENTUM, 0.005, 32), 600),
    architecture(6, 40, "selu", "", ("sgd", 0.02, 32), 800),
];

impl Architecture {
    /// A folder's name.
    pub(crate) fn name(&self) -> String {
        let optimizer = self.train.0.split('(').next().unwrap_or_default();
        let words: String = self.network.chars().filter(char::is_ascii_alphanumeric).collect();
        let activation = self.activation.replace(['(', ')'], "");
        format!("{activation}-{}x{}-{words}-{optimizer}", self.depth, self.width).replace("--", "-")
    }

    pub(crate) fn rectifies(&self) -> bool {
        self.activation.contains("relu")
    }

    /// Whether its f' is 0 for half of all z, so that units can die.
    pub(crate) fn can_die(&self) -> bool {
        self.activation == "relu"
    }

    /// One layer after the other and nothing else that would carry a signal.
    pub(crate) fn is_plain(&self) -> bool {
        !self.network.contains("norm") && !self.network.contains("residual")
    }

    /// Its configuration. How often is recorded differs from run to run, as people's logs do.
    pub(crate) fn config(&self, data: &DataConfig, seed: u64) -> anyhow::Result<Config> {
        let Self { depth, width, activation, network, train: (optimizer, rate, batch), steps } = self;
        let init = match *activation {
            "sigmoid" | "tanh" | "softsign" => "glorot_uniform",
            "selu" => "lecun_normal",
            _ => "he_normal",
        };
        let record = match hash(&(self.name() + &seed.to_string())) % 4 {
            0 => "every = 10",
            1 => "every = 25",
            2 => "schedule = 'log(12)'",
            _ => "every = 20",
        };
        let text = format!(
            "[network]\ndepth = {depth}\nwidth = {width}\nactivation = '{activation}'\ninit = '{init}'\n{network}\n\
             [train]\noptimizer = '{optimizer}'\nlearning_rate = {rate:?}\nbatch_size = {batch}\nsteps = {steps}\n\
             seed = {seed}\n[record]\n{record}\n"
        );
        let mut config: Config = toml::from_str(&text)?;
        config.data = data.clone();
        Ok(config)
    }
}
