//! `headwater inspect`: what is in a log directory, and everything that is wrong with its files.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use headwater_events::{FileState, Run, Store};
use serde::Serialize;

use crate::{logdir, output, table};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The log directory: TensorBoard event files in folders, whoever wrote them
    logdir: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What is known of one tag.
#[derive(Serialize)]
struct Tag {
    kind: &'static str,
    plugin: String,
    count: usize,
    first_step: Option<i64>,
    last_step: Option<i64>,
    /// Bytes of its values in the files.
    bytes: u64,
    /// Stretches in which the step never falls: 1, unless a run was restarted or two programs wrote at once.
    segments: usize,
}

#[derive(Serialize)]
struct File {
    path: PathBuf,
    bytes: u64,
    records: u64,
    /// Bytes that were passed over because they are no good records.
    skipped: u64,
    state: &'static str,
}

#[derive(Serialize)]
struct RunContents {
    tags: BTreeMap<String, Tag>,
    files: Vec<File>,
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
    let contents = Contents::of(&store);
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.json {
        // An error of the writer keeps its kind: a closed pipe must be told from a full disk.
        serde_json::to_writer(&mut out, &contents).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        contents.print(&mut out)?;
    }
    out.flush()?;
    if contents.runs.is_empty() {
        output::message(&logdir::nothing_in(&arguments.logdir));
    }
    Ok(ExitCode::SUCCESS)
}

impl<'a> Contents<'a> {
    fn of(store: &'a Store) -> Self {
        let runs: BTreeMap<_, _> =
            store.runs().iter().map(|run| (run.name().to_string(), RunContents::of(run))).collect();
        let problems = store.problems().into_iter().map(|problem| Problem {
            path: problem.path.to_path_buf(),
            offset: problem.offset,
            skipped: problem.skipped,
            message: problem.to_string(),
        });
        let mut totals = Totals { runs: runs.len(), ..Totals::default() };
        for run in runs.values() {
            totals.tags += run.tags.len();
            totals.values += run.tags.values().map(|tag| tag.count).sum::<usize>();
            totals.files += run.files.len();
            totals.records += run.files.iter().map(|file| file.records).sum::<u64>();
            totals.bytes += run.files.iter().map(|file| file.bytes).sum::<u64>();
        }
        Self { logdir: store.log_directory(), problems: problems.collect(), runs, totals }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let Totals { runs, tags, values, files, bytes, .. } = self.totals;
        writeln!(
            out,
            "{}: {runs} runs, {tags} tags, {values} values, {} in {files} files",
            self.logdir.display(),
            size(bytes)
        )?;
        for (name, run) in &self.runs {
            let bytes = run.files.iter().map(|file| file.bytes).sum();
            writeln!(out, "\n{}: {} tags, {}", output::plain(name), run.tags.len(), size(bytes))?;
            let mut table = table::ruled();
            table.set_header(["tag", "kind", "plugin", "values", "first step", "last step", "size"]);
            for (tag, about) in &run.tags {
                let step = |step: Option<i64>| step.map_or_else(|| "-".to_owned(), |step| step.to_string());
                let again = if about.segments > 1 { format!(" in {} segments", about.segments) } else { String::new() };
                table.add_row([
                    output::plain(tag),
                    about.kind.to_owned(),
                    output::plain(&about.plugin),
                    format!("{}{again}", about.count),
                    step(about.first_step),
                    step(about.last_step),
                    size(about.bytes),
                ]);
            }
            writeln!(out, "{}", table::aligned(table))?;
            for file in run.files.iter().filter(|file| file.state == "unfinished") {
                writeln!(out, "{}: its last record is being written, or its writer was killed", file.path.display())?;
            }
        }
        match self.problems.len() {
            0 => writeln!(out, "\nNo problems."),
            count => {
                writeln!(out, "\n{count} problems:")?;
                self.problems.iter().try_for_each(|problem| writeln!(out, "  {}", output::plain(&problem.message)))
            }
        }
    }
}

impl RunContents {
    fn of(run: &Run) -> Self {
        let tags = run.series().into_iter().map(|series| {
            let info = series.info();
            let tag = Tag {
                kind: info.kind.name(),
                plugin: info.metadata.plugin,
                count: info.count,
                first_step: info.ends.map(|(first, _)| first),
                last_step: info.ends.map(|(_, last)| last),
                bytes: info.bytes,
                segments: series.segments().len(),
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
        Self { tags: tags.collect(), files: files.collect() }
    }
}

/// Bytes, in the unit that keeps the number short.
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
