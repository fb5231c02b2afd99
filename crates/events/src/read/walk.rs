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

/// How many bytes a search reads at a time.
const STRIDE: u64 = 1 << 16;

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
        // Only where the last walk ended, and behind a search: frames that are found stay in the window.
        if frames.is_empty() && (at < window.start() || at > window.end()) {
            window.fill(source, at, end.max(at + HEADER as u64))?;
        }
        window.extend(source, at + HEADER as u64)?;
        let Some(bytes) = window.from(at).first_chunk() else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        match header(*bytes) {
            // Both are far below the type's limit.
            Header::Good(length) if at + length + (HEADER + FOOTER) as u64 <= limit => {
                let frame = Frame { offset: at, length: length as usize };
                window.extend(source, at + frame.size())?;
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
                match search(source, searched, limit, Some(&mut cursor.reread))? {
                    Search::Found(next) => {
                        flaws.push(Flaw { offset: at, skipped: next - at, defect: Defect::Abandoned });
                        *cursor = Cursor { at: next, reread: cursor.reread, ..Cursor::default() };
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
                match search(source, from, limit, None)? {
                    Search::Found(next) => {
                        flaws.push(match cursor.last {
                            // The broken record ends here, and not where it claims.
                            Some(Frame { offset, .. }) if next < at => {
                                Flaw { offset, skipped: next - offset, defect: Defect::Payload }
                            }
                            _ => Flaw { offset: at, skipped: next - at, defect },
                        });
                        *cursor = Cursor { at: next, reread: cursor.reread, ..Cursor::default() };
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
    let mut record = vec![0; frame.length + FOOTER];
    read_exact(source, &mut record, frame.offset + HEADER as u64)?;
    let (payload, sum) = record.split_at(frame.length);
    Ok(Some(crc::masked(payload).to_le_bytes() == sum))
}

/// What a search has found.
enum Search {
    /// A record begins here.
    Found(u64),
    /// No record begins before `searched`, which is where to go on when there is more.
    Nothing { searched: u64 },
}

/// Searches from `from` on for a record that ends before `limit`. With `verify`, its payload must be good, too; the
/// bytes that this takes are added to it.
///
/// A length and its checksum that agree by chance are once in 2^32 places, and a length that fits the file is rarer
/// still.
fn search(source: &(impl Source + ?Sized), from: u64, limit: u64, mut verify: Option<&mut u64>) -> io::Result<Search> {
    let last = limit.saturating_sub(HEADER as u64);
    let mut window = Window::default();
    // A record that may be being written behind the bad place.
    let mut unfinished = None;
    let mut at = from;
    while at <= last {
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
                unfinished.get_or_insert(found);
                continue;
            }
            let good = match &mut verify {
                Some(reread) => is_whole(source, frame, limit, reread)? == Some(true),
                None => true,
            };
            if good {
                return Ok(Search::Found(found));
            }
        }
        at = window.end() - (HEADER as u64 - 1);
        if window.end() == limit {
            break;
        }
    }
    Ok(Search::Nothing { searched: unfinished.unwrap_or(at) })
}

#[cfg(test)]
mod tests;
