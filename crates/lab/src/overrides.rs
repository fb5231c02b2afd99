//! What is laid over a file: environment variables and `--set`, as values that win over everything else.

use serde::Deserialize;
use toml::{Table, Value};

use crate::config::Config;
use crate::config_error::ConfigError;
use crate::keys::{self, KEYS};
use crate::kinds::plainly;

/// Prefix of the environment variables that set keys.
const PREFIX: &str = "HEADWATER_";

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
    /// The flag or the variable.
    pub(crate) origin: String,
}

impl Forced {
    /// Whether a table already sets what this override sets.
    pub(crate) fn is_in(&self, table: &Table) -> bool {
        let section = table.get(&self.section).and_then(Value::as_table);
        section.into_iter().flatten().any(|(key, _)| {
            answer_one_question(&format!("{}.{key}", self.section), &format!("{}.{}", self.section, self.key))
        })
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
        let known = KEYS.iter().find(|known| *known == key).and_then(|known| known.split_once('.'));
        let Some((section, name)) = known else {
            return Err(ConfigError::UnknownKey {
                origin: origin.to_owned(),
                key: key.to_owned(),
                suggestion: keys::suggest(key, KEYS.iter().map(String::as_str)),
            });
        };
        // What is no TOML value is text: activations and paths need no quotation marks.
        let parsed =
            toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
        let value = parsed.unwrap_or_else(|| Value::String(text.to_owned()));
        let forced =
            |value| Self { section: section.to_owned(), key: name.to_owned(), value, origin: origin.to_owned() };
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

/// Whether two keys set the same thing, so that the later one wins: the same key twice, or an interval and a schedule.
fn answer_one_question(one: &str, other: &str) -> bool {
    let of_records = |key: &str| ["record.every", "record.schedule"].contains(&key);
    one == other || of_records(one) && of_records(other)
}

impl Overrides {
    /// One message for each override that has no effect because a later one sets the same thing.
    pub fn warnings(&self) -> Vec<String> {
        let all: Vec<(&str, &str, String)> = self.assignments().collect();
        let beaten = |(index, (key, value, origin)): (usize, &(&str, &str, String))| {
            let (winner, winning, by) = all[index + 1..].iter().rfind(|(other, ..)| answer_one_question(key, other))?;
            // Repeating the same value needs no warning.
            ((winner, winning) != (key, value)).then(|| format!("{origin} has no effect, because {by} wins over it"))
        };
        all.iter().enumerate().filter_map(beaten).collect()
    }

    /// Splits the overrides: the `--set` of keys in the section `[sweep]`, and everything else.
    pub(crate) fn of_sweep(&self) -> (Vec<String>, Self) {
        let of_sweep = |assignment: &String| assignment.trim_start().starts_with("sweep.");
        let (of_sweep, set) = self.set.iter().cloned().partition(of_sweep);
        (of_sweep, Self { environment: self.environment.clone(), set })
    }

    /// The key and value of each override, and its name in errors. The last one wins. A flag without a value is not
    /// included.
    fn assignments(&self) -> impl Iterator<Item = (&str, &str, String)> {
        let from_environment = self
            .environment
            .iter()
            .filter_map(|(name, value)| Some((key_of_variable(name)?, value.as_str(), format!("{name}={value}"))));
        let from_flags = self.set.iter().filter_map(|assignment| {
            let (key, value) = assignment.split_once('=')?;
            Some((key.trim(), value.trim(), format!("--set {assignment}")))
        });
        from_environment.chain(from_flags)
    }
}

/// The environment variable that sets a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// The key that an environment variable sets, or None.
pub fn key_of_variable(name: &str) -> Option<&'static str> {
    KEYS.iter().find(|key| variable(key) == name).map(String::as_str)
}

/// The variable that was probably meant by one that begins as ours do and sets no key.
pub fn misspelled_variable(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let rest = name.strip_prefix(&PREFIX.to_lowercase())?;
    // The section is the part before the first underscore, if a section of that name exists.
    let key = match rest.split_once('_') {
        Some((section, key)) if KEYS.iter().any(|known| known.split_once('.').is_some_and(|(s, _)| s == section)) => {
            format!("{section}.{key}")
        }
        _ => rest.to_owned(),
    };
    keys::suggest(&key, KEYS.iter().map(String::as_str))
        .filter(|suggestion| !suggestion.name.starts_with("--"))
        .map(|suggestion| variable(&suggestion.name))
}

pub(crate) fn forced(overrides: &Overrides) -> Result<Vec<Forced>, ConfigError> {
    if let Some(assignment) = overrides.set.iter().find(|assignment| !assignment.contains('=')) {
        let origin = format!("--set {assignment}");
        return Err(ConfigError::Value { origin, message: "expected KEY=VALUE".to_owned() });
    }
    let all: Vec<_> = overrides.assignments().collect();
    let is_beaten = |(index, (key, ..)): &(usize, &(&str, &str, String))| {
        all[index + 1..].iter().any(|(other, ..)| answer_one_question(key, other))
    };
    // Overrides that have no effect must be valid, too.
    let forced = all.iter().map(|(key, value, origin)| Forced::new(key, value, origin));
    let forced = forced.collect::<Result<Vec<_>, _>>()?;
    let stands: Vec<bool> = all.iter().enumerate().map(|assignment| !is_beaten(&assignment)).collect();
    Ok(forced.into_iter().zip(stands).filter_map(|(forced, stands)| stands.then_some(forced)).collect())
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Overrides for a test.
    pub(crate) fn overrides(environment: &[(&str, &str)], set: &[&str]) -> Overrides {
        Overrides {
            environment: environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            set: set.iter().map(|&assignment| assignment.to_owned()).collect(),
        }
    }

    fn standing(overrides: &Overrides) -> Vec<String> {
        forced(overrides).unwrap().iter().map(Forced::as_name).collect()
    }

    #[test]
    fn the_last_answer_to_a_question_stands_alone_and_the_others_are_told() {
        let twice = overrides(&[], &["network.activation=tanh", "train.steps=3", "network.activation = relu"]);
        assert_eq!(standing(&twice), ["steps=3", "relu"]);
        assert_eq!(
            twice.warnings(),
            ["--set network.activation=tanh has no effect, because --set network.activation = relu wins over it"]
        );
        let both = overrides(&[("HEADWATER_NETWORK_INIT", "he_normal")], &["network.init=lsuv"]);
        assert_eq!(standing(&both), ["init=lsuv"]);
        assert_eq!(
            both.warnings(),
            ["HEADWATER_NETWORK_INIT=he_normal has no effect, because --set network.init=lsuv wins over it"]
        );
        let schedules = overrides(&[], &["record.every=5", "record.schedule=log(3)"]);
        assert_eq!(standing(&schedules), ["schedule=log(3)"]);
        assert_eq!(schedules.warnings().len(), 1);
        let thrice = overrides(&[], &["train.steps=1", "train.steps=2", "train.steps=3"]);
        assert_eq!(thrice.warnings().len(), 2);
        assert!(thrice.warnings().iter().all(|warning| warning.contains("train.steps=3 wins")));
    }

    #[test]
    fn different_questions_and_the_same_answer_need_no_warning() {
        assert_eq!(overrides(&[], &["network.depth=3", "network.width=4"]).warnings(), [""; 0]);
        assert_eq!(overrides(&[], &["train.steps=3", "train.steps=3"]).warnings(), [""; 0]);
        assert_eq!(overrides(&[("HOME", "/")], &["train.steps"]).warnings(), [""; 0]);
    }

    #[test]
    fn what_is_beaten_has_to_be_right_all_the_same() {
        let error = forced(&overrides(&[], &["train.steps=x", "train.steps=3"])).err().unwrap().to_string();
        assert!(error.contains("train.steps=x"), "{error}");
    }

    #[test]
    fn a_misspelled_variable_finds_its_neighbour() {
        for (name, variable) in [
            ("HEADWATER_TRAIN_STPS", Some("HEADWATER_TRAIN_STEPS")),
            ("HEADWATER_STEPS", Some("HEADWATER_TRAIN_STEPS")),
            ("HEADWATER_TRAIN_LR", Some("HEADWATER_TRAIN_LEARNING_RATE")),
            ("headwater_train_batch_size", Some("HEADWATER_TRAIN_BATCH_SIZE")),
            ("HEADWATER_ZEBRA", None),
            ("HOME", None),
        ] {
            assert_eq!(misspelled_variable(name).as_deref(), variable, "{name}");
        }
    }
}
