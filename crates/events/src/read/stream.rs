//! Going through all numbers, or all histograms, of a log directory once, with one run in memory at a time.

use std::{collections::BTreeMap, num::NonZero, ops::Range, path::Path, sync::Arc};

use super::{
    datum::Datum,
    disk::Disk,
    fetch::FetchError,
    folder,
    histogram::Histogram,
    kind::SeriesKind,
    loader::Loader,
    number::Number,
    problem::{Defect, Problem},
    series::{Sample, Series},
};

/// Numbers that are handed out of memory at a time.
const NUMBERS: usize = 1 << 12;
/// Histograms that are read from their files at a time.
const HISTOGRAMS: usize = 64;

/// Whether a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Current,
    /// Training went back, and recorded this step or one below it anew.
    Rewritten,
    /// A session start declared it void.
    Void,
}

/// A number of a run.
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
    /// The number, exactly as it was written.
    pub value: Number,
    /// Whether it counts.
    pub standing: Standing,
}

/// A histogram of a run.
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
    /// Whether it counts.
    pub standing: Standing,
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

/// Calls `each` with every number of the selected series. Runs and their tags come in order of name, the values of a
/// series in its order (see [`Series`]), void ones first. An error from `each` ends the reading and is returned.
///
/// # Errors
///
/// Any error that `each` returns.
pub fn scalars<E>(
    log_directory: &Path,
    selection: Selection<'_>,
    mut each: impl FnMut(Scalar<'_>) -> Result<(), E>,
) -> Result<Streamed, E> {
    stream(log_directory, selection, |series, _| {
        if series.kind() != SeriesKind::Scalar {
            return Ok(());
        }
        let (run, tag) = (&**series.run(), &**series.tag());
        for Part { range, standing } in parts(series, NUMBERS) {
            for (point, value) in series.numbers(range, standing == Standing::Void) {
                each(Scalar { run, tag, step: point.step, wall_time: point.wall_time, value, standing })?;
            }
        }
        Ok(())
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
    stream(log_directory, selection, |series, problems| {
        if series.kind() != SeriesKind::Histogram {
            return Ok(());
        }
        let (run, tag) = (&**series.run(), &**series.tag());
        for Part { range, standing } in parts(series, HISTOGRAMS) {
            for Sample { step, wall_time, datum, .. } in series.samples(range, standing == Standing::Void) {
                match datum {
                    Ok(Datum::Histogram(histogram)) => {
                        each(HistogramAt { run, tag, step, wall_time, histogram, standing })?;
                    }
                    Ok(_) => {}
                    Err(error) => problems.push(problem(series.tag(), error)),
                }
            }
        }
        Ok(())
    })
}

/// Some values of a series that stand alike.
struct Part {
    range: Range<usize>,
    standing: Standing,
}

/// All values of a series, in parts of at most `most`.
fn parts(series: &Series, most: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |range: Range<usize>, standing| {
        for start in range.clone().step_by(most) {
            parts.push(Part { range: start..range.end.min(start + most), standing });
        }
    };
    add(0..series.info().void, Standing::Void);
    let mut at = 0;
    for range in series.standing() {
        add(at..range.start, Standing::Rewritten);
        at = range.end;
        add(range, Standing::Current);
    }
    add(at..series.len(), Standing::Rewritten);
    parts
}

/// What is wrong with a value that was to be read from its file.
fn problem(tag: &Arc<str>, error: FetchError) -> Problem {
    match error {
        FetchError::Unreadable { path, source } => Problem::unreadable(&path, source),
        FetchError::Gone { path, offset } => {
            Problem { path, offset: Some(offset), skipped: 0, defect: Defect::Payload }
        }
        FetchError::Datum { path, offset, source } => {
            let defect = Defect::Value { tag: Arc::clone(tag), source };
            Problem { path, offset: Some(offset), skipped: 0, defect }
        }
    }
}

/// Calls `each` with every selected series, and with the list of problems.
fn stream<E>(
    log_directory: &Path,
    selection: Selection<'_>,
    mut each: impl FnMut(&Series, &mut Vec<Problem>) -> Result<(), E>,
) -> Result<Streamed, E> {
    let mut found = folder::look(&Disk, log_directory);
    let mut streamed = Streamed { problems: std::mem::take(&mut found.problems), ..Streamed::default() };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut loader = Loader::new(Arc::new(Disk), log_directory, threads);
    for name in found.runs.keys() {
        streamed.runs.push(name.clone());
        if !(selection.run)(name) {
            continue;
        }
        let Some(run) = loader.once(&found, name) else { continue };
        for series in run.series().into_iter().filter(|series| (selection.tag)(series.tag())) {
            *streamed.series.entry(series.kind()).or_default() += 1;
            each(&series, &mut streamed.problems)?;
        }
        streamed.problems.extend(run.problems());
    }
    Ok(streamed)
}
