//! Live findings: what a watched run was told while it trained, as the run itself recorded it.
//!
//! The watch sees more than is recorded: losses and layers at steps between two records. Each of its findings is
//! recorded with the numbers it is based on, so that it can be read again when the training is over.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{Fact, Finding, Severity};

/// The tag under which live findings are recorded, in JSON.
pub const TAG: &str = "findings";
/// The version that this crate writes and the newest one that it reads.
const VERSION: u32 = 1;
/// Layers of a finding of which numbers are kept: the first of them, and the last.
const LAYERS: usize = 32;

/// A finding of the watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveFinding {
    version: u32,
    /// The step after which the run was told.
    pub step: i64,
    /// The rule.
    pub rule: String,
    /// How bad it was then.
    pub severity: Severity,
    /// The layers it is about, from the input to the output; empty if it is about the whole network.
    pub layers: Vec<String>,
    /// The first step at which it was seen.
    pub first_step: i64,
    /// In a sentence.
    pub summary: String,
    /// The numbers behind it.
    pub evidence: Vec<Fact>,
    /// What was measured at `step`, by tag: of the run, and of up to 32 of the layers. Numbers that are not finite are left
    /// out.
    pub numbers: BTreeMap<String, f64>,
}

impl LiveFinding {
    /// A finding of which a run is told after a step. `numbers` are what was measured at that step: the tag, the layer if it
    /// is of one, and the value.
    pub fn new<'n>(
        step: i64,
        finding: &Finding,
        numbers: impl IntoIterator<Item = (&'n str, Option<&'n str>, f64)>,
    ) -> Self {
        let Finding { rule, severity, layers, first_step, summary, evidence, .. } = finding;
        let of: HashSet<&str> = layers.iter().take(LAYERS - 1).chain(layers.last()).map(String::as_str).collect();
        let kept = numbers
            .into_iter()
            .filter(|(_, layer, value)| value.is_finite() && layer.is_none_or(|layer| of.contains(layer)))
            .map(|(tag, _, value)| (tag.to_owned(), value));
        Self {
            version: VERSION,
            step,
            rule: (*rule).to_owned(),
            severity: *severity,
            layers: layers.clone(),
            first_step: *first_step,
            summary: summary.clone(),
            evidence: evidence.clone(),
            numbers: kept.collect(),
        }
    }

    /// Reads one, or says why it cannot be read.
    pub(crate) fn from_json(text: &str) -> Result<Self, String> {
        let found: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match found.version {
            ..=VERSION => Ok(found),
            newer => Err(format!("expected version {VERSION} or older, found {newer}")),
        }
    }

    /// The finding in JSON.
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, Evidence};

    #[test]
    fn what_is_written_is_read_with_the_numbers_of_the_layers_it_is_about() {
        let mut finding = Finding::new(&Evidence::new("run"), Severity::Error, Cause::Activation);
        finding.rule = "vanishing";
        finding.layers = (1..=40).map(|layer| format!("layer{layer}")).collect();
        finding.evidence = vec![Fact::new("gain", f64::NEG_INFINITY).of("layer1")];
        let tags: Vec<(String, String)> =
            (1..=50).map(|layer| (format!("delta/rms/layer{layer}"), format!("layer{layer}"))).collect();
        let of_layers = tags.iter().map(|(tag, layer)| (&**tag, Some(&**layer), 0.5));
        let live = LiveFinding::new(25, &finding, of_layers.chain([("loss", None, 2.3), ("accuracy", None, f64::NAN)]));
        let read = LiveFinding::from_json(&live.to_json()).unwrap();
        assert_eq!((read.step, &*read.rule, read.severity), (25, "vanishing", Severity::Error));
        assert!(read.evidence[0].value.is_nan(), "JSON has no infinities");
        assert_eq!((read.numbers.len(), read.numbers["loss"]), (LAYERS + 1, 2.3));
        assert!(read.numbers.contains_key("delta/rms/layer40") && !read.numbers.contains_key("delta/rms/layer32"));
    }

    #[test]
    fn one_of_a_newer_version_is_refused() {
        let finding = Finding::new(&Evidence::new("run"), Severity::Error, Cause::Activation);
        let text = LiveFinding::new(0, &finding, []).to_json().replace("\"version\":1", "\"version\":2");
        assert_eq!(LiveFinding::from_json(&text).unwrap_err(), "expected version 1 or older, found 2");
    }
}
