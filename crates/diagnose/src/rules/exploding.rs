//! The gradient grows on its way to the first layers, or from one step to the next.
//!
//! ## What it sees
//! delta of the first layer is more than a hundred times the last layer's (a thousand times for weight gradients). Or
//! the gradient of a layer jumps to a thousand times its median, to ten times what it was at first, and above every
//! layer's median.
//!
//! ## Why it is bad
//! A step size that suits the last layers throws the first ones far off. Where the gradient overflows, the loss is NaN.
//!
//! ## What to do
//! Use weights of Glorot's or He's variance or a smaller learning rate. Against spikes, clip the gradient's norm.
//!
//! ## Source and threshold
//! Pascanu, Mikolov and Bengio, 2013; Yang et al., 2019, for batch normalisation, whose deltas grow by a factor of
//! about 1.2 per layer at the start and do no harm: a network that learns gets a note. The thresholds are choices that
//! were not fitted to data.

use headwater_probe::tags::Quantity;

use crate::attenuation::Attenuation;
use crate::finding::{confidence, figure};
use crate::remedies::Remedies;
use crate::{Cause, Evidence, Fact, Finding, Rule, Series, Severity};

pub(super) const RULE: Rule = Rule {
    explains: &["gradient_noise", "not_finite"],
    at_birth: true,
    also_called: &["explodinggradient", "explodinggradients", "explosion"],
    ..Rule::of(judge)
};

/// ln of how much larger delta may be.
const DELTA: f64 = 4.6;
/// The same of the weight gradient.
const GRADIENT: f64 = 6.9;
/// Layers with more than ten times the last one's delta are named.
const NAMED: f64 = 2.3;
/// A spike is this many times the median.
const SPIKE: f64 = 1e3;
/// And this many times what it was at first.
const ABOVE_FIRST: f64 = 10.0;

fn judge(evidence: &Evidence) -> Option<Finding> {
    in_depth(evidence).or_else(|| in_time(evidence))
}

fn severity(evidence: &Evidence) -> Severity {
    match evidence.learned() {
        Some(true) => Severity::Note,
        // A run that has hardly begun, or whose loss still falls, is not broken.
        Some(false) if !evidence.is_early() && evidence.progress() < Some(0.05) && !evidence.still_falls() => {
            Severity::Error
        }
        _ => Severity::Warning,
    }
}

fn in_depth(evidence: &Evidence) -> Option<Finding> {
    let attenuation = Attenuation::of(evidence)?;
    let threshold = if attenuation.quantity == Quantity::Delta { DELTA } else { GRADIENT };
    let grown: Vec<(i64, f64)> = attenuation.whole.iter().copied().filter(|(_, ln)| *ln > threshold).collect();
    let (worst, most) = grown.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if grown.len() * 5 < attenuation.whole.len() {
        return None;
    }
    let cause = attenuation.cause(worst, false);
    let mut finding = Finding::new(evidence, severity(evidence), cause);
    (finding.first_step, finding.last_step) = (grown[0].0, grown[grown.len() - 1].0);
    finding.layers = attenuation.layers_beyond(NAMED, worst);
    finding.confidence = confidence(grown.len(), (most - threshold).exp());
    let (low, high) = attenuation.ends();
    let (name, low, high) = (attenuation.name(), evidence.name(low), evidence.name(high));
    finding.summary =
        format!("at step {worst} {name} grows {}-fold on its way from {high} to {low}", figure(most.exp()));
    finding
        .evidence
        .push(Fact::new(&format!("{name} over {high}'s"), most.exp()).of(low).at(worst).beyond(threshold.exp()));
    for (stage, sum) in attenuation.gains(worst) {
        finding
            .evidence
            .push(Fact::new(&format!("ln of the factor that is due to {stage}, all layers"), sum).at(worst));
    }
    let remedies = Remedies::of(evidence);
    finding.remedies = if cause == Cause::Normalisation {
        remedies.residual().say("fewer layers").clip().list()
    } else {
        remedies.init().clip().residual().learning_rate(0.1).list()
    };
    Some(finding)
}

fn in_time(evidence: &Evidence) -> Option<Finding> {
    let sizes = evidence.sizes(Quantity::Gradient);
    // Where next to nothing arrives, a thousand times that is next to nothing too.
    let usual = sizes.iter().filter_map(|(_, series)| series.median()).max_by(f64::total_cmp)?;
    let spike = |(layer, series): &(usize, &Series)| {
        let median = series.median().filter(|median| *median > 0.0)?;
        // The first step is often the steepest.
        let (step, most) = series.finite().into_iter().skip(1).max_by(|a, b| a.1.total_cmp(&b.1))?;
        // Of a network that has converged, or batches of one sample, most gradients are next to nothing.
        let (_, first) = series.first()?;
        (most > SPIKE * median && most > ABOVE_FIRST * first && most > usual).then_some((*layer, step, most / median))
    };
    let (layer, step, factor) = sizes.iter().filter_map(spike).max_by(|a, b| a.2.total_cmp(&b.2))?;
    let mut finding = Finding::new(evidence, severity(evidence), Cause::LearningRate);
    finding.first_step = step;
    finding.layers = vec![evidence.name(layer).to_owned()];
    finding.confidence = confidence(sizes.len(), factor / SPIKE);
    finding.summary = format!("at step {step} the gradient is {} times its median", figure(factor));
    finding.evidence =
        vec![Fact::new("gradient over its median", factor).of(evidence.name(layer)).at(step).beyond(SPIKE)];
    finding.remedies = Remedies::of(evidence).clip().learning_rate(0.1).list();
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(factor: f64, last_loss: f64) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.add("loss", (0..20).map(|step| (step, if step < 10 { 2.3 } else { last_loss })));
        for layer in 0..6 {
            let delta = 0.01 * f64::powi(factor, 5 - layer);
            evidence.add(&format!("delta/rms/layer{}", layer + 1), (0..20).map(|step| (step, delta)));
        }
        evidence
    }

    #[test]
    fn a_gradient_that_grows_fourfold_in_each_layer_explodes_unless_the_network_learns() {
        assert_eq!(judge(&run(4.0, 2.3)).unwrap().severity, Severity::Error);
        assert_eq!(judge(&run(4.0, 0.2)).unwrap().severity, Severity::Note);
        assert_eq!(judge(&run(1.2, 2.3)), None);
    }

    #[test]
    fn a_spike_is_found_and_a_steep_start_is_none() {
        let spiked = |at: i64| {
            let mut evidence = Evidence::new("run");
            evidence.add("fc.weight.grad_norm", (0..20).map(|step| (step, if step == at { 1e5 } else { 1.0 })));
            judge(&evidence)
        };
        assert_eq!(spiked(7).unwrap().first_step, 7);
        assert_eq!(spiked(0), None);
    }

    #[test]
    fn a_jump_from_next_to_nothing_to_next_to_nothing_is_no_spike() {
        let mut evidence = Evidence::new("run");
        for (layer, size, jump) in [("fc1", 1e-30, 1e-20), ("fc2", 1.0, 1.0)] {
            let tag = format!("{layer}.weight.grad_norm");
            evidence.add(&tag, (0..20).map(|step| (step, if step == 7 { jump } else { size })));
        }
        assert_eq!(in_time(&evidence), None);
    }
}
