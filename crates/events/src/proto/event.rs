//! `event.proto`: the message that every record holds.

use super::Summary;

/// One record of an event file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Event {
    /// Seconds since the Unix epoch.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    /// Global step.
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// What happened.
    #[prost(oneof = "What", tags = "3, 4, 5, 8, 9")]
    pub what: Option<What>,
    /// Who wrote the file; on the first record only.
    #[prost(message, optional, tag = "10")]
    pub source_metadata: Option<SourceMetadata>,
}

/// What an [`Event`] tells.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum What {
    /// `brain.Event:2`, on the first record of a file.
    #[prost(string, tag = "3")]
    FileVersion(String),
    /// A serialised [`super::GraphDef`].
    #[prost(bytes, tag = "4")]
    GraphDef(Vec<u8>),
    /// Values of tags.
    #[prost(message, tag = "5")]
    Summary(Summary),
    /// A profile of a step, of no interest here.
    #[prost(message, tag = "8")]
    TaggedRunMetadata(TaggedRunMetadata),
    /// A serialised `MetaGraphDef`, of no interest here.
    #[prost(bytes, tag = "9")]
    MetaGraphDef(Vec<u8>),
}

/// Who wrote a file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SourceMetadata {
    /// Name of the writing program.
    #[prost(string, tag = "1")]
    pub writer: String,
}

/// A profile of a step.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TaggedRunMetadata {
    /// Tag.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// A serialised `RunMetadata`.
    #[prost(bytes = "vec", tag = "2")]
    pub run_metadata: Vec<u8>,
}
