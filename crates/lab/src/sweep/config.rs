//! The section `[sweep]` of an experiment's file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::axis::{Axis, Range};
use crate::detail::Detail;
use crate::keys::{self, advice};
use crate::kinds::plainly;

/// More runs than these would fill a disk before anyone has looked at one.
pub(crate) const MOST_RUNS: usize = 100_000;
/// Keys of the section.
const NAMES: [&str; 7] = ["method", "trials", "seed", "seeds", "objective", "record", "keys"];

/// How the trials are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every combination of the keys' values.
    #[default]
    Grid,
    /// Each key's value drawn on its own.
    Random,
    /// Drawn so that each key's range is covered evenly.
    LatinHypercube,
}

/// What makes one trial better than another: the larger one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Accuracy on the validation data after the last step.
    #[default]
    ValidationAccuracy,
    /// Accuracy on the test data after the last step.
    TestAccuracy,
    /// Mean accuracy of the last 200 training batches.
    #[serde(rename = "train_accuracy_last_200")]
    TrainAccuracy,
}

/// A sweep: which keys take which values. `headwater sweep` trains every trial; `headwater train` takes no notice of it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SweepConfig {
    /// How the trials are chosen: `grid` (every combination), `random` or `latin_hypercube` (`trials` draws).
    pub(crate) method: Method,
    /// How many trials are drawn, for each scenario. A grid has as many as there are combinations.
    #[schemars(range(min = 1))]
    pub(crate) trials: Option<usize>,
    /// Decides what is drawn.
    pub(crate) seed: u64,
    /// Runs of each trial, with seeds from `train.seed` on.
    #[schemars(range(min = 1))]
    pub(crate) seeds: u32,
    /// What the best trial has most of: the median over its seeds.
    pub(crate) objective: Objective,
    /// What is recorded of each run: `results` (hyperparameters and results, one small file), `scalars` (all but histograms and
    /// pictures, at the steps that `[record]` says) or `all`.
    pub(crate) record: Detail,
    /// What is tried: keys of the configuration, such as `train.learning_rate`, each with its choices, `[a, b, c]`, or its
    /// range: `{ uniform = [0, 1] }`, `{ log = [1e-4, 1] }` or `{ integers = [1, 9] }`. A grid takes all integers, and `points` of
    /// the others: `{ log = [1e-4, 1], points = 5 }`.
    #[schemars(with = "BTreeMap<String, KeySchema>")]
    pub(crate) keys: Table,
}

/// For the schema: `"train.learning_rate" = ...` and `train.learning_rate = ...` are two ways to write one thing.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its type is of interest")]
enum KeySchema {
    /// Choices.
    Choices(Vec<serde_json::Value>),
    /// A range.
    Range(Range),
    /// A section of the configuration, with keys in it.
    Section(BTreeMap<String, AxisSchema>),
}

/// The values of a key in a section.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its type is of interest")]
enum AxisSchema {
    /// Choices.
    Choices(Vec<serde_json::Value>),
    /// A range.
    Range(Range),
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self {
            method: Method::default(),
            trials: None,
            seed: 0,
            seeds: 1,
            objective: Objective::default(),
            record: Detail::Results,
            keys: Table::new(),
        }
    }
}

impl Objective {
    /// Its name, which is that of its column in the results.
    pub fn name(self) -> &'static str {
        match self {
            Self::ValidationAccuracy => "validation_accuracy",
            Self::TestAccuracy => "test_accuracy",
            Self::TrainAccuracy => "train_accuracy_last_200",
        }
    }
}

impl SweepConfig {
    /// Reads the section; the error says which key is wrong and how.
    pub(crate) fn read(section: &Value) -> Result<Self, String> {
        let Value::Table(table) = section else { return Err(format!("sweep: expected a section, found {section}")) };
        if let Some(unknown) = table.keys().find(|key| !NAMES.contains(&key.as_str())) {
            let names = NAMES.map(|name| format!("sweep.{name}"));
            let suggestion = keys::suggest(&format!("sweep.{unknown}"), names.iter().map(String::as_str));
            return Err(format!(
                "there is no key \"sweep.{unknown}\"{}; `headwater help keys` lists all keys",
                advice(suggestion.as_ref())
            ));
        }
        let config = NAMES.iter().try_fold(Table::new(), |mut whole, name| {
            let Some(value) = table.get(*name) else { return Ok(whole) };
            // One by one, so that an error names the key that it is of.
            let one = Table::from_iter([((*name).to_owned(), value.clone())]);
            Self::deserialize(one.clone()).map_err(|error| format!("sweep.{name}: {}", plainly(error.message())))?;
            whole.extend(one);
            Ok::<_, String>(whole)
        })?;
        let config = Self::deserialize(config).map_err(|error| plainly(error.message()))?;
        match config {
            Self { seeds: 0, .. } => Err("sweep.seeds: expected at least 1, found 0".to_owned()),
            Self { trials: Some(0), .. } => Err("sweep.trials: expected at least 1, found 0".to_owned()),
            Self { method: Method::Grid, trials: Some(_), .. } => Err(
                "sweep.trials: a grid has as many trials as there are combinations; leave it out, or choose sweep.method = \"random\""
                    .to_owned(),
            ),
            Self { method: Method::Random | Method::LatinHypercube, trials: None, .. } => {
                Err("sweep.trials is missing: expected how many trials to draw".to_owned())
            }
            config => Ok(config),
        }
    }

    /// The swept keys with their values, by name.
    pub(crate) fn axes(&self) -> Result<BTreeMap<String, Axis>, String> {
        let mut axes = BTreeMap::new();
        for (name, value) in &self.keys {
            let section = format!("{name}.");
            match value {
                Value::Table(table) if keys::KEYS.iter().any(|known| known.starts_with(&section)) => {
                    for (key, value) in table {
                        insert(&mut axes, format!("{name}.{key}"), value)?;
                    }
                }
                value => insert(&mut axes, name.clone(), value)?,
            }
        }
        if axes.is_empty() {
            Err("sweep.keys: expected at least one key to sweep, found none".to_owned())
        } else {
            Ok(axes)
        }
    }
}

fn insert(axes: &mut BTreeMap<String, Axis>, key: String, value: &Value) -> Result<(), String> {
    if !keys::KEYS.contains(&key) {
        let suggestion = keys::suggest(&key, keys::KEYS.iter().map(String::as_str));
        return Err(format!(
            "sweep.keys: there is no key {key:?}{}; `headwater help keys` lists all keys",
            advice(suggestion.as_ref())
        ));
    }
    let axis = Axis::read(value).map_err(|fault| format!("sweep.keys.{key}: {fault}"))?;
    match axes.insert(key, axis) {
        None => Ok(()),
        Some(_) => Err("sweep.keys: a key is there twice, once with its section and once in it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, Axis>, String> {
        let table: Table = toml::from_str(text).unwrap();
        SweepConfig::read(&table["sweep"])?.axes()
    }

    #[test]
    fn a_key_is_written_with_its_section_or_in_it() {
        let quoted =
            read("[sweep.keys]\n'network.depth' = [1, 2]\n'train.learning_rate' = { log = [1e-3, 1] }").unwrap();
        let dotted = read("[sweep.keys]\nnetwork.depth = [1, 2]\ntrain.learning_rate.log = [1e-3, 1]").unwrap();
        assert_eq!(quoted, dotted);
        assert_eq!(quoted.keys().collect::<Vec<_>>(), ["network.depth", "train.learning_rate"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key_and_the_way_out() {
        for (text, parts) in [
            ("sweep = 3", &["expected a section"][..]),
            ("[sweep]\nmehtod = 'grid'", &["\"sweep.mehtod\"", "did you mean \"sweep.method\""]),
            ("[sweep]\nmethod = 'gird'", &["sweep.method", "found \"gird\"", "latin_hypercube"]),
            ("[sweep]\nmethod = 'random'", &["sweep.trials is missing"]),
            ("[sweep]\ntrials = 3", &["a grid has as many"]),
            ("[sweep]\nmethod = 'random'\ntrials = 0", &["sweep.trials: expected at least 1"]),
            ("[sweep]\nseeds = 0", &["sweep.seeds: expected at least 1"]),
            ("[sweep]\nrecord = 'some'", &["sweep.record", "results, scalars, all"]),
            ("[sweep]\nobjective = 'accuracy'", &["sweep.objective", "test_accuracy"]),
            ("[sweep]", &["at least one key"]),
            ("[sweep.keys]\ntrain.lerning_rate = [1]", &["train.lerning_rate", "did you mean \"train.learning_rate\""]),
            ("[sweep.keys]\n'network.depht' = [1]", &["network.depht", "did you mean \"network.depth\""]),
            ("[sweep.keys]\ntrain.learning_rate = { log = [0, 1] }", &["sweep.keys.train.learning_rate: log: "]),
            ("[sweep.keys]\ntrain.steps = [1]\n'train.steps' = [2]", &["there twice"]),
        ] {
            let error = read(text).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text:?}: {error}");
            }
        }
    }
}
