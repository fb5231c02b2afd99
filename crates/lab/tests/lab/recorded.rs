//! Reads back what a run recorded, record by record.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use headwater_events::proto::{
    Event, HParamsData, HParamsPluginData, SessionStatus, TensorProto, Value, ValueKind, What,
};
use headwater_events::record::{self, FOOTER, Frame, HEADER};
use headwater_lab::Manifest;
use prost::Message as _;

/// All events of the only event file of a run's folder. The file must be whole: it ends with a record.
pub(crate) fn events(folder: &Path) -> Vec<Event> {
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| headwater_events::is_event_file(&entry.file_name()))
        .map(|entry| entry.path())
        .collect();
    let [file] = &files[..] else { panic!("expected one event file in {}, found {files:?}", folder.display()) };
    let bytes = fs::read(file).unwrap();
    let (mut events, mut rest) = (Vec::new(), &bytes[..]);
    while !rest.is_empty() {
        let frame = record::first(rest);
        let Frame::Whole(payload) = frame else {
            panic!("{}, offset {}: {frame:?}", file.display(), bytes.len() - rest.len())
        };
        events.push(Event::decode(payload).unwrap());
        rest = &rest[HEADER + payload.len() + FOOTER..];
    }
    events
}

/// The events of a run as bytes, without what depends on the clock: equal bytes are equal steps, tags and values to
/// the last bit, NaN included.
pub(crate) fn timeless(folder: &Path) -> Vec<Vec<u8>> {
    let without_times = |mut event: Event| {
        event.wall_time = 0.0;
        if let Some(What::Summary(summary)) = &mut event.what {
            summary.value.iter_mut().for_each(forget_times);
        }
        event.encode_to_vec()
    };
    events(folder).into_iter().map(without_times).collect()
}

/// The hyperparameters' records hold times of their own.
fn forget_times(value: &mut Value) {
    let Some(plugin) = value.metadata.as_mut().and_then(|metadata| metadata.plugin_data.as_mut()) else { return };
    if plugin.plugin_name != "hparams" {
        return;
    }
    let mut content = HParamsPluginData::decode(&plugin.content[..]).unwrap();
    match content.data.as_mut().unwrap() {
        HParamsData::Experiment(experiment) => experiment.time_created_secs = 0.0,
        HParamsData::SessionStartInfo(start) => start.start_time_secs = 0.0,
        HParamsData::SessionEndInfo(end) => end.end_time_secs = 0.0,
    }
    plugin.content = content.encode_to_vec();
}

/// Every value of a run: tag to steps and values, in the order in which they stand in the file.
pub(crate) struct Recorded(BTreeMap<String, Vec<(i64, Value)>>);

impl Recorded {
    pub(crate) fn of(folder: &Path) -> Self {
        let mut tags: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for Event { step, what, .. } in events(folder) {
            let Some(What::Summary(summary)) = what else { continue };
            for value in summary.value {
                tags.entry(value.tag.clone()).or_default().push((step, value));
            }
        }
        Self(tags)
    }

    /// The steps of each tag.
    pub(crate) fn steps(&self) -> BTreeMap<String, Vec<i64>> {
        self.0.iter().map(|(tag, values)| (tag.clone(), values.iter().map(|(step, _)| *step).collect())).collect()
    }

    /// The values of a scalar, by step; none if it was never recorded.
    pub(crate) fn scalar(&self, tag: &str) -> BTreeMap<i64, f32> {
        let values = self.0.get(tag).into_iter().flatten();
        values.map(|(step, value)| (*step, tensor(value).float_val[0])).collect()
    }

    /// How many values a histogram holds, by step.
    pub(crate) fn histogram_count(&self, tag: &str) -> BTreeMap<i64, f64> {
        let count = |tensor: &TensorProto| {
            let numbers =
                tensor.tensor_content.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()));
            // Rows of left edge, right edge, count.
            numbers.skip(2).step_by(3).sum()
        };
        self.0[tag].iter().map(|(step, value)| (*step, count(tensor(value)))).collect()
    }

    /// The scalars that the hparams plugin shows as metrics.
    pub(crate) fn metrics(&self) -> Vec<String> {
        let (_, value) = &self.0["_hparams_/experiment"][0];
        let content = &value.metadata.as_ref().unwrap().plugin_data.as_ref().unwrap().content[..];
        match HParamsPluginData::decode(content).unwrap().data.unwrap() {
            HParamsData::Experiment(experiment) => {
                experiment.metric_infos.into_iter().map(|metric| metric.name.unwrap().tag).collect()
            }
            other => panic!("expected the experiment, found {other:?}"),
        }
    }

    /// How the session ended, if it did.
    pub(crate) fn session_end(&self) -> Option<SessionStatus> {
        let (_, value) = self.0.get("_hparams_/session_end_info")?.first()?;
        let content = &value.metadata.as_ref()?.plugin_data.as_ref()?.content[..];
        match HParamsPluginData::decode(content).unwrap().data? {
            HParamsData::SessionEndInfo(end) => SessionStatus::try_from(end.status).ok(),
            other => panic!("expected the end of the session, found {other:?}"),
        }
    }
}

fn tensor(value: &Value) -> &TensorProto {
    match &value.value {
        Some(ValueKind::Tensor(tensor)) => tensor,
        other => panic!("expected a tensor under {}, found {other:?}", value.tag),
    }
}

/// A value of a run's manifest.
pub(crate) fn manifest(folder: &Path, key: &str) -> serde_json::Value {
    let text = fs::read_to_string(folder.join(Manifest::FILE_NAME)).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap()[key].clone()
}
