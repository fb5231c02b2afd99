//! Factors in words: "9.1-fold", "5,876-fold", "1.2e19-fold".

use std::f64::consts::LN_10;

/// Up to this factor, in either direction, a quantity counts as unchanged: the factor would read "1.0-fold".
pub(crate) const ALIKE: f64 = 1.05;

/// A factor of at least 1 in words, with two digits, or all digits of its whole part: "9.1-fold", "27-fold",
/// "5,876-fold".
pub(crate) fn fold(factor: f64) -> String {
    in_words(factor.ln(), 1)
}

/// Like [`fold`] with one more digit, for factors that a reader multiplies: "1.85-fold", "21.5-fold", "5,876-fold".
/// Takes the natural logarithm of the factor, since the product over a thousand layers can exceed any float.
pub(crate) fn precise_fold_of_ln(ln: f64) -> String {
    in_words(ln, 2)
}

/// A factor in words, from its natural logarithm, with `decimals` decimals below 10.
fn in_words(ln: f64, decimals: i32) -> String {
    let factor = ln.exp();
    let rounds_below = |limit: f64, decimals: i32| factor < limit - 0.5 * 0.1_f64.powi(decimals);
    let number = if rounds_below(10.0, decimals) {
        format!("{factor:.0$}", decimals as usize)
    } else if rounds_below(100.0, decimals - 1) {
        format!("{factor:.0$}", decimals as usize - 1)
    } else if factor < 999_999.5 {
        let digits = format!("{factor:.0}");
        match digits.len() {
            0..=3 => digits,
            length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
        }
    } else {
        let power = ln / LN_10;
        let (mut exponent, mut mantissa) = (power.floor(), 10.0_f64.powf(power - power.floor()));
        if mantissa >= 10.0 - 0.5 * 0.1_f64.powi(decimals) {
            (exponent, mantissa) = (exponent + 1.0, 1.0);
        }
        format!("{mantissa:.0$}e{exponent}", decimals as usize)
    };
    format!("{number}-fold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_one_decimal_below_ten_and_are_whole_beyond() {
        for (factor, text) in [
            (1.06, "1.1-fold"),
            (9.1, "9.1-fold"),
            (9.96, "10-fold"),
            (26.8, "27-fold"),
            (999.6, "1,000-fold"),
            (5876.2, "5,876-fold"),
            (999_999.0, "999,999-fold"),
            (999_999.9, "1.0e6-fold"),
            (1.26e19, "1.3e19-fold"),
        ] {
            assert_eq!(fold(factor), text);
        }
    }

    #[test]
    fn factors_to_be_multiplied_have_three_digits() {
        for (factor, text) in [
            (1.849, "1.85-fold"),
            (9.996, "10.0-fold"),
            (21.52, "21.5-fold"),
            (99.96, "100-fold"),
            (5876.2, "5,876-fold"),
            (1.26e19, "1.26e19-fold"),
        ] {
            assert_eq!(precise_fold_of_ln(f64::ln(factor)), text);
        }
    }

    #[test]
    fn factors_beyond_what_a_float_holds_have_their_power_of_ten() {
        assert_eq!(precise_fold_of_ln(5000.0 * LN_10 + 1e-9), "1.00e5000-fold");
        assert_eq!(precise_fold_of_ln(1253.0 * LN_10 + 0.1), "1.11e1253-fold");
    }
}
