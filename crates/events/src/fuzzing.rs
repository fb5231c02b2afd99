//! What the fuzz targets in `fuzz/` call: parts of the reader that are not public otherwise, and what must always hold
//! of them.

use prost::Message as _;

use crate::{
    proto::{Event, What},
    read::{
        datum::Datum,
        event,
        kind::SeriesKind,
        source::Window,
        walk::{Bounds, Cursor, Frame, walk},
    },
};

/// Walks from record to record, in parts, as the threads do: the records and how far the walk came.
fn frames(bytes: &[u8], part: u64) -> (Vec<Frame>, u64) {
    let limit = bytes.len() as u64;
    let (mut cursor, mut all, mut end) = (Cursor::default(), Vec::new(), 0);
    while end < limit {
        let start = end;
        end = (end + part).min(limit);
        let (mut window, mut frames) = (Window::default(), Vec::new());
        let bounds = Bounds { end, limit, stalled: true };
        let walked = window
            .fill(bytes, start, end)
            .and_then(|()| walk(bytes, bounds, &mut cursor, &mut window, &mut frames, &mut Vec::new()));
        assert!(walked.is_ok(), "a slice can always be read");
        for frame in &frames {
            assert!(frame.offset + frame.size() <= limit, "{frame:?} reaches beyond the end");
            assert!(window.from(frame.offset).len() as u64 >= frame.size(), "{frame:?} is not in the window");
        }
        all.append(&mut frames);
    }
    (all, cursor.at)
}

/// The record reader: parts of any size find the same records.
///
/// # Panics
///
/// If they do not.
pub fn records(bytes: &[u8], part: u64) {
    assert_eq!(frames(bytes, part.max(1)), frames(bytes, u64::MAX >> 1));
}

/// The protobuf layer: every value can be read as any kind, and where `prost` decodes an event, it finds the same tags.
///
/// # Panics
///
/// If it does not.
pub fn payload(bytes: &[u8]) {
    const KINDS: [SeriesKind; 11] = [
        SeriesKind::Scalar,
        SeriesKind::Histogram,
        SeriesKind::Text,
        SeriesKind::Image,
        SeriesKind::Audio,
        SeriesKind::PrCurve,
        SeriesKind::HParams,
        SeriesKind::Graph,
        SeriesKind::RunMetadata,
        SeriesKind::Json,
        SeriesKind::Other,
    ];
    let mut tags = Vec::new();
    let read = event::values(bytes, |value| {
        tags.push((value.step, value.tag.to_vec()));
        for kind in KINDS {
            if let Ok(Datum::Histogram(histogram)) = Datum::read(value.form, kind) {
                assert_eq!(histogram.percentiles(&[0.0, 0.5, 1.0]).len(), 3);
            }
        }
        Ok(())
    });
    let Ok(Event { step, what: Some(What::Summary(summary)), .. }) = Event::decode(bytes) else { return };
    // Groups, which prost skips, are refused here.
    if read.is_ok() {
        let says = summary.value.into_iter().filter(|value| value.value.is_some() || value.metadata.is_some());
        let expected: Vec<_> = says.map(|value| (step, value.tag.into_bytes())).collect();
        // A summary that is followed by another kind of event in the same record is dropped by prost.
        assert!(tags.ends_with(&expected), "{tags:?} and not {expected:?}");
    }
}
