//! What all handlers share.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use headwater_threads::Unpoisoned as _;

use headwater_events::{Follower, Run, Series, Store};
use tokio::sync::Semaphore;

use crate::{assets::Compressed, catalogue::Catalogue, error::ApiError, feed::Feed, findings::Findings, work::Workers};

/// How many pages may listen to what changes: half of all connections.
pub(crate) const STREAMS: usize = 128;

/// The store, and what is known about it.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) store: Store,
    /// Identifies this server, so that a page notices when a different server answers at the same address.
    pub(crate) instance: String,
    /// Whether the first look at the log directory is not through yet.
    loading: AtomicBool,
    /// Kept for as long as the board is.
    follower: Mutex<Option<Follower>>,
    /// How many problems there were when they were counted last: counting takes a look at every series.
    problems: AtomicUsize,
    pub(crate) catalogue: Catalogue,
    pub(crate) feed: Feed,
    pub(crate) findings: Findings,
    pub(crate) workers: Workers,
    /// Permits to listen to the stream of changes.
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) compressed: Compressed,
}

impl Board {
    pub(crate) fn new(store: Store) -> Self {
        Board {
            store,
            instance: format!("{:016x}", RandomState::new().hash_one(std::process::id())),
            loading: AtomicBool::new(true),
            follower: Mutex::new(None),
            problems: AtomicUsize::new(0),
            catalogue: Catalogue::default(),
            feed: Feed::default(),
            findings: Findings::default(),
            workers: Workers::default(),
            streams: Arc::new(Semaphore::new(STREAMS)),
            compressed: Compressed::default(),
        }
    }

    /// How many problems there were a moment ago.
    pub(crate) fn problems(&self) -> usize {
        self.problems.load(Ordering::Acquire)
    }

    /// Counts them. Whether there are more or fewer than last time.
    pub(crate) fn count_problems(&self) -> bool {
        let count = self.store.problems().len();
        self.problems.swap(count, Ordering::AcqRel) != count
    }

    pub(crate) fn is_loading(&self) -> bool {
        self.loading.load(Ordering::Acquire)
    }

    /// The first look is through; from now on `follower` looks, if there is one.
    pub(crate) fn set_loaded(&self, follower: Option<Follower>) {
        *self.follower.lock().unpoisoned() = follower;
        self.loading.store(false, Ordering::Release);
    }

    /// A run by name, or 404. Names are looked up and never made into paths.
    pub(crate) fn run(&self, name: &str) -> Result<Arc<Run>, ApiError> {
        self.store.run(name).ok_or_else(|| ApiError::not_found(format!("there is no run \"{name}\"")))
    }

    /// A series by the names of its run and tag, or 404.
    pub(crate) fn series(&self, run: &str, tag: &str) -> Result<Arc<Series>, ApiError> {
        let no_tag = || ApiError::not_found(format!("there is no tag \"{tag}\" in run \"{run}\""));
        self.run(run)?.get(tag).ok_or_else(no_tag)
    }
}
