//! What a measurement has at hand: all cores, a way to report progress, and a way to be interrupted.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use headwater_threads::{Unpoisoned as _, cores, each_while};

use super::{Finding, ReproduceError};

/// The finished runs of a claim, its findings so far, and the flag that interrupts it.
pub(super) struct Context<'a> {
    interrupt: &'a AtomicBool,
    progress: &'a (dyn Fn(u64) + Sync),
    done: AtomicU64,
    findings: Mutex<Vec<Finding>>,
}

impl<'a> Context<'a> {
    /// `progress` is called after every finished run with the number of runs finished so far.
    pub(super) fn new(interrupt: &'a AtomicBool, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { interrupt, progress, done: AtomicU64::new(0), findings: Mutex::default() }
    }

    /// Calls `measure` for every job and returns the results in the order of the jobs. One thread runs a job from
    /// beginning to end, so that the numbers do not depend on the number of threads.
    ///
    /// # Errors
    /// The error of the first job that failed; [`ReproduceError::Interrupted`] if jobs are left over.
    pub(super) fn each<J: Sync, T: Send>(
        &self,
        jobs: &[J],
        measure: impl Fn(&J) -> Result<T, ReproduceError> + Sync,
    ) -> Result<Vec<T>, ReproduceError> {
        let work = |(): &mut (), index: usize| {
            let result = measure(&jobs[index]);
            (self.progress)(1 + self.done.fetch_add(1, Ordering::Relaxed));
            result
        };
        let results = each_while(cores(), jobs.len(), || self.go_on().is_ok(), || (), work);
        results.into_iter().map(|result| result.unwrap_or(Err(ReproduceError::Interrupted))).collect()
    }

    /// Calls `measure` for the seeds 0 to `count` - 1.
    pub(super) fn seeds<T: Send>(
        &self,
        count: u64,
        measure: impl Fn(u64) -> Result<T, ReproduceError> + Sync,
    ) -> Result<Vec<T>, ReproduceError> {
        self.each(&(0..count).collect::<Vec<_>>(), |seed| measure(*seed))
    }

    /// Keeps a finding. A later interruption does not affect it.
    pub(super) fn found(&self, finding: Finding) {
        self.findings.lock().unpoisoned().push(finding);
    }

    /// The flag that interrupts the measurement.
    pub(super) fn interrupt(&self) -> &AtomicBool {
        self.interrupt
    }

    /// Returns an error if the measurement was interrupted. Call this wherever a second may pass.
    ///
    /// # Errors
    /// [`ReproduceError::Interrupted`].
    pub(super) fn go_on(&self) -> Result<(), ReproduceError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(ReproduceError::Interrupted) } else { Ok(()) }
    }

    /// The findings in the order in which they were kept, and the number of runs that are done.
    pub(super) fn end(self) -> (Vec<Finding>, u64) {
        (self.findings.into_inner().unpoisoned(), self.done.into_inner())
    }
}
