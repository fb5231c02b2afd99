//! What every key of an experiment file means, from the schema. The doc comments of the structs that are read are the
//! only source for the program, its documentation and editors.

use std::sync::LazyLock;

use serde_json::Value;

use crate::experiment_file::ExperimentFile;

/// A key of an experiment file.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its name with its section: `train.steps`, `sweep.trials`, `name`.
    pub name: String,
    /// What it means: a paragraph.
    pub meaning: String,
    /// The kind of its values: "a whole number of at least 1".
    pub kind: String,
    /// Its default as TOML, or None if the default is not a value.
    pub default: Option<String>,
    /// An example value as TOML, if it has no default value.
    pub example: Option<String>,
    /// The words that it accepts, each with its meaning, if there are only a few.
    pub choices: Vec<(String, String)>,
    /// Whether its numbers are stored in single precision.
    pub(crate) is_single: bool,
}

/// A section of an experiment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// What it contains.
    pub meaning: String,
}

struct Reference {
    keys: Vec<Key>,
    sections: Vec<Section>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<ExperimentFile>();
    let mut reference = Reference { keys: Vec::new(), sections: Vec::new() };
    reference.collect(schema.as_value(), "");
    reference
});

/// All keys, in the order in which a file is easiest to read.
pub fn keys() -> &'static [Key] {
    &REFERENCE.keys
}

/// All sections.
pub fn sections() -> &'static [Section] {
    &REFERENCE.sections
}

/// The key of this name, or None.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    keys().iter().find(|key| key.name == name)
}

impl Reference {
    fn collect(&mut self, table: &Value, path: &str) {
        for (name, schema) in table.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let name = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // An optional section, or an entry of a list of sections.
            let optional = schema.pointer("/anyOf/0").filter(|schema| schema.get("properties").is_some());
            let item = schema.get("items").filter(|items| items.get("properties").is_some());
            let section = optional.or(item).or_else(|| schema.get("properties").map(|_| schema));
            let Some(section) = section else {
                self.keys.push(Key::new(name, schema));
                continue;
            };
            if path.is_empty() {
                self.sections.push(Section { name: name.clone(), meaning: meaning(schema) });
                self.collect(section, &name);
            }
            // A scenario repeats the sections of the file, which need no second description.
        }
    }
}

impl Key {
    fn new(name: String, schema: &Value) -> Self {
        let choices = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let choices: Vec<_> =
            choices.filter_map(|choice| Some((choice.get("const")?.as_str()?.to_owned(), meaning(choice)))).collect();
        let toml = |value: &Value| toml::Value::try_from(value).ok().map(|value| value.to_string());
        let is_value = |value: &&Value| !value.is_null() && value.as_object().is_none_or(|table| !table.is_empty());
        Self {
            name,
            meaning: meaning(schema),
            kind: kind(schema, &choices),
            default: schema.get("default").filter(is_value).and_then(toml),
            example: schema.pointer("/examples/0").and_then(toml),
            choices,
            is_single: schema.get("format").is_some_and(|format| format == "float"),
        }
    }

    /// The text after "Default:" in the meaning, for a key whose default is not a value.
    pub fn default_in_words(&self) -> Option<&str> {
        let (_, rest) = self.meaning.rsplit_once("Default: ")?;
        Some(rest.trim_end_matches('.'))
    }
}

/// The description of a schema, each paragraph on one line.
fn meaning(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

fn kind(schema: &Value, choices: &[(String, String)]) -> String {
    if !choices.is_empty() {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        return format!("one of {}", names.join(", "));
    }
    let least =
        schema.get("minimum").and_then(Value::as_f64).map_or_else(String::new, |least| format!(" of at least {least}"));
    let of = schema.get("type");
    let name = of.and_then(Value::as_str).or_else(|| of?.get(0)?.as_str());
    match name {
        Some("integer") => format!("a whole number{least}"),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => match schema.get("items").map(|items| kind(items, &[])) {
            Some(items) => format!("a list, each {items}"),
            None => "a list".to_owned(),
        },
        Some("object") => "a section".to_owned(),
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KEYS;

    #[test]
    fn every_key_has_a_meaning_and_a_kind() {
        assert!(KEYS.iter().all(|name| key(name).is_some()));
        for Key { name, meaning, kind, .. } in keys() {
            assert!(meaning.ends_with('.') && !kind.is_empty(), "{name}: {meaning:?}, {kind:?}");
        }
        for name in ["name", "scenario.name", "scenario.published", "sweep.trials", "sweep.keys"] {
            assert!(key(name).is_some(), "{name}");
        }
        let names: Vec<_> = sections().iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["data", "network", "train", "record", "scenario", "sweep"]);
    }

    #[test]
    fn kinds_and_defaults_are_those_of_the_schema() {
        let described = |name| {
            let Key { kind, default, example, .. } = key(name).unwrap();
            [Some(kind.as_str()), default.as_deref(), example.as_deref()].map(Option::unwrap_or_default).join("; ")
        };
        assert_eq!(described("train.steps"), "a whole number of at least 1; 2500; ");
        assert_eq!(described("train.learning_rate"), "a number; 0.001; ");
        assert_eq!(described("network.activation"), "text; \"sigmoid\"; ");
        assert_eq!(described("network.hidden"), "a list, each a whole number of at least 1; [10, 10, 10, 10, 10]; ");
        assert_eq!(described("record.histograms"), "true or false; true; ");
        assert_eq!(described("train.clip_norm"), "a number; ; 1.0");
        assert!(described("sweep.method").starts_with("one of \"grid\", \"random\""));
        assert!(key("train.clip_norm").unwrap().is_single && !key("train.learning_rate").unwrap().is_single);
        assert_eq!(key("train.warmup").unwrap().default_in_words(), Some("0"));
    }
}
