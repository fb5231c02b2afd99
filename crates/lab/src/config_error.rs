//! Why an experiment could not be loaded.

use std::path::PathBuf;

use thiserror::Error;

use crate::experiment::PRESETS;
use crate::keys::{Suggestion, advice, hint};

/// Why an experiment could not be loaded.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// No file and no preset has this name.
    #[error("there is no preset {name:?}{}; presets: {}; a file is given as a path that ends in .toml", hint(nearest.as_deref()), preset_names())]
    UnknownPreset {
        /// The requested name.
        name: String,
        /// The preset with the most similar spelling.
        nearest: Option<String>,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The text is not TOML, or a value is not of its key's type.
    #[error("{origin}: {message}")]
    Value {
        /// The file, the flag or the variable.
        origin: String,
        /// What is wrong, with line and column where there are any.
        message: String,
    },
    /// A key is unknown.
    #[error("{origin}: there is no key {key:?}{}; `headwater help keys` lists all keys", advice(suggestion.as_ref()))]
    UnknownKey {
        /// The file, the flag or the variable.
        origin: String,
        /// The key.
        key: String,
        /// What was probably meant.
        suggestion: Option<Suggestion>,
    },
}

fn preset_names() -> String {
    PRESETS.map(|(name, _)| name).join(", ")
}
