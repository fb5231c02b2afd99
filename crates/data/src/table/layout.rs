//! The layout of a table: the separator of its cells, and whether its first row names the columns.

use super::cells::{Cell, Cells, Row};
use super::value::{Value, value};
use crate::DataError;
use crate::loading::Loading;
use serde::Serialize;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// The character between two cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`, common in countries whose numbers have a decimal comma.
    Semicolon,
    /// A tab character.
    Tab,
    /// `|`
    Pipe,
}

impl Separator {
    /// In order of preference. The comma comes last, because it also occurs in numbers and texts.
    const ALL: [Self; 4] = [Self::Tab, Self::Semicolon, Self::Pipe, Self::Comma];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        })
    }
}

impl FromStr for Separator {
    type Err = DataError;

    /// Accepts the name or the character itself.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let is_it = |separator: &Self| text == separator.to_string() || text.as_bytes() == [separator.byte()];
        Self::ALL.into_iter().find(is_it).ok_or_else(|| DataError::UnknownName {
            what: "separator",
            given: text.to_owned(),
            expected: "comma, semicolon, tab, pipe, or the character itself",
        })
    }
}

/// How many rows are sampled to detect the layout, and how many bytes after the first two rows.
const SAMPLE_ROWS: usize = 100;
const SAMPLE_BYTES: usize = 1 << 18;

/// How many columns a table with the names 0, 1, 2, ... must have for these to count as names. Fewer may well be a row
/// of data.
const RANGE: usize = 4;

/// The layout of a table.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) separator: Separator,
    /// Whether the first row holds the names of the columns.
    pub(super) header: bool,
    /// The names of the columns. Without a header, their numbers from 1.
    pub(super) names: Row,
    /// The byte at which the rows of data begin in the text.
    pub(super) body: usize,
}

impl Layout {
    /// Detects whatever is not given. If the text has no rows, there are no names.
    pub(super) fn of(
        loading: Loading<'_>,
        text: &str,
        separator: Option<Separator>,
        header: Option<bool>,
        label: Option<&str>,
    ) -> Result<Self, DataError> {
        let (declared, start) = declaration(text);
        let separator = match separator.or(declared) {
            Some(separator) => separator,
            None => detect(loading, text, start)?,
        };
        let rows = sample(loading, text, start, separator)?;
        let Some((first, rest)) = rows.split_first() else {
            return Ok(Self { separator, header: false, names: Row::default(), body: text.len() });
        };
        let comma_separates = separator == Separator::Comma;
        let header = match header {
            Some(header) => header,
            None => is_header(loading, &first.cells, rest, comma_separates, label)?,
        };
        let (names, body) = if header {
            let mut names = first.cells.clone();
            // Spreadsheets write separators after the last column.
            names.truncate(names.filled());
            (names, first.end)
        } else {
            let mut names = Row::default();
            let count = rows.iter().map(|row| row.cells.filled()).max().unwrap_or(0);
            for number in 1..=count {
                names.push(loading, &number.to_string())?;
            }
            (names, start)
        };
        Ok(Self { separator, header, names, body })
    }
}

/// The separator from a first line such as `sep=;`, which tells Excel the separator, and where the table begins after
/// it.
fn declaration(text: &str) -> (Option<Separator>, usize) {
    let line = text.split_inclusive('\n').next().unwrap_or_default();
    let declared = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    let separator = declared.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &declared[4..]);
    match separator.and_then(|separator| separator.parse().ok()) {
        Some(separator) => (Some(separator), line.len()),
        None => (None, 0),
    }
}

struct Sampled {
    cells: Row,
    /// The byte at which the row ends in the text.
    end: usize,
}

/// The first rows that have a cell that is not empty.
fn sample(loading: Loading<'_>, text: &str, start: usize, separator: Separator) -> Result<Vec<Sampled>, DataError> {
    let mut cells = Cells::new(loading, text, start, separator.byte());
    let (mut rows, mut row) = (Vec::<Sampled>::new(), Row::default());
    while let Some(Cell { text, last, .. }) = cells.next()? {
        row.push(loading, text)?;
        if last {
            let cells_of_row = std::mem::take(&mut row);
            if cells_of_row.filled() > 0 {
                rows.push(Sampled { cells: cells_of_row, end: cells.at() });
            }
            let is_enough = rows.len() >= 2 && cells.at() > rows[1].end + SAMPLE_BYTES;
            if rows.len() == SAMPLE_ROWS || is_enough {
                break;
            }
        }
    }
    Ok(rows)
}

/// The separator that gives rows of equal length. If several do, the one that leaves the most numbers.
fn detect(loading: Loading<'_>, text: &str, start: usize) -> Result<Separator, DataError> {
    let mut best = (Separator::Comma, (0.0, 0.0));
    for separator in Separator::ALL {
        let score = score(&sample(loading, text, start, separator)?, separator);
        if score > best.1 {
            best = (separator, score);
        }
    }
    Ok(best.0)
}

/// The fraction of rows that are as long as the first, and the fraction of cells that are numbers. Both are 0 if the
/// separator does not occur in the first row.
fn score(rows: &[Sampled], separator: Separator) -> (f64, f64) {
    let Some(first) = rows.first() else { return (0.0, 0.0) };
    let length = first.cells.len();
    if length < 2 {
        return (0.0, 0.0);
    }
    let alike = rows.iter().map(|row| &row.cells).filter(|cells| {
        // A separator at the end of a line does not start another column.
        cells.len() == length || cells.len() > length && cells.filled() <= length
    });
    let cells = || rows.iter().flat_map(|row| row.cells.iter());
    let comma_separates = separator == Separator::Comma;
    let numbers = cells().filter(|cell| matches!(value(cell, comma_separates), Value::Number(..) | Value::Missing));
    (alike.count() as f64 / rows.len() as f64, numbers.count() as f64 / cells().count() as f64)
}

/// Whether the first row names the columns: a text stands above numbers, or the first row is all text and none of it
/// occurs below.
fn is_header(
    loading: Loading<'_>,
    first: &Row,
    rest: &[Sampled],
    comma_separates: bool,
    label: Option<&str>,
) -> Result<bool, DataError> {
    let is_text = |cell: &str| matches!(value(cell, comma_separates), Value::Text);
    if label.is_some_and(|label| is_text(label) && first.iter().any(|cell| cell == label)) {
        return Ok(true);
    }
    let range = first.iter().enumerate().all(|(index, cell)| cell.parse() == Ok(index));
    if range && first.len() >= RANGE {
        return Ok(true);
    }
    let (mut any_number, mut any_again) = (false, false);
    for (index, cell) in first.iter().enumerate() {
        let below = || rest.iter().map(|row| row.cells.get(index));
        match value(cell, comma_separates) {
            Value::Text => {
                let mut values = below().map(|cell| value(cell, comma_separates));
                let over_numbers = values.clone().any(|value| matches!(value, Value::Number(..)))
                    && values.all(|value| matches!(value, Value::Number(..) | Value::Missing));
                if over_numbers {
                    return Ok(true);
                }
                any_again |= below().any(|other| other == cell);
            }
            Value::Number(..) | Value::Unusable(_) => any_number = true,
            Value::Missing => {}
        }
    }
    if any_number || any_again {
        return Ok(false);
    }
    let filled = first.filled();
    let mut names = HashSet::new();
    names.try_reserve(filled).map_err(|_| DataError::memory(loading.path, filled * size_of::<&str>()))?;
    Ok(first.iter().take(filled).all(|name| names.insert(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    fn layout(text: &str, label: Option<&str>) -> (Separator, bool, Vec<String>) {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("table.csv"), interrupt: &interrupt };
        let layout = Layout::of(loading, text, None, None, label).unwrap();
        (layout.separator, layout.header, layout.names.iter().map(str::to_owned).collect())
    }

    #[test]
    fn separators_are_detected() {
        use Separator::{Comma, Pipe, Semicolon, Tab};
        for (text, separator) in [
            ("x,y\n1,2\n", Comma),
            ("x;y\n1,5;2\n2,5;0\n", Semicolon),
            ("1,5;2,5;3,5;1\n2,5;0,5;3,5;0\n", Semicolon),
            ("x\ty\n1,5\t2\n", Tab),
            ("x|y\n1|2\n", Pipe),
            // Separators within a cell.
            ("1,2,\"a;b\"\n3,4,\"c;d\"\n", Comma),
            ("1,Toy Story,Adventure|Animation\n2,Heat,Action|Crime|Thriller\n", Comma),
            ("name;y\n\"Doe, John\";1\n\"Roe, Jane\";0\n", Semicolon),
            ("note\ty\na;b, c\t1\nd;e, f\t0\n", Tab),
            // Separators at the ends of lines.
            ("x;y\n1;2;\n3;4;\n", Semicolon),
            ("x,y,\n1,2,\n", Comma),
            // A row that is too short does not change the others.
            ("x,y,z\n1,2,3\n4,5\n", Comma),
            ("sep=|\nx;y|z\n", Pipe),
            ("", Comma),
            ("alone\n1\n", Comma),
        ] {
            assert_eq!(layout(text, None).0, separator, "{text:?}");
        }
    }

    #[test]
    fn headers_are_detected() {
        for (text, label, header) in [
            ("x,y\n1,2\n", None, true),
            ("1,2\n3,4\n", None, false),
            ("5.1,setosa\n4.9,setosa\n", None, false),
            ("5.1,setosa\n6.0,virginica\n", None, false),
            ("length,species\n5.1,setosa\n", None, true),
            ("class,shape\np,x\ne,b\n", None, true),
            ("p,x\ne,x\np,b\n", None, false),
            // Years as column names; `country` does not occur below.
            ("country,1990,label\nFR,1.5,rich\nDE,2.5,poor\n", Some("label"), true),
            ("0,1,2,3\n5.1,3.5,1.4,0\n", None, true),
            ("0,1\n5.1,3.5\n", None, false),
            (",0,1\n0,5.1,1\n", None, false),
            ("NA,1\n2,0\n", None, false),
            // Only names.
            ("x,y\n", None, true),
            ("1,2\n", None, false),
        ] {
            assert_eq!(layout(text, label).1, header, "{text:?}");
        }
    }

    #[test]
    fn columns_without_names_are_numbered_and_separators_at_the_end_make_none() {
        assert_eq!(layout("1;2,5;\n3;4;\n", None).2, ["1", "2"]);
        assert_eq!(layout("1,2,\n3,4,5\n", None).2, ["1", "2", "3"]);
        assert_eq!(layout(";;;\nx;y;;\n1;2;;\n", None).2, ["x", "y"]);
    }

    #[test]
    fn a_separator_is_written_as_a_word_or_as_itself() {
        for (text, separator) in [(";", Separator::Semicolon), ("tab", Separator::Tab), ("\t", Separator::Tab)] {
            assert_eq!(text.parse::<Separator>().unwrap(), separator);
        }
        let message = ":".parse::<Separator>().unwrap_err().to_string();
        assert_eq!(message, "unknown separator \":\": expected comma, semicolon, tab, pipe, or the character itself");
    }
}
