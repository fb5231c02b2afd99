//! The signal's way up: variance, mean and correlation from layer to layer.

use headwater_nn::Activation;

use super::mean_field::ln_sum;
use super::moments::Moments;
use super::network::{Input, LayerTheory, Norm, Skip};
use super::pair::Pair;

/// The signal in one layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// ln of the mean square of the layer's input.
    pub(super) ln_input_square: f64,
    /// Share of the variance of x W + b that is x W's; the rest is the biases'.
    pub(super) signal_share: f64,
    /// Mean of z.
    pub(super) mean: f64,
    /// ln of the variance of z.
    pub(super) ln_q: f64,
    /// Correlation of z between samples.
    pub(super) correlation: f64,
    /// ln of the variance that normalisation divided by; 0 without.
    pub(super) ln_norm_variance: f64,
    /// Of f(z) and f'(z).
    pub(super) moments: Moments,
    /// Of two samples' f(z) and f'(z).
    pub(super) pair: Pair,
}

/// What a layer hands to the next.
#[derive(Debug, Clone, Copy)]
struct Signal {
    /// ln of its mean square over units.
    ln_square: f64,
    /// Mean over units, over the root of the mean square.
    mean_share: f64,
    /// Mean over units of the product of two samples' values, over the mean square.
    correlation: f64,
}

/// The state of every layer, first to last. The mean of the network's input is taken for 0, which matters only if the
/// first layer has a skip connection.
pub(super) fn pass(input: Input, layers: &[LayerTheory]) -> Vec<State> {
    let mut signal = Signal { ln_square: input.mean_square.ln(), mean_share: 0.0, correlation: input.correlation };
    let mut states: Vec<State> = Vec::with_capacity(layers.len());
    let mut known: Option<Known> = None;
    for layer in layers {
        let mut state = enter(layer, signal, states.last());
        if let Some(known) = known.filter(|known| known.holds(layer, &state)) {
            // Deep networks come to rest at a fixed point, where nothing new is to be integrated.
            (state.moments, state.pair) = (known.state.moments, known.state.pair);
        } else {
            let State { mean, ln_q, correlation, .. } = state;
            state.moments = Moments::new(layer.activation, mean, ln_q);
            state.pair = Pair::new(layer.activation, mean, ln_q, correlation, &state.moments);
        }
        known = Some(Known { activation: layer.activation, state });
        states.push(state);
        signal = leave(layer, signal, &state);
    }
    states
}

/// Integrals that were taken last, and for what.
#[derive(Debug, Clone, Copy)]
struct Known {
    activation: Activation,
    state: State,
}

impl Known {
    /// Whether nothing has changed that integrals could tell.
    fn holds(&self, layer: &LayerTheory, state: &State) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        self.activation == layer.activation
            && self.state.mean == state.mean
            && near(self.state.ln_q, state.ln_q)
            && near(self.state.correlation, state.correlation)
    }
}

/// From the layer's input to z.
fn enter(layer: &LayerTheory, signal: Signal, below: Option<&State>) -> State {
    let ln_signal = layer.sigma_w2().ln() + signal.ln_square;
    let ln_h = ln_sum(ln_signal, layer.bias_variance.ln());
    let signal_share = if ln_h == f64::NEG_INFINITY { 1.0 } else { (ln_signal - ln_h).exp() };
    let correlation = 1.0 - signal_share * (1.0 - signal.correlation);
    let plain = State {
        ln_input_square: signal.ln_square,
        signal_share,
        mean: layer.bias_mean,
        ln_q: ln_h,
        correlation,
        ln_norm_variance: 0.0,
        moments: Moments::EMPTY,
        pair: Pair { values: f64::NAN, slope_squares: f64::NAN },
    };
    match (layer.norm, layer.skip, below) {
        (Some(Norm::Layer), _, _) => State { mean: 0.0, ln_q: 0.0, ln_norm_variance: ln_h, ..plain },
        // A unit's variance over the batch is what its samples do not have in common.
        (Some(Norm::Batch), _, _) => State {
            mean: 0.0,
            ln_q: 0.0,
            ln_norm_variance: ln_signal + (1.0 - signal.correlation).ln(),
            correlation: 0.0,
            ..plain
        },
        (None, Some(Skip::Preactivation { scale }), Some(below)) => {
            let ln_branch = ln_h + 2.0 * scale.abs().ln();
            let ln_q = ln_sum(below.ln_q, ln_branch);
            let share = if ln_q == f64::NEG_INFINITY { 0.0 } else { (ln_branch - ln_q).exp() };
            State {
                mean: below.mean + scale * layer.bias_mean,
                ln_q,
                correlation: share * correlation + (1.0 - share) * below.correlation,
                ..plain
            }
        }
        _ => plain,
    }
}

/// From z to the layer's output.
fn leave(layer: &LayerTheory, input: Signal, state: &State) -> Signal {
    let keep = 1.0 - layer.dropout;
    let moments = &state.moments;
    // What is kept is scaled by 1 / keep, so the mean square by 1 / keep; the masks of two samples are independent, so
    // their product stays.
    let branch = Signal {
        ln_square: moments.ln_square - keep.ln() + 2.0 * layer.output_scale().abs().ln(),
        mean_share: moments.mean_share * keep.sqrt() * layer.output_scale().signum(),
        correlation: state.pair.values * keep,
    };
    if !matches!(layer.skip, Some(Skip::Activation { .. })) {
        return branch;
    }
    // W has mean 0, so x and f(z) have in common only the product of their means.
    let ln_high = input.ln_square.max(branch.ln_square);
    let [x, f] = [input, branch].map(|part| (part.ln_square - ln_high).exp());
    let cross = 2.0 * input.mean_share * branch.mean_share * (x * f).sqrt();
    let square = x + f + cross;
    Signal {
        ln_square: ln_high + square.ln(),
        mean_share: (input.mean_share * x.sqrt() + branch.mean_share * f.sqrt()) / square.sqrt(),
        correlation: (input.correlation * x + branch.correlation * f + cross) / square,
    }
}
