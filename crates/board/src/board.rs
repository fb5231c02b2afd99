//! What all handlers share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use headwater_events::{Run, Series, Store};
use tokio::sync::Semaphore;

use crate::{assets::Compressed, error::ApiError};

/// How many answers that read files or much memory are worked on at a time. The others wait.
const WORKERS: usize = 8;

/// The store, and what is known about it.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) store: Store,
    /// Whether the first look at the log directory is not through yet.
    loading: AtomicBool,
    pub(crate) workers: Arc<Semaphore>,
    pub(crate) compressed: Compressed,
}

impl Board {
    pub(crate) fn new(store: Store) -> Self {
        Board {
            store,
            loading: AtomicBool::new(true),
            workers: Arc::new(Semaphore::new(WORKERS)),
            compressed: Compressed::default(),
        }
    }

    pub(crate) fn is_loading(&self) -> bool {
        self.loading.load(Ordering::Acquire)
    }

    pub(crate) fn set_loaded(&self) {
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
