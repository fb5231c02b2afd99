//! Hyperparameters that a run was given: those of the `HParams` plugin, and texts.

use headwater_events::{
    Datum, Run, SeriesKind,
    proto::{AnyKind, HParamsData, HParamsPluginData},
};
use headwater_probe::tags;
use prost::Message as _;

use crate::Evidence;

/// Values of hyperparameters by name, as the `HParams` plugin's messages say.
pub(super) fn hyperparameters(run: &Run) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for series in run.series() {
        let metadata = series.info().metadata;
        if metadata.plugin != "hparams" {
            continue;
        }
        // Content that is no such message is nobody's.
        let Ok(HParamsPluginData { data: Some(HParamsData::SessionStartInfo(start)), .. }) =
            HParamsPluginData::decode(&metadata.content[..])
        else {
            continue;
        };
        for (name, value) in start.hparams {
            let text = match value.kind {
                Some(AnyKind::NumberValue(number)) => number.to_string(),
                Some(AnyKind::StringValue(text)) => text,
                Some(AnyKind::BoolValue(truth)) => truth.to_string(),
                _ => continue,
            };
            values.push((name, text));
        }
    }
    values
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
