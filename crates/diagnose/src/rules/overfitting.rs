//! The network learns the training data by heart.
//!
//! ## What it sees
//! The validation loss has been rising since a step well before the end, to at least 1.1 times its lowest value, while
//! the training loss went on falling. It is a warning when the two are apart by a quarter of the first validation loss,
//! or of the chance level if that is lower; a loss that rises from 0.01 to 0.02 does no harm. It is also a warning when
//! the training loss is close to zero and the validation loss never came down to it.
//!
//! ## Why it is bad
//! Every step since then made the network worse on data that it has not seen.
//!
//! ## What to do
//! Stop at the step of the lowest validation loss. Use dropout, weight decay, more data, or a smaller network.
//!
//! ## Source and threshold
//! Prechelt, 1998 (early stopping: loss of generality). The quarter was fitted on the fault suite: networks with enough
//! data stay below a fifth, and those with 80 samples are above a third.

use crate::finding::{confidence, figure};
use crate::loss::{last_tenth, values};
use crate::remedies::Remedies;
use crate::remedy::Remedy;
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explained_by: &["bad_init", "unscaled_input", "update_too_large"],
    also_called: &["overfit", "generalisationgap", "generalizationgap"],
    ..Rule::of(judge)
};

/// The last validation loss over the lowest.
const RISEN: f64 = 1.1;
/// How far apart the training and validation loss must be for a warning, over the first validation loss or, if lower,
/// chance.
const APART: f64 = 0.25;
/// Below this share of the starting loss, the final training loss counts as learned by heart.
const BY_HEART: f64 = 0.1;
/// Above this share of the starting loss, the final training loss is too high for overfitting.
const LEARNED: f64 = 0.8;
/// Values of the validation loss at least, and of them behind the lowest.
const VALUES: usize = 5;
const BEHIND: usize = 3;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let points = evidence.validation_loss.finite();
    let (at, &(best, lowest)) = points.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let last = mean(last_tenth(&values(&points)))?;
    let behind = points.len() - 1 - at;
    let now = evidence.last_loss()?;
    let first = evidence.start()?;
    let from = evidence.chance().map_or(points[0].1, |chance| chance.min(points[0].1));
    let apart = (last - now) / from.max(lowest);
    let by_heart = now < BY_HEART * first && apart > APART;
    if points.len() < VALUES || lowest <= 0.0 || !by_heart && (behind < BEHIND || last < RISEN * lowest) {
        return None;
    }
    // What the training loss was around that step, and what it came to.
    let loss = evidence.loss.finite();
    let around = loss.partition_point(|(step, _)| *step <= best);
    let width = loss.len().div_ceil(10);
    let then = mean(&values(&loss[around.saturating_sub(width)..(around + width).min(loss.len())]))?;
    // Who learned nothing has learned nothing by heart.
    if !by_heart && now > 0.9 * then || now > LEARNED * first {
        return None;
    }
    let severity = if apart > APART { Severity::Warning } else { Severity::Note };
    let mut finding = Finding::new(evidence, severity, Cause::Capacity);
    finding.first_step = best;
    finding.confidence = confidence(behind.max(BEHIND), apart / APART);
    finding.summary = if last < RISEN * lowest {
        format!("the training loss is down to {}, but the validation loss stays at {}", figure(now), figure(last))
    } else {
        format!(
            "since step {best} the validation loss rises from {} to {}, while the training loss falls from {} to {}",
            figure(lowest),
            figure(last),
            figure(then),
            figure(now)
        )
    };
    finding.evidence = vec![
        Fact::new("the lowest validation loss", lowest).at(best),
        Fact::new("the validation loss at the end", last).beyond(RISEN * lowest),
        Fact::new("the training loss at the end", now).beyond(0.9 * then),
        Fact::new("how far it is below the validation loss, over the first one", apart).beyond(APART),
    ];
    let mut remedies = Remedies::of(evidence);
    // Who stops where it has hardly begun learns nothing either.
    if evidence.steps().is_some_and(|(begin, end)| best as f64 - begin as f64 > 0.1 * (end as f64 - begin as f64)) {
        remedies = remedies.then(Remedy::Steps(best.saturating_add(1)));
    }
    finding.remedies = remedies
        .then(Remedy::Dropout(0.2))
        .then(Remedy::WeightDecay(1e-4))
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
        assert!(finding.remedies[0].advice.contains("stop"));
        assert_eq!(judged(0.01, 0.04), None);
        // It knows the samples by heart, and others not.
        assert!(judged(0.01, 0.1).unwrap().summary.contains("stays"));
        // Both rise: that is diverging.
        assert_eq!(judged(0.1, -0.1), None);
    }

    #[test]
    fn nobody_is_told_to_stop_where_training_has_hardly_begun() {
        let mut evidence = Evidence::new("run");
        evidence.add("train_loss", (0..20).map(|step| (step, 2.0 - 0.1 * step as f64)));
        evidence.add("val_loss", (0..20).map(|step| (step, 2.0 + 0.1 * step as f64)));
        let finding = judge(&evidence).unwrap();
        assert!(finding.remedies.iter().all(|remedy| !remedy.advice.contains("stop")), "{finding:?}");
    }
}
