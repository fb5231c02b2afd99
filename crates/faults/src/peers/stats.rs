//! The statistics that the tools are defined with, as NumPy computes them. Of no numbers all are NaN, so that no
//! comparison with a threshold holds.

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle one; of an even number, the mean of the two in the middle. NaN if any is NaN.
pub(crate) fn median(values: &[f64]) -> f64 {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

/// Standard deviation over the mean: the coefficient of variation.
pub(crate) fn variation(values: &[f64]) -> f64 {
    let mean_value = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (value - mean_value).powi(2)).collect();
    mean(&squares).sqrt() / mean_value
}

/// The slope of the line of least squares through values at 0, 1, 2, ...
pub(crate) fn slope(values: &[f64]) -> f64 {
    let (x_mean, y_mean) = ((values.len() as f64 - 1.0) / 2.0, mean(values));
    let (mut xy, mut xx) = (0.0, 0.0);
    for (x, y) in values.iter().enumerate().map(|(x, y)| (x as f64 - x_mean, y - y_mean)) {
        xy += x * y;
        xx += x * x;
    }
    xy / xx
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_numpys() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(variation(&[1.0, 3.0]), 0.5);
        assert_eq!(slope(&[1.0, 3.0, 5.0]), 2.0);
        assert!([mean(&[]), median(&[]), median(&[f64::NAN, 1.0]), slope(&[1.0])].iter().all(|value| value.is_nan()));
    }
}
