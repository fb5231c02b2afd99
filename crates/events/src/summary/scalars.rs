//! The scalars of a step in one record, made from the last one's: between most steps only the numbers change.

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

/// The records of numbers under the same tags.
pub(crate) struct Records {
    /// Of each tag, whether it has had a number: later ones need no metadata.
    written: Vec<bool>,
    /// Of each tag, whether it has a number in the summary below.
    present: Vec<bool>,
    /// The last record's values, serialised.
    summary: Vec<u8>,
    /// Where in it the numbers stand.
    places: Vec<usize>,
}

impl Records {
    /// None yet, of so many tags.
    pub(crate) fn new(tags: usize) -> Self {
        Self { written: vec![false; tags], present: Vec::new(), summary: Vec::new(), places: Vec::new() }
    }

    /// Appends to `buffer` the event of a step: a number for each of `tags`, or none.
    pub(crate) fn append(
        &mut self,
        tags: &[String],
        (wall_time, step): (f64, i64),
        numbers: &[Option<f32>],
        buffer: &mut Vec<u8>,
    ) {
        if !numbers.iter().map(Option::is_some).eq(self.present.iter().copied()) {
            self.serialise(tags, numbers);
        }
        double::encode(WALL_TIME, &wall_time, buffer);
        int64::encode(STEP, &step, buffer);
        encode_key(SUMMARY, WireType::LengthDelimited, buffer);
        encode_varint(self.summary.len() as u64, buffer);
        let start = buffer.len();
        buffer.extend_from_slice(&self.summary);
        let summary = &mut buffer[start..];
        for (&place, number) in self.places.iter().zip(numbers.iter().flatten()) {
            summary[place..][..size_of::<f32>()].copy_from_slice(&number.to_le_bytes());
        }
    }

    /// Makes a summary with whatever is there, and with the metadata of the tags that are new.
    fn serialise(&mut self, tags: &[String], numbers: &[Option<f32>]) {
        self.summary.clear();
        self.places.clear();
        let mut has_news = false;
        for ((tag, number), written) in tags.iter().zip(numbers).zip(&mut self.written) {
            if let Some(number) = *number {
                let is_first = !std::mem::replace(written, true);
                has_news |= is_first;
                let after = if is_first { metadata_size() } else { 0 };
                let value = value(Kind::Scalar, tag, TensorProto::scalar(number), is_first.then(Vec::new));
                encode_key(VALUE, WireType::LengthDelimited, &mut self.summary);
                self.summary.extend_from_slice(&value.encode_length_delimited_to_vec());
                // The number is the last thing in a tensor, and only metadata comes after it.
                self.places.push(self.summary.len() - after - size_of::<f32>());
            }
        }
        self.present.clear();
        if !has_news {
            self.present.extend(numbers.iter().map(Option::is_some));
        }
    }
}

/// How many bytes the metadata takes in a value.
fn metadata_size() -> usize {
    let size = |content| value(Kind::Scalar, "", TensorProto::nothing(), content).encoded_len();
    size(Some(Vec::new())) - size(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Event, Summary, What};

    #[test]
    fn a_record_is_what_its_messages_would_be_whichever_numbers_there_are() {
        let tags = ["loss", "gradient/mean_abs/layer1", "accuracy"].map(str::to_owned);
        let mut records = Records::new(tags.len());
        let mut written = [false; 3];
        for (step, numbers) in (-1000..).step_by(1000).zip([
            [Some(0.5), None, Some(-0.0)],
            [Some(0.25), None, Some(f32::NAN)],
            [Some(0.125), Some(f32::INFINITY), None],
            [Some(0.1), Some(1.0), Some(2.0)],
            [Some(0.2), Some(3.0), Some(4.0)],
            [Some(0.3), None, Some(5.0)],
        ]) {
            let mut bytes = b"before".to_vec();
            records.append(&tags, (1.5, step), &numbers, &mut bytes);
            let values = tags.iter().zip(numbers).zip(&mut written).filter_map(|((tag, number), written)| {
                let content = (!std::mem::replace(written, *written || number.is_some())).then(Vec::new);
                number.map(|number| value(Kind::Scalar, tag, TensorProto::scalar(number), content))
            });
            let what = Some(What::Summary(Summary { value: values.collect() }));
            let expected = Event { wall_time: 1.5, step, what, source_metadata: None };
            let found = Event::decode(&bytes[6..]).unwrap();
            // NaN is equal to nothing: the bytes tell.
            assert_eq!(found.encode_to_vec(), expected.encode_to_vec(), "at {step}");
        }
    }
}
