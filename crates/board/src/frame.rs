//! Answers that are mostly numbers.
//!
//! Little-endian: u32 length of the header; the header, JSON in UTF-8; zeros up to a multiple of 8; then the arrays one
//! after the other, each padded with zeros to a multiple of 8, so that a browser can look at them where they stand.
//! The header's `arrays` says what they are: `[{"type": "f64", "length": 1000}, ...]`.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A frame that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    arrays: Vec<Value>,
    bytes: Vec<u8>,
}

impl Frame {
    /// Without any arrays.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds an array.
    pub(crate) fn f64(&mut self, values: impl IntoIterator<Item = f64>) {
        self.add("f64", values.into_iter().map(f64::to_le_bytes));
    }

    /// Adds an array.
    pub(crate) fn f32(&mut self, values: impl IntoIterator<Item = f32>) {
        self.add("f32", values.into_iter().map(f32::to_le_bytes));
    }

    /// Adds an array.
    pub(crate) fn u32(&mut self, values: impl IntoIterator<Item = u32>) {
        self.add("u32", values.into_iter().map(u32::to_le_bytes));
    }

    /// Adds an array.
    pub(crate) fn u16(&mut self, values: impl IntoIterator<Item = u16>) {
        self.add("u16", values.into_iter().map(u16::to_le_bytes));
    }

    fn add<const N: usize>(&mut self, name: &str, values: impl Iterator<Item = [u8; N]>) {
        let start = self.bytes.len();
        self.bytes.reserve(values.size_hint().0 * N);
        for value in values {
            self.bytes.extend_from_slice(&value);
        }
        self.arrays.push(json!({ "type": name, "length": (self.bytes.len() - start) / N }));
        pad(&mut self.bytes);
    }

    /// The whole frame. `header`: its own fields.
    pub(crate) fn finish(self, mut header: Map<String, Value>) -> Vec<u8> {
        header.insert("arrays".to_owned(), Value::Array(self.arrays));
        let header = Value::Object(header).to_string();
        let mut bytes = Vec::with_capacity(4 + header.len() + 8 + self.bytes.len());
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        pad(&mut bytes);
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// The same, as an answer.
    pub(crate) fn answer(self, header: Map<String, Value>) -> Response {
        ([(header::CONTENT_TYPE, "application/octet-stream")], self.finish(header)).into_response()
    }
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_array_begins_at_a_multiple_of_eight() {
        let mut frame = Frame::new();
        frame.u16([1, 2, 3]);
        frame.f64([0.5]);
        frame.u16([7]);
        let header = json!({ "version": 3 }).as_object().cloned().unwrap();
        let bytes = frame.finish(header);
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&bytes[4..4 + length]).unwrap();
        assert_eq!(header["version"], 3);
        assert_eq!(header["arrays"][1], json!({ "type": "f64", "length": 1 }));
        let arrays = &bytes[(4 + length).next_multiple_of(8)..];
        assert_eq!(arrays[..8], [1, 0, 2, 0, 3, 0, 0, 0]);
        assert_eq!(arrays[8..16], 0.5f64.to_le_bytes());
        assert_eq!(arrays[16..], [7, 0, 0, 0, 0, 0, 0, 0]);
    }
}
