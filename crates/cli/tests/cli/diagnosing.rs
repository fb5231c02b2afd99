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
        (&["network.init=zeros"][..], "relu bad_init error weights"),
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

/// Makes a file that only root can open. Returns whether opening it fails here.
fn is_refused(file: &Path) -> bool {
    std::fs::write(file, [0; 100]).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    std::fs::File::open(file).is_err()
}

#[test]
fn a_run_whose_files_are_broken_is_named_and_no_other_finding_hides_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("good")).unwrap();
    (0..20_u8).for_each(|step| writer.scalar(step.into(), "loss", 1.0 / f32::from(step + 1)).unwrap());
    writer.close().unwrap();
    assert_eq!(diagnosed(folder.path(), &[]).code, Some(0));
    let event_file = |run: &str| {
        std::fs::create_dir(folder.path().join(run)).unwrap();
        folder.path().join(run).join("events.out.tfevents.1.host")
    };
    let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    std::fs::write(event_file("noise"), &noise).unwrap();
    let refused = is_refused(&event_file("refused"));
    let outcome = diagnosed(folder.path(), &[]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("could not be read or judged"), "{}", outcome.stderr);
    let last = outcome.stderr.lines().last().unwrap();
    assert!(last.contains("noise") && !last.contains("good"), "{last}");
    assert!(!refused || last.contains("refused"), "{}", outcome.stderr);
    let json = diagnosed(folder.path(), &["--json"]);
    assert_eq!((json.code, json.json()[0]["broken"][0].as_str()), (Some(2), Some("noise")));

    // Damage in the middle of a file is reported, but it does not change the exit code if the rest can be judged.
    let torn = folder.path().join("good");
    let file = std::fs::read_dir(&torn).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&file, bytes).unwrap();
    let outcome = diagnosed(&torn, &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("warning"), "{}", outcome.stderr);
}

#[test]
fn random_bytes_alone_and_folders_without_records_are_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("events.out.tfevents.1.host"), vec![0xa5; 5000]).unwrap();
    let outcome = diagnosed(folder.path(), &[]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("broken"), "{}", outcome.stderr);
}

#[test]
fn sigmoids_that_only_came_down_to_guessing_are_an_error_live_and_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ["network.depth=30", "network.activation=sigmoid", "train.steps=1000", "record.histograms=false"];
    let trained = outcome(train(&folder.path().join("stopped"), &settings).args(["--stop-on", "error"]));
    assert_eq!(trained.code, Some(3), "{}", trained.stderr);
    assert!(trained.stderr.contains("stopped after 5"), "{}", trained.stderr);
    outcome(&mut train(&folder.path().join("whole"), &settings)).success();
    for logdir in ["stopped", "whole"] {
        let outcome = diagnosed(&folder.path().join(logdir), &["--fail-on", "error"]);
        assert_eq!(outcome.code, Some(1), "{logdir}: {}", outcome.stdout);
        let words: Vec<&str> = outcome.stdout.split_whitespace().collect();
        assert!(words.join(" ").contains("has not fallen 10 % below the chance level (2.30)."), "{}", outcome.stdout);
    }
}

#[test]
fn what_was_said_live_and_does_not_hold_at_the_end_is_taken_back_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let network = ["network.activation=sigmoid", "network.depth=4", "network.width=32", "record.histograms=false"];
    let training = ["train.steps=800", "train.learning_rate=0.005"];
    let trained = outcome(&mut train(folder.path(), &[&network[..], &training].concat())).success();
    let live = trained.stderr.lines().find(|line| line.contains("seen live at step")).unwrap();
    assert!(live.contains("warning: vanishing"), "{live}");
    let taken_back = "sigmoid: vanishing: seen live at step 50 (warning), and at the end a note";
    assert_eq!(trained.stderr.lines().filter(|line| *line == taken_back).count(), 1, "{}", trained.stderr);
    assert_eq!(diagnosed(folder.path(), &[]).code, Some(0));
}

#[test]
fn every_rule_is_explained() {
    let rules = outcome(&mut headwater(["diagnose", "--rules"])).success();
    assert_eq!(rules.stdout.matches("## What it sees").count(), headwater_diagnose::RULES.len());
}
