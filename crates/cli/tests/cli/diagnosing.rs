//! `headwater diagnose`: what it says of our runs and of other people's, and how it ends.

use std::path::Path;

use headwater_events::Writer;
use serde_json::Value;

use crate::program::{Outcome, headwater, outcome, train};

fn diagnosed(logdir: &Path, arguments: &[&str]) -> Outcome {
    let mut command = headwater(["diagnose"]);
    outcome(command.arg(logdir).args(arguments))
}

/// Run, rule, severity and cause of each finding.
fn findings(logdir: &Path) -> Vec<String> {
    let outcome = diagnosed(logdir, &["--json"]);
    let [answer] = &outcome.json()[..] else { panic!("{}", outcome.stderr) };
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = answer["findings"].as_array().unwrap().iter();
    findings.map(|finding| ["run", "rule", "severity", "cause"].map(|key| word(finding, key)).join(" ")).collect()
}

#[test]
fn in_the_experiment_sigmoid_vanishes_by_its_slope_and_the_rectifiers_are_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = train(folder.path(), &["record.histograms=false"]);
    let trained = outcome(command.args(["--seeds", "2"])).success();
    assert!(trained.stderr.contains("warning: sigmoid (2 runs): vanishing"), "{}", trained.stderr);
    assert_eq!(
        findings(folder.path()),
        ["sigmoid/seed-0 vanishing warning activation", "sigmoid/seed-1 vanishing warning activation"]
    );
    let text = diagnosed(folder.path(), &[]);
    assert_eq!(text.code, Some(1));
    assert!(text.stdout.contains("--set network.activation=relu"), "{}", text.stdout);
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
    assert!(!text.stdout.contains('\x1b'), "colours go to terminals only");
    assert_eq!(diagnosed(folder.path(), &["--fail-on", "error"]).code, Some(0));
}

#[test]
fn faults_of_the_configuration_are_named_once_each() {
    for (settings, expected) in [
        (&["network.init=zeros"][..], "relu born_sick error weights"),
        (&["network.bias_init=constant(-5)"], "relu dead_units error weights"),
        (&["train.learning_rate=10"], "relu update_too_large error learning_rate"),
        (&["train.learning_rate=1e-7"], "relu update_too_small error learning_rate"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let common = ["network.activation=relu", "train.steps=300", "record.every=20", "record.histograms=false"];
        outcome(&mut train(folder.path(), &[&common, settings].concat())).success();
        assert_eq!(findings(folder.path()), [expected], "{settings:?}");
    }
}

#[test]
fn a_deep_network_with_batch_normalisation_that_learns_is_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        "network.activation=relu",
        "network.norm=batch",
        "network.init=he_normal",
        "network.depth=12",
        "network.width=20",
    ];
    let schedule = ["train.steps=400", "record.every=20", "record.histograms=false"];
    outcome(&mut train(folder.path(), &[&settings[..], &schedule].concat())).success();
    assert_eq!(diagnosed(folder.path(), &[]).code, Some(0), "{:?}", findings(folder.path()));
}

#[test]
fn of_other_peoples_logs_what_cannot_be_judged_is_said() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/tests/foreign/logs");
    let outcome = diagnosed(&logs, &[]).success();
    assert!(outcome.stdout.contains("no gradients recorded"), "{}", outcome.stdout);
    assert_eq!(findings(&logs), [""; 0]);
}

#[test]
fn norms_under_the_names_of_others_are_enough_to_see_a_gradient_vanish() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("torch")).unwrap();
    for step in 0..20 {
        writer.scalar(step, "train/loss", 2.3).unwrap();
        for layer in 0..5 {
            writer.scalar(step, &format!("grad_2.0_norm/layers.{layer}.weight"), f32::powi(10.0, layer - 5)).unwrap();
        }
    }
    writer.close().unwrap();
    assert_eq!(findings(folder.path()), ["torch vanishing error unknown"]);
    let text = diagnosed(folder.path(), &[]).stdout;
    assert!(text.contains("Order of layers, by their names: layers.0, layers.1"), "{text}");
}

#[test]
fn nothing_to_look_at_is_told_from_nothing_wrong() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(diagnosed(folder.path(), &[]).code, Some(2));
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    writer.scalar(0, "temperature", 20.0).unwrap();
    writer.close().unwrap();
    assert_eq!(diagnosed(folder.path(), &[]).code, Some(2));
}

#[test]
fn every_rule_is_explained() {
    let rules = outcome(&mut headwater(["diagnose", "--rules"])).success();
    assert_eq!(rules.stdout.matches("## What it sees").count(), headwater_diagnose::RULES.len());
}
