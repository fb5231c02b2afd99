//! Theory against networks: predicted and measured changes of delta from layer to layer, for every activation and
//! several initialisations.
//!
//! `cargo bench -p headwater-probe --bench theory_grid -- [WIDTH] [SEEDS] [DEPTH] [BATCH]`
//!
//! Three things are compared. The factor by which |delta| changes in a layer, root mean square over draws, is mean
//! field's own quantity: as a mean over layers, and in the layer that strays most. The median over draws of the change
//! over all layers, a layer's share of it, is what one network shows: narrow networks lie below the mean. And the
//! standard deviation over draws of its logarithm. Samples are of ten classes, so their deltas have nine directions.

use std::io::Write;

use headwater_nn::{Activation, Hook, Initialiser, LayerShape, LayerView, Loss, Network, Targets, Workspace};
use headwater_probe::theory::{Input, LayerTheory, Prediction, predict};

const INPUTS: usize = 64;

struct Size {
    width: usize,
    depth: usize,
    batch: usize,
}

/// ln |delta| of every layer.
struct Norms(Vec<f64>);

impl Hook for Norms {
    fn layer(&mut self, view: &LayerView<'_>) {
        self.0[view.index] = 0.5 * view.delta.iter().map(|d| f64::from(*d).powi(2)).sum::<f64>().ln();
    }
}

fn main() -> std::io::Result<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let at = |index: usize, default| numbers.get(index).copied().unwrap_or(default);
    let (seeds, size) = (at(1, 5), Size { width: at(0, 256), depth: at(2, 8), batch: at(3, 16) });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} hidden layers of {} units, {seeds} seeds, batch {}", size.depth, size.width, size.batch)?;
    writeln!(
        out,
        "{:<16}{:<16}| {:>8}{:>9}{:>7}{:>7} | {:>8}{:>8}{:>7} | {:>7}{:>9}",
        "activation",
        "weights",
        "rms",
        "measured",
        "off %",
        "worst",
        "typical",
        "median",
        "off %",
        "spread",
        "measured"
    )?;
    for activation in Activation::ALL {
        for weights in ["glorot_uniform", "he_normal", "normal(0.05)", "orthogonal(1)"] {
            let initialiser: Initialiser = weights.parse().expect("a known initialiser");
            let (prediction, draws) = both(activation, initialiser, &size, seeds);
            writeln!(out, "{:<16}{weights:<16}{}", activation.to_string(), row(&prediction, draws))?;
        }
    }
    Ok(())
}

/// One line of figures. Draws through which nothing comes are left out.
fn row(prediction: &Prediction, mut draws: Vec<Vec<f64>>) -> String {
    draws.retain(|draw| draw.iter().all(|ln| ln.is_finite()));
    let layers = prediction.layers.len() - 1;
    let count = draws.len() as f64;
    let rms = |layer: usize| {
        let squares = draws.iter().map(|draw| (2.0 * (draw[layer] - draw[layer + 1])).exp());
        0.5 * (squares.sum::<f64>() / count).ln()
    };
    let gain = |layer: usize| prediction.layers[layer].gains.expect("all but the last have gains").total();
    let mean = |values: &dyn Fn(usize) -> f64| ((0..layers).map(values).sum::<f64>() / layers as f64).exp();
    let (theory, measured) = (mean(&gain), mean(&rms));
    let worst =
        (0..layers).map(|layer| (rms(layer) - gain(layer)).exp() - 1.0).max_by(|a, b| a.abs().total_cmp(&b.abs()));
    let mut whole: Vec<f64> = draws.iter().map(|draw| draw[0] - draw[layers]).collect();
    whole.sort_by(f64::total_cmp);
    let share = |ln: f64| (ln / layers as f64).exp();
    let first = &prediction.layers[0];
    let (typical, median) = (share(first.ln_delta_typical().unwrap_or(f64::NAN)), share(whole[whole.len() / 2]));
    let mean = whole.iter().sum::<f64>() / count;
    let deviation = (whole.iter().map(|ln| (ln - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let off = |measured: f64, theory: f64| 100.0 * (measured / theory - 1.0);
    format!(
        "| {theory:>8.4}{measured:>9.4}{:>7.2}{:>7.2} | {typical:>8.4}{median:>8.4}{:>7.2} | {:>7.3}{deviation:>9.3}",
        off(measured, theory),
        100.0 * worst.unwrap_or(f64::NAN),
        off(median, typical),
        first.ln_delta_deviation.unwrap_or(f64::NAN),
    )
}

/// What theory says, and ln |delta| of every layer in each of so many networks.
fn both(activation: Activation, weights: Initialiser, size: &Size, seeds: usize) -> (Prediction, Vec<Vec<f64>>) {
    let Size { width, depth, batch } = *size;
    let mut shapes = vec![LayerShape::new(width, activation); depth];
    shapes.push(LayerShape::new(width, Activation::Identity));
    // Samples of mean square 1, each its own.
    let x: Vec<f32> =
        (0..batch * INPUTS).map(|i| (((i * 7919 + i / 13) % 1000) as f32 / 1000.0 - 0.5) * 3.4641).collect();
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
    let input = Input { mean_square, correlation: 0.0, samples: batch, directions: batch.min(9) };
    let prediction = predict(input, &layers).expect("a network");
    let mut network = Network::new(INPUTS, &shapes, Loss::SoftmaxCrossEntropy).expect("a network");
    let mut workspace = Workspace::new(&network, batch).expect("memory");
    let mut gradients = vec![0.0; network.parameters().len()];
    let labels: Vec<u32> = (0..batch as u32).map(|i| i % 10).collect();
    let draws = (0..seeds as u64)
        .map(|seed| {
            network.initialise(weights, Initialiser::Zeros, seed);
            network.forward(&x, &mut workspace);
            let mut norms = Norms(vec![0.0; shapes.len()]);
            network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut norms);
            norms.0
        })
        .collect();
    (prediction, draws)
}
