//! The only place that writes to standard output and standard error.

use std::io::{self, Write};

use serde::Serialize;

/// Prints a line of data.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// So many of them: "1 step", "2 steps".
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Prints one JSON object on one line.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(line(&serde_json::to_string(value)?)?)
}

/// Prints a message for the person at the terminal. Nobody is there to be told when that fails.
pub(crate) fn message(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Names come from files: what would move the cursor or ring the bell is shown, not done.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let (shown, escaped) =
                if character.is_control() { (None, Some(character.escape_default())) } else { (Some(character), None) };
            shown.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(plain("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
    }
}
