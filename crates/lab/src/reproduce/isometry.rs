//! Dynamical isometry: networks whose Jacobian keeps the length of every vector, at any depth.

use headwater_nn::{Activation, Initialiser, Optimizer};

use super::drawn::{Drawn, mnist, noise, plain};
use super::finding::{Finding, Measured, Rule};
use super::svd::singular_values;
use super::training::train;
use super::{Claim, Context, ReproduceError};
use crate::Config;

const WIDTH: usize = 100;
const DEPTH: usize = 101;
const SEEDS: u64 = 10;
const TRAINING_SEEDS: u64 = 3;

pub(super) const CLAIM: Claim = Claim {
    id: "isometry",
    title: "Orthogonal weights keep all singular values at 1 at any depth, and very deep tanh networks trainable",
    source: "Saxe, McClelland and Ganguli, 2013, Exact solutions to the nonlinear dynamics of learning in deep linear \
             neural networks; Pennington, Schoenholz and Ganguli, 2017, Resurrecting the sigmoid in deep learning \
             through dynamical isometry",
    method: "Products of 100 matrices of 100 x 100, 10 seeds. Training: tanh, 200 hidden layers, sigma_w^2 = 1.05, \
             sigma_b^2 = 2.01e-5 as in the paper, but 64 wide (400 there) on MNIST (CIFAR-10 there): SGD 0.01, batch \
             30, 600 steps, 3 seeds.",
    why: None,
    runs: 2 * SEEDS + 2 * TRAINING_SEEDS,
    core_seconds: 29,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let spectra = |init: Initialiser| {
        context.seeds(SEEDS, |seed| {
            let shapes = plain(DEPTH, WIDTH, Activation::Identity);
            let mut drawn = Drawn::new(WIDTH, &shapes, init, Initialiser::Zeros, 1, seed)?;
            Ok(singular_values(drawn.jacobian(&noise(WIDTH, seed), 0, DEPTH - 1)))
        })
    };
    let of = |spectra: &[Vec<f64>], figure: fn(&[f64]) -> f64| {
        Measured::seeds(&spectra.iter().map(|values| figure(values)).collect::<Vec<_>>())
    };
    let orthogonal = spectra(Initialiser::Orthogonal { gain: 1.0 })?;
    let one = Rule::Meets(0.999_99, 1.000_01);
    let (largest, smallest) = (of(&orthogonal, |s| s[0]), of(&orthogonal, |s| s[WIDTH - 1]));
    context.found(Finding::new("linear, orthogonal: largest singular value", "1", largest, one));
    context.found(Finding::new("linear, orthogonal: smallest singular value", "1", smallest, one));
    let gaussian = of(&spectra(Initialiser::LecunNormal)?, |s| s[WIDTH / 2] / s[0]);
    let middle = "linear, Gaussian: the middle singular value : the largest";
    context.found(Finding::new(middle, "the spectrum collapses", gaussian, Rule::Below(1e-3)));
    trained(context)
}

fn trained(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = mnist()?;
    let (sigma_w2, sigma_b2) = (1.05_f64, 2.01e-5_f64);
    let settings = [Initialiser::Orthogonal { gain: sigma_w2.sqrt() }, Initialiser::Scaled { sigma_w2, sigma_b2 }];
    let jobs: Vec<_> = settings.iter().flat_map(|init| (0..TRAINING_SEEDS).map(move |seed| (*init, seed))).collect();
    let accuracies = context.each(&jobs, |(init, seed)| {
        let mut config = Config::default();
        (config.network.depth, config.network.width) = (Some(200), Some(64));
        (config.network.activation, config.network.init) = (Activation::Tanh, *init);
        config.network.bias_init = Initialiser::Normal { std: sigma_b2.sqrt() };
        (config.train.optimizer, config.train.learning_rate) = (Optimizer::Sgd, 0.01);
        (config.train.steps, config.train.seed) = (600, *seed);
        Ok(train(context, &config, &dataset)?.accuracy)
    })?;
    let of: Vec<&[f64]> = accuracies.chunks_exact(TRAINING_SEEDS as usize).collect();
    let ahead: Vec<f64> = of[0].iter().zip(of[1]).map(|(orthogonal, gaussian)| orthogonal - gaussian).collect();
    let (tanh, trained) = ("tanh, 200 layers, orthogonal: training accuracy", Measured::seeds(of[0]));
    context.found(Finding::new(tanh, "trains", trained, Rule::Above(0.5)));
    let less = "the same less that of Gaussian weights";
    context.found(Finding::new(less, "faster", Measured::seeds(&ahead), Rule::Above(0.0)));
    Ok(())
}
