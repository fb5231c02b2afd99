//! The keys that a configuration knows, taken from its schema, so that a misspelled one is caught by name.

use std::sync::LazyLock;

use serde_json::Value;

use crate::Config;

/// All keys, as `section.key`.
pub(crate) static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<Config>();
    let mut keys = Vec::new();
    collect(schema.as_value(), "", &mut keys);
    keys
});

fn collect(schema: &Value, path: &str, keys: &mut Vec<String>) {
    match schema.get("properties").and_then(Value::as_object) {
        None => keys.push(path.to_owned()),
        Some(properties) => {
            for (name, schema) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(schema, &path, keys);
            }
        }
    }
}

/// All that may be meant by an unknown key: the keys, and if it stands in no section, the sections.
pub(crate) fn meant_by(key: &str) -> impl Iterator<Item = &'static str> {
    let sections = KEYS.iter().filter_map(|key| key.split_once('.')).map(|(section, _)| section);
    let in_section = key.contains('.');
    KEYS.iter().map(String::as_str).chain(sections.filter(move |_| !in_section))
}

/// The first key of `table` that is neither known nor among `others`.
pub(crate) fn unknown(table: &toml::Table, others: &[&str]) -> Option<String> {
    fn walk(table: &toml::Table, path: &str, others: &[&str]) -> Option<String> {
        table.iter().find_map(|(name, value)| {
            let key = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if others.contains(&key.as_str()) || KEYS.contains(&key) {
                return None;
            }
            let section = format!("{key}.");
            match value {
                toml::Value::Table(table) if KEYS.iter().any(|known| known.starts_with(&section)) => {
                    walk(table, &key, others)
                }
                // A section that is given as a value is a matter of types, and the deserializer says it better.
                _ if KEYS.iter().any(|known| known.starts_with(&section)) => None,
                _ => Some(key),
            }
        })
    }
    walk(table, "", others)
}

/// The known name that is spelled most like `name`, if any comes near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A key is often given without its section or in the wrong one: its last part may decide.
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    known
        .map(|known| {
            let whole = strsim::jaro_winkler(name, known);
            let part = strsim::jaro_winkler(&last(name), &last(known));
            (whole.max(part), known)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// What an error says of the nearest name, if there is one.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_known_with_their_sections() {
        for key in
            ["network.hidden", "network.activation", "train.steps", "record.every", "data.source", "train.clip_norm"]
        {
            assert!(KEYS.iter().any(|known| known == key), "{key} is not among {:?}", *KEYS);
        }
    }

    #[test]
    fn a_misspelled_key_finds_its_neighbour() {
        let near = |name| nearest(name, KEYS.iter().map(String::as_str));
        assert_eq!(near("train.lerning_rate"), Some("train.learning_rate"));
        assert_eq!(near("activation"), Some("network.activation"));
        assert_eq!(near("network.steps"), Some("train.steps"));
        assert_eq!(near("zebra"), None);
    }
}
