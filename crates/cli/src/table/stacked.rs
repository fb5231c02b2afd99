//! A table for narrow terminals: each row is a block, with a line for each of its columns.

use comfy_table::Table;

use crate::output::{self, width, wrapped};

/// Columns by which the cells are set in below the first of their row.
const INDENT: usize = 2;

/// A column, as its header names it.
struct Label<'a> {
    /// The lines above the last: what this column and those after it are of.
    group: String,
    name: &'a str,
}

/// The table in no more than so many columns.
pub(super) fn text(table: &Table, columns: usize) -> String {
    let cells = |row: &comfy_table::Row| row.cell_iter().map(comfy_table::Cell::content).collect::<Vec<_>>();
    let header = table.header().map(cells).unwrap_or_default();
    let labels: Vec<_> = header.iter().map(|cell| label(cell)).collect();
    let rows: Vec<_> = table.row_iter().map(cells).collect();
    // No wider than it needs to be: a value far to the right of its name is hard to find.
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

/// A name with its value at the right end of the same line, if there is room; the other lines of the value below.
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
