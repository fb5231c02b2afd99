//! Theory of normalisation, dropout and skip connections against networks: each stage of the gradient's way, and the
//! signal in each layer.

use headwater_nn::{
    Activation, Hook, Initialiser, LayerShape, LayerView, Loss, Network, Norm, Real, Residual, Stage, Targets,
    Workspace,
};
use headwater_probe::Blame;
use headwater_probe::theory::{Input, LayerTheory, predict};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const BATCH: usize = 96;
const WIDTH: usize = 160;
const HIDDEN: usize = 7;
const SEEDS: u64 = 3;

/// What a draw shows of one layer: ln |delta| over the last one's, ln of the variance of z, and the gains of each stage.
#[derive(Clone, Copy, Default)]
struct Seen {
    delta: f64,
    ln_q: f64,
    gains: [f64; 5],
}

/// ln of the variance of z around its mean over units, in every layer.
struct Sizes(Vec<f64>);

impl Hook for Sizes {
    fn layer(&mut self, view: &LayerView<'_>) {
        let count = view.z.len() as f64;
        let mean = view.z.iter().map(|z| f64::from(*z)).sum::<f64>() / count;
        self.0[view.index] = (view.z.iter().map(|z| (f64::from(*z) - mean).powi(2)).sum::<f64>() / count).ln();
    }
}

fn draw(shapes: &[LayerShape], weights: Initialiser, seed: u64) -> Vec<Seen> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let x: Vec<Real> = (0..BATCH * WIDTH).map(|_| rng.sample::<f64, _>(StandardNormal) as Real).collect();
    // Targets far off and unrelated: deltas of as many directions as there are samples.
    let targets: Vec<Real> = (0..BATCH * WIDTH).map(|_| 1e3 * rng.sample::<f64, _>(StandardNormal) as Real).collect();
    let mut network = Network::new(WIDTH, shapes, Loss::MeanSquaredError).unwrap();
    network.initialise(weights, Initialiser::Zeros, seed);
    let mut workspace = Workspace::new(&network, BATCH).unwrap();
    workspace.seed_dropout(seed);
    let mut gradients = vec![0.0; network.parameters().len()];
    network.forward_training(&x, &mut workspace);
    let mut blame = Blame::new(shapes.len()).unwrap();
    let mut deltas = vec![0.0; shapes.len()];
    network.trace(&x, Targets::Values(&targets), &mut workspace, &mut gradients, |index, stage, ln_norm| {
        blame.visit(index, stage, ln_norm);
        deltas[index] = ln_norm;
    });
    let mut sizes = Sizes(vec![0.0; shapes.len()]);
    network.backward(&x, Targets::Values(&targets), &mut workspace, &mut gradients, &mut sizes);
    let last = deltas[shapes.len() - 1];
    let seen = |(index, ln_q): (usize, &f64)| Seen {
        delta: deltas[index] - last,
        ln_q: *ln_q,
        gains: Stage::ALL.map(|stage| blame.gains()[index].of(stage).unwrap_or(0.0)),
    };
    sizes.0.iter().enumerate().map(seen).collect()
}

/// Holds hidden layers like `shape` in residual blocks against theory. Logarithms may differ by `allowed` for each stage
/// of a layer, and for each layer that the signal or the gradient has come through.
fn compare(shape: LayerShape, residual: Option<&str>, weights: Initialiser, allowed: f64) {
    let skips = residual.map_or(vec![None; HIDDEN], |text| text.parse::<Residual>().unwrap().skips(&[WIDTH; HIDDEN]));
    let mut shapes: Vec<LayerShape> = skips.into_iter().map(|skip| LayerShape { skip, ..shape }).collect();
    shapes.push(LayerShape::new(WIDTH, Activation::Identity));
    let layers = LayerTheory::network(WIDTH, &shapes, weights, Initialiser::Zeros).unwrap();
    let input = Input { mean_square: 1.0, correlation: 0.0, samples: BATCH, directions: BATCH };
    let prediction = predict(input, &layers).unwrap();
    let draws: Vec<Vec<Seen>> = (0..SEEDS).map(|seed| draw(&shapes, weights, seed)).collect();
    for (index, layer) in prediction.layers.iter().enumerate() {
        let mean = |of: &dyn Fn(&Seen) -> f64| draws.iter().map(|draw| of(&draw[index])).sum::<f64>() / SEEDS as f64;
        let check = |what: &str, measured: f64, ours: f64, allowed: f64| {
            let place = format!("{}, {:?}, {residual:?}, layer{}: {what}", shape.activation, shape.norm, index + 1);
            assert!((measured - ours).abs() < allowed, "{place} is {measured}, not {ours}");
        };
        check("delta", mean(&|seen| seen.delta), layer.ln_delta, allowed * (HIDDEN + 1 - index) as f64);
        check("q", mean(&|seen| seen.ln_q), layer.ln_q, allowed * (1 + index) as f64);
        let Some(gains) = layer.gains else { continue };
        for stage in Stage::ALL {
            let measured = mean(&|seen| seen.gains[stage as usize]);
            check(&format!("{stage:?}"), measured, gains.of(stage), allowed);
        }
    }
}

const ACTIVATIONS: [Activation; 3] = [Activation::Relu, Activation::Tanh, Activation::Softplus];

#[test]
fn plain_networks_and_dropout_change_delta_stage_by_stage_as_predicted() {
    for activation in ACTIVATIONS {
        compare(LayerShape::new(WIDTH, activation), None, Initialiser::HeNormal, 0.05);
        compare(
            LayerShape { dropout: 0.4, ..LayerShape::new(WIDTH, activation) },
            None,
            Initialiser::GlorotUniform,
            0.05,
        );
    }
}

#[test]
fn normalised_networks_change_delta_stage_by_stage_as_predicted() {
    for activation in ACTIVATIONS {
        for norm in [Norm::Batch, Norm::Layer] {
            let shape = LayerShape { norm: Some(norm), ..LayerShape::new(WIDTH, activation) };
            compare(shape, None, Initialiser::HeNormal, 0.05);
        }
    }
}

#[test]
fn sums_of_products_carry_the_gradient_as_predicted() {
    for activation in ACTIVATIONS {
        for norm in [None, Some(Norm::Layer), Some(Norm::Batch)] {
            for residual in ["pre(1)", "pre(2)", "pre_scaled(2)"] {
                let shape = LayerShape { norm, ..LayerShape::new(WIDTH, activation) };
                compare(shape, Some(residual), Initialiser::HeNormal, 0.07);
            }
        }
    }
}

/// Here theory is coarser: it takes an activation, a part of z, for normal, and the slopes at both ends of a skip for
/// independent, where the sum makes large ones go together.
#[test]
fn sums_of_activations_carry_the_gradient_as_predicted() {
    for activation in ACTIVATIONS {
        for norm in [None, Some(Norm::Layer), Some(Norm::Batch)] {
            for residual in ["post(1)", "post(2)", "post_scaled(2)"] {
                let shape = LayerShape { norm, ..LayerShape::new(WIDTH, activation) };
                compare(shape, Some(residual), Initialiser::HeNormal, 0.15);
            }
        }
    }
}
