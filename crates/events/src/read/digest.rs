//! What has been read of a file, in a few bytes, to notice that it was written over in place.
//!
//! A file that is written anew under its name has another inode, or is shorter, or begins otherwise. A file whose records
//! were written over by others of the same length shows in its checksums: a record ends with one.

use std::io;

use super::{
    source::{Source, Window, read_exact},
    walk::{Bounds, Cursor, Frame, Tail, walk},
};
use crate::{
    crc,
    record::{FOOTER, HEADER},
};

/// How many of a file's first bytes are compared at every look. The first record holds the time at which it was written,
/// to the microsecond.
const HEAD: u64 = 64;

/// Bytes that are read at a time.
const PART: u64 = 1 << 20;

/// The beginning and the records of a file, as far as they have been read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How many of the first bytes were seen, and their checksum.
    head: (u8, u32),
    /// A checksum of where all records end and of their checksums.
    records: u64,
    /// Where the checksum of the last record stands, and what it is.
    last: Option<(u64, [u8; FOOTER])>,
}

impl Digest {
    /// Adds records that the window holds.
    pub(crate) fn add(&mut self, frames: &[Frame], window: &Window) {
        for frame in frames {
            let at = frame.offset + (HEADER + frame.length) as u64;
            let Some(sum) = window.from(at).first_chunk() else { continue };
            let word = at.rotate_left(32) ^ u64::from(u32::from_le_bytes(*sum));
            // 2^64 divided by the golden ratio: an odd number that spreads bits.
            self.records = (self.records.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.last = Some((at, *sum));
        }
    }

    /// Whether a file of `size` bytes still begins as it did, and still has the last record that was read. Notes more of
    /// its beginning if there is more now.
    pub(crate) fn check_ends(&mut self, file: &(impl Source + ?Sized), size: u64) -> io::Result<bool> {
        let mut head = [0; HEAD as usize];
        let head = &mut head[..HEAD.min(size) as usize];
        read_exact(file, head, 0)?;
        let (length, sum) = self.head;
        let begins_alike = head.get(..length.into()).is_some_and(|known| crc::masked(known) == sum) || length == 0;
        self.head = (head.len() as u8, crc::masked(head));
        let Some((at, sum)) = self.last else { return Ok(begins_alike) };
        let mut now = [0; FOOTER];
        read_exact(file, &mut now, at)?;
        Ok(begins_alike && now == sum)
    }

    /// Whether a file of `size` bytes still holds the same records, of which the last ended before `end`. Reads all of it.
    pub(crate) fn check_records(&self, file: &(impl Source + ?Sized), end: u64, size: u64) -> io::Result<bool> {
        let (mut cursor, mut window, mut now) = (Cursor::default(), Window::default(), Digest::default());
        let (mut frames, mut flaws) = (Vec::new(), Vec::new());
        while cursor.at < end && (matches!(cursor.tail, Tail::Clean) || cursor.is_searching()) {
            cursor.renew();
            let bounds = Bounds { end: (cursor.at + PART).min(end), limit: size, stalled: true };
            window.fill(file, cursor.at, bounds.end)?;
            walk(file, bounds, &mut cursor, &mut window, &mut frames, &mut flaws)?;
            now.add(&frames, &window);
            frames.clear();
            flaws.clear();
        }
        Ok(now.records == self.records)
    }
}
