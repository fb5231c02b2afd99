//! The verdict as a table and in plain sentences.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};
use headwater_lab::{Quantiles, Summary};

/// The verdict of an experiment.
pub(crate) fn verdict(summary: &Summary) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "\nscenario",
        "accuracy:\ntraining",
        "\nvalidation",
        "\ntest",
        "mean |gradient|:\nfirst layer",
        "\nlast layer",
        "\nlast : first",
        "\npublished",
    ]);
    for scenario in &summary.scenarios {
        table.add_row([
            scenario.scenario.clone(),
            figure(scenario.train_accuracy_last_200, accuracy),
            figure(scenario.validation_accuracy, accuracy),
            figure(scenario.test_accuracy, accuracy),
            figure(scenario.gradient_first, gradient),
            figure(scenario.gradient_last, gradient),
            figure(scenario.attenuation, ratio),
            scenario.published_attenuation.map_or_else(|| "-".to_owned(), |published| format!("about {published}")),
        ]);
    }
    for column in 1..8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.to_string();
    if summary.scenarios.iter().any(|scenario| scenario.runs > 1) {
        text.push_str("\nMedians over the seeds; below them the range from 5 to 95 %.");
    }
    text.push('\n');
    for scenario in &summary.scenarios {
        text.push_str(&format!("\n{}", scenario.sentence));
    }
    text
}

fn accuracy(value: f64) -> String {
    format!("{value:.3}")
}

fn gradient(value: f64) -> String {
    format!("{value:.2e}")
}

fn ratio(value: f64) -> String {
    if value < 1000.0 { format!("{value:.1}") } else { format!("{value:.1e}") }
}

fn figure(quantiles: Option<Quantiles>, format: fn(f64) -> String) -> String {
    match quantiles {
        None => "-".to_owned(),
        Some(Quantiles { median, p5, p95, .. }) if p5 == p95 => format(median),
        Some(Quantiles { median, p5, p95, .. }) => {
            format!("{}\n{} to {}", format(median), format(p5), format(p95))
        }
    }
}
