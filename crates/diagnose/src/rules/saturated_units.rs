//! Units whose activation is flat where they are, so that almost no gradient passes.
//!
//! ## What it sees
//! More than half of a hidden layer's units are saturated (the root mean square of f' over the batch is below a
//! twentieth of its largest value) but not dead. Or the outputs of a tanh layer are nearly all -1 or 1 (root mean
//! square over 0.93).
//!
//! ## Why it is bad
//! delta is multiplied by f', which is close to 0 there. The units leave that region slowly, if ever.
//!
//! ## What to do
//! Use biases of 0, smaller weights (Glorot's), inputs of unit variance, or normalisation before the activation.
//!
//! ## Source and threshold
//! Glorot and Bengio, 2010, section 3. 0.93 is the root mean square of tanh for normal pre-activations of standard
//! deviation 5, where f' averages an eighth. Half of the units is the same threshold as for dead ones.

use headwater_probe::Measure;
use headwater_probe::tags::Quantity;

use crate::finding::{confidence, figure, range};
use crate::loss::{last_tenth, values};
use crate::remedies::Remedies;
use crate::remedy::{Biases, Remedy};
use crate::series::mean;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["update_too_small", "vanishing"],
    at_birth: true,
    idea: Some("saturation"),
    also_called: &["saturation", "saturated"],
    ..Rule::of(judge)
};

/// Share of a layer's units.
const MANY: f64 = 0.55;
/// Root mean square of a tanh's outputs.
const FULL: f64 = 0.93;

fn judge(evidence: &Evidence) -> Option<Finding> {
    let tanh = matches!(evidence.config().activation(), Some("tanh" | "hard_tanh"));
    let end = |series: &crate::Series| mean(last_tenth(&values(&series.finite())));
    let outputs = evidence.sizes_by_layer(Quantity::Activation);
    let mut found: Vec<(usize, Fact, Vec<bool>)> = Vec::new();
    for (layer, size) in outputs.iter().enumerate().take(evidence.last_layer()?) {
        let share = evidence.series(layer, Measure::SaturatedUnits).and_then(|saturated| {
            let dead = evidence.series(layer, Measure::DeadUnits);
            let points = saturated.finite();
            let own: Vec<f64> = points
                .iter()
                .map(|(step, share)| share - dead.and_then(|dead| dead.at(*step)).unwrap_or(0.0))
                .collect();
            let fact =
                Fact::new("share of saturated units", mean(last_tenth(&own))?).of(evidence.name(layer)).beyond(MANY);
            Some((layer, fact, own.iter().map(|share| *share > MANY).collect()))
        });
        let full = size.filter(|_| tanh).and_then(|series| {
            let fact = Fact::new("root mean square of the outputs", end(series)?).of(evidence.name(layer)).beyond(FULL);
            Some((layer, fact, values(&series.finite()).iter().map(|rms| *rms > FULL).collect()))
        });
        found.extend([share, full].into_iter().flatten().find(|(_, fact, _)| Some(fact.value) > fact.threshold));
    }
    let (layer, _, over) = found.first()?;
    let begin = over.iter().rposition(|over| !over).map_or(0, |index| index + 1);
    // What saturates while it learns may be how it answers; what begins so was drawn so.
    let severity = if evidence.learned() == Some(true) && begin > 0 { Severity::Note } else { Severity::Warning };
    let cause = if begin == 0 { Cause::Weights } else { Cause::LearningRate };
    let mut finding = Finding::new(evidence, severity, cause);
    let points = evidence.series(*layer, Measure::SaturatedUnits).or(outputs[*layer]);
    finding.first_step = points?.finite().get(begin)?.0;
    finding.confidence = confidence(over.len() - begin, 2.0);
    finding.layers = found.iter().map(|(layer, ..)| evidence.name(*layer).to_owned()).collect();
    let when = if begin == 0 { "from the start".to_owned() } else { format!("since step {}", finding.first_step) };
    let fact = &found[0].1;
    finding.summary = format!("{}: saturated {when}: {} {}", range(&finding.layers), fact.what, figure(fact.value));
    finding.evidence = found.into_iter().map(|(_, fact, _)| fact).collect();
    let remedies = Remedies::of(evidence);
    let biased = evidence.config().get("network.bias_init").is_some_and(|biases| biases != "zeros");
    let remedies = if begin == 0 {
        if biased { remedies.then(Remedy::ZeroBiases(Biases::Steep)).init() } else { remedies.init() }
    } else {
        remedies.learning_rate(0.1)
    };
    finding.remedies = remedies.norm().say("scale the inputs to mean 0 and variance 1").rectifier().list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tag: &str, value: f64) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.configure("[network]\nactivation = 'tanh'");
        evidence.add(&format!("{tag}/layer1"), (0..10).map(|step| (step, value)));
        evidence.add(&format!("{tag}/layer2"), (0..10).map(|step| (step, 5.0)));
        evidence
    }

    #[test]
    fn flat_units_are_found_by_their_slope_or_by_a_tanh_that_is_full() {
        assert!(judge(&run("units/saturated", 0.8)).is_some());
        assert_eq!(judge(&run("activation/rms", 0.97)).unwrap().layers, ["layer1"]);
        assert_eq!(judge(&run("units/saturated", 0.4)), None);
        assert_eq!(judge(&run("activation/rms", 0.8)), None);
    }

    #[test]
    fn biases_that_saturate_are_to_be_zero() {
        let mut evidence = run("units/saturated", 0.9);
        evidence.configure("[network]\nactivation = 'tanh'\nbias_init = 'constant(20)'");
        let finding = judge(&evidence).unwrap();
        assert_eq!(finding.remedies[0].set.as_deref(), Some("network.bias_init=zeros"));
    }

    #[test]
    fn dead_rectifiers_are_not_called_saturated() {
        let mut evidence = run("units/saturated", 0.8);
        evidence.add("units/dead/layer1", (0..10).map(|step| (step, 0.8)));
        assert_eq!(judge(&evidence), None);
    }
}
