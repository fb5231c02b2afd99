//! What the catalogue says of the measures that the page shows along the layers.

use headwater_probe::measures::{Definition, Mean};
use serde::Serialize;

use crate::data::profiles;

/// One of them. See [`Definition`] for the fields.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own for the page")]
pub struct Profiled {
    key: &'static str,
    label: String,
    noun: String,
    plural: bool,
    axis: &'static str,
    gradient: bool,
    gain: bool,
    geometric: bool,
}

impl Profiled {
    fn new(definition: &'static Definition) -> Self {
        // A browser has a font with the prime character; a terminal may not.
        let printed = |text: &str| text.replace('\'', "\u{2032}");
        Self {
            key: &definition.key,
            label: printed(&definition.label),
            noun: printed(definition.noun),
            plural: definition.is_plural,
            axis: definition.axis.name(),
            gradient: definition.is_gradient,
            gain: definition.is_gain(),
            geometric: definition.mean == Mean::Geometric,
        }
    }
}

/// All of them, in the order in which the page lists them.
pub fn profiled() -> Vec<Profiled> {
    profiles().map(Profiled::new).collect()
}
