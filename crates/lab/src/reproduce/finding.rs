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
    /// What the interval is.
    pub interval: Interval,
}

impl Measured {
    /// A number in which there is no chance.
    pub(super) fn computed(value: f64) -> Self {
        Self { value, low: value, high: value, interval: Interval::Computed }
    }

    /// The median and the range from 5 to 95 % over seeds. NaN of no values.
    pub(super) fn seeds(values: &[f64]) -> Self {
        let interval = Interval::Seeds(values.len());
        match Quantiles::of(values.iter().copied()) {
            Some(Quantiles { median, p5, p95, .. }) => Self { value: median, low: p5, high: p95, interval },
            None => Self { value: f64::NAN, low: f64::NAN, high: f64::NAN, interval },
        }
    }

    /// `statistic` of all values, and the range from 5 to 95 % of it over resamples.
    pub(super) fn bootstrap<T: Copy>(values: &[T], statistic: impl Fn(&[T]) -> f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut sample = values.to_vec();
        let statistics = (0..RESAMPLES).map(|_| {
            for slot in &mut sample {
                *slot = values[rng.random_range(0..values.len())];
            }
            statistic(&sample)
        });
        let interval = Interval::Bootstrap(values.len());
        let value = statistic(values);
        match Quantiles::of(statistics) {
            Some(Quantiles { p5, p95, .. }) => Self { value, low: p5, high: p95, interval },
            None => Self { value, low: f64::NAN, high: f64::NAN, interval },
        }
    }
}

/// When a measurement agrees with what was published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The interval meets this one: the published number as far as it is rounded, or with the tolerance that is
    /// stated.
    Meets(f64, f64),
    /// The whole interval lies above this number.
    Above(f64),
    /// The whole interval lies below this number.
    Below(f64),
}

impl Rule {
    /// Meets the published number, this share more or less.
    pub(super) fn near(published: f64, share: f64) -> Self {
        Self::Meets(published * (1.0 - share), published * (1.0 + share))
    }

    fn holds(self, measured: &Measured) -> bool {
        match self {
            Self::Meets(low, high) => measured.low <= high && measured.high >= low,
            Self::Above(bound) => measured.low > bound,
            Self::Below(bound) => measured.high < bound,
        }
    }
}

/// What came of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The rule holds.
    Agrees,
    /// It does not.
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
        let verdict = if rule.holds(&measured) { Verdict::Agrees } else { Verdict::Disagrees };
        let (measured, rule) = (Some(measured), Some(rule));
        Self { quantity: quantity.into(), published: published.into(), measured, rule, verdict }
    }

    pub(super) fn untestable(quantity: impl Into<String>, published: impl Into<String>) -> Self {
        let verdict = Verdict::Untestable;
        Self { quantity: quantity.into(), published: published.into(), measured: None, rule: None, verdict }
    }
}

/// The root of the mean of exp(2 x): of logarithms x of amplitudes, the amplitude whose square is the mean square.
pub(super) fn root_mean_square_of_ln(ln: &[f64]) -> f64 {
    mean(&ln.iter().map(|ln| (2.0 * ln).exp()).collect::<Vec<_>>()).sqrt()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_asked_of_the_whole_interval() {
        let measured = Measured { value: 2.0, low: 1.0, high: 3.0, interval: Interval::Seeds(9) };
        let verdict = |rule| Finding::new("", "", measured, rule).verdict;
        assert_eq!(verdict(Rule::Meets(2.9, 3.5)), Verdict::Agrees);
        assert_eq!(verdict(Rule::Meets(3.1, 3.5)), Verdict::Disagrees);
        assert_eq!(verdict(Rule::Above(0.9)), Verdict::Agrees);
        assert_eq!(verdict(Rule::Above(1.5)), Verdict::Disagrees);
        assert_eq!(verdict(Rule::Below(3.1)), Verdict::Agrees);
        assert_eq!(verdict(Rule::Below(2.5)), Verdict::Disagrees);
        assert_eq!(Finding::new("", "", Measured::seeds(&[]), Rule::Above(0.0)).verdict, Verdict::Disagrees);
    }

    #[test]
    fn the_bootstrap_of_a_mean_is_as_wide_as_its_standard_error() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let measured = Measured::bootstrap(&values, mean);
        // A standard deviation of 5.77 over 400 values: 1.645 standard errors on either side are 0.474.
        assert_eq!(measured.value, 9.5);
        assert!((measured.high - 9.5 - 0.474).abs() < 0.06, "{measured:?}");
        assert!((9.5 - measured.low - 0.474).abs() < 0.06, "{measured:?}");
        assert_eq!(measured, Measured::bootstrap(&values, mean));
    }
}
