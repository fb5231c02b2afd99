//! `headwater inspect`: what is in a log directory, and everything that is wrong with its files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use headwater_events::{FileState, Problem as Defect, Run, Store};
use serde::Serialize;

use crate::pattern::{self, Pattern, wanted};
use crate::{exit, logdir, output, table};

/// How many runs are shown without `--all`.
const RUNS: usize = 20;
/// How many problems, and how many unfinished files, are shown without `--all`.
const PROBLEMS: usize = 10;

#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headwater inspect runs/vanishing                     one line per run
  headwater inspect runs --runs '*/seed-0' --tags      every tag of some runs
  headwater inspect runs --tags='loss*' --all          some tags of all runs

{}

Exit codes: 0 everything was read, 1 there are problems, 2 nothing could be read. A file whose last record is still
being written is not a problem.", pattern::SYNTAX))]
pub(crate) struct Arguments {
    /// The log directory: TensorBoard event files in folders, written by any program
    logdir: PathBuf,
    /// Show only the runs whose names match
    #[arg(long, value_name = "GLOB")]
    runs: Option<Pattern>,
    /// Show the tags of each run (with GLOB, only those that match): kind, plugin, number of values, steps, size
    #[arg(long, value_name = "GLOB", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    tags: Option<Pattern>,
    /// With --tags, also count void values (declared void by a restarted program) and rewritten values (training went
    /// back to their step or an earlier one, and recorded again from there)
    #[arg(long)]
    raw: bool,
    /// Show all runs and all problems
    #[arg(long)]
    all: bool,
    /// Print one JSON object, with the matching tags of the matching runs
    #[arg(long)]
    json: bool,
}

/// The contents of one tag.
#[derive(Serialize)]
struct Tag {
    kind: &'static str,
    plugin: String,
    count: usize,
    first_step: Option<i64>,
    last_step: Option<i64>,
    /// Size of its values in the files, in bytes.
    bytes: u64,
    /// Parts in which the step never falls. There is 1, unless training went back.
    segments: usize,
    /// Earlier values at or above the step that training went back to. They are included in `count`.
    rewritten: usize,
    /// Values that a restarted program declared void. They are not included in `count`.
    void: usize,
}

#[derive(Serialize)]
struct File {
    path: PathBuf,
    bytes: u64,
    records: u64,
    /// Bytes that were skipped because they are not valid records.
    skipped: u64,
    state: &'static str,
}

#[derive(Serialize)]
struct RunContents {
    tags: BTreeMap<String, Tag>,
    files: Vec<File>,
    /// How the run ended, if it did not end well and its log shows how.
    ended: Option<String>,
    /// How many layers the tags name.
    #[serde(skip)]
    layers: usize,
    #[serde(skip)]
    problems: usize,
}

#[derive(Serialize)]
struct Problem {
    path: PathBuf,
    offset: Option<u64>,
    skipped: u64,
    message: String,
}

#[derive(Default, Serialize)]
struct Totals {
    runs: usize,
    tags: usize,
    values: usize,
    files: usize,
    records: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Contents<'a> {
    logdir: &'a Path,
    runs: BTreeMap<String, RunContents>,
    problems: Vec<Problem>,
    totals: Totals,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    logdir::check(&arguments.logdir)?;
    let store = Store::open(&arguments.logdir);
    store.load();
    let runs = store.runs();
    logdir::check_runs(arguments.runs.as_ref().filter(|_| !runs.is_empty()), runs.iter().map(|run| &**run.name()))?;
    let contents = Contents::of(&store, arguments);
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.json {
        // An error of the writer keeps its kind: a closed pipe must be told from a full disk.
        serde_json::to_writer(&mut out, &contents).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if !runs.is_empty() {
        contents.print(arguments, &mut out)?;
    }
    out.flush()?;
    Ok(if contents.totals.records == 0 {
        let why = if runs.is_empty() {
            logdir::nothing_in(&arguments.logdir, &store.problems())
        } else {
            let files = output::count(contents.totals.files as u64, "event file");
            format!("no record could be read in {files} of {}", logdir::shown(&arguments.logdir))
        };
        output::error(&why);
        ExitCode::from(exit::USAGE)
    } else if contents.problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::FAILURE)
    })
}

impl<'a> Contents<'a> {
    /// Collects the runs and tags that match the arguments.
    fn of(store: &'a Store, arguments: &Arguments) -> Self {
        let runs: Vec<_> = store.runs().into_iter().filter(|run| wanted(arguments.runs.as_ref(), run.name())).collect();
        let problems = store.hidden().into_iter().chain(runs.iter().flat_map(|run| run.problems()));
        let problems = problems.map(Problem::from).collect();
        let runs: BTreeMap<_, _> =
            runs.iter().map(|run| (run.name().to_string(), RunContents::of(run, arguments.tags.as_ref()))).collect();
        let mut totals = Totals { runs: runs.len(), ..Totals::default() };
        for run in runs.values() {
            totals.tags += run.tags.len();
            totals.values += run.tags.values().map(|tag| tag.count).sum::<usize>();
            totals.files += run.files.len();
            totals.records += run.files.iter().map(|file| file.records).sum::<u64>();
            totals.bytes += run.bytes();
        }
        Self { logdir: store.log_directory(), problems, runs, totals }
    }

    fn print(&self, arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
        let Totals { runs, tags, values, files, bytes, .. } = self.totals;
        let count = |number: usize, what| output::count(number as u64, what);
        writeln!(
            out,
            "{}: {}, {}, {}, {} in {}",
            logdir::shown(self.logdir),
            count(runs, "run"),
            count(tags, "tag"),
            count(values, "value"),
            size(bytes),
            count(files, "file")
        )?;
        let shown = if arguments.all { runs } else { runs.min(RUNS) };
        if arguments.tags.is_some() {
            for (name, run) in self.runs.iter().take(shown) {
                writeln!(out, "\n{}: {}, {}", output::plain(name), count(run.tags.len(), "tag"), size(run.bytes()))?;
                writeln!(out, "{}", table_of_tags(&run.tags, arguments.raw))?;
            }
        } else {
            writeln!(out, "{}", table_of_runs(self.runs.iter().take(shown)))?;
        }
        if let more @ 1.. = runs - shown {
            writeln!(out, "and {}; --all shows them", count(more, "more run"))?;
        }
        let ended = self.runs.iter().filter_map(|(name, run)| Some((name, run.ended.as_ref()?)));
        let ended: Vec<String> = ended.map(|(name, how)| format!("  {} {how}", output::plain(name))).collect();
        if !ended.is_empty() {
            writeln!(out, "\n{} did not end well, or not yet:", count(ended.len(), "run"))?;
            list(&ended, arguments.all, out)?;
        }
        let unfinished = self.runs.values().flat_map(|run| &run.files).filter(|file| file.state == "unfinished");
        let unfinished: Vec<String> = unfinished
            .map(|file| {
                let file = logdir::shown(&file.path);
                format!("  {file}: the last record is being written, or its writer was killed")
            })
            .collect();
        if !unfinished.is_empty() {
            writeln!(out, "\n{}:", count(unfinished.len(), "unfinished file"))?;
            list(&unfinished, arguments.all, out)?;
        }
        if self.problems.is_empty() {
            writeln!(out, "\nNo problems.")?;
        } else {
            writeln!(out, "\n{}:", count(self.problems.len(), "problem"))?;
            let problems: Vec<_> =
                self.problems.iter().map(|problem| format!("  {}", output::plain(&problem.message))).collect();
            list(&problems, arguments.all, out)?;
        }
        Ok(())
    }
}

/// Prints all lines, or the first [`PROBLEMS`] and how many more there are.
fn list(lines: &[String], all: bool, out: &mut impl Write) -> io::Result<()> {
    let shown = if all { lines.len() } else { lines.len().min(PROBLEMS) };
    lines[..shown].iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if let more @ 1.. = lines.len() - shown {
        writeln!(out, "  and {more} more; --all shows them")?;
    }
    Ok(())
}

fn table_of_runs<'a>(runs: impl Iterator<Item = (&'a String, &'a RunContents)>) -> String {
    let mut table = table::ruled();
    table.set_header(["run", "layers", "tags", "first step", "last step", "size", "problems"]);
    let number = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    for (name, run) in runs {
        table.add_row([
            output::plain(name),
            number(run.layers),
            run.tags.len().to_string(),
            step(run.tags.values().filter_map(|tag| tag.first_step).min()),
            step(run.tags.values().filter_map(|tag| tag.last_step).max()),
            size(run.bytes()),
            number(run.problems),
        ]);
    }
    table::aligned(table)
}

fn table_of_tags(tags: &BTreeMap<String, Tag>, raw: bool) -> String {
    let mut table = table::ruled();
    table.set_header(["tag", "kind", "plugin", "values", "first step", "last step", "size"]);
    for (tag, about) in tags {
        let mark = |count: usize, what| if raw && count > 0 { format!(", {count} {what}") } else { String::new() };
        let again = if about.segments > 1 { format!(" in {} segments", about.segments) } else { String::new() };
        table.add_row([
            output::plain(tag),
            about.kind.to_owned(),
            output::plain(&about.plugin),
            format!("{}{again}{}{}", about.count, mark(about.rewritten, "rewritten"), mark(about.void, "void")),
            step(about.first_step),
            step(about.last_step),
            size(about.bytes),
        ]);
    }
    table::aligned(table)
}

fn step(step: Option<i64>) -> String {
    step.map_or_else(|| "-".to_owned(), |step| step.to_string())
}

impl From<Defect> for Problem {
    fn from(defect: Defect) -> Self {
        let message = defect.to_string();
        Self { path: defect.path.to_path_buf(), offset: defect.offset, skipped: defect.skipped, message }
    }
}

impl RunContents {
    /// Counts only the tags that match, if there is a pattern.
    fn of(run: &Run, pattern: Option<&Pattern>) -> Self {
        let series = run.series();
        let places = series.iter().filter_map(|series| headwater_probe::foreign::read(series.name()));
        let layers: BTreeSet<_> = places.map(|place| place.layer).collect();
        let tags = series.iter().filter(|series| wanted(pattern, series.tag())).map(|series| {
            let info = series.info();
            let tag = Tag {
                kind: info.kind.name(),
                plugin: info.metadata.plugin,
                count: info.count,
                first_step: info.ends.map(|(first, _)| first),
                last_step: info.ends.map(|(_, last)| last),
                bytes: info.bytes,
                segments: series.segments().len(),
                rewritten: info.count.saturating_sub(series.standing().iter().map(ExactSizeIterator::len).sum()),
                void: info.void,
            };
            (series.tag().to_string(), tag)
        });
        let files = run.files().into_iter().map(|file| File {
            path: file.path.to_path_buf(),
            bytes: file.bytes,
            records: file.records,
            skipped: file.skipped,
            state: match file.state {
                FileState::Whole => "whole",
                FileState::Unfinished => "unfinished",
                FileState::Damaged => "damaged",
            },
        });
        Self {
            tags: tags.collect(),
            files: files.collect(),
            ended: headwater_diagnose::ending(run),
            layers: layers.len(),
            problems: run.problems().len(),
        }
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// A size with its unit: B, kB, MB or GB.
fn size(bytes: u64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    units
        .into_iter()
        .find(|(_, unit)| bytes as f64 >= *unit)
        .map_or_else(|| format!("{bytes} B"), |(name, unit)| format!("{:.1} {name}", bytes as f64 / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!([999, 1_000, 57_000_000, 2_500_000_000].map(size), ["999 B", "1.0 kB", "57.0 MB", "2.5 GB"]);
    }
}
