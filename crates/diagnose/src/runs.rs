//! Diagnoses of all runs of a log directory, on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use headwater_events::Store;

use crate::{Diagnosis, diagnose, evidence};

/// Diagnoses of the runs that have evidence of their own, in the order of the store, whose files are loaded. The same on any
/// number of cores.
pub fn diagnoses(store: &Store) -> Vec<Diagnosis> {
    let runs = store.runs();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = runs.get(index) else { break };
            // The evidence of one run is small; that of all of them at once may not be.
            let Some(diagnosis) = evidence(store, run).map(|evidence| diagnose(&evidence)) else { continue };
            found.lock().unwrap_or_else(PoisonError::into_inner).push((index, diagnosis));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(runs.len());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no more threads to give, those that there are do the work.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, diagnosis)| diagnosis).collect()
}
