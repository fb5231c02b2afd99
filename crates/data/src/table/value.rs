//! The value of a cell: a number, a text, or nothing.

/// Cells that count as missing, regardless of case.
const MISSING: [&str; 8] = ["", "?", "NA", "N/A", "#N/A", "<NA>", "NaN", "null"];

/// The character between the whole part of a number and its fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalMark {
    Point,
    Comma,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    Missing,
    /// A finite number. The mark is `None` for numbers without one.
    Number(f32, Option<DecimalMark>),
    /// A number that cannot be used, and what to do about it.
    Unusable(&'static str),
    Text,
}

/// The value of a cell. If commas do not separate cells, a number may have a decimal comma.
pub(super) fn value(cell: &str, comma_separates: bool) -> Value {
    if let Ok(number) = cell.parse::<f32>() {
        return if number.is_finite() {
            Value::Number(number, cell.contains('.').then_some(DecimalMark::Point))
        } else if number.is_nan() {
            Value::Missing
        } else {
            Value::Unusable("numbers must be finite and below 3.4e38; leave the cell empty if it has no value")
        };
    }
    if MISSING.iter().any(|missing| missing.eq_ignore_ascii_case(cell)) {
        return Value::Missing;
    }
    if !comma_separates && let Some(number) = with_decimal_comma(cell) {
        return Value::Number(number, Some(DecimalMark::Comma));
    }
    if is_grouped(cell) {
        return Value::Unusable(if comma_separates {
            "write numbers with a decimal point and without thousands separators"
        } else {
            "write numbers without thousands separators"
        });
    }
    Value::Text
}

fn with_decimal_comma(cell: &str) -> Option<f32> {
    let (whole, fraction) = cell.split_once(',')?;
    let is_number = !fraction.is_empty() && !fraction.contains(',') && !cell.contains('.');
    let number: f32 = is_number.then(|| format!("{whole}.{fraction}").parse().ok()).flatten()?;
    number.is_finite().then_some(number)
}

/// Whether a cell holds a number with thousands separators, or with a decimal comma although commas separate cells.
fn is_grouped(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let mut parts = digits.split([',', '.', '\'', '’', ' ', '\u{a0}', '\u{202f}']);
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(first) = parts.next().filter(|part| part.len() <= 3 && all_digits(part)) else { return false };
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let is_fraction = cell.len() > first.len() && all_digits(last);
    is_fraction && middle.iter().all(|part| part.len() == 3 && all_digits(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart() {
        use DecimalMark::{Comma, Point};
        for (cell, with_commas, without) in [
            ("3", Value::Number(3.0, None), Value::Number(3.0, None)),
            ("-2.5e0", Value::Number(-2.5, Some(Point)), Value::Number(-2.5, Some(Point))),
            ("2,5", Value::Unusable(""), Value::Number(2.5, Some(Comma))),
            ("-,5", Value::Text, Value::Number(-0.5, Some(Comma))),
            ("1,5e3", Value::Text, Value::Number(1500.0, Some(Comma))),
            ("1,234,567", Value::Unusable(""), Value::Unusable("")),
            ("1.234,5", Value::Unusable(""), Value::Unusable("")),
            ("1 234", Value::Unusable(""), Value::Unusable("")),
            ("1e39", Value::Unusable(""), Value::Unusable("")),
            ("-inf", Value::Unusable(""), Value::Unusable("")),
            ("nan", Value::Missing, Value::Missing),
            ("-NaN", Value::Missing, Value::Missing),
            ("", Value::Missing, Value::Missing),
            ("n/a", Value::Missing, Value::Missing),
            ("NULL", Value::Missing, Value::Missing),
            ("none", Value::Text, Value::Text),
            ("10.0.0.1", Value::Text, Value::Text),
            ("2024-05-01", Value::Text, Value::Text),
            ("a, b", Value::Text, Value::Text),
            (",", Value::Text, Value::Text),
            ("1,", Value::Text, Value::Text),
        ] {
            for (comma_separates, expected) in [(true, with_commas), (false, without)] {
                let found = value(cell, comma_separates);
                let same = match (found, expected) {
                    (Value::Unusable(_), Value::Unusable(_)) => true,
                    _ => found == expected,
                };
                assert!(same, "{cell:?} (comma separates: {comma_separates}): {found:?}");
            }
        }
    }
}
