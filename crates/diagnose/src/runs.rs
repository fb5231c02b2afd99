//! Diagnoses of all runs of a log directory, on all cores.

use headwater_events::Store;

use crate::{Diagnosis, diagnose, evidence};

/// Diagnoses of the runs that have evidence of their own, in the order of the store, whose files are loaded. The same on any
/// number of cores.
pub fn diagnoses(store: &Store) -> Vec<Diagnosis> {
    // The evidence of one run is small; that of all of them at once may not be.
    let diagnosed =
        headwater_threads::each(&store.runs(), |run| evidence(store, run).map(|evidence| diagnose(&evidence)));
    diagnosed.into_iter().flatten().collect()
}
