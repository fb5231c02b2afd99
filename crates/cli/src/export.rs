//! `headwater export`: every number, or every histogram, of every run as CSV, without sampling.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::Args;
use headwater_events::{Selection, SeriesKind, Standing, Streamed};

use crate::pattern::{self, Pattern, wanted};
use crate::{logdir, output};

#[derive(Debug, Args)]
#[command(after_help = format!("\
Columns: run,tag,step,wall_time,value; with --histograms: run,tag,step,wall_time,left,right,count. wall_time is in
seconds since 1970. Rows are sorted by run and tag, then by segment, step and wall time. A segment is a part of a
series in which the step never falls; a new one begins when training goes back to an earlier step. Values that a
restarted program declared void are left out. --raw includes them and adds the column standing: current, rewritten
(training went back to this step or an earlier one, and recorded again from there) or void.

Examples:
  headwater export runs/vanishing > all.csv                        every number of every run
  headwater export runs --runs 'sigmoid*' --tags 'gradient/mean_abs/*'
  headwater export runs --histograms --tags 'gradient/*'           a row for each bucket

{}

Exit codes: 0 done (warnings say what could not be read), 2 nothing to export.", pattern::SYNTAX))]
pub(crate) struct Arguments {
    /// The log directory: TensorBoard event files in folders, written by any program
    logdir: PathBuf,
    /// Export as comma-separated values (the default, and the only format)
    #[arg(long)]
    csv: bool,
    /// Export only the runs whose names match
    #[arg(long, value_name = "GLOB")]
    runs: Option<Pattern>,
    /// Export only the tags that match
    #[arg(long, value_name = "GLOB")]
    tags: Option<Pattern>,
    /// Export histograms instead of numbers: one row per bucket, with its edges and the number of values between them.
    /// A histogram without buckets has no row
    #[arg(long)]
    histograms: bool,
    /// Also export void values, and mark each value as current, rewritten or void
    #[arg(long)]
    raw: bool,
}

/// The value of the column `standing`.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "current",
        Standing::Rewritten => "rewritten",
        Standing::Void => "void",
    }
}

/// Rows for standard output. The header is printed just before the first row, so an empty table prints nothing.
struct Table {
    writer: csv::Writer<io::StdoutLock<'static>>,
    header: Option<&'static [&'static str]>,
    /// Whether the output is a terminal. Names come from files, and a terminal would obey escape sequences in them.
    is_terminal: bool,
    /// Whether void values are exported too, and the last column shows each value's standing.
    raw: bool,
}

impl Table {
    fn new(header: &'static [&'static str], raw: bool) -> Self {
        let stdout = io::stdout().lock();
        let is_terminal = stdout.is_terminal();
        Self { writer: csv::Writer::from_writer(stdout), header: Some(header), is_terminal, raw }
    }

    fn row(&mut self, run: &str, tag: &str, cells: &[String], standing: Standing) -> io::Result<()> {
        if !self.raw && standing == Standing::Void {
            return Ok(());
        }
        let last = |word: &'static str| self.raw.then_some(word);
        if let Some(header) = self.header.take() {
            self.writer.write_record(header.iter().copied().chain(last("standing"))).map_err(cause)?;
        }
        let standing = last(word(standing)).map(str::as_bytes);
        let name = |name| if self.is_terminal { Cow::Owned(output::plain(name)) } else { Cow::Borrowed(name) };
        let (run, tag) = (name(run), name(tag));
        let names = [run.as_bytes(), tag.as_bytes()].into_iter();
        self.writer.write_record(names.chain(cells.iter().map(String::as_bytes)).chain(standing)).map_err(cause)
    }
}

/// The I/O error inside an error of the CSV writer. Its kind distinguishes a closed pipe from a full disk. The writer
/// returns no other error, since all rows of a table have the same length.
fn cause(error: csv::Error) -> io::Error {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(text),
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { logdir, runs, tags, histograms, raw, .. } = arguments;
    logdir::check(logdir)?;
    let selection = Selection { run: &|run| wanted(runs.as_ref(), run), tag: &|tag| wanted(tags.as_ref(), tag) };
    let (streamed, is_empty) =
        if *histograms { buckets(logdir, selection, *raw) } else { numbers(logdir, selection, *raw) }?;
    ensure!(!streamed.runs.is_empty(), logdir::nothing_in(logdir, &streamed.problems));
    logdir::check_runs(runs.as_ref(), streamed.runs.iter().map(String::as_str))?;
    logdir::warn(logdir, &streamed.problems);
    let left_out = left_out(streamed.series, *histograms);
    if is_empty {
        let what = if *histograms { "histograms" } else { "numbers" };
        let filter = if runs.is_some() || tags.is_some() { " under these names" } else { "" };
        let there_are = left_out.map_or_else(String::new, |left_out| format!("; there are {left_out}"));
        bail!("nothing to export: {} has no {what}{filter}{there_are}", logdir::shown(logdir));
    }
    if let Some(left_out) = left_out {
        output::message(&format!("not exported: {left_out}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the numbers. Also returns whether the table is empty.
fn numbers(logdir: &Path, selection: Selection<'_>, raw: bool) -> io::Result<(Streamed, bool)> {
    let mut table = Table::new(&["run", "tag", "step", "wall_time", "value"], raw);
    let streamed = headwater_events::scalars(logdir, selection, |scalar| {
        let cells = [scalar.step.to_string(), scalar.wall_time.to_string(), scalar.value.to_string()];
        table.row(scalar.run, scalar.tag, &cells, scalar.standing)
    })?;
    table.writer.flush()?;
    Ok((streamed, table.header.is_some()))
}

/// Prints the buckets of the histograms. Also returns whether the table is empty.
fn buckets(logdir: &Path, selection: Selection<'_>, raw: bool) -> io::Result<(Streamed, bool)> {
    let mut table = Table::new(&["run", "tag", "step", "wall_time", "left", "right", "count"], raw);
    let streamed = headwater_events::histograms(logdir, selection, |at| {
        at.histogram.buckets.iter().try_for_each(|bucket| {
            let numbers = [at.wall_time, bucket.left, bucket.right, bucket.count].map(|number| number.to_string());
            let [wall_time, left, right, count] = numbers;
            table.row(at.run, at.tag, &[at.step.to_string(), wall_time, left, right, count], at.standing)
        })
    })?;
    table.writer.flush()?;
    Ok((streamed, table.header.is_some()))
}

/// Counts the series that are not in the table, by kind, and says how to export them. Returns `None` if there are none.
fn left_out(series: BTreeMap<SeriesKind, usize>, histograms: bool) -> Option<String> {
    let exported = if histograms { SeriesKind::Histogram } else { SeriesKind::Scalar };
    let kinds = series.into_iter().filter(|(kind, _)| *kind != exported).map(|(kind, count)| {
        let how = match kind {
            SeriesKind::Histogram => " (--histograms exports them)",
            SeriesKind::Scalar => " (exported without --histograms)",
            _ => "",
        };
        format!("{count} {kind} series{how}")
    });
    let kinds: Vec<String> = kinds.collect();
    (!kinds.is_empty()).then(|| kinds.join(", "))
}
