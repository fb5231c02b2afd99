//! Hyperparameters: three summaries whose content is in their metadata and whose tensor is empty.
//!
//! `experiment` names the columns of the table, `session_start_info` gives the values of this run's row, and
//! `session_end_info` says how the run ended.

use prost::Message;

use crate::proto::{
    AnyKind, AnyValue, Experiment, HParamInfo, HParamType, HParamsData, HParamsPluginData, MetricInfo, MetricName,
    SessionEndInfo, SessionStartInfo, SessionStatus,
};

/// Tag of the columns.
pub(crate) const EXPERIMENT: &str = "_hparams_/experiment";
/// Tag of the values.
pub(crate) const SESSION_START: &str = "_hparams_/session_start_info";
/// Tag of the end.
pub(crate) const SESSION_END: &str = "_hparams_/session_end_info";

/// The hyperparameters of a run.
///
/// `TensorBoard` takes the columns of its table from the first run it finds, so all runs of a log directory should name
/// the same hyperparameters and metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct HParams {
    /// Runs of one group make one row of `TensorBoard`'s table: seeds of one setting, for example. If empty, a run is
    /// a group of its own.
    pub group: String,
    /// Names and values.
    pub values: Vec<(String, HParamValue)>,
    /// Tags of the scalars that the table shows beside the values.
    pub metrics: Vec<String>,
}

/// The value of a hyperparameter.
#[derive(Debug, Clone, PartialEq)]
pub enum HParamValue {
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

impl HParamValue {
    fn kind(&self) -> HParamType {
        match self {
            HParamValue::Number(_) => HParamType::Float64,
            HParamValue::Text(_) => HParamType::Text,
            HParamValue::Bool(_) => HParamType::Bool,
        }
    }

    fn to_proto(&self) -> AnyValue {
        let kind = match self {
            HParamValue::Number(number) => AnyKind::NumberValue(*number),
            HParamValue::Text(text) => AnyKind::StringValue(text.clone()),
            HParamValue::Bool(truth) => AnyKind::BoolValue(*truth),
        };
        AnyValue { kind: Some(kind) }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did what it was asked to.
    Success,
    /// It diverged, was interrupted or met an error.
    Failure,
}

fn content(data: HParamsData) -> Vec<u8> {
    HParamsPluginData { version: 0, data: Some(data) }.encode_to_vec()
}

/// The columns. `now`: seconds since the Unix epoch, here and below.
pub(crate) fn experiment(hparams: &HParams, now: f64) -> Vec<u8> {
    let hparam_infos = hparams.values.iter().map(|(name, value)| HParamInfo {
        name: name.clone(),
        r#type: value.kind().into(),
        ..HParamInfo::default()
    });
    let metric_infos = hparams.metrics.iter().map(|tag| MetricInfo {
        name: Some(MetricName { group: String::new(), tag: tag.clone() }),
        ..MetricInfo::default()
    });
    content(HParamsData::Experiment(Experiment {
        time_created_secs: now,
        hparam_infos: hparam_infos.collect(),
        metric_infos: metric_infos.collect(),
        ..Experiment::default()
    }))
}

/// The values.
pub(crate) fn session_start(hparams: &HParams, now: f64) -> Vec<u8> {
    content(HParamsData::SessionStartInfo(SessionStartInfo {
        hparams: hparams.values.iter().map(|(name, value)| (name.clone(), value.to_proto())).collect(),
        group_name: hparams.group.clone(),
        start_time_secs: now,
        ..SessionStartInfo::default()
    }))
}

/// The end.
pub(crate) fn session_end(ending: Ending, now: f64) -> Vec<u8> {
    let status = match ending {
        Ending::Success => SessionStatus::Success,
        Ending::Failure => SessionStatus::Failure,
    };
    content(HParamsData::SessionEndInfo(SessionEndInfo { status: status.into(), end_time_secs: now }))
}
