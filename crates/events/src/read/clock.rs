//! The store's versions, and waiting for the next.

use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

use headwater_threads::Unpoisoned as _;

/// Counts versions. What changes in a version is stamped with it before anybody can see the version.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: Mutex<u64>,
    ticked: Condvar,
}

impl Clock {
    /// Begins a version, in which `stamp` marks what has changed.
    pub(crate) fn tick(&self, stamp: impl FnOnce(u64)) {
        let mut now = self.now.lock().unpoisoned();
        *now += 1;
        stamp(*now);
        self.ticked.notify_all();
    }

    /// The version.
    pub(crate) fn now(&self) -> u64 {
        *self.now.lock().unpoisoned()
    }

    /// Waits for a version after `version`. None if there is none within `timeout`.
    pub(crate) fn after(&self, version: u64, timeout: Duration) -> Option<u64> {
        let now = self.now.lock().unpoisoned();
        let (now, _) = self.ticked.wait_timeout_while(now, timeout, |now| *now <= version).unpoisoned();
        (*now > version).then_some(*now)
    }
}
