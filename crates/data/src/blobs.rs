//! Gaussian clouds: what every network should learn, and a gradient that starves does not.

use crate::random::{Purpose, generator};
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::Loaded;
use rand_distr::{Distribution, StandardNormal};
use std::sync::Arc;

pub(crate) const SAMPLES: usize = 6_000;
pub(crate) const CLASSES: usize = 10;
pub(crate) const WIDTH: usize = 20;

/// `SAMPLES` points in `WIDTH` dimensions, as many of each class.
///
/// Centres and deviations from them have the standard normal distribution, so two centres lie 2 sqrt(WIDTH / 2) = 6.3
/// standard deviations apart, give or take one, and the best classifier errs on about one sample in 200.
pub(crate) fn generate(seed: u64) -> Loaded {
    let mut rng = generator(seed, Purpose::Synthesis);
    let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
    let centres: Vec<f32> = (0..CLASSES * WIDTH).map(|_| normal()).collect();
    let labels: Vec<u32> = (0..SAMPLES).map(|sample| (sample % CLASSES) as u32).collect();
    let mut inputs = Vec::with_capacity(SAMPLES * WIDTH);
    for &label in &labels {
        let first = label as usize * WIDTH;
        inputs.extend(centres[first..first + WIDTH].iter().map(|centre| centre + normal()));
    }
    let train = Samples::new(Inputs::Floats(Arc::new(inputs)), WIDTH, labels);
    let columns = Columns::Table { one_hot: Vec::new() };
    Loaded { classes: CLASSES, image: None, columns, train, test: None, dropped: 0, table: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn almost_every_sample_is_nearest_to_its_own_mean() {
        for seed in 0..5 {
            let all = generate(seed).train;
            let (mut inputs, mut labels) = (vec![0.0; SAMPLES * WIDTH], vec![0; SAMPLES]);
            all.range(0, &mut inputs, &mut labels);
            let mut means = [[0.0_f32; WIDTH]; CLASSES];
            for (row, &label) in inputs.chunks_exact(WIDTH).zip(&labels) {
                for (mean, x) in means[label as usize].iter_mut().zip(row) {
                    *mean += x * (CLASSES as f32 / SAMPLES as f32);
                }
            }
            let distance = |row: &[f32], mean: &[f32]| row.iter().zip(mean).map(|(x, m)| (x - m).powi(2)).sum::<f32>();
            let right = inputs.chunks_exact(WIDTH).zip(&labels).filter(|(row, label)| {
                let nearest = (0..CLASSES)
                    .min_by(|&a, &b| distance(row, &means[a]).total_cmp(&distance(row, &means[b])))
                    .expect("there are classes");
                nearest == **label as usize
            });
            let share = right.count() as f64 / SAMPLES as f64;
            assert!((0.97..1.0).contains(&share), "seed {seed}: {share}");
        }
    }
}
