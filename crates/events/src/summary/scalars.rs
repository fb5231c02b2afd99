//! The scalars of a step in one record, serialised without a message for each.

use prost::{
    Message,
    encoding::{WireType, double, encode_key, encode_varint, int64},
};

use super::{Kind, value};
use crate::proto::TensorProto;

/// Field numbers: values of a summary; wall time, step and summary of an event.
const VALUE: u32 = 1;
const WALL_TIME: u32 = 1;
const STEP: u32 = 2;
const SUMMARY: u32 = 5;

/// A value of a tag as it stands in a summary. The number is last, so that only it changes.
pub(crate) struct Template(Vec<u8>);

impl Template {
    pub(crate) fn new(tag: &str) -> Self {
        Self(serialised(tag, 0.0, false))
    }

    /// Appends the value to a serialised summary.
    pub(crate) fn append(&self, number: f32, summary: &mut Vec<u8>) {
        summary.extend_from_slice(&self.0);
        let at = summary.len() - size_of::<f32>();
        summary[at..].copy_from_slice(&number.to_le_bytes());
    }
}

/// Appends the first value of a tag, with its metadata, to a serialised summary.
pub(crate) fn append_first(tag: &str, number: f32, summary: &mut Vec<u8>) {
    summary.extend_from_slice(&serialised(tag, number, true));
}

fn serialised(tag: &str, number: f32, is_first: bool) -> Vec<u8> {
    let value = value(Kind::Scalar, tag, TensorProto::scalar(number), is_first.then(Vec::new));
    let mut bytes = Vec::new();
    encode_key(VALUE, WireType::LengthDelimited, &mut bytes);
    bytes.extend_from_slice(&value.encode_length_delimited_to_vec());
    bytes
}

/// The event of a serialised summary.
pub(crate) fn event(wall_time: f64, step: i64, summary: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(summary.len() + 32);
    double::encode(WALL_TIME, &wall_time, &mut bytes);
    int64::encode(STEP, &step, &mut bytes);
    encode_key(SUMMARY, WireType::LengthDelimited, &mut bytes);
    encode_varint(summary.len() as u64, &mut bytes);
    bytes.extend_from_slice(summary);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Event, Summary, What};

    #[test]
    fn a_record_is_what_its_messages_would_be() {
        let tags = ["loss", "gradient/mean_abs/layer1", "accuracy"];
        let numbers = [0.5, f32::NAN, -0.0];
        let mut bytes = Vec::new();
        append_first(tags[0], numbers[0], &mut bytes);
        Template::new(tags[1]).append(numbers[1], &mut bytes);
        Template::new(tags[2]).append(numbers[2], &mut bytes);
        let content = [Some(Vec::new()), None, None];
        let values = tags.iter().zip(numbers).zip(content);
        let value = values
            .map(|((tag, number), content)| value(Kind::Scalar, tag, TensorProto::scalar(number), content))
            .collect();
        let what = Some(What::Summary(Summary { value }));
        let expected = Event { wall_time: 1.5, step: 7, what, source_metadata: None };
        assert_eq!(event(1.5, 7, &bytes), expected.encode_to_vec());
    }
}
