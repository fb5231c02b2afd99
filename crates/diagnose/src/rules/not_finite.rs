//! NaN or infinity.
//!
//! ## What it sees
//! A loss that is NaN or infinite, or a tensor of a layer with such numbers in it. The finding names the quantity that had
//! them first: of those at the first such step, the rule goes forward, from the input up through the products and
//! activations of each layer to the loss, and then backward, from the loss down through delta and the gradients.
//!
//! ## Why it is bad
//! One NaN spreads to all weights with the next update. From then on the network computes nothing.
//!
//! ## What to do
//! If it is there from the start, the weights are to blame: draw them with a variance that suits the activation. Only if
//! the products of the first layer are the first to go, and its weights are no reason, look at the data. If it comes
//! later, use a smaller learning rate, clip the gradient's norm, or warm up. The weights from before the first such step
//! are still good.
//!
//! ## Source and threshold
//! A single such number is enough. For overflow and underflow of f32: Goodfellow, Bengio and Courville, 2016, section
//! 4.1. A product of weights and inputs leaves f32 only if one of the two is beyond 1.8e19, the root of its largest number.

use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::finding::{confidence, figure};
use crate::remedies::Remedies;
use crate::{Cause, Evidence, Fact, Finding, Rule, Severity};

pub(super) const RULE: Rule =
    Rule { at_birth: true, also_called: &["nan", "nans", "inf", "infinity", "overflow"], ..Rule::of(judge) };

/// The root of the largest f32: a product overflows only if one of its factors is beyond it.
const ROOT_OF_LARGEST: f64 = 1.8e19;

/// What is computed in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Of(Quantity, usize),
    Loss,
    GradientNorm,
    ValidationLoss,
}

/// A number that is not finite, or how many there are.
#[derive(Debug, Clone, Copy)]
struct Seen {
    step: i64,
    what: What,
    /// None: not finite itself. A count of such numbers otherwise.
    count: Option<(Statistic, f64)>,
    value: f64,
}

impl What {
    /// When in a step it is computed: forward, then backward. Programs differ in when they record weights: ours before the
    /// step, others mostly after it.
    fn turn(self, ours: bool, layers: usize) -> (u8, usize, u8) {
        match self {
            Self::Of(Quantity::Weight, layer) => (if ours { 0 } else { 5 }, layer, 0),
            Self::Of(Quantity::Preactivation, layer) => (1, layer, 0),
            Self::Of(Quantity::Activation, layer) => (1, layer, 1),
            Self::Loss => (2, 0, 0),
            Self::Of(Quantity::Delta, layer) => (3, layers - layer, 0),
            Self::Of(Quantity::Gradient, layer) => (3, layers - layer, 1),
            Self::GradientNorm => (4, 0, 0),
            Self::ValidationLoss => (6, 0, 0),
        }
    }

    fn layer(self) -> Option<usize> {
        match self {
            Self::Of(_, layer) => Some(layer),
            _ => None,
        }
    }

    /// Whether it is computed on the way from the input to the loss.
    fn is_forward(self) -> bool {
        matches!(self, Self::Of(Quantity::Preactivation | Quantity::Activation, _))
    }
}

fn judge(evidence: &Evidence) -> Option<Finding> {
    let first = first(evidence)?;
    let Seen { step, what, .. } = first;
    // The first record may well be one of many steps, or of an epoch.
    let from_the_start =
        evidence.steps().is_some_and(|(first, _)| first == step) && step <= 1 && !evidence.counts_epochs();
    let cause = cause(evidence, step, what, from_the_start);
    let mut finding = Finding::new(evidence, Severity::Error, cause);
    finding.first_step = step;
    finding.confidence = confidence(evidence.loss.len().max(10), f64::INFINITY);
    finding.summary = format!("NaN or infinity at step {step}, {}", in_words(evidence, &first));
    finding.evidence = facts(evidence, &first);
    finding.layers = what.layer().map(|layer| evidence.name(layer).to_owned()).into_iter().collect();
    let remedies = Remedies::of(evidence);
    let in_data = "look for NaN, infinities and huge values in the data";
    finding.remedies = match cause {
        Cause::Data => remedies.say(in_data).init().learning_rate(0.1),
        Cause::Weights => remedies.init().norm().residual().learning_rate(0.1),
        Cause::Unknown => remedies.init().say(in_data).learning_rate(0.1),
        _ => remedies.learning_rate(0.1).clip().warmup(),
    }
    .list();
    Some(finding)
}

/// What was not finite first.
fn first(evidence: &Evidence) -> Option<Seen> {
    let courses = [
        (&evidence.loss, What::Loss),
        (&evidence.validation_loss, What::ValidationLoss),
        (&evidence.gradient_norm, What::GradientNorm),
    ];
    let of_courses = courses.into_iter().filter_map(|(series, what)| {
        let (step, value) = series.first_not_finite()?;
        Some(Seen { step, what, count: None, value })
    });
    let of_layers = (0..evidence.count()).flat_map(|layer| {
        evidence.measures(layer).filter_map(move |(measure, series)| {
            let (quantity, counted) = match measure {
                Measure::Statistic(quantity, statistic @ (Statistic::Nans | Statistic::Infinities)) => {
                    (quantity, Some(statistic))
                }
                Measure::Statistic(_, Statistic::Zeros) => return None,
                Measure::Statistic(quantity, _)
                | Measure::Whole(quantity)
                | Measure::Norm(quantity)
                | Measure::Mean(quantity) => (quantity, None),
                _ => return None,
            };
            let (step, value) = match counted {
                Some(_) => series.iter().find(|(_, count)| *count > 0.0)?,
                None => series.iter().find(|(step, value)| {
                    // The square of a large number is infinite before the number is.
                    value.is_nan() || value.is_infinite() && !is_known_finite(evidence, *step, quantity, layer)
                })?,
            };
            let count = counted.map(|statistic| (statistic, value));
            Some(Seen { step, what: What::Of(quantity, layer), count, value })
        })
    });
    let (ours, layers) = (evidence.config().is_ours(), evidence.count());
    // Of one quantity a count says more than a size, and of the counts that of infinities: NaN come of them.
    of_courses.chain(of_layers).min_by_key(|seen| {
        let kind = match seen.count {
            Some((Statistic::Infinities, _)) => 0,
            Some(_) => 1,
            None => 2,
        };
        (seen.step, seen.what.turn(ours, layers), kind, seen.value.to_bits())
    })
}

/// Whether some number of a quantity, other than those that are infinite, says that it was finite at a step.
fn is_known_finite(evidence: &Evidence, step: i64, quantity: Quantity, layer: usize) -> bool {
    let says = |statistic| {
        let series = evidence.series(layer, Measure::Statistic(quantity, statistic));
        series.and_then(|series| series.at(step)).is_some_and(f64::is_finite)
    };
    says(Statistic::Rms) || says(Statistic::Max) && says(Statistic::Min)
}

/// What is to blame.
fn cause(evidence: &Evidence, step: i64, what: What, from_the_start: bool) -> Cause {
    let by_time = if from_the_start { Cause::Weights } else { Cause::LearningRate };
    if what.is_forward() && what.layer() == Some(0) && !is_finite_at(evidence, step, Quantity::Preactivation, 0) {
        // A product is of weights and inputs: if the weights are no reason, the inputs are.
        let weights = weights_before(evidence, step, 0);
        let no_reason = weights.map_or(from_the_start, |size| size < ROOT_OF_LARGEST);
        return if no_reason { Cause::Data } else { by_time };
    }
    let is_of_the_whole = matches!(what, What::Loss | What::GradientNorm | What::ValidationLoss);
    let saw_forward = (0..evidence.count()).any(|layer| {
        [Quantity::Preactivation, Quantity::Activation].into_iter().any(|quantity| has(evidence, step, quantity, layer))
    });
    if from_the_start && is_of_the_whole && !saw_forward { Cause::Unknown } else { by_time }
}

/// How large the weights are that a step's products are made of, as far as the records tell: ours record them before the
/// update, others mostly after it, so that those of the step before are meant.
fn weights_before(evidence: &Evidence, step: i64, layer: usize) -> Option<f64> {
    let at = |step: i64| {
        let sizes = evidence.measures(layer).filter_map(|(measure, series)| match measure {
            Measure::Statistic(Quantity::Weight, Statistic::Zeros) => None,
            Measure::Statistic(Quantity::Weight, Statistic::Nans | Statistic::Infinities) => {
                series.at(step).filter(|count| *count > 0.0).map(|_| f64::INFINITY)
            }
            Measure::Statistic(Quantity::Weight, _)
            | Measure::Whole(Quantity::Weight)
            | Measure::Norm(Quantity::Weight) => {
                series.at(step).map(|size| if size.is_finite() { size.abs() } else { f64::INFINITY })
            }
            _ => None,
        });
        sizes.reduce(f64::max)
    };
    let now = at(step);
    if evidence.config().is_ours() || now.is_some_and(f64::is_finite) {
        now
    } else {
        at(step.saturating_sub(1)).or(now)
    }
}

/// Whether a quantity of a layer was recorded at a step.
fn has(evidence: &Evidence, step: i64, quantity: Quantity, layer: usize) -> bool {
    let is_of_it = |measure: Measure| match measure {
        Measure::Statistic(of, _) | Measure::Whole(of) | Measure::Norm(of) | Measure::Mean(of) => of == quantity,
        _ => false,
    };
    evidence.measures(layer).any(|(measure, series)| is_of_it(measure) && series.at(step).is_some())
}

/// Whether a quantity of a layer was recorded at a step, and was finite.
fn is_finite_at(evidence: &Evidence, step: i64, quantity: Quantity, layer: usize) -> bool {
    let is_finite = |measure: Measure, value: f64| match measure {
        Measure::Statistic(of, Statistic::Nans | Statistic::Infinities) => of != quantity || value == 0.0,
        Measure::Statistic(of, _) | Measure::Whole(of) | Measure::Norm(of) | Measure::Mean(of) => {
            of != quantity || value.is_finite()
        }
        _ => true,
    };
    has(evidence, step, quantity, layer)
        && evidence
            .measures(layer)
            .all(|(measure, series)| series.at(step).is_none_or(|value| is_finite(measure, value)))
}

/// Where it was, and that everything before it was finite, as far as that is known.
fn in_words(evidence: &Evidence, Seen { what, count, value, .. }: &Seen) -> String {
    let Some(layer) = what.layer() else {
        return format!("first seen in the {}", name(*what));
    };
    let many = match count {
        Some((statistic, count)) => format!("{} {statistic}", figure(*count)),
        None => value.to_string(),
    };
    let place = format!("first in the {} of {} ({many})", name(*what), evidence.name(layer));
    match what {
        _ if layer == 0 && what.is_forward() => place,
        _ if what.is_forward() => format!("{place}; all below are finite"),
        What::Of(Quantity::Delta | Quantity::Gradient, _) => format!("{place}, on the way back from the loss"),
        _ => place,
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Of(Quantity::Weight, _) => "weights",
        What::Of(Quantity::Preactivation, _) => "products",
        What::Of(Quantity::Activation, _) => "activations",
        What::Of(Quantity::Delta, _) => "delta",
        What::Of(Quantity::Gradient, _) => "weight gradient",
        What::Loss => "loss",
        What::GradientNorm => "norm of the gradient",
        What::ValidationLoss => "validation loss",
    }
}

/// The number itself, and how large the same quantity was where it came from.
fn facts(evidence: &Evidence, Seen { step, what, count, value }: &Seen) -> Vec<Fact> {
    let named = match (what, count) {
        (What::Of(quantity, _), Some((statistic, _))) => format!("{statistic} in its {quantity}"),
        (What::Of(quantity, _), None) => quantity.to_string(),
        (course, _) => name(*course).to_owned(),
    };
    let fact = Fact::new(&named, *value).at(*step);
    let What::Of(quantity, layer) = *what else { return vec![fact] };
    let mut facts = vec![fact.of(evidence.name(layer))];
    let before = match quantity {
        Quantity::Preactivation | Quantity::Activation => layer.checked_sub(1),
        Quantity::Delta | Quantity::Gradient => Some(layer + 1).filter(|above| *above < evidence.count()),
        Quantity::Weight => None,
    };
    let rms = Measure::Statistic(quantity, Statistic::Rms);
    if let Some(before) = before
        && let Some(size) = evidence.series(before, rms).and_then(|series| series.at(*step))
    {
        facts.push(Fact::new(&format!("size of the {}", name(*what)), size).of(evidence.name(before)).at(*step));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "[network]\nactivation = 'identity'\ninit = 'normal(1)'";

    /// Three layers at step 0, of which everything is finite, in our own tags.
    fn healthy(config: &str) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.configure(config);
        evidence.add("loss", [(0, 2.0)]);
        for layer in 1..=3 {
            for quantity in Quantity::ALL {
                evidence.add(&format!("{quantity}/rms/layer{layer}"), [(0, 1.0)]);
            }
        }
        evidence
    }

    fn judged(evidence: &Evidence) -> (Cause, String, Option<String>) {
        let finding = judge(evidence).unwrap();
        let first = finding.remedies.into_iter().next().map(|remedy| remedy.set.unwrap_or(remedy.advice));
        (finding.cause, finding.summary, first)
    }

    #[test]
    fn the_layer_that_had_it_first_is_named() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", [(0, 2.0), (1, 1.0), (2, f64::NAN)]);
        evidence.add("activation/infinities/layer2", [(1, 3.0)]);
        evidence.add("delta/nans/layer1", [(2, 3.0)]);
        let finding = judge(&evidence).unwrap();
        assert_eq!((finding.first_step, finding.layers), (1, vec!["layer2".to_owned()]));
        let mut healthy = Evidence::new("run");
        healthy.add("loss", [(0, 2.0), (1, 1e30)]);
        assert_eq!(judge(&healthy), None);
    }

    #[test]
    fn products_that_overflow_above_the_first_layer_are_the_weights_fault() {
        let mut evidence = healthy(OURS);
        evidence.add("loss", [(0, f64::NAN)]);
        for (tag, count) in [
            ("preactivation/infinities/layer2", 3.0),
            ("preactivation/nans/layer3", 9.0),
            ("delta/nans/layer1", 9.0),
            ("gradient/nans/layer1", 9.0),
        ] {
            evidence.add(tag, [(0, count)]);
        }
        let (cause, summary, remedy) = judged(&evidence);
        assert_eq!((cause, remedy.as_deref()), (Cause::Weights, Some("network.init=glorot_uniform")));
        assert_eq!(
            summary,
            "NaN or infinity at step 0, first in the products of layer2 (3.00 infinities); all below are finite"
        );
    }

    #[test]
    fn the_data_are_blamed_if_the_first_products_go_first_and_the_weights_are_no_reason() {
        let at_the_first = |weight: f64| {
            let mut evidence = healthy(OURS);
            evidence.add("weight/rms/layer1", [(0, weight)]);
            evidence.add("preactivation/nans/layer1", [(0, 1.0)]);
            evidence.add("delta/nans/layer3", [(0, 1.0)]);
            judged(&evidence).0
        };
        assert_eq!((at_the_first(1.0), at_the_first(1e30)), (Cause::Data, Cause::Weights));
    }

    #[test]
    fn a_sample_that_is_no_number_is_found_at_whatever_step_it_comes() {
        // As other programs record: the weights after the update, so that they are NaN at the same step.
        let mut evidence = Evidence::new("run");
        for step in 0..50 {
            let broken = if step < 30 { 1.0 } else { f64::NAN };
            for tag in ["preactivations/fc1", "fc1.weight_norm", "fc1.weight.grad_norm", "loss"] {
                evidence.add(tag, [(step, broken)]);
            }
        }
        let (cause, summary, _) = judged(&evidence);
        assert_eq!(cause, Cause::Data, "{summary}");
        assert!(summary.contains("step 30, first in the products of fc1"), "{summary}");
    }

    #[test]
    fn what_goes_backward_first_is_told_from_the_loss_down() {
        let mut evidence = healthy(OURS);
        for layer in 1..=2 {
            evidence.add(&format!("delta/infinities/layer{layer}"), [(0, 4.0)]);
            evidence.add(&format!("gradient/infinities/layer{layer}"), [(0, 4.0)]);
        }
        let finding = judge(&evidence).unwrap();
        assert_eq!((&finding.layers[..], finding.cause), (&["layer2".to_owned()][..], Cause::Weights));
        assert!(finding.summary.ends_with("the delta of layer2 (4.00 infinities), on the way back from the loss"));
    }

    #[test]
    fn a_loss_that_is_not_finite_alone_blames_no_data() {
        let mut evidence = healthy(OURS);
        evidence.add("loss", [(0, f64::INFINITY)]);
        assert_eq!(judged(&evidence).0, Cause::Weights);
        let mut alone = Evidence::new("run");
        alone.add("loss", (0..9).map(|step| (step, f64::NAN)));
        assert_eq!(judged(&alone).0, Cause::Unknown);
        let mut late = Evidence::new("run");
        late.add("loss", (0..9).map(|step| (step, if step < 4 { 1.0 } else { f64::NAN })));
        assert_eq!(judged(&late).0, Cause::LearningRate);
    }

    #[test]
    fn a_norm_that_overflows_before_its_numbers_do_is_no_number_that_is_not_finite() {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..9).map(|step| (step, 2.0)));
        evidence.add("weight_norm/fc1", (0..9).map(|step| (step, if step < 5 { 1.0 } else { f64::INFINITY })));
        assert!(judge(&evidence).is_some());
        evidence.add("weight/rms/fc1", (0..9).map(|step| (step, 1e25)));
        assert_eq!(judge(&evidence), None);
    }

    #[test]
    fn the_tags_of_other_programs_are_read() {
        for tag in ["activations/fc2/nan_count", "fc2/activations/num_infs", "activations/fc2", "activation_max/fc2"] {
            let mut evidence = Evidence::new("run");
            for layer in ["fc1", "fc2", "fc3"] {
                evidence.add(&format!("grad_norm/{layer}"), [(0, 1.0)]);
                evidence.add(&format!("activations/{layer}"), [(0, 1.0)]);
            }
            evidence.add("loss", [(0, f64::NAN)]);
            evidence.add("grad_norm/fc3", [(0, f64::NAN)]);
            evidence.add(tag, [(0, f64::INFINITY)]);
            let finding = judge(&evidence).unwrap();
            assert_eq!((&finding.layers[..], finding.cause), (&["fc2".to_owned()][..], Cause::Weights), "{tag}");
        }
    }
}
