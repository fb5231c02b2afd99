//! One draw of a deep and narrow network is not like another.

use headwater_nn::{Activation, Initialiser};

use super::drawn::{Drawn, noise, plain};
use super::finding::{Finding, Measured, Rule, mean, variance};
use super::{Claim, Context, ReproduceError};

const WIDTH: usize = 100;
const LAYERS: usize = 50;
const SEEDS: u64 = 3000;

pub(super) const CLAIM: Claim = Claim {
    id: "finite-width",
    title: "Gradients of ReLU networks fluctuate from draw to draw by exp(5 sum 1/n), while their mean square is kept",
    source: "Hanin, 2018, Which neural net architectures give rise to exploding and vanishing gradients?; Hanin and \
             Nica, 2018, Products of many large random matrices and gradients in deep neural networks",
    method: "ReLU, He normal, 100 wide, one input; |delta|^2 of a layer over that of the layer 50 above, from noise \
             at the output; 3,000 seeds.",
    why: Some("5 L / n holds while L / n is small; here it is 0.5."),
    runs: SEEDS,
    core_seconds: 16,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let ln = context.seeds(SEEDS, |seed| {
        let shapes = plain(LAYERS + 1, WIDTH, Activation::Relu);
        let mut drawn = Drawn::new(WIDTH, &shapes, Initialiser::HeNormal, Initialiser::Zeros, 1, seed)?;
        let ln = drawn.ln_deltas(&noise(WIDTH, seed));
        Ok(2.0 * (ln[0] - ln[LAYERS]))
    })?;
    let mean_square = Measured::bootstrap(&ln, |ln| mean(&ln.iter().map(|ln| ln.exp()).collect::<Vec<_>>()));
    let squared = "squared Jacobian over 50 layers: mean";
    context.found(Finding::new(squared, "1", mean_square, Rule::Meets(1.0, 1.0)));
    let variance = Measured::bootstrap(&ln, variance);
    context.found(Finding::new("its logarithm: variance", "near 5 L / n = 2.5", variance, Rule::near(2.5, 0.05)));
    let mean = Measured::bootstrap(&ln, mean);
    context.found(Finding::new("its logarithm: mean", "near -2.5 / 2", mean, Rule::near(-1.25, 0.05)));
    Ok(())
}
