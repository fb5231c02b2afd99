//! Batch normalisation makes gradients explode.

use headwater_nn::{Activation, Initialiser, Norm};

use super::drawn::{Drawn, noise, plain};
use super::finding::{Finding, Measured, Rule, root_mean_square_of_ln};
use super::{Claim, Context, ReproduceError};

const WIDTH: usize = 300;
const BATCH: usize = 128;
const DEPTH: usize = 30;
const SEEDS: u64 = 8;
/// The batch takes its final form in the layers below.
const FROM: usize = 9;

pub(super) const CLAIM: Claim = Claim {
    id: "norm-explosion",
    title: "With batch normalisation before ReLU the squared gradient grows by pi / (pi - 1) per layer",
    source: "Yang et al., 2019, A mean field theory of batch normalization",
    method: "30 layers of 300 ReLU units with batch normalisation, 128 samples of noise, layers 10 to 29, 8 seeds. \
             Theory is of endless width and batch.",
    why: None,
    runs: SEEDS,
    core_seconds: 1,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let ln = context.seeds(SEEDS, |seed| {
        let mut shapes = plain(DEPTH, WIDTH, Activation::Relu);
        shapes[..DEPTH].iter_mut().for_each(|shape| shape.norm = Some(Norm::Batch));
        let mut drawn = Drawn::new(WIDTH, &shapes, Initialiser::HeNormal, Initialiser::Zeros, BATCH, seed)?;
        let ln = drawn.ln_deltas(&noise(WIDTH * BATCH, seed));
        Ok(ln[FROM] - ln[DEPTH - 2])
    })?;
    let layers = (DEPTH - 2 - FROM) as f64;
    let growth = Measured::bootstrap(&ln, |ln| root_mean_square_of_ln(ln).powf(2.0 / layers));
    context.found(Finding::new("delta squared, a layer : the one above", "1.467", growth, Rule::near(1.467, 0.02)));
    Ok(())
}
