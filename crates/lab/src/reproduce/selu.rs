//! Self-normalising networks.

use headwater_nn::{Activation, Initialiser};
use headwater_probe::theory::VarianceMap;

use super::drawn::{Drawn, noise, plain};
use super::finding::{Finding, Measured, Rule, mean, root_mean_square_of_ln};
use super::{Claim, Context, ReproduceError};

const WIDTH: usize = 500;
const DEPTH: usize = 32;
const BATCH: usize = 4;
const SEEDS: u64 = 20;

pub(super) const CLAIM: Claim = Claim {
    id: "selu",
    title: "SELU draws activations to mean 0 and variance 1",
    source: "Klambauer et al., 2017, Self-normalizing neural networks; chi_1 is worked out from it",
    method: "32 layers of 500 units, LeCun normal, inputs of variance 4, which is not the fixed point; 4 samples, 20 \
             seeds.",
    why: None,
    runs: SEEDS,
    core_seconds: 3,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let found = context.seeds(SEEDS, |seed| {
        let shapes = plain(DEPTH, WIDTH, Activation::Selu);
        let mut drawn = Drawn::new(WIDTH, &shapes, Initialiser::LecunNormal, Initialiser::Zeros, BATCH, seed)?;
        let mut x = noise(WIDTH * BATCH, seed);
        for x in &mut x {
            *x *= 2.0;
        }
        let last = drawn.signals(&x)[DEPTH - 1];
        let ln = drawn.ln_deltas(&x);
        // The lower half is on its way from 4 to 1.
        Ok((last, ln[DEPTH / 2] - ln[DEPTH - 1]))
    })?;
    let means: Vec<f64> = found.iter().map(|(last, _)| last.mean).collect();
    let variances: Vec<f64> = found.iter().map(|(last, _)| last.square - last.mean.powi(2)).collect();
    let ln: Vec<f64> = found.iter().map(|(_, ln)| *ln).collect();
    let layers = (DEPTH - 1 - DEPTH / 2) as f64;
    let growth = Measured::bootstrap(&ln, |ln| root_mean_square_of_ln(ln).powf(2.0 / layers));
    let chi_1 = VarianceMap { activation: Activation::Selu, sigma_w2: 1.0, sigma_b2: 0.0 }.chi_1(1.0);
    let rounded = Rule::Meets(1.071_55, 1.071_65);
    // The fixed point holds for all networks together; each single network is a little off.
    let (means, variances) = (Measured::bootstrap(&means, mean), Measured::bootstrap(&variances, mean));
    context.found(Finding::new("mean of the activations, layer 32", "0", means, Rule::Meets(0.0, 0.0)));
    context.found(Finding::new("variance of the activations, layer 32", "1", variances, Rule::Meets(1.0, 1.0)));
    context.found(Finding::new("chi_1, by integrals", "1.0716", Measured::computed(chi_1), rounded));
    let ratio = "delta squared, a layer : the one above";
    context.found(Finding::new(ratio, "chi_1 = 1.0716", growth, Rule::near(1.0716, 0.01)));
    Ok(())
}
