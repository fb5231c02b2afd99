//! Rectifiers halve what Xavier's rule, made for straight lines, takes to be kept.

use headwater_nn::{Activation, Initialiser, Optimizer};

use super::drawn::{Drawn, mnist, noise, plain};
use super::finding::{Finding, Measured, Rule, root_mean_square_of_ln};
use super::training::train;
use super::{Claim, Context, ReproduceError};
use crate::Config;

const WIDTH: usize = 200;
const DEPTH: usize = 21;
const SEEDS: u64 = 100;
const TRAINING_SEEDS: u64 = 5;
/// Whether a network converges or stalls is asked of the better of these.
const LEARNING_RATES: [f64; 2] = [1e-3, 1e-2];
/// Xavier's rule as He and others state it: variance 1 / fan-in.
const XAVIER: Initialiser = Initialiser::LecunNormal;

pub(super) const CLAIM: Claim = Claim {
    id: "he",
    title: "ReLU networks need weights of variance 2 / n: with less, deep ones stall",
    source: "He et al., 2015, Delving deep into rectifiers: surpassing human-level performance on ImageNet \
             classification",
    method: "21 layers of 200 ReLU units before the first step, 100 seeds; VGG-B's fans by arithmetic. Training: 30 \
             hidden layers of 100 units on MNIST, momentum 0.9, the better of the rates 0.001 and 0.01 for each seed, \
             batch 30, 4,000 steps, 5 seeds, in place of the paper's convolutions on ImageNet.",
    why: Some(
        "With the rate 0.001 Xavier's networks reach 0.21 after 4,000 steps, just above the bound: on MNIST they \
         learn slowly rather than not at all.",
    ),
    runs: 2 * SEEDS + 2 * TRAINING_SEEDS,
    core_seconds: 171,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let per_layer = |init: Initialiser| {
        let ln = context.seeds(SEEDS, |seed| {
            let shapes = plain(DEPTH, WIDTH, Activation::Relu);
            let mut drawn = Drawn::new(WIDTH, &shapes, init, Initialiser::Zeros, 1, seed)?;
            let ln = drawn.ln_deltas(&noise(WIDTH, seed));
            Ok(ln[0] - ln[DEPTH - 1])
        })?;
        let root = |ln: &[f64]| root_mean_square_of_ln(ln).powf(((DEPTH - 1) as f64).recip());
        Ok::<_, ReproduceError>(Measured::bootstrap(&ln, root))
    };
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let ratio = "delta, a layer : the one above";
    let xavier = per_layer(XAVIER)?;
    context.found(Finding::new(format!("Xavier: {ratio}"), "1 / sqrt(2) = 0.707", xavier, Rule::near(half, 0.01)));
    let he = per_layer(Initialiser::HeNormal)?;
    context.found(Finding::new(format!("He: {ratio}"), "1", he, Rule::near(1.0, 0.01)));
    let (vgg_b, rounded) = (Measured::computed(vgg_b()), Rule::Meets(1.65e4, 1.75e4));
    context.found(Finding::new("VGG-B, std 0.01: gradient, conv10 : conv2", "1.7e4", vgg_b, rounded));
    let dataset = mnist()?;
    for (name, init, published, rule) in
        [("He", Initialiser::HeNormal, "converges", Rule::Above(0.5)), ("Xavier", XAVIER, "stalls", Rule::Below(0.2))]
    {
        let accuracies = context.seeds(TRAINING_SEEDS, |seed| {
            let mut best = 0.0_f64;
            for learning_rate in LEARNING_RATES {
                let mut config = Config::default();
                (config.network.depth, config.network.width) = (Some(30), Some(100));
                (config.network.activation, config.network.init) = (Activation::Relu, init);
                config.train.optimizer = Optimizer::Momentum { momentum: 0.9 };
                (config.train.steps, config.train.seed) = (4000, seed);
                config.train.learning_rate = learning_rate;
                best = best.max(train(context, &config, &dataset)?.accuracy);
            }
            Ok(best)
        })?;
        let quantity = format!("30 hidden layers, {name}: training accuracy");
        context.found(Finding::new(quantity, published, Measured::seeds(&accuracies), rule));
    }
    context.found(Finding::untestable(
        "30-layer convolutional network on ImageNet: He converges, Xavier stalls",
        "figure 3",
    ));
    Ok(())
}

/// By how much the gradient falls from conv10 to conv2 of VGG's model B where weights have the standard deviation 0.01
/// instead of sqrt(2 / (9 d)), d the number of filters: the product over the layers in between.
fn vgg_b() -> f64 {
    // conv2 to conv9.
    let filters = [64.0, 128.0, 128.0, 256.0, 256.0, 512.0, 512.0, 512.0, 512.0_f64];
    filters.iter().map(|filters| (2.0 / (9.0 * filters)).sqrt() / 0.01).product()
}
