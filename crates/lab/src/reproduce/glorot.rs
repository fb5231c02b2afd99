//! Five hidden layers of tanh: what the initialisation does to delta, to dC/dW, and to the result.

use headwater_data::Dataset;
use headwater_nn::{Activation, Initialiser, Optimizer};

use super::drawn::{Drawn, batch, mnist, noise, plain};
use super::finding::{Finding, Measured, Rule, root_mean_square_of_ln};
use super::svd::singular_values;
use super::training::train;
use super::{Claim, Context, ReproduceError};
use crate::Config;

const WIDTH: usize = 1000;
const SEEDS: u64 = 10;
const BATCH: usize = 30;
/// Units of the matrices that are taken apart.
const SMALL: usize = 150;
/// Units of the networks that are trained.
const TRAINED: usize = 100;
const TRAINING_SEEDS: u64 = 8;

pub(super) const CLAIM: Claim = Claim {
    id: "glorot",
    title: "Under the standard initialisation delta falls and dC/dW does not; the normalised one holds both",
    source: "Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks",
    method: "Five hidden layers of 1,000 tanh units before the first step, MNIST, 10 seeds (singular values: 150 \
             units); standard: U(+-1/sqrt(n)). Training: 100 units, SGD 0.1, batch 10, 6,000 steps, 8 seeds; the paper \
             has 1,000 units, and learning rates chosen for each.",
    why: Some(
        "8 seeds of 100 units and 6,000 steps do not tell the test errors of tanh and of tanh normalised apart; the \
         published ones are of 1,000 units, trained to the end. The singular values are of 150 units, too.",
    ),
    runs: 4 * SEEDS + 3 * TRAINING_SEEDS,
    core_seconds: 35,
    run,
};

/// U(+-1/sqrt(n)): variance 1 / (3 n).
fn standard(fan_in: usize) -> Initialiser {
    Initialiser::Uniform { limit: (fan_in as f64).sqrt().recip() }
}

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = mnist()?;
    let per_layer = |init: Initialiser| {
        let found = context.seeds(SEEDS, |seed| {
            let x = batch(&dataset, BATCH, seed);
            let shapes = plain(5, WIDTH, Activation::Tanh);
            let mut drawn = Drawn::new(784, &shapes, init, Initialiser::Zeros, BATCH, seed)?;
            let ln = drawn.ln_deltas(&x);
            let signals = drawn.signals(&x);
            // Layers 2 to 5, which have the same fans.
            Ok((ln[1] - ln[4], 0.5 * (signals[1].gradient / signals[4].gradient).ln()))
        })?;
        let (delta, gradient): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
        let cube_root = |ln: Vec<f64>| Measured::bootstrap(&ln, |ln| root_mean_square_of_ln(ln).cbrt());
        Ok::<_, ReproduceError>((cube_root(delta), cube_root(gradient)))
    };
    let (delta, gradient) = per_layer(standard(WIDTH))?;
    let ratio = "delta, a layer : the one above";
    context.found(Finding::new(format!("standard: {ratio}"), "sqrt(1/3) = 0.577", delta, Rule::near(0.577, 0.05)));
    let gradients = "standard: dC/dW, a layer : the one above";
    context.found(Finding::new(gradients, "flat: 1", gradient, Rule::near(1.0, 0.05)));
    let (normalised, _) = per_layer(Initialiser::GlorotUniform)?;
    context.found(Finding::new(format!("normalised: {ratio}"), "about 1", normalised, Rule::near(1.0, 0.1)));
    for (name, init, published) in [("standard", standard(SMALL), 0.5), ("normalised", Initialiser::GlorotUniform, 0.8)]
    {
        let means = context.seeds(SEEDS, |seed| mean_singular_value(init, seed))?;
        let rule = Rule::Meets(published - 0.05, published + 0.05);
        let quantity = format!("{name}: mean singular value of a layer's Jacobian");
        context.found(Finding::new(quantity, format!("about {published}"), Measured::seeds(&means), rule));
    }
    trained(context, &dataset)?;
    context.found(Finding::untestable("test error in % on Shapeset-3x2: tanh, tanh normalised", "27.15, 15.60"));
    Ok(())
}

/// Of dz / dz of the layer below, at the fifth layer, for a sample of noise.
fn mean_singular_value(init: Initialiser, seed: u64) -> Result<f64, ReproduceError> {
    let shapes = plain(5, SMALL, Activation::Tanh);
    let mut drawn = Drawn::new(SMALL, &shapes, init, Initialiser::Zeros, 1, seed)?;
    let jacobian = drawn.jacobian(&noise(SMALL, seed), 3, 4);
    Ok(singular_values(jacobian).iter().sum::<f64>() / SMALL as f64)
}

/// The paper's table 1: test errors of 2.21, 1.76 and 1.64 % on MNIST.
fn trained(context: &Context<'_>, dataset: &Dataset) -> Result<(), ReproduceError> {
    let standard = standard(TRAINED);
    let settings =
        [(Activation::Sigmoid, standard), (Activation::Tanh, standard), (Activation::Tanh, Initialiser::GlorotUniform)];
    let jobs: Vec<_> =
        settings.iter().flat_map(|setting| (0..TRAINING_SEEDS).map(move |seed| (*setting, seed))).collect();
    let errors = context.each(&jobs, |((activation, init), seed)| {
        let mut config = Config::default();
        (config.network.depth, config.network.width) = (Some(5), Some(TRAINED));
        (config.network.activation, config.network.init) = (*activation, *init);
        (config.train.optimizer, config.train.learning_rate) = (Optimizer::Sgd, 0.1);
        (config.train.steps, config.train.batch_size, config.train.seed) = (6000, 10, *seed);
        Ok(100.0 * train(context, &config, dataset)?.test_error(dataset)?)
    })?;
    let of: Vec<&[f64]> = errors.chunks_exact(TRAINING_SEEDS as usize).collect();
    let more = |a: &[f64], b: &[f64]| Measured::seeds(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
    let error = "test error in %";
    let sigmoid = format!("{error}: sigmoid less tanh");
    context.found(Finding::new(sigmoid, "2.21 - 1.76: more", more(of[0], of[1]), Rule::Above(0.0)));
    let tanh = format!("{error}: tanh less tanh normalised");
    context.found(Finding::new(tanh, "1.76 - 1.64: more", more(of[1], of[2]), Rule::Above(0.0)));
    Ok(())
}
