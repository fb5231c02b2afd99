//! The configuration of one run: what is trained, on what, how, and what is recorded.

use headwater_nn::{Activation, Clip, Initialiser, LayerShape, Loss, LrSchedule, Norm, Optimizer, Residual, vanishes};
use headwater_probe::Schedule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DataConfig, as_text};

/// Seeds are counted up from `train.seed`, and written to TOML, whose integers end at 2^63.
const LARGEST_SEED: u64 = 1 << 62;

/// A depth beyond which a network is a slip of the keyboard: each layer has tags, workspace and records of its own.
const DEEPEST: usize = 100_000;

/// The configuration of one run. Every key has a default, which is the experiment's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The dataset.
    pub data: DataConfig,
    /// The network.
    pub network: NetworkConfig,
    /// How it is trained.
    pub train: TrainConfig,
    /// What is recorded.
    pub record: RecordConfig,
}

/// The network: dense layers in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Units of each hidden layer. The output layer has one unit for each class and no activation.
    #[schemars(inner(range(min = 1)))]
    pub hidden: Vec<usize>,
    /// Number of hidden layers of one width, instead of `hidden`. Default, if there is a `width`: 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 5)]
    pub depth: Option<usize>,
    /// Units of each hidden layer, instead of `hidden`. Default, if there is a `depth`: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 10)]
    pub width: Option<usize>,
    /// Activation of the hidden layers: `identity`, `sigmoid`, `tanh`, `relu`, `leaky_relu(slope)`, `elu`, `selu`, `gelu`,
    /// `silu`, `softplus`, `softsign` or `hard_tanh`.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub activation: Activation,
    /// Initialiser of the weights: `zeros`, `constant(value)`, `normal(std)`, `uniform(limit)`, `glorot_uniform`,
    /// `glorot_normal`, `he_uniform`, `he_normal`, `lecun_uniform`, `lecun_normal`, `orthogonal(gain)`, `lsuv` or
    /// `normal(sigma_w2 = 1.76, sigma_b2 = 0.05)` (weights of variance `sigma_w2` / fan-in, biases of variance `sigma_b2`).
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub init: Initialiser,
    /// Initialiser of the biases: `zeros`, `constant(value)`, `normal(std)` or `uniform(limit)`.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub bias_init: Initialiser,
    /// Normalisation before the activation of the hidden layers: `batch` or `layer`. Default: none.
    #[serde(with = "as_text::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = &"batch")]
    pub norm: Option<Norm>,
    /// Residual blocks of the hidden layers after the first: `post(2)` or `pre(2)` (with the activation after the sum or in
    /// the branch; layers in a block), `post_scaled`, `pre_scaled` (branches divided by the root of the number of
    /// blocks), `post_rezero`, `pre_rezero` (branches begin at 0). Default: none.
    #[serde(with = "as_text::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = &"post(2)")]
    pub residual: Option<Residual>,
    /// Probability with which an activation of a hidden layer is dropped in training. Default: none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.1)]
    pub dropout: Option<f64>,
    /// What is minimised: `softmax_cross_entropy`, or `mean_squared_error` against one-hot targets.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub loss: Loss,
}

/// How the network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Updates of the weights, one for each batch. One epoch is the number of training samples / `batch_size` steps.
    #[schemars(range(min = 1))]
    pub steps: u64,
    /// Samples in a batch, at most the training set. Each epoch is shuffled.
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// The rule that updates the weights: `sgd`, `momentum(0.9)`, `nesterov(0.9)`, `rmsprop(decay, epsilon)`,
    /// `adam(beta1, beta2, epsilon)` or `adamw(beta1, beta2, epsilon, weight_decay)`.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub optimizer: Optimizer,
    /// Learning rate of the optimizer, reached after `warmup`; `lr_schedule` changes it from there.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises to its value. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 100)]
    pub warmup: Option<u64>,
    /// How the learning rate changes after that: `constant`, `step(every, factor)` or `cosine(to)`. Default: constant.
    #[serde(with = "as_text::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = &"cosine(0)")]
    // Plans of sweeps keep its old name.
    #[serde(alias = "decay")]
    pub lr_schedule: Option<LrSchedule>,
    /// L2 penalty: gradient += `weight_decay` * parameter, after clipping. (`adamw` has a decay of its own.) Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 1e-4)]
    pub weight_decay: Option<f64>,
    /// Largest norm of the gradient of all parameters together. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 1.0)]
    pub clip_norm: Option<f32>,
    /// Largest absolute value of any element of the gradient. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 1.0)]
    pub clip_value: Option<f32>,
    /// Seed of the initial weights and of the order of the samples; with several seeds, the first of them.
    pub seed: u64,
}

/// What is recorded, and when. The first and the last step always are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordConfig {
    /// Steps between records. Default: 200, unless there is a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub every: Option<u64>,
    /// Another schedule, instead of `every`: `log(10)` for about ten steps in each decade, `at(0, 10, 500)` for chosen ones, or
    /// `every(200)`.
    #[serde(with = "as_text::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = &"log(10)")]
    pub schedule: Option<Schedule>,
    /// Whether the histograms of gradients, weights, pre-activations, activations and deltas are recorded.
    pub histograms: bool,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            hidden: vec![10; 5],
            depth: None,
            width: None,
            activation: Activation::Sigmoid,
            init: Initialiser::GlorotUniform,
            bias_init: Initialiser::Zeros,
            norm: None,
            residual: None,
            dropout: None,
            loss: Loss::SoftmaxCrossEntropy,
        }
    }
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            steps: 2500,
            batch_size: 30,
            optimizer: Optimizer::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
            learning_rate: 1e-3,
            warmup: None,
            lr_schedule: None,
            weight_decay: None,
            clip_norm: None,
            clip_value: None,
            seed: 0,
        }
    }
}

impl Default for RecordConfig {
    fn default() -> Self {
        Self { every: None, schedule: None, histograms: true }
    }
}

impl Config {
    /// What is wrong with the values, as "key: expected ..., found ...".
    pub(crate) fn fault(&self) -> Option<String> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let TrainConfig { steps, batch_size, learning_rate, clip_norm, clip_value, .. } = self.train;
        if steps == 0 {
            return Some("train.steps: expected at least 1, found 0".to_owned());
        }
        if batch_size == 0 {
            return Some("train.batch_size: expected at least 1, found 0".to_owned());
        }
        let smallest = format!("at least {:e}, the smallest number of single precision", f32::MIN_POSITIVE);
        if !positive(learning_rate) {
            return Some(format!("train.learning_rate: expected a positive number, found {learning_rate}"));
        }
        if learning_rate > f64::from(f32::MAX) {
            return Some(format!("train.learning_rate: expected at most {:e}, found {learning_rate:e}", f32::MAX));
        }
        if vanishes(learning_rate) {
            return Some(format!("train.learning_rate: expected {smallest}, found {learning_rate:e}"));
        }
        for (key, bound) in [("clip_norm", clip_norm), ("clip_value", clip_value)] {
            // Too small a bound was read as 0, or will count as such.
            if let Some(bound) = bound.filter(|bound| !bound.is_finite() || *bound < f32::MIN_POSITIVE) {
                return Some(format!("train.{key}: expected a positive number, {smallest}, found {bound:e}"));
            }
        }
        if let Some(decay) = self.train.weight_decay {
            if !(decay.is_finite() && decay >= 0.0) {
                return Some(format!("train.weight_decay: expected 0 or more, found {decay}"));
            }
            if vanishes(decay) {
                return Some(format!("train.weight_decay: expected 0 or {smallest}, found {decay:e}"));
            }
        }
        if self.network.norm == Some(Norm::Batch) && batch_size == 1 {
            return Some(
                "network.norm = \"batch\" needs train.batch_size of at least 2: one sample has no variance".to_owned(),
            );
        }
        if let Some(fault) = self.network.fault() {
            return Some(fault);
        }
        if self.train.seed > LARGEST_SEED {
            return Some(format!("train.seed: expected at most {LARGEST_SEED}, found {}", self.train.seed));
        }
        match (self.record.every, &self.record.schedule) {
            (Some(0), _) => Some("record.every: expected at least 1, found 0".to_owned()),
            (Some(every), Some(schedule)) => Some(format!(
                "record.every = {every} and record.schedule = \"{schedule}\" are two answers to one question; keep one"
            )),
            _ => None,
        }
    }
}

impl NetworkConfig {
    /// What is wrong with the values.
    fn fault(&self) -> Option<String> {
        if (self.depth.is_some() || self.width.is_some()) && self.hidden != Self::default().hidden {
            return Some(
                "network.hidden and network.depth or network.width are two answers to one question; keep one"
                    .to_owned(),
            );
        }
        if let Some(depth) = self.depth.filter(|depth| *depth > DEEPEST) {
            return Some(format!("network.depth: expected at most {DEEPEST} layers, found {depth}"));
        }
        if let Some(index) = self.widths().iter().position(|units| *units == 0) {
            let key = if self.width.is_some() { "width" } else { "hidden" };
            return Some(format!("network.{key}: layer{} has no units; expected at least 1", index + 1));
        }
        let widths = self.widths();
        if self.norm == Some(Norm::Layer) && widths.contains(&1) {
            return Some(
                "network.norm = \"layer\" needs layers of at least 2 units: one unit has no variance".to_owned(),
            );
        }
        if let Some(residual) = self.residual.filter(|residual| residual.skips(&widths).iter().all(Option::is_none)) {
            return Some(format!(
                "network.residual = \"{residual}\" joins no layers: a block is {} hidden layers of one width after the first, \
                 and the widths are {widths:?}",
                residual.block
            ));
        }
        if let Some(dropout) = self.dropout.filter(|dropout| !(0.0..1.0).contains(dropout)) {
            return Some(format!("network.dropout: expected a probability of at least 0 and below 1, found {dropout}"));
        }
        if let Some(dropout) = self.dropout.filter(|dropout| vanishes(*dropout)) {
            let smallest = f32::MIN_POSITIVE;
            return Some(format!("network.dropout: expected 0 or at least {smallest:e}, found {dropout:e}"));
        }
        if self.init.own_bias().is_some() && self.bias_init != Initialiser::Zeros {
            return Some(format!(
                "network.init = \"{}\" draws the biases too, and network.bias_init = \"{}\" is a second answer; keep one",
                self.init, self.bias_init
            ));
        }
        let bias = self.bias_init;
        (bias.needs_fans()).then(|| {
            format!(
                "network.bias_init: {bias} goes by fan-in or fan-out, and biases have neither; expected zeros, \
                 constant(value), normal(std) or uniform(limit)"
            )
        })
    }

    /// Units of each hidden layer.
    pub fn widths(&self) -> Vec<usize> {
        match (self.depth, self.width) {
            (None, None) => self.hidden.clone(),
            (depth, width) => vec![width.unwrap_or(10); depth.unwrap_or(5)],
        }
    }

    /// The layers, hidden and output.
    pub(crate) fn shapes(&self, classes: usize) -> Vec<LayerShape> {
        let widths = self.widths();
        let skips = self.residual.map_or_else(|| vec![None; widths.len()], |residual| residual.skips(&widths));
        let hidden = widths.iter().zip(skips).map(|(&outputs, skip)| LayerShape {
            norm: self.norm,
            skip,
            dropout: self.dropout.unwrap_or(0.0),
            ..LayerShape::new(outputs, self.activation)
        });
        let output = LayerShape::new(classes, Activation::Identity);
        hidden.chain([output]).collect()
    }
}

impl TrainConfig {
    /// The learning rate at a step, from 0.
    pub(crate) fn learning_rate_at(&self, step: u64) -> f64 {
        let schedule = self.lr_schedule.unwrap_or_default();
        self.learning_rate * schedule.factor(step, self.steps, self.warmup.unwrap_or(0))
    }

    pub(crate) fn clip(&self) -> Clip {
        Clip { norm: self.clip_norm, value: self.clip_value }
    }
}

impl RecordConfig {
    pub(crate) fn schedule(&self) -> Schedule {
        self.schedule.clone().unwrap_or(Schedule::Every(self.every.unwrap_or(200)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_survives_being_written_and_read() {
        let mut config = Config::default();
        config.record.schedule = Some(Schedule::Log(10));
        config.train.clip_norm = Some(1.5);
        config.network.residual = "pre(1)".parse().ok();
        config.network.norm = Some(Norm::Layer);
        config.train.lr_schedule = Some(LrSchedule::Cosine { to: 0.1 });
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config, "{text}");
    }

    #[test]
    fn depth_and_width_stand_for_a_list_of_equal_layers() {
        let widths = |depth, width| NetworkConfig { depth, width, ..NetworkConfig::default() }.widths();
        assert_eq!(widths(None, None), [10; 5]);
        assert_eq!(widths(Some(3), Some(7)), [7; 3]);
        assert_eq!(widths(None, Some(7)), [7; 5]);
        assert_eq!(widths(Some(2), None), [10; 2]);
    }

    #[test]
    fn no_argument_of_a_value_is_so_small_that_it_counts_as_0() {
        for text in [
            "network.activation = 'leaky_relu(1e-50)'",
            "network.init = 'normal(1e-39)'",
            "network.init = 'orthogonal(1e-50)'",
            "network.bias_init = 'constant(-1e-50)'",
            "train.optimizer = 'adam(0.9, 0.999, 1e-50)'",
            "train.optimizer = 'adamw(weight_decay = 1e-50)'",
        ] {
            let error = toml::from_str::<Config>(text).unwrap_err().to_string();
            assert!(error.contains("1.1754944e-38"), "{text}: {error}");
        }
    }

    #[test]
    fn values_without_meaning_are_named() {
        let fault = |change: fn(&mut Config)| {
            let mut config = Config::default();
            change(&mut config);
            config.fault().unwrap_or_default()
        };
        assert_eq!(Config::default().fault(), None);
        assert!(fault(|c| c.network.hidden[2] = 0).starts_with("network.hidden: layer3"));
        assert!(fault(|c| c.train.steps = 0).starts_with("train.steps"));
        assert!(fault(|c| c.train.batch_size = 0).starts_with("train.batch_size"));
        assert!(fault(|c| c.train.learning_rate = f64::NAN).starts_with("train.learning_rate"));
        assert!(fault(|c| c.train.learning_rate = 1e39).starts_with("train.learning_rate"));
        assert!(fault(|c| c.train.clip_value = Some(-1.0)).starts_with("train.clip_value"));
        assert!(fault(|c| c.network.bias_init = Initialiser::HeNormal).starts_with("network.bias_init"));
        assert!(fault(|c| c.network.dropout = Some(1.0)).starts_with("network.dropout"));
        assert!(fault(|c| c.network.width = Some(0)).starts_with("network.width"));
        assert!(fault(|c| (c.network.norm, c.network.width) = (Some(Norm::Layer), Some(1))).contains("no variance"));
        assert!(fault(|c| c.network.residual = "post(7)".parse().ok()).contains("joins no layers"));
        assert!(fault(|c| (c.network.norm, c.train.batch_size) = (Some(Norm::Batch), 1)).contains("no variance"));
        assert!(fault(|c| (c.network.hidden, c.network.depth) = (vec![3], Some(4))).contains("keep one"));
        assert!(fault(|c| c.network.depth = Some(usize::MAX)).contains("at most 100000 layers"));
        let two = fault(|c| {
            c.network.init = Initialiser::Scaled { sigma_w2: 1.0, sigma_b2: 0.05 };
            c.network.bias_init = Initialiser::Constant(1.0);
        });
        assert!(two.contains("keep one"), "{two}");
        assert!(fault(|c| c.train.weight_decay = Some(-0.1)).starts_with("train.weight_decay"));
        assert!(fault(|c| c.record.every = Some(0)).starts_with("record.every"));
        let tiny = [
            ("train.learning_rate", fault(|c| c.train.learning_rate = 1e-50)),
            ("train.weight_decay", fault(|c| c.train.weight_decay = Some(1e-50))),
            ("train.clip_norm", fault(|c| c.train.clip_norm = Some(1e-40))),
            ("train.clip_value", fault(|c| c.train.clip_value = Some(0.0))),
            ("network.dropout", fault(|c| c.network.dropout = Some(1e-50))),
        ];
        for (key, fault) in tiny {
            assert!(fault.starts_with(key) && fault.contains("1.1754944e-38"), "{key}: {fault}");
        }
        let both = fault(|c| c.record = RecordConfig { every: Some(5), schedule: Some(Schedule::Log(3)), ..c.record });
        assert!(both.contains("keep one"));
    }
}
