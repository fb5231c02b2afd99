//! A layer that does not move while others do.
//!
//! ## What it sees
//! Weights whose updates are exactly zero from the first record to the last, or a gradient that is always exactly zero,
//! while other layers move. If only histograms of the weights were recorded, the rule compares everything that two of
//! them hold: every edge and count, the number of values, their sum and sum of squares, the smallest and the largest
//! value. Layers that the configuration freezes (a key with "freeze" or "frozen" in it) are left out.
//!
//! ## Why it is bad
//! The layer stays at its random start. Its parameters were not given to the optimizer, or the gradient is cut off
//! before it (`detach`, `stop_gradient`, `no_grad`, an `argmax`).
//!
//! ## What to do
//! Give all parameters to the optimizer, and look for what cuts the graph. If it is deliberate, say so in the
//! configuration.
//!
//! ## Source and threshold
//! Exactly zero, over at least three records: rounding alone would give other numbers. There is no source but
//! experience. It is a warning even where the network learns, because the configuration does not freeze the layer. Two
//! or more layers, counted from the input, in a network that learns look like fine-tuning and get a note. Buckets
//! without sums hide small movements: a layer is named only if a movement like that of the fastest layer would take ten
//! of its values to another bucket. The more values would change bucket, the higher the confidence.

use std::collections::HashSet;

use headwater_probe::Measure;
use headwater_probe::tags::Quantity;

use crate::finding::{confidence, range};
use crate::remedies::Remedies;
use crate::{Cause, Evidence, Fact, Finding, Rule, Series, Severity};

pub(super) const RULE: Rule = Rule {
    explained_by: &["bad_init", "dead_units", "update_too_large", "update_too_small", "vanishing"],
    // A layer that gets a gradient and does not move was left out by the optimizer: nothing else explains that.
    explained_if: |finding, evidence| !has_gradient(evidence, finding),
    ..Rule::of(judge)
};

/// A gradient of this share of the largest one's is not lost when it is added to weights.
const ROUNDED: f64 = 1e-4;
/// Records at least.
const RECORDS: usize = 3;
/// A share of their size by which weights must move to be seen to in histograms.
const HARDLY: f64 = 1e-5;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let still = |all: Vec<(usize, &Series)>| -> Option<(Vec<usize>, usize)> {
        let still = |series: &Series| series.len() >= RECORDS && series.iter().all(|(_, value)| value == 0.0);
        let found: Vec<usize> = all.iter().filter(|(_, series)| still(series)).map(|(layer, _)| *layer).collect();
        let records = all.iter().map(|(_, series)| series.len()).min()?;
        (!found.is_empty() && found.len() < all.len()).then_some((found, records))
    };
    // Where all others hardly move, this one may hardly move as well: histograms do not show it.
    let fastest =
        evidence.all(Measure::UpdateRatio).iter().filter_map(|(_, series)| series.median()).fold(0.0, f64::max);
    if evidence.is_bounded() && fastest < HARDLY {
        return None;
    }
    let unmoved = if evidence.is_bounded() { "the histograms are the same" } else { "the update is exactly 0" };
    let (found, records, what) =
        still(evidence.all(Measure::UpdateRatio)).map(|(found, records)| (found, records, unmoved)).or_else(|| {
            still(evidence.sizes(Quantity::Gradient))
                .map(|(found, records)| (found, records, "the gradient is exactly 0"))
        })?;
    // How many times larger the movement of the fastest layer is than the smallest movement that the record would show.
    let by_histograms = evidence.is_bounded() && what == unmoved;
    let shown = |layer: usize| if by_histograms { fastest / evidence.visible(layer) } else { f64::INFINITY };
    let found: Vec<usize> = found
        .into_iter()
        .filter(|layer| !evidence.config().freezes(evidence.name(*layer)) && shown(*layer) >= 1.0)
        .collect();
    if found.is_empty() {
        return None;
    }
    // Who fine-tunes freezes everything from the input up to some layer; the network then learns with what is left.
    let fine_tuned = found.len() > 1 && found.iter().copied().eq(0..found.len());
    let meant = fine_tuned && evidence.learned() == Some(true);
    let severity = if meant { Severity::Note } else { Severity::Warning };
    let mut finding = Finding::new(evidence, severity, Cause::Unknown);
    finding.layers = found.iter().map(|layer| evidence.name(*layer).to_owned()).collect();
    let margin = found.iter().map(|layer| shown(*layer)).fold(f64::INFINITY, f64::min);
    finding.confidence = confidence(records, margin);
    let verb = if finding.layers.len() == 1 { "never moves" } else { "never move" };
    finding.summary = format!("{} {verb}: {what} in every record", range(&finding.layers));
    finding.evidence = finding.layers.iter().map(|layer| Fact::new(what, 0.0).of(layer)).collect();
    finding.remedies = Remedies::of(evidence)
        .say("give the layer's parameters to the optimizer, and look for what cuts its gradient off (detach, stop_gradient)")
        .say("if it is meant, record a configuration that says so: freeze = [\"layer\"] in a text under the tag config")
        .list();
    Some(finding)
}

/// Whether a layer that does not move gets a gradient: then nothing but the optimizer can be the reason.
fn has_gradient(evidence: &Evidence, finding: &Finding) -> bool {
    let sizes: Vec<(usize, f64)> = evidence
        .sizes(Quantity::Gradient)
        .into_iter()
        .filter_map(|(layer, size)| Some((layer, size.median()?)))
        .collect();
    let most = sizes.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    let frozen: HashSet<&str> = finding.layers.iter().map(String::as_str).collect();
    // What is next to nothing is lost in rounding.
    sizes.iter().any(|(layer, size)| *size > ROUNDED * most && frozen.contains(evidence.name(*layer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.add("update_ratio/layer1", (0..5).map(|step| (step, 0.0)));
        evidence.add("update_ratio/layer2", (0..5).map(|step| (step, 1e-3)));
        evidence
    }

    #[test]
    fn a_layer_that_never_moves_is_found_unless_the_configuration_froze_it() {
        assert_eq!(judge(&run()).unwrap().layers, ["layer1"]);
        let mut meant = run();
        meant.configure("[train]\nfreeze = ['layer1']");
        assert_eq!(judge(&meant), None);
    }

    #[test]
    fn how_sure_it_is_that_histograms_stood_still_depends_on_what_they_would_show() {
        let judged = |visible: f64| {
            let mut evidence = run();
            evidence.moved("layer2", [(0, 1e-3)]);
            evidence.set_visible("layer1", visible);
            judge(&evidence).map(|finding| finding.confidence)
        };
        // Sums show any movement. Buckets that resolve 1e-3 just show this one; buckets that resolve only 1e-2 do not.
        let (sums, just, never) = (judged(0.0).unwrap(), judged(1e-3).unwrap(), judged(1e-2));
        assert!(sums > 0.9 && (just - (5.0_f64 / 6.0 / 2.0).sqrt()).abs() < 1e-9, "{sums} {just}");
        assert_eq!(never, None);
    }

    #[test]
    fn a_layer_that_moves_a_little_is_not_frozen() {
        let mut evidence = run();
        evidence.add("update_ratio/layer1", [(4, 1e-9)]);
        assert_eq!(judge(&evidence), None);
    }
}
