//! What was wrong with a log directory.

use std::{fmt, io, path::Path, sync::Arc};

use super::{datum::DatumError, kind::SeriesKind, wire::Malformed};

/// How many problems of one file are kept. The rest are counted, so that a file of nothing but bad records does not
/// take more memory than a good one.
const KEPT: usize = 100;

/// Something that could not be read. Everything else was.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The file or folder.
    pub path: Arc<Path>,
    /// Where in the file it begins, in bytes.
    pub offset: Option<u64>,
    /// How many bytes were passed over before reading went on.
    pub skipped: u64,
    /// What was wrong.
    pub defect: Defect,
}

impl Problem {
    /// A file or folder that the operating system would not give.
    pub(crate) fn unreadable(path: &Path, error: io::Error) -> Self {
        let defect = Defect::Unreadable(Arc::new(error));
        Problem { path: path.into(), offset: None, skipped: 0, defect }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(offset) = self.offset {
            write!(f, ", offset {offset}")?;
        }
        write!(f, ": {}", self.defect)?;
        match self.skipped {
            0 => Ok(()),
            1 => write!(f, " (1 byte skipped)"),
            bytes => write!(f, " ({bytes} bytes skipped)"),
        }
    }
}

/// What was wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Defect {
    /// The operating system refused.
    #[error("could not be read: {0}")]
    Unreadable(Arc<io::Error>),
    /// The checksum of a record's length is wrong, so where the next record begins had to be searched for.
    #[error("no record begins here: the checksum of its length is wrong")]
    Length,
    /// A record claims more than the 2 GB that a message can have.
    #[error("a record claims to be {0} bytes long, and no message is longer than 2 GB")]
    TooLong(u64),
    /// A record is longer than is read into memory.
    #[error("a record of {0} bytes was left out: records of more than 256 MiB are not read")]
    TooLarge(u64),
    /// A folder that links lead to in many ways.
    #[error("{0} other names lead to this folder by links; its runs are left out under this name, and perhaps others")]
    ManyNames(usize),
    /// The checksum of a record's payload is wrong.
    #[error("the checksum of a record is wrong")]
    Payload,
    /// A record was begun and never finished: others follow it.
    #[error("a record was not finished, and others follow")]
    Abandoned,
    /// The checksums agree, but the payload is not an event.
    #[error("a record is not an event: {0}")]
    Undecodable(#[from] Malformed),
    /// The record is an event, but a value in it is not valid for its tag.
    #[error("a value of tag \"{tag}\" cannot be read: {source}")]
    Value {
        /// The tag.
        tag: Arc<str>,
        /// What is wrong with it.
        source: DatumError,
    },
    /// Values of a tag that are not of the kind of its first value are not shown.
    #[error("tag \"{tag}\" holds {kind} values; {count} of another kind are not shown")]
    Mixed {
        /// The run.
        run: Arc<str>,
        /// The tag.
        tag: Arc<str>,
        /// What its first value is.
        kind: SeriesKind,
        /// How many are left out.
        count: u64,
    },
    /// There were more problems with this file than are kept.
    #[error("{0} more problems")]
    More(u64),
}

/// About how many bytes of flaws are checked again at a time.
const SUSPECTED: u64 = 1 << 20;

/// A problem in a file that the caller knows.
#[derive(Debug, Clone)]
pub(crate) struct Flaw {
    pub(crate) offset: u64,
    pub(crate) skipped: u64,
    pub(crate) defect: Defect,
}

/// The problems of one file, in the order in which they stand in it.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    kept: Vec<Flaw>,
    more: u64,
    /// Where the last one begins and how many bytes it takes, kept or not.
    last: Option<(u64, u64)>,
    /// Bytes that were passed over, all in all.
    skipped: u64,
}

impl Flaws {
    /// Adds a flaw. One that begins where the last one does replaces it: more is known of it now.
    pub(crate) fn add(&mut self, flaw: Flaw) {
        self.skipped += flaw.skipped;
        let last = self.last.replace((flaw.offset, flaw.skipped));
        if let Some((offset, skipped)) = last
            && offset == flaw.offset
        {
            self.skipped -= skipped;
            if self.more == 0 {
                self.kept.pop();
                self.kept.push(flaw);
            }
        } else if self.kept.len() < KEPT {
            self.kept.push(flaw);
        } else {
            self.more += 1;
        }
    }

    /// Bytes that were passed over.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Offsets of flaws that may be gone once the file has changed. Returns only some of them if they span many bytes;
    /// each turn starts at another flaw.
    pub(crate) fn suspects(&self, turn: usize) -> Vec<u64> {
        // A record that is not an event, or too large, has already arrived whole.
        let is_passing = |flaw: &&Flaw| !matches!(flaw.defect, Defect::Undecodable(_) | Defect::TooLarge(_));
        let passing: Vec<&Flaw> = self.kept.iter().filter(is_passing).collect();
        let (mut left, mut offsets) = (SUSPECTED, Vec::new());
        for flaw in passing.iter().cycle().skip(turn).take(passing.len()) {
            offsets.push(flaw.offset);
            left = left.saturating_sub(flaw.skipped);
            if left == 0 {
                break;
            }
        }
        offsets
    }

    /// The problems of the file that `path` names.
    pub(crate) fn problems(&self, path: &Arc<Path>) -> impl Iterator<Item = Problem> {
        let kept = self.kept.iter().map(|flaw| Problem {
            path: Arc::clone(path),
            offset: Some(flaw.offset),
            skipped: flaw.skipped,
            defect: flaw.defect.clone(),
        });
        let more = (self.more > 0).then(|| Problem {
            path: Arc::clone(path),
            offset: None,
            skipped: self.skipped - self.kept.iter().map(|flaw| flaw.skipped).sum::<u64>(),
            defect: Defect::More(self.more),
        });
        kept.chain(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(offset: u64, skipped: u64, defect: Defect) -> Flaw {
        Flaw { offset, skipped, defect }
    }

    #[test]
    fn a_problem_says_where_and_what_and_how_much() {
        let mut flaws = Flaws::default();
        flaws.add(flaw(40, 57, Defect::Payload));
        let path: Arc<Path> = Path::new("log/events").into();
        let said: Vec<String> = flaws.problems(&path).map(|problem| problem.to_string()).collect();
        assert_eq!(said, ["log/events, offset 40: the checksum of a record is wrong (57 bytes skipped)"]);
    }

    #[test]
    fn a_million_problems_are_counted_and_not_kept() {
        let mut flaws = Flaws::default();
        for i in 0..1_000_000 {
            flaws.add(flaw(i * 10, 10, Defect::Payload));
        }
        assert_eq!(flaws.skipped(), 10_000_000);
        let problems: Vec<Problem> = flaws.problems(&Path::new("x").into()).collect();
        assert_eq!(problems.len(), KEPT + 1);
        assert_eq!(problems.iter().map(|problem| problem.skipped).sum::<u64>(), 10_000_000);
    }

    #[test]
    fn what_is_found_out_later_replaces_what_was_thought() {
        let mut flaws = Flaws::default();
        flaws.add(flaw(40, 1000, Defect::Payload));
        flaws.add(flaw(40, 57, Defect::Payload));
        assert_eq!(flaws.skipped(), 57);
        assert_eq!(flaws.problems(&Path::new("x").into()).count(), 1);
        // Even if neither is kept.
        for i in 1..1000 {
            flaws.add(flaw(i * 1000, 500, Defect::Payload));
            flaws.add(flaw(i * 1000, 10, Defect::Payload));
        }
        assert_eq!(flaws.skipped(), 57 + 999 * 10);
        let skipped: u64 = flaws.problems(&Path::new("x").into()).map(|problem| problem.skipped).sum();
        assert_eq!(skipped, flaws.skipped());
    }
}
