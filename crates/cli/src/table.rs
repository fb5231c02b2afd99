//! The verdict as a table and in plain sentences.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table};
use headwater_lab::{Quantiles, Summary};

/// The verdict of an experiment.
pub(crate) fn verdict(summary: &Summary) -> String {
    let mut table = ruled();
    table.set_header([
        "\nscenario",
        "accuracy\ntrain",
        "\nvalid.",
        "\ntest",
        "|dC/dW|\nlayer1",
        "\nlast",
        "\nfalls",
        "\npublished",
    ]);
    for scenario in &summary.scenarios {
        table.add_row([
            scenario.scenario.clone(),
            figure(scenario.train_accuracy_last_200, ACCURACY),
            figure(scenario.validation_accuracy, ACCURACY),
            figure(scenario.test_accuracy, ACCURACY),
            figure(scenario.gradient_first, GRADIENT),
            figure(scenario.gradient_last, GRADIENT),
            figure(scenario.attenuation, RATIO),
            scenario.published_attenuation.map_or_else(|| "-".to_owned(), |published| format!("~{published}")),
        ]);
    }
    let mut text = aligned(table);
    text.push_str("\n|dC/dW|: the mean of the absolute values, over the recorded steps");
    if summary.scenarios.iter().any(|scenario| scenario.runs > 1) {
        text.push_str("\nMedians over the seeds; below them the range from 5 to 95 %.");
    }
    text.push('\n');
    for scenario in &summary.scenarios {
        text.push_str(&format!("\n{}", scenario.sentence));
    }
    text
}

/// A table with lines above, below, and under the header.
pub(crate) fn ruled() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table
}

/// The table as text, all columns but the first flush right.
pub(crate) fn aligned(mut table: Table) -> String {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// How a figure is written, and the ends of its range, with a digit less.
type Digits = (fn(f64) -> String, fn(f64) -> String);

const ACCURACY: Digits = (|value| format!("{value:.3}"), |value| format!("{value:.2}"));
const GRADIENT: Digits = (|value| format!("{value:.2e}"), |value| format!("{value:.1e}"));
const RATIO: Digits = (|value| ratio(value, 1), |value| ratio(value, usize::from(value < 10.0)));

fn ratio(value: f64, digits: usize) -> String {
    if value < 1000.0 { format!("{value:.digits$}") } else { format!("{value:.digits$e}") }
}

fn figure(quantiles: Option<Quantiles>, (precise, rough): Digits) -> String {
    match quantiles {
        None => "-".to_owned(),
        Some(Quantiles { median, p5, p95, .. }) if p5 == p95 => precise(median),
        Some(Quantiles { median, p5, p95, .. }) => format!("{}\n{}–{}", precise(median), rough(p5), rough(p95)),
    }
}
