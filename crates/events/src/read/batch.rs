//! Part of a file, decoded: columns for each tag, before it is known what the tags are.
//!
//! What a tag is stands in the metadata of its first value only, which may be in another part of the file. So parts are
//! decoded on their own, in any order and on any thread, and added to their run in the order of the file.

use std::{collections::HashMap, sync::Arc};

use super::{
    event::{self, Form, Value, Width},
    kind::SeriesKind,
    metadata::Metadata,
    numbers::Point,
    places::Place,
    wire::{self, Malformed},
};

/// More tags than this are not remembered from one part to the next.
const REMEMBERED: usize = 1 << 14;

/// The values of one tag in one part of a file.
#[derive(Debug)]
pub(crate) struct TagBatch {
    /// As in the file.
    bytes: Box<[u8]>,
    pub(crate) tag: Arc<str>,
    /// What the first value looks like, and whether metadata may know better.
    pub(crate) kind: (SeriesKind, bool),
    /// The first; of hyperparameters the last.
    pub(crate) metadata: Option<Arc<Metadata>>,
    /// Values that are numbers.
    pub(crate) points: Vec<Point>,
    /// Whether an f32 is too narrow for their type.
    pub(crate) wide: bool,
    /// Those of them, by index, that are integers which an f64 does not hold.
    pub(crate) integers: Vec<(usize, i128)>,
    /// Values that are not.
    pub(crate) places: Vec<Place>,
    /// Where the values after a session's start begin, if any do.
    pub(crate) stretches: Vec<Stretch>,
    /// Whether the first value is a number.
    pub(crate) number_first: bool,
    /// Bytes of the values in the file.
    pub(crate) bytes_in_file: u64,
    /// Which tag stood behind this one last time: it will be the same this time.
    next: usize,
}

/// Values that follow a session's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// How many sessions the part has begun before.
    pub(crate) session: u32,
    /// How many numbers stand before, and how many other values.
    pub(crate) points: usize,
    pub(crate) places: usize,
}

/// Part of a file, decoded. Reused from part to part, since tags come again.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    tags: Vec<TagBatch>,
    index: HashMap<Box<[u8]>, usize>,
    /// The tags that have a value, in the order of their first.
    touched: Vec<usize>,
    previous: usize,
    /// The steps of the sessions that begin in this part.
    pub(crate) starts: Vec<i64>,
    /// What a writer says of most tags is the same: the last few that were read.
    metadata: Vec<(Box<[u8]>, Arc<Metadata>)>,
    /// Whole events.
    pub(crate) records: u64,
}

/// How many are remembered.
const METADATA: usize = 8;

impl Batch {
    /// Forgets the values.
    pub(crate) fn clear(&mut self) {
        if self.tags.len() > REMEMBERED {
            *self = Batch::default();
        }
        for &i in &self.touched {
            let tag = &mut self.tags[i];
            tag.metadata = None;
            tag.points.clear();
            tag.wide = false;
            tag.integers.clear();
            tag.stretches.clear();
            tag.places.clear();
            tag.bytes_in_file = 0;
        }
        self.touched.clear();
        self.starts.clear();
        self.records = 0;
    }

    /// The tags that have a value, in the order of their first.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &TagBatch> {
        self.touched.iter().map(|&i| &self.tags[i])
    }

    /// Adds the values of the record at `offset`.
    ///
    /// # Errors
    ///
    /// If the payload is not an event. Values before the defect are kept.
    pub(crate) fn add(&mut self, payload: &[u8], offset: u64) -> Result<(), Malformed> {
        self.records += 1;
        let session = self.starts.len() as u32;
        let start = event::values(payload, |value| {
            let Value { step, wall_time, part, form, .. } = value;
            // Before anything is changed: a value whose metadata cannot be read is none.
            let metadata = value.metadata.map(|bytes| self.metadata(bytes)).transpose()?;
            let i = self.tag(&value);
            // What hyperparameters say stands in their metadata, and the last session counts.
            let is_wanted = self.tags[i].metadata.is_none() || is_session(value.tag);
            if let Some(metadata) = metadata.filter(|_| is_wanted) {
                self.tags[i].metadata = Some(metadata);
            }
            let tag = &mut self.tags[i];
            if tag.stretches.last().map_or(0, |stretch| stretch.session) != session {
                tag.stretches.push(Stretch { session, points: tag.points.len(), places: tag.places.len() });
            }
            tag.bytes_in_file += value.bytes as u64;
            if let Form::Number { value, width, .. } = form {
                if let Width::Integer(integer) = width {
                    tag.integers.push((tag.points.len(), integer));
                }
                tag.points.push(Point { step, wall_time, value });
                tag.wide |= width != Width::Single;
            } else {
                // The file's number is filled in by whoever knows it.
                tag.places.push(Place { step, wall_time, file: 0, part, offset });
            }
            Ok(())
        })?;
        self.starts.extend(start);
        Ok(())
    }

    /// What a writer says of a tag: one copy for all tags of which it says the same.
    fn metadata(&mut self, bytes: &[u8]) -> Result<Arc<Metadata>, Malformed> {
        if let Some((_, known)) = self.metadata.iter().find(|(known, _)| **known == *bytes) {
            return Ok(Arc::clone(known));
        }
        let metadata = Arc::new(Metadata::read(bytes)?);
        if self.metadata.len() == METADATA {
            self.metadata.remove(0);
        }
        self.metadata.push((bytes.into(), Arc::clone(&metadata)));
        Ok(metadata)
    }

    /// The index of the columns of a value's tag, ready for the value.
    fn tag(&mut self, value: &Value<'_>) -> usize {
        let guess = self.tags.get(self.previous).map_or(usize::MAX, |previous| previous.next);
        let i = match self.tags.get(guess) {
            Some(tag) if *tag.bytes == *value.tag => guess,
            _ => {
                let i = self.find(value.tag);
                if let Some(previous) = self.tags.get_mut(self.previous) {
                    previous.next = i;
                }
                i
            }
        };
        self.previous = i;
        let tag = &mut self.tags[i];
        if tag.points.is_empty() && tag.places.is_empty() {
            self.touched.push(i);
            tag.kind = value.form.kind();
            tag.number_first = matches!(value.form, Form::Number { .. });
        }
        i
    }

    fn find(&mut self, bytes: &[u8]) -> usize {
        if let Some(&i) = self.index.get(bytes) {
            return i;
        }
        let i = self.tags.len();
        self.tags.push(TagBatch {
            bytes: bytes.into(),
            tag: wire::text(bytes).as_ref().into(),
            kind: (SeriesKind::Other, true),
            metadata: None,
            points: Vec::new(),
            wide: false,
            integers: Vec::new(),
            places: Vec::new(),
            stretches: Vec::new(),
            number_first: false,
            bytes_in_file: 0,
            next: usize::MAX,
        });
        self.index.insert(bytes.into(), i);
        i
    }
}

/// Whether a tag is one of the three under which a session's hyperparameters stand.
fn is_session(tag: &[u8]) -> bool {
    tag.starts_with(b"_hparams_/")
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::proto::{self, Event, Summary, ValueKind, What};

    fn payload(step: i64, tags: &[&str]) -> Vec<u8> {
        let value = |tag: &&str| proto::Value {
            tag: (*tag).into(),
            value: Some(ValueKind::SimpleValue(step as f32)),
            metadata: None,
        };
        let what = What::Summary(Summary { value: tags.iter().map(value).collect() });
        Event { wall_time: 0.0, step, what: Some(what), source_metadata: None }.encode_to_vec()
    }

    fn found(batch: &Batch) -> Vec<(String, Vec<i64>)> {
        let steps = |tag: &TagBatch| tag.points.iter().map(|point| point.step).collect();
        batch.tags().map(|tag| (tag.tag.to_string(), steps(tag))).collect()
    }

    #[test]
    fn a_value_whose_metadata_cannot_be_read_costs_no_other() {
        let field = |key: u8, bytes: &[u8]| [&[key, bytes.len() as u8], bytes].concat();
        // In metadata, the first field is a message, and not a number.
        let value = [field(0x0a, b"a"), field(0x4a, &[0x08, 1]), vec![0x15, 0, 0, 0, 0]].concat();
        let bad = field(0x2a, &field(0x0a, &value));
        let mut batch = Batch::default();
        assert!(batch.add(&bad, 0).is_err());
        batch.add(&payload(1, &["a"]), 0).unwrap();
        batch.add(&payload(2, &["a"]), 0).unwrap();
        assert_eq!(found(&batch), [("a".to_owned(), vec![1, 2])]);
    }

    #[test]
    fn values_go_to_their_tags_whatever_stood_behind_them_last_time() {
        let mut batch = Batch::default();
        for (step, tags) in (0..).zip([&["a", "b", "c"][..], &["a", "b", "c"], &["a", "c"], &["b", "a", "c"]]) {
            batch.add(&payload(step, tags), 0).unwrap();
        }
        let expected = [("a", vec![0, 1, 2, 3]), ("b", vec![0, 1, 3]), ("c", vec![0, 1, 2, 3])]
            .map(|(tag, steps)| (tag.to_owned(), steps));
        assert_eq!(found(&batch), expected);
        batch.clear();
        assert_eq!(found(&batch), []);
        batch.add(&payload(9, &["c", "d"]), 0).unwrap();
        assert_eq!(found(&batch), [("c".to_owned(), vec![9]), ("d".to_owned(), vec![9])]);
    }

    #[test]
    fn a_million_tags_are_not_remembered() {
        let mut batch = Batch::default();
        for i in 0..=REMEMBERED {
            batch.add(&payload(0, &[&i.to_string()]), 0).unwrap();
        }
        batch.clear();
        assert!(batch.tags.is_empty() && batch.index.is_empty());
    }
}
