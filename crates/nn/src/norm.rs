//! Normalisation of what a layer's product gives, before its activation.
//!
//! Shapes: y, n and their gradients `[batch, outputs]`; gamma and beta `[outputs]`. Mean and variance are taken over
//! the batch for each unit (batch normalisation; Ioffe and Szegedy, 2015) or over the units for each sample (layer
//! normalisation; Ba, Kiros and Hinton, 2016). With m the number of values that a mean is over:
//!
//! ```text
//! forward     h = (y - mean) / sqrt(variance + 1e-5)      n = gamma h + beta
//! backward    dgamma = sum over the batch of h dn         dbeta = sum over the batch of dn
//!             dh = gamma dn
//!             dy = (dh - mean(dh) - h mean(h dh)) / sqrt(variance + 1e-5)
//! ```
//!
//! Batch normalisation keeps running means of both for evaluation, by PyTorch's rule: a tenth of each new value is
//! taken, and the variance that is kept is the unbiased one.

use std::fmt;
use std::str::FromStr;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};
use crate::{Real, ShapeError, memory};

const EPSILON: Real = 1e-5;
/// Share of a new batch in the running statistics.
const MOMENTUM: Real = 0.1;

/// What is normalised over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage)]
pub enum Norm {
    /// Each unit over the batch.
    Batch,
    /// Each sample over the units.
    Layer,
}

/// What a normalisation computes in a pass, sized once.
#[derive(Debug, Clone, Default)]
pub(crate) struct NormWorkspace {
    /// h, `[batch, outputs]`.
    pub(crate) h: Vec<Real>,
    /// 1 / sqrt(variance + epsilon), one for each unit or for each sample.
    pub(crate) scale: Vec<Real>,
    /// The batch's mean and variance of each unit, for the running statistics.
    pub(crate) mean: Vec<Real>,
    pub(crate) variance: Vec<Real>,
}

/// Gamma and beta of a layer, or their gradients: `[outputs]` each.
#[derive(Debug)]
pub(crate) struct Affine<T> {
    pub(crate) gamma: T,
    pub(crate) beta: T,
}

/// Running mean and variance of a layer's units, for evaluation.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Running {
    pub(crate) mean: Vec<Real>,
    pub(crate) variance: Vec<Real>,
}

impl Running {
    pub(crate) fn new(outputs: usize) -> Result<Self, ShapeError> {
        let filled = |value| memory::try_filled(value, outputs, "the running statistics");
        Ok(Self { mean: filled(0.0)?, variance: filled(1.0)? })
    }

    /// Takes in what a training pass over `batch` samples found.
    pub(crate) fn update(&mut self, found: &NormWorkspace, batch: usize) {
        // One sample has no variance to take in.
        let unbiased = batch as Real / (batch.max(2) - 1) as Real;
        for (kept, new) in self.mean.iter_mut().zip(&found.mean) {
            *kept += MOMENTUM * (new - *kept);
        }
        for (kept, new) in self.variance.iter_mut().zip(&found.variance) {
            *kept += MOMENTUM * (unbiased * new - *kept);
        }
    }
}

impl Norm {
    const NAMES: [&str; 2] = ["batch", "layer"];

    /// How many means are taken.
    pub(crate) fn groups(self, batch: usize, outputs: usize) -> usize {
        match self {
            Norm::Batch => outputs,
            Norm::Layer => batch,
        }
    }

    /// n of y, in place, in training: sets what backward needs. `values` holds y, then n.
    pub(crate) fn forward(
        self,
        values: &mut [Real],
        outputs: usize,
        Affine { gamma, beta }: &Affine<&[Real]>,
        workspace: &mut NormWorkspace,
    ) {
        let batch = values.len() / outputs;
        match self {
            Norm::Batch => {
                let (mean, variance) = (&mut workspace.mean[..outputs], &mut workspace.variance[..outputs]);
                mean.fill(0.0);
                for row in values.chunks_exact(outputs) {
                    mean.iter_mut().zip(row).for_each(|(mean, y)| *mean += y);
                }
                for mean in &mut *mean {
                    *mean /= batch as Real;
                }
                variance.fill(0.0);
                for row in values.chunks_exact(outputs) {
                    for ((variance, y), mean) in variance.iter_mut().zip(row).zip(&*mean) {
                        *variance += (y - mean) * (y - mean);
                    }
                }
                for (scale, variance) in workspace.scale.iter_mut().zip(&mut *variance) {
                    *variance /= batch as Real;
                    *scale = 1.0 / (*variance + EPSILON).sqrt();
                }
                for (row, h) in values.chunks_exact_mut(outputs).zip(workspace.h.chunks_exact_mut(outputs)) {
                    for unit in 0..outputs {
                        h[unit] = (row[unit] - mean[unit]) * workspace.scale[unit];
                        row[unit] = gamma[unit] * h[unit] + beta[unit];
                    }
                }
            }
            Norm::Layer => {
                let rows = values.chunks_exact_mut(outputs).zip(workspace.h.chunks_exact_mut(outputs));
                for ((row, h), scale) in rows.zip(&mut workspace.scale) {
                    *scale = normalise_row(row, h);
                    for unit in 0..outputs {
                        row[unit] = gamma[unit] * h[unit] + beta[unit];
                    }
                }
            }
        }
    }

    /// n of y, in place, in evaluation.
    pub(crate) fn evaluate(
        self,
        values: &mut [Real],
        outputs: usize,
        Affine { gamma, beta }: &Affine<&[Real]>,
        running: &Running,
    ) {
        for row in values.chunks_exact_mut(outputs) {
            let (mean, variance) = mean_and_variance(row);
            for unit in 0..outputs {
                let (mean, variance) = match self {
                    Norm::Batch => (running.mean[unit], running.variance[unit]),
                    Norm::Layer => (mean, variance),
                };
                row[unit] = gamma[unit] * ((row[unit] - mean) / (variance + EPSILON).sqrt()) + beta[unit];
            }
        }
    }

    /// Turns `gradient`, which holds dn, into dy in place; sets (does not add to) dgamma and dbeta.
    pub(crate) fn backward(
        self,
        gradient: &mut [Real],
        outputs: usize,
        gamma: &[Real],
        workspace: &NormWorkspace,
        Affine { gamma: dgamma, beta: dbeta }: Affine<&mut [Real]>,
    ) {
        let batch = gradient.len() / outputs;
        dgamma.fill(0.0);
        dbeta.fill(0.0);
        for (dn, h) in gradient.chunks_exact(outputs).zip(workspace.h.chunks_exact(outputs)) {
            for unit in 0..outputs {
                dgamma[unit] += h[unit] * dn[unit];
                dbeta[unit] += dn[unit];
            }
        }
        let rows = gradient.chunks_exact_mut(outputs).zip(workspace.h.chunks_exact(outputs));
        match self {
            // Over the batch gamma is a common factor, so mean(dh) = gamma dbeta / m and mean(h dh) = gamma dgamma / m.
            Norm::Batch => {
                let m = batch as Real;
                for (row, h) in rows {
                    for unit in 0..outputs {
                        let centred = row[unit] - dbeta[unit] / m - h[unit] * dgamma[unit] / m;
                        row[unit] = gamma[unit] * workspace.scale[unit] * centred;
                    }
                }
            }
            Norm::Layer => {
                let m = outputs as Real;
                for ((row, h), scale) in rows.zip(&workspace.scale) {
                    let (mut sum, mut along) = (0.0, 0.0);
                    for unit in 0..outputs {
                        row[unit] *= gamma[unit];
                        sum += row[unit];
                        along += row[unit] * h[unit];
                    }
                    for unit in 0..outputs {
                        row[unit] = scale * (row[unit] - sum / m - h[unit] * along / m);
                    }
                }
            }
        }
    }
}

/// Sets `h` to the normalised row; returns the factor.
fn normalise_row(row: &[Real], h: &mut [Real]) -> Real {
    let (mean, variance) = mean_and_variance(row);
    let scale = 1.0 / (variance + EPSILON).sqrt();
    h.iter_mut().zip(row).for_each(|(h, y)| *h = (y - mean) * scale);
    scale
}

fn mean_and_variance(row: &[Real]) -> (Real, Real) {
    let m = row.len() as Real;
    let mean = row.iter().sum::<Real>() / m;
    (mean, row.iter().map(|y| (y - mean) * (y - mean)).sum::<Real>() / m)
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Norm::Batch => "batch",
            Norm::Layer => "layer",
        })
    }
}

impl FromStr for Norm {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        match call.name {
            "batch" => call.arguments([]).map(|[]| Norm::Batch),
            "layer" => call.arguments([]).map(|[]| Norm::Layer),
            _ => Err(call.unknown_name("normalisation", &Self::NAMES)),
        }
    }
}
