//! What a run needs to know besides its configuration, and why it stops early.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_data::Dataset;
use headwater_nn::{InitialiseError, Interrupted, ShapeError};

use crate::detail::Detail;
use crate::memory;
use crate::{Config, Intervention, Phase, Progress, RunError, Watching};

/// What a run needs to know besides its configuration.
pub(crate) struct Setting<'a> {
    pub(crate) index: usize,
    pub(crate) experiment: &'a str,
    pub(crate) scenario: &'a str,
    pub(crate) run: String,
    pub(crate) config: &'a Config,
    pub(crate) dataset: &'a Dataset,
    pub(crate) folder: &'a Path,
    pub(crate) detail: Detail,
    pub(crate) interrupt: &'a AtomicBool,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
    pub(crate) intervention: Intervention<'a>,
    /// How the run is watched; none if it is not.
    pub(crate) watching: Option<Watching>,
}

impl Setting<'_> {
    /// Reports what the run is about to do.
    pub(super) fn enter(&self, phase: Phase) {
        let classes = self.dataset.classes;
        (self.progress)(Progress::Phase { index: self.index, phase, is_long: memory::is_large(self.config, classes) });
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// The error of a run whose network does not fit into memory.
    pub(super) fn too_large(&self, source: ShapeError) -> RunError {
        RunError::Shape { run: self.run.clone(), source }
    }

    /// Why the weights of a run could not be drawn.
    pub(super) fn not_drawn(&self, error: InitialiseError) -> Ended {
        match error {
            InitialiseError::Interrupted(_) => Ended::Interrupted,
            InitialiseError::Memory(source) => self.too_large(source).into(),
        }
    }
}

/// Why a run stops early.
pub(super) enum Ended {
    Interrupted,
    Failed(RunError),
}

impl From<RunError> for Ended {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

impl From<Interrupted> for Ended {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}
