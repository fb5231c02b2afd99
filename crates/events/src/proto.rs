//! The protocol buffer messages of an event file, written by hand.
//!
//! Only what the format of the files needs is here; fields of the full schemas that are missing are skipped by the
//! decoder. Names and numbers are those of `TensorBoard` 2.21 (`tensorboard/compat/proto/*.proto` and
//! `tensorboard/plugins/hparams/*.proto`). A field whose meaning is the same as its name says has a short comment.

mod event;
mod graph;
mod hparams;
mod summary;
mod tensor;

pub use event::{Event, SourceMetadata, TaggedRunMetadata, What};
pub use graph::{Attribute, AttributeList, AttributeValue, GraphDef, NodeDef, VersionDef};
pub use hparams::{
    Experiment, HParamDomain, HParamInfo, HParamType, HParamsData, HParamsPluginData, Interval, MetricInfo, MetricName,
    SessionEndInfo, SessionStartInfo, SessionStatus,
};
pub use prost_types::{ListValue, Value as AnyValue, value::Kind as AnyKind};
pub use summary::{
    Audio, AudioEncoding, AudioPluginData, DataClass, HistogramProto, Image, ImagePluginData, PluginData, Summary,
    SummaryMetadata, Value, ValueKind,
};
pub use tensor::{DataType, Dim, TensorProto, TensorShapeProto};
