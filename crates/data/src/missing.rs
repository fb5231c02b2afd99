//! Missing values: NaN among the inputs while a dataset is loaded.

use crate::DataError;
use crate::loading::Loading;
use crate::samples::Samples;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// What to do with missing values in a table or an NPZ file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// Refuses the dataset.
    #[default]
    Refuse,
    /// Replaces each missing value by the mean of its input over the training samples.
    Mean,
    /// Leaves out samples with missing values.
    Drop,
}

impl Missing {
    const ALL: [Self; 3] = [Self::Refuse, Self::Mean, Self::Drop];
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuse",
            Self::Mean => "mean",
            Self::Drop => "drop",
        })
    }
}

impl FromStr for Missing {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        Self::ALL.into_iter().find(|missing| missing.to_string() == text).ok_or_else(|| DataError::UnknownName {
            what: "treatment of missing values",
            given: text.to_owned(),
            expected: "refuse, mean or drop",
        })
    }
}

/// Replaces every NaN in `all`, which may be several sets of samples, by the mean of its input over the samples `rows`
/// of the first set. If an input is always missing there, its NaN become 0. Returns how many values were replaced.
pub(crate) fn fill(loading: Loading<'_>, all: &mut [&mut Samples], rows: Range<usize>) -> Result<u64, DataError> {
    let Some(first) = all.first() else { return Ok(0) };
    let width = first.width();
    let Some(values) = first.floats() else { return Ok(0) };
    let mut sums = loading.collect(width, std::iter::repeat((0.0_f64, 0_u64)))?;
    for row in values[rows.start * width..rows.end * width].chunks_exact(width) {
        loading.check()?;
        for ((sum, count), &value) in sums.iter_mut().zip(row).filter(|(_, value)| !value.is_nan()) {
            *sum += f64::from(value);
            *count += 1;
        }
    }
    let mut replaced = 0;
    for samples in all.iter_mut() {
        let Some(values) = samples.floats_mut() else { continue };
        for row in values.chunks_exact_mut(width) {
            loading.check()?;
            for (value, (sum, count)) in row.iter_mut().zip(&sums).filter(|(value, _)| value.is_nan()) {
                *value = if *count > 0 { (sum / *count as f64) as f32 } else { 0.0 };
                replaced += 1;
            }
        }
    }
    Ok(replaced)
}

/// Removes the samples in which any input is NaN from `inputs`, `[labels.len(), width]`. Returns how many were removed.
pub(crate) fn drop_rows(inputs: &mut Vec<f32>, labels: &mut Vec<u32>, width: usize) -> usize {
    let (before, mut kept) = (labels.len(), 0);
    for row in 0..before {
        let range = row * width..(row + 1) * width;
        if inputs[range.clone()].iter().any(|value| value.is_nan()) {
            continue;
        }
        inputs.copy_within(range, kept * width);
        labels[kept] = labels[row];
        kept += 1;
    }
    inputs.truncate(kept * width);
    labels.truncate(kept);
    before - kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Inputs;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    fn samples(inputs: &[f32], width: usize) -> Samples {
        let labels = vec![0; inputs.len() / width];
        Samples::new(Inputs::Floats(Arc::new(inputs.to_vec())), width, labels)
    }

    #[test]
    fn gaps_become_the_mean_of_the_training_rows_in_all_sets() {
        let nan = f32::NAN;
        let (mut own, mut test) = (samples(&[100.0, nan, 1.0, nan, 3.0, nan, nan, 7.0], 2), samples(&[nan, nan], 2));
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("some"), interrupt: &interrupt };
        // The first row is a validation sample.
        assert_eq!(fill(loading, &mut [&mut own, &mut test], 1..3).unwrap(), 6);
        assert_eq!(own.floats().unwrap(), [100.0, 0.0, 1.0, 0.0, 3.0, 0.0, 2.0, 7.0]);
        assert_eq!(test.floats().unwrap(), [2.0, 0.0]);
    }

    #[test]
    fn samples_with_gaps_are_left_out() {
        let (mut inputs, mut labels) = (vec![1.0, 2.0, f32::NAN, 3.0, 4.0, 5.0], vec![7, 8, 9]);
        assert_eq!(drop_rows(&mut inputs, &mut labels, 2), 1);
        assert_eq!((inputs, labels), (vec![1.0, 2.0, 4.0, 5.0], vec![7, 9]));
    }

    #[test]
    fn names_are_parsed_back() {
        for missing in Missing::ALL {
            assert_eq!(missing.to_string().parse::<Missing>().unwrap(), missing);
        }
        let message = "zero".parse::<Missing>().unwrap_err().to_string();
        assert_eq!(message, "unknown treatment of missing values \"zero\": expected refuse, mean or drop");
    }
}
