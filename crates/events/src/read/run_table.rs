//! The runs of a store, where everybody can see them.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, RwLock},
};

use headwater_threads::Unpoisoned as _;

use super::{clock::Clock, problem::Problem, run::Run};

/// The runs, and what there was.
#[derive(Debug, Default)]
pub(crate) struct RunTable {
    runs: RwLock<BTreeMap<Arc<str>, Arc<Run>>>,
    /// Runs that are gone, and the version in which they went.
    gone: Mutex<BTreeMap<Arc<str>, u64>>,
    /// Files and folders that could not be looked at.
    problems: RwLock<Vec<Problem>>,
    clock: Clock,
}

impl RunTable {
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn runs(&self) -> Vec<Arc<Run>> {
        self.runs.read().unpoisoned().values().cloned().collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Run>> {
        self.runs.read().unpoisoned().get(name).cloned()
    }

    /// The runs whose folders are somewhere in that of a run, by name.
    pub(crate) fn below(&self, name: &str) -> Vec<Arc<Run>> {
        let prefix = if name == "." { String::new() } else { format!("{name}/") };
        let runs = self.runs.read().unpoisoned();
        let from = runs.range::<str, _>((Bound::Included(&*prefix), Bound::Unbounded));
        from.take_while(|(other, _)| other.starts_with(&prefix))
            .filter(|(other, _)| ***other != *name)
            .map(|(_, run)| Arc::clone(run))
            .collect()
    }

    /// Shows a run, in place of the one of its name.
    pub(crate) fn put(&self, run: &Arc<Run>) {
        self.gone.lock().unpoisoned().remove(run.name());
        self.runs.write().unpoisoned().insert(Arc::clone(run.name()), Arc::clone(run));
        // After it is there: whoever sees the version must find what it brought.
        self.clock.tick(|version| run.stamp(version));
    }

    pub(crate) fn remove(&self, name: &Arc<str>) {
        self.runs.write().unpoisoned().remove(name);
        self.clock.tick(|version| {
            self.gone.lock().unpoisoned().insert(Arc::clone(name), version);
        });
    }

    /// The runs that went after a version.
    pub(crate) fn gone_after(&self, version: u64) -> Vec<Arc<str>> {
        let gone = self.gone.lock().unpoisoned();
        gone.iter().filter(|(_, when)| **when > version).map(|(name, _)| Arc::clone(name)).collect()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems.read().unpoisoned().clone()
    }

    pub(crate) fn set_problems(&self, problems: &[Problem]) {
        let mut known = self.problems.write().unpoisoned();
        let words = |problems: &[Problem]| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let is_news = words(&known) != words(problems);
        *known = problems.to_vec();
        drop(known);
        if is_news {
            self.clock.tick(|_| {});
        }
    }
}
