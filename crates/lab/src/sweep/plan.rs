//! The plan of a sweep: every trial with its values, drawn once and written down.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::SweepError;
use super::config::{MOST_RUNS, Objective, SweepConfig};
use super::draw::{points, resolve, set};
use super::words::in_words;
use crate::detail::Detail;
use crate::overrides::{Overrides, forced};
use crate::{Config, Experiment, Scenario};

/// The form of the file that this program writes and reads.
const FORMAT: u32 = 1;

/// All trials of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Name of the experiment.
    pub name: String,
    /// What makes one trial better than another.
    pub objective: Objective,
    /// What is recorded of each run.
    pub(crate) detail: Detail,
    /// Runs of each trial.
    pub seeds: u32,
    /// The swept keys.
    pub keys: Vec<String>,
    /// The trials, by number.
    pub trials: Vec<Trial>,
    /// What the trials change: a configuration for each scenario.
    scenarios: Vec<(String, Config)>,
}

/// One configuration that is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The scenario whose keys it shares but for the swept ones.
    pub scenario: String,
    /// Values of the swept keys, in their order.
    pub values: Vec<Value>,
    /// The configuration, with the first of the seeds.
    pub config: Config,
}

/// One run of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRun {
    /// Number of the trial.
    pub trial: usize,
    /// Seed of the weights and of the order of the samples.
    pub seed: u64,
    /// Its folder below `runs/`: `0007`, `relu/0007` where there are several scenarios, `0007/seed-3` where there are
    /// several seeds.
    pub name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    format: u32,
    name: String,
    objective: Objective,
    record: Detail,
    seeds: u32,
    keys: Vec<String>,
    scenario: Vec<ScenarioEntry>,
    trial: Vec<TrialEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioEntry {
    name: String,
    config: Config,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrialEntry {
    scenario: String,
    values: Vec<Value>,
}

impl Plan {
    /// The name of the file in a sweep's folder.
    pub const FILE_NAME: &'static str = "plan.toml";

    /// Reads an experiment's file with a section `[sweep]`. An override of a swept key holds it at one value;
    /// overrides of `sweep.trials` and its like change the section.
    ///
    /// # Errors
    /// [`SweepError`], which says where and what is wrong: with the file, or with the first trial that makes no
    /// configuration.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, SweepError> {
        let (of_sweep, of_config): (Vec<_>, Vec<_>) =
            overrides.set.iter().cloned().partition(|assignment| assignment.trim_start().starts_with("sweep."));
        let overrides = Overrides { set: of_config, ..overrides.clone() };
        let (experiment, section) = Experiment::load_with_sweep(path, &overrides)?;
        let origin = path.display().to_string();
        let fault = |message| SweepError::Section { origin: origin.clone(), message };
        let mut section = section.ok_or_else(|| {
            fault("expected a section [sweep] that says which keys take which values; see docs/sweeps.md".to_owned())
        })?;
        for assignment in of_sweep {
            set(&mut section, &assignment)
                .map_err(|message| SweepError::Section { origin: format!("--set {assignment}"), message })?;
        }
        let config = SweepConfig::read(&section).map_err(fault)?;
        let mut axes = config.axes().map_err(fault)?;
        for force in forced(&overrides)? {
            axes.retain(|key, _| !key.split_once('.').is_some_and(|(section, key)| force.is(section, key)));
        }
        let keys: Vec<String> = axes.keys().cloned().collect();
        let points = points(&config, &axes).map_err(fault)?;
        let runs = points.len() as u128 * experiment.scenarios.len() as u128 * u128::from(config.seeds);
        if runs > MOST_RUNS as u128 {
            return Err(fault(format!("sweep: it would be {runs} runs; expected at most {MOST_RUNS}")));
        }
        let scenarios: Vec<(String, Config)> =
            experiment.scenarios.into_iter().map(|Scenario { name, config, .. }| (name, config)).collect();
        let mut trials = Vec::new();
        for values in points {
            for (scenario, base) in &scenarios {
                let resolved = resolve(base, &keys, &values, config.record);
                let config = resolved.map_err(|message| SweepError::Trial {
                    origin: origin.clone(),
                    trial: trials.len(),
                    values: in_words(&keys, &values),
                    message,
                })?;
                trials.push(Trial { scenario: scenario.clone(), values: values.clone(), config });
            }
        }
        let SweepConfig { objective, record: detail, seeds, .. } = config;
        Ok(Self { name: experiment.name, objective, detail, seeds, keys, trials, scenarios })
    }

    /// All runs, trial by trial.
    pub fn runs(&self) -> Vec<PlannedRun> {
        let digits = self.trials.len().saturating_sub(1).to_string().len().max(4);
        let mut runs = Vec::new();
        for (trial, Trial { scenario, config, .. }) in self.trials.iter().enumerate() {
            for offset in 0..self.seeds {
                // Both are bounded, far below where the sum would overflow.
                let seed = config.train.seed + u64::from(offset);
                let mut name = format!("{trial:0digits$}");
                if self.scenarios.len() > 1 {
                    name = format!("{scenario}/{name}");
                }
                if self.seeds > 1 {
                    name.push_str(&format!("/seed-{seed}"));
                }
                runs.push(PlannedRun { trial, seed, name });
            }
        }
        runs
    }

    /// A trial's values as `key = value, key = value`, with as many digits as are of use to a reader.
    pub fn values(&self, trial: usize) -> String {
        in_words(&self.keys, &self.trials[trial].values)
    }

    /// Whether there is more than one scenario.
    pub fn has_scenarios(&self) -> bool {
        self.scenarios.len() > 1
    }

    /// Reads the plan in a sweep's folder; none if there is no such file.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, SweepError> {
        let path = folder.join(Self::FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SweepError::reading(&path)(error)),
        };
        Self::parse(&text).map(Some).map_err(|message| SweepError::Plan { path, message })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: PlanFile = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        if file.format != FORMAT {
            return Err(format!("it is of format {}, and this program knows format {FORMAT}", file.format));
        }
        let scenarios: Vec<_> = file.scenario.into_iter().map(|entry| (entry.name, entry.config)).collect();
        let trial = |(number, TrialEntry { scenario, values }): (usize, TrialEntry)| {
            let base = scenarios.iter().find(|(name, _)| *name == scenario);
            let (_, base) =
                base.ok_or_else(|| format!("trial {number} is of {scenario:?}, and there is no such scenario"))?;
            let config = resolve(base, &file.keys, &values, file.record)
                .map_err(|message| format!("trial {number}: {message}"))?;
            Ok(Trial { scenario, values, config })
        };
        let trials = file.trial.into_iter().enumerate().map(trial).collect::<Result<_, String>>()?;
        let PlanFile { name, objective, record: detail, seeds, keys, .. } = file;
        Ok(Self { name, objective, detail, seeds, keys, trials, scenarios })
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Result<String, String> {
        let scenario = self.scenarios.iter().cloned().map(|(name, config)| ScenarioEntry { name, config }).collect();
        let trial = |trial: &Trial| TrialEntry { scenario: trial.scenario.clone(), values: trial.values.clone() };
        let file = PlanFile {
            format: FORMAT,
            name: self.name.clone(),
            objective: self.objective,
            record: self.detail,
            seeds: self.seeds,
            keys: self.keys.clone(),
            scenario,
            trial: self.trials.iter().map(trial).collect(),
        };
        toml::to_string(&file).map_err(|error| error.to_string())
    }

    /// The first thing in which another plan differs from this one.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let differ = |what: &str, ours: &dyn std::fmt::Display, theirs: &dyn std::fmt::Display| {
            Some(format!("{what} was {ours} and is {theirs} now"))
        };
        if self.keys != other.keys {
            return differ("sweep.keys", &self.keys.join(", "), &other.keys.join(", "));
        }
        if self.seeds != other.seeds {
            return differ("sweep.seeds", &self.seeds, &other.seeds);
        }
        if self.trials.len() != other.trials.len() {
            return differ("the number of trials", &self.trials.len(), &other.trials.len());
        }
        let trial = (0..self.trials.len()).find(|&trial| self.trials[trial] != other.trials[trial]);
        if let Some(trial) = trial {
            let (ours, theirs) = (&self.trials[trial], &other.trials[trial]);
            if ours.scenario != theirs.scenario {
                return differ(&format!("the scenario of trial {trial}"), &ours.scenario, &theirs.scenario);
            }
            return Some(format!("trial {trial}: {}", configs_differ(&ours.config, &theirs.config)));
        }
        (self != other).then(|| "its name, its objective or what it records was another".to_owned())
    }
}

/// The first key in which two configurations differ.
fn configs_differ(ours: &Config, theirs: &Config) -> String {
    let flat = |config: &Config| -> BTreeMap<String, Value> {
        let sections = Table::try_from(config).unwrap_or_default().into_iter();
        let keys = sections.flat_map(|(section, keys)| {
            let Value::Table(keys) = keys else { return Vec::new() };
            keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)).collect()
        });
        keys.collect()
    };
    let (ours, theirs) = (flat(ours), flat(theirs));
    let different = ours.keys().chain(theirs.keys()).find(|key| ours.get(*key) != theirs.get(*key));
    let written = |value: Option<&Value>| value.map_or_else(|| "not set".to_owned(), Value::to_string);
    different.map_or_else(String::new, |key| {
        format!("{key} was {} and is {} now", written(ours.get(key)), written(theirs.get(key)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, set: &[&str]) -> Result<Plan, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.toml");
        std::fs::write(&path, text).unwrap();
        let set = set.iter().map(|&assignment| assignment.to_owned()).collect();
        Plan::load(&path, &Overrides { set, ..Overrides::default() }).map_err(|error| error.to_string())
    }

    const GRID: &str = "network.width = 7\n[sweep.keys]\nnetwork.depth = [2, 4]\n'train.learning_rate' = [0.1, 1]\n";

    #[test]
    fn a_grid_is_every_combination() {
        let plan = load(GRID, &[]).unwrap();
        assert_eq!(plan.keys, ["network.depth", "train.learning_rate"]);
        let seen: Vec<_> = plan
            .trials
            .iter()
            .map(|trial| (trial.config.network.widths().len(), trial.config.train.learning_rate))
            .collect();
        assert_eq!(seen, [(2, 0.1), (2, 1.0), (4, 0.1), (4, 1.0)]);
        assert!(plan.trials.iter().all(|trial| trial.config.network.width == Some(7)));
        assert_eq!(plan.values(3), "network.depth = 4, train.learning_rate = 1");
        let names: Vec<_> = plan.runs().into_iter().map(|run| run.name).collect();
        assert_eq!(names, ["0000", "0001", "0002", "0003"]);
    }

    #[test]
    fn scenarios_see_the_same_values_and_seeds_count_up() {
        let scenarios = "[[scenario]]\nname = 'a'\n[[scenario]]\nname = 'b'\nnetwork.activation = 'relu'\n";
        let plan = load(&format!("{GRID}[sweep]\nseeds = 2\n{scenarios}"), &["train.seed=5"]).unwrap();
        assert_eq!(plan.trials.len(), 8);
        assert_eq!(plan.trials[0].values, plan.trials[1].values);
        let runs = plan.runs();
        assert_eq!((runs[2].name.as_str(), runs[3].name.as_str()), ("b/0001/seed-5", "b/0001/seed-6"));
        assert_eq!((runs[3].trial, runs[3].seed), (1, 6));
    }

    #[test]
    fn what_is_read_is_what_was_written_to_the_last_bit() {
        let text = "[sweep]\nmethod = 'latin_hypercube'\ntrials = 50\nseed = 3\n[sweep.keys]\n\
            train.learning_rate = { log = [1e-5, 1] }\nnetwork.hidden = [[3], [4, 5]]\nnetwork.activation = ['relu', 'tanh']\n";
        let plan = load(text, &[]).unwrap();
        assert_eq!(Plan::parse(&plan.text().unwrap()).unwrap(), plan);
        assert_eq!(load(text, &[]).unwrap(), plan);
        let other = load(text, &["sweep.seed=4"]).unwrap();
        assert!(plan.difference(&other).unwrap().starts_with("trial 0: "), "{:?}", plan.difference(&other));
        assert_eq!(plan.difference(&plan), None);
    }

    #[test]
    fn a_flag_holds_a_swept_key_at_one_value_and_can_change_the_section() {
        let plan = load(GRID, &["train.learning_rate=0.5"]).unwrap();
        assert_eq!(plan.keys, ["network.depth"]);
        assert!(plan.trials.iter().all(|trial| trial.config.train.learning_rate == 0.5));
        let random =
            load(GRID, &["sweep.method=random", "sweep.trials=7", "sweep.keys.network.depth={integers=[1,3]}"]);
        assert_eq!(random.unwrap().trials.len(), 7);
    }

    #[test]
    fn only_a_sweep_that_records_all_has_histograms() {
        for (record, histograms) in [("results", false), ("scalars", false), ("all", true)] {
            let plan = load(GRID, &[&format!("sweep.record={record}")]).unwrap();
            assert_eq!(plan.trials[0].config.record.histograms, histograms);
        }
    }

    #[test]
    fn a_trial_that_is_no_configuration_is_named_before_any_is_trained() {
        for (text, set, parts) in [
            ("train.steps = 3", &[][..], &["a section [sweep]"][..]),
            (
                "[network]\nhidden = [3]\n[sweep.keys]\nnetwork.depth = [2, 4]",
                &[],
                &["file.toml: trial 0 (network.depth = 2)", "keep one"],
            ),
            ("[sweep.keys]\ntrain.batch_size = [3, 0]", &[], &["trial 1", "train.batch_size: expected at least 1"]),
            ("[sweep.keys]\nnetwork.activation = ['relu', 'rleu']", &[], &["trial 1", "did you mean \"relu\""]),
            (
                "[sweep.keys]\nnetwork.depth = { uniform = [1, 9], points = 2 }",
                &[],
                &["network.depth: invalid type", "{ integers = [a, b] }"],
            ),
            (GRID, &["sweep.trails=3"], &["sweep.trails", "did you mean \"trials\""]),
            (GRID, &["sweep.seeds=100000"], &["400000 runs", "at most 100000"]),
            (
                "[sweep.keys]\ntrain.seed = { integers = [0, 99999] }\ntrain.steps = [1, 2]",
                &[],
                &["200000 combinations"],
            ),
        ] {
            let error = load(text, set).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text:?}: {error}");
            }
        }
    }
}
