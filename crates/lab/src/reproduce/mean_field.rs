//! What the theory of wide networks says of the experiment's narrow one.

use headwater_nn::{Activation, Initialiser};

use super::drawn::{Drawn, batch, mnist, plain};
use super::finding::{Finding, Measured, Rule, mean, root_mean_square_of_ln};
use super::{Claim, Context, ReproduceError};

const SEEDS: u64 = 300;
const BATCH: usize = 30;

pub(super) const CLAIM: Claim = Claim {
    id: "mean-field",
    title: "At initialisation delta changes by sqrt(chi_1) from layer to layer",
    source: "Poole et al., 2016, Exponential expressivity in deep neural networks through transient chaos, and \
             Schoenholz et al., 2017, Deep information propagation; worked out for the article's network",
    method: "784-10-10-10-10-10-10 before its first step, one batch of 30 MNIST samples, 300 seeds; delta from layer \
             5 to layer 2, from noise at the output, in root mean square over the seeds. Theory is of endless width; \
             here it is 10.",
    why: None,
    runs: 2 * SEEDS,
    core_seconds: 1,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = mnist()?;
    let measure = |activation, init| {
        context.seeds(SEEDS, |seed| {
            let x = batch(&dataset, BATCH, seed);
            let (shapes, zeros) = (plain(5, 10, activation), Initialiser::Zeros);
            let mut drawn = Drawn::new(784, &shapes, init, zeros, BATCH, seed)?;
            let q = drawn.signals(&x)[4].q;
            let ln = drawn.ln_deltas(&x);
            Ok((ln[1] - ln[4], q))
        })
    };
    let per_layer = |of: &[(f64, f64)]| {
        let ln: Vec<f64> = of.iter().map(|(ln, _)| *ln).collect();
        Measured::bootstrap(&ln, |ln| root_mean_square_of_ln(ln).cbrt())
    };
    let sigmoid = measure(Activation::Sigmoid, Initialiser::GlorotUniform)?;
    let q: Vec<f64> = sigmoid.iter().map(|(_, q)| *q).collect();
    let ratio = "delta, a layer : the one above";
    let q = Measured::bootstrap(&q, mean);
    context.found(Finding::new(
        "sigmoid, Glorot: mean square of z in layer 5",
        "q* = 0.265",
        q,
        Rule::near(0.265, 0.02),
    ));
    let sigmoid = per_layer(&sigmoid);
    context.found(Finding::new(format!("sigmoid, Glorot: {ratio}"), "0.236", sigmoid, Rule::near(0.236, 0.02)));
    let relu = per_layer(&measure(Activation::Relu, Initialiser::HeNormal)?);
    context.found(Finding::new(format!("ReLU, He: {ratio}"), "1", relu, Rule::near(1.0, 0.02)));
    Ok(())
}
