//! An experiment together with where each of its values comes from, and as a file that lists every key.

use std::collections::BTreeMap;

use serde_json::json;
use toml::{Table, Value};

use crate::config::Config;
use crate::config_error::ConfigError;
use crate::experiment::{Experiment, Scenario};
use crate::keys::KEYS;
use crate::overrides::{Forced, Overrides};
use crate::reference::{self, Key};
use crate::sweep;

/// An experiment together with where each of its values comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The experiment.
    pub experiment: Experiment,
    /// The file or the preset.
    source: String,
    /// For each scenario, where its values come from.
    origins: Vec<Origins>,
    /// The section `[sweep]` as written.
    pub(crate) sweep: Option<Value>,
    /// For each scenario, the values of the keys that have one.
    values: Vec<BTreeMap<&'static str, Value>>,
}

/// Where the values of a scenario come from.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Origins(BTreeMap<&'static str, Origin>);

#[derive(Debug, Clone, PartialEq)]
enum Origin {
    File,
    Scenario,
    /// A flag or a variable, as it was given.
    Override(String),
}

/// The value of a key that all scenarios share, or the fact that they differ.
pub(crate) enum Shared {
    Value(Option<Value>),
    Differs,
}

impl Origins {
    /// For a scenario's table on top of the file's, with the overrides on top of both.
    pub(crate) fn new(base: &Table, overlay: &Table, forced: &[Forced]) -> Self {
        let origin = |key: &'static str| {
            let (section, name) = key.split_once('.')?;
            let says = |table: &Table| table.get(section).is_some_and(|section| section.get(name).is_some());
            let forced = forced.iter().find(|forced| forced.is(section, name));
            let origin = match forced {
                Some(forced) => Origin::Override(forced.origin.clone()),
                None if says(overlay) => Origin::Scenario,
                None if says(base) => Origin::File,
                None => return None,
            };
            Some((key, origin))
        };
        Self(KEYS.iter().filter_map(|key| origin(key)).collect())
    }
}

impl Resolved {
    /// `source` is the file or the preset. `origins` has one entry per scenario.
    pub(crate) fn new(experiment: Experiment, source: &str, origins: Vec<Origins>, sweep: Option<Value>) -> Self {
        let values = experiment.scenarios.iter().map(|scenario| values(&scenario.config)).collect();
        Self { experiment, source: source.to_owned(), origins, sweep, values }
    }

    /// Reads a preset by name or a file by path, with `overrides` on top. Those of `sweep.*` change the section
    /// `[sweep]`.
    ///
    /// # Errors
    /// [`ConfigError`], which says what is wrong and where.
    pub fn load(name_or_path: &str, overrides: &Overrides) -> Result<Self, ConfigError> {
        let (of_sweep, of_config) = overrides.of_sweep();
        let mut resolved = Experiment::resolve(name_or_path, &of_config)?;
        for assignment in of_sweep {
            let bad = |message| ConfigError::Value { origin: format!("--set {assignment}"), message };
            let section = resolved.sweep.as_mut();
            let section = section.ok_or_else(|| bad(format!("{name_or_path} has no section [sweep]")))?;
            sweep::set(section, &assignment).map_err(bad)?;
        }
        resolved.hold();
        Ok(resolved)
    }

    /// Removes from the sweep every key that an override fixes at one value.
    fn hold(&mut self) {
        let Some(swept) = self.sweep.as_mut().and_then(|sweep| sweep.get_mut("keys")).and_then(Value::as_table_mut)
        else {
            return;
        };
        for key in KEYS.iter() {
            let origin = self.origins.iter().find_map(|origins| origins.0.get(key.as_str()));
            if let (Some(Origin::Override(_)), Some((section, name))) = (origin, key.split_once('.')) {
                swept.remove(key);
                if let Some(section) = swept.get_mut(section).and_then(Value::as_table_mut) {
                    section.remove(name);
                }
            }
        }
    }

    /// A file with every key, its value, and a comment that says where the value comes from. Reading it gives the same
    /// experiment.
    pub fn to_toml(&self) -> String {
        let mut text = format!("name = {}\n", Value::from(self.experiment.name.as_str()));
        let mut section = "";
        for key in configuration_keys() {
            let (of_key, name) = key.name.split_once('.').unwrap_or_default();
            if of_key != section {
                text.push_str(&format!("\n[{of_key}]\n"));
                section = of_key;
            }
            match self.shared(key) {
                Shared::Value(Some(value)) => {
                    text.push_str(&said(&format!("{name} = {}", written(key, &value)), &self.origin(key)));
                }
                Shared::Value(None) => {
                    let default = key.default_in_words().map_or_else(String::new, |default| format!(": {default}"));
                    text.push_str(&format!("# {name} is not set{default}\n"));
                }
                Shared::Differs => text.push_str(&format!("# {name} differs: see the scenarios\n")),
            }
        }
        for (index, scenario) in self.named_scenarios().iter().enumerate() {
            text.push_str(&format!("\n[[scenario]]\nname = {}\n", Value::from(scenario.name.as_str())));
            if let Some(published) = scenario.published {
                text.push_str(&format!("published = {}\n", Value::from(published)));
            }
            for (key, value) in self.own(index) {
                text.push_str(&said(&format!("{} = {}", key.name, written(key, &value)), &self.origin_in(index, key)));
            }
        }
        if let Some(sweep) = &self.sweep {
            let section = Table::from_iter([("sweep".to_owned(), sweep.clone())]);
            text.push_str(&format!("\n{section}"));
        }
        text
    }

    /// JSON for programs: for each scenario, every key with its value (null if it is not set) and where the value comes
    /// from.
    pub fn to_json(&self) -> serde_json::Value {
        let scenarios = self.experiment.scenarios.iter().enumerate().map(|(index, scenario)| {
            let keys = configuration_keys().map(|key| {
                let value = self.value(index, key).map(|value| match value {
                    // The shortest number that is the same in single precision.
                    Value::Float(number) if key.is_single => {
                        json!(written(key, &Value::from(number)).parse::<f64>().ok())
                    }
                    value => json!(value),
                });
                (key.name.clone(), json!({ "value": value, "from": self.origin_in(index, key) }))
            });
            let keys: serde_json::Map<_, _> = keys.collect();
            json!({ "name": scenario.name, "published": scenario.published, "keys": keys })
        });
        let scenarios: Vec<_> = scenarios.collect();
        json!({ "name": self.experiment.name, "source": self.source, "scenarios": scenarios, "sweep": self.sweep })
    }

    /// The value of a key, if all scenarios share it.
    pub(crate) fn shared(&self, key: &Key) -> Shared {
        let mut values = (0..self.values.len()).map(|scenario| self.value(scenario, key));
        let first = values.next().flatten();
        if values.all(|value| value == first) { Shared::Value(first) } else { Shared::Differs }
    }

    fn value(&self, scenario: usize, key: &Key) -> Option<Value> {
        self.values[scenario].get(key.name.as_str()).cloned()
    }

    /// Whether any scenario takes its value of a key from elsewhere than the default.
    pub(crate) fn is_given(&self, key: &Key) -> bool {
        self.origins.iter().any(|origins| origins.0.contains_key(key.name.as_str()))
    }

    /// The scenarios that a file has to name. Empty if the file itself is the only one.
    pub(crate) fn named_scenarios(&self) -> &[Scenario] {
        match &self.experiment.scenarios[..] {
            [Scenario { name, published: None, .. }] if *name == self.experiment.name => &[],
            scenarios => scenarios,
        }
    }

    /// The values of a scenario at the keys in which the scenarios differ.
    pub(crate) fn own(&self, scenario: usize) -> impl Iterator<Item = (&'static Key, Value)> {
        configuration_keys()
            .filter(|key| matches!(self.shared(key), Shared::Differs))
            .filter_map(move |key| Some((key, self.value(scenario, key)?)))
    }

    /// Where the value of a key that all scenarios share comes from, in words: each origin once, in the order of the
    /// scenarios.
    fn origin(&self, key: &Key) -> String {
        let mut origins: Vec<String> = Vec::new();
        for origin in (0..self.origins.len()).map(|scenario| self.origin_in(scenario, key)) {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins.join(", ")
    }

    /// Like [`Self::origin`], for one scenario.
    fn origin_in(&self, scenario: usize, key: &Key) -> String {
        match self.origins[scenario].0.get(key.name.as_str()) {
            // A key that the file sets but that has no value was replaced.
            Some(Origin::File | Origin::Scenario) if self.value(scenario, key).is_none() => "default".to_owned(),
            None => "default".to_owned(),
            Some(Origin::File) => self.source.clone(),
            Some(Origin::Scenario) => format!("{}, scenario", self.source),
            Some(Origin::Override(origin)) => origin.clone(),
        }
    }
}

/// The keys of a configuration, in the order of its sections.
pub(crate) fn configuration_keys() -> impl Iterator<Item = &'static Key> {
    reference::keys().iter().filter(|key| KEYS.contains(&key.name))
}

/// The values of the keys that have one. Leaves out `network.hidden` if `depth` or `width` replaces it.
fn values(config: &Config) -> BTreeMap<&'static str, Value> {
    let table = Table::try_from(config).unwrap_or_default();
    let is_replaced = config.network.depth.is_some() || config.network.width.is_some();
    let counts = |key: &&str| !(is_replaced && *key == "network.hidden");
    let value = |key: &'static str| {
        let (section, name) = key.split_once('.')?;
        Some((key, table.get(section)?.get(name)?.clone()))
    };
    KEYS.iter().map(String::as_str).filter(counts).filter_map(value).collect()
}

/// A value as written in a file.
pub(crate) fn written(key: &Key, value: &Value) -> String {
    match value {
        // In double precision it would have digits that nobody wrote.
        Value::Float(number) if key.is_single => format!("{:?}", *number as f32),
        value => value.to_string(),
    }
}

/// A line with its origin in a comment. Control characters are escaped, since an origin may quote anything.
fn said(line: &str, origin: &str) -> String {
    let origin: String = origin
        .chars()
        .flat_map(|character| match character {
            character if character.is_control() => character.escape_default().collect::<Vec<_>>(),
            character => vec![character],
        })
        .collect();
    format!("{line:<40} # {origin}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::PRESETS;
    use crate::overrides::tests::overrides;

    /// Writes an experiment to a file and reads it back.
    #[track_caller]
    fn read_again(resolved: &Resolved) -> Resolved {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again.toml");
        let text = resolved.to_toml();
        std::fs::write(&path, &text).unwrap();
        Resolved::load(path.to_str().unwrap(), &Overrides::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    fn file(text: &str, overrides: &Overrides) -> Resolved {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, text).unwrap();
        Resolved::load(path.to_str().unwrap(), overrides).unwrap()
    }

    #[test]
    fn what_is_written_is_the_same_experiment_when_it_is_read() {
        let texts = [
            "",
            "name = 'x'\ntrain.clip_norm = 0.1\ntrain.learning_rate = 1e-7\nrecord.schedule = 'at(0, 5)'\ndata.label = 'a b'",
            "network.depth = 3\n[[scenario]]\nname = 'a'\nnetwork.width = 7\n[[scenario]]\nname = 'b'\nnetwork.norm = 'layer'",
            "[[scenario]]\nname = 'flat'\nnetwork.hidden = [3, 4]\n[[scenario]]\nname = 'deep'\nnetwork.depth = 9",
            "[[scenario]]\nname = 'a'\nrecord.every = 7\n[[scenario]]\nname = 'b'\nrecord.schedule = 'log(3)'",
            "[[scenario]]\nname = 'only'\npublished = 2.5",
        ];
        let set = overrides(
            &[("HEADWATER_TRAIN_SEED", "3")],
            &["train.steps=7", "network.activation=elu", "train.clip_value=0.3"],
        );
        for overrides in [&Overrides::default(), &set] {
            for (name, _) in PRESETS {
                let resolved = Resolved::load(name, overrides).unwrap();
                assert_eq!(read_again(&resolved).experiment, resolved.experiment, "{name}");
            }
            for text in texts {
                let resolved = file(text, overrides);
                assert_eq!(read_again(&resolved).experiment, resolved.experiment, "{text}\n{}", resolved.to_toml());
            }
        }
    }

    #[test]
    fn every_value_has_its_origin() {
        let environment = [("HEADWATER_TRAIN_SEED", "3"), ("HEADWATER_NETWORK_INIT", "lsuv")];
        let overrides = overrides(&environment, &["train.steps=7", "network.init=he_normal"]);
        let text =
            "train.batch_size = 8\n[[scenario]]\nname = 'a'\nnetwork.activation = 'elu'\n[[scenario]]\nname = 'b'";
        let resolved = file(text, &overrides);
        let text = resolved.to_toml();
        let origin = |line: &str| {
            let line = text.lines().find(|found| found.starts_with(line)).unwrap_or_else(|| panic!("{line}: {text}"));
            line.split_once("# ").unwrap().1.to_owned()
        };
        assert_eq!(origin("steps = 7"), "--set train.steps=7");
        assert_eq!(origin("seed = 3"), "HEADWATER_TRAIN_SEED=3");
        assert_eq!(origin("init = \"he_normal\""), "--set network.init=he_normal");
        assert!(origin("batch_size = 8").ends_with("mine.toml"));
        assert_eq!(origin("learning_rate = 0.001"), "default");
        assert!(origin("network.activation = \"elu\"").ends_with("mine.toml, scenario"));
        assert_eq!(origin("network.activation = \"sigmoid\""), "default");
        let json = resolved.to_json();
        assert_eq!(json["scenarios"][0]["keys"]["train.steps"], json!({ "value": 7, "from": "--set train.steps=7" }));
        assert_eq!(json["scenarios"][1]["keys"]["train.clip_norm"], json!({ "value": null, "from": "default" }));
        let keys = json["scenarios"][1]["keys"].as_object().unwrap();
        assert_eq!(keys.keys().collect::<Vec<_>>().len(), KEYS.len());
    }

    #[test]
    fn an_origin_that_scenarios_share_is_said_once_wherever_they_stand() {
        let scenario = |name: &str, rest: &str| format!("[[scenario]]\nname = '{name}'\n{rest}\n");
        let rate = "train.learning_rate = 0.001";
        let text = scenario("a", rate) + &scenario("b", "") + &scenario("c", rate) + &scenario("d", "");
        let resolved = file(&text, &Overrides::default()).to_toml();
        let line = resolved.lines().find(|line| line.starts_with("learning_rate = 0.001")).unwrap();
        let origins: Vec<&str> = line.split_once("# ").unwrap().1.split(", ").collect();
        assert_eq!(origins.iter().filter(|origin| **origin == "default").count(), 1, "{line}");
        assert_eq!(origins.iter().filter(|origin| **origin == "scenario").count(), 1, "{line}");
    }

    #[test]
    fn what_an_override_replaced_is_not_said_to_be_the_files() {
        let resolved = file("record.every = 5", &overrides(&[], &["record.schedule=log(3)"]));
        let json = resolved.to_json();
        assert_eq!(json["scenarios"][0]["keys"]["record.every"], json!({ "value": null, "from": "default" }));
        let deep = file("network.depth = 3", &Overrides::default());
        assert!(deep.to_toml().contains("# hidden is not set"), "{}", deep.to_toml());
    }

    #[test]
    fn an_origin_that_holds_a_line_break_stays_in_its_comment() {
        let resolved = file("", &overrides(&[("HEADWATER_DATA_LABEL", "a\nb = 3\u{7f}")], &[]));
        assert_eq!(read_again(&resolved).experiment, resolved.experiment);
    }

    #[test]
    fn numbers_have_the_digits_that_were_given() {
        let resolved = file("train.clip_norm = 0.1", &Overrides::default());
        assert!(resolved.to_toml().contains("clip_norm = 0.1 "), "{}", resolved.to_toml());
        assert_eq!(resolved.to_json()["scenarios"][0]["keys"]["train.clip_norm"]["value"], json!(0.1));
    }

    #[test]
    fn a_sweep_keeps_its_section_under_its_own_overrides() {
        let text = "[sweep]\nmethod = 'random'\ntrials = 9\n[sweep.keys]\ntrain.learning_rate = { log = [1e-4, 1.0] }";
        let resolved = file(text, &overrides(&[], &["sweep.trials=4"]));
        let again = read_again(&resolved);
        assert_eq!((&again.sweep, &again.experiment), (&resolved.sweep, &resolved.experiment));
        assert_eq!(again.sweep.unwrap()["trials"], Value::from(4));
        let held = file(text, &overrides(&[], &["train.learning_rate=0.1"]));
        assert!(held.sweep.unwrap()["keys"]["train"].get("learning_rate").is_none());
        let none = Resolved::load("vanishing", &overrides(&[], &["sweep.trials=4"])).unwrap_err().to_string();
        assert!(none.contains("--set sweep.trials=4: vanishing has no section [sweep]"), "{none}");
    }
}
