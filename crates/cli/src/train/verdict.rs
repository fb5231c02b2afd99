//! The verdict as a table and in plain sentences.

use headwater_lab::{Quantiles, ScenarioSummary, Summary};

use super::endings::Endings;
use crate::{output, table};

/// Indent of the lines below the name of a scenario.
const INDENT: &str = "  ";

/// The verdict of an experiment.
pub(super) fn text(summary: &Summary, endings: &Endings) -> String {
    let mut table = table::ruled();
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
        let digits = |quantiles, digits| figure(quantiles, scenario.runs > 1, digits);
        table.add_row([
            name(scenario, endings),
            digits(scenario.train_accuracy_last_200, ACCURACY),
            digits(scenario.validation_accuracy, ACCURACY),
            digits(scenario.test_accuracy, ACCURACY),
            digits(scenario.gradient_first, GRADIENT),
            digits(scenario.gradient_last, GRADIENT),
            digits(scenario.attenuation, RATIO),
            scenario.published_attenuation.map_or_else(|| "-".to_owned(), |published| format!("~{published}")),
        ]);
    }
    // Saves width: the table has to fit in 80 columns.
    for column in table.column_iter_mut().skip(1) {
        column.set_padding((0, 1));
    }
    let mut paragraphs = vec!["|dC/dW|: the mean of the absolute values, over the recorded steps".to_owned()];
    let grows = |scenario: &ScenarioSummary| scenario.attenuation.is_some_and(|factor| factor.p5 < 1.0);
    if summary.scenarios.iter().any(grows) {
        paragraphs.push("falls: |dC/dW| of the last layer divided by that of layer1; below 1 it grows".to_owned());
    }
    if summary.scenarios.iter().any(|scenario| scenario.runs > 1) {
        paragraphs.push(
            "Medians over the seeds; 5 % of the seeds are below the second line, 5 % above the third.".to_owned(),
        );
    }
    paragraphs.push(String::new());
    paragraphs.extend(summary.scenarios.iter().map(|scenario| scenario.sentence.clone()));
    format!("{}\n{}", table::aligned(table), output::wrapped(&paragraphs.join("\n"), output::columns()))
}

/// The first cell of a scenario's row: its name, the labels of the lines beside it, and how many runs did not complete.
fn name(scenario: &ScenarioSummary, endings: &Endings) -> String {
    let mut lines = vec![output::plain(&scenario.scenario)];
    if scenario.runs > 1 {
        lines.extend(["5 %", "95 %"].map(|share| format!("{INDENT}{share}")));
    }
    lines.extend(endings.marks(&scenario.scenario).iter().map(|mark| format!("{INDENT}{mark}")));
    lines.join("\n")
}

/// Formatters of a figure and of the ends of its range. The second has one digit less.
type Digits = (fn(f64) -> String, fn(f64) -> String);

const ACCURACY: Digits = (|value| format!("{value:.3}"), |value| format!("{value:.2}"));
const GRADIENT: Digits = (|value| format!("{value:.2e}"), |value| format!("{value:.1e}"));
const RATIO: Digits = (|value| ratio(value, 1), |value| ratio(value, usize::from(value < 10.0)));

/// Formats a factor. Below 1, where the gradient grows, keeps two significant digits.
fn ratio(value: f64, digits: usize) -> String {
    match value {
        value if value >= 1000.0 || value > 0.0 && value < 1e-3 => format!("{value:.1e}"),
        value if value > 0.0 && value < 1.0 => format!("{value:.*}", 1 + (-value.log10().floor()) as usize),
        value => format!("{value:.digits$}"),
    }
}

/// The median and, if there are several runs, the ends of the range below it.
fn figure(quantiles: Option<Quantiles>, is_range: bool, (precise, rough): Digits) -> String {
    match quantiles {
        None => "-".to_owned(),
        Some(Quantiles { median, p5, p95, .. }) if is_range => {
            format!("{}\n{}\n{}", precise(median), rough(p5), rough(p95))
        }
        Some(Quantiles { median, .. }) => precise(median),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_below_one_keeps_its_digits() {
        let written = [0.033_3, 0.68, 0.999, 0.000_04, 0.0, 1.0, 26.84, 5_876.0, f64::INFINITY].map(|it| ratio(it, 1));
        assert_eq!(written, ["0.033", "0.68", "1.00", "4.0e-5", "0.0", "1.0", "26.8", "5.9e3", "inf"]);
    }
}
