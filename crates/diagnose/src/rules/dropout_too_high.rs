//! So much is dropped that little is left to learn from.
//!
//! ## What it sees
//! A dropout of 0.5 or more in the configuration. Below 0.7 it counts only if the answers with dropout are worse than
//! without. It is a note if the network learns all the same.
//!
//! ## Why it is bad
//! In each step a unit gets only a few of its inputs, times a large factor. That is noise of p / (1 - p) times the
//! signal's power, added anew in every layer.
//!
//! ## What to do
//! Use less dropout: 0.1 to 0.2 in narrow layers, at most 0.5 in wide ones.
//!
//! ## Source and threshold
//! Srivastava et al., 2014, who use 0.5 in layers of thousands of units. From 0.5 on, the noise is as strong as the
//! signal.

use crate::finding::{confidence, percent};
use crate::remedies::Remedies;
use crate::remedy::Remedy;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &[
        "bad_init",
        "dead_units",
        "exploding",
        "gradient_noise",
        "not_finite",
        "saturated_units",
        "update_too_large",
        "vanishing",
    ],
    ..Rule::of(judge)
};

/// Probability with which a unit is dropped: the noise is as strong as the signal.
const HALF: f64 = 0.5;
/// And here more than twice as strong.
const MOST: f64 = 0.7;
/// Values of the loss, at least.
const VALUES: usize = 5;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let config = evidence.config();
    let share =
        ["network.dropout", "dropout", "dropout_rate", "dropout_p"].into_iter().find_map(|key| config.number(key))?;
    if !(HALF..=1.0).contains(&share)
        || evidence.is_early()
        || evidence.loss.len() < VALUES && evidence.loss.first_not_finite().is_none()
    {
        return None;
    }
    // In training with dropout, on held-out data without.
    let worse = || Some(evidence.last_loss()? > evidence.validation_loss.last()?.1);
    if share < MOST && worse() != Some(true) {
        return None;
    }
    let severity = match evidence.learned() {
        Some(true) => Severity::Note,
        Some(false) if evidence.is_lost() => Severity::Error,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new(evidence, severity, Cause::Regularisation);
    finding.confidence = confidence(evidence.loss.len(), share / (1.0 - share).max(1e-6));
    finding.summary = format!("{} % of all units are dropped in each step", percent(share));
    finding.evidence = vec![Fact::new("probability with which a unit is dropped", share).beyond(HALF)];
    finding.remedies = Remedies::of(evidence).then(Remedy::LessDropout(0.1)).list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(dropout: f64, last: f64) -> Option<Finding> {
        let mut evidence = Evidence::new("run");
        evidence.configure(&format!("[network]\ndropout = {dropout:?}"));
        evidence.add("loss", (0..20).map(|step| (step, if step < 10 { 2.3 } else { last })));
        evidence.add("val_loss", (0..20).map(|step| (step, if last < 1.0 && step > 9 { last } else { 2.3 })));
        judge(&evidence)
    }

    #[test]
    fn a_network_that_drops_nearly_everything_and_does_not_learn_is_found() {
        assert_eq!(run(0.9, 2.2).unwrap().severity, Severity::Warning);
        assert_eq!(run(0.9, 0.1).unwrap().severity, Severity::Note);
        assert_eq!(run(0.2, 2.3), None);
        // It is not the dropout: without it the answers are no better.
        assert_eq!(run(0.5, 2.2), None);
        assert!(run(0.5, 2.4).is_some());
    }
}
