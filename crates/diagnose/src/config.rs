//! The configuration that a run recorded, as far as it bears on a diagnosis.

use std::collections::BTreeMap;

/// Keys with dots, and values as they are written in TOML.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Config {
    values: BTreeMap<String, String>,
}

impl Config {
    /// Reads a text in TOML, in a Markdown fence or not. Empty if it is something else.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        let inside = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
        // The fence's first line names the language.
        let text = inside.and_then(|inside| inside.split_once('\n')).map_or(text, |(_, inside)| inside);
        let mut config = Self::default();
        config.flatten("", text.parse().unwrap_or_default());
        config
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
        self.get(key)?.parse().ok()
    }

    /// Whether it is one of ours: only then do our keys mean anything.
    pub(crate) fn is_ours(&self) -> bool {
        self.get("network.activation").is_some()
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
            let names = |word: &str| !word.is_empty() && (layer == word || layer.starts_with(&format!("{word}.")));
            value == "true"
                || value.parse::<u64>().is_ok_and(|count| count > 0)
                || value.split(|c: char| !(c.is_alphanumeric() || "._/-".contains(c))).any(names)
        })
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
    }

    #[test]
    fn layers_are_frozen_by_name_or_by_a_word_that_names_none() {
        assert!(Config::read("freeze = [\"encoder\"]").freezes("encoder.layers.0"));
        assert!(!Config::read("freeze = [\"encoder\"]").freezes("decoder.0"));
        assert!(Config::read("[train]\nfreeze_backbone = true").freezes("layer1"));
        assert!(!Config::read("[train]\nfreeze_backbone = false").freezes("layer1"));
    }
}
