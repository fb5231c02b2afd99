//! The plan of a sweep: every trial with its values, drawn once and written down.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::SweepError;
use super::config::{MOST_RUNS, Objective, SweepConfig};
use super::draw::{points, resolve, set};
use super::words::in_words;
use crate::detail::Detail;
use crate::experiment::check_name;
use crate::kinds::{of_text, plainly};
use crate::overrides::{Overrides, forced};
use crate::{Config, Experiment, Scenario};

/// The form of the file that this program writes and reads.
const FORMAT: u32 = 2;

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
        let (of_sweep, overrides) = overrides.of_sweep();
        let (experiment, section) = Experiment::load_with_sweep(path, &overrides)?;
        let origin = path.display().to_string();
        let fault = |message| SweepError::Section { origin: origin.clone(), message };
        let mut section = section.ok_or_else(|| {
            fault("expected a section [sweep] that says which keys take which values; `headwater help sweep.keys` says how".to_owned())
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
        let scenarios: Vec<(String, Config)> =
            experiment.scenarios.into_iter().map(|Scenario { name, config, .. }| (name, config)).collect();
        check_runs(points.len() * scenarios.len(), config.seeds)
            .map_err(|message| fault(format!("sweep: {message}")))?;
        check_scenarios(&scenarios).map_err(fault)?;
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
            Err(error) => return Err(SweepError::reading(&path)(of_text(error))),
        };
        Self::parse(&text).map(Some).map_err(|message| SweepError::Plan { path, message })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut file: PlanFile = toml::from_str(text).map_err(|error| plainly(&error.to_string()))?;
        for key in file.keys.iter_mut().filter(|key| **key == "train.decay") {
            // Its old name.
            "train.lr_schedule".clone_into(key);
        }
        if file.format != FORMAT {
            return Err(format!(
                "expected format {FORMAT}, found {}: another version of headwater wrote it; go on with it by that version, or begin \
                 a new sweep in another folder",
                file.format
            ));
        }
        if file.seeds == 0 {
            return Err("seeds: expected at least 1, found 0".to_owned());
        }
        check_runs(file.trial.len(), file.seeds)?;
        let scenarios: Vec<_> = file.scenario.into_iter().map(|entry| (entry.name, entry.config)).collect();
        check_scenarios(&scenarios)?;
        let trial = |(number, TrialEntry { scenario, values }): (usize, TrialEntry)| {
            let base = scenarios.iter().find(|(name, _)| *name == scenario);
            let (_, base) =
                base.ok_or_else(|| format!("trial {number}: expected the name of a scenario, found {scenario:?}"))?;
            if values.len() != file.keys.len() {
                let (keys, found) = (file.keys.len(), values.len());
                return Err(format!("trial {number}: expected a value for each of {keys} keys, found {found} values"));
            }
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
        (self != other).then(|| "its name, its objective or what it records has changed".to_owned())
    }
}

fn check_runs(trials: usize, seeds: u32) -> Result<(), String> {
    let runs = trials as u128 * u128::from(seeds);
    if runs > MOST_RUNS as u128 {
        return Err(format!("this makes {runs} runs; expected at most {MOST_RUNS}"));
    }
    Ok(())
}

/// Scenarios are folders of the runs, and what is in the way of a run is removed: they must stay inside and apart.
fn check_scenarios(scenarios: &[(String, Config)]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for (number, (name, _)) in scenarios.iter().enumerate() {
        check_name(name).map_err(|reason| format!("scenario {number}: {reason}"))?;
        if !names.insert(name) {
            return Err(format!("scenario {number}: {name:?} is there twice; its runs would share a folder"));
        }
    }
    Ok(())
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
mod tests;
