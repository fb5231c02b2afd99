//! Logs of other programs, made by the scripts in `tests/foreign` at the root: what is wrong with each is known.

use std::fs::File;
use std::path::Path;

use headwater_diagnose::{Cause, Diagnosis, Order, Severity, diagnose, evidence};
use headwater_events::Store;
use zip::ZipArchive;

/// Diagnoses of all trainings in a log that is packed below `tests/foreign`.
fn diagnoses(name: &str) -> Vec<Diagnosis> {
    let folder = tempfile::tempdir().unwrap();
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(format!("{name}.zip"));
    ZipArchive::new(File::open(packed).unwrap()).unwrap().extract(folder.path()).unwrap();
    let store = Store::open(folder.path());
    store.load();
    store.runs().iter().filter_map(|run| Some(diagnose(&evidence(&store, run)?))).collect()
}

/// The diagnosis of the only training in a log.
fn diagnosis(name: &str) -> Diagnosis {
    let mut all = diagnoses(name);
    assert_eq!(all.len(), 1, "{name}: folders of one training were not taken together");
    all.remove(0)
}

/// What is wrong with a log.
struct Known {
    log: &'static str,
    rule: &'static str,
    /// None if the records do not tell.
    cause: Option<Cause>,
    /// A layer that must be named, or a neighbour of it; empty if it is about the whole network.
    layer: &'static str,
    /// At least.
    severity: Severity,
}

const fn known(
    log: &'static str,
    rule: &'static str,
    cause: Option<Cause>,
    layer: &'static str,
    severity: Severity,
) -> Known {
    Known { log, rule, cause, layer, severity }
}

const RATE: Option<Cause> = Some(Cause::LearningRate);
const SICK: [Known; 29] = [
    known("flax_exploding", "bad_init", Some(Cause::Weights), "Dense_0", Severity::Error),
    known("flax_rate_nan", "dead_units", RATE, "Dense_2", Severity::Error),
    known("flax_vanishing", "vanishing", Some(Cause::Activation), "Dense_0", Severity::Error),
    // It learns all the same.
    known("keras_frozen", "frozen_layer", None, "sequential/dense_1", Severity::Note),
    known("keras_gradients_vanishing", "vanishing", None, "sequential/dense", Severity::Error),
    known("keras_overfitting", "overfitting", Some(Cause::Capacity), "", Severity::Note),
    known("keras_rate_large", "plateau", RATE, "", Severity::Warning),
    known("keras_rate_nan", "not_finite", RATE, "", Severity::Error),
    known("keras_rate_small", "update_too_small", RATE, "sequential/dense_3", Severity::Error),
    known("keras_vanishing", "vanishing", None, "sequential/dense", Severity::Error),
    known("lightning_rate_nan", "not_finite", RATE, "", Severity::Error),
    known("lightning_rate_small", "plateau", RATE, "", Severity::Warning),
    known("lightning_vanishing", "vanishing", Some(Cause::Activation), "encoder.0", Severity::Error),
    known("observer_vanishing", "vanishing", None, "0", Severity::Warning),
    known("pytorch_cnn_vanishing", "vanishing", None, "look", Severity::Error),
    known("pytorch_dead", "dead_units", Some(Cause::Weights), "4", Severity::Error),
    known("pytorch_frozen", "frozen_layer", None, "4", Severity::Note),
    known("pytorch_large_weights", "bad_init", Some(Cause::Weights), "0", Severity::Error),
    known("pytorch_losses_diverging", "diverging", RATE, "", Severity::Error),
    known("pytorch_losses_overfitting", "overfitting", Some(Cause::Capacity), "", Severity::Warning),
    known("pytorch_overfitting", "overfitting", Some(Cause::Capacity), "", Severity::Note),
    known("pytorch_rate_large", "dead_units", RATE, "2", Severity::Error),
    known("pytorch_rate_nan", "not_finite", RATE, "", Severity::Error),
    known("pytorch_rate_small", "update_too_small", RATE, "8", Severity::Error),
    known("pytorch_transformer_vanishing", "vanishing", None, "blocks.0.attn.qkv", Severity::Error),
    known("pytorch_unscaled", "unscaled_input", Some(Cause::Data), "0", Severity::Note),
    known("pytorch_vanishing", "vanishing", None, "0", Severity::Error),
    known("pytorch_vanishing_norms", "vanishing", None, "0", Severity::Error),
    known("tensorflow1_vanishing", "vanishing", None, "layer1", Severity::Warning),
];

const HEALTHY: [&str; 12] = [
    "flax_healthy",
    "flax_healthy_adam",
    "keras_cnn_healthy",
    "keras_healthy",
    "lightning_healthy",
    "observer_healthy",
    "pytorch_cnn_healthy",
    "pytorch_frozen_meant",
    "pytorch_healthy",
    "pytorch_healthy_adam",
    "pytorch_losses_healthy",
    "pytorch_transformer_healthy",
];

#[test]
fn what_is_wrong_is_found_first_with_its_cause_and_its_layer_within_one() {
    let mut wrong = Vec::new();
    for Known { log, rule, cause, layer, severity } in SICK {
        let diagnosis = diagnosis(log);
        let Some(finding) = diagnosis.findings.first() else {
            wrong.push(format!("{log}: nothing found, where {rule} is"));
            continue;
        };
        let place = |name: &str| diagnosis.layers.iter().position(|layer| layer == name);
        let near = layer.is_empty()
            || finding.layers.iter().any(|named| {
                matches!((place(named), place(layer)), (Some(named), Some(layer)) if named.abs_diff(layer) <= 1)
            });
        let right = finding.rule == rule
            && cause.is_none_or(|cause| cause == finding.cause)
            && near
            && finding.severity >= severity;
        if !right {
            wrong.push(format!(
                "{log}: {} {} {:?} {:?}: {}",
                finding.severity, finding.rule, finding.cause, finding.layers, finding.summary
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_worse_than_a_note_is_said_of_what_learns() {
    for log in HEALTHY {
        let found = diagnosis(log).findings;
        assert!(found.iter().all(|finding| finding.severity == Severity::Note), "{log}: {found:#?}");
    }
}

#[test]
fn layers_stand_in_the_order_of_the_graph_where_names_tell_none() {
    let diagnosis = diagnosis("pytorch_cnn_healthy");
    assert_eq!(
        (diagnosis.order, &diagnosis.layers[..]),
        (Order::Graph, &["look", "again", "squeeze", "classify"].map(String::from)[..])
    );
}

#[test]
fn blocks_of_a_transformer_stand_by_number_between_the_embedding_and_the_head() {
    let Diagnosis { layers, .. } = diagnosis("pytorch_transformer_healthy");
    assert!(layers[..2].contains(&"patch_embed".to_owned()), "{layers:?}");
    assert_eq!((layers.len(), layers.last().map(String::as_str)), (2 + 12 * 4 + 1, Some("head")));
    let place = |name: &str| layers.iter().position(|layer| layer == name).unwrap();
    assert!(place("blocks.2.attn.qkv") < place("blocks.2.attn.proj"));
    assert!(place("blocks.2.mlp.2") < place("blocks.10.attn.qkv"));
}

#[test]
fn other_programs_get_advice_in_words_and_their_own_learning_rate() {
    let advice = |log: &str| -> Vec<String> {
        let findings = diagnosis(log).findings;
        let remedies = findings.iter().flat_map(|finding| &finding.remedies);
        remedies
            .map(|remedy| {
                assert_eq!(remedy.set, None, "{log}");
                remedy.advice.clone()
            })
            .collect()
    };
    // Of the HParams plugin, a table in a text, Keras's own scalar.
    for (log, rate) in [
        ("lightning_rate_nan", "in place of 200"),
        ("pytorch_rate_large", "in place of 3"),
        ("keras_rate_small", "in place of 1e-6"),
    ] {
        assert!(advice(log).iter().any(|advice| advice.contains(rate)), "{log}: {:?}", advice(log));
    }
    assert!(SICK.iter().all(|known| !advice(known.log).is_empty()));
}
