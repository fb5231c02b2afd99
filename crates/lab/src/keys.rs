//! The keys that a configuration knows, taken from its schema, so that a misspelled one is caught by name.

use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;

use crate::Config;
use crate::meanings::{Meaning, folded, meanings};

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
pub(crate) fn meant_by(key: &str) -> impl Iterator<Item = &'static str> + Clone + use<> {
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

/// The name that was probably meant by an unknown key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The key, or a flag of the command line.
    pub name: String,
    /// What the user needs to know to use it instead.
    pub note: Option<&'static str>,
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " (did you mean {:?}?", self.name)?;
        if let Some(note) = self.note {
            write!(f, " {note}")?;
        }
        f.write_str(")")
    }
}

/// The key in `known`, or the flag, that was probably meant: by what other programs call it, or else by its spelling.
pub(crate) fn suggest<'a>(key: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<Suggestion> {
    let by_meaning = meanings(key)
        .into_iter()
        .find(|Meaning { name, .. }| name.starts_with("--") || known.clone().any(|known| known == *name));
    match by_meaning {
        Some(Meaning { name, note }) => Some(Suggestion { name: name.to_owned(), note }),
        None => nearest(key, known).map(|name| Suggestion { name: name.to_owned(), note: None }),
    }
}

/// The known name whose spelling is closest to `name`, or None if none is close. A section counts less than the name in
/// it: a key is often given without its section or in the wrong one.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = folded(name);
    let split = |name: &str| match name.rsplit_once('.') {
        Some((section, last)) => (section.to_owned(), last.to_owned()),
        None => (String::new(), name.to_owned()),
    };
    let (section, last) = split(&name);
    known
        .filter_map(|known| {
            let whole = folded(known);
            let (known_section, known_last) = split(&whole);
            // `network_hidden` is `network.hidden`.
            let joined = likeness(&name.replace('.', ""), &whole.replace('.', "")).filter(|likeness| *likeness > 0.8);
            let in_section = likeness(&section, &known_section).unwrap_or(0.0);
            let best = [joined, likeness(&last, &known_last)].into_iter().flatten().max_by(f64::total_cmp)?;
            Some((best + 0.1 * in_section, known))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// How similar two names are, from 0 to 1; None if one can hardly stand for the other. A short name may have one wrong
/// letter, a longer one a third of its letters. A prefix stands for the whole name.
fn likeness(name: &str, known: &str) -> Option<f64> {
    let longest = name.chars().count().max(known.chars().count());
    let distance = strsim::damerau_levenshtein(name, known);
    let allowed = if longest <= 4 { 1 } else { longest / 3 };
    // One common letter out of two means nothing.
    let is_near = distance == 0 || distance <= allowed && longest > 2;
    let begins = name.len() > 2 && known.starts_with(name);
    match 1.0 - distance as f64 / longest.max(1) as f64 {
        likeness if is_near => Some(likeness),
        likeness if begins => Some(likeness.max(0.5)),
        _ => None,
    }
}

/// What an error says of the nearest name, if there is one.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

/// The suggestion as part of an error message; empty if there is none.
pub(crate) fn advice(suggestion: Option<&Suggestion>) -> String {
    suggestion.map_or_else(String::new, ToString::to_string)
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
        for (name, key) in [
            ("train.lerning_rate", Some("train.learning_rate")),
            ("train.LearningRate", Some("train.learning_rate")),
            ("activation", Some("network.activation")),
            ("network.steps", Some("train.steps")),
            ("netwrok.hidden", Some("network.hidden")),
            ("network_hidden", Some("network.hidden")),
            ("data.sed", Some("data.seed")),
            ("train.sed", Some("train.seed")),
            ("train.optimiz", Some("train.optimizer")),
            ("record.histo", Some("record.histograms")),
            ("zebra", None),
            ("train.zz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, KEYS.iter().map(String::as_str)), key, "{name}");
        }
    }

    #[test]
    fn a_short_name_is_like_another_only_if_a_letter_differs() {
        assert_eq!(nearest("zz", ["el", "lr"].into_iter()), None);
        assert_eq!(nearest("sleu", ["elu", "selu", "gelu"].into_iter()), Some("selu"));
        assert_eq!(nearest("tamh", ["tanh", "relu"].into_iter()), Some("tanh"));
        assert_eq!(nearest("abcd", ["tanh", "relu"].into_iter()), None);
    }

    #[test]
    fn a_usual_name_is_taken_by_its_meaning_and_not_by_its_spelling() {
        for (name, key) in [
            ("train.lr", "train.learning_rate"),
            ("learning-rate", "train.learning_rate"),
            ("bs", "train.batch_size"),
            ("train.batch", "train.batch_size"),
            ("train.epochs", "train.steps"),
            ("train.wd", "train.weight_decay"),
            ("train.l2", "train.weight_decay"),
            ("train.momentum", "train.optimizer"),
            ("network.layers", "network.hidden"),
            ("network.units", "network.hidden"),
            ("network.neurons", "network.hidden"),
            ("network.act", "network.activation"),
            ("network.nonlinearity", "network.activation"),
            ("network.initializer", "network.init"),
            ("network.weight_init", "network.init"),
            ("network.bn", "network.norm"),
            ("network.batchnorm", "network.norm"),
            ("network.drop", "network.dropout"),
            ("seed", "train.seed"),
            ("dataset", "data.source"),
            ("data.file", "data.source"),
            ("data.path", "data.source"),
            ("record.log_every", "record.every"),
            ("train.scheduler", "train.lr_schedule"),
            ("train.decay", "train.lr_schedule"),
            ("train.warmup_steps", "train.warmup"),
            ("train.grad_clip", "train.clip_norm"),
            ("train.seeds", "--seeds"),
        ] {
            let suggestion =
                suggest(name, KEYS.iter().map(String::as_str)).unwrap_or_else(|| panic!("nothing for {name}"));
            assert_eq!(suggestion.name, key, "{name}");
        }
    }
}
