//! All rules, and what one finding explains of the others.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::remedy::{Proposal, Remedy};
use crate::rules::frozen_layer;
use crate::{Evidence, Finding, Order, RULES, Severity};

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
    /// What could not be judged, and what to record so that it can be.
    pub not_judged: Vec<String>,
    /// Whether there was anything to look at.
    pub looked: bool,
    /// What of the records was not looked at, and why: damaged files, what was recorded before training began anew.
    pub notes: Vec<String>,
}

/// Which rules' findings a rule's finding explains, if it was there no later than they: what comes of what. A finding is
/// explained by the first rule of this list that does.
const EXPLAINS: [(&str, &[&str]); 12] = [
    (
        "dropout_too_high",
        &[
            "bad_init",
            "dead_units",
            "diverging",
            "exploding",
            "gradient_noise",
            "loss_mismatch",
            "not_finite",
            "oscillating_loss",
            "plateau",
            "saturated_units",
            "update_too_large",
            "vanishing",
        ],
    ),
    (
        "unscaled_input",
        &[
            "bad_init",
            "dead_units",
            "diverging",
            "exploding",
            "gradient_noise",
            "loss_mismatch",
            "not_finite",
            "oscillating_loss",
            "overfitting",
            "plateau",
            "saturated_units",
            "update_too_large",
            "update_too_small",
            "vanishing",
        ],
    ),
    (
        "bad_init",
        &[
            "dead_units",
            "diverging",
            "exploding",
            "frozen_layer",
            "gradient_noise",
            "loss_mismatch",
            "not_finite",
            "oscillating_loss",
            "overfitting",
            "plateau",
            "saturated_units",
            "update_too_large",
            "update_too_small",
            "vanishing",
        ],
    ),
    (
        "decay_too_high",
        &[
            "dead_units",
            "diverging",
            "exploding",
            "gradient_noise",
            "loss_mismatch",
            "not_finite",
            "oscillating_loss",
            "plateau",
            "saturated_units",
            "update_too_large",
            "update_too_small",
            "vanishing",
        ],
    ),
    (
        "gradient_noise",
        &[
            "dead_units",
            "diverging",
            "exploding",
            "not_finite",
            "oscillating_loss",
            "plateau",
            "saturated_units",
            "update_too_large",
            "vanishing",
        ],
    ),
    (
        "update_too_large",
        &[
            "dead_units",
            "diverging",
            "exploding",
            "frozen_layer",
            "loss_mismatch",
            "not_finite",
            "oscillating_loss",
            "overfitting",
            "plateau",
            "saturated_units",
            "vanishing",
        ],
    ),
    ("exploding", &["diverging", "gradient_noise", "not_finite", "oscillating_loss", "plateau"]),
    ("dead_units", &["frozen_layer", "loss_mismatch", "plateau", "update_too_small", "vanishing"]),
    ("saturated_units", &["plateau", "update_too_small", "vanishing"]),
    ("vanishing", &["dead_units", "frozen_layer", "plateau", "update_too_small"]),
    ("not_finite", &["diverging", "oscillating_loss", "plateau"]),
    ("update_too_small", &["plateau", "frozen_layer"]),
];

/// Whether a finding is explained by no other, though its rule's are.
fn stands_alone(finding: &Finding, evidence: &Evidence) -> bool {
    finding.rule == "frozen_layer" && frozen_layer::has_gradient(evidence, finding)
}

/// Whether a finding explains nothing, though its rule's do: noise of a loss is a sign of many things, and the reason
/// only if batches are tiny.
fn is_mere_sign(finding: &Finding, evidence: &Evidence) -> bool {
    finding.rule == "gradient_noise" && evidence.batch().is_none_or(|batch| batch > 2)
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
    for rule in RULES {
        if interrupt.load(Ordering::Relaxed) {
            return None;
        }
        findings.extend(rule.judge(evidence));
    }
    Some(weigh(evidence, findings))
}

/// The diagnosis of a run in which the rules found these findings.
fn weigh(evidence: &Evidence, mut findings: Vec<Finding>) -> Diagnosis {
    for (rule, explained) in EXPLAINS {
        let Some(at) = findings.iter().position(|finding| finding.rule == rule) else { continue };
        if is_mere_sign(&findings[at], evidence) {
            continue;
        }
        let (first_step, severity) = (findings[at].first_step, findings[at].severity);
        // A remark does not do away with a fault.
        let is_explained = |other: &Finding| {
            explained.contains(&other.rule)
                && !stands_alone(other, evidence)
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
        if let Some(finding) = findings.iter_mut().find(|finding| finding.rule == rule) {
            finding.explains.extend(names);
            finding.severity = worst;
        }
    }
    // Two findings must not send the learning rate two ways, and a plateau knows least of it.
    let others = |finding: &Finding| finding.rule != "plateau" && finding.severity > Severity::Note;
    if findings.iter().any(|finding| others(finding) && finding.remedies.iter().any(is_rate)) {
        let plateaus = findings.iter_mut().filter(|finding| finding.rule == "plateau");
        plateaus.for_each(|plateau| plateau.remedies.retain(|proposal| !is_rate(proposal)));
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence)));
    // Whatever it is that kept a network from learning anything at all: that is no mere warning.
    if let Some(first) = findings.first_mut().filter(|first| first.severity == Severity::Warning)
        && evidence.learned_nothing()
    {
        first.severity = Severity::Error;
    }
    Diagnosis {
        run: evidence.run().to_owned(),
        ended: evidence.ended().map(str::to_owned),
        layers: evidence.layers(),
        order: evidence.order(),
        findings,
        not_judged: evidence.missing(),
        looked: evidence.steps().is_some(),
        notes: evidence.notes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn no_more_rules_are_asked_when_the_flag_is_raised() {
        let evidence = Evidence::new("run");
        assert_eq!(diagnose_interruptible(&evidence, &AtomicBool::new(true)), None);
        assert_eq!(diagnose_interruptible(&evidence, &AtomicBool::new(false)), Some(diagnose(&evidence)));
    }

    #[test]
    fn only_rules_that_there_are_explain_and_are_explained() {
        for name in EXPLAINS.iter().flat_map(|(rule, explained)| explained.iter().chain([rule])) {
            assert!(RULES.iter().any(|rule| rule.name == *name), "{name}");
        }
    }
}
