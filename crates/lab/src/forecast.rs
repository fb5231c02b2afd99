//! Forecasts: what theory expects of a configuration before its first step.

use std::sync::atomic::AtomicBool;

use headwater_data::{Dataset, Samples};
use headwater_nn::{Activation, Initialiser, Loss};
use headwater_probe::theory::{
    Critical, FixedPoint, Input, LayerPrediction, LayerTheory, Prediction, TheoryError, VarianceMap, critical,
    predict_interruptible,
};

use crate::datasets::load;
use crate::{Config, Experiment, RunError};

/// Training samples that are looked at for the size of the input: the error of its mean square is below 1 % for MNIST.
const SAMPLES: usize = 4096;

/// What theory expects of one configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// What is fed to the network.
    pub input: Input,
    /// The network, first layer to last.
    pub layers: Vec<LayerTheory>,
    /// What is expected of each layer.
    pub prediction: Prediction,
    /// What would become of layers like the hidden ones, if there were no end of them. Only if they are alike and plain:
    /// without normalisation, skip connections, dropout and biases of a mean other than 0.
    pub endless: Option<Endless>,
    /// Smaller changes first, those that would hold delta where this configuration does not.
    pub remedies: Vec<Remedy>,
}

/// An endless network of layers that are all alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Endless {
    /// The layers.
    pub map: VarianceMap,
    /// Where q goes from where it is in the second layer.
    pub fixed_point: FixedPoint,
    /// `chi_1` there.
    pub chi_1: f64,
    /// Depth scales, if q comes to a fixed point other than 0.
    pub scales: Option<Scales>,
    /// The edge of chaos for these biases, if the activation has one.
    pub critical: Option<Critical>,
}

/// Depths, in layers, over which something shrinks by e (Schoenholz et al., 2017).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    /// The distance of q from its fixed point.
    pub xi_q: f64,
    /// What tells two inputs apart, and in the ordered phase the gradient's square. Networks can be trained to a depth of
    /// about six times this. Infinite at the edge of chaos.
    pub xi_c: f64,
}

/// Another choice under which |delta| stays within a factor of 2 from the last layer to the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remedy {
    /// The activation.
    pub activation: Activation,
    /// The initialiser.
    pub init: Initialiser,
    /// ln of |delta| of the first layer over the last one's, norms of whole layers, which do not change with widths alone.
    pub ln_delta: f64,
}

/// The forecast for each scenario of an experiment, in its order.
///
/// # Errors
/// [`RunError::Data`] when a dataset cannot be loaded. What theory cannot say of a scenario is an error of that one.
pub fn forecasts(experiment: &Experiment) -> Result<Vec<Result<Forecast, TheoryError>>, RunError> {
    let configs = || experiment.scenarios.iter().map(|scenario| &scenario.config);
    let datasets = load(configs().map(|config| &config.data))?;
    Ok(configs().zip(&datasets).map(|(config, dataset)| Forecast::new(config, dataset)).collect())
}

impl Forecast {
    /// What theory predicts for each layer. Empty if theory has no answer or `interrupt` is raised.
    pub(crate) fn layers(config: &Config, dataset: &Dataset, interrupt: &AtomicBool) -> Vec<LayerPrediction> {
        let input = input(config, dataset);
        answer(config, dataset, input, interrupt).map_or_else(|_| Vec::new(), |(_, prediction)| prediction.layers)
    }

    /// What theory expects of this configuration on this dataset.
    ///
    /// # Errors
    /// [`TheoryError`] where theory has no answer: constant weights, weights that are scaled by the data, no input.
    pub fn new(config: &Config, dataset: &Dataset) -> Result<Self, TheoryError> {
        let input = input(config, dataset);
        let interrupt = &AtomicBool::new(false);
        let (layers, prediction) = answer(config, dataset, input, interrupt)?;
        let endless = endless(&layers, &prediction);
        let held = |prediction: &Prediction| prediction.layers[0].ln_delta.abs() <= 2.0_f64.ln();
        let mut remedies = Vec::new();
        if !held(&prediction) {
            let (activation, bias_variance) = (config.network.activation, layers[0].bias_variance);
            let scaled = |edge: Critical| Initialiser::Scaled { sigma_w2: edge.sigma_w2, sigma_b2: bias_variance };
            let own = critical(activation, bias_variance).map(|edge| (activation, scaled(edge)));
            let others = [(activation, Initialiser::HeNormal), (Activation::Relu, Initialiser::HeNormal)];
            for (activation, init) in others.into_iter().chain(own) {
                let mut other = config.clone();
                (other.network.activation, other.network.init) = (activation, init);
                if init.own_bias().is_some() {
                    other.network.bias_init = Initialiser::Zeros;
                }
                let Ok((_, found)) = answer(&other, dataset, input, interrupt) else { continue };
                let known = remedies.iter().any(|remedy: &Remedy| remedy.activation == activation);
                if !known && held(&found) {
                    remedies.push(Remedy { activation, init, ln_delta: found.layers[0].ln_delta });
                }
            }
        }
        Ok(Self { input, layers, prediction, endless, remedies })
    }
}

fn answer(
    config: &Config,
    dataset: &Dataset,
    input: Input,
    interrupt: &AtomicBool,
) -> Result<(Vec<LayerTheory>, Prediction), TheoryError> {
    let network = &config.network;
    let shapes = network.shapes(dataset.classes);
    let layers = LayerTheory::network(dataset.train.width(), &shapes, network.init, network.bias_init)?;
    let prediction = predict_interruptible(input, &layers, interrupt)?;
    Ok((layers, prediction))
}

/// What theory wants to know of the data, over samples from the whole training set.
fn input(config: &Config, dataset: &Dataset) -> Input {
    let samples = config.train.batch_size;
    let classes = dataset.classes;
    // Softmax's deltas add up to 0 over the classes.
    let directions = if config.network.loss == Loss::SoftmaxCrossEntropy { classes.saturating_sub(1) } else { classes };
    let (mean_square, correlation) = size_and_correlation(&dataset.train);
    Input { mean_square, correlation, samples, directions: directions.clamp(1, samples.max(1)) }
}

/// Mean of x^2, and the mean scalar product of two samples over the mean |x|^2.
fn size_and_correlation(samples: &Samples) -> (f64, f64) {
    let count = SAMPLES.min(samples.len());
    let width = samples.width();
    // Files may be sorted by class.
    let stride = samples.len() / count.max(1);
    let (mut x, mut label) = (vec![0.0; width], [0]);
    let (mut squares, mut sums) = (0.0, vec![0.0; width]);
    for number in 0..count {
        samples.gather(&[(number * stride) as u32], &mut x, &mut label);
        for (sum, &x) in sums.iter_mut().zip(&x) {
            let x = f64::from(x);
            *sum += x;
            squares += x * x;
        }
    }
    let count = count as f64;
    let together = sums.iter().map(|sum| sum * sum).sum::<f64>() - squares;
    let correlation = if count > 1.0 && squares > 0.0 { together / (squares * (count - 1.0)) } else { 0.0 };
    (squares / (count * width as f64), correlation.clamp(-1.0, 1.0))
}

fn endless(layers: &[LayerTheory], prediction: &Prediction) -> Option<Endless> {
    // From hidden layer to hidden layer: the first one has the data's fan-in, the last one the classes.
    let between = layers.get(1..layers.len() - 1)?;
    let first = between.first()?;
    let alike = between.iter().all(|layer| {
        (layer.sigma_w2() / first.sigma_w2() - 1.0).abs() < 1e-9
            && layer.norm.is_none()
            && layer.skip.is_none()
            && layer.dropout == 0.0
            && layer.bias_mean == 0.0
    });
    if !alike {
        return None;
    }
    let map = VarianceMap { activation: first.activation, sigma_w2: first.sigma_w2(), sigma_b2: first.bias_variance };
    // Straight near 0 and critical, q shrinks for ever, but slower than any power: what is found is the end of digits.
    let fixed_point = match map.fixed_point_from(prediction.layers[1].ln_q.exp()) {
        FixedPoint::At(q) if q < 1e-9 => FixedPoint::Zero,
        other => other,
    };
    let q = match fixed_point {
        FixedPoint::Zero => 0.0,
        FixedPoint::At(q) => q,
        FixedPoint::Anywhere => 1.0,
        FixedPoint::Infinity => f64::INFINITY,
    };
    let scales = matches!(fixed_point, FixedPoint::At(_)).then(|| Scales { xi_q: map.xi_q(q), xi_c: map.xi_c(q) });
    Some(Endless { map, fixed_point, chi_1: map.chi_1(q), scales, critical: critical(map.activation, map.sigma_b2) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Overrides;

    fn forecast(settings: &[&str]) -> Result<Forecast, TheoryError> {
        let set = settings.iter().map(|&setting| setting.to_owned()).collect();
        let experiment = Experiment::load("vanishing", &Overrides { environment: Vec::new(), set }).unwrap();
        forecasts(&experiment).unwrap().remove(0)
    }

    #[test]
    fn the_experiments_sigmoid_loses_a_factor_of_four_a_layer_and_relu_under_he_would_hold_it() {
        let forecast = forecast(&[]).unwrap();
        // MNIST: a ninth of a pixel's square, and digits that have 40 % in common.
        assert!((forecast.input.mean_square - 0.112).abs() < 0.002, "{:?}", forecast.input);
        assert!((forecast.input.correlation - 0.4).abs() < 0.05, "{:?}", forecast.input);
        assert_eq!((forecast.input.samples, forecast.input.directions), (30, 9));
        let fans: Vec<_> = forecast.layers.iter().map(|layer| (layer.fan_in, layer.fan_out)).collect();
        assert_eq!(fans, [(784, 10), (10, 10), (10, 10), (10, 10), (10, 10), (10, 10)]);
        let first = forecast.prediction.layers[0];
        assert!((first.ln_delta / 5.0 - 0.236_f64.ln()).abs() < 0.02, "{first:?}");
        let endless = forecast.endless.unwrap();
        assert!(matches!(endless.fixed_point, FixedPoint::At(q) if (q - 0.265).abs() < 1e-3), "{endless:?}");
        let relu = forecast.remedies.iter().find(|remedy| remedy.activation == Activation::Relu).unwrap();
        assert_eq!(relu.init, Initialiser::HeNormal);
        assert!(relu.ln_delta.abs() < 1e-9);
    }

    #[test]
    fn layers_that_are_not_alike_make_no_endless_network() {
        for setting in
            ["network.hidden=[10, 20, 30]", "network.norm=layer", "network.hidden=[10]", "network.dropout=0.5"]
        {
            assert_eq!(forecast(&[setting]).unwrap().endless, None, "{setting}");
        }
        assert!(forecast(&["network.hidden=[20, 20, 20]"]).unwrap().endless.is_some());
    }

    #[test]
    fn what_is_held_needs_no_remedy() {
        let forecast = forecast(&["network.activation=relu", "network.init=he_normal"]).unwrap();
        assert_eq!(forecast.remedies, []);
        assert!(forecast.prediction.layers[0].ln_delta.abs() < 1e-9);
    }

    #[test]
    fn theory_has_no_answer_for_weights_that_are_made_for_the_data_or_all_the_same() {
        for init in ["lsuv", "constant(0.1)"] {
            let refused = forecast(&[&format!("network.init={init}")]).unwrap_err();
            assert!(matches!(refused, TheoryError::NotRandom { .. }), "{init}: {refused}");
        }
    }
}
