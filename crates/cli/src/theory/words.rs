//! A forecast in sentences.

use headwater_lab::{Endless, Forecast, Remedy, Scenario};
use headwater_nn::{Activation, Initialiser, Place};
use headwater_probe::theory::{Concern, Critical, FixedPoint};

use super::factor::{factor, fold};
use super::sheet::has_batch_norm;

/// Standard deviation of a logarithm beyond which the first order in 1 / width says nothing of the middle of the draws.
const WIDE: f64 = 1.0;
/// ln of what is no change to speak of.
const ALIKE: f64 = 0.1;

/// What is expected, what it comes from, what would help, and what theory does not know.
pub(crate) fn sentences(scenario: &Scenario, forecast: &Forecast) -> Vec<String> {
    let mut sentences = vec![expectation(forecast)];
    sentences.extend(forecast.endless.iter().flat_map(endless));
    sentences.extend(forecast.prediction.concerns().iter().filter_map(concern));
    if !forecast.remedies.is_empty() {
        let remedies: Vec<String> = forecast.remedies.iter().map(|remedy| remedy_in_words(scenario, remedy)).collect();
        sentences.push(format!("{} would hold it.", remedies.join(", or ")));
    }
    sentences.extend(notes(forecast));
    sentences
}

/// "Expect delta to fall 1,400-fold over five layers".
fn expectation(Forecast { layers, prediction, .. }: &Forecast) -> String {
    let steps = layers.len() - 1;
    if steps == 0 {
        return "There is one layer: nothing for delta to pass.".to_owned();
    }
    let first = &prediction.layers[0];
    let over = format!("from layer{} to layer1", layers.len());
    let change = first.ln_delta_rms;
    if change == f64::NEG_INFINITY {
        return format!("Expect no delta in layer1 before the first step, and {}.", arrives(first.ln_output_gradient));
    }
    let mut sentence = if change.abs() < ALIKE {
        format!("Expect delta to stay what it is {over}: {} of the last layer's.", factor(change))
    } else {
        let verb = if change < 0.0 { "fall" } else { "grow" };
        let layers = if steps == 1 { "one layer".to_owned() } else { format!("{steps} layers") };
        format!("Expect delta to {verb} {} over {layers}, {over}.", fold(change))
    };
    if (first.ln_delta - change).abs() > ALIKE {
        let (units, last) = (layers[0].fan_out, layers[steps].fan_out);
        let whole = match first.ln_delta {
            ln if ln.abs() < ALIKE => "stays what it is".to_owned(),
            ln => format!("{} {}", if ln < 0.0 { "falls" } else { "grows" }, fold(ln)),
        };
        sentence.push_str(&format!(
            " (Of one unit: layer1 has {units} units, the last layer {last}; |delta| of the whole layer {whole}.)"
        ));
    }
    if let Some(deviation) = first.ln_delta_deviation.filter(|deviation| *deviation > 0.0 && *deviation < WIDE) {
        let (low, high) = (-change - deviation, -change + deviation);
        let typical = |ln: f64| if ln >= 0.0 { format!("falls {}", fold(ln)) } else { format!("grows {}", fold(ln)) };
        let spread = deviation * deviation;
        sentence.push_str(&format!(
            " That is the root mean square over draws of the weights; in two draws of three it {} to {}.",
            typical(low + spread),
            if (low + spread > 0.0) == (high + spread > 0.0) { fold(high + spread) } else { typical(high + spread) }
        ));
    }
    sentence
}

fn arrives(ln: f64) -> String {
    format!("{} of the last layer's at what layer1 gives", factor(ln))
}

/// Where layers like these would go.
fn endless(Endless { map, fixed_point, chi_1, scales, critical }: &Endless) -> Vec<String> {
    let place = match fixed_point {
        FixedPoint::Zero => "q dies out".to_owned(),
        FixedPoint::At(q) => format!("q comes to {}", factor(q.ln())),
        FixedPoint::Anywhere => "q stays what it is".to_owned(),
        FixedPoint::Infinity => "q grows without end".to_owned(),
    };
    let mut first =
        format!("In endless layers like these {place}, and {}'s chi_1 is {}", map.activation, factor(chi_1.ln()));
    if let Some(scales) = scales {
        first.push_str(&format!("; xi_q {}, xi_c {}", depth(scales.xi_q), depth(scales.xi_c)));
        if (0.0..1e6).contains(&scales.xi_c) {
            first.push_str(&format!(": trainable down to about {:.0} layers (6 xi_c)", (6.0 * scales.xi_c).max(1.0)));
        }
    }
    let mut sentences = vec![first + "."];
    let sigma_w2 = factor(map.sigma_w2.ln());
    sentences.push(match critical {
        Some(Critical { sigma_w2: edge, .. }) if (edge / map.sigma_w2 - 1.0).abs() < 1e-6 => {
            format!("sigma_w^2 is {sigma_w2}, which is critical.")
        }
        Some(Critical { sigma_w2: edge, .. }) => {
            format!("sigma_w^2 is {sigma_w2}; critical would be {}.", factor(edge.ln()))
        }
        None => format!("sigma_w^2 is {sigma_w2}; no sigma_w^2 is critical for {} with these biases.", map.activation),
    });
    sentences
}

fn depth(xi: f64) -> String {
    if xi.abs() < 1e6 { format!("{xi:.1}") } else { "endless".to_owned() }
}

/// What the first sentence does not say yet.
fn concern(concern: &Concern) -> Option<String> {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    Some(match *concern {
        // Said by the first sentence, or seen in the profile.
        Concern::Vanishes { .. } | Concern::Explodes { .. } => return None,
        Concern::DeltaOutOfRange { number } => {
            format!("From layer{number} down delta is beyond single precision: it will be recorded as 0 or infinite.")
        }
        Concern::SignalOutOfRange { number } => format!("From layer{number} up z is beyond single precision."),
        Concern::SamplesAlike { number, .. } => {
            format!("From layer{number} up all samples look the same: the last layer is told little of its input.")
        }
        Concern::BornDead { probability } => format!(
            "A sample is silenced on its way, so that it gives no gradient, with probability {}.",
            percent(probability)
        ),
        Concern::DeadUnits { number, share } => {
            format!("{} of the units of layer{number} are dead for a whole batch.", percent(share))
        }
        Concern::Spread { deviation } => format!(
            "So deep for its width, draws of the weights differ {} from one another: the seed matters more than the rule.",
            fold(deviation)
        ),
    })
}

/// "`ReLU` with `he_normal`".
fn remedy_in_words(scenario: &Scenario, Remedy { activation, init, .. }: &Remedy) -> String {
    let init = match init {
        Initialiser::Scaled { sigma_w2, sigma_b2: 0.0 } => format!("normal(sigma_w2 = {})", factor(sigma_w2.ln())),
        Initialiser::Scaled { sigma_w2, sigma_b2 } => {
            format!("normal(sigma_w2 = {}, sigma_b2 = {sigma_b2})", factor(sigma_w2.ln()))
        }
        other => other.to_string(),
    };
    if *activation == scenario.config.network.activation { init } else { format!("{} with {init}", name(*activation)) }
}

fn name(activation: Activation) -> String {
    if activation == Activation::Relu { "ReLU".to_owned() } else { activation.to_string() }
}

/// What theory does not know of this network.
fn notes(forecast: &Forecast) -> Vec<String> {
    let mut notes = Vec::new();
    if forecast.layers.iter().any(|layer| layer.skip.is_some_and(|skip| skip.place == Place::PostActivation)) {
        notes
            .push("Note: sums on activations are taken for normal, which they are not; a layer may be off by a tenth.");
    }
    if has_batch_norm(forecast) {
        notes.push("Note: theory assumes large batches for batch normalisation.");
    }
    if forecast.layers.len() > 1 && forecast.prediction.layers[0].ln_delta_deviation.is_none() {
        notes.push("Note: how far a draw of the weights strays is not known with these layers.");
    }
    if forecast.prediction.layers.iter().any(|layer| layer.dead_units.is_none()) {
        notes.push("Note: the share of dead units is not known for this activation.");
    }
    notes.into_iter().map(str::to_owned).collect()
}
