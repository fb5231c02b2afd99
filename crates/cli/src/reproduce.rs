//! `headwater reproduce`: published claims, measured here, beside the published numbers.

mod progress;

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use comfy_table::{ColumnConstraint, ContentArrangement, Width};
use headwater_lab::reproduce::{
    CLAIMS, Claim, Finding, Interval, MEASURED_ON, Measured, Measurement, Rule, UnknownClaim, Verdict,
};
use serde::Serialize;

use self::progress::{Progress, about};
use crate::signals::Signals;
use crate::{exit, output, table};

/// Columns of the widest line, and of the words that say what is measured.
const WIDTH: u16 = 100;
const QUANTITY: u16 = 24;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater reproduce                 the claims, with their sources and how long each takes
  headwater reproduce selu shattering measure two of them
  headwater reproduce all --json      measure all, for a program

Ctrl-C ends it and prints what is known so far.
Exit codes: 0 every number agrees, touches or cannot be tested here, 1 a number disagrees or could not be written,
2 usage error, 129/130/143 interrupted.")]
pub(crate) struct Arguments {
    /// The claims to measure, or all; without one, the claims are listed
    #[arg(value_name = "CLAIM")]
    claims: Vec<String>,
    /// Print one JSON object for each claim as soon as it is measured
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
    runs: u64,
    /// The expected time on this machine.
    expected_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<&'a [Finding]>,
    /// Why findings disagree or only touch.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn new(claim: &'a Claim, measurement: Option<&'a Measurement>) -> Self {
        let &Claim { id, title, source, method, runs, .. } = claim;
        let complete = measurement.map(|measurement| measurement.is_complete);
        let findings = measurement.map(|measurement| &*measurement.findings);
        let expected_seconds = claim.expected().as_secs_f64();
        let why = findings.and_then(|findings| why(claim, findings));
        Self { id, title, source, method, runs, expected_seconds, complete, findings, why }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let claims = named(&arguments.claims)?;
    if claims.is_empty() {
        list(arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let signals = Signals::listen().context("cannot listen for signals")?;
    if claims.len() > 1 {
        output::message(&format!("{}, {}", output::count(claims.len() as u64, "claim"), together(&claims)));
    }
    let (mut all, mut complete) = (Vec::new(), 0);
    for claim in &claims {
        let progress = Progress::begin(claim);
        let measured = claim.measure(signals.stop(), &|done| progress.show(done));
        progress.end();
        let measurement = measured?;
        if arguments.json {
            output::json(&Report::new(claim, Some(&measurement)))?;
        } else if !measurement.findings.is_empty() {
            output::line(&in_words(claim, &measurement.findings))?;
        }
        all.extend(measurement.findings);
        if !measurement.is_complete {
            output::message(&format!(
                "interrupted: {complete} of {} measured, and {} of {} of {}",
                output::count(claims.len() as u64, "claim"),
                measurement.runs,
                output::count(claim.runs, "run"),
                claim.id
            ));
            break;
        }
        complete += 1;
    }
    if !arguments.json && !all.is_empty() {
        output::line(&verdicts(&all))?;
    }
    Ok(signals.exit_code().filter(|_| complete < claims.len()).map_or_else(|| code(&all), ExitCode::from))
}

/// Only disagreement is bad news. A number that touches does not disagree.
fn code(findings: &[Finding]) -> ExitCode {
    let disagrees = findings.iter().any(|finding| finding.verdict == Verdict::Disagrees);
    if disagrees { ExitCode::from(exit::FAILURE) } else { ExitCode::SUCCESS }
}

/// The claims with these names, without duplicates, in the order in which they are first named.
fn named(names: &[String]) -> Result<Vec<&'static Claim>, UnknownClaim> {
    let mut claims: Vec<&'static Claim> = Vec::new();
    for name in names {
        for claim in Claim::named(name)? {
            if !claims.iter().any(|known| known.id == claim.id) {
                claims.push(claim);
            }
        }
    }
    Ok(claims)
}

/// How long the claims take together, and what that estimate is based on.
fn together(claims: &[&Claim]) -> String {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let spent = claims.iter().map(|claim| Duration::from_secs(claim.core_seconds.into())).sum();
    let expected = claims.iter().map(|claim| claim.expected()).sum();
    format!(
        "{} on the {} of this machine: measured as {} of one core of {MEASURED_ON}",
        about(expected),
        output::count(cores, "core"),
        about(spent)
    )
}

fn list(json: bool) -> anyhow::Result<()> {
    if json {
        return CLAIMS.iter().try_for_each(|claim| output::json(&Report::new(claim, None)));
    }
    let mut text = format!(
        "Measure some with `headwater reproduce CLAIM...`, or all of them with `headwater reproduce all`.\n{}",
        wrapped(&format!("All of them take {}.", together(&CLAIMS.iter().collect::<Vec<_>>())), 0)
    );
    for claim in &CLAIMS {
        text.push_str(&format!(
            "\n{} ({})\n{}{}",
            claim.id,
            about(claim.expected()),
            indented(claim.title),
            indented(&format!("from: {}", claim.source))
        ));
    }
    Ok(output::line(text.trim_end())?)
}

fn in_words(claim: &Claim, findings: &[Finding]) -> String {
    let mut table = table::ruled();
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(["quantity", "published", "measured\n5–95 %", "deviations", "agrees if", ""]);
    for finding in findings {
        table.add_row([
            finding.quantity.clone(),
            finding.published.clone(),
            finding.measured.map_or_else(
                || "-".to_owned(),
                |measured| format!("{}\n{}", figure(measured.value), interval(&measured)),
            ),
            deviations(finding),
            finding.rule.map_or_else(String::new, condition),
            word(finding.verdict).to_owned(),
        ]);
    }
    if let Some(quantity) = table.column_mut(0) {
        quantity.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(QUANTITY)));
    }
    // A number in two lines is two numbers.
    for column in table.column_iter_mut().skip(2).take(3) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let table = table::aligned(table);
    format!(
        "{}: {}\n{}{}{table}\n{}",
        claim.id,
        claim.title,
        indented(&format!("from: {}", claim.source)),
        indented(claim.method),
        why(claim, findings).map_or_else(String::new, |why| indented(&format!("why: {why}")))
    )
}

/// Explains why numbers of a claim disagree or only touch. Returns `None` if none do.
fn why(claim: &Claim, findings: &[Finding]) -> Option<&'static str> {
    let is_open = |finding: &Finding| matches!(finding.verdict, Verdict::Disagrees | Verdict::Touches);
    claim.why.filter(|_| findings.iter().any(is_open))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Touches => "touches",
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

/// The distance from the published number, or the signed distance from a bound.
fn deviations(finding: &Finding) -> String {
    let Some((deviations, rule)) = finding.deviations.zip(finding.rule) else { return String::new() };
    let text = match deviations.abs() {
        size if size < 10.0 => format!("{deviations:.1}"),
        size if size < 1e4 => format!("{deviations:.0}"),
        _ => format!("{deviations:.0e}"),
    };
    match rule {
        Rule::Meets(..) => text,
        Rule::Within(..) | Rule::Above(_) | Rule::Below(_) if deviations < 0.0 => text,
        Rule::Within(..) | Rule::Above(_) | Rule::Below(_) => format!("+{text}"),
    }
}

fn condition(rule: Rule) -> String {
    let range = |low, high| format!("{}–{}", figure(low), figure(high)).replace("–-", " to -");
    match rule {
        Rule::Meets(low, high) if low == high => format!("holds {}", figure(low)),
        Rule::Meets(low, high) => format!("meets\n{}", range(low, high)),
        Rule::Within(low, high) => format!("within\n{}", range(low, high)),
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
    let counted = |verdict, one: &str, many: &str| match count(verdict) {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let mut text = format!(
        "{}: {}, {}, {}, {} cannot be tested here.\n\
         Measured: the median over seeds, and the range of 5 to 95 % of them; *: a number of all seeds\n\
         together, and the range of 5 to 95 % of its bootstrap.\n\
         Deviations: between the measured number and the published one, in standard deviations of the seeds\n\
         or of the bootstrap; from a bound, + on the published side and - on the other.",
        output::count(findings.len() as u64, "number"),
        counted(Verdict::Agrees, "agrees", "agree"),
        counted(Verdict::Touches, "touches", "touch"),
        counted(Verdict::Disagrees, "disagrees", "disagree"),
        count(Verdict::Untestable)
    );
    if count(Verdict::Touches) > 0 {
        text.push_str("\nTouches: the ranges overlap, but neither number lies in the other's range.");
    }
    if count(Verdict::Disagrees) > 0 {
        text.push_str(
            "\n`headwater help CLAIM` says how a claim is measured, and where that differs from the publication.",
        );
    }
    text
}

/// Words in lines of no more than the table's width, each four columns in.
fn indented(words: &str) -> String {
    wrapped(words, 4)
}

/// Wraps text at the width of the table, indented by `indent` columns.
fn wrapped(words: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    output::paragraph(words, WIDTH.into(), &indent, &indent) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_tell_them_apart() {
        let written = [0.0, 0.236_12, 1.0, 1.467_04, 36.31, 1.0716, 284.96, 16_731.0, -0.593_1, 2.5e-7].map(figure);
        assert_eq!(written, ["0", "0.2361", "1", "1.467", "36.31", "1.0716", "285", "1.67e4", "-0.5931", "2.50e-7"]);
    }

    fn finding(verdict: Verdict, rule: Rule, deviations: f64) -> Finding {
        let (quantity, published) = (String::new(), String::new());
        Finding { quantity, published, measured: None, rule: Some(rule), deviations: Some(deviations), verdict }
    }

    #[test]
    fn a_disagreement_is_code_1_and_what_touches_or_cannot_be_tested_is_none() {
        let of = |verdicts: &[Verdict]| {
            code(&verdicts.iter().map(|verdict| finding(*verdict, Rule::Above(0.0), 1.0)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[Verdict::Agrees, Verdict::Touches, Verdict::Untestable]), ExitCode::SUCCESS);
        assert_eq!(of(&[Verdict::Agrees, Verdict::Disagrees]), ExitCode::from(1));
    }

    #[test]
    fn deviations_from_a_bound_have_a_sign_and_those_from_a_number_have_none() {
        let said = |rule, number| deviations(&finding(Verdict::Agrees, rule, number));
        assert_eq!(said(Rule::Meets(0.0, 1.0), 1.449), "1.4");
        assert_eq!(said(Rule::Above(0.0), 12.3), "+12");
        assert_eq!(said(Rule::Below(0.0), -0.26), "-0.3");
        assert_eq!(said(Rule::Within(0.0, 1.0), 123_456.0), "+1e5");
    }

    #[test]
    fn one_number_agrees_and_two_agree() {
        let one = |verdict| finding(verdict, Rule::Above(0.0), 1.0);
        let text = verdicts(&[one(Verdict::Agrees)]);
        assert!(text.starts_with("1 number: 1 agrees, 0 touch, 0 disagree, 0 cannot be tested here."), "{text}");
        let text = verdicts(&[one(Verdict::Agrees), one(Verdict::Agrees), one(Verdict::Disagrees)]);
        assert!(text.starts_with("3 numbers: 2 agree, 0 touch, 1 disagrees, "), "{text}");
    }

    #[test]
    fn a_claim_that_is_named_twice_is_measured_once() {
        let ids = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            named(&names).map(|claims| claims.iter().map(|claim| claim.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&["selu", "article", "selu"]).unwrap(), ["selu", "article"]);
        let all = ids(&["selu", "all"]).unwrap();
        assert_eq!((all.len(), all[0]), (CLAIMS.len(), "selu"));
        assert!(ids(&["selu", "sellu"]).is_err());
    }
}
