//! The framing of an event file: how one record follows another.
//!
//! ```text
//! offset       size    content
//! 0            8       n: length of the payload in bytes, u64 little-endian
//! 8            4       masked CRC-32C of those eight bytes, u32 little-endian
//! 12           n       the payload: one serialised Event
//! 12 + n       4       masked CRC-32C of the payload, u32 little-endian
//! ```
//!
//! There is no file header, no index and no terminator: a file that grows is read as far as it goes, and one whose
//! writer was killed is whole up to its last whole record.

use crate::crc;

/// Bytes before a payload.
pub const HEADER: usize = 12;
/// Bytes after a payload.
pub const FOOTER: usize = 4;

/// Appends one record to `buffer`. `write_payload` is given the buffer, positioned where the payload begins.
pub fn append(buffer: &mut Vec<u8>, write_payload: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; HEADER]);
    let payload = buffer.len();
    write_payload(buffer);

    // The length is known only now: the header is patched.
    let length = ((buffer.len() - payload) as u64).to_le_bytes();
    buffer[start..start + 8].copy_from_slice(&length);
    buffer[start + 8..payload].copy_from_slice(&crc::masked(&length).to_le_bytes());
    let sum = crc::masked(&buffer[payload..]);
    buffer.extend_from_slice(&sum.to_le_bytes());
}

/// What stands at the beginning of some bytes of an event file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A whole record, whose checksums agree. The next one begins [`HEADER`]` + payload.len() + `[`FOOTER`] bytes on.
    Whole(&'a [u8]),
    /// The bytes end before the record does. In a file that is still growing this is no error.
    Truncated,
    /// The length's checksum is wrong: how far the record goes is unknown, and so is where the next one begins.
    BadLength,
    /// The payload's checksum is wrong. The length was good, so the next record can be found.
    BadPayload {
        /// Bytes from the beginning of this record to that of the next.
        size: usize,
    },
}

/// Looks at the record at the beginning of `bytes`.
pub fn first(bytes: &[u8]) -> Frame<'_> {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return Frame::Truncated };
    let Some((length_crc, rest)) = rest.split_first_chunk::<4>() else { return Frame::Truncated };
    if u32::from_le_bytes(*length_crc) != crc::masked(length) {
        return Frame::BadLength;
    }
    let Ok(length) = usize::try_from(u64::from_le_bytes(*length)) else { return Frame::Truncated };
    let Some((payload, rest)) = rest.split_at_checked(length) else { return Frame::Truncated };
    let Some((payload_crc, _)) = rest.split_first_chunk::<4>() else { return Frame::Truncated };
    if u32::from_le_bytes(*payload_crc) != crc::masked(payload) {
        return Frame::BadPayload { size: HEADER + length + FOOTER };
    }
    Frame::Whole(payload)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        append(&mut bytes, |buffer| buffer.extend_from_slice(payload));
        bytes
    }

    #[test]
    fn an_empty_payload_is_a_record() {
        assert_eq!(framed(b"").len(), HEADER + FOOTER);
        assert_eq!(first(&framed(b"")), Frame::Whole(b""));
    }

    #[test]
    fn a_length_beyond_the_address_space_is_a_truncated_record() {
        let length = u64::MAX.to_le_bytes();
        let mut bytes = length.to_vec();
        bytes.extend_from_slice(&crc::masked(&length).to_le_bytes());
        assert_eq!(first(&bytes), Frame::Truncated);
    }

    proptest! {
        #[test]
        fn what_was_appended_is_read_back(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..8)) {
            let mut bytes = Vec::new();
            for payload in &payloads {
                append(&mut bytes, |buffer| buffer.extend_from_slice(payload));
            }
            let mut rest = &bytes[..];
            for payload in &payloads {
                prop_assert_eq!(first(rest), Frame::Whole(payload));
                rest = &rest[HEADER + payload.len() + FOOTER..];
            }
            prop_assert_eq!(first(rest), Frame::Truncated);
        }

        #[test]
        fn every_truncation_is_seen(payload in prop::collection::vec(any::<u8>(), 0..60)) {
            let bytes = framed(&payload);
            for end in 0..bytes.len() {
                prop_assert_eq!(first(&bytes[..end]), Frame::Truncated, "cut at {}", end);
            }
        }

        #[test]
        fn every_flipped_bit_is_seen(payload in prop::collection::vec(any::<u8>(), 0..60), at in any::<prop::sample::Index>(), bit in 0..8) {
            let mut bytes = framed(&payload);
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            let expected = if at < HEADER { Frame::BadLength } else { Frame::BadPayload { size: bytes.len() } };
            prop_assert_eq!(first(&bytes), expected);
        }
    }
}
