//! `SummaryMetadata`: what a writer says of a series, with its first value.

use super::wire::{Fields, Malformed, text};

/// What the writer said of a series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The plugin that shows the series; empty if none was named.
    pub plugin: String,
    /// The plugin's own message, serialised. For hyperparameters, [`crate::proto::HParamsPluginData`].
    pub content: Vec<u8>,
    /// To be shown instead of the tag, if not empty.
    pub display_name: String,
    /// Markdown.
    pub description: String,
}

impl Metadata {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut metadata = Metadata::default();
        for field in Fields::new(bytes) {
            let field = field?;
            match field.number {
                1 => {
                    for field in Fields::new(field.bytes()?) {
                        let field = field?;
                        match field.number {
                            1 => metadata.plugin = text(field.bytes()?).into_owned(),
                            2 => metadata.content = field.bytes()?.to_vec(),
                            _ => {}
                        }
                    }
                }
                2 => metadata.display_name = text(field.bytes()?).into_owned(),
                3 => metadata.description = text(field.bytes()?).into_owned(),
                _ => {}
            }
        }
        Ok(metadata)
    }
}
