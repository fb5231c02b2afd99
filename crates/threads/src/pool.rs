//! Scoped worker threads.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

use crate::Unpoisoned as _;

/// How many threads the machine runs at a time.
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Calls `work` on up to `threads` threads at a time, of which the calling thread is one, and returns on how many. Where
/// the system has no more threads to give, those that there are do the work.
///
/// # Panics
/// If `work` does.
pub fn on_threads(threads: usize, work: impl Fn() + Sync) -> usize {
    scope(|scope| {
        let start = |_| Builder::new().spawn_scoped(scope, &work).is_ok();
        let started = (1..threads).map(start).take_while(|is_started| *is_started).count();
        work();
        1 + started
    })
}

/// What `work` returns for every job, in the order of the jobs, on all cores. One thread does a job from beginning to end.
///
/// ```
/// assert_eq!(headwater_threads::each(&[3, 1, 2], |job| 10 * job), [30, 10, 20]);
/// ```
///
/// # Panics
/// If `work` does.
pub fn each<J: Sync, T: Send>(jobs: &[J], work: impl Fn(&J) -> T + Sync) -> Vec<T> {
    let work = |(): &mut (), index: usize| work(&jobs[index]);
    each_while(cores(), jobs.len(), || true, || (), work).into_iter().flatten().collect()
}

/// What `work` returns for the jobs 0 to `jobs` - 1, in their order, on up to `threads` threads. `go_on` is asked before
/// every job; jobs that are not begun are None. Each thread has a state of its own, which `begin` makes.
///
/// # Panics
/// If one of the functions does.
pub fn each_while<S, T: Send>(
    threads: usize,
    jobs: usize,
    go_on: impl Fn() -> bool + Sync,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<T>>> = Mutex::new((0..jobs).map(|_| None).collect());
    on_threads(threads.min(jobs), || {
        let mut state = begin();
        while go_on() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= jobs {
                break;
            }
            let result = work(&mut state, index);
            results.lock().unpoisoned()[index] = Some(result);
        }
    });
    results.into_inner().unpoisoned()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_jobs_on_any_number_of_threads() {
        let squares: Vec<usize> = (0..100).map(|job| job * job).collect();
        for threads in [0, 1, 2, 7] {
            let results = each_while(threads, 100, || true, || (), |(), job| job * job);
            assert_eq!(results.into_iter().flatten().collect::<Vec<_>>(), squares, "{threads}");
        }
        assert!(each::<(), ()>(&[], |()| ()).is_empty());
    }

    #[test]
    fn as_many_threads_as_asked_for_work_at_the_same_time() {
        // Each waits until three are there.
        let all = Barrier::new(3);
        let count = on_threads(3, || {
            all.wait();
        });
        assert_eq!(count, 3);
    }

    #[test]
    fn no_job_is_begun_once_it_is_not_to_go_on_and_each_thread_has_a_state() {
        let is_over = AtomicBool::new(false);
        let go_on = || !is_over.load(Ordering::Relaxed);
        let work = |count: &mut usize, job: usize| {
            *count += 1;
            is_over.store(job == 2, Ordering::Relaxed);
            *count
        };
        assert_eq!(each_while(1, 5, go_on, || 0, work), [Some(1), Some(2), Some(3), None, None]);
    }
}
