//! Usage errors: exit code 2, and a message that says what was meant.

use std::fs;

use crate::program::{Running, headwater, outcome};

/// What is said of a usage error. Nothing goes to standard output, and nothing is left on the disk.
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
    insta::assert_snapshot!(complaint(&["train"], Some(("HEADWATER_TRAIN_STEPS", "many"))), @r#"error: HEADWATER_TRAIN_STEPS=many: expected a whole number of at least 0, found "many""#);
    insta::assert_snapshot!(complaint(&["train", "--set", "train.steps=0"], None), @"error: preset vanishing: train.steps: expected at least 1, found 0");
}

#[test]
fn a_missing_configuration_is_named() {
    insta::assert_snapshot!(complaint(&["train", "nowhere.toml"], None), @"error: cannot read nowhere.toml: No such file or directory (os error 2)");
}

#[test]
fn missing_data_is_named_and_leaves_no_folder() {
    insta::assert_snapshot!(complaint(&["train", "--set", "data.source=nowhere.csv"], None), @"error: nowhere.csv does not exist: expected mnist, blobs, circles, a folder of IDX files, a .csv, a .tsv or a .npz");
    insta::assert_snapshot!(complaint(&["train", "--set", "data.source=nowhere.csv", "--logdir", "mine"], None), @"error: nowhere.csv does not exist: expected mnist, blobs, circles, a folder of IDX files, a .csv, a .tsv or a .npz");
}

#[test]
fn a_count_of_nothing_is_told_in_words() {
    for arguments in [["train", "--threads", "0"], ["train", "--seeds", "0"], ["sweep-worker", "x", "--threads=0"]] {
        let complaint = complaint(&arguments, None);
        assert!(complaint.contains("expected a whole number of at least 1"), "{complaint}");
    }
}

#[test]
fn a_logdir_that_is_a_file_is_named() {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("afile"), "precious").unwrap();
    for (logdir, expected) in [
        ("afile", "error: cannot create afile: it is a file; expected a folder to record into, or a name that is free"),
        (
            "afile/b",
            "error: cannot create afile/b: afile is a file; expected a folder to record into, or a name that is free",
        ),
    ] {
        let outcome = outcome(headwater(["train", "--logdir", logdir]).current_dir(here.path()));
        assert_eq!((outcome.code, outcome.stderr.trim_end()), (Some(1), expected));
    }
    assert_eq!(std::fs::read_to_string(here.path().join("afile")).unwrap(), "precious");
}

#[test]
fn a_standard_output_that_is_full_is_named() {
    let logdir = tempfile::tempdir().unwrap();
    outcome(&mut crate::program::train(logdir.path(), &["data.source=blobs", "train.steps=2"])).success();
    let logdir = logdir.path().to_str().unwrap();
    for arguments in [
        &["curves"][..],
        &["data", "list"],
        &["inspect", logdir],
        &["export", logdir],
        &["theory", "--json"],
        &["--help"],
        &["train", "--set", "data.source=blobs", "--set", "train.steps=2", "--json"],
        &["train", "--set", "data.source=blobs", "--set", "train.steps=2"],
    ] {
        let here = tempfile::tempdir().unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = headwater(arguments);
        let outcome = Running::start_with_own_output(command.current_dir(here.path()).stdout(full)).wait();
        assert_eq!(outcome.code, Some(1), "{arguments:?}: {}", outcome.stderr);
        let expected = "error: cannot write to standard output: No space left on device";
        assert!(outcome.stderr.contains(expected), "{arguments:?}: {}", outcome.stderr);
    }
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

/// What no message may contain: names of the program's types, and the wording and terms of its libraries.
const PROGRAM_TERMS: [&str; 46] = [
    "Err(",
    "Error(",
    "Error {",
    "Io(",
    "Os {",
    "Some(",
    "kind:",
    "::",
    "panicked",
    "RUST_BACKTRACE",
    "usize",
    "isize",
    "u8,",
    "u8\n",
    "u16",
    "u32",
    "u64",
    "i32",
    "i64",
    "i128",
    "f32",
    "f64",
    "non-zero",
    "nonzero",
    "struct ",
    "enum",
    "tuple",
    "a map",
    "sequence",
    "invalid type",
    "invalid value:",
    "invalid length",
    "invalid digit",
    "invalid input parameter",
    "invalid IP address",
    "invalid Zip",
    "EOCD",
    "unknown field",
    "unknown variant",
    "missing field",
    "any valid TOML",
    "wanted ",
    "backend",
    "stream did not contain",
    "serde",
    "untagged",
];

/// Invalid configuration files.
const FILES: [(&str, &[u8]); 18] = [
    ("bytes.toml", b"\xff\xfe\0bad"),
    ("syntax.toml", b"x = "),
    ("section.toml", b"network = 3"),
    ("scenario.toml", b"scenario = 3"),
    ("nameless.toml", b"[[scenario]]"),
    ("name.toml", b"[[scenario]]\nname = 3"),
    ("width.toml", b"[network]\nhidden = [1, -2]"),
    ("wide.toml", b"[network]\nhidden = [1, 99999999999999999999]"),
    ("activation.toml", b"[network]\nactivation = [1]"),
    ("init.toml", b"[network]\ninit = { a = 1 }"),
    ("steps.toml", b"[train]\nsteps = 1.5"),
    ("seed.toml", b"[train]\nseed = -1"),
    ("rate.toml", b"[train]\nlearning_rate = 'a'"),
    ("clip.toml", b"[train]\nclip_norm = 'a'"),
    ("source.toml", b"[data]\nsource = 3"),
    ("histograms.toml", b"[record]\nhistograms = 3"),
    ("date.toml", b"[train]\noptimizer = 1979-05-27"),
    ("twice.toml", b"[train]\nsteps = 1\nsteps = 2"),
];

/// Invalid `[sweep]` sections.
const SWEEPS: [(&str, &str); 17] = [
    ("sweep-1.toml", "method = 3"),
    ("sweep-2.toml", "method = 'x'"),
    ("sweep-3.toml", "trials = -1"),
    ("sweep-4.toml", "keys = 3"),
    ("sweep-5.toml", "[sweep.keys]\ntrain.steps = 3"),
    ("sweep-6.toml", "[sweep.keys]\ntrain.steps = { log = 3 }"),
    ("sweep-7.toml", "[sweep.keys]\ntrain.steps = { log = [1] }"),
    ("sweep-8.toml", "[sweep.keys]\ntrain.steps = { log = [1, 2, 3] }"),
    ("sweep-9.toml", "[sweep.keys]\ntrain.steps = { lag = [1, 2] }"),
    ("sweep-10.toml", "[sweep.keys]\ntrain.steps = { log = ['a', 2] }"),
    ("sweep-11.toml", "trials = 'x'"),
    ("sweep-12.toml", "foo = 1"),
    ("sweep-13.toml", "[sweep.keys]\ntrain.steps = ['x']"),
    ("sweep-14.toml", "trials = 99999999999999999999"),
    ("sweep-15.toml", "seeds = 5000000000"),
    ("sweep-16.toml", "objective = 'x'"),
    ("sweep-17.toml", "record = 1"),
];

/// Invalid settings.
const SETTINGS: [&str; 20] = [
    "train.steps=-1",
    "train.steps=1.5",
    "train.steps=x",
    "train.steps=",
    "train.steps=99999999999999999999",
    "train.steps=[1]",
    "train.steps={ a = 1 }",
    "network.hidden=3",
    "network.hidden=[a]",
    "network.activation=3",
    "network.activation=leaky_relu(x)",
    "network.init=true",
    "network.dropout=x",
    "train.clip_norm=x",
    "train.learning_rate=[1]",
    "record.histograms=maybe",
    "record.every=-1",
    "train.optimizer=sgd(momentum=x)",
    "network=3",
    "x",
];

/// Other wrong arguments, or arguments that name bad files and folders.
const OTHERS: [&[&str]; 34] = [
    &["train", "file"],
    &["train", "nowhere.toml"],
    &["train", "folder.toml"],
    &["train", "--logdir", "file"],
    &["train", "--logdir", "file/x"],
    &["train", "--seeds", "x"],
    &["train", "--seeds", "99999999999999999999"],
    &["train", "--serve", "--port", "x"],
    &["sweep", "file"],
    &["sweep", "folder.toml"],
    &["sweep-worker", "empty"],
    &["sweep-worker", "file"],
    &["sweep-worker", "plan-1"],
    &["sweep-worker", "plan-2"],
    &["sweep-worker", "plan-3"],
    &["serve", "file"],
    &["serve", "empty", "--port", "99999"],
    &["serve", "empty", "--host", "x"],
    &["serve", "empty", "--port-file", "/"],
    &["serve", "empty", "--port-file", "nowhere/x"],
    &["serve", "empty", "--path-prefix", "x"],
    &["serve", "empty", "--allow-host", "a b"],
    &["reproduce", "x"],
    &["curves", "3"],
    &["curves", "leaky_relu(x)"],
    &["curves", "--out", "folder.png"],
    &["curves", "--out", "nowhere/x.svg"],
    &["inspect", "file"],
    &["inspect", "empty", "--runs", "["],
    &["export", "nowhere"],
    &["diagnose", "empty"],
    &["data", "check", "folder.npz"],
    &["data", "check", "folder.csv"],
    &["data", "check", "idx"],
];

#[test]
fn no_message_shows_the_inside_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    for name in ["empty", "folder.toml", "folder.csv", "folder.npz", "folder.png", "plan-1", "plan-2", "plan-3", "idx"]
    {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    write("file", b"hi");
    write("plan-1/plan.toml", b"format = 'x'");
    write("plan-2/plan.toml", b"\xff");
    write("plan-3/plan.toml", b"format = 1");
    write("idx/train-images-idx3-ubyte", b"garbage");
    for (name, content) in FILES {
        write(name, content);
    }
    for (name, section) in SWEEPS {
        write(name, format!("data.source = 'blobs'\n[sweep]\n{section}\n").as_bytes());
    }
    for name in ["empty.npz", "garbage.npz"] {
        write(name, &b"garbage"[..if name == "empty.npz" { 0 } else { 7 }]);
    }
    let mut invocations: Vec<Vec<&str>> = FILES.iter().map(|(name, _)| vec!["theory", name]).collect();
    invocations.extend(SWEEPS.iter().map(|(name, _)| vec!["sweep", name]));
    invocations.extend(SETTINGS.iter().map(|setting| vec!["theory", "--set", setting]));
    invocations.extend(["empty.npz", "garbage.npz"].map(|name| vec!["data", "check", name]));
    invocations.extend(OTHERS.iter().map(|arguments| arguments.to_vec()));
    for arguments in invocations {
        let outcome = outcome(headwater(&arguments).current_dir(folder.path()));
        assert!(matches!(outcome.code, Some(1 | 2)), "{arguments:?} ended with {:?}", outcome.code);
        assert!(outcome.stderr.starts_with("error: "), "{arguments:?}: {}", outcome.stderr);
        for term in PROGRAM_TERMS {
            assert!(!outcome.stderr.contains(term), "{arguments:?} says {term:?}: {}", outcome.stderr);
        }
    }
}
