//! Deeper plain networks train worse, and it is not because gradients vanish.

use headwater_nn::{Activation, Initialiser, Norm, Residual};

use super::drawn::{Drawn, batch, mnist};
use super::finding::{Finding, Measured, Rule};
use super::training::train;
use super::{Claim, Context, ReproduceError};
use crate::Config;

const SEEDS: u64 = 5;
const BATCH: usize = 100;
const SHALLOW: usize = 20;
const DEEP: usize = 56;

pub(super) const CLAIM: Claim = Claim {
    id: "degradation",
    title: "With batch normalisation, deeper plain networks train worse though no gradient vanishes; residual ones do \
             not",
    source: "He et al., 2015, Deep residual learning for image recognition",
    method: "20 and 56 hidden layers as in the paper, but dense, 50 ReLU units each, on MNIST: He normal, batch \
             normalisation, blocks of two layers (post-activation); Adam 1e-3, batch 100, 2,000 steps, 5 seeds.",
    why: Some(
        "Dense networks with batch normalisation explode before their first step, by 1.467 per layer \
         (norm-explosion); the paper looks at convolutions while they train. MNIST leaves nothing to be gained by 56 \
         layers over 20; that plain networks lose more agrees.",
    ),
    runs: 5 * SEEDS,
    core_seconds: 107,
    run,
};

fn config(depth: usize, residual: Option<Residual>, seed: u64) -> Config {
    let mut config = Config::default();
    (config.network.depth, config.network.width) = (Some(depth), Some(50));
    (config.network.activation, config.network.init) = (Activation::Relu, Initialiser::HeNormal);
    (config.network.norm, config.network.residual) = (Some(Norm::Batch), residual);
    (config.train.steps, config.train.batch_size, config.train.seed) = (2000, BATCH, seed);
    config
}

fn run(context: &Context<'_>) -> Result<(), ReproduceError> {
    let dataset = mnist()?;
    let blocks: Option<Residual> = "post(2)".parse().ok();
    let settings = [(SHALLOW, None), (DEEP, None), (SHALLOW, blocks), (DEEP, blocks)];
    let jobs: Vec<_> = settings.iter().flat_map(|setting| (0..SEEDS).map(move |seed| (*setting, seed))).collect();
    let losses = context.each(&jobs, |((depth, residual), seed)| {
        Ok(train(context, &config(*depth, *residual, *seed), &dataset)?.loss)
    })?;
    let of: Vec<&[f64]> = losses.chunks_exact(SEEDS as usize).collect();
    let more = |deep: &[f64], shallow: &[f64]| {
        Measured::seeds(&deep.iter().zip(shallow).map(|(deep, shallow)| deep - shallow).collect::<Vec<_>>())
    };
    let degradation: Vec<f64> = (0..SEEDS as usize).map(|i| of[1][i] - of[0][i] - (of[3][i] - of[2][i])).collect();
    let name = format!("training loss, {DEEP} layers less {SHALLOW}");
    context.found(Finding::new(format!("plain: {name}"), "worse", more(of[1], of[0]), Rule::Above(0.0)));
    context.found(Finding::new(format!("residual: {name}"), "better", more(of[3], of[2]), Rule::Below(0.0)));
    let lost = Measured::seeds(&degradation);
    context.found(Finding::new(format!("{name}: plain less residual"), "plain ones lose more", lost, Rule::Above(0.0)));
    let deltas = context.seeds(SEEDS, |seed| {
        let config = config(DEEP, None, seed);
        let x = batch(&dataset, BATCH, seed);
        let shapes = config.network.shapes(dataset.classes);
        let (init, bias) = (config.network.init, config.network.bias_init);
        let ln = Drawn::new(dataset.train.width(), &shapes, init, bias, BATCH, seed)?.ln_deltas(&x);
        Ok((ln[0] - ln[DEEP - 1]).exp())
    })?;
    let deltas = Measured::seeds(&deltas);
    let delta = format!("plain, {DEEP} layers: delta at the start, first : last");
    context.found(Finding::new(delta.clone(), "does not vanish", deltas, Rule::Above(0.1)));
    context.found(Finding::new(delta, "healthy: within a factor of 10", deltas, Rule::Within(0.1, 10.0)));
    let top_1 = "top-1 error in % on ImageNet, 18 and 34 layers, plain";
    context.found(Finding::untestable(top_1, "27.94, 28.54"));
    context.found(Finding::untestable("the same, residual", "27.88, 25.03"));
    Ok(())
}
