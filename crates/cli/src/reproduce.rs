//! `headwater reproduce`: published claims, measured here, beside the published numbers.

use std::process::ExitCode;

use clap::Args;
use comfy_table::{ColumnConstraint, ContentArrangement, Width};
use headwater_lab::reproduce::{CLAIMS, Claim, Finding, Interval, Measured, Rule, Verdict};
use serde::Serialize;

use crate::{output, table};

/// Columns of the widest line, and of the words that say what is measured.
const WIDTH: u16 = 100;
const QUANTITY: u16 = 30;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The claim, or all; without one, the claims are listed
    claim: Option<String>,
    /// Print one JSON object for each claim
    #[arg(long)]
    json: bool,
}

/// A claim, and what came of it; only the claim where it was not measured.
#[derive(Serialize)]
struct Report<'a> {
    id: &'a str,
    title: &'a str,
    source: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<&'a [Finding]>,
}

impl<'a> Report<'a> {
    fn new(claim: &'a Claim, findings: Option<&'a [Finding]>) -> Self {
        let Claim { id, title, source, method, .. } = claim;
        Self { id, title, source, method, findings }
    }
}

/// A disagreement is an answer as good as any: it changes nothing about the exit code.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(name) = &arguments.claim else {
        list(arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    };
    let claims = Claim::named(name)?;
    let mut all = Vec::new();
    for claim in claims {
        output::message(&format!("measuring {}: {}", claim.id, claim.title));
        let findings = claim.measure()?;
        if arguments.json {
            output::json(&Report::new(claim, Some(&findings)))?;
        } else {
            output::line(&in_words(claim, &findings))?;
        }
        all.extend(findings);
    }
    if !arguments.json {
        output::line(&verdicts(&all))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool) -> anyhow::Result<()> {
    if json {
        return CLAIMS.iter().try_for_each(|claim| output::json(&Report::new(claim, None)));
    }
    let mut text =
        String::from("Measure one with `headwater reproduce CLAIM`, or all of them with `headwater reproduce all`\n");
    for claim in &CLAIMS {
        text.push_str(&format!(
            "\n{}\n{}{}",
            claim.id,
            indented(claim.title),
            indented(&format!("from: {}", claim.source))
        ));
    }
    Ok(output::line(text.trim_end())?)
}

fn in_words(claim: &Claim, findings: &[Finding]) -> String {
    let mut table = table::ruled();
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(["quantity", "published", "measured", "5–95 %", "agrees if", ""]);
    for finding in findings {
        table.add_row([
            finding.quantity.clone(),
            finding.published.clone(),
            finding.measured.map_or_else(|| "-".to_owned(), |measured| figure(measured.value)),
            finding.measured.map_or_else(String::new, |measured| interval(&measured)),
            finding.rule.map_or_else(String::new, condition),
            word(finding.verdict).to_owned(),
        ]);
    }
    if let Some(quantity) = table.column_mut(0) {
        quantity.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(QUANTITY)));
    }
    // A number in two lines is two numbers.
    for column in table.column_iter_mut().skip(2).take(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let table = table::aligned(table);
    format!(
        "{}: {}\n{}{}{table}\n",
        claim.id,
        claim.title,
        indented(&format!("from: {}", claim.source)),
        indented(claim.method)
    )
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees => "DISAGREES",
        Verdict::Untestable => "cannot be tested here",
    }
}

fn interval(measured: &Measured) -> String {
    let range = || format!("{}–{}", figure(measured.low), figure(measured.high)).replace("–-", " to -");
    match measured.interval {
        Interval::Computed => "computed".to_owned(),
        Interval::Seeds(_) => range(),
        Interval::Bootstrap(_) => format!("{} *", range()),
    }
}

fn condition(rule: Rule) -> String {
    match rule {
        Rule::Meets(low, high) if low == high => format!("holds {}", figure(low)),
        Rule::Meets(low, high) => format!("meets {}–{}", figure(low), figure(high)).replace("–-", " to -"),
        Rule::Above(bound) => format!("> {}", figure(bound)),
        Rule::Below(bound) => format!("< {}", figure(bound)),
    }
}

/// Four digits and more; the smallest numbers and the largest with an exponent.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        size if !(1e-3..1e4).contains(&size) => return format!("{value:.2e}"),
        size if size < 10.0 => 4,
        size if size < 100.0 => 2,
        _ => 1,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn verdicts(findings: &[Finding]) -> String {
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let mut text = format!(
        "{} numbers: {} agree, {} disagree, {} cannot be tested here.\n\
         Measured: the median over seeds, and the range of 5 to 95 % of them; *: a number of all seeds\n\
         together, and the range of 5 to 95 % of its bootstrap.",
        findings.len(),
        count(Verdict::Agrees),
        count(Verdict::Disagrees),
        count(Verdict::Untestable)
    );
    if count(Verdict::Disagrees) > 0 {
        text.push_str(
            "\n`headwater help CLAIM` says how a claim is measured, and where that differs from the publication.",
        );
    }
    text
}

/// Words in lines of no more than the table's width, each four columns in.
fn indented(words: &str) -> String {
    let mut text = String::new();
    let mut column = usize::from(WIDTH);
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if column + 1 + length > usize::from(WIDTH) {
            text.push_str(if text.is_empty() { "    " } else { "\n    " });
            column = 4;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_tell_them_apart() {
        let written = [0.0, 0.236_12, 1.0, 1.467_04, 36.31, 1.0716, 284.96, 16_731.0, -0.593_1, 2.5e-7].map(figure);
        assert_eq!(written, ["0", "0.2361", "1", "1.467", "36.31", "1.0716", "285", "1.67e4", "-0.5931", "2.50e-7"]);
    }
}
