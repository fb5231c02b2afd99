//! Experiments: configuration, scenarios, runner and manifest.
