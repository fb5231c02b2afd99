//! The datasets of runs, and whether they go with the runs' configurations.

use std::sync::atomic::AtomicBool;

use headwater_data::Dataset;
use headwater_nn::{Network, Workspace};

use crate::{Config, DataConfig, RunError};

/// The dataset for each of these. Each is loaded once; clones share its samples.
pub(crate) fn load<'a>(configs: impl Iterator<Item = &'a DataConfig>) -> Result<Vec<Dataset>, RunError> {
    load_unless(&AtomicBool::new(false), configs)
}

/// Like [`load`], but returns [`DataError::Interrupted`] once `interrupt` is raised.
pub(crate) fn load_unless<'a>(
    interrupt: &AtomicBool,
    configs: impl Iterator<Item = &'a DataConfig>,
) -> Result<Vec<Dataset>, RunError> {
    let mut loaded: Vec<(&DataConfig, Dataset)> = Vec::new();
    let mut datasets = Vec::new();
    for config in configs {
        let known = loaded.iter().find(|(data, _)| *data == config).map(|(_, dataset)| dataset.clone());
        let dataset = if let Some(dataset) = known {
            dataset
        } else {
            let dataset = headwater_data::load_interruptible(&config.request(), interrupt)?;
            loaded.push((config, dataset.clone()));
            dataset
        };
        datasets.push(dataset);
    }
    Ok(datasets)
}

/// Refuses a run that could not make its first step.
pub(crate) fn check(run: &str, config: &Config, dataset: &Dataset) -> Result<(), RunError> {
    let (batch_size, samples) = (config.train.batch_size, dataset.train.len());
    if batch_size > samples {
        return Err(RunError::Batch { run: run.to_owned(), batch_size, samples });
    }
    let shapes = config.network.shapes(dataset.classes);
    Network::new(dataset.train.width(), &shapes, config.network.loss)
        .and_then(|network| Workspace::new(&network, batch_size))
        .map(|_| ())
        .map_err(|source| RunError::Shape { run: run.to_owned(), source })
}
