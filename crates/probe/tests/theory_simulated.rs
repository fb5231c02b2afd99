//! Theory of normalisation, dropout and skip connections against a network written out in a few loops.

use headwater_nn::{Activation, Initialiser, Real};
use headwater_probe::theory::{Input, LayerTheory, Norm, Skip, predict};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const BATCH: usize = 96;
const WIDTH: usize = 128;
const DEPTH: usize = 6;

/// `[BATCH, WIDTH]`.
type Matrix = Vec<[f64; WIDTH]>;

/// What one layer keeps for backward.
struct Layer {
    theory: LayerTheory,
    /// `[WIDTH, WIDTH]`.
    weights: Matrix,
    /// Argument of f.
    z: Matrix,
    /// 1 over the standard deviation that each entry was divided by.
    inverse: Matrix,
    /// Factors of dropout.
    mask: Matrix,
}

fn normal(rng: &mut ChaCha8Rng, rows: usize, deviation: f64) -> Matrix {
    let mut value = || deviation * rng.sample::<f64, _>(StandardNormal);
    (0..rows).map(|_| std::array::from_fn(|_| value())).collect()
}

fn map(a: &Matrix, b: &Matrix, f: impl Fn(f64, f64) -> f64) -> Matrix {
    a.iter().zip(b).map(|(a, b)| std::array::from_fn(|i| f(a[i], b[i]))).collect()
}

/// Each row times the weights; with `transposed`, times their transpose.
fn times(x: &Matrix, weights: &Matrix, transposed: bool) -> Matrix {
    let entry = |row: &[f64; WIDTH], j: usize| {
        (0..WIDTH).map(|i| row[i] * if transposed { weights[j][i] } else { weights[i][j] }).sum()
    };
    x.iter().map(|row| std::array::from_fn(|j| entry(row, j))).collect()
}

/// The mean of what is normalised together with each entry, in its place.
fn means(h: &Matrix, norm: Norm) -> Matrix {
    match norm {
        Norm::Layer => h.iter().map(|row| [row.iter().sum::<f64>() / WIDTH as f64; WIDTH]).collect(),
        Norm::Batch => vec![std::array::from_fn(|i| h.iter().map(|row| row[i]).sum::<f64>() / BATCH as f64); BATCH],
    }
}

fn ln_norm(x: &Matrix) -> f64 {
    0.5 * x.iter().flatten().map(|x| x * x).sum::<f64>().ln()
}

fn forward(theory: LayerTheory, x: &Matrix, below: Option<&Matrix>, rng: &mut ChaCha8Rng) -> (Layer, Matrix) {
    let weights = normal(rng, WIDTH, theory.weight_variance.sqrt());
    let mut z = times(x, &weights, false);
    let mut inverse = vec![[1.0; WIDTH]; BATCH];
    if let Some(norm) = theory.norm {
        let centred = map(&z, &means(&z, norm), |z, mean| z - mean);
        let variance = means(&map(&centred, &centred, |a, b| a * b), norm);
        inverse = map(&variance, &variance, |v, _| v.sqrt().recip());
        z = map(&centred, &inverse, |a, b| a * b);
    }
    if let (Some(Skip::Preactivation { scale }), Some(below)) = (theory.skip, below) {
        z = map(below, &z, |below, z| below + scale * z);
    }
    let keep = 1.0 - theory.dropout;
    let mask: Matrix = (0..BATCH)
        .map(|_| std::array::from_fn(|_| if rng.random::<f64>() < keep { keep.recip() } else { 0.0 }))
        .collect();
    let f = |z: f64| f64::from(theory.activation.f(z as Real));
    let mut a = map(&z, &mask, |z, mask| f(z) * mask);
    if let Some(Skip::Activation { scale }) = theory.skip {
        a = map(x, &a, |x, a| x + scale * a);
    }
    (Layer { theory, weights, z, inverse, mask }, a)
}

/// ln of the mean square of z, and the correlation of z between samples.
fn size_and_correlation(z: &Matrix) -> [f64; 2] {
    let total: f64 = z.iter().flatten().map(|z| z * z).sum();
    let together: f64 = (0..WIDTH).map(|i| z.iter().map(|row| row[i]).sum::<f64>().powi(2)).sum();
    [(total / (BATCH * WIDTH) as f64).ln(), (together / total - 1.0) / (BATCH - 1) as f64]
}

/// Of every layer: ln |delta| over the last one's, and what [`size_and_correlation`] says.
fn simulate(layers: &[LayerTheory], seed: u64) -> Vec<[f64; 3]> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut x = normal(&mut rng, BATCH, 1.0);
    let mut kept: Vec<Layer> = Vec::new();
    for theory in layers {
        let (layer, a) = forward(*theory, &x, kept.last().map(|below| &below.z), &mut rng);
        kept.push(layer);
        x = a;
    }
    let mut da = normal(&mut rng, BATCH, 1.0);
    // What comes from the z above around its branch.
    let mut around: Option<Matrix> = None;
    let mut norms = Vec::new();
    for Layer { theory, weights, z, inverse, mask } in kept.iter().rev() {
        let scale = if let Some(Skip::Activation { scale }) = theory.skip { scale } else { 1.0 };
        let slopes = map(z, mask, |z, mask| f64::from(theory.activation.df(z as Real)) * mask * scale);
        let mut delta = map(&da, &slopes, |da, slope| da * slope);
        if let Some(around) = around.take() {
            delta = map(&delta, &around, |delta, around| delta + around);
        }
        let [size, correlation] = size_and_correlation(z);
        norms.push([ln_norm(&delta), size, correlation]);
        let mut dh = delta.clone();
        if let Some(norm) = theory.norm {
            let along = map(z, &means(&map(&delta, z, |d, z| d * z), norm), |z, mean| z * mean);
            dh = map(&map(&delta, &means(&delta, norm), |d, mean| d - mean), &along, |d, along| d - along);
            dh = map(&dh, inverse, |d, inverse| d * inverse);
        }
        let mut dx = times(&dh, weights, true);
        match theory.skip {
            None => {}
            Some(Skip::Activation { .. }) => dx = map(&dx, &da, |dx, da| dx + da),
            Some(Skip::Preactivation { scale }) => {
                dx = map(&dx, &dx, |dx, _| scale * dx);
                around = Some(delta);
            }
        }
        da = dx;
    }
    norms.reverse();
    let last = norms[norms.len() - 1][0];
    norms.iter().map(|[norm, size, correlation]| [norm - last, *size, *correlation]).collect()
}

/// A network of equal layers; a first and a last layer that are plain keep skip connections inside.
fn layers(activation: Activation, change: impl Fn(&mut LayerTheory)) -> Vec<LayerTheory> {
    let plain = LayerTheory::dense(WIDTH, WIDTH, activation, Initialiser::HeNormal, Initialiser::Zeros).unwrap();
    let mut layers = vec![plain; DEPTH];
    layers[1..DEPTH - 1].iter_mut().for_each(change);
    layers
}

fn compare(what: &str, activation: Activation, change: impl Fn(&mut LayerTheory)) {
    let layers = layers(activation, change);
    let input = Input { mean_square: 1.0, correlation: 0.0, samples: BATCH, directions: BATCH };
    let expected = predict(input, &layers).unwrap();
    let draws: Vec<Vec<[f64; 3]>> = (0..3).map(|seed| simulate(&layers, seed)).collect();
    for (index, layer) in expected.layers.iter().enumerate() {
        let measured = |part: usize| draws.iter().map(|draw| draw[index][part]).sum::<f64>() / draws.len() as f64;
        // Five percent a layer.
        let (down, up) = (0.05 * (DEPTH - index) as f64, 0.05 * (1 + index) as f64);
        for (name, part, ours, allowed) in [
            ("delta", 0, layer.ln_delta, down),
            ("q", 1, layer.ln_q, up),
            // Samples' lengths drift apart in layers this narrow, which takes from what they have in common.
            ("correlation", 2, layer.correlation, 0.3 * up),
        ] {
            let measured = measured(part);
            let off = (measured - ours).abs();
            assert!(off <= allowed, "{what}, {activation}, layer{}, {name}: {measured}, not {ours}", index + 1);
        }
    }
}

const ACTIVATIONS: [Activation; 3] = [Activation::Relu, Activation::Tanh, Activation::Softplus];

#[test]
fn batch_normalised_networks_amplify_delta_as_predicted() {
    for activation in ACTIVATIONS {
        compare("batch", activation, |layer| layer.norm = Some(Norm::Batch));
    }
}

#[test]
fn layer_normalised_networks_change_delta_as_predicted() {
    for activation in ACTIVATIONS {
        compare("layer", activation, |layer| layer.norm = Some(Norm::Layer));
    }
}

#[test]
fn residual_networks_change_delta_as_predicted() {
    for activation in ACTIVATIONS {
        for scale in [1.0, 0.4, -0.7] {
            compare("around f", activation, |layer| layer.skip = Some(Skip::Activation { scale }));
            compare("around z", activation, |layer| layer.skip = Some(Skip::Preactivation { scale }));
        }
        compare("normalised branch", activation, |layer| {
            layer.norm = Some(Norm::Layer);
            layer.skip = Some(Skip::Activation { scale: 1.0 });
        });
    }
}

#[test]
fn dropout_changes_delta_as_predicted() {
    for activation in ACTIVATIONS {
        compare("dropout", activation, |layer| layer.dropout = 0.4);
    }
}
