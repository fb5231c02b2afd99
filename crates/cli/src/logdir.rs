//! What the commands that read a log directory say when there is nothing to read, or not everything.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{bail, ensure};
use headwater_events::Problem;

use crate::output;
use crate::pattern::{Pattern, wanted};

/// How many problems are told one by one where they are not what was asked about.
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
        quoted(folder.as_os_str())
    );
    bail!("{shown} is a file; expected a folder with event files in it or below it");
}

/// The message for a folder in which no run was found, with the problems that were found instead.
pub(crate) fn nothing_in(logdir: &Path, problems: &[Problem]) -> String {
    if let Some(first) = problems.first() {
        let more = match problems.len() - 1 {
            0 => String::new(),
            more => format!(" (and {})", output::count(more as u64, "more problem")),
        };
        return format!("found no event files in {}: {}{more}", shown(logdir), output::plain(&first.to_string()));
    }
    format!(
        "there are no event files (their names contain \"tfevents\") in {} or below it; \
         `headwater train --logdir {}` would make some",
        shown(logdir),
        quoted(logdir.as_os_str())
    )
}

/// Refuses a pattern that no run matches. `runs`: the names of all.
pub(crate) fn check_runs<'a>(pattern: Option<&Pattern>, mut runs: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    /// How many names are told.
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

/// Warns of the first problems, and says where to see the others.
pub(crate) fn warn(logdir: &Path, problems: &[Problem]) {
    for problem in problems.iter().take(PROBLEMS) {
        output::message(&format!("warning: {}", output::plain(&problem.to_string())));
    }
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        let more = output::count(more as u64, "more problem");
        output::message(&format!("and {more}; see them with: headwater inspect {}", quoted(logdir.as_os_str())));
    }
}

/// A path as it is shown.
pub(crate) fn shown(path: &Path) -> String {
    output::plain(&path.display().to_string())
}

/// An argument as a POSIX shell reads it: what is copied from a message is the same path again.
pub(crate) fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    // What begins with a dash would be taken for an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text.into_owned() };
    let is_safe = |character: char| character.is_alphanumeric() || "/._-+=:,@%".contains(character);
    if !text.is_empty() && text.chars().all(is_safe) {
        return text;
    }
    // What would move the cursor is spelled out; only $'...' reads it again.
    if text.chars().any(char::is_control) {
        let text = text.replace('\\', "\\\\").replace('\'', "\\'");
        let spell = |character: char| match character {
            '\n' => "\\n".to_owned(),
            control if control.is_control() => {
                control.to_string().bytes().map(|byte| format!("\\x{byte:02x}")).collect::<Vec<_>>().concat()
            }
            other => other.to_string(),
        };
        return format!("$'{}'", text.chars().map(spell).collect::<String>());
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_argument_is_what_the_shell_reads() {
        for argument in
            ["runs/a-1", "my runs", "it's", "a\"b$HOME`x`", "", "tab\there", "a\\b\u{1b}'c", "ünï", "~x", "*"]
        {
            let command = format!("printf %s {}", quoted(argument.as_ref()));
            let output = std::process::Command::new("bash").args(["-c", &command]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), argument, "{command}");
        }
        assert_eq!(quoted("-x y".as_ref()), "'./-x y'");
        assert_eq!(quoted("runs/a-1".as_ref()), "runs/a-1");
    }
}
