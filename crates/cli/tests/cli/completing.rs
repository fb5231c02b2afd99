//! `headwater completions` in a real bash: sources the script and calls its function as Tab would.

use std::process::Command;

use crate::program::{headwater, outcome, untouched};

/// What bash offers for these words. The last word is the one to complete.
#[track_caller]
fn offered(words: &[&str]) -> Vec<String> {
    let script = outcome(&mut headwater(["completions", "bash"])).success().stdout;
    let call = "eval \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
                _headwater headwater \"${COMP_WORDS[COMP_CWORD]}\" \"\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = untouched(Command::new("bash"));
    command.args(["--norc", "--noprofile", "-c", call, "bash"]).arg(script).args(words);
    let outcome = outcome(command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))).success();
    assert_eq!(outcome.stderr, "");
    outcome.stdout.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_is_told_which_function_completes_the_program() {
    let script = outcome(&mut headwater(["completions", "bash"])).success().stdout;
    let outcome =
        outcome(Command::new("bash").args(["--norc", "-c", "eval \"$1\"; complete -p headwater", "bash"]).arg(script));
    assert!(outcome.success().stdout.contains("-F _headwater headwater"));
}

#[test]
fn bash_completes_commands_and_flags() {
    assert_eq!(offered(&["headwater", "the"]), ["theory"]);
    assert_eq!(offered(&["headwater", "train", "--see"]), ["--seeds"]);
    assert_eq!(offered(&["headwater", "data", "che"]), ["check"]);
}

#[test]
fn bash_completes_keys() {
    assert_eq!(offered(&["headwater", "train", "--set", "network.ac"]), ["network.activation="]);
    assert_eq!(offered(&["headwater", "theory", "--set", "train.clip_n"]), ["train.clip_norm="]);
    assert_eq!(offered(&["headwater", "config", "--json", "--set", "record.h"]), ["record.histograms="]);
    let all = offered(&["headwater", "train", "--set", ""]);
    assert!(all.len() > 25 && all.contains(&"train.steps=".to_owned()), "{all:?}");
}

#[test]
fn bash_completes_values_behind_the_break_that_it_makes() {
    assert_eq!(offered(&["headwater", "train", "--set", "network.activation", "=", "ta"]), ["tanh"]);
    assert_eq!(offered(&["headwater", "train", "--set", "record.histograms", "="]), ["true", "false"]);
    assert_eq!(offered(&["headwater", "train", "--set", "=", "network.ac"]), ["network.activation="]);
    assert_eq!(offered(&["headwater", "train", "--set", "=", "network.loss", "=", "mean"]), ["mean_squared_error"]);
    assert_eq!(offered(&["headwater", "train", "--set", "train.steps", "=", "5", "--js"]), ["--json"]);
    assert_eq!(offered(&["headwater", "train", "--set", "network.zz", "=", "a"]), [""; 0]);
}

#[test]
fn bash_completes_presets_files_claims_and_topics() {
    assert_eq!(offered(&["headwater", "train", "van"]), ["vanishing"]);
    assert_eq!(offered(&["headwater", "init", "p"]), ["phase"]);
    assert_eq!(offered(&["headwater", "train", "mi"]), ["mine.toml"]);
    assert_eq!(offered(&["headwater", "sweep", "sw"]), ["sweep.toml"]);
    assert_eq!(offered(&["headwater", "reproduce", "edge"]), ["edge-of-chaos"]);
    assert_eq!(offered(&["headwater", "curves", "leaky"]), ["leaky_relu"]);
    assert_eq!(offered(&["headwater", "data", "check", "blo"]), ["blobs"]);
    assert_eq!(offered(&["headwater", "help", "vani"]), ["vanishing"]);
    assert_eq!(offered(&["headwater", "help", "train.ste"]), ["train.steps"]);
    assert_eq!(offered(&["headwater", "help", "theo"]), ["theory"]);
}

#[test]
fn other_shells_are_answered_with_whole_words() {
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        let script = outcome(&mut headwater(["completions", shell])).success().stdout;
        assert!(script.contains("HEADWATER_COMPLETE"), "{shell}: {script}");
    }
    let mut fish = headwater(["--", "headwater", "train", "--set", "network.activation=ta"]);
    let offered = outcome(fish.env("HEADWATER_COMPLETE", "fish")).success().stdout;
    assert!(offered.starts_with("network.activation=tanh\t"), "{offered}");
    let mut zsh = headwater(["--", "headwater", "train", "--set", "network.ac"]);
    let offered = outcome(zsh.env("HEADWATER_COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", "3")).success().stdout;
    assert!(offered.starts_with("network.activation="), "{offered}");
}
