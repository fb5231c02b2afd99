//! `headwater init`, `config` and `help`, and the overrides of a configuration file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Outcome, headwater, outcome, train};

const PRESETS: [&str; 2] = ["vanishing", "phase"];

fn said(arguments: &[&str]) -> String {
    outcome(&mut headwater(arguments)).success().stdout
}

/// Names and values of the scenarios, without their origins.
fn resolved(experiment: &str) -> Vec<Value> {
    let mut json: Value = serde_json::from_str(&said(&["config", experiment, "--json"])).unwrap();
    let scenarios = json["scenarios"].as_array_mut().unwrap();
    for scenario in scenarios.iter_mut() {
        scenario["keys"].as_object_mut().unwrap().values_mut().for_each(|key| *key = key["value"].take());
    }
    scenarios.clone()
}

#[test]
fn init_writes_a_file_that_is_the_preset_and_overwrites_none() {
    for preset in PRESETS {
        let here = tempfile::tempdir().unwrap();
        let init = || outcome(headwater(["init", preset]).current_dir(here.path()));
        let message = init().success().stderr;
        assert!(message.contains(&format!("headwater train {preset}.toml")), "{message}");
        let path = here.path().join(format!("{preset}.toml"));
        assert_eq!(resolved(path.to_str().unwrap()), resolved(preset));
        std::fs::write(&path, "mine").unwrap();
        let refused = init();
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("exists already and is kept"), "{}", refused.stderr);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}

#[test]
fn init_writes_to_standard_output_or_says_why_it_cannot() {
    let outcome_of = |arguments: &[&str]| outcome(&mut headwater(arguments));
    let printed = outcome_of(&["init", "--out", "-"]).success();
    assert!(printed.stdout.contains("\nlearning_rate = 0.001\n") && printed.stderr.is_empty());
    let nowhere = outcome_of(&["init", "--out", "nowhere/mine.toml"]);
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (Some(1), ""));
    assert!(nowhere.stderr.contains("cannot write nowhere/mine.toml"), "{}", nowhere.stderr);
    let unknown = outcome_of(&["init", "vanishin", "--out", "-"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
}

#[test]
fn config_says_every_value_and_its_origin_in_a_file_that_can_be_read() {
    let mut command = headwater(["config", "--set", "train.steps=9", "--set", "network.activation=tanh"]);
    let text = outcome(command.env("HEADWATER_TRAIN_SEED", "4")).success().stdout;
    insta::assert_snapshot!(text);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.toml");
    std::fs::write(&path, text).unwrap();
    let scenarios = resolved(path.to_str().unwrap());
    assert_eq!((scenarios.len(), &scenarios[0]["keys"]["train.steps"]), (1, &Value::from(9)));
}

#[test]
fn help_for_commands_is_that_of_clap() {
    for (words, flag) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "train"], &["train", "--help"]),
        (&["help", "data", "list"], &["data", "list", "--help"]),
        (&["help", "help"], &["help", "--help"]),
    ] {
        assert_eq!(said(words), said(flag), "{words:?}");
    }
}

#[test]
fn help_explains_words_of_a_configuration() {
    insta::assert_snapshot!(said(&["help", "train.learning_rate"]));
    insta::assert_snapshot!(said(&["help", "lsuv"]));
    insta::assert_snapshot!(said(&["help", "network.norm"]));
    assert!(said(&["help", "keys"]).contains("\ntrain.clip_norm "));
    let unknown = outcome(&mut headwater(["help", "lr"]));
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(unknown.stderr, @r#"error: there is no help for "lr" (did you mean "train.learning_rate"?); `headwater help topics` lists what is explained"#);
}

#[test]
fn what_is_set_twice_is_trained_once_under_the_name_of_what_won() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ["network.activation=tanh", "network.activation=relu", "train.steps=1", "data.source=blobs"];
    let Outcome { stderr, stdout, .. } = outcome(train(folder.path(), &settings).arg("--json")).success();
    assert!(folder.path().join("relu").is_dir(), "{stdout}");
    assert!(
        stderr.contains(
            "warning: --set network.activation=tanh has no effect, because --set network.activation=relu wins"
        ),
        "{stderr}"
    );
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_refused_with_the_name_of_the_variable() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = std::ffi::OsStr::from_bytes(b"re\xfflu");
    for command in ["train", "theory", "config"] {
        let refused = outcome(headwater([command]).env("HEADWATER_NETWORK_ACTIVATION", bytes));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{command}");
        assert!(refused.stderr.starts_with("error: HEADWATER_NETWORK_ACTIVATION: expected text"), "{}", refused.stderr);
    }
}

#[test]
fn a_variable_that_is_not_read_is_told() {
    let told = outcome(headwater(["config"]).env("HEADWATER_TRAIN_LR", "1").env("HEADWATER_ZEBRA", "1")).success();
    assert!(told.stderr.contains("HEADWATER_TRAIN_LR is not read; did you mean HEADWATER_TRAIN_LEARNING_RATE?"));
    assert!(told.stderr.contains("HEADWATER_ZEBRA is not read"), "{}", told.stderr);
}

#[test]
fn nothing_that_is_printed_sends_the_reader_to_a_file_of_the_repository() {
    let mut texts =
        vec![said(&["--help"]), said(&["reproduce"]), said(&["diagnose", "--rules"]), said(&["data", "list"])];
    for preset in PRESETS {
        texts.push(said(&["init", preset, "--out", "-"]));
        texts.push(said(&["config", preset]));
    }
    let commands: Vec<String> = texts[0]
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        // The second line of a command's description is indented further.
        .filter_map(|line| line[2..].split(' ').next().filter(|word| !word.is_empty()).map(str::to_owned))
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    texts.extend(commands.iter().map(|command| said(&[command, "--help"])));
    let topics = said(&["help", "topics"]);
    texts.push(topics);
    let sweep = tempfile::tempdir().unwrap();
    let path = sweep.path().join("none.toml");
    for text in ["", "[sweep]\nmehtod = 'grid'", "[sweep.keys]\ntrain.lr = [1]", "train.lr = 1"] {
        std::fs::write(&path, text).unwrap();
        texts.push(outcome(headwater(["sweep"]).arg(&path)).stderr);
    }
    for text in texts {
        assert!(!text.contains("docs/") && !text.contains(".md"), "{text}");
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

#[test]
fn every_example_is_an_experiment() {
    let mut seen = 0;
    for entry in std::fs::read_dir(examples()).unwrap() {
        let path = entry.unwrap().path();
        assert!(!resolved(path.to_str().unwrap()).is_empty(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 2);
}

#[test]
fn the_example_of_an_experiment_shows_that_normalisation_brings_the_gradient_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = examples().join("mine.toml");
    let mut command = headwater(["train", "--json", "--logdir"]);
    let json = outcome(command.arg(folder.path()).arg(path)).success().json();
    let scenarios = json.last().unwrap()["summary"]["scenarios"].as_array().unwrap().clone();
    let accuracy = |index: usize| scenarios[index]["test_accuracy"]["median"].as_f64().unwrap();
    assert!(accuracy(0) < 0.2 && accuracy(1) > 0.6 && accuracy(2) > 0.6, "{scenarios:#?}");
}

#[test]
fn the_example_of_a_sweep_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = headwater(["sweep", "--set", "train.steps=10", "--logdir"]);
    let outcome = outcome(command.arg(folder.path().join("sweep")).arg(examples().join("sweep.toml"))).success();
    assert!(outcome.stderr.contains("12 of 12 runs are over"), "{}", outcome.stderr);
}
