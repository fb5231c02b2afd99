//! The cells of a table, in order.
//!
//! Text is read cell by cell and not row by row, because a row may be as long as the file.

use crate::DataError;
use crate::loading::Loading;
use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// How many cells are read between two checks of the interrupt flag.
const OFTEN: usize = 1 << 16;
/// How many bytes of one cell are read between two checks.
const MOST_MORE: usize = 1 << 24;

/// Reads the cells of a text.
pub(super) struct Cells<'a> {
    loading: Loading<'a>,
    text: &'a str,
    parser: Reader,
    /// How many bytes of `text` have been read.
    at: usize,
    /// How many cells have been read.
    count: usize,
    /// A buffer for the bytes of the cell, without quotes.
    cell: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell<'c> {
    /// The text, without quotes and without surrounding white space.
    pub(super) text: &'c str,
    /// The byte at which the cell begins in the text, or at which the row before ends.
    pub(super) start: usize,
    /// Whether this is the last cell of its row.
    pub(super) last: bool,
}

impl<'a> Cells<'a> {
    /// The cells from the byte `start` on, where a row must begin.
    pub(super) fn new(loading: Loading<'a>, text: &'a str, start: usize, separator: u8) -> Self {
        let parser = ReaderBuilder::new().delimiter(separator).build();
        Self { loading, text, parser, at: start, count: 0, cell: vec![0; 256] }
    }

    /// Returns the next cell, or `None` at the end of the text. Skips empty lines.
    pub(super) fn next(&mut self) -> Result<Option<Cell<'_>>, DataError> {
        if self.count.is_multiple_of(OFTEN) {
            self.loading.check()?;
        }
        self.count += 1;
        let start = self.at;
        let mut length = 0;
        let last = loop {
            let input = &self.text.as_bytes()[self.at..];
            let (result, read, written) = self.parser.read_field(input, &mut self.cell[length..]);
            self.at += read;
            length += written;
            match result {
                // The next, empty input tells the parser that the text has ended.
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => {
                    // With an unclosed quotation mark, the rest of the file is one cell.
                    self.loading.check()?;
                    let (size, more) = (self.cell.len(), self.cell.len().min(MOST_MORE));
                    self.loading.reserve(&mut self.cell, more)?;
                    self.cell.resize(size + more, 0);
                }
                ReadFieldResult::Field { record_end } => break record_end,
                ReadFieldResult::End => return Ok(None),
            }
        };
        let cell = str::from_utf8(&self.cell[..length]).unwrap_or_default();
        Ok(Some(Cell { text: cell.trim(), start, last }))
    }

    /// How many bytes of the text have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }
}

/// The line of a row, from 1. `start` is the first byte of the row or the end of the row before it.
pub(super) fn line(text: &str, start: usize) -> u64 {
    let bytes = text.as_bytes();
    let start = start.min(bytes.len());
    let skipped = bytes[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let before = &bytes[..start + skipped];
    // Lines end with LF, CR LF, or, on very old systems, CR.
    let ends = before.iter().enumerate().filter(|&(place, &byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(place + 1) != Some(&b'\n'),
        _ => false,
    });
    1 + ends.count() as u64
}

/// A row of cells in one allocation. Tables may have millions of columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    text: Vec<u8>,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
}

impl Row {
    pub(super) fn push(&mut self, loading: Loading<'_>, cell: &str) -> Result<(), DataError> {
        loading.reserve(&mut self.text, cell.len())?;
        loading.reserve(&mut self.ends, 1)?;
        self.text.extend(cell.as_bytes());
        self.ends.push(self.text.len());
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at `index`. Empty if the row has fewer cells.
    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else { return "" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        str::from_utf8(&self.text[start..end]).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// How many cells there are up to the last one that is not empty.
    pub(super) fn filled(&self) -> usize {
        (0..self.len()).rev().find(|&index| !self.get(index).is_empty()).map_or(0, |last| last + 1)
    }

    pub(super) fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    fn cells(text: &str, separator: u8) -> Vec<(String, usize, bool)> {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("table.csv"), interrupt: &interrupt };
        let mut cells = Cells::new(loading, text, 0, separator);
        let mut found = Vec::new();
        while let Some(Cell { text, start, last }) = cells.next().unwrap() {
            found.push((text.to_owned(), start, last));
        }
        found
    }

    #[test]
    fn cells_are_unquoted_and_trimmed_and_know_where_they_stand() {
        let found = cells("a;\"b;\"\"c\"\"\" ;\r\n\n d ", b';');
        let expected = [("a", 0, false), ("b;\"c\"", 2, false), ("", 13, true), ("d", 14, true)];
        assert_eq!(found, expected.map(|(text, start, last)| (text.to_owned(), start, last)));
        let long = "x".repeat(5000);
        assert_eq!(cells(&format!("{long},1"), b','), [(long, 0, false), ("1".to_owned(), 5001, true)]);
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a{end}b{end}{end}c");
            let lines: Vec<u64> = cells(&text, b',').iter().map(|(_, start, _)| line(&text, *start)).collect();
            assert_eq!(lines, [1, 2, 4], "{end:?}");
        }
    }

    #[test]
    fn a_row_gives_back_its_cells_and_no_others() {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("table.csv"), interrupt: &interrupt };
        let mut row = Row::default();
        for cell in ["", "é", "b", ""] {
            row.push(loading, cell).unwrap();
        }
        assert_eq!(row.iter().collect::<Vec<_>>(), ["", "é", "b", ""]);
        assert_eq!((row.filled(), row.get(9)), (3, ""));
        row.truncate(2);
        assert_eq!(row.len(), 2);
    }
}
