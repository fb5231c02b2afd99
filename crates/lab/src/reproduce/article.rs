//! The well-known experiment: six layers of ten units, three activations.

use headwater_nn::Activation;

use super::finding::{Finding, Measured, Rule};
use super::training::{Trained, train};
use super::{Claim, Context, ReproduceError, drawn};
use crate::Config;

const SEEDS: u64 = 32;
const ACTIVATIONS: [Activation; 3] = [Activation::Sigmoid, Activation::Relu, Activation::LeakyRelu { slope: 0.2 }];

pub(super) const CLAIM: Claim = Claim {
    id: "article",
    title: "A six-layer sigmoid network starves its first layer; rectifiers feed it",
    source: "The vanishing gradient problem and ReLUs: a TensorFlow investigation, Adventures in Machine Learning, \
             2018",
    method: "784-10-10-10-10-10-10 on MNIST as `headwater train`: Glorot, Adam, batch 30, 2,500 steps; 32 seeds. The \
             article shows one run of each. Leaky ReLU's slope is 0.2, as its program has it.",
    why: Some(
        "32 seeds of ReLU fall 9-fold in the median, and the published 6 is just below the range of 5 to 95 % of \
         them; it is that of one run.",
    ),
    runs: ACTIVATIONS.len() as u64 * SEEDS,
    core_seconds: 12,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = drawn::mnist()?;
    let jobs: Vec<_> = ACTIVATIONS.iter().flat_map(|f| (0..SEEDS).map(move |seed| (*f, seed))).collect();
    let trained = context.each(&jobs, |(activation, seed)| {
        let mut config = Config::default();
        config.network.activation = *activation;
        config.train.seed = *seed;
        train(context, &config, &dataset)
    })?;
    let of: Vec<&[Trained]> = trained.chunks_exact(SEEDS as usize).collect();
    let falls = |runs: &[Trained]| {
        let ratios: Vec<f64> = runs.iter().map(|run| run.gradients[5] / run.gradients[0]).collect();
        Measured::seeds(&ratios)
    };
    let ahead = |runs: &[Trained], others: &[Trained]| {
        let gaps: Vec<f64> = runs.iter().zip(others).map(|(run, other)| run.accuracy - other.accuracy).collect();
        Measured::seeds(&gaps)
    };
    let fall = "mean |dC/dW|, layer 6 : layer 1";
    // "About": half of the last digit given is open, on either side.
    context.found(Finding::new(format!("sigmoid: {fall}"), "about 30", falls(of[0]), Rule::Meets(25.0, 35.0)));
    context.found(Finding::new(format!("ReLU: {fall}"), "about 6", falls(of[1]), Rule::Meets(5.5, 6.5)));
    context.found(Finding::new(format!("Leaky ReLU: {fall}"), "about 6", falls(of[2]), Rule::Meets(5.5, 6.5)));
    let accuracy = "training accuracy, ReLU less sigmoid";
    context.found(Finding::new(accuracy, "far ahead", ahead(of[1], of[0]), Rule::Above(0.1)));
    let accuracy = "training accuracy, Leaky ReLU less ReLU";
    context.found(Finding::new(accuracy, "no better", ahead(of[2], of[1]), Rule::Meets(0.0, 0.0)));
    Ok(())
}
