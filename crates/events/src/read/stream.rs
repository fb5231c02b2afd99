//! Reading all numbers, or all histograms, of a log directory once, without keeping any.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    fs::File,
    io,
    path::Path,
};

use super::{
    datum::Datum,
    event::{self, Form, Value},
    files::Files,
    folder,
    histogram::Histogram,
    kind::SeriesKind,
    loader::refusal,
    metadata::Metadata,
    problem::{Defect, Flaw, Problem},
    series,
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

/// A histogram of a run, as stored in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramAt<'a> {
    /// The run's name.
    pub run: &'a str,
    /// The tag.
    pub tag: &'a str,
    /// Step.
    pub step: i64,
    /// Seconds since the Unix epoch.
    pub wall_time: f64,
    /// The histogram.
    pub histogram: Histogram,
}

/// Selects series by run and tag.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// By run name. Files of other runs are not opened.
    pub run: &'a dyn Fn(&str) -> bool,
    /// By tag.
    pub tag: &'a dyn Fn(&str) -> bool,
}

impl Selection<'_> {
    /// Selects all series.
    pub const ALL: Self = Selection { run: &|_| true, tag: &|_| true };
}

/// What was found besides the values.
#[derive(Debug, Clone, Default)]
pub struct Streamed {
    /// The names of all runs, wanted or not.
    pub runs: Vec<String>,
    /// Number of selected series of each kind, whether or not their values were passed on.
    pub series: BTreeMap<SeriesKind, usize>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Calls `each` with every number of the selected series. Runs and files come in order of name, records in the order of
/// the file. An error from `each` ends the reading and is returned.
///
/// # Errors
///
/// Any error that `each` returns.
pub fn scalars<E>(
    log_directory: &Path,
    selection: Selection<'_>,
    mut each: impl FnMut(Scalar<'_>) -> Result<(), E>,
) -> Result<Streamed, E> {
    stream(log_directory, selection, |run, tag, _, value| {
        let Value { step, wall_time, form, .. } = value;
        if let Form::Number { value, wide, .. } = form {
            let value = if wide { Number::Double(value) } else { Number::Single(value as f32) };
            each(Scalar { run, tag, step, wall_time, value })?;
        }
        Ok(None)
    })
}

/// Like [`scalars`], for histograms.
///
/// # Errors
///
/// Any error that `each` returns.
pub fn histograms<E>(
    log_directory: &Path,
    selection: Selection<'_>,
    mut each: impl FnMut(HistogramAt<'_>) -> Result<(), E>,
) -> Result<Streamed, E> {
    stream(log_directory, selection, |run, tag, kind, value| {
        if kind != SeriesKind::Histogram {
            return Ok(None);
        }
        let Value { step, wall_time, form, .. } = value;
        match Datum::read(form, kind) {
            Ok(Datum::Histogram(histogram)) => each(HistogramAt { run, tag, step, wall_time, histogram })?,
            Ok(_) => {}
            Err(source) => return Ok(Some(Defect::Value { tag: tag.into(), source })),
        }
        Ok(None)
    })
}

/// Calls `each` with the run, tag, kind and value of every value of the selected series. `each` returns the defect of a
/// value, or None.
fn stream<E>(
    log_directory: &Path,
    selection: Selection<'_>,
    mut each: impl FnMut(&str, &str, SeriesKind, Value<'_>) -> Result<Option<Defect>, E>,
) -> Result<Streamed, E> {
    let found = folder::look(log_directory);
    let mut streamed = Streamed { problems: found.problems, ..Streamed::default() };
    let mut reader = Reader::default();
    for (run, found_run) in found.runs {
        if (selection.run)(&run) {
            let mut tags = Tags::default();
            for (file_name, stat) in found_run.files {
                let path = found_run.folder.join(file_name);
                let problems = reader.file(&path, stat.size, |value| {
                    let known = tags.note(&value, selection);
                    if known.wanted { each(&run, &known.tag, known.kind, value) } else { Ok(None) }
                })?;
                streamed.problems.extend(problems);
            }
            for known in tags.0.into_values().filter(|known| known.wanted) {
                *streamed.series.entry(known.kind).or_default() += 1;
            }
        }
        streamed.runs.push(run);
    }
    Ok(streamed)
}

/// The tags of a run for which a value has been seen.
#[derive(Default)]
struct Tags(HashMap<Box<[u8]>, Known>);

/// What the first values of a tag tell about it.
struct Known {
    tag: String,
    wanted: bool,
    kind: SeriesKind,
    /// The kind guessed without metadata, and whether metadata may correct it.
    guess: (SeriesKind, bool),
    is_number: bool,
    has_metadata: bool,
}

impl Tags {
    /// Notes what a value tells about its tag, as [`Series`](super::series::Series) does.
    fn note(&mut self, value: &Value<'_>, selection: Selection<'_>) -> &Known {
        if !self.0.contains_key(value.tag) {
            let (tag, guess) = (text(value.tag).into_owned(), value.form.kind());
            let (wanted, is_number) = ((selection.tag)(&tag), matches!(value.form, Form::Number { .. }));
            let known = Known { tag, wanted, kind: guess.0, guess, is_number, has_metadata: false };
            self.0.insert(value.tag.into(), known);
        }
        let Some(known) = self.0.get_mut(value.tag) else { unreachable!("it was inserted above") };
        if let Some(metadata) = value.metadata
            && !known.has_metadata
            && let Ok(metadata) = Metadata::read(metadata)
        {
            known.kind = series::kind(known.guess, &metadata.plugin, known.is_number);
            known.has_metadata = true;
        }
        known
    }
}

#[derive(Default)]
struct Reader {
    file: Option<File>,
    window: Window,
    frames: Vec<Frame>,
    flaws: Vec<Flaw>,
}

impl Reader {
    /// Passes all values of a file to `each`. Returns the problems of the file.
    fn file<E>(
        &mut self,
        path: &Path,
        limit: u64,
        mut each: impl FnMut(Value<'_>) -> Result<Option<Defect>, E>,
    ) -> Result<Vec<Problem>, E> {
        let files = Files::default();
        let index = files.add(path.into());
        let mut cursor = Cursor::default();
        let refused = loop {
            match self.part(path, limit, &mut cursor) {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break refusal(path, &error),
            }
            for frame in self.frames.drain(..) {
                let defect = record(self.window.from(frame.offset), frame.length, &mut each)?;
                let flaw = |defect: Defect| {
                    // A bad value skips nothing: the other values of the record were read.
                    let skipped = if matches!(defect, Defect::Value { .. }) { 0 } else { frame.size() };
                    Flaw { offset: frame.offset, skipped, defect }
                };
                files.note(index, u64::from(defect.is_none()), &mut defect.map(flaw).into_iter().collect());
            }
            files.note(index, 0, &mut self.flaws);
        };
        self.file = None;
        files.note_end(index, cursor, refused);
        Ok(files.problems())
    }

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

/// Passes the values of a record to `each`. Returns what is wrong with the record, or None.
fn record<E>(
    bytes: &[u8],
    length: usize,
    each: &mut impl FnMut(Value<'_>) -> Result<Option<Defect>, E>,
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
    let mut defect = defect.err().map(Defect::Undecodable);
    for value in values {
        let wrong = each(value)?;
        defect = defect.or(wrong);
    }
    Ok(defect)
}
