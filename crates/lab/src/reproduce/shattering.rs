//! Shattered gradients: how alike the gradients of two inputs are.
//!
//! With N units, a batch of samples x, and h = x or, normalised, (x - mean) / std of each unit over the batch:
//!
//! ```text
//! plain       x' = ReLU(h) W              residual    x' = x + ReLU(h) W
//! ```
//!
//! At the top the gradient is the same noise for all samples. As in the paper's theorems, mean and std count as
//! constants of the network, which is why this is not [`headwater_nn`]'s batch normalisation.

use super::drawn::normal;
use super::finding::{Finding, Measured, Rule};
use super::{Claim, Context, ReproduceError};

const WIDTH: usize = 100;
/// Pairs of inputs: samples 2 i and 2 i + 1.
const BATCH: usize = 64;
const SEEDS: u64 = 40;
/// Random streams of a seed.
const WEIGHTS: u64 = 0;
const INPUTS: u64 = 1;
const GRADIENT: u64 = 2;

pub(super) const CLAIM: Claim = Claim {
    id: "shattering",
    title: "Gradients of plain ReLU networks come to look like white noise with depth; those of residual networks \
             resist",
    source: "Balduzzi et al., 2017, The shattered gradients problem: if resnets are the answer, then what is the \
             question?",
    method: "100 wide, He normal, 64 samples of noise, pairs of them; correlation: the cosine of the angle between \
             the gradients by the input of two samples, mean over the pairs; 40 seeds. The paper shows networks of \
             one input on a grid.",
    why: Some(
        "The paper adds 1 to the variance of a residual stream for each block; normalised ReLU adds 1 - 1/pi, and \
         with that the slope is -0.680. The theorem on plain networks assumes that two inputs make a unit active \
         together in a quarter of the cases; only normalisation sees to that.",
    ),
    runs: 8 * SEEDS,
    core_seconds: 5,
    run,
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Normalised,
    Residual,
}

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let correlations =
        |kind, depth, likeness| context.seeds(SEEDS, |seed| Ok(correlation(kind, depth, likeness, seed)));
    let exponent = |kind, depths: [usize; 2], scale: fn(f64) -> f64| {
        let (less, more) = (correlations(kind, depths[0], 0.0)?, correlations(kind, depths[1], 0.0)?);
        let distance = scale(depths[1] as f64) - scale(depths[0] as f64);
        let pairs: Vec<(f64, f64)> = less.into_iter().zip(more).collect();
        // Over few samples a single correlation can be of any sign; their mean cannot.
        let fall = |pairs: &[(f64, f64)]| {
            let sum = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
            (sum(|pair| pair.1) / sum(|pair| pair.0)).ln() / distance
        };
        Ok::<_, ReproduceError>(Measured::bootstrap(&pairs, fall))
    };
    let near = |kind, depth| Ok::<_, ReproduceError>(Measured::seeds(&correlations(kind, depth, 0.9)?));
    let identity = |depth: f64| depth;
    let half = -std::f64::consts::LN_2;
    let alike = "inputs alike to 0.9, 24 layers";
    let rate = "unrelated inputs: d ln(correlation) / d(depth)";
    let plain = near(Kind::Normalised, 24)?;
    let quantity = format!("plain, normalised, {alike}: correlation");
    context.found(Finding::new(quantity, "white noise: 0", plain, Rule::Below(0.1)));
    let residual = near(Kind::Residual, 24)?;
    let quantity = format!("residual, normalised, {alike}: correlation");
    context.found(Finding::new(quantity, "resists", residual, Rule::Above(0.1)));
    let plain = exponent(Kind::Normalised, [1, 3], identity)?;
    let quantity = format!("plain, normalised, {rate}");
    context.found(Finding::new(quantity, "1 / 2^L: -0.693", plain, Rule::near(half, 0.05)));
    let residual = exponent(Kind::Residual, [10, 100], f64::ln)?;
    let quantity = "residual, normalised, unrelated inputs: d ln(correlation) / d ln(depth)";
    context.found(Finding::new(quantity, "1 / sqrt(L): -0.5", residual, Rule::near(-0.5, 0.05)));
    let plain = exponent(Kind::Plain, [10, 40], identity)?;
    let quantity = format!("plain, not normalised, {rate}, 10 to 40 layers");
    context.found(Finding::new(quantity, "1 / 2^L: -0.693", plain, Rule::near(half, 0.05)));
    Ok(())
}

/// The mean cosine between the gradients of two inputs whose own correlation is `likeness`.
fn correlation(kind: Kind, depth: usize, likeness: f64, seed: u64) -> f64 {
    let weights = normal(depth * WIDTH * WIDTH, seed, WEIGHTS);
    let scale = (2.0 / WIDTH as f32).sqrt();
    let mut x = normal(BATCH * WIDTH, seed, INPUTS);
    let (own, common) = ((1.0 - likeness * likeness).sqrt() as f32, likeness as f32);
    for pair in x.chunks_exact_mut(2 * WIDTH) {
        let (first, second) = pair.split_at_mut(WIDTH);
        second.iter_mut().zip(first).for_each(|(second, first)| *second = common * *first + own * *second);
    }
    // f' of ReLU over std, of every layer.
    let mut slopes = Vec::with_capacity(depth);
    for weights in weights.chunks_exact(WIDTH * WIDTH) {
        let (mut h, stds) = if kind == Kind::Plain { (x.clone(), vec![1.0; WIDTH]) } else { normalised(&x) };
        let slope = |(index, h): (usize, &f32)| if *h > 0.0 { 1.0 / stds[index % WIDTH] } else { 0.0 };
        slopes.push(h.iter().enumerate().map(slope).collect::<Vec<f32>>());
        for h in &mut h {
            *h = scale * h.max(0.0);
        }
        if kind != Kind::Residual {
            x.fill(0.0);
        }
        for (h, x) in h.chunks_exact(WIDTH).zip(x.chunks_exact_mut(WIDTH)) {
            for (h, row) in h.iter().zip(weights.chunks_exact(WIDTH)) {
                x.iter_mut().zip(row).for_each(|(x, w)| *x += h * w);
            }
        }
    }
    let mut gradient = normal(WIDTH, seed, GRADIENT).repeat(BATCH);
    for (weights, slopes) in weights.chunks_exact(WIDTH * WIDTH).zip(&slopes).rev() {
        for (gradient, slopes) in gradient.chunks_exact_mut(WIDTH).zip(slopes.chunks_exact(WIDTH)) {
            let row = |(row, slope): (&[f32], &f32)| {
                scale * slope * row.iter().zip(&*gradient).map(|(w, g)| w * g).sum::<f32>()
            };
            let below: Vec<f32> = weights.chunks_exact(WIDTH).zip(slopes).map(row).collect();
            if kind == Kind::Residual {
                gradient.iter_mut().zip(below).for_each(|(g, d)| *g += d);
            } else {
                gradient.copy_from_slice(&below);
            }
        }
    }
    let cosines = gradient.chunks_exact(2 * WIDTH).map(|pair| cosine(pair.split_at(WIDTH)));
    cosines.sum::<f64>() / (BATCH / 2) as f64
}

/// Each unit brought to mean 0 and variance 1 over the batch, and its standard deviation before.
fn normalised(x: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (mut h, mut stds) = (x.to_vec(), Vec::with_capacity(WIDTH));
    for unit in 0..WIDTH {
        let values = || x.iter().skip(unit).step_by(WIDTH);
        let mean = values().sum::<f32>() / BATCH as f32;
        let std = (values().map(|v| (v - mean).powi(2)).sum::<f32>() / BATCH as f32).sqrt();
        h.iter_mut().skip(unit).step_by(WIDTH).for_each(|h| *h = (*h - mean) / std);
        stds.push(std);
    }
    (h, stds)
}

fn cosine((a, b): (&[f32], &[f32])) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
