//! Values that are written in a configuration as the text they print: activations, initialisers, optimizers, ...

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

use crate::meanings::meanings;

pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| D::Error::custom(format!("{error}{}", called_here::<T>(&text))))
}

/// What an error adds if other programs use this name: its name here.
fn called_here<T: FromStr>(text: &str) -> String {
    let name = text.split('(').next().unwrap_or_default();
    // Text that is not of the form `name(arguments)` has an error of its own.
    let known = meanings(name).into_iter().find(|meaning| meaning.name.parse::<T>().is_ok());
    known.map_or_else(String::new, |meaning| format!("; here it is called `{}`", meaning.name))
}

/// The same for a value that may be absent.
pub(crate) mod option {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(crate) fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::deserialize(deserializer).map(Some)
    }
}
