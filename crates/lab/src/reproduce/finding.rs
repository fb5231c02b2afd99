//! What is found of a published number: the measurement, and whether the two agree.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::Quantiles;

/// How often a bootstrap draws its sample anew.
const RESAMPLES: usize = 1000;

/// Where the interval of a measurement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "seeds")]
pub enum Interval {
    /// No chance is in it: the number is computed, and the interval is the number.
    Computed,
    /// The median over this many seeds; 5 % of them are below the interval and 5 % above.
    Seeds(usize),
    /// One number of this many seeds together; 5 % of the samples drawn from them anew, with replacement, are below
    /// the interval and 5 % above.
    Bootstrap(usize),
}

/// A measured number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// Standard deviation over the seeds or the bootstrap resamples; 0 for a computed number.
    pub standard_deviation: f64,
    /// What the interval is.
    pub interval: Interval,
}

impl Measured {
    /// A number in which there is no chance.
    pub(super) fn computed(value: f64) -> Self {
        Self { value, low: value, high: value, standard_deviation: 0.0, interval: Interval::Computed }
    }

    /// The median and the range from 5 to 95 % over seeds: what one network is like. NaN if there are no values.
    pub(super) fn seeds(values: &[f64]) -> Self {
        Self::spread(median(values), values, Interval::Seeds(values.len()))
    }

    /// `statistic` of all values, and its range from 5 to 95 % over resamples: what networks are like on average.
    pub(super) fn bootstrap<T: Copy>(values: &[T], statistic: impl Fn(&[T]) -> f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut sample = values.to_vec();
        let statistics: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                for slot in &mut sample {
                    *slot = values[rng.random_range(0..values.len())];
                }
                statistic(&sample)
            })
            .collect();
        Self::spread(statistic(values), &statistics, Interval::Bootstrap(values.len()))
    }

    fn spread(value: f64, over: &[f64], interval: Interval) -> Self {
        let range = Quantiles::of(over.iter().copied());
        let (low, high) = range.map_or((f64::NAN, f64::NAN), |Quantiles { p5, p95, .. }| (p5, p95));
        Self { value, low, high, standard_deviation: variance(over).sqrt(), interval }
    }
}

/// When a measurement agrees with what was published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The published number is the middle of this range. The range covers its rounding or the stated tolerance. It
    /// agrees if the measured number lies in this range, or the published one in the measured interval.
    Meets(f64, f64),
    /// The whole interval lies between these two numbers.
    Within(f64, f64),
    /// The whole interval lies above this number.
    Above(f64),
    /// The whole interval lies below this number.
    Below(f64),
}

impl Rule {
    /// Meets the published number, this share more or less.
    pub(super) fn near(published: f64, share: f64) -> Self {
        let tolerance = (published * share).abs();
        Self::Meets(published - tolerance, published + tolerance)
    }

    fn verdict(self, measured: &Measured) -> Verdict {
        let &Measured { value, low, high, .. } = measured;
        let holds = match self {
            Self::Meets(from, to) => {
                let published = f64::midpoint(from, to);
                if (from..=to).contains(&value) || (low..=high).contains(&published) {
                    return Verdict::Agrees;
                }
                if low <= to && high >= from {
                    return Verdict::Touches;
                }
                false
            }
            Self::Within(from, to) => low > from && high < to,
            Self::Above(bound) => low > bound,
            Self::Below(bound) => high < bound,
        };
        if holds { Verdict::Agrees } else { Verdict::Disagrees }
    }

    /// Distance between the measured number and the published one, in standard deviations. For a bound, it is positive
    /// on the published side and negative on the other. None if the measurement has no deviation.
    fn deviations(self, measured: &Measured) -> Option<f64> {
        let &Measured { value, standard_deviation, .. } = measured;
        let distance = match self {
            Self::Meets(from, to) => (value - f64::midpoint(from, to)).abs(),
            Self::Within(from, to) => (value - from).min(to - value),
            Self::Above(bound) => value - bound,
            Self::Below(bound) => bound - value,
        };
        let deviations = distance / standard_deviation;
        (standard_deviation > 0.0 && deviations.is_finite()).then_some(deviations)
    }
}

/// What came of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The rule holds.
    Agrees,
    /// For [`Rule::Meets`]: the two ranges overlap, but neither contains the other's number.
    Touches,
    /// The rule does not hold.
    Disagrees,
    /// It takes what is not here.
    Untestable,
}

/// One published statement beside what is measured here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What is measured.
    pub quantity: String,
    /// What was published of it, in a few words.
    pub published: String,
    /// What is found here; none if that takes what is not here.
    pub measured: Option<Measured>,
    /// When the two agree; none if nothing is measured.
    pub rule: Option<Rule>,
    /// Distance between the measured number and the published one, in standard deviations. For a bound, it is positive
    /// on the published side and negative on the other. None if nothing is measured or the measurement has no
    /// deviation.
    pub deviations: Option<f64>,
    /// Whether they do.
    pub verdict: Verdict,
}

impl Finding {
    pub(super) fn new(
        quantity: impl Into<String>,
        published: impl Into<String>,
        measured: Measured,
        rule: Rule,
    ) -> Self {
        let (verdict, deviations) = (rule.verdict(&measured), rule.deviations(&measured));
        let (measured, rule) = (Some(measured), Some(rule));
        Self { quantity: quantity.into(), published: published.into(), measured, rule, deviations, verdict }
    }

    pub(super) fn untestable(quantity: impl Into<String>, published: impl Into<String>) -> Self {
        let (quantity, published) = (quantity.into(), published.into());
        Self { quantity, published, measured: None, rule: None, deviations: None, verdict: Verdict::Untestable }
    }
}

/// The root of the mean of exp(2 x): of logarithms x of amplitudes, the amplitude whose square is the mean square.
pub(super) fn root_mean_square_of_ln(ln: &[f64]) -> f64 {
    mean(&ln.iter().map(|ln| (2.0 * ln).exp()).collect::<Vec<_>>()).sqrt()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// NaN if there are no values.
fn median(values: &[f64]) -> f64 {
    Quantiles::of(values.iter().copied()).map_or(f64::NAN, |quantiles| quantiles.median)
}

/// Sample variance: divides by the number of values minus one. NaN for fewer than two values.
pub(super) fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_asked_of_the_whole_interval() {
        let measured =
            Measured { value: 2.0, low: 1.0, high: 3.0, standard_deviation: 0.5, interval: Interval::Seeds(9) };
        for (rule, verdict, deviations) in [
            (Rule::Meets(1.9, 9.9), Verdict::Agrees, 7.8),
            (Rule::Meets(2.5, 3.1), Verdict::Agrees, 1.6),
            (Rule::Meets(2.9, 3.5), Verdict::Touches, 2.4),
            (Rule::Meets(0.0, 1.2), Verdict::Touches, 2.8),
            (Rule::Meets(3.1, 3.5), Verdict::Disagrees, 2.6),
            (Rule::Within(0.9, 3.5), Verdict::Agrees, 2.2),
            (Rule::Within(1.1, 3.5), Verdict::Disagrees, 1.8),
            (Rule::Within(2.5, 3.5), Verdict::Disagrees, -1.0),
            (Rule::Above(0.9), Verdict::Agrees, 2.2),
            (Rule::Above(1.5), Verdict::Disagrees, 1.0),
            (Rule::Below(3.1), Verdict::Agrees, 2.2),
            (Rule::Below(2.5), Verdict::Disagrees, 1.0),
            (Rule::Below(1.0), Verdict::Disagrees, -2.0),
        ] {
            let finding = Finding::new("", "", measured, rule);
            assert_eq!(finding.verdict, verdict, "{rule:?}");
            assert!((finding.deviations.unwrap() - deviations).abs() < 1e-12, "{rule:?}: {:?}", finding.deviations);
        }
        let none = Finding::new("", "", Measured::seeds(&[]), Rule::Above(0.0));
        assert_eq!((none.verdict, none.deviations), (Verdict::Disagrees, None));
    }

    #[test]
    fn about_6_does_not_agree_with_9_because_their_ranges_touch() {
        let values: Vec<f64> = (0..21).map(|i| 6.3 + 0.27 * f64::from(i)).collect();
        let finding = Finding::new("", "about 6", Measured::seeds(&values), Rule::Meets(5.5, 6.9));
        assert_eq!(finding.verdict, Verdict::Touches);
        // 21 numbers 0.27 apart: a standard deviation of 0.27 sqrt(21 * 22 / 12).
        let expected = (9.0 - 6.2) / (0.27 * (21.0_f64 * 22.0 / 12.0).sqrt());
        assert!((finding.deviations.unwrap() - expected).abs() < 1e-9, "{finding:?}");
    }

    #[test]
    fn a_computed_number_agrees_with_its_own_digits_and_has_no_deviations() {
        let rounded = Rule::Meets(1.071_55, 1.071_65);
        for (value, verdict) in [(1.071_6, Verdict::Agrees), (1.071_7, Verdict::Disagrees)] {
            let finding = Finding::new("", "1.0716", Measured::computed(value), rounded);
            assert_eq!((finding.verdict, finding.deviations), (verdict, None));
        }
    }

    #[test]
    fn the_bootstrap_of_a_mean_is_as_wide_as_its_standard_error() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let measured = Measured::bootstrap(&values, mean);
        // A standard deviation of 5.77 over 400 values: 1.645 standard errors on either side are 0.474.
        assert_eq!(measured.value, 9.5);
        assert!((measured.high - 9.5 - 0.474).abs() < 0.06, "{measured:?}");
        assert!((9.5 - measured.low - 0.474).abs() < 0.06, "{measured:?}");
        assert!((measured.standard_deviation - 0.288).abs() < 0.03, "{measured:?}");
        assert_eq!(measured, Measured::bootstrap(&values, mean));
    }
}
