//! Reduces a layer's numbers over the whole training to their mean.

use headwater_probe::measures::{Definition, Mean};
use serde::Serialize;

use super::layers::is_size;
use crate::number::Number;

/// The mean over the recorded steps, and the number of steps that it leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Whole {
    /// The arithmetic mean of the steps that have a number, or the geometric mean of those that are not 0. NaN if no step
    /// has a number.
    mean: Number,
    /// Recorded steps.
    records: usize,
    /// Number of recorded steps that are 0.
    zeros: usize,
    /// Number of recorded steps that have no number: NaN, or an infinity that is not the logarithm of 0.
    lost: usize,
}

impl Whole {
    /// `points`: steps and numbers, in the order in which they were recorded. If a step was recorded twice, the second
    /// record counts.
    pub(super) fn of(mut points: Vec<(i64, f64)>, flow: &Definition) -> Self {
        // The sort is stable, and fast if the training was not restarted, because the points are then in order.
        points.sort_by_key(|(step, _)| *step);
        let last = |index: usize| points.get(index + 1).is_none_or(|(next, _)| *next != points[index].0);
        let numbers = (0..points.len()).filter(|&index| last(index)).map(|index| points[index].1);
        let (mut records, mut zeros, mut lost) = (0, 0, 0);
        let (mut sum, mut count) = (0.0, 0_usize);
        for number in numbers {
            records += 1;
            if number.is_finite() || (number == f64::NEG_INFINITY && !is_size(flow)) {
                zeros += usize::from(number == 0.0);
                if flow.mean == Mean::Arithmetic {
                    (sum, count) = (sum + number, count + 1);
                } else if number > 0.0 {
                    (sum, count) = (sum + number.ln(), count + 1);
                }
            } else {
                lost += 1;
            }
        }
        let mean = match (count, zeros) {
            (0, 0) => f64::NAN,
            (0, _) => 0.0,
            _ if flow.mean == Mean::Geometric => (sum / count as f64).exp(),
            _ => sum / count as f64,
        };
        Self { mean: Number(mean), records, zeros, lost }
    }
}

#[cfg(test)]
mod tests {
    use super::super::layers::profiles;
    use super::*;

    fn whole(quantity: &str, points: &[(i64, f64)]) -> (f64, [usize; 3]) {
        let flow = profiles().find(|flow| flow.key == quantity).unwrap();
        let Whole { mean, records, zeros, lost } = Whole::of(points.to_vec(), flow);
        (mean.0, [records, zeros, lost])
    }

    #[test]
    fn the_weight_gradient_has_the_plain_mean_and_delta_the_geometric_one() {
        let points = [(0, 1.0), (10, 100.0), (20, 0.0)];
        assert_eq!(whole("gradient/mean_abs", &points), (101.0 / 3.0, [3, 1, 0]));
        let (mean, counts) = whole("delta/rms", &points);
        assert!((mean - 10.0).abs() < 1e-12 && counts == [3, 1, 0], "{mean} {counts:?}");
        assert_eq!(whole("gain/weight", &[(0, 2.0), (1, -1.0)]), (0.5, [2, 0, 0]));
    }

    #[test]
    fn what_is_no_number_is_left_out_and_counted() {
        let points = [(0, 2.0), (1, f64::NAN), (2, f64::INFINITY), (3, 4.0)];
        assert_eq!(whole("gradient/mean_abs", &points), (3.0, [4, 0, 2]));
        assert!(whole("delta/rms", &[(0, f64::NAN)]).0.is_nan());
        assert!(whole("delta/rms", &[]).0.is_nan());
        assert_eq!(whole("delta/rms", &[(0, 0.0)]), (0.0, [1, 1, 0]));
    }

    #[test]
    fn a_gain_that_takes_everything_away_is_no_accident() {
        let points = [(0, 1.0), (1, f64::NEG_INFINITY)];
        assert_eq!(whole("gain/activation", &points), (f64::NEG_INFINITY, [2, 0, 0]));
    }

    #[test]
    fn of_a_step_that_was_recorded_twice_the_second_counts() {
        assert_eq!(whole("update_ratio", &[(0, 1.0), (1, 2.0), (0, 5.0)]), (3.5, [2, 0, 0]));
    }
}
