//! What a series is.

use std::fmt;

use crate::summary::HEADWATER;

/// What a series is, whoever wrote it and in whichever form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesKind {
    /// Numbers.
    Scalar,
    /// Histograms.
    Histogram,
    /// Text: one, or an array of them.
    Text,
    /// Pictures: one or several at a step.
    Image,
    /// Sounds: one or several at a step.
    Audio,
    /// Precision and recall at a row of thresholds.
    PrCurve,
    /// What the hparams page shows. Everything is in the metadata, nothing in the values.
    HParams,
    /// A graph of operations: a serialised [`crate::proto::GraphDef`].
    Graph,
    /// A serialised `RunMetadata`: the profile of a step.
    RunMetadata,
    /// A record of Headwater: texts in JSON.
    Json,
    /// Anything else: listed, counted, and handed out as it stands in the file.
    Other,
}

impl SeriesKind {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            SeriesKind::Scalar => "scalar",
            SeriesKind::Histogram => "histogram",
            SeriesKind::Text => "text",
            SeriesKind::Image => "image",
            SeriesKind::Audio => "audio",
            SeriesKind::PrCurve => "pr_curve",
            SeriesKind::HParams => "hparams",
            SeriesKind::Graph => "graph",
            SeriesKind::RunMetadata => "run_metadata",
            SeriesKind::Json => "json",
            SeriesKind::Other => "other",
        }
    }

    /// Of a series that a plugin claims.
    pub(crate) fn of_plugin(plugin: &str) -> Self {
        match plugin {
            "scalars" => SeriesKind::Scalar,
            "histograms" => SeriesKind::Histogram,
            "text" => SeriesKind::Text,
            "images" => SeriesKind::Image,
            "audio" => SeriesKind::Audio,
            "pr_curves" => SeriesKind::PrCurve,
            "hparams" => SeriesKind::HParams,
            "graphs" => SeriesKind::Graph,
            "graph_run_metadata" | "graph_tagged_run_metadata" => SeriesKind::RunMetadata,
            HEADWATER => SeriesKind::Json,
            _ => SeriesKind::Other,
        }
    }
}

impl fmt::Display for SeriesKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
