//! Units that are zero for every sample, and so never learn.
//!
//! ## What it sees
//! More than half of a hidden layer's units are dead (f' is 0 for the whole batch) over the last records. Zeros among
//! the activations are no sign of this: half of a healthy rectifier's activations are zero.
//!
//! ## Why it is bad
//! No gradient passes a dead unit, so it stays dead. A layer whose units are all dead cuts the network in two: nothing
//! below it learns, and nothing above it sees the input.
//!
//! ## What to do
//! If the units were born dead: biases of 0 and He's weights. If they died during training: a smaller learning rate, an
//! activation with a slope on both sides (`leaky_relu`), or normalisation.
//!
//! ## Source and threshold
//! Lu et al., 2019. Why half: in the experiment up to four in ten rectifiers of a layer are dead and the network learns
//! well. A layer whose units are all dead is an error.

use headwater_probe::Measure;

use crate::finding::{confidence, percent, range};
use crate::loss::{last_tenth, values};
use crate::remedies::Remedies;
use crate::remedy::{Activation, Biases, Remedy};
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, FirstHalf, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["update_too_small", "vanishing"],
    at_birth: true,
    first_half: FirstHalf::Errors,
    idea: Some("dead-units"),
    also_called: &["deadrelu", "deadneurons", "dyingrelu", "dead"],
    ..Rule::of(judge)
};

/// Share of a layer's units.
const MANY: f64 = 0.55;
/// As good as all.
const ALL: f64 = 0.99;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let shares: Vec<(usize, f64)> = evidence
        .all(Measure::DeadUnits)
        .into_iter()
        .filter_map(|(layer, series)| Some((layer, mean(last_tenth(&values(&series.finite())))?)))
        .filter(|(_, share)| *share > MANY)
        .collect();
    let (worst, share) = shares.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let points = evidence.series(worst, Measure::DeadUnits)?.finite();
    let alive = points.iter().rposition(|(_, share)| *share <= MANY).map_or(0, |index| index + 1);
    let born = alive == 0;
    let severity = match evidence.learned() {
        Some(true) if share < ALL => Severity::Note,
        _ if share >= ALL => Severity::Error,
        _ => Severity::Warning,
    };
    let cause = if born { Cause::Weights } else { Cause::LearningRate };
    let mut finding = Finding::new(evidence, severity, cause);
    finding.first_step = points.get(alive)?.0;
    finding.layers = shares.iter().map(|(layer, _)| evidence.name(*layer).to_owned()).collect();
    finding.confidence = confidence(points.len() - alive, share / MANY * 2.0);
    let when = if born {
        "from the start".to_owned()
    } else {
        format!("since step {}: they died during training", finding.first_step)
    };
    finding.summary = format!(
        "up to {} % of the units of {} pass no gradient for any sample, {when}",
        percent(share),
        range(&finding.layers)
    );
    finding.evidence = shares
        .iter()
        .map(|(layer, share)| Fact::new("share of dead units", *share).of(evidence.name(*layer)).beyond(MANY))
        .collect();
    let remedies = Remedies::of(evidence);
    let leaky =
        |remedies: Remedies<'_>| -> Vec<_> { remedies.then(Remedy::Activation(Activation::Leaks(0.01))).norm().list() };
    finding.remedies = if born {
        leaky(remedies.then(Remedy::ZeroBiases(Biases::Alive)).init())
    } else {
        leaky(remedies.learning_rate(0.1))
    };
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(share: impl Fn(i64) -> f64) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.add("units/dead/layer1", (0..20).map(|step| (step, share(step))));
        evidence
    }

    #[test]
    fn a_layer_that_dies_is_an_error_and_the_learning_rate_is_blamed() {
        let finding = judge(&run(|step| if step < 5 { 0.1 } else { 1.0 })).unwrap();
        assert_eq!((finding.severity, finding.cause, finding.first_step), (Severity::Error, Cause::LearningRate, 5));
        let finding = judge(&run(|_| 1.0)).unwrap();
        assert_eq!((finding.cause, finding.first_step), (Cause::Weights, 0));
    }

    #[test]
    fn four_dead_units_of_ten_are_no_finding() {
        assert_eq!(judge(&run(|_| 0.4)), None);
        let mut sparse = run(|_| 0.0);
        sparse.add("activation/zeros/layer1", (0..20).map(|step| (step, 9e9)));
        assert_eq!(judge(&sparse), None);
    }
}
