//! Messages of the commands that read a log directory, for when there is nothing to read or some of it cannot be read.

use std::path::Path;

use anyhow::{bail, ensure};
use headwater_events::Problem;

use crate::output;
use crate::pattern::{Pattern, wanted};

/// How many problems are listed by commands that were not asked about them.
const PROBLEMS: usize = 3;

/// Refuses a log directory that is not one.
pub(crate) fn check(logdir: &Path) -> anyhow::Result<()> {
    let shown = shown(logdir);
    let metadata = std::fs::metadata(logdir).map_err(|error| anyhow::anyhow!("cannot read {shown}: {error}"))?;
    if metadata.is_dir() {
        return Ok(());
    }
    let folder = logdir.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    ensure!(
        !logdir.file_name().is_some_and(headwater_events::is_event_file),
        "{shown} is an event file; expected the folder that it is in: {}",
        output::quoted_path(folder)
    );
    bail!("{shown} is a file; expected a folder with event files in it or below it");
}

/// The message for a folder without runs. It mentions the problems that were found instead.
pub(crate) fn nothing_in(logdir: &Path, problems: &[Problem]) -> String {
    if let Some(first) = problems.first() {
        let more = match problems.len() - 1 {
            0 => String::new(),
            more => format!(" (and {})", output::count(more as u64, "more problem")),
        };
        return format!("found no event files in {}: {}{more}", shown(logdir), output::plain(&first.to_string()));
    }
    format!(
        "there are no event files (their names contain \"tfevents\") in {} or below it; make some with: {}",
        shown(logdir),
        output::command("train --logdir", logdir)
    )
}

/// Returns an error if no run matches the pattern. `runs` are the names of all runs.
pub(crate) fn check_runs<'a>(pattern: Option<&Pattern>, mut runs: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    /// How many names the message lists.
    const NAMES: usize = 5;
    let Some(pattern) = pattern else { return Ok(()) };
    let mut names = Vec::new();
    if runs.any(|run| {
        names.push(run);
        wanted(Some(pattern), run)
    }) {
        return Ok(());
    }
    let more = names.len().saturating_sub(NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names: Vec<String> = names.into_iter().take(NAMES).map(output::plain).collect();
    bail!("--runs {}: no run has such a name; there are {}{more}", output::plain(pattern.text()), names.join(", "));
}

/// Warns about the first few problems and says where to see the others.
pub(crate) fn warn(logdir: &Path, problems: &[Problem]) {
    for problem in problems.iter().take(PROBLEMS) {
        output::warning(&problem.to_string());
    }
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        let more = output::count(more as u64, "more problem");
        output::warning(&format!("{more} not shown; see all with: {}", output::command("inspect", logdir)));
    }
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    output::plain(&path.display().to_string())
}
