//! The configuration that a run recorded, as far as it bears on a diagnosis: ours, or hyperparameters of others by the
//! names that people give them.

use std::collections::BTreeMap;

/// Keys with dots, and values as they are written in TOML. Those of others stand under our keys as well, where they mean
/// the same.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Config {
    values: BTreeMap<String, String>,
    /// What was recorded while training, which stands in for what was not written down before.
    rate: Option<f64>,
    ours: bool,
}

/// Our keys, and the names that others give to the same: the last part of a name, in small letters, without underscores.
const NAMES: [(&str, &[&str]); 12] = [
    (
        "train.learning_rate",
        &["lr", "learningrate", "baselr", "initlr", "initiallr", "maxlr", "peaklr", "stepsize", "initiallearningrate"],
    ),
    ("train.batch_size", &["batchsize", "bs", "bsize", "trainbatchsize", "batch"]),
    ("train.optimizer", &["optimizer", "optim", "opt", "optimizername"]),
    ("train.weight_decay", &["weightdecay", "wd"]),
    ("train.clip_norm", &["gradclip", "clipgrad", "gradclipnorm", "clipnorm", "gradientclipval", "maxgradnorm"]),
    ("train.warmup", &["warmup", "warmupsteps", "numwarmupsteps"]),
    (
        "network.activation",
        &["activation", "act", "activationfn", "nonlinearity", "hiddenactivation", "hiddenact", "actfn"],
    ),
    (
        "network.init",
        &["init", "initializer", "initialization", "kernelinitializer", "kernelinit", "weightinit", "initmethod"],
    ),
    ("network.loss", &["loss", "lossfn", "lossfunction", "criterion"]),
    ("network.dropout", &["dropout", "dropoutrate", "pdrop"]),
    (
        "data.classes",
        &["numclasses", "nclasses", "nbclasses", "classes", "numlabels", "nlabels", "vocabsize", "nvocab"],
    ),
    ("network.norm", &["norm", "normalization", "batchnorm", "layernorm", "usebn", "usebatchnorm", "bn"]),
];

impl Config {
    /// Reads a text: TOML, in a Markdown fence or not; a Markdown table of two columns; or lines `name: value`. Empty if
    /// it is something else.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        let inside = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
        // The fence's first line names the language.
        let text = inside.and_then(|inside| inside.split_once('\n')).map_or(text, |(_, inside)| inside);
        let mut config = Self::default();
        match text.parse() {
            Ok(table) => return Self::of(table),
            Err(_) => text.lines().filter_map(pair).for_each(|(name, value)| config.add(name, value)),
        }
        config.settled()
    }

    /// Reads a table of tables.
    pub(crate) fn of(table: toml::Table) -> Self {
        let mut config = Self::default();
        config.flatten("", table);
        config.settled()
    }

    /// After all values were added.
    fn settled(mut self) -> Self {
        self.ours = self.values.contains_key("network.activation");
        // Older logs have the schedule of the learning rate under its old name.
        if let Some(schedule) = self.values.remove("train.decay").filter(|_| self.ours) {
            self.values.insert("train.lr_schedule".to_owned(), schedule);
        }
        self.translate();
        self
    }

    /// Adds hyperparameters of another program; what is known already stands.
    pub(crate) fn extend(&mut self, values: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in values {
            self.add(&name, &value);
        }
        self.translate();
    }

    fn add(&mut self, name: &str, value: &str) {
        self.values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }

    /// Puts under our keys what others call otherwise.
    fn translate(&mut self) {
        if self.ours {
            return;
        }
        for (key, names) in NAMES {
            let means_it = |name: &str| {
                let last = name.rsplit(['.', '/']).next().unwrap_or(name);
                let plain: String = last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
                names.contains(&&*plain)
            };
            // Of several the one whose name is shortest: "lr" before "scheduler/lr".
            let found = self.values.iter().filter(|(name, _)| means_it(name)).min_by_key(|(name, _)| name.len());
            let Some(value) = found.and_then(|(_, value)| translated(key, value)) else { continue };
            self.values.entry(key.to_owned()).or_insert(value);
        }
    }

    fn flatten(&mut self, prefix: &str, table: toml::Table) {
        for (key, value) in table {
            let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            match value {
                toml::Value::Table(table) => self.flatten(&key, table),
                toml::Value::String(text) => drop(self.values.insert(key, text)),
                other => drop(self.values.insert(key, other.to_string())),
            }
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// A number.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        let recorded = self.rate.filter(|_| key == "train.learning_rate");
        self.get(key).and_then(|value| value.parse().ok()).or(recorded)
    }

    /// Notes the learning rate that was recorded in training, the largest.
    pub(crate) fn recorded_rate(&mut self, rate: Option<f64>) {
        self.rate = rate;
    }

    /// Adds another: ours in place of what there is, those of others to it.
    pub(crate) fn add_all(&mut self, other: Self) {
        if other.ours {
            (self.values, self.ours) = (other.values, true);
        } else {
            self.extend(other.values);
        }
    }

    /// Whether it is one of ours: only then can our keys be set.
    pub(crate) fn is_ours(&self) -> bool {
        self.ours
    }

    /// The name of the activation, without its arguments.
    pub(crate) fn activation(&self) -> Option<&str> {
        self.get("network.activation").map(|text| text.split_once('(').map_or(text, |(name, _)| name))
    }

    /// Whether the configuration itself says that a layer is not to be trained.
    pub(crate) fn freezes(&self, layer: &str) -> bool {
        let says =
            |key: &str| key.to_ascii_lowercase().contains("freeze") || key.to_ascii_lowercase().contains("frozen");
        let values = self.values.iter().filter(|(key, _)| says(key)).map(|(_, value)| value);
        // "freeze_backbone = true" and "freeze = 2" do not say by name which layers they mean.
        values.into_iter().any(|value| {
            let names = |word: &str| {
                !word.is_empty()
                    && (layer == word
                        || layer.starts_with(&format!("{word}."))
                        || layer.starts_with(&format!("{word}/")))
            };
            value.eq_ignore_ascii_case("true")
                || value.parse::<f64>().is_ok_and(|count| count > 0.0)
                || value.split(|c: char| !(c.is_alphanumeric() || "._/-".contains(c))).any(names)
        })
    }
}

/// A row of a Markdown table of two columns, or a line `name: value` or `name = value`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let plain = |text: &'static str| move |c: char| c.is_whitespace() || text.contains(c);
    let (name, value) = match line.strip_prefix('|') {
        Some(row) => row.trim_end_matches('|').split_once('|')?,
        None => line.split_once([':', '='])?,
    };
    let (name, value) = (name.trim_matches(plain("*`-|\"'{,")), value.trim_matches(plain("*`|\"'},")));
    let is_name = |text: &str| !text.is_empty() && text.len() < 64 && !text.contains(' ');
    (is_name(name) && !value.is_empty() && !value.contains('|') && value.chars().any(char::is_alphanumeric))
        .then_some((name, value))
}

/// A value of another program under one of our keys; none if it says that there is no such thing.
fn translated(key: &str, value: &str) -> Option<String> {
    let plain: String = value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let nothing = ["none", "false", "no", "null", "0", "00", ""].contains(&&*plain);
    match key {
        "network.norm" | "network.dropout" | "train.clip_norm" | "train.warmup" | "train.weight_decay" if nothing => {
            None
        }
        "network.activation" => Some(
            match &*plain {
                "leakyrelu" => "leaky_relu",
                "logistic" | "sigm" => "sigmoid",
                "swish" => "silu",
                "linear" | "none" => "identity",
                other => other,
            }
            .to_owned(),
        ),
        "network.loss" if ["mse", "mseloss", "meansquarederror", "l2"].contains(&&*plain) => {
            Some("mean_squared_error".to_owned())
        }
        _ => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fenced_text_is_read_and_anything_else_is_no_configuration() {
        let config = Config::read("```toml\n[network]\nactivation = \"leaky_relu(0.2)\"\n[train]\nsteps = 5\n```\n");
        assert_eq!((config.activation(), config.number("train.steps")), (Some("leaky_relu"), Some(5.0)));
        assert!(config.is_ours());
        assert!(!Config::read("lr: 0.1").is_ours());
        let old = Config::read("[network]\nactivation = 'relu'\n[train]\ndecay = 'cosine(0)'");
        assert_eq!((old.get("train.lr_schedule"), old.get("train.decay")), (Some("cosine(0)"), None));
        assert_eq!(Config::read("The network learned well, at last."), Config::default());
    }

    #[test]
    fn layers_are_frozen_by_name_or_by_a_word_that_names_none() {
        assert!(Config::read("freeze = [\"encoder\"]").freezes("encoder.layers.0"));
        assert!(!Config::read("freeze = [\"encoder\"]").freezes("decoder.0"));
        assert!(Config::read("[train]\nfreeze_backbone = true").freezes("layer1"));
        assert!(!Config::read("[train]\nfreeze_backbone = false").freezes("layer1"));
    }

    #[test]
    fn what_others_call_otherwise_is_found_under_our_keys_and_is_not_ours() {
        for text in [
            "|param|value|\n|-|-|\n|learning_rate|3.0|\n|activation|ReLU|\n|loss|MSELoss|",
            "lr: 3.0\nactivation: ReLU\nloss: mse",
            "lr = 3.0\nactivation = 'ReLU'\ncriterion = 'mean_squared_error'",
            "{\n  \"optim/lr\": 3.0,\n  \"model/activation\": \"ReLU\",\n \"loss_fn\": \"MSELoss\"\n}",
        ] {
            let config = Config::read(text);
            assert_eq!(
                (config.number("train.learning_rate"), config.activation()),
                (Some(3.0), Some("relu")),
                "{text}"
            );
            assert_eq!(config.get("network.loss"), Some("mean_squared_error"));
            assert!(!config.is_ours());
        }
        let mut config = Config::default();
        config.extend([("batch_norm".to_owned(), "False".to_owned()), ("lr".to_owned(), "0.1".to_owned())]);
        assert_eq!((config.get("network.norm"), config.number("train.learning_rate")), (None, Some(0.1)));
    }
}
