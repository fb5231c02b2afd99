//! The edge of chaos, and how deep a network can be trained on either side of it.

use headwater_nn::{Activation, Initialiser, Optimizer};
use headwater_probe::theory::{FixedPoint, VarianceMap, critical};

use super::drawn::{Drawn, mnist, noise, plain};
use super::finding::{Finding, Measured, Rule, mean};
use super::training::train;
use super::{Claim, Context, ReproduceError};
use crate::Config;

const SIGMA_B2: f64 = 0.05;
const WIDTH: usize = 300;
const SEEDS: u64 = 20;
const TRAINING_SEEDS: u64 = 3;
/// Whether a network can be trained is asked of the better of these.
const LEARNING_RATES: [f64; 2] = [1e-3, 1e-2];
/// `sigma_w^2`, depth and whether it trains: at half and at twice 6 xi, at the edge and far beyond it.
const CELLS: [(f64, usize, bool); 6] =
    [(1.0, 11, true), (1.0, 44, false), (1.5, 48, true), (1.5, 190, false), (1.761, 100, true), (4.0, 100, false)];

pub(super) const CLAIM: Claim = Claim {
    id: "edge-of-chaos",
    title: "A tanh network trains if and only if it is not much deeper than six times xi",
    source: "Poole et al., 2016, Exponential expressivity in deep neural networks through transient chaos; Schoenholz \
             et al., 2017, Deep information propagation",
    method: "tanh, sigma_b^2 = 0.05. Theory's integrals; the correlation of two inputs in networks 300 wide, 20 \
             seeds; training 100 wide on MNIST: SGD, the better of the rates 0.001 and 0.01 for each seed, batch 30, \
             1,500 steps, 3 seeds. Trained: half of the last 200 batches' samples are right.",
    why: Some(
        "Theory is of endless width. In networks 300 wide, at sigma_w^2 = 1.5 and from layers 21 to 51, the logarithm of \
         what tells two inputs apart falls faster in the mean than theory has it.",
    ),
    runs: 3 * SEEDS + CELLS.len() as u64 * TRAINING_SEEDS,
    core_seconds: 363,
    run,
};

fn init(sigma_w2: f64) -> Initialiser {
    Initialiser::Scaled { sigma_w2, sigma_b2: SIGMA_B2 }
}

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let edge = critical(Activation::Tanh, SIGMA_B2);
    let of_edge = |what: fn((f64, f64)) -> f64| {
        Measured::computed(edge.map_or(f64::NAN, |edge| what((edge.sigma_w2, edge.q_star))))
    };
    let at_the_edge = context.seeds(SEEDS, |seed| signals(1.761, 40, seed))?;
    let q: Vec<f64> = at_the_edge.iter().map(|signals| signals[39].q).collect();
    let critical = "critical sigma_w^2, by integrals";
    context.found(Finding::new(critical, "1.761", of_edge(|edge| edge.0), Rule::Meets(1.7605, 1.7615)));
    let rounded = Rule::Meets(0.5695, 0.5705);
    context.found(Finding::new("q* there, by integrals", "0.570", of_edge(|edge| edge.1), rounded));
    // Theory describes all networks together, not each one.
    let q = Measured::bootstrap(&q, mean);
    context.found(Finding::new("mean square of z there, layer 40", "q* = 0.570", q, rounded));
    for (sigma_w2, six_xi, layers) in [(1.0, 22.0, 5..15), (1.5, 95.0, 20..50)] {
        let setting = format!("sigma_w^2 = {sigma_w2}");
        let rounded = Rule::Meets(six_xi - 0.5, six_xi + 0.5);
        let published = format!("{six_xi}");
        let theory = Measured::computed(six_xi_of(sigma_w2));
        context.found(Finding::new(format!("{setting}: 6 xi, by integrals"), &*published, theory, rounded));
        let falls = context.seeds(SEEDS, |seed| {
            let signals = signals(sigma_w2, layers.end + 1, seed)?;
            Ok(signals[layers.start].apart.ln() - signals[layers.end].apart.ln())
        })?;
        let measured = Measured::bootstrap(&falls, |falls| 6.0 * layers.len() as f64 / mean(falls));
        let quantity = format!("{setting}: 6 xi, from layers {} to {}", layers.start + 1, layers.end + 1);
        context.found(Finding::new(quantity, published, measured, rounded));
    }
    trained(context)
}

/// 6 xi of what tells two inputs apart.
fn six_xi_of(sigma_w2: f64) -> f64 {
    let map = VarianceMap { activation: Activation::Tanh, sigma_w2, sigma_b2: SIGMA_B2 };
    match map.fixed_point() {
        FixedPoint::At(q) => 6.0 * map.xi_c(q),
        _ => f64::NAN,
    }
}

/// What two unrelated inputs become.
fn signals(sigma_w2: f64, depth: usize, seed: u64) -> Result<Vec<super::drawn::Signal>, ReproduceError> {
    let shapes = plain(depth, WIDTH, Activation::Tanh);
    let mut drawn = Drawn::new(WIDTH, &shapes, init(sigma_w2), Initialiser::Zeros, 2, seed)?;
    Ok(drawn.signals(&noise(2 * WIDTH, seed)))
}

/// Training accuracy in all cells.
fn trained(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = mnist()?;
    let jobs: Vec<_> = CELLS.iter().flat_map(|cell| (0..TRAINING_SEEDS).map(move |seed| (*cell, seed))).collect();
    let accuracies = context.each(&jobs, |((sigma_w2, depth, _), seed)| {
        let mut best = 0.0_f64;
        for learning_rate in LEARNING_RATES {
            let mut config = Config::default();
            (config.network.depth, config.network.width) = (Some(*depth), Some(100));
            (config.network.activation, config.network.init) = (Activation::Tanh, init(*sigma_w2));
            (config.train.optimizer, config.train.learning_rate) = (Optimizer::Sgd, learning_rate);
            (config.train.steps, config.train.seed) = (1500, *seed);
            best = best.max(train(context, &config, &dataset)?.accuracy);
        }
        Ok(best)
    })?;
    for ((sigma_w2, depth, trains), accuracies) in
        CELLS.into_iter().zip(accuracies.chunks_exact(TRAINING_SEEDS as usize))
    {
        let six_xi = six_xi_of(sigma_w2);
        let share =
            if six_xi > 1e4 { "at the edge".to_owned() } else { format!("{:.1} times 6 xi", depth as f64 / six_xi) };
        let quantity = format!("sigma_w^2 = {sigma_w2}, depth {depth} ({share}): accuracy");
        let (published, rule) =
            if trains { ("trains", Rule::Above(0.5)) } else { ("does not train", Rule::Below(0.5)) };
        context.found(Finding::new(quantity, published, Measured::seeds(accuracies), rule));
    }
    Ok(())
}
