//! Factors, given by their natural logarithms: a thousand layers multiply up to what no float holds.

use std::f64::consts::LN_10;

/// Three digits at most: "0.236", "14", "6.8e-4", "1e-1253".
pub(crate) fn factor(ln: f64) -> String {
    if ln.is_nan() {
        return "-".to_owned();
    }
    if ln == f64::NEG_INFINITY {
        return "0".to_owned();
    }
    if ln == f64::INFINITY {
        return "inf".to_owned();
    }
    let power = ln / LN_10;
    if (-2.0..5.0).contains(&power) {
        let value = ln.exp();
        let digits = (2.0 - power.floor()).clamp(0.0, 4.0) as usize;
        let text = format!("{value:.digits$}");
        return if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    }
    let (mut exponent, mut mantissa) = (power.floor(), 10.0_f64.powf(power - power.floor()));
    if mantissa >= 9.95 {
        (exponent, mantissa) = (exponent + 1.0, 1.0);
    }
    format!("{mantissa:.1}e{exponent}")
}

/// A factor of change, 1 or more, with two digits: "4.2-fold", "1,400-fold", "1.2e15-fold".
pub(crate) fn fold(ln: f64) -> String {
    let power = ln.abs() / LN_10;
    if power >= 6.0 {
        return format!("{}-fold", factor(ln.abs()));
    }
    // Two digits, and no more than the number has.
    let unit = 10.0_f64.powf(power.floor() - 1.0);
    let value = (ln.abs().exp() / unit).round() * unit;
    if value < 9.95 {
        return format!("{value:.1}-fold");
    }
    let text = format!("{value:.0}");
    let grouped = match text.len() {
        0..=3 => text,
        length => format!("{},{}", &text[..length - 3], &text[length - 3..]),
    };
    format!("{grouped}-fold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_written_with_the_digits_that_say_something() {
        for (value, text) in [
            (0.236_f64, "0.236"),
            (1.0, "1"),
            (0.0526, "0.0526"),
            (12.34, "12.3"),
            (1234.0, "1234"),
            (0.00068, "6.8e-4"),
        ] {
            assert_eq!(factor(value.ln()), text);
        }
        assert_eq!(factor(-1253.0 * LN_10 + 0.1), "1.1e-1253");
        assert_eq!(factor(-5000.0 * LN_10 - 1e-9), "1.0e-5000");
        assert_eq!(factor(f64::NEG_INFINITY), "0");
    }

    #[test]
    fn folds_have_two_digits() {
        for (value, text) in [
            (1.0_f64, "1.0-fold"),
            (4.23, "4.2-fold"),
            (9.96, "10-fold"),
            (36.2, "36-fold"),
            (1367.0, "1,400-fold"),
            (0.001, "1,000-fold"),
            (234_567.0, "230,000-fold"),
            (1.26e15, "1.3e15-fold"),
        ] {
            assert_eq!(fold(value.ln()), text);
        }
    }
}
