//! `headwater train`: results on standard output, everything else on standard error.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Outcome, event_files, headwater, outcome, train};

const TINY: [&str; 3] = ["data.source=blobs", "train.steps=30", "record.every=10"];

/// Standard error without what differs from run to run, and without what is found in the runs.
fn messages(outcome: &Outcome, logdir: &Path) -> String {
    let text = outcome.stderr.replace(logdir.to_str().unwrap(), "[logdir]");
    let lines = text.lines().filter(|line| !line.contains(": vanishing: "));
    let timeless = lines.map(|line| match line.split_once(" s; look at") {
        Some((seconds, rest)) if seconds.parse::<f64>().is_ok() => format!("[seconds] s; look at{rest}"),
        _ => line.to_owned(),
    });
    timeless.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_verdict_is_a_table_with_ranges_over_seeds_and_a_sentence_for_each_scenario() {
    let logdir = tempfile::tempdir().unwrap();
    let outcome = outcome(train(logdir.path(), &TINY).args(["--seeds", "2"])).success();
    insta::assert_snapshot!("verdict", outcome.stdout);
    insta::assert_snapshot!(messages(&outcome, logdir.path()), @"
    recording to [logdir]
    [seconds] s; look at the records with: headwater serve [logdir]
    ");
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains('\u{1b}'), "escape codes where there is no terminal: {text:?}");
    }
}

#[test]
fn json_is_one_object_for_each_run_and_one_summary() {
    let logdir = tempfile::tempdir().unwrap();
    let outcome = outcome(train(logdir.path(), &TINY).args(["--json", "--threads", "1"])).success();
    let lines = outcome.json();
    let [runs @ .., summary] = &lines[..] else { panic!("nothing was printed") };
    let names: Vec<_> = runs.iter().map(|run| run["run"].as_str().unwrap()).collect();
    assert_eq!(names, ["sigmoid", "relu", "leaky_relu"]);
    for run in runs {
        let keys: Vec<_> = run.as_object().unwrap().keys().map(String::as_str).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(keys.join("\n"), @"
            run
            scenario
            seed
            status
            steps
            seconds
            train_accuracy_last_200
            validation_accuracy
            test_accuracy
            gradient_mean_abs
            delta_rms
            gains
            zero_inputs
            attenuation
            diverged
            stopped_by
            logdir
            ");
        }
        assert_eq!((&run["seed"], &run["steps"], &run["diverged"]), (&0.into(), &30.into(), &false.into()));
        assert_eq!(run["gradient_mean_abs"].as_array().unwrap().len(), 6);
        assert!(run["seconds"].as_f64().unwrap() > 0.0 && run["attenuation"].as_f64().unwrap() > 0.0);
        let folder = Path::new(run["logdir"].as_str().unwrap());
        assert_eq!(folder, logdir.path().join(run["run"].as_str().unwrap()));
        assert_eq!(event_files(folder).len(), 1);
    }
    let scenarios = summary["summary"]["scenarios"].as_array().unwrap();
    assert!(scenarios.iter().map(|scenario| &scenario["scenario"]).eq(runs.iter().map(|run| &run["scenario"])));
    assert_eq!(scenarios[1]["attenuation"]["median"], runs[1]["attenuation"]);
}

#[test]
fn json_has_findings_as_they_come_and_those_of_the_finished_records() {
    let logdir = tempfile::tempdir().unwrap();
    let sick = ["data.source=blobs", "train.steps=60", "network.init=constant(0.1)"];
    let outcome = outcome(train(logdir.path(), &sick).args(["--json", "--threads", "1"])).success();
    let live = outcome.live_findings();
    let keys = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(!live.is_empty());
    for object in &live {
        assert_eq!(keys(object), ["step", "finding"]);
        assert!(object["step"].as_u64().unwrap() < 60 && object["finding"]["run"].is_string(), "{object}");
    }
    let lines = outcome.json();
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(keys(summary), ["experiment", "seconds", "scenarios", "findings"]);
    let findings = summary["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert_eq!(keys(&findings[0]), keys(&live[0]["finding"]));

    let diagnosed = crate::program::outcome(headwater(["diagnose", "--json"]).arg(logdir.path())).json();
    assert_eq!(summary["findings"], diagnosed[0]["findings"]);
}

#[test]
fn the_seed_decides_every_figure() {
    let run = |seed: &str| {
        let logdir = tempfile::tempdir().unwrap();
        let settings = [&TINY[..], &["network.activation=tanh", seed]].concat();
        let mut run = outcome(train(logdir.path(), &settings).arg("--json")).success().json().swap_remove(0);
        for volatile in ["seconds", "logdir"] {
            run[volatile] = Value::Null;
        }
        run
    };
    assert_eq!(run("train.seed=3"), run("train.seed=3"));
    assert_ne!(run("train.seed=3")["gradient_mean_abs"], run("train.seed=4")["gradient_mean_abs"]);
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_preset() {
    let steps = |set: &[&str]| {
        let logdir = tempfile::tempdir().unwrap();
        let settings = [&["data.source=blobs", "network.activation=relu"], set].concat();
        let mut command = train(logdir.path(), &settings);
        let outcome = outcome(command.arg("--json").env("HEADWATER_TRAIN_STEPS", "5")).success();
        outcome.json()[0]["steps"].as_u64().unwrap()
    };
    assert_eq!(steps(&[]), 5);
    assert_eq!(steps(&["train.steps=7"]), 7);
}

#[test]
fn without_a_logdir_every_experiment_gets_a_folder_of_its_own() {
    let here = tempfile::tempdir().unwrap();
    for name in ["vanishing", "vanishing-2"] {
        let settings = TINY.iter().flat_map(|setting| ["--set", setting]);
        let mut command = headwater(["train"].into_iter().chain(settings));
        let outcome = outcome(command.current_dir(here.path())).success();
        assert!(outcome.stderr.starts_with(&format!("recording to runs/{name}\n")), "{}", outcome.stderr);
        assert_eq!(event_files(&here.path().join("runs").join(name).join("relu")).len(), 1);
    }
}

#[test]
fn a_logdir_that_holds_records_is_warned_of_and_they_are_kept() {
    let logdir = tempfile::tempdir().unwrap();
    let first = outcome(&mut train(logdir.path(), &TINY)).success();
    assert!(!first.stderr.contains("already holds"), "{}", first.stderr);
    let before = event_files(&logdir.path().join("relu"));

    let second = outcome(&mut train(logdir.path(), &TINY)).success();
    insta::assert_snapshot!(messages(&second, logdir.path()), @"
    warning: [logdir]/sigmoid (and 2 more) already holds records; they are kept, and the new ones will be shown with them under one name; another --logdir keeps them apart
    recording to [logdir]
    [seconds] s; look at the records with: headwater serve [logdir]
    ");
    let after = event_files(&logdir.path().join("relu"));
    assert_eq!(after.len(), 2);
    assert!(before.iter().all(|file| after.contains(file)), "the first run's records were changed");
}

#[test]
fn an_experiment_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, "data.source = 'circles'\nnetwork.hidden = [4]\ntrain.steps = 3").unwrap();
    let mut command = headwater(["train", "mine.toml", "--logdir", "records", "--json"]);
    let lines = outcome(command.current_dir(folder.path())).success().json();
    assert_eq!((&lines[0]["run"], &lines[0]["steps"]), (&"mine".into(), &3.into()));
    assert_eq!(lines[1]["summary"]["experiment"], "mine");
}

#[test]
fn a_run_that_diverges_is_told_and_the_code_is_3() {
    let logdir = tempfile::tempdir().unwrap();
    let hot = ["network.activation=relu", "train.optimizer=sgd", "train.learning_rate=1e30"];
    let outcome = outcome(&mut train(logdir.path(), &[&TINY[..], &hot].concat()));
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    insta::assert_snapshot!(outcome.stdout.lines().last().unwrap(), @"relu: the run diverged: the loss became NaN or infinite.");
    insta::assert_snapshot!(messages(&outcome, logdir.path()), @"
    recording to [logdir]
    warning: relu: diverged: the loss of step 1 is NaN or infinite; a smaller train.learning_rate or train.clip_norm may help
    error: relu: update too large: step 0 moves the weights of 6 layers from layer1 to layer6 by 6.0e28 of their size; about 0.001 is usual
    [seconds] s; look at the records with: headwater serve [logdir]
    ");
}

#[test]
fn a_gradient_that_grows_has_a_factor_below_one() {
    let logdir = tempfile::tempdir().unwrap();
    let exploding =
        ["network.activation=tanh", "network.depth=20", "network.width=50", "network.init=normal(sigma_w2 = 3)"];
    let outcome = outcome(&mut train(logdir.path(), &[&TINY[..], &exploding].concat()));
    let row = outcome.stdout.lines().find(|line| line.starts_with(" tanh")).expect(&outcome.stdout);
    let cells: Vec<f64> = row.split_whitespace().skip(1).flat_map(str::parse).collect();
    let [.., first, last, falls] = cells[..] else { panic!("{row}") };
    assert!(first > 2.0 * last, "{row}");
    assert!((falls / (last / first) - 1.0).abs() < 0.1, "{row}");
    assert!(outcome.stdout.contains("below 1 it grows"), "{}", outcome.stdout);
}

#[test]
fn suggested_commands_can_be_pasted_into_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["my runs", "it's", "-n", "$(touch pwned)", "a\nb"] {
        let mut command = headwater(["train", &format!("--logdir={name}")]);
        let settings = TINY.iter().flat_map(|setting| ["--set", setting]);
        let outcome = outcome(command.args(settings).current_dir(folder.path())).success();
        let (_, command) = outcome.stderr.trim_end().rsplit_once("look at the records with: ").unwrap();
        let pasted = command.replace("headwater serve", "ls");
        let mut shell = std::process::Command::new("bash");
        let listed = crate::program::outcome(shell.args(["-c", &pasted]).current_dir(folder.path())).success();
        assert_eq!(listed.stdout, "leaky_relu\nrelu\nsigmoid\n", "{command}");
    }
}
