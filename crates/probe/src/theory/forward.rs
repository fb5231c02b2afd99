//! The signal's way up: variance, mean and correlation from layer to layer.

use std::sync::atomic::{AtomicBool, Ordering};

use headwater_nn::{Activation, Norm, Place};

use super::mean_field::ln_sum;
use super::moments::Moments;
use super::network::{Input, LayerTheory, TheoryError};
use super::pair::Pair;

/// A normal variable of each unit, for each sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its mean over units, in standard deviations.
    pub(super) shift: f64,
    /// ln of its variance.
    pub(super) ln_variance: f64,
    /// Correlation, around the mean, between samples.
    pub(super) correlation: f64,
}

impl Field {
    /// The sum of this and another, independent one.
    fn plus(self, other: Self) -> Self {
        let ln_variance = ln_sum(self.ln_variance, other.ln_variance);
        if ln_variance == f64::NEG_INFINITY {
            return self;
        }
        let [here, there] = [self, other].map(|field| (field.ln_variance - ln_variance).exp());
        Self {
            shift: self.shift * here.sqrt() + other.shift * there.sqrt(),
            ln_variance,
            correlation: self.correlation * here + other.correlation * there,
        }
    }

    fn times(self, scale: f64) -> Self {
        if scale == 0.0 {
            return Self { shift: 0.0, ln_variance: f64::NEG_INFINITY, correlation: 1.0 };
        }
        Self { shift: self.shift * scale.signum(), ln_variance: self.ln_variance + 2.0 * scale.abs().ln(), ..self }
    }
}

/// The signal in one layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// ln of the mean square of the layer's input.
    pub(super) ln_input_square: f64,
    /// Share of the variance of y = x W + b that is x W's; the rest is the biases'.
    pub(super) signal_share: f64,
    /// y, or the sum of a pre-activation skip connection.
    stream: Field,
    /// What f is applied to.
    pub(super) z: Field,
    /// ln of the variance that normalisation divided by; 0 without.
    pub(super) ln_norm_variance: f64,
    /// Of f(z) and f'(z).
    pub(super) moments: Moments,
    /// Of two samples' f(z) and f'(z).
    pub(super) pair: Pair,
    output: Signal,
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

impl Signal {
    /// The normal variable of the same mean, variance and correlation.
    fn as_field(self) -> Field {
        let mean_square = self.mean_share * self.mean_share;
        let variance = 1.0 - mean_square;
        if variance <= 0.0 {
            return Field { shift: 0.0, ln_variance: f64::NEG_INFINITY, correlation: 1.0 };
        }
        Field {
            shift: self.mean_share / variance.sqrt(),
            ln_variance: self.ln_square + variance.ln(),
            correlation: ((self.correlation - mean_square) / variance).clamp(-1.0, 1.0),
        }
    }
}

/// The state of every layer, first to last.
pub(super) fn pass(input: Input, layers: &[LayerTheory], interrupt: &AtomicBool) -> Result<Vec<State>, TheoryError> {
    let mut signal = Signal { ln_square: input.mean_square.ln(), mean_share: 0.0, correlation: input.correlation };
    let mut states: Vec<State> = Vec::with_capacity(layers.len());
    let mut known = Known::default();
    for layer in layers {
        if interrupt.load(Ordering::Relaxed) {
            return Err(TheoryError::Interrupted);
        }
        let mut state = enter(layer, signal, &states);
        state.moments = known.moments(layer.activation, &state.z);
        state.pair = known.pair(layer.activation, &state.z, &state.moments);
        signal = leave(layer, &state);
        states.push(State { output: signal, ..state });
    }
    Ok(states)
}

/// The last integrals, with their arguments. In deep networks these converge to a fixed point, and then no integral
/// need be computed again.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    moments: Option<(Activation, Field, Moments)>,
    pair: Option<(Activation, Field, Pair)>,
}

impl Known {
    /// Reuses the last integral if its arguments differ by less than 1e-12.
    fn moments(&mut self, activation: Activation, z: &Field) -> Moments {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        let same = |of: &Activation, at: &Field| {
            *of == activation && near(at.shift, z.shift) && near(at.ln_variance, z.ln_variance)
        };
        if let Some((.., moments)) = self.moments.filter(|(of, at, _)| same(of, at)) {
            return moments;
        }
        let moments = Moments::shifted(activation, z.shift, z.ln_variance);
        self.moments = Some((activation, *z, moments));
        moments
    }

    /// Reuses the last integral if its arguments differ by less than 1e-8: the double integrals have seven digits, and
    /// an error in the last digit keeps the correlation moving.
    fn pair(&mut self, activation: Activation, z: &Field, moments: &Moments) -> Pair {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-8;
        let same = |of: &Activation, at: &Field| {
            *of == activation
                && near(at.shift, z.shift)
                && near(at.ln_variance, z.ln_variance)
                && near(at.correlation, z.correlation)
        };
        if let Some((.., pair)) = self.pair.filter(|(of, at, _)| same(of, at)) {
            return pair;
        }
        let pair = Pair::new(activation, z.shift, z.ln_variance, z.correlation, moments);
        self.pair = Some((activation, *z, pair));
        pair
    }
}

/// From the layer's input to z.
fn enter(layer: &LayerTheory, signal: Signal, below: &[State]) -> State {
    let ln_signal = layer.sigma_w2().ln() + signal.ln_square;
    let ln_variance = ln_sum(ln_signal, layer.bias_variance.ln());
    let signal_share = if ln_variance == f64::NEG_INFINITY { 1.0 } else { (ln_signal - ln_variance).exp() };
    let shift = if layer.bias_mean == 0.0 { 0.0 } else { layer.bias_mean * (-0.5 * ln_variance).exp() };
    let product = Field { shift, ln_variance, correlation: 1.0 - signal_share * (1.0 - signal.correlation) };
    let skip = |place| layer.skip.filter(|skip| skip.place == place).map(|skip| (&below[skip.source], skip.scale));
    let stream = match skip(Place::PreActivation) {
        Some((source, scale)) => source.stream.plus(product.times(scale)),
        None => product,
    };
    let (normalised, ln_norm_variance) = match layer.norm {
        None => (stream, 0.0),
        Some(Norm::Layer) => (Field { shift: 0.0, ln_variance: 0.0, ..stream }, stream.ln_variance),
        // A unit's variance over the batch is what its samples do not have in common.
        Some(Norm::Batch) => (
            Field { shift: 0.0, ln_variance: 0.0, correlation: 0.0 },
            stream.ln_variance + (1.0 - stream.correlation).ln(),
        ),
    };
    let z = match skip(Place::PostActivation) {
        Some((source, scale)) => source.output.as_field().plus(normalised.times(scale)),
        None => normalised,
    };
    State {
        ln_input_square: signal.ln_square,
        signal_share,
        stream,
        z,
        ln_norm_variance,
        moments: Moments::EMPTY,
        pair: Pair { values: f64::NAN, slope_squares: f64::NAN },
        output: signal,
    }
}

/// From z to the layer's output.
fn leave(layer: &LayerTheory, state: &State) -> Signal {
    let keep = 1.0 - layer.dropout;
    // What is kept is scaled by 1 / keep, so the mean square by 1 / keep; the masks of two samples are independent, so
    // their product stays.
    Signal {
        ln_square: state.moments.ln_square - keep.ln(),
        mean_share: state.moments.mean_share * keep.sqrt(),
        correlation: state.pair.values * keep,
    }
}
