//! The values that are written by name: activations, initialisers, optimizers, ... The doc comment of a variant says
//! what it means; the doc comment of its key says how it is written.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

use headwater_data::Availability;
use headwater_nn::{Activation, BranchScale, Initialiser, Loss, LrSchedule, Norm, Optimizer, Place, Residual};
use headwater_probe::Schedule;
use strum::{EnumMessage, IntoEnumIterator};

use crate::reference;

/// A value that is written by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedValue {
    /// Its name: `leaky_relu`.
    pub name: String,
    /// The name with its arguments: `leaky_relu(slope)`.
    pub written: String,
    /// What the bare name means, if all its arguments have defaults: `leaky_relu(0.2)`.
    pub alone: Option<String>,
    /// Its kind: "activation".
    pub kind: &'static str,
    /// What it does: a sentence or more.
    pub meaning: String,
    /// The keys that take it.
    pub keys: Vec<&'static str>,
}

/// All of them, by kind.
pub fn values() -> &'static [NamedValue] {
    &VALUES
}

static VALUES: LazyLock<Vec<NamedValue>> = LazyLock::new(|| {
    let mut values = Vec::new();
    add(&mut values, "activation", documented::<Activation>(), |_| vec!["network.activation"]);
    add(&mut values, "initialiser", documented::<Initialiser>(), |initialiser| {
        let of_biases = !initialiser.needs_fans();
        ["network.init"].into_iter().chain(of_biases.then_some("network.bias_init")).collect()
    });
    add(&mut values, "normalisation", documented::<Norm>(), |_| vec!["network.norm"]);
    add(&mut values, "residual connection", residuals(), |_| vec!["network.residual"]);
    add(&mut values, "loss", documented::<Loss>(), |_| vec!["network.loss"]);
    add(&mut values, "optimizer", documented::<Optimizer>(), |_| vec!["train.optimizer"]);
    add(&mut values, "learning rate schedule", documented::<LrSchedule>(), |_| vec!["train.lr_schedule"]);
    add(&mut values, "schedule of records", documented::<Schedule>(), |_| vec!["record.schedule"]);
    let in_the_box = |entry: &headwater_data::Entry| entry.availability == Availability::InTheBox;
    values.extend(headwater_data::catalogue().into_iter().filter(in_the_box).map(|entry| NamedValue {
        name: entry.name.to_owned(),
        written: entry.name.to_owned(),
        alone: None,
        kind: "dataset",
        meaning: format!("{}. From: {}.", entry.about, entry.origin),
        keys: vec!["data.source"],
    }));
    for key in reference::keys() {
        values.extend(key.choices.iter().map(|(name, meaning)| NamedValue {
            name: name.clone(),
            written: name.clone(),
            alone: None,
            kind: "choice",
            meaning: meaning.clone(),
            keys: vec![&key.name],
        }));
    }
    values
});

/// Every variant with its doc comment.
fn documented<T: IntoEnumIterator + EnumMessage>() -> Vec<(T, String)> {
    let with_comment = |value| {
        let comment = comment(&value);
        (value, comment)
    };
    T::iter().map(with_comment).collect()
}

fn comment(value: &impl EnumMessage) -> String {
    value.get_documentation().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A residual connection combines two choices, each with its own doc comment.
fn residuals() -> Vec<(Residual, String)> {
    let of_place = |place: Place| BranchScale::iter().map(move |scale| (place, scale));
    let described = |(place, scale)| {
        let meaning = format!("{} Factor of the branch: {}", comment(&place), comment(&scale));
        (Residual { place, scale, block: 2 }, meaning)
    };
    Place::iter().flat_map(of_place).map(described).collect()
}

fn add<T: Display + FromStr>(
    values: &mut Vec<NamedValue>,
    kind: &'static str,
    members: Vec<(T, String)>,
    keys: impl Fn(&T) -> Vec<&'static str>,
) {
    for (member, meaning) in members {
        let example = member.to_string();
        let name = example.split('(').next().unwrap_or_default().to_owned();
        let keys = keys(&member);
        let of_name = values.iter().filter(|value| value.kind == kind && value.name == name).count();
        let written = keys.first().and_then(|key| written(key, &name, of_name)).unwrap_or_else(|| name.clone());
        let alone = if of_name == 0 { name.parse::<T>().ok().map(|value| value.to_string()) } else { None };
        let alone = alone.filter(|alone| *alone != name);
        values.push(NamedValue { name, written, alone, kind, meaning, keys });
    }
}

/// How a value is written, according to the doc comment of its key: the `index`-th form of its name.
fn written(key: &str, name: &str, index: usize) -> Option<String> {
    let meaning = &reference::key(key)?.meaning;
    let quoted = meaning.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.split('(').next() == Some(name)).nth(index).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<&'static NamedValue> {
        values().iter().filter(|value| value.name == name).collect()
    }

    #[test]
    fn every_value_has_a_meaning_and_stands_in_the_comment_of_its_keys() {
        for NamedValue { name, meaning, keys, kind, .. } in values() {
            assert!(!meaning.is_empty() && !meaning.contains("](crate::"), "{name}: {meaning}");
            for key in keys.iter().filter(|_| *kind != "choice") {
                let of_key = &reference::key(key).unwrap().meaning;
                assert!(of_key.contains(name.as_str()), "{key}, in which {name} is missing: {of_key}");
            }
        }
    }

    #[test]
    fn every_activation_initialiser_and_optimizer_is_in_the_documentation_of_keys() {
        let text = include_str!("../../../docs/configuration.md");
        for NamedValue { name, kind, .. } in values() {
            let is_listed = text.contains(&format!("`{name}`")) || text.contains(&format!("`{name}("));
            let is_wanted = ["activation", "initialiser", "optimizer"].contains(kind);
            assert!(is_listed || !is_wanted, "docs/configuration.md lacks the {kind} {name}");
        }
    }

    #[test]
    fn a_value_is_known_with_its_arguments_and_what_the_name_alone_means() {
        let [leaky] = named("leaky_relu")[..] else { panic!() };
        assert_eq!((leaky.written.as_str(), leaky.alone.as_deref()), ("leaky_relu(slope)", Some("leaky_relu(0.2)")));
        assert!(leaky.meaning.starts_with("f(z) = z for z > 0"), "{}", leaky.meaning);
        let [plain, scaled] = named("normal")[..] else { panic!() };
        assert_eq!((plain.written.as_str(), plain.alone.as_deref()), ("normal(std)", None));
        assert!(scaled.written.starts_with("normal(sigma_w2"), "{}", scaled.written);
        assert_eq!(plain.keys, ["network.init", "network.bias_init"]);
        assert_eq!(scaled.keys, ["network.init"]);
        assert_eq!(named("mnist")[0].keys, ["data.source"]);
        assert_eq!(named("latin_hypercube")[0].keys, ["sweep.method"]);
        assert_eq!(named("post_rezero")[0].alone.as_deref(), Some("post_rezero(2)"));
    }

    #[test]
    fn what_others_call_them_leads_to_values_that_there_are() {
        let known = |name: &str| {
            name.starts_with("--")
                || values().iter().any(|value| value.name == name)
                || reference::keys().iter().any(|key| key.name == name)
                || reference::sections().iter().any(|section| section.name == name)
        };
        let unknown: Vec<_> = crate::meanings::names().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
