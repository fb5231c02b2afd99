//! Reads the rows of data of a table.

use super::cells::{Cell, Cells, Row, line};
use super::columns::{Categories, Column, Kind, MOST_CATEGORIES};
use super::layout::{Layout, Separator};
use super::value::{DecimalMark, Value, value};
use super::wrong::{Wrong, shortened, shown};
use crate::class_labels::ClassLabels;
use crate::loading::Loading;
use crate::{DataError, Missing};

/// Advice for a cell without a value.
const FILL: &str = "fill the cell, or set data.missing to \"drop\" (the row) or \"mean\" (of the column)";
const FILL_LABEL: &str = "fill the cell, or set data.missing to \"drop\" (the row)";
/// Advice for a column that cannot be an input.
const IGNORE: &str = "mend the cell, or leave the column out with data.ignore";

/// The content of the rows.
pub(super) struct Rows {
    /// `[rows, columns that are used]`: numbers, numbers of texts, and NaN where a value is missing.
    pub(super) inputs: Vec<f32>,
    pub(super) labels: ClassLabels,
    /// How many rows were left out because of a missing value.
    pub(super) dropped: usize,
    pub(super) decimal_comma: bool,
}

pub(super) struct Reader<'a> {
    pub(super) loading: Loading<'a>,
    pub(super) text: &'a str,
    pub(super) layout: &'a Layout,
    pub(super) columns: &'a mut [Column],
    pub(super) missing: Missing,
    /// The decimal mark of the numbers, and the start of a row that uses it.
    mark: Option<(DecimalMark, usize)>,
}

/// The row that is being read.
#[derive(Default)]
struct Current {
    start: usize,
    cells: usize,
    /// How many cells there are up to the last one that is not empty.
    filled: usize,
    /// The first column without a value, and the text of its cell.
    missing: Option<(usize, String)>,
    label: String,
    /// What is wrong with the first bad cell.
    wrong: Option<Wrong>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        loading: Loading<'a>,
        text: &'a str,
        layout: &'a Layout,
        columns: &'a mut [Column],
        missing: Missing,
    ) -> Self {
        Self { loading, text, layout, columns, missing, mark: None }
    }

    pub(super) fn read(mut self) -> Result<Rows, DataError> {
        let mut cells = Cells::new(self.loading, self.text, self.layout.body, self.layout.separator.byte());
        let (mut inputs, mut labels, mut dropped) = (Vec::new(), ClassLabels::default(), 0);
        let mut row = Current::default();
        let mut begin = 0;
        while let Some(Cell { text, start, last }) = cells.next()? {
            if row.cells == 0 {
                row.start = start;
                begin = inputs.len();
                self.loading.reserve(&mut inputs, self.columns.len())?;
            }
            self.take(text, &mut row, &mut inputs);
            if last {
                let is_kept = row.filled > 0 && self.judge(&mut row, cells.at(), &mut dropped)?;
                if is_kept {
                    self.push_label(&row, &mut labels)?;
                } else {
                    inputs.truncate(begin);
                }
                let label = std::mem::take(&mut row.label);
                row = Current { label, ..Current::default() };
            }
        }
        let decimal_comma = matches!(self.mark, Some((DecimalMark::Comma, _)));
        Ok(Rows { inputs, labels, dropped, decimal_comma })
    }

    /// Takes the next cell of a row. An error in it is reported only at the end of the row, because the cells of a row
    /// of the wrong length are in the wrong columns.
    fn take(&mut self, text: &str, row: &mut Current, inputs: &mut Vec<f32>) {
        let index = row.cells;
        row.cells += 1;
        if !text.is_empty() {
            row.filled = row.cells;
        }
        let Some(column) = self.columns.get_mut(index) else { return };
        match column.kind {
            Kind::Ignored => return,
            Kind::Label => {
                row.label.clear();
                row.label.push_str(text);
                if value(text, true) == Value::Missing {
                    column.missing += 1;
                    row.missing.get_or_insert_with(|| (index, shown(text)));
                }
                return;
            }
            Kind::Unknown | Kind::Numbers | Kind::Texts(_) => {}
        }
        let comma_separates = self.layout.separator == Separator::Comma;
        let input = match (value(text, comma_separates), &mut column.kind) {
            (Value::Missing, _) => {
                column.missing += 1;
                row.missing.get_or_insert_with(|| (index, shown(text)));
                Ok(f32::NAN)
            }
            (Value::Unusable(advice), _) => Err(Wrong::default().expected("a number").advice(advice)),
            (Value::Number(number, mark), Kind::Unknown | Kind::Numbers) => {
                column.kind = Kind::Numbers;
                check_mark(&mut self.mark, mark, self.text, row.start).map(|()| number)
            }
            (Value::Text, Kind::Numbers) => Err(Wrong::default().expected("a number").advice(IGNORE)),
            (Value::Number(..), Kind::Texts(categories)) => {
                let expected = format!("a text, as {} before", shown(categories.first()));
                Err(Wrong::default().expected(expected).advice(IGNORE))
            }
            (Value::Text, kind) => {
                if let Kind::Unknown = kind {
                    *kind = Kind::Texts(Box::default());
                }
                let Kind::Texts(categories) = kind else { unreachable!("a text makes a column of texts") };
                code(categories, text)
            }
            (_, Kind::Label | Kind::Ignored) => unreachable!("neither is an input"),
        };
        match input {
            Ok(input) => inputs.push(input),
            Err(wrong) if row.wrong.is_none() => {
                row.wrong = Some(wrong.column(self.layout.names.get(index)).found(shown(text)));
            }
            Err(_) => {}
        }
    }

    /// Whether to keep a row that has ended.
    fn judge(&self, row: &mut Current, end: usize, dropped: &mut usize) -> Result<bool, DataError> {
        let count = self.columns.len();
        let line = || line(self.text, row.start);
        if row.cells < count || row.filled > count {
            let like = if self.layout.header { "as in the header" } else { "as in the first rows" };
            let spans_lines = self.text[row.start..end].trim().contains(['\n', '\r']);
            let advice = if spans_lines {
                "a cell of it spans several lines: is a quotation mark left open?".to_owned()
            } else if row.cells < count {
                "add the cells that are missing".to_owned()
            } else {
                format!(
                    "put cells that contain a {} in quotation marks, and leave out row names",
                    self.layout.separator
                )
            };
            let wrong = Wrong::line(line()).expected(format!("{count} cells, {like}"));
            return Err(wrong.found(row.cells.to_string()).advice(advice).of(self.loading.path));
        }
        if let Some(wrong) = row.wrong.take() {
            return Err(wrong.at_line(line()).of(self.loading.path));
        }
        let Some((column, found)) = row.missing.take() else { return Ok(true) };
        let is_label = |column: usize| matches!(self.columns[column].kind, Kind::Label);
        let (column, found) = match self.missing {
            Missing::Drop => {
                *dropped += 1;
                return Ok(false);
            }
            Missing::Refuse => (column, found),
            // A label has no mean.
            Missing::Mean if value(&row.label, true) == Value::Missing => (self.label(), shown(&row.label)),
            Missing::Mean => return Ok(true),
        };
        let (expected, advice) = if is_label(column) { ("a label", FILL_LABEL) } else { ("a value", FILL) };
        let wrong = Wrong::line(line()).column(self.layout.names.get(column)).expected(expected).found(found);
        Err(wrong.advice(advice).of(self.loading.path))
    }

    /// The index of the label column.
    fn label(&self) -> usize {
        self.columns.iter().position(|column| matches!(column.kind, Kind::Label)).unwrap_or(0)
    }

    fn push_label(&self, row: &Current, labels: &mut ClassLabels) -> Result<(), DataError> {
        labels.reserve(self.loading)?;
        labels.push(&row.label).map_err(|expected| {
            let wrong = Wrong::line(line(self.text, row.start)).column(self.layout.names.get(self.label()));
            wrong.expected(expected).found(shown(&row.label)).of(self.loading.path)
        })
    }
}

/// Returns an error if the table mixes decimal marks.
fn check_mark(
    known: &mut Option<(DecimalMark, usize)>,
    mark: Option<DecimalMark>,
    text: &str,
    start: usize,
) -> Result<(), Wrong> {
    let Some(mark) = mark else { return Ok(()) };
    let &mut (first, place) = known.get_or_insert((mark, start));
    if mark == first {
        return Ok(());
    }
    let name = match first {
        DecimalMark::Point => "point",
        DecimalMark::Comma => "comma",
    };
    let expected = format!("a number with a decimal {name}, as on line {}", line(text, place));
    Err(Wrong::default().expected(expected).advice("write all numbers alike, without thousands separators"))
}

/// The number of a text, as an input value.
fn code(categories: &mut Categories, text: &str) -> Result<f32, Wrong> {
    categories.code(text).map(|code| code as f32).ok_or_else(|| {
        let expected = format!("at most {MOST_CATEGORIES} different texts in a column");
        Wrong::default()
            .expected(expected)
            .advice("leave the column out with data.ignore, or make fewer categories of it")
    })
}

/// Refuses columns without any value, and columns that only identify a row.
pub(super) fn check_columns(loading: Loading<'_>, names: &Row, columns: &[Column]) -> Result<(), DataError> {
    for (column, name) in columns.iter().zip(names.iter()) {
        let wrong = Wrong::default().column(name);
        match &column.kind {
            Kind::Unknown => {
                let wrong = wrong.expected("at least one value").found("none");
                return Err(wrong.advice("leave the column out with data.ignore").of(loading.path));
            }
            Kind::Texts(categories) => {
                if let Some(count) = categories.identify() {
                    let found = format!("{count} different ones, such as {}", shown(categories.first()));
                    let wrong = wrong.expected("texts that occur again and again").found(found);
                    let advice =
                        format!("names and identifiers are no categories: data.ignore = [\"{}\"]", shortened(name));
                    return Err(wrong.advice(advice).of(loading.path));
                }
            }
            Kind::Label | Kind::Ignored | Kind::Numbers => {}
        }
    }
    Ok(())
}
