//! One training on every instruction set that the processor has.

use std::path::Path;

use headwater_events::Store;
use headwater_nn::InstructionSet;

use crate::program::{headwater, outcome, train};

/// Everything that a short training on this set recorded as numbers, by tag: steps and bits.
fn recorded(set: InstructionSet, logdir: &Path) -> Vec<(String, Vec<(i64, f64)>)> {
    let settings =
        ["data.source=blobs", "network.activation=tanh", "train.steps=30", "record.every=10", "train.optimizer=adam"];
    let mut command = train(logdir, &settings);
    outcome(command.env("HEADWATER_ISA", set.name())).success();
    let store = Store::open(logdir);
    store.load();
    let runs = store.runs();
    let all = runs.iter().flat_map(|run| run.series());
    let mut numbers: Vec<_> = all
        .map(|series| {
            let points = series.points(0..series.len()).into_iter().map(|point| (point.step, point.value));
            (series.tag().to_string(), points.collect::<Vec<_>>())
        })
        .filter(|(_, points)| !points.is_empty())
        .collect();
    numbers.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(numbers.len() > 100, "{}", numbers.len());
    numbers
}

/// Whether a set multiplies and adds in one rounding.
fn is_fused(set: InstructionSet) -> bool {
    set != InstructionSet::Baseline || cfg!(target_arch = "aarch64")
}

#[test]
fn a_training_records_the_same_bits_on_every_set_that_rounds_alike_and_nearly_the_same_on_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let runs: Vec<_> =
        InstructionSet::available().map(|set| (set, recorded(set, &folder.path().join(set.name())))).collect();
    let (reference, others) = runs.split_last().unwrap();
    let again = recorded(reference.0, &folder.path().join("again"));
    assert!(same_bits(&again, &reference.1), "the same set twice");
    for (set, numbers) in others {
        let tags =
            |numbers: &[(String, Vec<(i64, f64)>)]| numbers.iter().map(|(tag, _)| tag.clone()).collect::<Vec<_>>();
        assert_eq!(tags(numbers), tags(&reference.1), "{set}");
        if is_fused(*set) == is_fused(reference.0) {
            assert!(same_bits(numbers, &reference.1), "{set} and {}", reference.0);
        }
        let loss =
            |numbers: &[(String, Vec<(i64, f64)>)]| numbers.iter().find(|(tag, _)| tag == "loss").unwrap().1.clone();
        for ((step, found), (_, expected)) in loss(numbers).into_iter().zip(loss(&reference.1)) {
            assert!((found / expected - 1.0).abs() < 1e-3, "{set}: {found} and not {expected} at step {step}");
        }
    }
}

fn same_bits(left: &[(String, Vec<(i64, f64)>)], right: &[(String, Vec<(i64, f64)>)]) -> bool {
    let bits = |numbers: &[(String, Vec<(i64, f64)>)]| {
        let of = |(tag, points): &(String, Vec<(i64, f64)>)| {
            (tag.clone(), points.iter().map(|(step, value)| (*step, value.to_bits())).collect::<Vec<_>>())
        };
        numbers.iter().map(of).collect::<Vec<_>>()
    };
    bits(left) == bits(right)
}

#[test]
fn the_set_that_was_chosen_is_the_one_that_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = train(folder.path(), &["data.source=blobs", "train.steps=1"]);
    outcome(command.env("HEADWATER_ISA", "baseline")).success();
    let store = Store::open(folder.path());
    store.load();
    let manifest = std::fs::read_to_string(store.runs()[0].folder().join("manifest.json")).unwrap();
    let used = serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["instruction_set"].clone();
    assert_eq!(used, InstructionSet::Baseline.to_string());
}

#[test]
fn a_set_that_is_unknown_or_that_the_processor_lacks_is_an_error() {
    let run = |name: &str| outcome(headwater(["data", "list"]).env("HEADWATER_ISA", name));
    let unknown = run("sse9");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("HEADWATER_ISA: there is no instruction set \"sse9\""), "{}", unknown.stderr);
    for set in InstructionSet::ALL {
        let outcome = run(set.name());
        let is_there = InstructionSet::available().any(|available| available == set);
        assert_eq!(outcome.code, Some(if is_there { 0 } else { 2 }), "{}", outcome.stderr);
        assert!(is_there || outcome.stderr.contains(&format!("does not have {}", set.name())), "{}", outcome.stderr);
    }
}
