//! The watch: looks at a run while it trains, so that what is sick is known while there is time to stop it.

use std::sync::atomic::{AtomicBool, Ordering};

use headwater_diagnose::{Evidence, Finding, FirstHalf, Rule, Severity, diagnose_interruptible};
use headwater_probe::measures::{self, Source, Start};
use headwater_probe::tags::{self, Quantity};
use headwater_probe::theory::LayerPrediction;
use headwater_probe::{Measure, Schedule};

use crate::Config;
use crate::evaluator::Evaluation;
use crate::measures::{Columns, Record};

/// Steps between two looks at a young run. What is found must stand in two looks in a row: in the first thousands of steps
/// a fault that changes anything by much is known after twice as many.
const LOOK_EVERY: u64 = 25;
/// An older run is looked at each time it has become older by this share, so that looking at it does not cost ever more.
const OLDER: u64 = 100;
/// The rules are asked at a look if something has changed by this factor since they were asked,
const CHANGED: f64 = 4.0;
/// or if the run has become older by this share.
const ASK_AFTER: f64 = 0.15;
/// Steps between two values of the loss that are kept.
const LOSS_EVERY: u64 = 5;

/// What is no error stops a run if it stands for so many steps,
const PATIENCE: u64 = 200;
/// and for this share of those planned, unless it may be slow only; or in their second half.
const PATIENT_SHARE: u64 = 10;

/// How a run is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watching {
    /// Findings of this severity, or worse, stop the run: an error at once, others if they last, since many a young network looks
    /// sick and learns.
    pub stop_on: Option<Severity>,
}

/// A rule, and how bad is what it found.
type Found = (&'static str, Severity);

/// Watches one run.
pub(crate) struct Watch {
    watching: Watching,
    evidence: Evidence,
    /// How many steps are planned.
    steps: u64,
    /// Which steps are recorded.
    schedule: Schedule,
    /// The step of the next look.
    next: u64,
    /// The step after which the rules were asked, and what was seen then.
    asked: Option<(u64, Vec<f64>)>,
    /// What was found when the rules were last asked, and since which step the rule has found something whenever it was asked.
    standing: Vec<(Found, u64)>,
    /// What was said already.
    said: Vec<Found>,
    /// The rule for whose finding the run is to stop.
    stops: Option<&'static str>,
}

impl Watch {
    pub(crate) fn new(watching: Watching, run: &str, config: &Config) -> Self {
        let mut evidence = Evidence::new(run);
        evidence.configure_from(toml::Table::try_from(config).unwrap_or_default());
        Self {
            watching,
            evidence,
            steps: config.train.steps,
            schedule: config.record.schedule(),
            next: 0,
            asked: None,
            standing: Vec::new(),
            said: Vec::new(),
            stops: None,
        }
    }

    /// Takes what is known before the first step. `theory` has an entry for each layer, or none at all.
    pub(crate) fn start(&mut self, start: Start, theory: &[LayerPrediction]) {
        let names: Vec<String> = (0..theory.len()).map(tags::layer).collect();
        let mut numbers = Vec::new();
        for definition in measures::all() {
            match definition.source {
                // Rounded to f32, as in the record.
                Source::Start(read) => {
                    numbers.extend(read(&start).map(|number| ((definition.measure, None), f64::from(number as f32))));
                }
                Source::Theory(read) => numbers.extend(theory.iter().zip(&names).filter_map(|(layer, name)| {
                    read(layer).map(|number| ((definition.measure, Some(&**name)), number))
                })),
                _ => {}
            }
        }
        self.evidence.measured_at(0, numbers);
    }

    /// Whether this step is to be looked at.
    pub(crate) fn is_due(&self, step: u64) -> bool {
        step >= self.next
    }

    /// The loss of a step: most of them are not looked at, but their course tells much.
    pub(crate) fn loss(&mut self, step: u64, loss: f64) {
        if step.is_multiple_of(LOSS_EVERY) {
            self.evidence.measured(Measure::Loss, [(step.cast_signed(), loss)]);
        }
    }

    /// How the network does on validation data, whenever that is measured: what was measured at the looks alone may be old.
    pub(crate) fn validation(&mut self, step: u64, validation: Evaluation) {
        let step = step.cast_signed();
        self.evidence.measured(Measure::ValidationLoss, [(step, validation.loss)]);
        self.evidence.measured(Measure::ValidationAccuracy, [(step, validation.accuracy)]);
    }

    /// Looks at a step. Returns the findings that are new or worse than before; none if `interrupt` is raised.
    pub(crate) fn look(&mut self, columns: &Columns, record: &Record<'_>, interrupt: &AtomicBool) -> Vec<Finding> {
        self.next = record.step + LOOK_EVERY.max(record.step / OLDER);
        let seen = sizes(record);
        // What was new when the rules were asked is to be confirmed.
        let confirmed = self.standing.iter().all(|(found, _)| holds(&self.said, *found));
        if let Some((asked, before)) = &self.asked
            && confirmed
            && (record.step as f64) < *asked as f64 * (1.0 + ASK_AFTER)
            && !changed(before, &seen)
        {
            return Vec::new();
        }
        self.asked = Some((record.step, seen));
        self.ask(columns, record, interrupt)
    }

    /// Asks all rules.
    fn ask(&mut self, columns: &Columns, record: &Record<'_>, interrupt: &AtomicBool) -> Vec<Finding> {
        let step = record.step.cast_signed();
        let mut numbers = Vec::new();
        record.scalars(|column, value| numbers.push((column, value)));
        let goes_on = |_: &(usize, f64)| !interrupt.load(Ordering::Relaxed);
        let numbers = numbers.into_iter().take_while(goes_on);
        self.evidence.measured_at(step, numbers.map(|(column, value)| (columns.get(column), value)));
        let Some(diagnosis) = diagnose_interruptible(&self.evidence, interrupt) else { return Vec::new() };
        let mut findings = diagnosis.findings;
        let early = record.step * 2 < self.steps;
        for finding in findings.iter_mut().filter(|finding| early && is_maybe_slow(finding.rule)) {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        let least = self.watching.stop_on.unwrap_or(Severity::Warning).min(Severity::Warning);
        let waits = |Finding { rule, severity, .. }: &Finding| match first_half(rule) {
            FirstHalf::Nothing => true,
            FirstHalf::Errors => *severity < Severity::Error,
            FirstHalf::All | FirstHalf::Warnings => false,
        };
        findings.retain(|finding| finding.severity >= least && !(early && waits(finding)));
        let key = |finding: &Finding| (finding.rule, finding.severity);
        let since =
            |rule| self.standing.iter().find(|(known, _)| known.0 == rule).map_or(record.step, |(_, since)| *since);
        let standing: Vec<_> = findings.iter().map(|finding| (key(finding), since(finding.rule))).collect();
        findings.retain(|finding| {
            let before = self.standing.iter().map(|(found, _)| found);
            let stands = record.step == 0 && is_of_birth(finding.rule) || holds(before, key(finding));
            stands && !holds(&self.said, key(finding))
        });
        self.standing = standing;
        self.said.extend(findings.iter().map(key));
        self.stops =
            self.standing.iter().find(|standing| self.is_to_stop(**standing, record.step)).map(|((rule, _), _)| *rule);
        for finding in &mut findings {
            self.tell_from_records(finding, step);
        }
        findings
    }

    /// Adds to a finding which of the steps in its text have no record of their own: they were looked at between two
    /// records, and only the record of the finding tells of them.
    fn tell_from_records(&self, finding: &mut Finding, now: i64) {
        // The step at which a run stops is recorded.
        let is_recorded = |step: &i64| {
            self.stops.is_some() && *step == now
                || step.is_negative()
                || self.schedule.includes(step.cast_unsigned(), self.steps)
        };
        let unrecorded: Vec<String> =
            steps_in(&finding.summary).filter(|step| !is_recorded(step)).map(|step| step.to_string()).collect();
        finding.summary += &match &unrecorded[..] {
            [] => return,
            [one] => format!(" (step {one} is between two records)"),
            many => format!(" (steps {} are between two records)", many.join(" and ")),
        };
    }

    /// Whether what was found, and said, is to stop the run.
    fn is_to_stop(&self, ((rule, severity), since): (Found, u64), step: u64) -> bool {
        let old = step - since >= PATIENCE.max(self.steps / PATIENT_SHARE) && !is_maybe_slow(rule);
        let lasts = old || step * 2 >= self.steps;
        self.watching.stop_on.is_some_and(|least| severity >= least)
            && holds(&self.said, (rule, severity))
            && (severity == Severity::Error || lasts)
    }

    /// The rule for whose finding the run is to stop, if there is one.
    pub(crate) fn stops(&self) -> Option<&'static str> {
        self.stops
    }
}

fn is_of_birth(rule: &str) -> bool {
    Rule::named(rule).is_some_and(|rule| rule.at_birth)
}

fn first_half(rule: &str) -> FirstHalf {
    Rule::named(rule).map_or(FirstHalf::All, |rule| rule.first_half)
}

/// Whether what a rule finds in the first half may turn out to be slow only.
fn is_maybe_slow(rule: &str) -> bool {
    first_half(rule) == FirstHalf::Warnings
}

/// Whether a rule's finding is among these, as bad as this or worse.
fn holds<'f>(found: impl IntoIterator<Item = &'f Found>, (rule, severity): Found) -> bool {
    found.into_iter().any(|known| known.0 == rule && known.1 >= severity)
}

/// The steps named in a sentence, each once: "at step 25".
fn steps_in(sentence: &str) -> impl Iterator<Item = i64> {
    let mut steps = Vec::new();
    for (word, next) in sentence.split_whitespace().zip(sentence.split_whitespace().skip(1)) {
        let number = next.trim_end_matches(|letter: char| !letter.is_ascii_digit()).parse();
        if let (true, Ok(step)) = (word.trim_start_matches('(') == "step", number)
            && !steps.contains(&step)
        {
            steps.push(step);
        }
    }
    steps.into_iter()
}

/// What tells that something happened: the loss, and sizes of each layer.
fn sizes(record: &Record<'_>) -> Vec<f64> {
    let layers = record.numbers.layers.iter().flat_map(|layer| {
        let size = |quantity| layer.tensor(quantity).statistics.rms;
        // Shares of units, from 0 to 1: a half more is much.
        let share = |share: f64| (share * 2.0 * CHANGED.ln()).exp();
        [
            size(Quantity::Weight),
            size(Quantity::Activation),
            size(Quantity::Delta),
            layer.update_ratio,
            share(layer.dead_units),
            share(layer.saturated_units),
        ]
    });
    layers.chain([record.numbers.loss]).collect()
}

fn changed(before: &[f64], now: &[f64]) -> bool {
    before.iter().zip(now).any(|(before, now)| before != now && !(now / before).ln().abs().le(&CHANGED.ln()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_a_sentence_names_are_found() {
        let of = |sentence| steps_in(sentence).collect::<Vec<_>>();
        assert_eq!(of("at step 25 1/200 reaches layer1; a tenth only at step 80"), [25, 80]);
        assert_eq!(of("since step 25, and not before; at step 25: NaN"), [25]);
        assert_eq!(of("step 3 moves the weights by 0.1 in each step; 5 layers"), [3]);
        assert_eq!(of("from the start"), [0; 0]);
    }
}
