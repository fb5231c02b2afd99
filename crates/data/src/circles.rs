//! Two concentric circles: what no linear classifier can tell apart.

use crate::random::{Purpose, generator};
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::Loaded;
use rand_distr::{Distribution, StandardNormal, Uniform};
use std::f32::consts::TAU;
use std::sync::Arc;

pub(crate) const SAMPLES: usize = 3_000;
/// The radii of the classes.
const RADII: [f32; 2] = [1.0, 0.5];
/// Standard deviation of the noise that is added to each coordinate.
const NOISE: f32 = 0.1;

pub(crate) const CLASSES: usize = RADII.len();
pub(crate) const WIDTH: usize = 2;

/// `SAMPLES` points in the plane at uniform angles, as many on the outer circle (class 0) as on the inner (class 1).
pub(crate) fn generate(seed: u64) -> Loaded {
    let mut rng = generator(seed, Purpose::Synthesis);
    let angles = Uniform::new(0.0, TAU).expect("0 is below 2 pi");
    let labels: Vec<u32> = (0..SAMPLES).map(|sample| (sample % CLASSES) as u32).collect();
    let mut inputs = Vec::with_capacity(SAMPLES * WIDTH);
    for &label in &labels {
        let (sin, cos) = angles.sample(&mut rng).sin_cos();
        for coordinate in [cos, sin] {
            let noise: f32 = StandardNormal.sample(&mut rng);
            inputs.push(RADII[label as usize] * coordinate + NOISE * noise);
        }
    }
    let train = Samples::new(Inputs::Floats(Arc::new(inputs)), WIDTH, labels);
    let columns = Columns::Table { one_hot: Vec::new() };
    Loaded { classes: CLASSES, image: None, columns, train, test: None, dropped: 0, table: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_radius_tells_the_classes_apart_and_the_coordinates_do_not() {
        let all = generate(1).train;
        let (mut inputs, mut labels) = (vec![0.0; SAMPLES * WIDTH], vec![0; SAMPLES]);
        all.range(0, &mut inputs, &mut labels);
        let right =
            inputs.chunks_exact(WIDTH).zip(&labels).filter(|(x, label)| (x[0].hypot(x[1]) < 0.75) == (**label == 1));
        assert!(right.count() > SAMPLES * 98 / 100);
        for class in 0..2 {
            for coordinate in 0..WIDTH {
                let own = inputs.chunks_exact(WIDTH).zip(&labels).filter(|(_, label)| **label == class);
                let mean = own.map(|(x, _)| x[coordinate]).sum::<f32>() / (SAMPLES / CLASSES) as f32;
                assert!(mean.abs() < 0.1, "{mean}");
            }
        }
    }
}
