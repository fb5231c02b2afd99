//! What kind of value was expected, in the words of who writes a configuration: serde names the types of the program.

/// What serde says that it expected, and what is meant.
const KINDS: [(&str, &str); 8] = [
    ("u8", "a whole number of at least 0"),
    ("u32", "a whole number of at least 0"),
    ("u64", "a whole number of at least 0"),
    ("usize", "a whole number of at least 0"),
    ("i64", "a whole number"),
    ("f64", "a number"),
    ("a boolean", "true or false"),
    ("a sequence", "a list, as in [1, 2]"),
];

/// The message of an error that came of reading values.
pub(crate) fn plainly(message: &str) -> String {
    let message = message.trim_end();
    // Of a value that was not read from a text, the key stands in a line behind.
    if let Some((message, key)) = message.rsplit_once("\nin `").and_then(|(m, key)| Some((m, key.strip_suffix('`')?))) {
        return format!("{key}: {}", plainly(message));
    }
    // What TOML's whole numbers cannot hold was taken for text.
    let digits =
        message.strip_prefix("invalid type: string \"").and_then(|rest| Some(rest.split_once("\", expected ")?.0));
    let too_large = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_err();
    let mut whole_numbers = KINDS.iter().filter(|(_, words)| words.starts_with("a whole number"));
    let whole = whole_numbers.any(|(kind, _)| message.ends_with(&format!(", expected {kind}")));
    if let Some(digits) = digits.filter(too_large).filter(|text| whole && !text.is_empty()) {
        return format!("{digits} is too large: expected a whole number of at most {}", i64::MAX);
    }
    message
        .rsplit_once(", expected ")
        .and_then(|(start, kind)| {
            let (_, words) = KINDS.iter().find(|(known, _)| *known == kind)?;
            Some(format!("{start}, expected {words}"))
        })
        .unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_said_in_words_and_what_is_not_known_is_left() {
        for (message, expected) in [
            ("invalid type: string \"x\", expected usize\n", "string \"x\", expected a whole number of at least 0"),
            ("invalid type: integer `3`, expected a sequence", "integer `3`, expected a list, as in [1, 2]"),
            ("invalid type: string \"a, expected u64\", expected f64", "\"a, expected u64\", expected a number"),
            ("invalid type: string \"99999999999999999999\", expected u64", "of at most 9223372036854775807"),
            (
                "invalid type: boolean `true`, expected f64\nin `train.rate`\n",
                "train.rate: invalid type: boolean `true`, expected a number",
            ),
            ("missing field `name`", "missing field `name`"),
            ("expected f64 or more", "expected f64 or more"),
        ] {
            assert!(plainly(message).ends_with(expected), "{:?}", plainly(message));
        }
    }
}
