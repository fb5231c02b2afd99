//! All rules, and what one finding explains of the others.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::remedy::{Proposal, Remedy};
use crate::rules::CAUSES_FIRST;
use crate::{Evidence, Finding, LiveFinding, Order, RULES, Rule, Severity};

/// What is said of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Diagnosis {
    /// The run.
    pub run: String,
    /// How it ended, in words, as its log tells: "ended after 40 of 100 steps: ...". None if it ended well, or if the log
    /// does not tell.
    pub ended: Option<String>,
    /// Its layers, from the input to the output.
    pub layers: Vec<String>,
    /// How their order is known.
    pub order: Order,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// What the run was told while it trained, and what the finished records do not show: no finding here is of the same
    /// rule, or explains that rule.
    pub only_live: Vec<LiveFinding>,
    /// What could not be judged, and what to record so that it can be.
    pub not_judged: Vec<String>,
    /// Whether there was anything to look at.
    pub looked: bool,
    /// What of the records was not looked at, and why: damaged files, what was recorded before training began anew.
    pub notes: Vec<String>,
}

/// Whether it changes the learning rate.
fn is_rate(proposal: &Proposal) -> bool {
    matches!(proposal.remedy, Remedy::LearningRate(_))
}

/// Asks all rules. A finding that another one explains is left out and named by that one.
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    weigh(evidence, RULES.iter().filter_map(|rule| rule.judge(evidence)).collect())
}

/// Like [`diagnose`], but returns None if `interrupt` was raised before the last rule was asked.
pub fn diagnose_interruptible(evidence: &Evidence, interrupt: &AtomicBool) -> Option<Diagnosis> {
    let mut findings = Vec::new();
    for rule in RULES.iter() {
        if interrupt.load(Ordering::Relaxed) {
            return None;
        }
        findings.extend(rule.judge(evidence));
    }
    Some(weigh(evidence, findings))
}

/// The diagnosis of a run in which the rules found these findings.
fn weigh(evidence: &Evidence, mut findings: Vec<Finding>) -> Diagnosis {
    let of = |finding: &Finding| Rule::named(finding.rule);
    for rule in CAUSES_FIRST {
        let Some(at) = findings.iter().position(|finding| finding.rule == rule.name) else { continue };
        if !(rule.explains_if)(&findings[at], evidence) {
            continue;
        }
        let (first_step, severity) = (findings[at].first_step, findings[at].severity);
        // A remark does not do away with a fault.
        let is_explained = |other: &Finding| {
            of(other).is_some_and(|effect| rule.is_cause_of(effect) && (effect.explained_if)(other, evidence))
                && first_step <= other.first_step
                && severity >= other.severity.min(Severity::Warning)
        };
        let (mut names, mut worst): (Vec<&'static str>, _) = (Vec::new(), severity);
        findings.retain(|other| {
            let gone = is_explained(other);
            if gone {
                // What comes of it is part of how bad it is.
                worst = worst.max(other.severity);
                names.push(other.rule);
                names.extend(&other.explains);
            }
            !gone
        });
        if let Some(finding) = findings.iter_mut().find(|finding| finding.rule == rule.name) {
            finding.explains.extend(names);
            finding.severity = worst;
        }
    }
    // Two findings must not send the learning rate two ways.
    let guesses = |finding: &Finding| of(finding).is_some_and(|rule| rule.guesses_rate);
    let knows = |finding: &Finding| !guesses(finding) && finding.severity > Severity::Note;
    if findings.iter().any(|finding| knows(finding) && finding.remedies.iter().any(is_rate)) {
        let guessing = findings.iter_mut().filter(|finding| guesses(finding));
        guessing.for_each(|finding| finding.remedies.retain(|proposal| !is_rate(proposal)));
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence)));
    // Whatever it is that kept a network from learning anything at all: that is no mere warning.
    if let Some(first) = findings.first_mut().filter(|first| first.severity == Severity::Warning)
        && evidence.learned_nothing()
    {
        first.severity = Severity::Error;
    }
    let mut only_live = Vec::new();
    for live in evidence.live_findings() {
        let is_same = |finding: &&mut Finding| finding.rule == live.rule;
        if let Some(finding) = findings.iter_mut().find(is_same) {
            finding.seen_live = finding.seen_live.or(Some(live.step));
        } else if !findings.iter().any(|finding| finding.explains.contains(&&*live.rule)) {
            only_live.push(live.clone());
        }
    }
    Diagnosis {
        run: evidence.run().to_owned(),
        ended: evidence.ended().map(str::to_owned),
        layers: evidence.layers(),
        order: evidence.order(),
        findings,
        only_live,
        not_judged: evidence.missing(),
        looked: evidence.steps().is_some(),
        notes: evidence.notes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;

    #[test]
    fn what_comes_of_a_finding_is_told_with_it_and_not_again() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, 2.3)));
        for layer in 1..4 {
            evidence.add(&format!("update_ratio/layer{layer}"), [(0, 0.3)]);
            evidence
                .add(&format!("units/dead/layer{layer}"), (0..20).map(|step| (step, if step < 5 { 0.0 } else { 1.0 })));
        }
        let diagnosis = diagnose(&evidence);
        let [finding] = &diagnosis.findings[..] else { panic!("{:?}", diagnosis.findings) };
        assert_eq!((finding.rule, finding.severity), ("update_too_large", Severity::Error));
        assert!(finding.explains.contains(&"dead_units") && finding.explains.contains(&"plateau"), "{finding:?}");
    }

    #[test]
    fn what_was_there_before_is_not_explained_by_what_came_later() {
        let mut evidence = Evidence::new("run");
        for layer in 1..4 {
            evidence.add(&format!("update_ratio/layer{layer}"), [(10, 0.3)]);
            evidence.add(&format!("units/dead/layer{layer}"), (0..20).map(|step| (step, 1.0)));
        }
        assert_eq!(diagnose(&evidence).findings.len(), 2);
    }

    #[test]
    fn a_run_that_learned_nothing_by_its_end_is_an_error_and_one_that_goes_on_is_not_yet() {
        let severity = |planned: i64| {
            let mut evidence = Evidence::new("run");
            evidence.configure(&format!("[network]\nactivation = 'relu'\n[train]\nsteps = {planned}"));
            evidence.add("loss", (0..300).map(|step| (step, 2.3)));
            evidence.add("accuracy", (0..300).map(|step| (step, 0.12)));
            diagnose(&evidence).findings[0].severity
        };
        assert_eq!((severity(300), severity(1000)), (Severity::Error, Severity::Warning));
    }

    #[test]
    fn a_plateau_does_not_send_the_learning_rate_another_way_than_other_findings() {
        let mut evidence = Evidence::new("run");
        // Units that died late do not explain a loss that never fell.
        evidence.add("loss", (0..40).map(|step| (step, 2.3)));
        evidence.add("units/dead/layer1", (0..40).map(|step| (step, if step < 20 { 0.0 } else { 0.8 })));
        let findings = diagnose(&evidence).findings;
        let plateau = findings.iter().find(|finding| finding.rule == "plateau").unwrap();
        assert!(findings.iter().any(|finding| finding.rule == "dead_units"));
        assert!(!plateau.remedies.iter().any(is_rate), "{plateau:?}");
    }

    /// What is left, and what it explains, if these rules found an error from the start.
    fn weighed(evidence: &Evidence, rules: &[&'static str]) -> Vec<(&'static str, Vec<&'static str>)> {
        let found = |rule: &&'static str| Finding {
            rule,
            layers: vec!["layer1".to_owned()],
            ..Finding::new(evidence, Severity::Error, Cause::Unknown)
        };
        let findings = weigh(evidence, rules.iter().map(found).collect()).findings;
        findings.into_iter().map(|finding| (finding.rule, finding.explains)).collect()
    }

    #[test]
    fn of_two_rules_that_explain_a_third_the_one_that_stands_first_is_told() {
        let evidence = Evidence::new("run");
        let told = weighed(&evidence, &["dead_units", "exploding", "plateau"]);
        assert_eq!(told, [("dead_units", vec![]), ("exploding", vec!["plateau"])]);
    }

    #[test]
    fn what_a_finding_explains_may_depend_on_the_run() {
        let batches_of = |size: usize| {
            let mut evidence = Evidence::new("run");
            evidence.configure(&format!("batch_size: {size}"));
            weighed(&evidence, &["gradient_noise", "plateau"])
        };
        assert_eq!(batches_of(1), [("gradient_noise", vec!["plateau"])]);
        assert_eq!(batches_of(30).len(), 2);
    }

    #[test]
    fn what_explains_a_finding_may_depend_on_the_run() {
        let gradient_of_layer1 = |size: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("gradient/rms/layer1", [(0, size)]);
            evidence.add("gradient/rms/layer2", [(0, 1.0)]);
            weighed(&evidence, &["frozen_layer", "update_too_small"])
        };
        assert_eq!(gradient_of_layer1(1e-9), [("update_too_small", vec!["frozen_layer"])]);
        assert_eq!(gradient_of_layer1(0.1).len(), 2);
    }

    #[test]
    fn no_more_rules_are_asked_when_the_flag_is_raised() {
        let evidence = Evidence::new("run");
        assert_eq!(diagnose_interruptible(&evidence, &AtomicBool::new(true)), None);
        assert_eq!(diagnose_interruptible(&evidence, &AtomicBool::new(false)), Some(diagnose(&evidence)));
    }
}
