//! Intervention: what no configuration asks for, done to a network on purpose, so that its fault is known.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use headwater_data::Dataset;
use headwater_nn::{Activation, Network};

use crate::detail::Detail;
use crate::runner::{self, RunError};
use crate::thread_cache::ThreadCache;
use crate::training::{Setting, train};
use crate::{Config, RunReport};

/// What is done to a network besides what its configuration says. The default does nothing.
#[derive(Default, Clone, Copy)]
pub struct Intervention<'a> {
    /// Done to the network after its weights were drawn and before the first step.
    pub before: Option<&'a (dyn Fn(&mut Network) + Sync)>,
    /// Layers, counted from 0, whose parameters get no updates, though their gradients are computed and recorded.
    pub frozen: &'a [usize],
    /// An activation on the outputs, where the loss expects none.
    pub output: Option<Activation>,
}

/// Trains one configuration on a dataset that is loaded already, recorded in `folder`, after `intervention`.
///
/// # Errors
/// [`RunError`], as of [`crate::run`].
pub fn apply(
    name: &str,
    config: &Config,
    dataset: &Dataset,
    folder: &Path,
    intervention: Intervention<'_>,
) -> Result<RunReport, RunError> {
    runner::check(name, config, dataset)?;
    let setting = Setting {
        index: 0,
        experiment: name,
        scenario: name,
        run: name.to_owned(),
        config,
        dataset,
        folder,
        detail: Detail::All,
        interrupt: &AtomicBool::new(false),
        progress: &|_| (),
        intervention,
        watching: None,
    };
    train(&setting, &mut ThreadCache::default())
}
