//! Hyperparameters that a run was given: those of the `HParams` plugin, and texts.

use headwater_events::{
    Datum, Run, SeriesKind,
    proto::{AnyKind, AnyValue, HParamsData, HParamsPluginData},
};
use headwater_probe::tags;
use prost::Message as _;

use crate::Evidence;

/// What `wanted` finds first in the `HParams` plugin's messages.
pub(super) fn session<T>(run: &Run, wanted: impl Fn(HParamsData) -> Option<T>) -> Option<T> {
    run.series().iter().find_map(|series| {
        let metadata = series.info().metadata;
        // Content that is no such message is nobody's.
        let content = (metadata.plugin == "hparams").then_some(metadata.content)?;
        wanted(HParamsPluginData::decode(&content[..]).ok()?.data?)
    })
}

/// Values of hyperparameters by name, as the `HParams` plugin's messages say: those of the last session in the folder.
pub(super) fn hyperparameters(run: &Run) -> Vec<(String, String)> {
    let start = session(run, |data| match data {
        HParamsData::SessionStartInfo(start) => Some(start),
        _ => None,
    });
    let values = start.into_iter().flat_map(|start| start.hparams);
    let text = |(name, value): (String, AnyValue)| {
        let text = match value.kind? {
            AnyKind::NumberValue(number) => number.to_string(),
            AnyKind::StringValue(text) => text,
            AnyKind::BoolValue(truth) => truth.to_string(),
            _ => return None,
        };
        Some((name, text))
    };
    values.filter_map(text).collect()
}

/// The configuration of one of our runs, as text.
pub(super) fn configuration(run: &Run) -> Option<String> {
    let series = run.get(tags::CONFIG).filter(|series| series.kind() == SeriesKind::Text)?;
    let last = series.len().checked_sub(1)?;
    match series.read(last..last + 1).pop()?.datum {
        Ok(Datum::Text(text)) => text.texts.into_iter().next(),
        _ => None,
    }
}

/// Adds our own configuration, and texts of others that may be one: `config`, `hparams/text_summary`, `args`.
pub(super) fn texts(run: &Run, evidence: &mut Evidence) {
    for series in run.series() {
        let tag = series.tag().to_ascii_lowercase();
        let is_configuration = ["config", "param", "args", "argument", "setting", "options"];
        if series.kind() != SeriesKind::Text
            || !(tag == tags::CONFIG || is_configuration.iter().any(|word| tag.contains(word)))
        {
            continue;
        }
        let last = series.len().saturating_sub(1);
        if let Some(Ok(Datum::Text(text))) = series.read(last..last + 1).pop().map(|sample| sample.datum) {
            evidence.configure(text.texts.first().map_or("", String::as_str));
        }
    }
}
