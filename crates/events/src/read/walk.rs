//! Walking from record to record by the headers, and finding the way back when one of them is bad.
//!
//! A header's checksum makes its length trustworthy, so records are found without looking at what is in them; that can
//! then be done by several threads. Where no good header stands, the next one is searched for byte by byte. If the
//! payload before the bad place is bad, too, the search begins inside that record: it may be one that was broken off,
//! whose header claims bytes that belong to others by now.
//!
//! A record that reaches beyond the end of the file is one that is being written: the walk stops in front of it. It is
//! given up only if the file has stopped growing and a whole record stands behind its beginning.

use std::io;

use super::{
    problem::{Defect, Flaw},
    source::{Source, Window, read_exact},
};
use crate::{
    crc,
    record::{FOOTER, HEADER},
};

/// The longest payload: what a protocol buffer can be.
const LONGEST: u64 = i32::MAX as u64;

/// The longest payload that is read into memory. The program holds at most one such record for each thread that reads.
pub(crate) const LONGEST_READ: u64 = 1 << 28;

/// How many bytes a search reads at a time.
const STRIDE: u64 = 1 << 16;

/// The most bytes of a file that one look searches. The next look searches the rest, so that a file with a long stretch
/// without records does not keep others waiting.
const SEARCHED_AT_A_LOOK: u64 = 1 << 24;

/// A record, of which only the header has been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Where its header begins in the file.
    pub(crate) offset: u64,
    /// Bytes of its payload.
    pub(crate) length: usize,
}

impl Frame {
    /// All its bytes.
    pub(crate) fn size(self) -> u64 {
        (HEADER + self.length + FOOTER) as u64
    }
}

/// In which state a walk has reached the end of the file.
#[derive(Debug, Clone, Default)]
pub(crate) enum Tail {
    /// Behind a whole record.
    #[default]
    Clean,
    /// In front of a record that is not whole yet. Up to `searched`, no other stands behind its beginning.
    Unfinished { searched: u64 },
    /// In front of bytes that are no record, and no record was found up to `searched`.
    Lost { defect: Defect, searched: u64 },
}

/// How far a file has been walked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    /// Where the next record begins.
    pub(crate) at: u64,
    /// The end of the file, when the walk last reached it.
    pub(crate) limit: u64,
    pub(crate) tail: Tail,
    /// The record before, if nothing stands between.
    last: Option<Frame>,
    /// Bytes that were read a second time to find the way. Limited, so that a file made to be hard to read takes no more
    /// than a few times longer.
    reread: u64,
    /// How many bytes this look has searched.
    searched: u64,
    /// The first place where a search found a record that may still be being written.
    candidate: Option<u64>,
}

impl Cursor {
    /// Begins another look at the file.
    pub(crate) fn renew(&mut self) {
        self.searched = 0;
    }

    /// Whether a search stopped at the limit for one look, not at the end of the file.
    pub(crate) fn is_searching(&self) -> bool {
        !matches!(self.tail, Tail::Clean) && self.searched >= SEARCHED_AT_A_LOOK
    }

    /// Continues at a record that a search has found.
    fn resume(&mut self, at: u64) {
        *self = Cursor { at, reread: self.reread, searched: self.searched, ..Cursor::default() };
    }
}

/// What a walk needs to know beside where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Records that begin before are walked.
    pub(crate) end: u64,
    /// The end of the file.
    pub(crate) limit: u64,
    /// Whether the file has stopped growing, as far as is known.
    pub(crate) stalled: bool,
}

/// What stands where a header is expected.
enum Header {
    Good(u64),
    Bad(Defect),
}

fn header(bytes: [u8; HEADER]) -> Header {
    let (length, sum) = split(bytes);
    if crc::masked(&length) != sum {
        return Header::Bad(Defect::Length);
    }
    match u64::from_le_bytes(length) {
        length if length <= LONGEST => Header::Good(length),
        length => Header::Bad(Defect::TooLong(length)),
    }
}

fn split(bytes: [u8; HEADER]) -> ([u8; 8], u32) {
    let [a, b, c, d, e, f, g, h, s, t, u, v] = bytes;
    ([a, b, c, d, e, f, g, h], u32::from_le_bytes([s, t, u, v]))
}

/// Appends the records that begin before `bounds.end` to `frames` and what was wrong to `flaws`. The window holds all of
/// the frames then.
pub(crate) fn walk(
    source: &(impl Source + ?Sized),
    bounds: Bounds,
    cursor: &mut Cursor,
    window: &mut Window,
    frames: &mut Vec<Frame>,
    flaws: &mut Vec<Flaw>,
) -> io::Result<()> {
    let Bounds { end, limit, stalled } = bounds;
    let end = end.min(limit);
    while cursor.at < end {
        let at = cursor.at;
        if limit - at < HEADER as u64 {
            cursor.tail = Tail::Unfinished { searched: at + 1 };
            break;
        }
        // This happens only where the last walk ended and after a search: frames that are found stay in the window. At
        // a damaged or unfinished record only the header is read, since the bytes after it may be skipped.
        if frames.is_empty() && (at < window.start() || at > window.end()) {
            let known = if matches!(cursor.tail, Tail::Clean) { end } else { at };
            window.fill(source, at, known.max(at + HEADER as u64))?;
        }
        window.extend(source, at + HEADER as u64)?;
        let Some(bytes) = window.from(at).first_chunk() else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        match header(*bytes) {
            // Both are far below the type's limit.
            Header::Good(length) if at + length + (HEADER + FOOTER) as u64 <= limit => {
                let frame = Frame { offset: at, length: length as usize };
                if length > LONGEST_READ {
                    flaws.push(Flaw { offset: at, skipped: frame.size(), defect: Defect::TooLarge(length) });
                    cursor.at += frame.size();
                    cursor.last = Some(frame);
                    cursor.tail = Tail::Clean;
                    // The window cannot hold the frames before as well as what comes now. A part that is read at a time is
                    // shorter than the record, so nothing of the part is left.
                    if frames.is_empty() {
                        continue;
                    }
                    break;
                }
                // Also reads the records after it, which are needed next.
                window.extend(source, end.max(at + frame.size()))?;
                frames.push(frame);
                cursor.at += frame.size();
                cursor.last = Some(frame);
                cursor.tail = Tail::Clean;
            }
            Header::Good(_) => {
                let searched = if let Tail::Unfinished { searched } = cursor.tail { searched } else { at + 1 };
                cursor.tail = Tail::Unfinished { searched };
                if !stalled {
                    break;
                }
                match cursor.search(source, searched, limit, Trust::Payload)? {
                    Search::Found(next) => {
                        flaws.push(Flaw { offset: at, skipped: next - at, defect: Defect::Abandoned });
                        cursor.resume(next);
                    }
                    Search::Nothing { searched } => {
                        cursor.tail = Tail::Unfinished { searched };
                        break;
                    }
                }
            }
            Header::Bad(defect) => {
                let from = match (&cursor.tail, cursor.last) {
                    (Tail::Lost { searched, .. }, _) => *searched,
                    (_, Some(last)) if is_whole(source, last, limit, &mut cursor.reread)? == Some(false) => {
                        last.offset + 1
                    }
                    _ => at + 1,
                };
                match cursor.search(source, from, limit, Trust::Header)? {
                    Search::Found(next) => {
                        flaws.push(match cursor.last {
                            // The broken record ends here, and not where it claims.
                            Some(Frame { offset, .. }) if next < at => {
                                Flaw { offset, skipped: next - offset, defect: Defect::Payload }
                            }
                            _ => Flaw { offset: at, skipped: next - at, defect },
                        });
                        cursor.resume(next);
                    }
                    Search::Nothing { searched } => {
                        cursor.tail = Tail::Lost { defect, searched };
                        break;
                    }
                }
            }
        }
    }
    cursor.limit = limit;
    Ok(())
}

/// Whether the payload of a record is good. None if so much was read again that it will not be looked at.
fn is_whole(source: &(impl Source + ?Sized), frame: Frame, limit: u64, reread: &mut u64) -> io::Result<Option<bool>> {
    if *reread > limit.saturating_mul(4).saturating_add(STRIDE) {
        return Ok(None);
    }
    *reread += frame.size();
    has_good_payload(source, frame).map(Some)
}

/// Whether the checksum of a record's payload is right. Reads the payload in pieces, since it may be as long as the
/// file.
fn has_good_payload(source: &(impl Source + ?Sized), frame: Frame) -> io::Result<bool> {
    let mut at = frame.offset + HEADER as u64;
    let end = at + frame.length as u64;
    let (mut sum, mut piece) = (crc::Sum::default(), vec![0; STRIDE.min(frame.length as u64) as usize]);
    while at < end {
        let length = piece.len().min((end - at) as usize);
        read_exact(source, &mut piece[..length], at)?;
        sum.add(&piece[..length]);
        at += length as u64;
    }
    let mut footer = [0; FOOTER];
    read_exact(source, &mut footer, end)?;
    Ok(sum.masked().to_le_bytes() == footer)
}

/// Whether a whole record with a good payload begins at `offset`.
pub(crate) fn is_record(source: &(impl Source + ?Sized), offset: u64, limit: u64) -> io::Result<bool> {
    if offset.saturating_add((HEADER + FOOTER) as u64) > limit {
        return Ok(false);
    }
    let mut bytes = [0; HEADER];
    read_exact(source, &mut bytes, offset)?;
    match header(bytes) {
        Header::Good(length) => {
            let frame = Frame { offset, length: length as usize };
            Ok(offset + frame.size() <= limit && has_good_payload(source, frame)?)
        }
        Header::Bad(_) => Ok(false),
    }
}

/// What makes a search believe that a record begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The checksum of its length. A length and its checksum agree by chance at one in 2^32 places, and a length that
    /// also fits the file is rarer still.
    Header,
    /// The checksum of its payload, too.
    Payload,
}

/// What a search has found.
enum Search {
    /// A record begins here.
    Found(u64),
    /// No record begins before `searched`. The search continues there when the file grows, or at the next look.
    Nothing { searched: u64 },
}

impl Cursor {
    /// Searches from `from` on for a record that ends before `limit`. Stops early at the limit for one look.
    fn search(&mut self, source: &(impl Source + ?Sized), from: u64, limit: u64, trust: Trust) -> io::Result<Search> {
        let last = limit.saturating_sub(HEADER as u64);
        let mut window = Window::default();
        let mut at = from;
        while at <= last && self.searched < SEARCHED_AT_A_LOOK {
            window.fill(source, at, (at + STRIDE).min(limit))?;
            for (i, bytes) in window.from(at).windows(HEADER).enumerate() {
                let Some(bytes) = bytes.first_chunk::<HEADER>() else { continue };
                let (length, sum) = split(*bytes);
                let payload = u64::from_le_bytes(length);
                if payload > LONGEST || crc::masked(&length) != sum {
                    continue;
                }
                let found = at + i as u64;
                let frame = Frame { offset: found, length: payload as usize };
                if found + frame.size() > limit {
                    self.candidate.get_or_insert(found);
                    continue;
                }
                if trust == Trust::Header || is_whole(source, frame, limit, &mut self.reread)? == Some(true) {
                    return Ok(Search::Found(found));
                }
            }
            self.searched += window.end() - at;
            at = window.end() - (HEADER as u64 - 1);
            if window.end() == limit {
                break;
            }
        }
        // Once everything has been searched, the next search starts at the candidate.
        let rest = if at <= last { None } else { self.candidate };
        Ok(Search::Nothing { searched: rest.unwrap_or(at) })
    }
}

#[cfg(test)]
mod tests;
