//! Experiments: a name, a configuration, and scenarios that each change a part of it.
//!
//! Precedence: `--set`, then environment, then the scenario, then the file, then the defaults. An override of a key by
//! which the scenarios differ leaves fewer different scenarios; equal ones become one.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use crate::config::Config;
use crate::config_error::ConfigError;
use crate::experiment_file::ExperimentFile;
use crate::keys;
use crate::kinds::{of_text, plainly};
use crate::overrides::{Forced, Overrides, forced, merge};
use crate::resolved::{Origins, Resolved};

/// The presets: name and file.
pub const PRESETS: [(&str, &str); 2] =
    [("vanishing", include_str!("../presets/vanishing.toml")), ("phase", include_str!("../presets/phase.toml"))];

/// Keys of a file beside the sections of [`Config`].
const EXPERIMENT_KEYS: [&str; 3] = ["name", "scenario", "sweep"];
/// Bytes of the longest file that is read.
const LARGEST_FILE: u64 = 1 << 20;
/// Keys of a scenario beside the sections of [`Config`].
const SCENARIO_KEYS: [&str; 2] = ["name", "published"];

/// What is run: scenarios with their configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Name of the experiment.
    pub name: String,
    /// At least one.
    pub scenarios: Vec<Scenario>,
}

/// One configuration under one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Name of the scenario and of the folder of its runs.
    pub name: String,
    /// The published factor by which mean |gradient| falls from the last layer to the first.
    pub published: Option<f64>,
    /// The configuration as resolved.
    pub config: Config,
}

impl Experiment {
    /// Reads a preset by name or a file by path (what ends in `.toml` or has a `/` in it is a path), under `overrides`.
    ///
    /// # Errors
    /// [`ConfigError`], which says where and what is wrong.
    pub fn load(name_or_path: &str, overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::resolve(name_or_path, overrides).map(|resolved| resolved.experiment)
    }

    /// Like [`Self::load`], but also says where each value comes from.
    ///
    /// # Errors
    /// [`ConfigError`], which says what is wrong and where.
    pub fn resolve(name_or_path: &str, overrides: &Overrides) -> Result<Resolved, ConfigError> {
        let path = Path::new(name_or_path);
        if path.extension().is_some_and(|extension| extension == "toml") || name_or_path.contains('/') {
            return Self::resolve_file(path, overrides);
        }
        let preset = PRESETS.iter().find(|(name, _)| *name == name_or_path);
        let (name, text) = preset.ok_or_else(|| ConfigError::UnknownPreset {
            name: name_or_path.to_owned(),
            nearest: keys::nearest(name_or_path, PRESETS.iter().map(|(name, _)| *name)).map(str::to_owned),
        })?;
        Self::parse(text, &format!("preset {name}"), name, overrides)
    }

    /// Reads a file; its section `[sweep]` is returned as it is written.
    pub(crate) fn load_with_sweep(path: &Path, overrides: &Overrides) -> Result<(Self, Option<Value>), ConfigError> {
        Self::resolve_file(path, overrides).map(|resolved| (resolved.experiment, resolved.sweep))
    }

    fn resolve_file(path: &Path, overrides: &Overrides) -> Result<Resolved, ConfigError> {
        let text = read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let stem = path.file_stem().map_or("experiment".into(), |stem| stem.to_string_lossy());
        Self::parse(&text, &path.to_string_lossy(), &stem, overrides)
    }

    /// Reads the text of a file; `origin` is what errors call it, `name` the experiment's name if the file gives none.
    fn parse(text: &str, origin: &str, name: &str, overrides: &Overrides) -> Result<Resolved, ConfigError> {
        let bad = |message: String| ConfigError::Value { origin: origin.to_owned(), message };
        let mut base: Table = toml::from_str(text).map_err(|error| bad(plainly(&error.to_string())))?;
        check_keys(&base, origin)?;
        let file: ExperimentFile = toml::from_str(text).map_err(|error| bad(plainly(&error.to_string())))?;
        base.remove("name");
        let sweep = base.remove("sweep");
        let overlays = match base.remove("scenario") {
            Some(Value::Array(scenarios)) => scenarios,
            _ => Vec::new(),
        };
        let forced = forced(overrides)?;
        let experiment_name = file.name.unwrap_or_else(|| name.to_owned());
        check_name(&experiment_name).map_err(|reason| bad(format!("name: {reason}")))?;

        // A published figure is of the published setting, whose seeds and records are free.
        let as_published = forced.iter().all(|force| force.section == "record" || force.is("train", "seed"));
        let mut scenarios: Vec<Scenario> = Vec::new();
        let mut origins: Vec<Origins> = Vec::new();
        let mut renamed = None;
        for (head, overlay) in file.scenario.iter().zip(overlays) {
            check_name(&head.name).map_err(|reason| bad(format!("scenario {:?}: {reason}", head.name)))?;
            let Value::Table(mut overlay) = overlay else { continue };
            overlay.retain(|key, _| !SCENARIO_KEYS.contains(&key));
            let changed: Vec<String> =
                forced.iter().filter(|force| force.is_in(&overlay)).map(Forced::as_name).collect();
            let mut table = base.clone();
            merge(&mut table, overlay.clone());
            let config = resolve(table, &forced, origin)?;
            // It is no longer the scenario of that name, and perhaps no longer another one than those before.
            if !changed.is_empty() && scenarios.iter().any(|scenario| scenario.config == config) {
                continue;
            }
            let name = match &changed[..] {
                [] => head.name.clone(),
                changed => {
                    renamed = Some(changed.join(","));
                    format!("{},{}", head.name, changed.join(","))
                }
            };
            if scenarios.iter().any(|scenario| scenario.name == name) {
                return Err(bad(format!("scenario {name:?} is there twice; its runs would share a folder")));
            }
            origins.push(Origins::new(&base, &overlay, &forced));
            scenarios.push(Scenario { name, published: head.published.filter(|_| as_published), config });
        }
        if scenarios.is_empty() {
            origins.push(Origins::new(&base, &Table::new(), &forced));
            let config = resolve(base, &forced, origin)?;
            scenarios.push(Scenario { name: experiment_name.clone(), published: None, config });
        } else if let ([only], Some(name)) = (&mut scenarios[..], renamed) {
            only.name = name;
        }
        let experiment = Self { name: experiment_name, scenarios };
        Ok(Resolved::new(experiment, origin, origins, sweep))
    }
}

/// The text of a configuration; what never ends, such as a device, is not one.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text).map_err(of_text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(std::io::Error::other(format!("it is longer than {LARGEST_FILE} bytes, and no configuration is")));
    }
    Ok(text)
}

fn check_keys(table: &Table, origin: &str) -> Result<(), ConfigError> {
    let refuse = |table: &Table, others: &[&'static str], place: &str| match keys::unknown(table, others) {
        None => Ok(()),
        Some(key) => Err(ConfigError::UnknownKey {
            origin: format!("{origin}{place}"),
            suggestion: keys::suggest(&key, keys::meant_by(&key).chain(others.iter().copied())),
            key,
        }),
    };
    refuse(table, &EXPERIMENT_KEYS, "")?;
    let scenarios = table.get("scenario").and_then(Value::as_array);
    for (number, scenario) in (1..).zip(scenarios.into_iter().flatten()) {
        if let Value::Table(scenario) = scenario {
            refuse(scenario, &SCENARIO_KEYS, &format!(", scenario {number}"))?;
        }
    }
    Ok(())
}

/// A name becomes a folder's: it must stay inside the log directory.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    // What moves the cursor has no place in a table either.
    let refused =
        name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\']) || name.contains(char::is_control);
    if refused { Err(format!("{name:?} cannot be the name of a folder")) } else { Ok(()) }
}

fn resolve(mut table: Table, forced: &[Forced], origin: &str) -> Result<Config, ConfigError> {
    for forced in forced {
        merge(&mut table, forced.to_table());
    }
    let bad = |message: String| ConfigError::Value { origin: origin.to_owned(), message };
    let config = config(table).map_err(bad)?;
    config.fault().map_or(Ok(config), |fault| Err(bad(fault)))
}

/// The types of the values, without their meaning: see [`Config::fault`].
pub(crate) fn config(table: Table) -> Result<Config, String> {
    Config::deserialize(table).map_err(|error| plainly(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use headwater_diagnose::Remedy;
    use headwater_nn::{Activation, Initialiser};

    use super::*;
    use crate::config::RecordConfig;

    fn set(assignments: &[&str]) -> Overrides {
        Overrides { set: assignments.iter().map(|&assignment| assignment.to_owned()).collect(), ..Overrides::default() }
    }

    fn message(text: &str, overrides: &Overrides) -> String {
        Experiment::parse(text, "file.toml", "file", overrides).unwrap_err().to_string()
    }

    #[test]
    fn the_preset_is_the_experiment() {
        let experiment = Experiment::load("vanishing", &Overrides::default()).unwrap();
        let names: Vec<_> = experiment.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        assert_eq!(names, ["sigmoid", "relu", "leaky_relu"]);
        assert_eq!(
            experiment.scenarios[0].config,
            Config { record: RecordConfig { every: Some(200), ..RecordConfig::default() }, ..Config::default() }
        );
        assert_eq!(experiment.scenarios[2].config.network.activation, Activation::LeakyRelu { slope: 0.2 });
        assert_eq!(experiment.scenarios[2].published, Some(6.0));
    }

    #[test]
    fn the_phase_diagram_is_a_full_grid() {
        let experiment = Experiment::load("phase", &Overrides::default()).unwrap();
        let mut variances = Vec::new();
        for (index, Scenario { name, config, .. }) in experiment.scenarios.iter().enumerate() {
            let Initialiser::Scaled { sigma_w2, .. } = config.network.init else { panic!("{name}") };
            let depth = config.network.depth.unwrap();
            assert_eq!(*name, format!("sigma_w2={sigma_w2:?},depth={depth}"));
            assert_eq!(depth, [10, 20, 40, 80, 120][index % 5]);
            variances.push(sigma_w2);
        }
        assert!(variances.chunks(5).all(|row| row.len() == 5 && row.iter().all(|variance| *variance == row[0])));
        variances.dedup();
        assert_eq!(variances, [1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0]);
    }

    #[test]
    fn flags_win_over_the_environment_and_both_over_the_file() {
        let environment = vec![
            ("HEADWATER_TRAIN_STEPS".to_owned(), "7".to_owned()),
            ("HEADWATER_TRAIN_BATCH_SIZE".to_owned(), "8".to_owned()),
        ];
        let overrides =
            Overrides { environment, ..set(&["train.steps=9", "network.hidden=[3, 4]", "train.learning_rate=1"]) };
        for scenario in Experiment::load("vanishing", &overrides).unwrap().scenarios {
            let Config { train, network, .. } = scenario.config;
            assert_eq!((train.steps, train.batch_size, train.learning_rate), (9, 8, 1.0));
            assert_eq!(network.hidden, [3, 4]);
        }
    }

    #[test]
    fn overriding_what_the_scenarios_differ_in_leaves_one() {
        let experiment = Experiment::load("vanishing", &set(&["network.activation=tanh"])).unwrap();
        assert_eq!(experiment.scenarios.len(), 1);
        assert_eq!(experiment.scenarios[0].name, "tanh");
        assert_eq!(experiment.scenarios[0].published, None);
    }

    #[test]
    fn a_key_that_is_overridden_twice_names_the_scenario_by_what_it_has_become() {
        let names = |overrides: &Overrides| {
            let scenarios = Experiment::load("vanishing", overrides).unwrap().scenarios;
            scenarios.into_iter().map(|scenario| scenario.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&set(&["network.activation=tanh", "network.activation=relu"])), ["relu"]);
        let environment = vec![("HEADWATER_NETWORK_ACTIVATION".to_owned(), "tanh".to_owned())];
        assert_eq!(names(&Overrides { environment, ..set(&["network.activation=elu"]) }), ["elu"]);
        let text = "[[scenario]]\nname = 'often'\nrecord.every = 7";
        let overrides = set(&["record.every=5", "record.schedule=log(3)"]);
        let experiment = Experiment::parse(text, "f", "f", &overrides).unwrap().experiment;
        assert_eq!(experiment.scenarios[0].name, "schedule=log(3)");
    }

    #[test]
    fn a_scenario_that_an_override_has_changed_does_not_keep_its_name() {
        let names = |text: &str, assignment: &str| {
            let experiment = Experiment::parse(text, "f", "f", &set(&[assignment])).unwrap().experiment;
            experiment.scenarios.into_iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(" ")
        };
        let relu = "[[scenario]]\nname = 'relu'\nnetwork.activation = 'relu'\n";
        let he = "[[scenario]]\nname = 'he'\nnetwork.init = 'he_normal'\n";
        let both = "[[scenario]]\nname = 'both'\nnetwork.init = 'he_normal'\nnetwork.activation = 'relu'\n";
        assert_eq!(names(relu, "network.activation=tanh"), "tanh");
        assert_eq!(names(&format!("{relu}{he}"), "network.init=lecun_normal"), "relu he,init=lecun_normal");
        assert_eq!(names(&format!("{he}{both}"), "network.activation=tanh"), "he");
        assert_eq!(names(&format!("{relu}{both}"), "network.activation=tanh"), "relu,tanh both,tanh");
        assert_eq!(names(relu, "train.steps=3"), "relu");
    }

    #[test]
    fn what_a_remedy_of_the_diagnosis_sets_can_be_set() {
        for (key, value) in Remedy::examples().iter().filter_map(Remedy::setting) {
            let assignment = format!("{key}={value}");
            let loaded = Experiment::load("vanishing", &set(&["data.source=blobs", &assignment]));
            assert!(loaded.is_ok(), "{assignment}: {}", loaded.unwrap_err());
        }
    }

    #[test]
    fn a_published_figure_stands_only_beside_the_published_setting() {
        let published = |assignment| Experiment::load("vanishing", &set(&[assignment])).unwrap().scenarios[0].published;
        assert_eq!(published("train.seed=7"), Some(30.0));
        assert_eq!(published("record.every=10"), Some(30.0));
        assert_eq!(published("train.steps=10"), None);
    }

    #[test]
    fn a_file_without_scenarios_is_one() {
        let resolved = Experiment::parse("network.activation = 'relu'", "f", "mine", &set(&[])).unwrap();
        assert_eq!(resolved.experiment.scenarios[0].name, "mine");
    }

    #[test]
    fn a_schedule_set_by_a_flag_replaces_the_interval_of_the_file() {
        let experiment = Experiment::load("vanishing", &set(&["record.schedule=log(10)"])).unwrap();
        assert_eq!(experiment.scenarios[0].config.record.every, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_the_way_out() {
        let none = set(&[]);
        for (text, overrides, parts) in [
            (
                "train.lerning_rate = 1",
                &none,
                &["file.toml", "train.lerning_rate", "did you mean \"train.learning_rate\""][..],
            ),
            ("[[scenario]]\nname = 'a'\nnetwork.actvation = 'relu'", &none, &["scenario 1", "network.activation"]),
            ("train.steps = 'many'", &none, &["line 1", "found \"many\""]),
            ("network.activation = 'rleu'", &none, &["did you mean \"relu\""]),
            ("[netwrk]\nhidden = [3]", &none, &["did you mean \"network\""]),
            ("train.steps = 0", &none, &["train.steps: expected at least 1"]),
            ("train = 3", &none, &["expected a section of keys, found 3"]),
            ("name = \"a\\u001b[31m\"", &none, &["cannot be the name of a folder"]),
            ("[[scenario]]\nname = '../up'", &none, &["cannot be the name of a folder"]),
            ("[[scenario]]\nname = 'a'\n[[scenario]]\nname = 'a'", &none, &["there twice"]),
            ("", &set(&["train.steps"]), &["--set train.steps: expected KEY=VALUE"]),
            ("train.lr = 1", &none, &["did you mean \"train.learning_rate\"?", "`headwater help keys`"]),
            ("lr = 1", &none, &["did you mean \"train.learning_rate\"?"]),
            ("[model]\nlayers = 3", &none, &["did you mean \"network\"?"]),
            ("[[scenario]]\nname = 'a'\ntrain.epochs = 3", &none, &["did you mean \"train.steps\"?", "no epochs"]),
            ("", &set(&["train.epochs=3"]), &["did you mean \"train.steps\"? there are no epochs"]),
            ("", &set(&["network.init=xavier"]), &["no initialiser \"xavier\"", "`glorot_uniform`"]),
            ("network.activation = 'swish'", &none, &["line 1", "no activation \"swish\"", "`silu`"]),
            ("", &set(&["train.stps=3"]), &["--set train.stps=3", "did you mean \"train.steps\""]),
            (
                "",
                &set(&["train.steps=x"]),
                &["--set train.steps=x: expected a whole number of at least 0, found \"x\""],
            ),
            ("", &set(&["network.activation=rleu"]), &["did you mean \"relu\""]),
            ("", &set(&["train.learning_rate=-1"]), &["train.learning_rate: expected a positive number, found -1"]),
        ] {
            let message = message(text, overrides);
            for part in parts {
                assert!(message.contains(part), "{text:?}: {message}");
            }
        }
        let error = Experiment::load("vanishin", &none).unwrap_err().to_string();
        assert!(error.contains("did you mean \"vanishing\""), "{error}");
        let error = Experiment::load("nowhere.toml", &none).unwrap_err().to_string();
        assert!(error.contains("cannot read nowhere.toml"), "{error}");
    }
}
