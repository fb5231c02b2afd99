//! What is laid over a file: environment variables and `--set`, as values that win over everything else.

use serde::Deserialize;
use toml::{Table, Value};

use crate::config::Config;
use crate::experiment::ConfigError;
use crate::keys;
use crate::kinds::plainly;

/// What is laid over a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// Environment variables; those that are `HEADWATER_` and a key in capitals (`HEADWATER_TRAIN_STEPS`) count.
    pub environment: Vec<(String, String)>,
    /// `KEY=VALUE`, later ones over earlier ones.
    pub set: Vec<String>,
}

/// A value that is laid over everything else.
pub(crate) struct Forced {
    pub(crate) section: String,
    key: String,
    value: Value,
}

impl Forced {
    pub(crate) fn is_in(&self, table: &Table) -> bool {
        table.get(&self.section).and_then(Value::as_table).is_some_and(|section| section.contains_key(&self.key))
    }

    pub(crate) fn is(&self, section: &str, key: &str) -> bool {
        self.section == section && self.key == key
    }

    /// As a part of a scenario's name: an activation speaks for itself, other values with their key.
    pub(crate) fn as_name(&self) -> String {
        let value = self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned);
        let name = if self.is("network", "activation") { value } else { format!("{}={value}", self.key) };
        name.replace(['/', '\\', '\0'], "_")
    }

    pub(crate) fn to_table(&self) -> Table {
        let section = Table::from_iter([(self.key.clone(), self.value.clone())]);
        Table::from_iter([(self.section.clone(), Value::Table(section))])
    }

    /// Checks the key and the type of a value; `origin` is what errors call it.
    fn new(key: &str, text: &str, origin: &str) -> Result<Self, ConfigError> {
        let known = keys::KEYS.iter().find(|known| *known == key).and_then(|known| known.split_once('.'));
        let Some((section, name)) = known else {
            return Err(ConfigError::UnknownKey {
                origin: origin.to_owned(),
                key: key.to_owned(),
                nearest: keys::nearest(key, keys::KEYS.iter().map(String::as_str)).map(str::to_owned),
            });
        };
        // What is no TOML value is text: activations and paths need no quotation marks.
        let parsed =
            toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
        let value = parsed.unwrap_or_else(|| Value::String(text.to_owned()));
        let forced = |value| Self { section: section.to_owned(), key: name.to_owned(), value };
        let check = |value: Value| Config::deserialize(forced(value).to_table());
        // `train.learning_rate=1` is meant as a number, and a name may look like one.
        let alternatives = [
            Some(value.clone()),
            value.as_integer().map(|whole| Value::Float(whole as f64)),
            Some(Value::String(text.to_owned())),
        ];
        alternatives.into_iter().flatten().find(|value| check(value.clone()).is_ok()).map(forced).ok_or_else(|| {
            ConfigError::Value {
                origin: origin.to_owned(),
                message: check(value).err().map_or_else(String::new, |error| plainly(error.message())),
            }
        })
    }
}

/// The environment variable that sets a key.
fn variable(key: &str) -> String {
    format!("HEADWATER_{}", key.replace('.', "_").to_uppercase())
}

/// The variable that was probably meant by one that begins as ours do and sets no key.
pub fn misspelled_variable(name: &str) -> Option<String> {
    if !name.starts_with("HEADWATER_") {
        return None;
    }
    let known: Vec<String> = keys::KEYS.iter().map(|key| variable(key)).collect();
    let nearest = keys::nearest(name, known.iter().map(String::as_str))?;
    (nearest != name).then(|| nearest.to_owned())
}

pub(crate) fn forced(overrides: &Overrides) -> Result<Vec<Forced>, ConfigError> {
    let from_environment = overrides.environment.iter().filter_map(|(name, value)| {
        let key = keys::KEYS.iter().find(|key| variable(key) == *name)?;
        Some(Forced::new(key, value, &format!("{name}={value}")))
    });
    let from_flags = overrides.set.iter().map(|assignment| {
        let origin = format!("--set {assignment}");
        match assignment.split_once('=') {
            Some((key, value)) => Forced::new(key.trim(), value.trim(), &origin),
            None => Err(ConfigError::Value { origin, message: "expected KEY=VALUE".to_owned() }),
        }
    });
    from_environment.chain(from_flags).collect()
}

/// Lays `overlay` over `base`, key by key.
pub(crate) fn merge(base: &mut Table, overlay: Table) {
    // An interval and a schedule are two answers to one question: the later one replaces the earlier.
    if let (Some(Value::Table(old)), Some(Value::Table(new))) = (base.get_mut("record"), overlay.get("record")) {
        for (given, replaced) in [("every", "schedule"), ("schedule", "every")] {
            if new.contains_key(given) {
                old.remove(replaced);
            }
        }
    }
    for (key, value) in overlay {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(overlay)) => base.extend(overlay),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
