//! A series: numbers at steps.

use std::collections::BTreeMap;

/// Numbers by step. Of two at one step the one that came later stands, as after a restart from a checkpoint.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    points: BTreeMap<i64, f64>,
    /// How many of them are NaN or infinite, and how many are less than 0: it is asked often and seldom so.
    not_finite: usize,
    negative: usize,
}

impl Series {
    /// Steps and numbers, in the order of the steps.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, f64)> + '_ {
        self.points.iter().map(|(step, value)| (*step, *value))
    }

    /// The number at this very step.
    pub fn at(&self, step: i64) -> Option<f64> {
        self.points.get(&step).copied()
    }

    /// The number at a step, or the last one before it.
    pub fn until(&self, step: i64) -> Option<f64> {
        self.points.range(..=step).next_back().map(|(_, value)| *value)
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The first step and its number.
    pub fn first(&self) -> Option<(i64, f64)> {
        self.iter().next()
    }

    /// The last step and its number.
    pub fn last(&self) -> Option<(i64, f64)> {
        self.iter().next_back()
    }

    /// The first number that is NaN or infinite.
    pub fn first_not_finite(&self) -> Option<(i64, f64)> {
        if self.not_finite == 0 { None } else { self.iter().find(|(_, value)| !value.is_finite()) }
    }

    /// Whether any number is less than 0.
    pub fn has_negative(&self) -> bool {
        self.negative > 0
    }

    /// The finite numbers, in the order of their steps.
    pub fn finite(&self) -> Vec<(i64, f64)> {
        self.iter().filter(|(_, value)| value.is_finite()).collect()
    }

    /// The median of the finite numbers.
    pub fn median(&self) -> Option<f64> {
        median(self.iter().map(|(_, value)| value).filter(|value| value.is_finite()).collect())
    }
}

impl Extend<(i64, f64)> for Series {
    fn extend<T: IntoIterator<Item = (i64, f64)>>(&mut self, points: T) {
        for (step, value) in points {
            let before = self.points.insert(step, value);
            let is = |value: Option<f64>, so: fn(f64) -> bool| usize::from(value.is_some_and(so));
            for (count, so) in [
                (&mut self.not_finite, (|value| !value.is_finite()) as fn(f64) -> bool),
                (&mut self.negative, |value| value < 0.0),
            ] {
                *count = *count + is(Some(value), so) - is(before, so);
            }
        }
    }
}

impl FromIterator<(i64, f64)> for Series {
    fn from_iter<T: IntoIterator<Item = (i64, f64)>>(points: T) -> Self {
        let mut series = Self::default();
        series.extend(points);
        series
    }
}

/// The middle one; of an even number, the upper of the two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Their mean.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The lowest mean of a tenth of the values in a row. Not every window is tried, because there may be many.
pub(crate) fn lowest_mean(values: &[f64]) -> Option<f64> {
    let width = values.len().div_ceil(10).max(1);
    let last = values.len().checked_sub(width)?;
    let begins = (0..=last).step_by(width.div_ceil(8)).chain([last]);
    begins.filter_map(|begin| mean(&values[begin..begin + width])).min_by(f64::total_cmp)
}

/// How far numbers stray from their course: the standard deviation that independent noise on a smooth course must have
/// to make differences as large as those of neighbours, so that a trend does not count.
pub(crate) fn roughness(values: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).collect();
    mean(&squares).map(|square| (square / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_overwrites_what_it_repeats() {
        let series: Series = [(0, 1.0), (10, 2.0), (20, 3.0), (10, 4.0)].into_iter().collect();
        assert_eq!(series.finite(), [(0, 1.0), (10, 4.0), (20, 3.0)]);
        assert_eq!((series.until(15), series.at(15)), (Some(4.0), None));
    }

    #[test]
    fn strange_numbers_are_counted_until_they_are_overwritten() {
        let mut series: Series = [(0, 1.0), (10, f64::NAN), (20, -3.0)].into_iter().collect();
        assert_eq!(series.first_not_finite().map(|(step, _)| step), Some(10));
        assert!(series.has_negative());
        series.extend([(10, 1.0), (20, f64::NEG_INFINITY)]);
        assert_eq!(series.first_not_finite(), Some((20, f64::NEG_INFINITY)));
        assert!(series.has_negative());
        series.extend([(20, 3.0)]);
        assert_eq!((series.first_not_finite(), series.has_negative()), (None, false));
    }

    #[test]
    fn the_lowest_mean_is_that_of_a_tenth_wherever_it_is() {
        let valley: Vec<f64> = (0..400).map(|i| if (200..240).contains(&i) { 1.0 } else { 2.0 }).collect();
        assert_eq!(lowest_mean(&valley), Some(1.0));
        assert_eq!(lowest_mean(&[3.0, 2.0, 1.0]), Some(1.0));
        assert_eq!(lowest_mean(&[]), None);
    }

    #[test]
    fn a_trend_is_not_rough_and_jumps_are() {
        let trend: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.01).collect();
        let jumps: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        assert!(roughness(&trend).unwrap() < 0.01);
        assert!((roughness(&jumps).unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(roughness(&[1.0]), None);
    }
}
