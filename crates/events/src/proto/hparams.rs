//! `plugins/hparams/plugin_data.proto` and the part of `api.proto` that is written to files.

use std::collections::BTreeMap;

use prost_types::{ListValue, Value};

/// What the hparams plugin says of a series: the whole content, since its tensors are empty.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HParamsPluginData {
    /// Zero.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// Which of three messages.
    #[prost(oneof = "HParamsData", tags = "2, 3, 4")]
    pub data: Option<HParamsData>,
}

/// The messages of the hparams plugin.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum HParamsData {
    /// Under the tag `_hparams_/experiment`.
    #[prost(message, tag = "2")]
    Experiment(Experiment),
    /// Under the tag `_hparams_/session_start_info`.
    #[prost(message, tag = "3")]
    SessionStartInfo(SessionStartInfo),
    /// Under the tag `_hparams_/session_end_info`.
    #[prost(message, tag = "4")]
    SessionEndInfo(SessionEndInfo),
}

/// What varies in an experiment and what is measured.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Experiment {
    /// Markdown.
    #[prost(string, tag = "1")]
    pub description: String,
    /// Who runs it.
    #[prost(string, tag = "2")]
    pub user: String,
    /// Seconds since the Unix epoch.
    #[prost(double, tag = "3")]
    pub time_created_secs: f64,
    /// The columns of hyperparameters.
    #[prost(message, repeated, tag = "4")]
    pub hparam_infos: Vec<HParamInfo>,
    /// The columns of metrics.
    #[prost(message, repeated, tag = "5")]
    pub metric_infos: Vec<MetricInfo>,
    /// Name.
    #[prost(string, tag = "6")]
    pub name: String,
}

/// A hyperparameter.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HParamInfo {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Shown instead of the name, if not empty.
    #[prost(string, tag = "2")]
    pub display_name: String,
    /// Markdown.
    #[prost(string, tag = "3")]
    pub description: String,
    /// A [`HParamType`].
    #[prost(enumeration = "HParamType", tag = "4")]
    pub r#type: i32,
    /// Which values it may take.
    #[prost(oneof = "HParamDomain", tags = "5, 6")]
    pub domain: Option<HParamDomain>,
}

/// The type of a hyperparameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum HParamType {
    /// Not said.
    Unset = 0,
    /// Text.
    Text = 1,
    /// A truth value.
    Bool = 2,
    /// A number.
    Float64 = 3,
}

/// Which values a hyperparameter may take.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum HParamDomain {
    /// These.
    #[prost(message, tag = "5")]
    Discrete(ListValue),
    /// All between two.
    #[prost(message, tag = "6")]
    Interval(Interval),
}

/// A closed interval.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Interval {
    /// Lower end.
    #[prost(double, tag = "1")]
    pub min_value: f64,
    /// Upper end.
    #[prost(double, tag = "2")]
    pub max_value: f64,
}

/// A metric.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MetricInfo {
    /// Which scalar.
    #[prost(message, optional, tag = "1")]
    pub name: Option<MetricName>,
    /// Shown instead of the tag, if not empty.
    #[prost(string, tag = "3")]
    pub display_name: String,
    /// Markdown.
    #[prost(string, tag = "4")]
    pub description: String,
    /// 0 unknown, 1 training, 2 validation.
    #[prost(int32, tag = "5")]
    pub dataset_type: i32,
}

/// Names a scalar series relative to the run of a session.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MetricName {
    /// Folder below the session's.
    #[prost(string, tag = "1")]
    pub group: String,
    /// Tag.
    #[prost(string, tag = "2")]
    pub tag: String,
}

/// A session began.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionStartInfo {
    /// Values of the hyperparameters.
    #[prost(btree_map = "string, message", tag = "1")]
    pub hparams: BTreeMap<String, Value>,
    /// Where the model is.
    #[prost(string, tag = "2")]
    pub model_uri: String,
    /// Where to look at it.
    #[prost(string, tag = "3")]
    pub monitor_url: String,
    /// Sessions of one group make one row of the table.
    #[prost(string, tag = "4")]
    pub group_name: String,
    /// Seconds since the Unix epoch.
    #[prost(double, tag = "5")]
    pub start_time_secs: f64,
}

/// A session ended.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionEndInfo {
    /// A [`SessionStatus`].
    #[prost(enumeration = "SessionStatus", tag = "1")]
    pub status: i32,
    /// Seconds since the Unix epoch.
    #[prost(double, tag = "2")]
    pub end_time_secs: f64,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum SessionStatus {
    /// Not said.
    Unknown = 0,
    /// It finished.
    Success = 1,
    /// It failed.
    Failure = 2,
    /// It has not ended.
    Running = 3,
}
