//! The only place that writes to standard output and standard error.
//!
//! Results go to standard output: [`line()`] and [`json()`]. Messages for the user go to standard error: [`message`],
//! [`notice`], [`warning`] and [`error`]. Progress bars stay below both, and nothing else writes while they are on the
//! screen.

mod ascii;
mod bars;
mod shell;
mod style;
mod wrap;

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use terminal_size::terminal_size_of;

pub(crate) use bars::{add_line, clear as clear_bars, drawn};
pub(crate) use shell::{command, quoted, quoted_path};
pub(crate) use style::{Arguments, Colour, Style, color_choice, settle, style};
pub(crate) use wrap::{paragraph, width, wrapped};

/// Standard output or standard error.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Results,
    Messages,
}

/// Rows and columns of the terminal. Returns `None` if the stream is not a terminal.
fn size(stream: Stream) -> Option<(usize, usize)> {
    let size = match stream {
        Stream::Results => terminal_size_of(io::stdout()),
        Stream::Messages => terminal_size_of(io::stderr()),
    };
    size.map(|(columns, rows)| (rows.0.into(), columns.0.into()))
}

/// The width of the terminal on standard output, in columns. Returns `None` if standard output is not a terminal.
pub(crate) fn columns() -> Option<usize> {
    size(Stream::Results).map(|(_, columns)| columns)
}

/// Like [`columns`], but for messages and progress, which go to standard error.
pub(crate) fn message_columns() -> Option<usize> {
    size(Stream::Messages).map(|(_, columns)| columns)
}

/// Prints a line of data.
pub(crate) fn line(text: &str) -> io::Result<()> {
    print(&typeset(text))
}

/// Prints one JSON object on one line.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string(value)?)?)
}

fn print(text: &str) -> io::Result<()> {
    bars::aside(|| {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    })
}

/// Prints a message for the user, unless `--quiet` is given.
pub(crate) fn message(text: &str) {
    if !style().quiet {
        notice(text);
    }
}

/// Prints a message that the user needs in order to use the result. `--quiet` does not suppress it.
pub(crate) fn notice(text: &str) {
    tell(None, text);
}

/// Prints a warning.
pub(crate) fn warning(text: &str) {
    tell(Some(("warning:", Colour::Warning)), text);
}

/// Prints an error message.
pub(crate) fn error(text: &str) {
    tell(Some(("error:", Colour::Error)), text);
}

/// Writes to standard error. Ignores failures, because there is nowhere left to report them.
fn tell(label: Option<(&str, Colour)>, text: &str) {
    let text = match label {
        Some((label, _)) => format!("{label} {text}"),
        None => text.to_owned(),
    };
    let text = wrapped(&text, message_columns());
    let lines: Vec<String> = typeset(&text).split('\n').map(plain).collect();
    let mut text = lines.join("\n");
    if let Some((label, colour)) = label
        && let Some(rest) = text.strip_prefix(label)
    {
        text = format!("{}{rest}", style().paint_message(colour, label));
    }
    bars::aside(|| {
        let _ = writeln!(io::stderr().lock(), "{text}");
    });
}

/// Prepares text for printing: restores the spaces of commands, and uses ASCII where the terminal needs it.
fn typeset(text: &str) -> Cow<'_, str> {
    let text = if text.contains(shell::GLUE) { Cow::from(text.replace(shell::GLUE, " ")) } else { Cow::from(text) };
    if style().unicode || text.is_ascii() { text } else { Cow::from(ascii::ascii(&text)) }
}

/// A number with its noun in the singular or plural: "1 step", "2 steps", "1 class", "2 classes".
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {}", of_number(number, what))
}

/// A part of a total: "1 of 1 run", "1 of 2 runs".
pub(crate) fn count_of(part: u64, number: u64, what: &str) -> String {
    format!("{part} of {}", count(number, what))
}

fn of_number(number: u64, what: &str) -> String {
    let hisses = ["s", "x", "ch", "sh"].iter().any(|end| what.ends_with(end));
    match number {
        1 => what.to_owned(),
        _ if hisses => format!("{what}es"),
        _ => format!("{what}s"),
    }
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

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!([count(0, "run"), count(1, "run"), count(2, "run")], ["0 runs", "1 run", "2 runs"]);
        assert_eq!([count(1, "class"), count(2, "class"), count(2, "branch")], ["1 class", "2 classes", "2 branches"]);
        assert_eq!([count_of(1, 1, "run"), count_of(0, 3, "run")], ["1 of 1 run", "0 of 3 runs"]);
    }

    #[test]
    fn a_command_is_printed_with_its_spaces() {
        assert_eq!(typeset(&command("serve", std::path::Path::new("my runs"))), "headwater serve 'my runs'");
    }
}
