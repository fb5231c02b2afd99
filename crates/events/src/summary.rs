//! Values of tags, in the form that `TensorBoard`'s plugins currently read: a tensor, and on the first value of a tag
//! the metadata that says which plugin shows it.

pub(crate) mod audio;
pub(crate) mod graph;
pub(crate) mod histogram;
pub(crate) mod hparams;
pub(crate) mod image;
pub(crate) mod scalars;

use crate::proto::{DataClass, PluginData, SummaryMetadata, TensorProto, Value, ValueKind};

/// The name under which records of ours stand that `TensorBoard` does not show.
pub(crate) const HEADWATER: &str = "headwater";

/// The kinds of series that this crate writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Scalar,
    /// Histograms; shown under Distributions, too.
    Histogram,
    /// Markdown.
    Text,
    /// Pictures.
    Image,
    /// Sounds.
    Audio,
    /// What the hparams page shows: not a series, but stored like one.
    HParams,
    /// JSON, which only Headwater reads.
    Json,
}

impl Kind {
    /// The name of the plugin that shows it: one of `TensorBoard`'s, but for [`Kind::Json`].
    pub fn plugin_name(self) -> &'static str {
        match self {
            Kind::Scalar => "scalars",
            Kind::Histogram => "histograms",
            Kind::Text => "text",
            Kind::Image => "images",
            Kind::Audio => "audio",
            Kind::HParams => "hparams",
            Kind::Json => HEADWATER,
        }
    }

    /// How `TensorBoard` stores a series of this kind.
    pub fn data_class(self) -> DataClass {
        match self {
            Kind::Scalar => DataClass::Scalar,
            Kind::Histogram | Kind::Text | Kind::HParams | Kind::Json => DataClass::Tensor,
            Kind::Image | Kind::Audio => DataClass::BlobSequence,
        }
    }

    /// Metadata with a plugin's own message in it. The message of most plugins is a version, which is zero: no bytes.
    fn metadata(self, content: Vec<u8>) -> SummaryMetadata {
        SummaryMetadata {
            plugin_data: Some(PluginData { plugin_name: self.plugin_name().to_owned(), content }),
            display_name: String::new(),
            summary_description: String::new(),
            data_class: self.data_class().into(),
        }
    }
}

/// A value of `tag`. The plugin's `content` is given with the first one and makes the metadata.
pub(crate) fn value(kind: Kind, tag: &str, tensor: TensorProto, content: Option<Vec<u8>>) -> Value {
    Value {
        tag: tag.to_owned(),
        value: Some(ValueKind::Tensor(tensor)),
        metadata: content.map(|content| kind.metadata(content)),
    }
}
