//! Says what is wrong with a value in the words of a configuration file: serde names the types of the program.

use std::io;

/// What serde says that it expected, and what is meant.
const KINDS: [(&str, &str); 18] = [
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number of at least 0"),
    ("usize", "a whole number of at least 0"),
    ("i32", "a whole number"),
    ("i64", "a whole number"),
    ("isize", "a whole number"),
    ("any valid TOML value", "a whole number"),
    ("f32", "a number"),
    ("f64", "a number"),
    ("a boolean", "true or false"),
    ("a map", "a section of keys"),
    ("a sequence", "a list, as in [1, 2]"),
    ("string or table", "a string"),
    ("string only", "a string"),
    ("path string", "a path"),
    ("fewer elements in array", "fewer values"),
];

/// Rewrites the message of a deserialisation error: what was expected, and what was found.
pub(crate) fn plainly(message: &str) -> String {
    let message = message.trim_end();
    // If the value was not read from text, the key is on a line after the message.
    if let Some((message, key)) = message.rsplit_once("\nin `").and_then(|(m, key)| Some((m, key.strip_suffix('`')?))) {
        return format!("{key}: {}", plainly(message));
    }
    // If it was, the position is on the lines before the message.
    match message.rsplit_once('\n') {
        Some((place, what)) => format!("{place}\n{}", sentence(what)),
        None => sentence(message),
    }
}

/// Rewords the error of reading a text file that is not UTF-8. Other errors stay as they are.
pub(crate) fn of_text(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidData {
        io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8")
    } else {
        error
    }
}

fn sentence(what: &str) -> String {
    let tail = |start: &str| what.strip_prefix(start);
    if let Some(rest) = tail("invalid type: ").or_else(|| tail("invalid value: ")) {
        // The value that was found may be a string that contains the same words; the expected kind never does.
        if let Some((found, kind)) = rest.rsplit_once(", expected ") {
            return mismatch(found, kind);
        }
    }
    if let Some((length, kind)) = tail("invalid length ").and_then(|rest| rest.split_once(", expected ")) {
        let kind = expected(kind);
        let found = if kind == "a section of keys" { "a list" } else { length };
        return format!("expected {kind}, found {found}");
    }
    if let Some((name, names)) = tail("unknown field ").and_then(|rest| rest.split_once(", ")) {
        let names = names.trim_start_matches("expected ").trim_start_matches("one of ").replace('`', "");
        return format!(
            "there is no key {} here; expected {}",
            name.replace('`', "\""),
            names.replace("there are no fields", "none")
        );
    }
    if let Some((name, names)) = tail("unknown variant ").and_then(|rest| rest.split_once(", ")) {
        let names = names.trim_start_matches("expected ").replace('`', "").replace("there are no variants", "nothing");
        return format!("expected {names}, found {}", name.replace('`', "\""));
    }
    if let Some(name) = tail("missing field ") {
        return format!("the key {} is missing", name.replace('`', "\""));
    }
    if let Some(name) = tail("duplicate field ") {
        return format!("the key {} is there twice", name.replace('`', "\""));
    }
    if let Some(kind) = tail("wanted ") {
        return format!("expected {}", expected(kind));
    }
    if what.starts_with("data did not match any variant") {
        return "the value is of none of the kinds that can stand here".to_owned();
    }
    what.to_owned()
}

fn mismatch(found: &str, kind: &str) -> String {
    let kind = expected(kind);
    let is_whole = kind.starts_with("a whole number");
    // TOML rejects integers that do not fit in an i64. In an override, such a number is read as text.
    let digits = found.strip_prefix("string \"").and_then(|rest| rest.strip_suffix('"')).filter(|_| is_whole);
    let digits = digits.or_else(|| Some(found.strip_prefix("integer `")?.split_once("` as ")?.0));
    let is_beyond = |digits: &&str| {
        let number = digits.strip_prefix('-').unwrap_or(digits);
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<i64>().is_err()
    };
    if let Some(digits) = digits.filter(is_beyond) {
        let (size, limit) = if digits.starts_with('-') { ("small", i64::MIN) } else { ("large", i64::MAX) };
        let end = if digits.starts_with('-') { "least" } else { "most" };
        return format!("{digits} is too {size}: expected a whole number of at {end} {limit}");
    }
    format!("expected {kind}, found {}", self::found(found))
}

/// What was expected, without the program's type names.
fn expected(kind: &str) -> String {
    if let Some((_, words)) = KINDS.iter().find(|(known, _)| *known == kind) {
        return (*words).to_owned();
    }
    let first = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| kind.strip_prefix(prefix));
    if let Some(whole) = first(&["a nonzero ", "nonzero "]) {
        return if whole.starts_with(['u', 'i']) { "a whole number of at least 1".to_owned() } else { kind.to_owned() };
    }
    if let Some(length) = first(&["an array of length ", "a tuple of size "]) {
        return format!("a list of {length} values");
    }
    if first(&["struct ", "internally tagged enum ", "adjacently tagged enum "]).is_some() {
        return "a section of keys".to_owned();
    }
    if first(&["enum ", "variant "]).is_some() {
        return "a string".to_owned();
    }
    kind.to_owned()
}

/// What was found, as a user would write it.
fn found(what: &str) -> String {
    match what {
        "map" => return "a table".to_owned(),
        "sequence" => return "a list".to_owned(),
        "unit value" | "null" => return "nothing".to_owned(),
        // serde says this of values of any other kind.
        "unit variant" | "newtype variant" | "tuple variant" | "struct variant" | "enum" => {
            return "something else".to_owned();
        }
        _ => {}
    }
    if let Some(text) = what.strip_prefix("string ") {
        return text.to_owned();
    }
    let quoted = ["integer `", "floating point `", "boolean `", "character `"];
    let written = quoted.iter().find_map(|kind| what.strip_prefix(kind)?.strip_suffix('`'));
    written.unwrap_or(what).to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn a_kind_is_said_in_words_and_what_is_not_known_is_left() {
        for (message, expected) in [
            ("invalid type: string \"x\", expected usize\n", "expected a whole number of at least 0, found \"x\""),
            ("invalid type: integer `3`, expected a sequence", "expected a list, as in [1, 2], found 3"),
            ("invalid type: string \"a, expected u64\", expected f64", "expected a number, found \"a, expected u64\""),
            (
                "invalid type: string \"99999999999999999999\", expected u64",
                "99999999999999999999 is too large: expected a whole number of at most 9223372036854775807",
            ),
            (
                "invalid type: integer `-99999999999999999999` as i128, expected any valid TOML value",
                "-99999999999999999999 is too small: expected a whole number of at least -9223372036854775808",
            ),
            (
                "invalid type: boolean `true`, expected f64\nin `train.rate`\n",
                "train.rate: expected a number, found true",
            ),
            ("missing field `name`", "the key \"name\" is missing"),
            ("expected f64 or more", "expected f64 or more"),
            (
                "TOML parse error at line 1, column 5\n  |\n1 | x = \n  |     ^\nmissing field `y`\n",
                "TOML parse error at line 1, column 5\n  |\n1 | x = \n  |     ^\nthe key \"y\" is missing",
            ),
        ] {
            assert_eq!(plainly(message), expected);
        }
    }

    /// One key of every kind that a configuration may have.
    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Everything {
        small: u8,
        middle: u32,
        large: u64,
        size: usize,
        signed: i64,
        at_least_one: Option<std::num::NonZero<u32>>,
        single: f32,
        double: f64,
        flag: bool,
        text: String,
        path: std::path::PathBuf,
        list: Vec<usize>,
        pair: [f64; 2],
        mixed: (u8, f32),
        word: Word,
        section: Section,
        sections: Vec<Section>,
        by_name: std::collections::BTreeMap<String, f32>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        #[default]
        One,
        AnotherOne,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is said of other values is of interest")]
    struct Section {
        needed: usize,
    }

    #[test]
    fn no_value_of_any_kind_brings_a_type_of_the_program_into_a_message() {
        let keys = [
            "small",
            "middle",
            "large",
            "size",
            "signed",
            "at_least_one",
            "single",
            "double",
            "flag",
            "text",
            "path",
            "list",
            "pair",
            "mixed",
            "word",
            "section",
            "sections",
            "by_name",
            "none",
        ];
        let values = [
            "-1",
            "0",
            "300",
            "5000000000",
            "99999999999999999999",
            "1.5",
            "inf",
            "true",
            "'x'",
            "[]",
            "[1]",
            "[1, 2, 3]",
            "['x']",
            "{}",
            "{ needed = 'x' }",
            "{ other = 1 }",
            "[{}]",
            "{ a = 'x' }",
            "1979-05-27",
            "07:32:00",
        ];
        let mut messages = 0;
        for text in keys.iter().flat_map(|key| values.map(|value| format!("{key} = {value}"))) {
            // Read from text, and from a table, as overrides are.
            let table = toml::from_str::<toml::Table>(&text);
            let of_table = table.ok().and_then(|table| Everything::deserialize(table).err());
            for error in [toml::from_str::<Everything>(&text).err(), of_table].into_iter().flatten() {
                messages += 1;
                let message = plainly(&error.to_string());
                for jargon in [
                    "invalid type",
                    "invalid value",
                    "invalid length",
                    "unknown field",
                    "unknown variant",
                    "missing field",
                    "nonzero",
                    "usize",
                    "u8",
                    "u32",
                    "u64",
                    "i64",
                    "i128",
                    "f32",
                    "f64",
                    "struct",
                    "enum",
                    "a map",
                    "sequence",
                    "integer",
                    "floating point",
                    "boolean",
                    "Everything",
                    "Section",
                    "Word",
                    "tuple",
                    "array",
                    "variant",
                    "wanted",
                ] {
                    assert!(!message.contains(jargon), "{text}: {message}");
                }
            }
        }
        assert!(messages > 400, "{messages}");
    }

    #[test]
    fn bytes_that_are_no_text_are_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, b"\xff\xfe").unwrap();
        let error = of_text(std::fs::read_to_string(&path).unwrap_err());
        assert_eq!(error.to_string(), "it is not text in UTF-8");
        let error = of_text(std::fs::read_to_string(folder.path()).unwrap_err());
        assert!(error.to_string().contains("directory"), "{error}");
    }
}
