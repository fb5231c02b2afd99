//! Values of swept keys, for a reader and for a table.

use toml::Value;

/// Values of keys as `key = value, key = value`.
pub(crate) fn in_words(keys: &[String], values: &[Value]) -> String {
    let words: Vec<_> = keys.iter().zip(values).map(|(key, value)| format!("{key} = {}", short(value))).collect();
    words.join(", ")
}

/// A value for a reader: four digits tell trials apart.
pub fn short(value: &Value) -> String {
    match value {
        Value::Float(number) => {
            let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(*number);
            if rounded != 0.0 && !(1e-3..1e6).contains(&rounded.abs()) {
                format!("{rounded:e}")
            } else {
                rounded.to_string()
            }
        }
        other => cell(other),
    }
}

/// A value as it stands in a table: text without quotation marks, numbers with all their digits.
pub(crate) fn cell(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short_for_a_reader_and_whole_in_a_table() {
        assert_eq!(short(&Value::Float(0.012_345_678)), "0.01235");
        assert_eq!(short(&Value::Float(0.000_123_45)), "1.234e-4");
        assert_eq!(cell(&Value::Float(0.012_345_678)), "0.012345678");
        assert_eq!(short(&Value::Integer(3)), "3");
    }
}
