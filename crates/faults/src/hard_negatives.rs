//! Healthy networks that look sick to a rule that goes by size: nothing worse than a note may be said of them.

use headwater_diagnose::Severity;

use crate::architecture::ARCHITECTURES;
use crate::case::{Case, Kind, Trick};
use crate::data::Datasets;
use crate::run::{Outcome, outcome};

fn judged(task: &'static str, architecture: &str, kind: Kind) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let datasets = Datasets::make(folder.path()).unwrap();
    let architecture = ARCHITECTURES.iter().find(|known| known.name() == architecture).unwrap();
    let case = Case { id: format!("{task}.{kind:?}"), task, architecture, seed: 3, kind };
    outcome(case, &datasets, &folder.path().join("runs"), false).unwrap()
}

fn says_nothing_loud(outcome: &Outcome) {
    assert!(outcome.accuracy > Some(0.5), "it did not learn: {:?}", outcome.accuracy);
    let loud: Vec<_> = outcome.diagnosis.findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    assert!(loud.is_empty(), "{loud:#?}");
    assert!(outcome.diagnosis.findings.iter().all(|finding| finding.rule != "vanishing"), "{:#?}", outcome.diagnosis);
}

#[test]
fn a_deep_plain_network_with_batch_normalisation_is_healthy() {
    says_nothing_loud(&judged("blobs", "relu-20x32-normbatch-adam", Kind::Healthy));
}

#[test]
fn sparse_rectifiers_and_the_border_of_mnists_pictures_are_healthy() {
    says_nothing_loud(&judged("mnist", "relu-2x64-adam", Kind::Healthy));
}

#[test]
fn a_network_that_has_converged_is_healthy() {
    says_nothing_loud(&judged("waves", "tanh-4x32-adam", Kind::Tricky(Trick::Converged)));
}

#[test]
fn a_layer_that_the_configuration_froze_is_healthy() {
    says_nothing_loud(&judged("blobs", "relu-5x32-adam", Kind::Tricky(Trick::FrozenOnPurpose)));
}

#[test]
fn gradients_of_a_loss_that_is_divided_by_a_million_are_healthy() {
    says_nothing_loud(&judged("blobs", "relu-8x32-adam", Kind::Tricky(Trick::TinyLoss)));
}
