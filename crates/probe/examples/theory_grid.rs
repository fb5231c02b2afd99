//! Theory against networks: predicted and measured ratios of delta from layer to layer, for every activation and
//! several initialisations.
//!
//! `cargo run --release -p headwater-probe --example theory_grid -- [WIDTH] [SEEDS] [DEPTH]`

use std::io::Write;

use headwater_nn::{Activation, Buffers, Initialiser, LayerShape, LayerView, Loss, Network, Tap, Targets};
use headwater_probe::theory::{Input, LayerTheory, Prediction, predict};

const BATCH: usize = 16;
const INPUTS: usize = 64;

/// ln |delta| of every layer.
struct Norms(Vec<f64>);

impl Tap for Norms {
    fn layer(&mut self, view: &LayerView<'_>) {
        self.0[view.index] = 0.5 * view.delta.iter().map(|d| f64::from(*d).powi(2)).sum::<f64>().ln();
    }
}

fn main() -> std::io::Result<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let at = |index: usize, default| numbers.get(index).copied().unwrap_or(default);
    let (width, seeds, depth) = (at(0, 256), at(1, 5), at(2, 8));
    let mut out = std::io::stdout().lock();
    writeln!(out, "width {width}, {seeds} seeds, {depth} layers of equal width, batch {BATCH}")?;
    writeln!(
        out,
        "{:<16}{:<16}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "activation", "weights", "rms theory", "measured", "error %", "typical", "median", "spread", "measured"
    )?;
    let weights = ["glorot_uniform", "he_normal", "normal(0.05)", "orthogonal(1)"];
    for activation in Activation::ALL {
        for weights in weights {
            let initialiser: Initialiser = weights.parse().expect("a known initialiser");
            // Biases break the symmetry of odd activations, and are part of the theory.
            let (prediction, draws) = both(activation, initialiser, width, seeds, depth);
            let layers = prediction.layers.len() as f64 - 1.0;
            let theory = (prediction.layers[0].ln_delta / layers).exp();
            let measured = (rms(&draws) / layers).exp();
            let mut sorted = draws.clone();
            sorted.sort_by(f64::total_cmp);
            let mean = draws.iter().sum::<f64>() / seeds as f64;
            let deviation = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (seeds as f64 - 1.0)).sqrt();
            writeln!(
                out,
                "{:<16}{weights:<16}{theory:>10.4}{measured:>10.4}{:>10.2}{:>10.4}{:>10.4}{:>10.3}{deviation:>10.3}",
                activation.to_string(),
                100.0 * (measured / theory - 1.0),
                (prediction.layers[0].ln_delta_typical().unwrap_or(f64::NAN) / layers).exp(),
                (sorted[seeds / 2] / layers).exp(),
                prediction.layers[0].ln_delta_deviation.unwrap_or(f64::NAN),
            )?;
        }
    }
    Ok(())
}

/// ln of the root of the mean of the squares of exp(`draws`).
fn rms(draws: &[f64]) -> f64 {
    0.5 * (draws.iter().map(|d| (2.0 * d).exp()).sum::<f64>() / draws.len() as f64).ln()
}

/// What theory says, and ln |delta| of the first layer over the last's in each of so many networks.
fn both(
    activation: Activation,
    weights: Initialiser,
    width: usize,
    seeds: usize,
    depth: usize,
) -> (Prediction, Vec<f64>) {
    let mut shapes = vec![LayerShape { outputs: width, activation }; depth];
    shapes.push(LayerShape { outputs: width, activation: Activation::Identity });
    // Samples of mean square 1, each its own.
    let x: Vec<f32> =
        (0..BATCH * INPUTS).map(|i| (((i * 7919 + i / 13) % 1000) as f32 / 1000.0 - 0.5) * 3.4641).collect();
    let mean_square = x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / x.len() as f64;
    let mut fan_in = INPUTS;
    let layers: Vec<LayerTheory> = shapes
        .iter()
        .map(|shape| {
            let layer = LayerTheory::dense(fan_in, shape.outputs, shape.activation, weights, Initialiser::Zeros);
            fan_in = shape.outputs;
            layer.expect("random weights")
        })
        .collect();
    let input = Input { mean_square, correlation: 0.0, samples: BATCH };
    let prediction = predict(input, &layers).expect("a network");
    let mut network = Network::new(INPUTS, &shapes, Loss::SoftmaxCrossEntropy).expect("a network");
    let mut buffers = Buffers::new(&network, BATCH).expect("memory");
    let mut gradients = vec![0.0; network.parameters().len()];
    let labels: Vec<u32> = (0..BATCH as u32).map(|i| i % 10).collect();
    let draws = (0..seeds as u64)
        .map(|seed| {
            network.initialise(weights, Initialiser::Zeros, seed);
            network.forward(&x, &mut buffers);
            let mut norms = Norms(vec![0.0; shapes.len()]);
            network.backward(&x, Targets::Labels(&labels), &mut buffers, &mut gradients, &mut norms);
            norms.0[0] - norms.0[shapes.len() - 1]
        })
        .collect();
    (prediction, draws)
}
