//! A finding: what a rule says of a run.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::remedy::Proposal;
use crate::{Cause, Evidence};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the network learns all the same.
    Note,
    /// It learns less, or more slowly, than it could.
    Warning,
    /// It does not learn, or loses what it learned.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A number behind a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What was measured, in words.
    pub what: String,
    /// Of which layer; none if of the whole network.
    pub layer: Option<String>,
    /// At which step; none if over all.
    pub step: Option<i64>,
    /// The number; JSON has none for NaN and infinities, and says null.
    #[serde(deserialize_with = "or_nan")]
    pub value: f64,
    /// The number at which the rule begins to speak.
    pub threshold: Option<f64>,
}

impl Fact {
    pub(crate) fn new(what: &str, value: f64) -> Self {
        Self { what: what.to_owned(), layer: None, step: None, value, threshold: None }
    }

    pub(crate) fn of(mut self, layer: &str) -> Self {
        self.layer = Some(layer.to_owned());
        self
    }

    pub(crate) fn at(mut self, step: i64) -> Self {
        self.step = Some(step);
        self
    }

    pub(crate) fn beyond(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }
}

/// What a rule says of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// The run.
    pub run: String,
    /// The layers it is about, from the input to the output; empty if it is about the whole network.
    pub layers: Vec<String>,
    /// The first step at which it is seen.
    pub first_step: i64,
    /// The last.
    pub last_step: i64,
    /// How bad it is.
    pub severity: Severity,
    /// 0 to 1: more with more records, a larger margin, and a more direct measurement.
    pub confidence: f64,
    /// The factor to blame.
    pub cause: Cause,
    /// In a sentence.
    pub summary: String,
    /// The numbers behind it.
    pub evidence: Vec<Fact>,
    /// What to try, the best first.
    pub remedies: Vec<Proposal>,
    /// Rules that saw something too, which this finding explains.
    pub explains: Vec<&'static str>,
    /// The step after which the run was first told of this rule's finding while it trained.
    pub seen_live: Option<i64>,
}

impl Finding {
    /// A finding about the whole of a run, over all of its steps, to be filled in. [`Rule::judge`](crate::Rule::judge) adds
    /// the name of the rule.
    pub(crate) fn new(evidence: &Evidence, severity: Severity, cause: Cause) -> Self {
        let (first_step, last_step) = evidence.steps().unwrap_or((0, 0));
        Self {
            rule: "",
            run: evidence.run().to_owned(),
            layers: Vec::new(),
            first_step,
            last_step,
            severity,
            confidence: 0.0,
            cause,
            summary: String::new(),
            evidence: Vec::new(),
            remedies: Vec::new(),
            explains: Vec::new(),
            seen_live: None,
        }
    }
}

/// A number; NaN for null.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// How sure a rule is: `records` that support it, and by which factor the number is beyond the threshold. One record at
/// the threshold gives 0.5, ten at e times as much 0.86; never 1.
pub(crate) fn confidence(records: usize, factor: f64) -> f64 {
    let records = records as f64;
    let margin = factor.max(1.0).ln();
    ((records / (records + 1.0)) * (1.0 - 0.5 * (-margin).exp())).sqrt()
}

/// A number for a sentence.
pub(crate) fn figure(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || !value.is_finite() {
        value.to_string()
    } else if !(1e-2..1e4).contains(&size) {
        format!("{value:.1e}")
    } else if size >= 999.5 {
        // Four digits: a comma behind the first.
        let whole = format!("{value:.0}");
        let (thousands, rest) = whole.split_at(whole.len() - 3);
        format!("{thousands},{rest}")
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// The same of a number that is given by its natural logarithm, which no float may hold.
pub(crate) fn figure_of_ln(ln: f64) -> String {
    if ln.abs() < f64::MAX.ln() - 1.0 {
        return figure(ln.exp());
    }
    let power = ln / std::f64::consts::LN_10;
    let exponent = (power + 0.02).floor();
    format!("{:.1}e{exponent}", 10.0_f64.powf(power - exponent).max(1.0))
}

/// Formats a share in percent for a sentence, to three digits without trailing zeros: `62.5`, `9.37`, `100`. Only a
/// share of exactly 1 becomes `100`, and only a share of exactly 0 becomes `0`.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if !value.is_finite() || value == 0.0 {
        return value.to_string();
    }
    for digits in 2..=15 {
        let rounded: f64 = format!("{value:.digits$e}").parse().unwrap_or(value);
        if (rounded == 100.0) == (value == 100.0) {
            return if rounded.abs() < 1e-4 { format!("{rounded:e}") } else { rounded.to_string() };
        }
    }
    value.to_string()
}

/// The names of a few layers; of many the first and the last, and how many they are.
pub(crate) fn range(layers: &[String]) -> String {
    match layers {
        [] => "the network".to_owned(),
        [first, .., last] if layers.len() > 4 => format!("{} layers from {first} to {last}", layers.len()),
        few => few.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_claim_no_digit_that_was_not_measured() {
        for (share, text) in [
            (0.625, "62.5"),
            (0.63, "63"),
            (2.0 / 3.0, "66.7"),
            (0.093_75, "9.38"),
            (0.999_96, "99.996"),
            (1.0, "100"),
            (1.5, "150"),
            (1e-7, "1e-5"),
            (0.0, "0"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn figures_have_three_digits_or_more_and_a_comma_behind_thousands() {
        let figures = [0.0123, 0.5, 12.34, 999.4, 999.6, -1934.2, 9999.0, 12_345.0].map(figure);
        assert_eq!(figures, ["0.01", "0.50", "12.3", "999", "1,000", "-1,934", "9,999", "1.2e4"]);
    }

    #[test]
    fn a_number_beyond_all_floats_has_its_power_of_ten() {
        let of = |number: f64, exponent: f64| figure_of_ln(number.ln() + exponent * std::f64::consts::LN_10);
        assert_eq!([of(3.5, 1.0), of(2.5, 5000.0), of(9.99, 999.0)], ["35.0", "2.5e5000", "1.0e1000"]);
    }

    #[test]
    fn confidence_grows_with_records_and_with_the_margin_and_stays_below_one() {
        assert!((confidence(1, 1.0) - 0.5).abs() < 1e-12);
        assert!(confidence(10, 1.0) > confidence(1, 1.0));
        assert!(confidence(1, 10.0) > confidence(1, 2.0));
        assert!(confidence(1_000_000, f64::INFINITY) < 1.0);
    }
}
