//! The network record of a run.

use std::collections::HashSet;

use headwater_events::{Datum, Run, SeriesKind};
use headwater_probe::network::{Kind, NetworkRecord, TAG};

use crate::Evidence;

/// The network record of a run, or why it cannot be read. None if the run has none. Of several the last: a training that
/// was begun anew wrote it again.
pub fn network_record(run: &Run) -> Option<Result<NetworkRecord, String>> {
    let series = run.get(TAG).filter(|series| series.kind() == SeriesKind::Json)?;
    let last = series.len().checked_sub(1)?;
    let text = match series.read(last..last + 1).pop()?.datum {
        Ok(Datum::Text(text)) => text.texts.into_iter().next().ok_or_else(|| "it is empty".to_owned()),
        Ok(_) => Err("it is no text".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    Some(text.and_then(|text| NetworkRecord::from_json(&text).map_err(|error| error.to_string())))
}

/// Adds the network record of a run. False if there is none that can be read.
pub(super) fn add(run: &Run, evidence: &mut Evidence) -> bool {
    match network_record(run) {
        Some(Ok(record)) => {
            evidence.hyperparameters(activation(&record).map(|name| ("activation".to_owned(), name)));
            evidence.set_network(record);
            true
        }
        Some(Err(reason)) => {
            evidence.note(format!("the network record cannot be read ({reason}): the order of layers is a guess"));
            false
        }
        None => false,
    }
}

/// The activation function of a network, if it has one. What the last layer does with its output is not asked.
fn activation(record: &NetworkRecord) -> Option<String> {
    let is_hidden = |name: &str| record.output.as_deref() != Some(name);
    let activations = record.nodes.iter().filter(|node| node.kind == Kind::Activation && is_hidden(&node.name));
    let names: HashSet<&str> = activations.filter_map(|node| node.op.as_deref()).collect();
    let [name] = names.into_iter().collect::<Vec<_>>()[..] else { return None };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use headwater_events::{Store, Writer};

    use super::*;
    use crate::{Order, evidence};

    /// Layers whose names tell a wrong order, with a normalisation, a skip connection and one activation function.
    const RECORD: &str = r#"{"version":1,"output":"a/z","nodes":[
        {"name":"x","kind":"input"},
        {"name":"head/z","kind":"dense","module":"head","inputs":["x"],"parameters":[{"name":"weight","shape":[3,3]}]},
        {"name":"head/n","kind":"layer_norm","module":"head","inputs":["head/z"]},
        {"name":"head/f","kind":"activation","op":"LeakyReLU","module":"head","inputs":["head/n"]},
        {"name":"b/z","kind":"dense","module":"b","inputs":["head/f"],"parameters":[{"name":"weight","shape":[3,3]}]},
        {"name":"b/s","kind":"add","module":"b","inputs":["b/z","x"]},
        {"name":"a/z","kind":"dense","module":"a","inputs":["b/s"],"parameters":[{"name":"weight","shape":[3,3]}]}
    ]}"#;

    /// What a run of three layers tells that has this text under the tag of the record.
    fn evidence_with(record: Option<&str>) -> Evidence {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        if let Some(record) = record {
            writer.json(0, TAG, record).unwrap();
        }
        for layer in ["a", "b", "head"] {
            writer.scalar(0, &format!("gradient/rms/{layer}"), 1.0).unwrap();
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        evidence(&store, &store.run("run").unwrap()).unwrap()
    }

    #[test]
    fn layers_their_order_and_what_is_between_them_are_taken_from_the_record() {
        let told = evidence_with(Some(RECORD));
        assert_eq!((told.order(), &told.layers()[..]), (Order::Network, &["head", "b", "a"].map(str::to_owned)[..]));
        assert!(told.is_normalised() && told.has_skips());
        assert_eq!(told.config().activation(), Some("leaky_relu"));
        assert!(!told.config().is_ours());
    }

    #[test]
    fn without_a_record_that_can_be_read_they_are_guessed_and_the_reason_is_said() {
        let guessed = evidence_with(None);
        assert_eq!((guessed.order(), guessed.is_normalised()), (Order::Names, false));
        let damaged = evidence_with(Some(&RECORD.replace(r#""version":1"#, r#""version":7"#)));
        assert_eq!((damaged.order(), damaged.layers()), (Order::Names, guessed.layers()));
        let [note] = damaged.notes() else { panic!("{:?}", damaged.notes()) };
        assert!(note.contains("the network record cannot be read (expected version 1 or older, found 7"), "{note}");
    }

    #[test]
    fn a_layer_that_the_record_does_not_have_makes_the_order_a_guess() {
        let told = evidence_with(Some(&RECORD.replace(r#""module":"b""#, r#""module":"c""#)));
        assert_eq!(told.order(), Order::Names);
    }
}
