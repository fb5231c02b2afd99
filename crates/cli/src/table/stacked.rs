//! A table for narrow terminals: each row is a block with one line for each column.

use comfy_table::Table;

use crate::output::{self, width, wrapped};

/// Indent of the cells below the first cell of their row.
const INDENT: usize = 2;

/// The header of a column.
struct Label<'a> {
    /// All header lines but the last: the heading that this column shares with the ones after it.
    group: String,
    name: &'a str,
}

/// Formats the table in at most `columns` columns.
pub(super) fn text(table: &Table, columns: usize) -> String {
    let cells = |row: &comfy_table::Row| row.cell_iter().map(comfy_table::Cell::content).collect::<Vec<_>>();
    let header = table.header().map(cells).unwrap_or_default();
    let labels: Vec<_> = header.iter().map(|cell| label(cell)).collect();
    let rows: Vec<_> = table.row_iter().map(cells).collect();
    // No wider than necessary: a value far to the right of its name is hard to find.
    let names = labels.iter().skip(1).map(|label| width(label.name)).max().unwrap_or(0);
    let values =
        rows.iter().flat_map(|row| row.iter().skip(1)).flat_map(|cell| cell.lines()).map(width).max().unwrap_or(0);
    let columns = columns.min(INDENT + names + 2 + values).max(INDENT + 1);
    let rule = (if output::style().unicode { "─" } else { "-" }).repeat(columns);
    let mut lines = vec![rule.clone()];
    for row in &rows {
        lines.extend(row.first().into_iter().flat_map(|cell| cell.lines()).map(str::to_owned));
        for (label, cell) in labels.iter().zip(row).skip(1) {
            if !label.group.is_empty() {
                lines.push(label.group.clone());
            }
            lines.extend(entry(label.name, cell, columns));
        }
        lines.push(rule.clone());
    }
    lines.join("\n")
}

fn label(header: &str) -> Label<'_> {
    let (group, name) = header.rsplit_once('\n').unwrap_or(("", header));
    Label { group: group.split_whitespace().collect::<Vec<_>>().join(" "), name }
}

/// A name, with the first line of its value at the right end of the same line if there is room. The other lines of the
/// value follow below.
fn entry(name: &str, cell: &str, columns: usize) -> Vec<String> {
    let indent = " ".repeat(INDENT);
    let mut lines = Vec::new();
    for (index, value) in cell.lines().enumerate() {
        let name = if index == 0 { name } else { "" };
        let taken = INDENT + width(name) + width(value);
        if taken < columns || name.is_empty() && taken == columns {
            lines.push(format!("{indent}{name}{}{value}", " ".repeat(columns - taken)));
            continue;
        }
        if !name.is_empty() {
            lines.push(format!("{indent}{name}"));
        }
        let wrapped = wrapped(value, Some(columns.saturating_sub(2 * INDENT)));
        lines.extend(wrapped.lines().map(|line| format!("{indent}{indent}{line}")));
    }
    lines
}
