//! Reading all numbers of a log directory once, without keeping any.

use std::{fmt, fs::File, io, path::Path};

use super::{
    event::{self, Form, Value},
    files::Files,
    folder,
    loader::refusal,
    problem::{Defect, Flaw, Problem},
    source::Window,
    walk::{Bounds, Cursor, Frame, Tail, walk},
    wire::text,
};
use crate::{crc, record::HEADER};

/// Bytes that are read at a time.
const PART: u64 = 1 << 20;

/// A number of a run, as it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalar<'a> {
    /// The run's name.
    pub run: &'a str,
    /// The tag.
    pub tag: &'a str,
    /// Step.
    pub step: i64,
    /// Seconds since the Unix epoch.
    pub wall_time: f64,
    /// The number.
    pub value: Number,
}

/// A number of either width. Displayed, it has as many digits as tell it from others of its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Written as an f32, or narrower.
    Single(f32),
    /// Written as an f64 or an integer.
    Double(f64),
}

impl From<Number> for f64 {
    fn from(number: Number) -> f64 {
        match number {
            Number::Single(number) => number.into(),
            Number::Double(number) => number,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Single(number) => number.fmt(f),
            Number::Double(number) => number.fmt(f),
        }
    }
}

/// Calls `each` with every number of every run: runs by name, files by name, records as they stand. Returns what could
/// not be read. `each` may end it by an error, which is returned.
///
/// # Errors
///
/// Those of `each`.
pub fn scalars<E>(log_directory: &Path, mut each: impl FnMut(Scalar<'_>) -> Result<(), E>) -> Result<Vec<Problem>, E> {
    let found = folder::look(log_directory);
    let mut problems = found.problems;
    let mut reader = Reader::default();
    for (run, found_run) in found.runs {
        for (file_name, stat) in found_run.files {
            let path = found_run.folder.join(file_name);
            let files = Files::default();
            let index = files.add(path.as_path().into());
            let mut cursor = Cursor::default();
            let refused = loop {
                match reader.part(&path, stat.size, &mut cursor) {
                    Ok(true) => {}
                    Ok(false) => break None,
                    Err(error) => break refusal(&path, &error),
                }
                let Reader { window, frames, flaws, .. } = &mut reader;
                for frame in frames.drain(..) {
                    let defect = record(window.from(frame.offset), frame.length, &run, &mut each)?;
                    let flaw = |defect| Flaw { offset: frame.offset, skipped: frame.size(), defect };
                    files.note(index, u64::from(defect.is_none()), &mut defect.map(flaw).into_iter().collect());
                }
                files.note(index, 0, flaws);
            };
            reader.file = None;
            files.note_end(index, cursor, refused);
            problems.extend(files.problems());
        }
    }
    Ok(problems)
}

#[derive(Default)]
struct Reader {
    file: Option<File>,
    window: Window,
    frames: Vec<Frame>,
    flaws: Vec<Flaw>,
}

impl Reader {
    /// Walks the next part of a file. False if there is none.
    fn part(&mut self, path: &Path, limit: u64, cursor: &mut Cursor) -> io::Result<bool> {
        let start = cursor.at;
        if start >= limit || !(matches!(cursor.tail, Tail::Clean) || cursor.is_searching()) {
            return Ok(false);
        }
        cursor.renew();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(path)?),
        };
        let bounds = Bounds { end: (start + PART).min(limit), limit, stalled: true };
        self.window.fill(file, start, bounds.end)?;
        walk(file, bounds, cursor, &mut self.window, &mut self.frames, &mut self.flaws)?;
        Ok(true)
    }
}

/// Gives the numbers of a record to `each`. Returns what is wrong with it.
fn record<E>(
    bytes: &[u8],
    length: usize,
    run: &str,
    each: &mut impl FnMut(Scalar<'_>) -> Result<(), E>,
) -> Result<Option<Defect>, E> {
    let Some((payload, rest)) = bytes.get(HEADER..).and_then(|rest| rest.split_at_checked(length)) else {
        return Ok(None);
    };
    if !rest.starts_with(&crc::masked(payload).to_le_bytes()) {
        return Ok(Some(Defect::Payload));
    }
    let mut values = Vec::new();
    let defect = event::values(payload, |value| {
        values.push(value);
        Ok(())
    });
    for Value { step, wall_time, tag, form, .. } in values {
        if let Form::Number { value, wide, .. } = form {
            let value = if wide { Number::Double(value) } else { Number::Single(value as f32) };
            each(Scalar { run, tag: &text(tag), step, wall_time, value })?;
        }
    }
    Ok(defect.err().map(Defect::Undecodable))
}
