//! Networks of rectifiers that are dead before the first step.

use headwater_nn::{Activation, Initialiser};

use super::drawn::{Drawn, noise, plain};
use super::finding::{Finding, Measured, Rule, mean};
use super::{Claim, Context, ReproduceError};

/// Number of seeds for each shape.
const SEEDS: u64 = 20_000;
/// Width and depth of each network shape.
const SHAPES: [(usize, usize); 4] = [(2, 10), (4, 10), (4, 40), (8, 100)];

pub(super) const CLAIM: Claim = Claim {
    id: "born-dead",
    title: "For one input, a ReLU network of L layers of N units is born dead with probability 1 - (1 - 2^-N)^L",
    source: "Lu et al., 2019, Dying ReLU and initialization: theory and numerical examples",
    method: "He normal, no biases, one input of one number; dead: some layer gives only zeros. 20,000 seeds for each \
             shape.",
    why: None,
    runs: SHAPES.len() as u64 * SEEDS,
    core_seconds: 4,
    run,
};

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    for (width, depth) in SHAPES {
        context.found(shape(context, width, depth)?);
    }
    Ok(())
}

fn shape(context: &Context<'_>, width: usize, depth: usize) -> Result<Finding, ReproduceError> {
    let dead = context.seeds(SEEDS, |seed| {
        let shapes = plain(depth, width, Activation::Relu);
        let mut drawn = Drawn::new(1, &shapes, Initialiser::HeNormal, Initialiser::Zeros, 1, seed)?;
        let signals = drawn.signals(&noise(1, seed));
        Ok(f64::from(u8::from(signals[..depth].iter().any(|signal| signal.zero == 1.0))))
    })?;
    let published = 1.0 - (1.0 - 0.5_f64.powf(width as f64)).powf(depth as f64);
    let quantity = format!("{depth} layers of {width}: share of networks that are born dead");
    let rule = Rule::Meets(published, published);
    Ok(Finding::new(quantity, format!("{published:.3}"), Measured::bootstrap(&dead, mean), rule))
}
