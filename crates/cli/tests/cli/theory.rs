//! `headwater theory`.

use serde_json::Value;

use crate::program::{Outcome, headwater, outcome};

fn theory(arguments: &[&str]) -> Outcome {
    outcome(&mut headwater(["theory"].iter().chain(arguments)))
}

#[test]
fn the_experiment_is_predicted_layer_by_layer() {
    let outcome = theory(&[]).success();
    assert_eq!(outcome.stderr, "");
    assert!(!outcome.stdout.contains('\u{1b}'));
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 100), "{}", outcome.stdout);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn normalisation_skips_and_dropout_have_columns_and_what_is_not_known_is_said() {
    let outcome = theory(&[
        "--set=data.source=blobs",
        "--set=network.activation=relu",
        "--set=network.norm=batch",
        "--set=network.residual=post(2)",
        "--set=network.dropout=0.1",
    ]);
    insta::assert_snapshot!(outcome.success().stdout);
}

#[test]
fn of_a_thousand_layers_the_middle_is_left_out_and_json_has_them_all() {
    let settings = ["--set=network.depth=999", "--set=network.width=50", "--set=data.source=blobs"];
    let text = theory(&settings).success().stdout;
    assert!(text.contains("984 layers in the middle are left out"), "{text}");
    assert!(text.lines().count() < 60 * 3, "{text}");
    // More than a pipe holds, so it is read while it is written.
    let output = headwater([&["theory", "--json"], &settings[..]].concat()).output().unwrap();
    let json = String::from_utf8(output.stdout).unwrap();
    assert_eq!(json.lines().count(), 3);
    for line in json.lines() {
        let scenario: Value = serde_json::from_str(line).unwrap();
        let layers = scenario["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 1000);
        assert!(layers.iter().all(|layer| layer["ln_delta_rms"].is_f64()), "{scenario}");
        assert_eq!(layers[999]["gains"], Value::Null);
    }
}

#[test]
fn json_has_what_the_text_says() {
    let sigmoid = &theory(&["--json"]).success().json()[0];
    assert_eq!(sigmoid["scenario"], "sigmoid");
    let endless = &sigmoid["endless"];
    assert!((endless["q_star"].as_f64().unwrap() - 0.265).abs() < 1e-3, "{endless}");
    assert!((endless["chi_1"].as_f64().unwrap().sqrt() - 0.236).abs() < 1e-3, "{endless}");
    assert_eq!(sigmoid["remedies"][0]["init"], "he_normal");
}

#[test]
fn where_theory_has_no_answer_it_says_so_and_that_is_bad_news() {
    let outcome = theory(&["--set=network.init=lsuv", "--set=network.activation=tanh"]);
    assert_eq!(outcome.code, Some(1));
    insta::assert_snapshot!(outcome.stdout, @"
    tanh: tanh, lsuv
    No answer: weights drawn by lsuv are not independent of the data, or all the same: theory speaks of random weights of mean 0.
    ");
    let json = &theory(&["--set=network.init=lsuv", "--json"]).json()[0];
    assert!(json["error"].as_str().unwrap().contains("lsuv"), "{json}");
}

#[test]
fn the_first_name_of_the_command_still_works() {
    let old = outcome(&mut headwater(["predict", "--set=network.activation=tanh"])).success();
    assert_eq!(old.stdout, theory(&["--set=network.activation=tanh"]).stdout);
    let help = outcome(&mut headwater(["--help"])).stdout;
    assert!(!help.lines().any(|line| line.trim_start().starts_with("predict ")), "{help}");
}

#[test]
fn a_usage_error_is_refused() {
    let outcome = theory(&["--set=network.activation=rleu"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    assert!(outcome.stderr.contains("did you mean \"relu\""), "{}", outcome.stderr);
}
