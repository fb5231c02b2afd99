//! Protocol buffers, read in place: no allocation, no schema.
//!
//! Most records of a log directory are read once, for a step, a wall time, a tag and a number or a place. Building the
//! messages of [`crate::proto`] for that costs several times more than reading, so the fields are walked where they
//! stand. A message is a sequence of keys (`number << 3 | wire type`, a varint) and values; see "Encoding" in the
//! documentation of protocol buffers.

use std::{borrow::Cow, fmt::Write as _};

/// Why some bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A varint without end.
    #[error("a number is longer than ten bytes")]
    Varint,
    /// The message ends inside a field.
    #[error("a field reaches beyond the end of its message")]
    Short,
    /// Groups (3 and 4), which no writer has used for fifteen years, and 6 and 7, which do not exist.
    #[error("a field has wire type {0}, which is none")]
    WireType(u8),
    /// A field is not of the type that the format gives it.
    #[error("field {0} is not of its type")]
    Type(u32),
    /// Field numbers begin at 1.
    #[error("a field has the number zero")]
    Zero,
}

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wire<'a> {
    /// Integers and truth values.
    Varint(u64),
    /// Eight bytes, little-endian.
    Fixed64(u64),
    /// Text, bytes, messages and packed numbers.
    Bytes(&'a [u8]),
    /// Four bytes, little-endian.
    Fixed32(u32),
}

/// A field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Field<'a> {
    /// Number.
    pub(crate) number: u32,
    /// Value.
    pub(crate) wire: Wire<'a>,
}

impl<'a> Field<'a> {
    /// An integer.
    pub(crate) fn varint(self) -> Result<u64, Malformed> {
        if let Wire::Varint(value) = self.wire { Ok(value) } else { Err(Malformed::Type(self.number)) }
    }

    /// Text, bytes or a message.
    pub(crate) fn bytes(self) -> Result<&'a [u8], Malformed> {
        if let Wire::Bytes(value) = self.wire { Ok(value) } else { Err(Malformed::Type(self.number)) }
    }

    /// A double.
    pub(crate) fn double(self) -> Result<f64, Malformed> {
        if let Wire::Fixed64(bits) = self.wire { Ok(f64::from_bits(bits)) } else { Err(Malformed::Type(self.number)) }
    }

    /// A float.
    pub(crate) fn float(self) -> Result<f32, Malformed> {
        if let Wire::Fixed32(bits) = self.wire { Ok(f32::from_bits(bits)) } else { Err(Malformed::Type(self.number)) }
    }
}

/// The fields of a message, in the order in which they stand. Ends after the first error.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Of a message that is all of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Fields { rest: bytes }
    }

    #[expect(clippy::inline_always, reason = "a field that goes through memory makes a load half as slow again")]
    #[inline(always)]
    fn field(&mut self) -> Result<Field<'a>, Malformed> {
        let key = varint(&mut self.rest)?;
        // Field numbers have at most 29 bits; a longer key would be cut to another field's number.
        let key = u32::try_from(key).map_err(|_| Malformed::Varint)?;
        let number = key >> 3;
        if number == 0 {
            return Err(Malformed::Zero);
        }
        let wire = match key & 7 {
            0 => Wire::Varint(varint(&mut self.rest)?),
            1 => Wire::Fixed64(u64::from_le_bytes(array(&mut self.rest)?)),
            2 => {
                let length = varint(&mut self.rest)?;
                let length = usize::try_from(length).map_err(|_| Malformed::Short)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Short)?;
                self.rest = rest;
                Wire::Bytes(bytes)
            }
            5 => Wire::Fixed32(u32::from_le_bytes(array(&mut self.rest)?)),
            other => return Err(Malformed::WireType(other as u8)),
        };
        Ok(Field { number, wire })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Takes a varint from the front of `bytes`. Bits beyond the 64th are ignored, as other decoders do.
#[inline]
pub(crate) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    // Keys, lengths and most numbers.
    if let [byte @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Ok(u64::from(*byte));
    }
    long_varint(bytes)
}

fn long_varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            *bytes = &bytes[i + 1..];
            return Ok(value);
        }
    }
    Err(if bytes.len() < 10 { Malformed::Short } else { Malformed::Varint })
}

/// Takes `N` bytes from the front of `bytes`.
pub(crate) fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (array, rest) = bytes.split_first_chunk().ok_or(Malformed::Short)?;
    *bytes = rest;
    Ok(*array)
}

/// Text that should be UTF-8. Bytes that are not are written `\xNN`, so that names that differ stay different.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::proto;

    #[test]
    fn the_example_of_the_encoding_guide_is_read() {
        // "Encoding" in the documentation of protocol buffers: field 1, 150; field 2, "testing".
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67];
        let fields: Vec<_> = Fields::new(&bytes).map(Result::unwrap).collect();
        let expected =
            [Field { number: 1, wire: Wire::Varint(150) }, Field { number: 2, wire: Wire::Bytes(b"testing") }];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_no_message_is_an_error_and_then_the_end() {
        let cases: [(&[u8], Malformed); 6] = [
            (&[0x08], Malformed::Short),
            (&[0x08, 0x80, 0x80], Malformed::Short),
            (&[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], Malformed::Varint),
            (&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], Malformed::Short),
            (&[0x0b], Malformed::WireType(3)),
            (&[0x00, 0x00], Malformed::Zero),
        ];
        for (bytes, expected) in cases {
            let fields: Vec<_> = Fields::new(bytes).collect();
            assert_eq!(fields, [Err(expected)], "{bytes:x?}");
        }
    }

    #[test]
    fn names_that_are_not_utf8_stay_different() {
        assert_eq!(text("Grüße".as_bytes()), "Grüße");
        assert_eq!(text(b"a\xffb\xfe"), "a\\xffb\\xfe");
        assert_ne!(text(b"\xff"), text(b"\xfe"));
    }

    proptest! {
        #[test]
        fn integers_and_floats_are_what_prost_wrote(wall_time: f64, step: i64) {
            let bytes = proto::Event { wall_time, step, ..Default::default() }.encode_to_vec();
            let (mut found_time, mut found_step) = (0.0f64, 0);
            for field in Fields::new(&bytes) {
                let field = field.unwrap();
                match field.number {
                    1 => found_time = field.double().unwrap(),
                    2 => found_step = field.varint().unwrap().cast_signed(),
                    other => panic!("field {other}"),
                }
            }
            // The format leaves zero out, and with it the sign of a negative zero.
            prop_assert!(found_time.to_bits() == wall_time.to_bits() || found_time == wall_time);
            prop_assert_eq!(found_step, step);
        }

        #[test]
        fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::new(&bytes).count();
        }
    }
}
