//! Scaling of the inputs: fitted on the training samples, and applied to all samples.

use crate::DataError;
use crate::loading::Loading;
use crate::samples::Samples;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// How inputs are scaled.
///
/// Each column of a table, and each input of an array `[samples, inputs]`, has its own scale. One-hot columns stay 0
/// and 1. The pixels of images share one scale, so that pixels that are nearly always 0 are not blown up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Inputs stay as they are. Pixels stored as bytes are between 0 and 1.
    #[default]
    None,
    /// Scales linearly, so that the training samples lie between 0 and 1.
    MinMax,
    /// Scales linearly, so that the training samples have mean 0 and variance 1.
    Standardise,
}

impl Scale {
    const ALL: [Self; 3] = [Self::None, Self::MinMax, Self::Standardise];
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::MinMax => "minmax",
            Self::Standardise => "standardise",
        })
    }
}

impl FromStr for Scale {
    type Err = DataError;

    /// Also accepts `standardize`.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let text = if text == "standardize" { "standardise" } else { text };
        Self::ALL.into_iter().find(|scale| scale.to_string() == text).ok_or_else(|| DataError::UnknownName {
            what: "scale",
            given: text.to_owned(),
            expected: "none, minmax or standardise",
        })
    }
}

/// Which inputs share a scale.
#[derive(Debug)]
pub(crate) enum Columns {
    /// All of them: they are the pixels of an image.
    Pixels,
    /// None: each input has its own scale.
    Table {
        /// Inputs that are 0 or 1 and are not scaled.
        one_hot: Vec<Range<usize>>,
    },
}

/// Maps x to (x - offset) * factor. A factor of 0 maps every x to 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Linear {
    offset: f64,
    factor: f64,
}

impl Linear {
    const IDENTITY: Self = Self { offset: 0.0, factor: 1.0 };

    /// Scales x. The result is finite even if x is far from everything in the training samples.
    pub(crate) fn of(self, x: f32) -> f32 {
        const LARGEST: f64 = f32::MAX as f64;
        ((f64::from(x) - self.offset) * self.factor).clamp(-LARGEST, LARGEST) as f32
    }
}

/// Statistics of an input, or of inputs that share a scale.
#[derive(Clone, Copy)]
struct Statistics {
    min: f32,
    max: f32,
    sum: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
}

impl Statistics {
    const NONE: Self = Self { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, squares: 0.0 };

    /// `count` is how many numbers the statistics cover.
    fn linear(self, scale: Scale, count: f64) -> Linear {
        let (min, max) = (f64::from(self.min), f64::from(self.max));
        let (offset, size) = match scale {
            Scale::None => return Linear::IDENTITY,
            Scale::MinMax => (min, max - min),
            Scale::Standardise => (self.sum / count, (self.squares / count).sqrt()),
        };
        // A constant input carries no information, and rounding errors should not make it look as if it did.
        let factor = if min < max { 1.0 / size } else { 0.0 };
        Linear { offset, factor }
    }
}

/// Fits the scale to the samples `rows` of the first set and applies it to all sets.
pub(crate) fn apply(
    loading: Loading<'_>,
    scale: Scale,
    columns: &Columns,
    all: &mut [&mut Samples],
    rows: Range<usize>,
) -> Result<(), DataError> {
    let Some(first) = all.first().filter(|_| scale != Scale::None) else { return Ok(()) };
    let width = match columns {
        Columns::Pixels => 1,
        Columns::Table { .. } => first.width(),
    };
    let mut linear = fit(loading, scale, &first.slice(rows), width)?;
    if let Columns::Table { one_hot } = columns {
        for range in one_hot {
            linear[range.clone()].fill(Linear::IDENTITY);
        }
    }
    for samples in all.iter_mut() {
        let Some(values) = samples.floats_mut() else {
            // Bytes are pixels, which share one scale.
            samples.rescale(linear[0]);
            continue;
        };
        for block in values.chunks_mut(width.max(1 << 12) / width * width) {
            loading.check()?;
            for row in block.chunks_exact_mut(width) {
                row.iter_mut().zip(&linear).for_each(|(x, linear)| *x = linear.of(*x));
            }
        }
    }
    Ok(())
}

/// Fits a scale for each of `width` inputs. A sample has `width` inputs, or a multiple of `width` that share the
/// scales.
fn fit(loading: Loading<'_>, scale: Scale, samples: &Samples, width: usize) -> Result<Vec<Linear>, DataError> {
    let mut statistics = loading.collect(width, std::iter::repeat(Statistics::NONE))?;
    let visit = |statistics: &mut [Statistics], visit: fn(&mut Statistics, f32, f64)| -> Result<f64, DataError> {
        let (mut row, mut label) = (loading.collect(samples.width(), std::iter::repeat(0.0))?, [0]);
        let count = (samples.len() * samples.width() / width) as f64;
        for sample in 0..samples.len() {
            loading.check()?;
            samples.range(sample, &mut row, &mut label);
            for values in row.chunks_exact(width) {
                statistics.iter_mut().zip(values).for_each(|(known, &x)| visit(known, x, count));
            }
        }
        Ok(count)
    };
    visit(&mut statistics, |known, x, _| {
        known.min = known.min.min(x);
        known.max = known.max.max(x);
        known.sum += f64::from(x);
    })?;
    let count = visit(&mut statistics, |known, x, count| known.squares += (f64::from(x) - known.sum / count).powi(2))?;
    loading.collect(width, statistics.into_iter().map(|known| known.linear(scale, count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Inputs;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    fn floats(inputs: &[f32], width: usize) -> Samples {
        Samples::new(Inputs::Floats(Arc::new(inputs.to_vec())), width, vec![0; inputs.len() / width])
    }

    fn scaled(scale: Scale, columns: &Columns, all: &mut [&mut Samples], rows: Range<usize>) {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("some"), interrupt: &interrupt };
        apply(loading, scale, columns, all, rows).unwrap();
    }

    fn table() -> Columns {
        Columns::Table { one_hot: Vec::new() }
    }

    fn inputs(samples: &Samples) -> Vec<f32> {
        let (mut inputs, mut labels) = (vec![0.0; samples.len() * samples.width()], vec![0; samples.len()]);
        samples.range(0, &mut inputs, &mut labels);
        inputs
    }

    #[test]
    fn each_column_has_mean_0_and_variance_1_over_the_training_rows() {
        // The first row is a validation sample, far from the others.
        let (mut own, mut test) = (floats(&[900.0, 9.0, 1.0, 10.0, 3.0, 30.0], 2), floats(&[5.0, 0.0], 2));
        scaled(Scale::Standardise, &table(), &mut [&mut own, &mut test], 1..3);
        assert_eq!(inputs(&own), [898.0, -1.1, -1.0, -1.0, 1.0, 1.0]);
        assert_eq!(inputs(&test), [3.0, -2.0]);
    }

    #[test]
    fn minmax_keeps_zeros_where_they_are_the_least() {
        let mut own = floats(&[0.0, -4.0, 8.0, 4.0, 2.0, 0.0], 2);
        scaled(Scale::MinMax, &table(), &mut [&mut own], 0..3);
        assert_eq!(inputs(&own), [0.0, 0.0, 1.0, 1.0, 0.25, 0.5]);
    }

    #[test]
    fn constant_columns_become_0_and_extremes_stay_finite() {
        for scale in [Scale::MinMax, Scale::Standardise] {
            // 0.1 has no exact mean in binary; f32::MAX overflows when squared or subtracted.
            let (mut own, mut test) =
                (floats(&[0.1, f32::MAX, 1e-38, 0.1, f32::MIN, 2e-38, 0.1, 0.0, 2e-38], 3), floats(&[1e30; 3], 3));
            scaled(scale, &table(), &mut [&mut own, &mut test], 0..3);
            let (own, test) = (inputs(&own), inputs(&test));
            assert!(own.iter().chain(&test).all(|x| x.is_finite()), "{own:?} {test:?}");
            assert!([own[0], own[3], own[6], test[0]].iter().all(|x| *x == 0.0), "{own:?}");
            assert!(own.iter().all(|x| x.abs() < 3.0), "{own:?}");
        }
    }

    #[test]
    fn one_hot_columns_stay_as_they_are() {
        let mut own = floats(&[5.0, 1.0, 0.0, 1.0, 7.0, 0.0, 1.0, 1.0], 4);
        scaled(Scale::Standardise, &Columns::Table { one_hot: vec![1..3, 3..4] }, &mut [&mut own], 0..2);
        assert_eq!(inputs(&own), [-1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn pixels_have_one_scale_whether_bytes_or_numbers() {
        let pixels = [0, 0, 0, 255, 0, 0, 0, 51];
        let numbers: Vec<f32> = pixels.iter().map(|&byte| f32::from(byte) * (1.0 / 255.0)).collect();
        let mut bytes = Samples::new(Inputs::Bytes(Arc::new(pixels.to_vec())), 4, vec![0; 2]);
        let mut floats = floats(&numbers, 4);
        for samples in [&mut bytes, &mut floats] {
            scaled(Scale::Standardise, &Columns::Pixels, &mut [samples], 0..2);
        }
        let (bytes, floats) = (inputs(&bytes), inputs(&floats));
        assert_eq!(bytes, floats);
        let mean = bytes.iter().sum::<f32>() / 8.0;
        let variance = bytes.iter().map(|x| x * x).sum::<f32>() / 8.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "{bytes:?}");
    }

    #[test]
    fn pixels_from_0_to_1_are_the_same_bits_after_minmax() {
        let pixels: Vec<u8> = (0..=255).collect();
        let plain = Samples::new(Inputs::Bytes(Arc::new(pixels)), 64, vec![0; 4]);
        let mut after = plain.clone();
        scaled(Scale::MinMax, &Columns::Pixels, &mut [&mut after], 0..4);
        assert_eq!(inputs(&after), inputs(&plain));
    }

    #[test]
    fn names_are_parsed_back() {
        for scale in Scale::ALL {
            assert_eq!(scale.to_string().parse::<Scale>().unwrap(), scale);
        }
        let message = "standard".parse::<Scale>().unwrap_err().to_string();
        assert_eq!(message, "unknown scale \"standard\": expected none, minmax or standardise");
    }
}
