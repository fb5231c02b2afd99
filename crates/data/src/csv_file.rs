//! Tables: a header, a column of labels, and numbers.

use crate::DataError;
use crate::class_labels::ClassLabels;
use crate::samples::{Inputs, Samples};
use crate::split::Loaded;
use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord, Trim};
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn load(path: &Path, label_column: Option<&str>) -> Result<Loaded, DataError> {
    let text = fs::read(path).map_err(|reason| DataError::io(path, reason))?;
    read(path, &text, label_column)
}

/// `path` is for messages.
fn read(path: &Path, text: &[u8], label_column: Option<&str>) -> Result<Loaded, DataError> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let columns = columns(path, text, &mut reader)?;
    let label = label_column.and_then(|name| columns.iter().position(|column| column == name));
    let Some(label) = label else {
        return Err(DataError::LabelColumn { path: path.to_owned(), given: label_column.map(str::to_owned), columns });
    };
    if columns.len() < 2 {
        return Err(wrong(path, 1, None, "at least one column beside the labels", format!("only {}", columns[0])));
    }

    let mut labels = ClassLabels::default();
    let mut inputs = Vec::new();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| unreadable(path, text, &error))? {
        for (column, cell) in row.iter().enumerate() {
            let expected = if column == label {
                labels.push(cell).err()
            } else {
                match cell.parse::<f32>() {
                    Ok(number) if number.is_finite() => {
                        inputs.push(number);
                        None
                    }
                    _ => Some("a finite number".to_owned()),
                }
            };
            if let Some(expected) = expected {
                let line = line(text, row.position());
                return Err(wrong(path, line, Some(&columns[column]), expected, shown(cell)));
            }
        }
    }
    let (labels, classes) = labels.finish();
    let train = Samples::new(Inputs::Floats(Arc::new(inputs)), columns.len() - 1, labels);
    Ok(Loaded { classes, image: None, train, test: None })
}

/// The names in the header.
fn columns(path: &Path, text: &[u8], reader: &mut Reader<&[u8]>) -> Result<Vec<String>, DataError> {
    let header = reader.headers().map_err(|error| unreadable(path, text, &error))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if columns.is_empty() {
        return Err(wrong(path, 1, None, "a header with the names of the columns", "the end of the file"));
    }
    if columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Err(wrong(
            path,
            1,
            None,
            "a header with the names of the columns",
            format!("numbers ({})", columns[0]),
        ));
    }
    // A nameless column is the row number that pandas adds: taken for an input, it would let the network learn the order.
    if let Some(nameless) = columns.iter().position(String::is_empty) {
        let expected = format!("a name for column {}", nameless + 1);
        return Err(wrong(path, 1, None, expected, "none (a row index? to_csv(..., index=False) leaves it out)"));
    }
    for (place, name) in columns.iter().enumerate() {
        if columns[..place].contains(name) {
            return Err(wrong(path, 1, Some(name), "columns with different names", "the name twice"));
        }
    }
    Ok(columns)
}

fn wrong(
    path: &Path,
    line: u64,
    column: Option<&str>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> DataError {
    let (expected, found) = (expected.into(), found.into());
    DataError::Csv { path: path.to_owned(), line, column: column.map(str::to_owned), expected, found }
}

fn unreadable(path: &Path, text: &[u8], error: &csv::Error) -> DataError {
    let line = line(text, error.position());
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            wrong(path, line, None, format!("{expected_len} cells, as in the header"), len.to_string())
        }
        ErrorKind::Utf8 { err, .. } => wrong(path, line, None, "UTF-8 text", err.to_string()),
        _ => wrong(path, line, None, "a row of the table", error.to_string()),
    }
}

/// The line, from 1, on which a row starts. The parser's own count lags after CR LF and after empty lines: a row's
/// position is where the one before ends.
fn line(text: &[u8], row: Option<&Position>) -> u64 {
    let end = row.map_or(0, |position| position.byte() as usize).min(text.len());
    let skipped = text[end..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
    text[..end + skipped].split(|&byte| byte == b'\n').count() as u64
}

/// A cell as a message shows it: on one line, and not longer than one.
fn shown(cell: &str) -> String {
    const MOST: usize = 40;
    match cell.chars().count() {
        0 => "an empty cell".to_owned(),
        length if length > MOST => format!("{:?}...", cell.chars().take(MOST).collect::<String>()),
        _ => format!("{cell:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    fn read_text(text: impl AsRef<[u8]>, label: Option<&str>) -> Result<Loaded, DataError> {
        read(Path::new("table.csv"), text.as_ref(), label)
    }

    fn rows(loaded: &Loaded) -> (Vec<f32>, Vec<u32>) {
        let samples = &loaded.train;
        let (mut inputs, mut labels) = (vec![0.0; samples.len() * samples.width()], vec![0; samples.len()]);
        samples.range(0, &mut inputs, &mut labels);
        (inputs, labels)
    }

    /// Inputs, `[rows, width]`, and labels.
    fn tables() -> impl Strategy<Value = (usize, Vec<f32>, Vec<u32>)> {
        (1_usize..5, 0_usize..8).prop_flat_map(|(width, rows)| {
            let number = prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL;
            let inputs = prop::collection::vec(number, rows * width);
            (Just(width), inputs, prop::collection::vec(0_u32..20, rows))
        })
    }

    fn write(width: usize, inputs: &[f32], labels: &[u32]) -> String {
        let mut text = (0..width).map(|column| format!("x{column},")).collect::<Vec<_>>().concat() + "class\n";
        for (row, label) in inputs.chunks_exact(width).zip(labels) {
            for x in row {
                write!(text, "{x:e},").expect("writing to a string cannot fail");
            }
            writeln!(text, "{label}").expect("writing to a string cannot fail");
        }
        text
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back((width, inputs, labels) in tables()) {
            let loaded = read_text(write(width, &inputs, &labels), Some("class")).unwrap();
            prop_assert_eq!(loaded.train.width(), width);
            prop_assert_eq!(rows(&loaded), (inputs, labels));
        }

        #[test]
        fn a_truncated_table_is_an_error_or_a_shorter_table((width, inputs, labels) in tables()) {
            let text = write(width, &inputs, &labels);
            for end in 0..text.len() {
                if let Ok(loaded) = read_text(&text[..end], Some("class")) {
                    prop_assert!(loaded.train.len() <= labels.len());
                    // Only the last cell can be cut without a trace, and it is the label.
                    prop_assert_eq!(&rows(&loaded).0[..], &inputs[..loaded.train.len() * width]);
                }
            }
        }

        #[test]
        fn random_bytes_never_panic(mut bytes: Vec<u8>, header: bool) {
            if header {
                bytes.splice(0..0, *b"x,class\n");
            }
            let _ = read_text(bytes, Some("class"));
        }

        #[test]
        fn random_text_never_panics(text in "[0-9a-c,.\"\n\r -]{0,60}") {
            let _ = read_text(format!("x,class\n{text}"), Some("class"));
        }
    }

    #[test]
    fn the_label_may_stand_anywhere_and_be_a_word() {
        let loaded = read_text("\u{feff}kind, height\nb, 1\n\"a\", -2.5e0\nb,3\n", Some("kind")).expect("a table");
        assert_eq!(loaded.classes, 2);
        assert_eq!(rows(&loaded), (vec![1.0, -2.5, 3.0], vec![1, 0, 1]));
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, label, expected) in [
            ("x,y\n1,2\n", None, "table.csv: no label column is named; set data.label to one of the columns: x, y"),
            ("x,y\n1,2\n", Some("z"), "table.csv: there is no column `z`; set data.label to one of the columns: x, y"),
            (
                "",
                Some("y"),
                "table.csv, line 1: expected a header with the names of the columns, found the end of the file",
            ),
            (
                "1,2\n",
                Some("y"),
                "table.csv, line 1: expected a header with the names of the columns, found numbers (1)",
            ),
            (",x,y\n0,1,2\n", Some("y"), "table.csv, line 1: expected a name for column 1, found none (a row index?"),
            (
                "x,x,y\n",
                Some("y"),
                "table.csv, line 1, column x: expected columns with different names, found the name twice",
            ),
            ("y\n1\n", Some("y"), "table.csv, line 1: expected at least one column beside the labels, found only y"),
            ("x,y\n1,2\nred,2\n", Some("y"), "table.csv, line 3, column x: expected a finite number, found \"red\""),
            ("x,y\nNaN,2\n", Some("y"), "table.csv, line 2, column x: expected a finite number, found \"NaN\""),
            ("x,y\n1e39,2\n", Some("y"), "table.csv, line 2, column x: expected a finite number, found \"1e39\""),
            (
                "x,y\n1,2.5\n",
                Some("y"),
                "table.csv, line 2, column y: expected a class: a whole number from 0 to 65535",
            ),
            ("x,y\n1,2\n1\n", Some("y"), "table.csv, line 3: expected 2 cells, as in the header, found 1"),
        ] {
            let message = read_text(text, label).expect_err(text).to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        for (text, line) in [
            ("x,y\n1,2\n,2\n", 3),
            ("x,y\r\n1,2\r\n,2\r\n", 3),
            ("\n\nx,y\n1,2\n\n\n,2", 7),
            ("\u{feff}x,y\n1,2\n,2", 3),
            ("\u{feff}x,y\r\n\r\n,2", 3),
            ("x,y\n1,\"2\n\"\n,2", 4),
        ] {
            let message = read_text(text, Some("y")).expect_err(text).to_string();
            let expected = format!("table.csv, line {line}, column x: expected a finite number, found an empty cell");
            assert_eq!(message, expected, "{text:?}");
        }
        let message = read_text(b"x,y\n1,\xff\n", Some("y")).expect_err("not UTF-8").to_string();
        assert!(message.starts_with("table.csv, line 2: expected UTF-8 text, found "), "{message}");
    }
}
