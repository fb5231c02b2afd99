//! A dataset in numbers: what one looks at before training on it.

use crate::{Dataset, ImageShape, Samples};
use serde::Serialize;

/// What a dataset holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The dataset's name.
    pub name: String,
    /// Number of classes.
    pub classes: usize,
    /// Inputs per sample.
    pub width: usize,
    /// Rows and columns, if the samples are images.
    pub image: Option<ImageShape>,
    /// `train`, `validation` and `test`, in this order.
    pub splits: [SplitDescription; 3],
    /// Of the training samples.
    pub inputs: InputStatistics,
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitDescription {
    /// `train`, `validation` or `test`.
    pub name: &'static str,
    /// Number of samples.
    pub samples: usize,
    /// Number of samples of each class, `[classes]`.
    pub per_class: Vec<usize>,
}

/// The distribution of all inputs, as the network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InputStatistics {
    /// Smallest.
    pub min: f32,
    /// Largest.
    pub max: f32,
    /// Arithmetic mean.
    pub mean: f64,
    /// Fraction that is zero, 0 to 1: the weights of such inputs get no gradient from that sample.
    pub zero: f64,
}

impl Dataset {
    /// Counts the samples of every class and surveys the training inputs.
    pub fn describe(&self) -> Description {
        let split = |name, samples: &Samples| {
            let mut per_class = vec![0; self.classes];
            for &label in samples.labels() {
                per_class[label as usize] += 1;
            }
            SplitDescription { name, samples: samples.len(), per_class }
        };
        Description {
            name: self.name.clone(),
            classes: self.classes,
            width: self.train.width(),
            image: self.image,
            splits: [split("train", &self.train), split("validation", &self.validation), split("test", &self.test)],
            inputs: survey(&self.train),
        }
    }
}

fn survey(samples: &Samples) -> InputStatistics {
    let (mut row, mut label) = (vec![0.0; samples.width()], [0]);
    let (mut min, mut max, mut sum, mut zeros) = (f32::INFINITY, f32::NEG_INFINITY, 0.0, 0_usize);
    for sample in 0..samples.len() {
        samples.range(sample, &mut row, &mut label);
        for &x in &row {
            min = min.min(x);
            max = max.max(x);
            sum += f64::from(x);
            zeros += usize::from(x == 0.0);
        }
    }
    let count = (samples.len() * samples.width()) as f64;
    InputStatistics { min, max, mean: sum / count, zero: zeros as f64 / count }
}
