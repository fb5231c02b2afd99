//! The checksum of an event file: CRC-32C, masked.
//!
//! A record's checksum is stored beside the record, and records may themselves contain checksummed data. The CRC of
//! data that ends in its own CRC is a constant, so the format stores a *masked* CRC: rotated right by 15 bits, plus a
//! constant, modulo 2^32 (`TensorFlow`, `tsl/lib/hash/crc32c.h`).

/// What is added after the rotation.
const MASK_DELTA: u32 = 0xa282_ead8;

/// The masked CRC-32C of `bytes`, as it stands in the file (there in little-endian order).
///
/// Uses the processor's CRC instruction where there is one.
pub fn masked(bytes: &[u8]) -> u32 {
    mask(crc32c::crc32c(bytes))
}

/// CRC-32C of bytes that arrive in pieces.
#[derive(Debug, Default)]
pub(crate) struct Sum(u32);

impl Sum {
    /// Adds the next bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0 = crc32c::crc32c_append(self.0, bytes);
    }

    /// The masked checksum of all bytes added so far.
    pub(crate) fn masked(&self) -> u32 {
        mask(self.0)
    }
}

fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(MASK_DELTA)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Undoes the mask, so that the vectors below can be those that are published for plain CRC-32C.
    fn unmasked(masked: u32) -> u32 {
        masked.wrapping_sub(MASK_DELTA).rotate_left(15)
    }

    #[test]
    fn the_vectors_of_rfc_3720_hold() {
        // RFC 3720 (iSCSI), appendix B.4.
        let ascending: Vec<u8> = (0..32).collect();
        let descending: Vec<u8> = (0..32).rev().collect();
        for (bytes, expected) in [
            (&[0u8; 32][..], 0x8a91_36aa),
            (&[0xff; 32][..], 0x62a8_ab43),
            (&ascending[..], 0x46dd_794e),
            (&descending[..], 0x113f_db5c),
            (b"123456789", 0xe306_9283),
        ] {
            assert_eq!(unmasked(masked(bytes)), expected, "of {bytes:x?}");
        }
    }

    #[test]
    fn bytes_in_pieces_have_the_sum_of_the_whole() {
        let bytes: Vec<u8> = (0..100).collect();
        for cut in 0..=100 {
            let mut sum = Sum::default();
            sum.add(&bytes[..cut]);
            sum.add(&bytes[cut..]);
            assert_eq!(sum.masked(), masked(&bytes));
        }
    }

    #[test]
    fn the_mask_is_that_of_tensorflow() {
        // The header of a 24-byte record, as TensorBoard's own writer wrote it: the length and its masked CRC.
        assert_eq!(masked(&24u64.to_le_bytes()), u32::from_le_bytes([0xa3, 0x7f, 0x4b, 0x22]));
    }
}
