//! The look of tables, and their layout on narrow terminals.

mod stacked;

use comfy_table::presets::{ASCII_HORIZONTAL_ONLY, UTF8_HORIZONTAL_ONLY};
use comfy_table::{CellAlignment, LineStyle, Table};

use crate::output;

/// A table with lines above, below, and under the header.
pub(crate) fn ruled() -> Table {
    let style = if output::style().unicode { UTF8_HORIZONTAL_ONLY } else { ASCII_HORIZONTAL_ONLY };
    let mut table = Table::new();
    table.load_style(style.row_separator(LineStyle::none()));
    table
}

/// The table as text, with every column except the first aligned right. If the table is wider than the terminal, the
/// columns of each row are stacked.
pub(crate) fn aligned(table: Table) -> String {
    within(table, output::columns())
}

fn within(mut table: Table, columns: Option<usize>) -> String {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.trim_fmt();
    match columns {
        Some(columns) if text.lines().any(|line| output::width(line) > columns) => stacked::text(&table, columns),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = ruled();
        table.set_header(["\nscenario", "accuracy\ntrain", "\ntest", "|dC/dW|\nlayer1", "note"]);
        table.add_row([
            "sigmoid\n  5 %\n  95 %",
            "0.112\n0.10\n0.12",
            "0.100\n0.10\n0.10",
            "5.05e-5\n4.0e-5\n6.0e-5",
            "",
        ]);
        table.add_row(["relu", "0.880", "0.878", "6.87e-3", "a long word: incomprehensibilities"]);
        table
    }

    #[test]
    fn a_table_that_fits_is_a_table() {
        insta::assert_snapshot!(within(table(), Some(76)), @"
        ────────────────────────────────────────────────────────────────────────────
                    accuracy           |dC/dW|                                 note
         scenario      train    test    layer1
        ════════════════════════════════════════════════════════════════════════════
         sigmoid       0.112   0.100   5.05e-5
           5 %          0.10    0.10    4.0e-5
           95 %         0.12    0.10    6.0e-5
         relu          0.880   0.878   6.87e-3   a long word: incomprehensibilities
        ────────────────────────────────────────────────────────────────────────────
        ");
        assert_eq!(within(table(), None), within(table(), Some(76)));
    }

    #[test]
    fn on_a_narrow_terminal_the_columns_stand_below_each_other() {
        insta::assert_snapshot!(within(table(), Some(20)), @"
        ────────────────────
        sigmoid
          5 %
          95 %
        accuracy
          train        0.112
                        0.10
                        0.12
          test         0.100
                        0.10
                        0.10
        |dC/dW|
          layer1     5.05e-5
                      4.0e-5
                      6.0e-5
        ────────────────────
        relu
        accuracy
          train        0.880
          test         0.878
        |dC/dW|
          layer1     6.87e-3
          note
            a long word:
              incomprehensibilities
        ────────────────────
        ");
        for columns in 20..80 {
            let text = within(table(), Some(columns));
            assert!(text.lines().all(|line| output::width(line) <= columns.max(27)), "{columns}:\n{text}");
        }
    }
}
