//! Questions that are wrong: exit code 2, and a message that says what was meant.

use crate::program::{headwater, outcome};

/// What is said of a wrong question. Nothing goes to standard output, and nothing is left on the disk.
#[track_caller]
fn complaint(arguments: &[&str], environment: Option<(&str, &str)>) -> String {
    let here = tempfile::tempdir().unwrap();
    let outcome = outcome(headwater(arguments).current_dir(here.path()).envs(environment));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
    let left: Vec<_> = std::fs::read_dir(here.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "it left {left:?}");
    outcome.stderr
}

#[test]
fn an_unknown_preset_gets_the_nearest_one() {
    insta::assert_snapshot!(complaint(&["train", "vanishin"], None), @r#"error: there is no preset "vanishin" (did you mean "vanishing"?); presets: vanishing, phase; a file is given as a path that ends in .toml"#);
}

#[test]
fn an_unknown_key_gets_the_nearest_one() {
    insta::assert_snapshot!(complaint(&["train", "--set", "train.stps=3"], None), @r#"error: --set train.stps=3: there is no key "train.stps" (did you mean "train.steps"?); `headwater help keys` lists all keys"#);
}

#[test]
fn a_bad_value_is_told_with_its_origin() {
    insta::assert_snapshot!(complaint(&["train", "--set", "network.activation=rleu"], None), @r#"error: --set network.activation=rleu: there is no activation "rleu" (did you mean "relu"?); known: identity, sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, softplus, softsign, hard_tanh"#);
    insta::assert_snapshot!(complaint(&["train"], Some(("HEADWATER_TRAIN_STEPS", "many"))), @r#"error: HEADWATER_TRAIN_STEPS=many: invalid type: string "many", expected a whole number of at least 0"#);
    insta::assert_snapshot!(complaint(&["train", "--set", "train.steps=0"], None), @"error: preset vanishing: train.steps: expected at least 1, found 0");
}

#[test]
fn a_missing_configuration_is_named() {
    insta::assert_snapshot!(complaint(&["train", "nowhere.toml"], None), @"error: cannot read nowhere.toml: No such file or directory (os error 2)");
}

#[test]
fn missing_data_is_named_and_leaves_no_folder() {
    insta::assert_snapshot!(complaint(&["train", "--set", "data.source=nowhere.csv"], None), @"error: cannot read nowhere.csv: No such file or directory (os error 2)");
    insta::assert_snapshot!(complaint(&["train", "--set", "data.source=nowhere.csv", "--logdir", "mine"], None), @"error: cannot read nowhere.csv: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_flag_or_command_shows_the_usage() {
    for arguments in [&["train", "--sed", "3"][..], &["tran"], &["train", "--seeds", "0"]] {
        let complaint = complaint(arguments, None);
        assert!(complaint.starts_with("error: "), "{complaint}");
        assert!(complaint.contains("--help"), "{complaint}");
    }
}

#[test]
fn help_and_version_are_data() {
    for flag in ["--help", "--version"] {
        let outcome = outcome(&mut headwater([flag])).success();
        assert!(outcome.stdout.to_lowercase().contains("headwater"), "{}", outcome.stdout);
        assert_eq!(outcome.stderr, "");
    }
}
