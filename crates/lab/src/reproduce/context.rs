//! Many measurements on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::ReproduceError;

/// `measure` of every job, in the order of the jobs. Each is one thread's from beginning to end, so that the numbers
/// do not depend on how many threads there are.
pub(super) fn each<J: Sync, T: Send>(
    jobs: &[J],
    measure: impl Fn(&J) -> Result<T, ReproduceError> + Sync,
) -> Result<Vec<T>, ReproduceError> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<_>> = Mutex::new(jobs.iter().map(|_| None).collect());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let result = measure(job);
            results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no more threads to give, those that there are do the work.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

/// `measure` of the seeds 0 to `count` - 1.
pub(super) fn seeds<T: Send>(
    count: u64,
    measure: impl Fn(u64) -> Result<T, ReproduceError> + Sync,
) -> Result<Vec<T>, ReproduceError> {
    each(&(0..count).collect::<Vec<_>>(), |seed| measure(*seed))
}
