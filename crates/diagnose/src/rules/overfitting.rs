//! The network learns the training data by heart.
//!
//! ## What it sees
//! The validation loss has been rising since a step well before the end, to 1.15 times its lowest value or more, while
//! the training loss went on falling.
//!
//! ## Why it is bad
//! Since then every step made it worse on data that it has not seen.
//!
//! ## What to do
//! Stop at the step of the lowest validation loss; dropout, weight decay, more data, a smaller network.
//!
//! ## Source and threshold
//! Prechelt, 1998 (early stopping: loss of generality). 1.15, and 1.5 for more than a note, are choices that were not
//! fitted to data.

use crate::finding::{confidence, figure};
use crate::loss::{last_tenth, values};
use crate::remedy::Remedies;
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, Severity};

/// The last validation loss over the lowest.
const RISEN: f64 = 1.15;
/// The same, for a warning.
const MUCH: f64 = 1.5;
/// The training loss at the end over the first one, at most.
const LEARNED: f64 = 0.8;
/// Values of the validation loss at least, and of them behind the lowest.
const VALUES: usize = 5;
const BEHIND: usize = 3;

pub(super) fn judge(evidence: &Evidence) -> Option<Finding> {
    let points = evidence.validation_loss.finite();
    let (at, &(best, lowest)) = points.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let last = mean(last_tenth(&values(&points)))?;
    let behind = points.len() - 1 - at;
    if points.len() < VALUES || behind < BEHIND || lowest <= 0.0 || last < RISEN * lowest {
        return None;
    }
    // What the training loss was around that step, and what it came to.
    let loss = evidence.loss.finite();
    let around = loss.partition_point(|(step, _)| *step <= best);
    let width = loss.len().div_ceil(10);
    let then = mean(&values(&loss[around.saturating_sub(width)..(around + width).min(loss.len())]))?;
    let now = evidence.last_loss()?;
    // Who learned nothing has learned nothing by heart.
    if now > 0.9 * then || now > LEARNED * evidence.first_loss()? {
        return None;
    }
    let severity = if last > MUCH * lowest { Severity::Warning } else { Severity::Note };
    let mut finding = Finding::new("overfitting", evidence, severity, Cause::Capacity);
    finding.first_step = best;
    finding.confidence = confidence(behind, last / lowest / RISEN);
    finding.summary = format!(
        "since step {best} the validation loss rises from {} to {}, while the training loss falls from {} to {}",
        figure(lowest),
        figure(last),
        figure(then),
        figure(now)
    );
    finding.evidence = vec![
        Fact::new("the lowest validation loss", lowest).at(best),
        Fact::new("the validation loss at the end", last).beyond(RISEN * lowest),
        Fact::new("the training loss at the end", now).beyond(0.9 * then),
    ];
    finding.remedies = Remedies::of(evidence)
        .set("train.steps", &(best + 1).to_string(), "stop where the validation loss is lowest")
        .set("network.dropout", "0.2", "dropout")
        .set("train.weight_decay", "1e-4", "weight decay")
        .say("more data, or a smaller network")
        .list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validation_loss_that_rises_while_the_other_falls_is_overfitting() {
        let judged = |rise: f64, fall: f64| {
            let mut evidence = Evidence::new("run");
            evidence.add("train_loss", (0..20).map(|step| (step, 2.0 - fall * step as f64)));
            let turn = |step: i64| if step < 8 { 2.0 - 0.1 * step as f64 } else { 1.2 + rise * (step - 8) as f64 };
            evidence.add("val_loss", (0..20).map(|step| (step, turn(step))));
            judge(&evidence)
        };
        let finding = judged(0.1, 0.1).unwrap();
        assert_eq!((finding.first_step, finding.severity), (8, Severity::Warning));
        assert_eq!(judged(0.01, 0.1), None);
        // Both rise: that is diverging.
        assert_eq!(judged(0.1, -0.1), None);
    }
}
