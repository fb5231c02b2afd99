//! Errors about a table: what is wrong, and where.

use crate::{DataError, TableError};
use std::path::Path;

/// An error under construction: "line 3, column x: expected ..., found ...; what to do".
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// `None` if the error is not about one line.
    line: Option<u64>,
    column: Option<String>,
    expected: String,
    found: String,
    advice: String,
}

impl Wrong {
    pub(super) fn line(line: u64) -> Self {
        Self::default().at_line(line)
    }

    pub(super) fn at_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    pub(super) fn column(self, name: &str) -> Self {
        Self { column: Some(shortened(name)), ..self }
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    pub(super) fn found(self, found: impl Into<String>) -> Self {
        Self { found: found.into(), ..self }
    }

    pub(super) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    pub(super) fn of(self, path: &Path) -> DataError {
        let Self { line, column, expected, found, advice } = self;
        DataError::Table(Box::new(TableError { path: path.to_owned(), line, column, expected, found, advice }))
    }
}

/// The most characters of a file's own text that a message shows.
const MOST: usize = 40;

/// A cell as a message shows it: on one line, and shortened.
pub(super) fn shown(cell: &str) -> String {
    match cell.chars().count() {
        0 => "an empty cell".to_owned(),
        length if length > MOST => format!("{:?}...", cell.chars().take(MOST).collect::<String>()),
        _ => format!("{cell:?}"),
    }
}

/// A name on one line, shortened.
pub(super) fn shortened(name: &str) -> String {
    let plain = name.chars().flat_map(|character| {
        let escaped = character.is_control().then(|| character.escape_default());
        let same = escaped.is_none().then_some(character);
        escaped.into_iter().flatten().chain(same)
    });
    let short: String = plain.clone().take(MOST).collect();
    if plain.clone().nth(MOST).is_some() { short + "..." } else { short }
}
