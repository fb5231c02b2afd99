//! What the fuzz targets share.

use headwater_events::record;

/// Makes an event file of an input, in pieces that are written one after the other. A fuzzer does not find checksums by
/// chance, so the input is a list of instructions: what to do, a length, and so many bytes.
pub fn file(mut input: &[u8]) -> Vec<Vec<u8>> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    while let [what, length, rest @ ..] = input {
        let (bytes, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        input = rest;
        match what % 6 {
            // A good record, and one that is broken off.
            0 | 1 => record::append(&mut piece, |buffer| buffer.extend_from_slice(bytes)),
            2 => {
                let mut whole = Vec::new();
                record::append(&mut whole, |buffer| buffer.extend_from_slice(bytes));
                let kept = whole.len() * usize::from(*what) / 256;
                piece.extend_from_slice(&whole[..kept]);
            }
            // A good header that claims anything.
            3 => {
                let mut claim = [0; 8];
                let known = bytes.len().min(8);
                claim[..known].copy_from_slice(&bytes[..known]);
                piece.extend_from_slice(&claim);
                piece.extend_from_slice(&headwater_events::crc::masked(&claim).to_le_bytes());
            }
            4 => piece.extend_from_slice(bytes),
            _ => pieces.push(std::mem::take(&mut piece)),
        }
    }
    pieces.push(piece);
    pieces
}
