//! A network as theory sees it, and what theory expects of it.

use std::sync::atomic::{AtomicBool, Ordering};

use headwater_nn::{Activation, BranchScale, Initialiser, LayerShape, Norm, Place, Stage};
use thiserror::Error;

use super::draw::{bias_moments, weight_variance};
use super::{backward, born_dead, forward, spread};

/// What is fed to a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input {
    /// Mean of x^2 over inputs and samples.
    pub mean_square: f64,
    /// Mean over pairs of different samples of their scalar product, over the mean of |x|^2: 0 for unrelated samples,
    /// 1 for samples that are all the same. Not centred: what is common to all samples counts.
    pub correlation: f64,
    /// Samples in a batch.
    pub samples: usize,
    /// Directions among the deltas of the last layer over a batch: 1 for one sample; under softmax about the number of
    /// classes less one, and at most the number of samples. The more there are, the less one draw of the weights strays.
    pub directions: usize,
}

/// One layer: a product y = x W + b, and what stands around it as in [`headwater_nn::Layer`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerTheory {
    /// Inputs.
    pub fan_in: usize,
    /// Units.
    pub fan_out: usize,
    /// The layer's f.
    pub activation: Activation,
    /// Variance of a weight; its mean is 0.
    pub weight_variance: f64,
    /// Whether the weights are an orthogonal matrix, not independent: the same means, less spread.
    pub orthogonal: bool,
    /// Mean of the biases.
    pub bias_mean: f64,
    /// Variance of the biases.
    pub bias_variance: f64,
    /// Normalisation, with gain 1 and shift 0.
    pub norm: Option<Norm>,
    /// Share of the activations that is set to 0, in [0, 1); the others are scaled up to keep the mean.
    pub dropout: f64,
    /// The skip connection that ends here.
    pub skip: Option<Skip>,
}

/// A skip connection that ends at the layer that has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skip {
    /// Index of the layer after which it begins; it has as many units.
    pub source: usize,
    /// Where the sum stands: `z = a_source + scale norm(y)`, or `z = norm(s_source + scale y)`.
    pub place: Place,
    /// Weight of the branch: 1, 1 / sqrt(blocks), or the 0 of `ReZero` (Bachlechner et al., 2020) before its first
    /// step.
    pub scale: f64,
}

/// Why theory has no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TheoryError {
    /// Nothing to speak of.
    #[error("theory needs at least one layer, each of at least one input and one unit")]
    Empty,
    /// Two layers do not fit.
    #[error("layer{number} has fan-in {fan_in}, but the layer below has {below} units")]
    Fans {
        /// Number of the layer, from 1.
        number: usize,
        /// Its inputs.
        fan_in: usize,
        /// The units below.
        below: usize,
    },
    /// Numbers without meaning.
    #[error(
        "layer{number}: variances must be finite and not negative, the mean of the biases finite, dropout in [0, 1)"
    )]
    Numbers {
        /// Number of the layer, from 1.
        number: usize,
    },
    /// The input has no size.
    #[error(
        "the mean square of the input must be finite and more than 0, its correlation in [-1, 1], samples and directions at least 1"
    )]
    Input,
    /// A skip connection where there can be none.
    #[error(
        "layer{number} has a skip connection that does not begin below it at a layer of as many units, or whose weight is not finite"
    )]
    Skip {
        /// Number of the layer, from 1.
        number: usize,
    },
    /// The interrupt flag was raised.
    #[error("interrupted")]
    Interrupted,
    /// All units are the same unit, or weights are scaled by the data.
    #[error(
        "weights drawn by {initialiser} are not independent of the data, or all the same: theory speaks of random weights of mean 0"
    )]
    NotRandom {
        /// What draws the weights.
        initialiser: Initialiser,
    },
}

impl LayerTheory {
    /// A dense layer whose parameters are drawn by these rules; normalisation, dropout and a skip connection are set
    /// afterwards.
    ///
    /// # Errors
    /// [`TheoryError::NotRandom`] for constant weights other than 0.
    pub fn dense(
        fan_in: usize,
        fan_out: usize,
        activation: Activation,
        weights: Initialiser,
        bias: Initialiser,
    ) -> Result<Self, TheoryError> {
        let not_random = TheoryError::NotRandom { initialiser: weights };
        let (bias_mean, bias_variance) = bias_moments(bias, fan_out);
        Ok(Self {
            fan_in,
            fan_out,
            activation,
            weight_variance: weight_variance(weights, fan_in, fan_out).ok_or(not_random)?,
            orthogonal: matches!(weights, Initialiser::Orthogonal { .. }),
            bias_mean,
            bias_variance,
            norm: None,
            dropout: 0.0,
            skip: None,
        })
    }

    /// The layers of a network of these shapes, drawn by these rules; `bias` is not asked where the rule for the weights
    /// brings one.
    ///
    /// # Errors
    /// [`TheoryError::NotRandom`] as [`Self::dense`].
    pub fn network(
        inputs: usize,
        shapes: &[LayerShape],
        weights: Initialiser,
        bias: Initialiser,
    ) -> Result<Vec<Self>, TheoryError> {
        let blocks = shapes.iter().filter(|shape| shape.skip.is_some()).count() as f64;
        let mut fan_in = inputs;
        let layer = |shape: &LayerShape| {
            let bias = weights.own_bias().unwrap_or(bias);
            let dense = Self::dense(fan_in, shape.outputs, shape.activation, weights, bias)?;
            fan_in = shape.outputs;
            let skip = shape.skip.map(|skip| Skip {
                source: skip.source,
                place: skip.place,
                scale: match skip.scale {
                    BranchScale::One => 1.0,
                    BranchScale::InverseSqrtDepth => blocks.sqrt().recip(),
                    BranchScale::ReZero => 0.0,
                },
            });
            Ok(Self { norm: shape.norm, dropout: shape.dropout, skip, ..dense })
        };
        shapes.iter().map(layer).collect()
    }

    /// `sigma_w^2`: fan-in times the variance of a weight.
    pub fn sigma_w2(&self) -> f64 {
        self.fan_in as f64 * self.weight_variance
    }

    fn check(&self, index: usize, layers: &[Self]) -> Result<(), TheoryError> {
        let (number, below) = (index + 1, index.checked_sub(1).map(|below| &layers[below]));
        if self.fan_in == 0 || self.fan_out == 0 {
            return Err(TheoryError::Empty);
        }
        if let Some(below) = below.filter(|below| below.fan_out != self.fan_in) {
            return Err(TheoryError::Fans { number, fan_in: self.fan_in, below: below.fan_out });
        }
        let variance = |v: f64| v.is_finite() && v >= 0.0;
        let drawn = variance(self.weight_variance) && variance(self.bias_variance) && self.bias_mean.is_finite();
        if !drawn || !(0.0..1.0).contains(&self.dropout) {
            return Err(TheoryError::Numbers { number });
        }
        let possible = self.skip.is_none_or(|skip| {
            skip.source < index && layers[skip.source].fan_out == self.fan_out && skip.scale.is_finite()
        });
        if possible { Ok(()) } else { Err(TheoryError::Skip { number }) }
    }
}

/// What theory expects of a network before its first step.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// First to last.
    pub layers: Vec<LayerPrediction>,
    /// Probability that a single input is silenced somewhere on its way, so that no gradient comes through for it: Lu
    /// et al., 2019. 0 where a skip connection or layer normalisation lets something through.
    pub born_dead: f64,
}

/// What theory expects of one layer. Logarithms are natural.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerPrediction {
    /// ln of the variance of the activation's argument z over units, around its mean.
    pub ln_q: f64,
    /// Correlation between the z of different samples.
    pub correlation: f64,
    /// ln E[f(z)^2].
    pub ln_activation_square: f64,
    /// ln E[f'(z)^2].
    pub ln_slope_square: f64,
    /// ln of the growth of delta's mean square from a layer like this to the one below, `chi_1`: normalisation
    /// included, skip connection not.
    pub ln_chi_1: f64,
    /// ln |delta| of this layer over |delta| of the layer above, delta = dC/dy, in norms of whole layers, term by term;
    /// none for the last layer.
    pub gains: Option<Gains>,
    /// ln of |delta| over the last layer's, norms of whole layers: root mean square over draws of the weights.
    pub ln_delta: f64,
    /// The same for root mean squares over units, which differ where widths differ.
    pub ln_delta_rms: f64,
    /// ln of the gradient of the layer's output over |delta| of the last layer: what arrives at the layer, also where a
    /// branch of weight 0 lets nothing into y.
    pub ln_output_gradient: f64,
    /// ln of the root mean square of dC/dW over the last layer's, for one sample at a time. In a batch the samples'
    /// gradients cancel, more or less alike in all layers.
    pub ln_gradient_rms: f64,
    /// Standard deviation, over draws of the weights, of ln |delta| over the last layer's: Hanin, 2018. An upper bound
    /// where samples are little alike. Not known with normalisation, dropout or skip connections.
    pub ln_delta_deviation: Option<f64>,
    /// Expected share of units whose slope is 0 for every sample of a batch; not known for hard tanh.
    pub dead_units: Option<f64>,
}

impl LayerPrediction {
    /// The median over draws of ln |delta| over the last layer's: below [`Self::ln_delta`], because a product of random
    /// factors is log-normal, so its mean square is made by few large draws (Hanin and Nica, 2019).
    pub fn ln_delta_typical(&self) -> Option<f64> {
        // The square is log-normal with logarithmic variance (2 deviation)^2, half of which lies between ln mean and
        // mean ln; half of that for the norm.
        self.ln_delta_deviation.map(|deviation| self.ln_delta - deviation * deviation)
    }
}

/// The factors between the delta of the layer above and this layer's, as natural logarithms of ratios of norms of whole
/// layers: the stages of [`Stage`]. Where the branch above has weight 0, `skip` is infinite and the sum has no meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gains {
    /// The weights of the layer above.
    pub weight: f64,
    /// What comes around blocks that begin here, and this layer's own share as the end of a branch.
    pub skip: f64,
    /// This layer's dropout.
    pub dropout: f64,
    /// This layer's f'.
    pub activation: f64,
    /// This layer's normalisation.
    pub norm: f64,
}

impl Gains {
    /// The one of a stage, as [`crate::Gains::of`] gives the measured one.
    pub fn of(&self, stage: Stage) -> f64 {
        match stage {
            Stage::Weights => self.weight,
            Stage::Skip => self.skip,
            Stage::Dropout => self.dropout,
            Stage::Activation => self.activation,
            Stage::Norm => self.norm,
        }
    }

    /// ln (|delta| of this layer / |delta| of the layer above).
    pub fn total(&self) -> f64 {
        self.norm + self.weight + self.skip + self.dropout + self.activation
    }
}

/// What theory expects of `layers`, first to last, fed with `input`.
///
/// Mean field: Poole et al., 2016; Schoenholz et al., 2017. With batch normalisation: Yang et al., 2019, for large
/// batches of unrelated samples. With skip connections: Yang and Schoenholz, 2017; where the sum stands on activations,
/// z is taken for normal, though one of its two parts is not, and a layer's gains may be off by a tenth.
///
/// # Errors
/// [`TheoryError`] when the numbers make no network.
pub fn predict(input: Input, layers: &[LayerTheory]) -> Result<Prediction, TheoryError> {
    predict_interruptible(input, layers, &AtomicBool::new(false))
}

/// Like [`predict`], but stops soon after `interrupt` is raised.
///
/// # Errors
/// [`TheoryError`] as in [`predict`], and [`TheoryError::Interrupted`] if `interrupt` was raised.
pub fn predict_interruptible(
    input: Input,
    layers: &[LayerTheory],
    interrupt: &AtomicBool,
) -> Result<Prediction, TheoryError> {
    if layers.is_empty() {
        return Err(TheoryError::Empty);
    }
    let Input { mean_square, correlation, samples, directions } = input;
    let sized = mean_square.is_finite() && mean_square > 0.0 && (-1.0..=1.0).contains(&correlation);
    if !sized || samples == 0 || directions == 0 {
        return Err(TheoryError::Input);
    }
    for (index, layer) in layers.iter().enumerate() {
        layer.check(index, layers)?;
    }
    let states = forward::pass(input, layers, interrupt)?;
    let deltas = backward::pass(layers, &states);
    let deviations = spread::deviations(layers, &states, directions);
    let last = states.len() - 1;
    let ln_gradient = |index: usize| 0.5 * states[index].ln_input_square + deltas[index].ln_rms(&layers[index]);
    let mut predictions = Vec::with_capacity(layers.len());
    let mut last_share = born_dead::LastShare::default();
    for (index, ((state, delta), layer)) in states.iter().zip(&deltas).zip(layers).enumerate() {
        if interrupt.load(Ordering::Relaxed) {
            return Err(TheoryError::Interrupted);
        }
        predictions.push(LayerPrediction {
            ln_q: state.z.ln_variance,
            correlation: state.z.correlation,
            ln_activation_square: state.moments.ln_square,
            ln_slope_square: state.moments.ln_slope_square,
            ln_chi_1: layer.sigma_w2().ln() + state.moments.ln_slope_square - state.ln_norm_variance,
            gains: delta.gains,
            ln_delta: delta.ln_norm - deltas[last].ln_norm,
            ln_delta_rms: delta.ln_rms(layer) - deltas[last].ln_rms(&layers[last]),
            ln_output_gradient: delta.ln_output - deltas[last].ln_norm,
            ln_gradient_rms: ln_gradient(index) - ln_gradient(last),
            ln_delta_deviation: deviations.as_ref().map(|deviations| deviations[index]),
            dead_units: born_dead::dead_units(layer, state, samples, &mut last_share),
        });
    }
    Ok(Prediction { layers: predictions, born_dead: born_dead::dead_network(layers, &states) })
}
