//! `headwater curves` and `headwater completions`.

use std::fs;

use crate::program::{headwater, outcome};

#[test]
fn the_ending_of_the_file_decides_its_format() {
    let folder = tempfile::tempdir().unwrap();
    for (name, magic) in [("curves.svg", &b"<svg "[..]), ("curves.png", b"\x89PNG\r\n\x1a\n")] {
        let outcome = outcome(headwater(["curves", "tanh", "--out", name]).current_dir(folder.path())).success();
        assert_eq!((outcome.stdout, outcome.stderr), (String::new(), format!("drawn to {name}\n")));
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert!(bytes.starts_with(magic), "{name} begins with {:?}", &bytes[..16]);
    }
}

#[test]
fn another_ending_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = outcome(headwater(["curves", "--out", "curves.gif"]).current_dir(folder.path()));
    assert_eq!(outcome.code, Some(2));
    insta::assert_snapshot!(outcome.stderr, @"error: --out curves.gif: expected a name that ends in .svg or .png");
    assert!(!folder.path().join("curves.gif").exists());
}

#[test]
fn a_picture_that_cannot_be_written_is_an_error_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (path, why) in [("nowhere/x", "No such file or directory"), ("file/x", "Not a directory")] {
        for ending in ["svg", "png"] {
            let path = format!("{path}.{ending}");
            let outcome = outcome(headwater(["curves", "--out", &path]).current_dir(folder.path()));
            assert_eq!(outcome.code, Some(1));
            let start = format!("error: cannot write {path}: {why} (os error ");
            assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
        }
    }
}

#[test]
fn the_experiments_activations_are_drawn_as_text() {
    let outcome = outcome(&mut headwater(["curves"])).success();
    for activation in ["sigmoid", "relu", "leaky_relu(0.2)"] {
        assert!(outcome.stdout.contains(&format!("{activation}, z from -6 to 6\n")), "{}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains('\u{1b}'));
    assert_eq!(outcome.stderr, "");
}

#[test]
fn an_unknown_activation_gets_the_nearest_one() {
    let outcome = outcome(&mut headwater(["curves", "rleu"]));
    assert_eq!(outcome.code, Some(2));
    insta::assert_snapshot!(outcome.stderr, @r#"error: there is no activation "rleu" (did you mean "relu"?); known: identity, sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, softplus, softsign, hard_tanh"#);
}

#[test]
fn completions_are_for_this_program() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = outcome(&mut headwater(["completions", shell])).success();
        assert!(outcome.stdout.contains("headwater"));
        assert_eq!(outcome.stderr, "");
    }
}
