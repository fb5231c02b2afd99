//! The cases: which configuration, on which data, with which fault and which seed.

use headwater_lab::{Config, Intervention, RunReport};

use crate::architecture::{ARCHITECTURES, Architecture, FITTED};
use crate::data::{Datasets, TASKS, Version};
use crate::fault::{Fault, Injected};
use crate::hash::hash;

/// Seeds of a healthy configuration.
const SEEDS: u64 = 2;

/// What makes a healthy run look sick to a rule that goes by size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trick {
    /// Trained three times as long, so that it has converged.
    Converged,
    /// A layer is frozen, and the configuration says so.
    FrozenOnPurpose,
    /// The loss, and with it every gradient, divided by a million.
    TinyLoss,
}

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Healthy,
    Tricky(Trick),
    Faulty(Fault),
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The name of its folder.
    pub(crate) id: String,
    pub(crate) task: &'static str,
    pub(crate) architecture: &'static Architecture,
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
}

/// All cases, or a few that are always the same.
pub(crate) fn plan(quick: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, architecture) in ARCHITECTURES.iter().enumerate().filter(|(index, _)| !quick || index % 4 == 0) {
        for task in TASKS.into_iter().filter(|task| !quick || ["blobs", "waves"].contains(task)) {
            let mut add = |seed, kind, name: &str| {
                let id = format!("{task}.{}.{name}.{seed}", architecture.name()).replace(' ', "-");
                cases.push(Case { id, task, architecture, seed, kind });
            };
            let seeds = if quick { 1 } else { SEEDS };
            (0..seeds).for_each(|seed| add(seed, Kind::Healthy, "healthy"));
            let chance = |name: &str| hash(&format!("{name} in {index} on {task}")) % 100;
            for trick in [Trick::Converged, Trick::FrozenOnPurpose, Trick::TinyLoss] {
                if chance(&format!("{trick:?}")) < 20 {
                    add(0, Kind::Tricky(trick), &format!("{trick:?}"));
                }
            }
            for fault in Fault::ALL.into_iter().filter(|fault| fault.suits(architecture)) {
                let wanted = if quick { 20 } else { fault.share() };
                let seed = hash(fault.name()) % seeds;
                if chance(fault.name()) < wanted {
                    add(seed, Kind::Faulty(fault), fault.name());
                }
            }
        }
    }
    cases
}

impl Case {
    /// Whether it is in the part that is reported, on whose architectures nothing was fitted.
    pub(crate) fn is_reported(&self) -> bool {
        let name = self.architecture.name();
        ARCHITECTURES.iter().skip(FITTED).any(|architecture| architecture.name() == name)
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        if let Kind::Faulty(fault) = self.kind { Some(fault) } else { None }
    }

    pub(crate) fn version(&self) -> Version {
        self.fault().map_or(Version::Sound, Fault::version)
    }

    /// What is trained: the configuration, and what is done to the network.
    pub(crate) fn injected(&self, datasets: &Datasets) -> anyhow::Result<Injected> {
        let (data, _) = datasets.get(self.task, self.version());
        let mut config = self.architecture.config(data, self.seed)?;
        Ok(match self.kind {
            Kind::Healthy | Kind::Tricky(Trick::TinyLoss) => Injected::nothing(config),
            Kind::Tricky(Trick::Converged) => {
                config.train.steps *= 3;
                Injected::nothing(config)
            }
            Kind::Tricky(Trick::FrozenOnPurpose) => {
                Injected { frozen: vec![self.frozen_on_purpose()], ..Injected::nothing(config) }
            }
            Kind::Faulty(fault) => fault.inject(config, self.architecture, &self.id),
        })
    }

    /// The layer that is frozen on purpose, from 0.
    pub(crate) fn frozen_on_purpose(&self) -> usize {
        hash(&format!("frozen layer of {}", self.id)) as usize % self.architecture.depth
    }

    /// The layer that has the fault, from 0.
    pub(crate) fn layer(&self) -> Option<usize> {
        self.fault()?.layer(&self.id, self.architecture.depth)
    }

    /// The healthy run that it is compared with.
    pub(crate) fn is_twin_of(&self, other: &Self) -> bool {
        self.kind == Kind::Healthy
            && self.task == other.task
            && self.seed == other.seed
            && self.architecture.name() == other.architecture.name()
    }

    /// Trains it.
    pub(crate) fn train(&self, datasets: &Datasets, folder: &std::path::Path) -> anyhow::Result<RunReport> {
        let injected = self.injected(datasets)?;
        let (_, dataset) = datasets.get(self.task, self.version());
        apply(&self.id, &injected.config, &injected, dataset, folder)
    }
}

/// Trains a configuration with what was done to its network; the configuration may differ from the injected one.
pub(crate) fn apply(
    name: &str,
    config: &Config,
    injected: &Injected,
    dataset: &headwater_data::Dataset,
    folder: &std::path::Path,
) -> anyhow::Result<RunReport> {
    let intervention =
        Intervention { before: injected.before.as_deref(), frozen: &injected.frozen, output: injected.output };
    Ok(headwater_lab::apply(name, config, dataset, folder, intervention)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_faults_are_there_in_both_parts_and_no_two_cases_share_a_folder() {
        let cases = plan(false);
        let ids: BTreeSet<_> = cases.iter().map(|case| &case.id).collect();
        assert_eq!(ids.len(), cases.len());
        for fault in Fault::ALL {
            for reported in [false, true] {
                let tasks: BTreeSet<_> = cases
                    .iter()
                    .filter(|case| case.fault() == Some(fault) && case.is_reported() == reported)
                    .map(|case| case.task)
                    .collect();
                assert!(tasks.len() >= 3, "{fault:?}, reported {reported}: {tasks:?}");
            }
        }
        assert!(plan(true).len() < cases.len() / 8);
    }

    #[test]
    fn every_faulty_case_has_a_healthy_twin_on_its_side() {
        let cases = plan(false);
        for case in &cases {
            let twin = cases.iter().find(|other| other.is_twin_of(case));
            assert_eq!(twin.map(Case::is_reported), Some(case.is_reported()), "{}", case.id);
        }
    }
}
