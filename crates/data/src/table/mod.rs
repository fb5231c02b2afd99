//! Tables: rows of numbers and texts, as spreadsheets and pandas write them. One column holds the labels.
//!
//! The separator of the cells, the presence of a header and the notation of numbers are detected if they are not given.
//! Columns of texts become one-hot columns.

mod cells;
mod columns;
mod encoding;
mod layout;
mod rows;
mod value;
mod wrong;

pub(crate) use cells::Row;
pub(crate) use columns::{Column, Kind};
pub use encoding::Encoding;
pub use layout::Separator;

use crate::loading::Loading;
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::Loaded;
use crate::{DataError, Request};
use layout::Layout;
use std::collections::HashSet;
use std::sync::Arc;
use wrong::{Wrong, shortened};

/// How a table was read.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) separator: Separator,
    pub(crate) header: bool,
    pub(crate) encoding: Encoding,
    pub(crate) decimal_comma: bool,
    pub(crate) names: Row,
    pub(crate) columns: Vec<Column>,
    /// The names of the classes. Empty if the labels are numbers.
    pub(crate) classes: Vec<String>,
}

pub(crate) fn load(loading: Loading<'_>, request: &Request) -> Result<Loaded, DataError> {
    let bytes = loading.read_up_to(loading.open()?, u64::MAX, 0)?;
    read(loading, bytes, request)
}

fn read(loading: Loading<'_>, bytes: Vec<u8>, request: &Request) -> Result<Loaded, DataError> {
    let (text, encoding) = encoding::decode(loading, bytes)?;
    let label = request.label_column.as_deref();
    let layout = Layout::of(loading, &text, request.separator, request.header, label)?;
    let mut columns = columns(loading, &layout, request)?;
    let rows = rows::Reader::new(loading, &text, &layout, &mut columns, request.missing).read()?;
    drop(text);
    let (classes, (labels, count)) = (rows.labels.words(), rows.labels.finish());
    if labels.is_empty() {
        return Err(if rows.dropped > 0 {
            let found = format!("{} rows, each with a value missing", rows.dropped);
            let advice = "leave out the columns with the most gaps with data.ignore, or set data.missing to \"mean\"";
            Wrong::default().expected("rows without missing values").found(found).advice(advice).of(loading.path)
        } else {
            Wrong::line(2).expected("rows of data below the header").found("the end of the file").of(loading.path)
        });
    }
    rows::check_columns(loading, &layout.names, &columns)?;
    let inputs = columns::expand(loading, &mut columns, rows.inputs)?;
    let width = columns.iter().map(Column::width).sum();
    let table = Table {
        separator: layout.separator,
        header: layout.header,
        encoding,
        decimal_comma: rows.decimal_comma,
        names: layout.names,
        classes,
        columns,
    };
    Ok(Loaded {
        classes: count,
        image: None,
        columns: Columns::Table { one_hot: columns::one_hot(&table.columns) },
        train: Samples::new(Inputs::Floats(Arc::new(inputs)), width, labels),
        test: None,
        dropped: rows.dropped,
        table: Some(Arc::new(table)),
    })
}

/// The columns before any row is read: which one holds the labels, and which are ignored.
fn columns(loading: Loading<'_>, layout: &Layout, request: &Request) -> Result<Vec<Column>, DataError> {
    let (path, names) = (loading.path, &layout.names);
    let first = || Wrong::line(1);
    if names.len() == 0 {
        return Err(first().expected("a table").found("an empty file").of(path));
    }
    if names.len() == 1 {
        let expected = match request.separator {
            Some(separator) => format!("columns separated by the {separator} (data.separator)"),
            None => "columns separated by commas, semicolons, tabs or vertical bars".to_owned(),
        };
        let found = if layout.header {
            format!("only the column {}", shortened(names.get(0)))
        } else {
            "only one column".to_owned()
        };
        return Err(first().expected(expected).found(found).of(path));
    }
    let mut columns = loading.collect(names.len(), std::iter::repeat_with(Column::default))?;
    // A table may have millions of columns, and most of them be ignored.
    let ignored: HashSet<&str> = request.ignore.iter().map(String::as_str).collect();
    let mut found = HashSet::new();
    for (column, name) in columns.iter_mut().zip(names.iter()).filter(|(_, name)| ignored.contains(name)) {
        column.kind = Kind::Ignored;
        found.insert(name);
    }
    if let Some(ignored) = request.ignore.iter().find(|ignored| !found.contains(ignored.as_str())) {
        return Err(unknown(loading, names, "data.ignore", Some(ignored)));
    }
    let label = request.label_column.as_deref();
    let place = label.and_then(|label| names.iter().position(|name| name == label));
    let place = place.ok_or_else(|| unknown(loading, names, "data.label", label))?;
    if let Kind::Ignored = columns[place].kind {
        let wrong = first().column(names.get(place)).expected("a label column that is used");
        return Err(wrong.found("it in data.ignore").advice("take it out of data.ignore").of(path));
    }
    columns[place].kind = Kind::Label;
    let is_used = |column: &Column| !matches!(column.kind, Kind::Ignored);
    if columns.iter().filter(|column| is_used(column)).count() < 2 {
        let wrong = first().expected("at least one column beside the labels that data.ignore leaves in");
        return Err(wrong.found("none").of(path));
    }
    let mut known = HashSet::new();
    known.try_reserve(names.len()).map_err(|_| DataError::memory(path, names.len() * size_of::<&str>()))?;
    for (index, (name, _)) in names.iter().zip(&columns).enumerate().filter(|(_, (_, column))| is_used(column)) {
        // A column without a name is the row number that pandas adds. As an input, it would let the network learn the
        // order of the rows.
        if name.is_empty() {
            let advice = "is it a row index? to_csv(..., index=False) leaves it out, and so does data.ignore = [\"\"]";
            let wrong = first().expected(format!("a name for column {}", index + 1)).found("none");
            return Err(wrong.advice(advice).of(path));
        }
        if !known.insert(name) {
            let wrong = first().column(name).expected("columns with different names").found("the name twice");
            return Err(wrong.advice("if the first row holds data, set data.header to false").of(path));
        }
    }
    Ok(columns)
}

/// The most columns that a message lists.
const LISTED: usize = 20;

fn unknown(loading: Loading<'_>, names: &Row, key: &'static str, given: Option<&str>) -> DataError {
    let mut columns = names.iter().take(LISTED).map(shortened).collect::<Vec<_>>().join(", ");
    if names.len() > LISTED {
        columns.push_str(&format!(", ... ({} in all)", names.len()));
    }
    let likeness = |name: &str, given: &str| strsim::normalized_damerau_levenshtein(name, given);
    let nearest = given.and_then(|given| {
        // The cost of a comparison is the product of the lengths.
        let short = names.iter().filter(|name| name.len() <= 100 && given.len() <= 100);
        let near = short.map(|name| (likeness(&name.to_lowercase(), &given.to_lowercase()), name));
        let near = near.filter(|(likeness, _)| *likeness > 0.6).max_by(|a, b| a.0.total_cmp(&b.0));
        near.map(|(_, name)| name.to_owned())
    });
    DataError::UnknownColumn { path: loading.path.to_owned(), key, given: given.map(str::to_owned), nearest, columns }
}

#[cfg(test)]
mod tests;
