//! Event files made by hand, and what a store makes of them.
#![allow(dead_code, reason = "each test binary uses its part")]

use headwater_events::{
    Store,
    proto::{Event, Summary, Value, ValueKind, What},
    record,
};
use prost::Message as _;

/// A record with any payload.
pub(crate) fn record(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    record::append(&mut bytes, |buffer| buffer.extend_from_slice(payload));
    bytes
}

/// A record with an event.
pub(crate) fn event(step: i64, what: What) -> Vec<u8> {
    record(&Event { wall_time: 1.7e9 + step as f64, step, what: Some(what), source_metadata: None }.encode_to_vec())
}

/// The same at a wall time.
pub(crate) fn event_at(wall_time: f64, step: i64, what: What) -> Vec<u8> {
    record(&Event { wall_time, step, what: Some(what), source_metadata: None }.encode_to_vec())
}

/// A scalar at a wall time.
pub(crate) fn scalar_at(wall_time: f64, step: i64, tag: &str, value: f32) -> Vec<u8> {
    let value = Value { tag: tag.into(), value: Some(ValueKind::SimpleValue(value)), metadata: None };
    event_at(wall_time, step, What::Summary(Summary { value: vec![value] }))
}

/// `SessionLog.START` at a step.
pub(crate) fn session_start(wall_time: f64, step: i64) -> Vec<u8> {
    let mut payload = Event { wall_time, step, what: None, source_metadata: None }.encode_to_vec();
    // Field 7: a message of which field 1 is 1.
    payload.extend([0x3a, 2, 0x08, 1]);
    record(&payload)
}

/// A record with a value in the old form.
pub(crate) fn scalar(step: i64, tag: &str, value: f32) -> Vec<u8> {
    let value = Value { tag: tag.into(), value: Some(ValueKind::SimpleValue(value)), metadata: None };
    event(step, What::Summary(Summary { value: vec![value] }))
}

/// A file with one scalar a step.
pub(crate) fn scalars(steps: std::ops::Range<i64>, tag: &str) -> Vec<u8> {
    steps.flat_map(|step| scalar(step, tag, step as f32)).collect()
}

/// The steps of a series; none if it is not there.
pub(crate) fn steps(store: &Store, run: &str, tag: &str) -> Vec<i64> {
    let series = store.run(run).and_then(|run| run.get(tag));
    series.map_or(Vec::new(), |series| series.points(0..usize::MAX).iter().map(|point| point.step).collect())
}

/// Offset and skipped bytes of every problem.
pub(crate) fn skipped(store: &Store) -> Vec<(Option<u64>, u64)> {
    store.problems().iter().map(|problem| (problem.offset, problem.skipped)).collect()
}
