//! Records that cannot be written, and data that cannot be had.

use std::fs;
use std::sync::atomic::AtomicBool;

use headwater_lab::{RunError, Status};

use crate::recorded::manifest;
use crate::trained::{PLAIN, preset, runner, train};

#[test]
fn a_run_that_cannot_be_recorded_is_named_and_the_others_go_on() {
    let experiment = preset(&["data.source=blobs", "train.steps=5"]);
    let logdir = tempfile::tempdir().unwrap();
    fs::write(logdir.path().join("relu"), "a file where the run's folder should be").unwrap();
    let runner = runner(&experiment, PLAIN, logdir.path());
    let results = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| ()).unwrap();
    let [sigmoid, relu, leaky_relu] = &results[..] else { panic!("expected three runs, found {}", results.len()) };
    let error = relu.as_ref().unwrap_err();
    assert!(matches!(error, RunError::Record { run, steps: 0, .. } if run == "relu"), "{error}");
    let message = error.to_string();
    assert!(message.starts_with("run relu stopped after 0 steps: could not create "), "{message}");
    for other in [sigmoid, leaky_relu] {
        let report = other.as_ref().unwrap();
        assert_eq!(report.status, Status::Done);
        assert_eq!(manifest(&report.logdir, "status"), "done");
    }
}

#[test]
fn data_that_cannot_be_had_keeps_everything_from_beginning() {
    let experiment = preset(&["data.source=no/such/folder"]);
    let logdir = tempfile::tempdir().unwrap();
    let begun = AtomicBool::new(false);
    let runner = runner(&experiment, PLAIN, logdir.path());
    let error = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| {
        begun.store(true, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap_err();
    assert!(matches!(error, RunError::Data(_)), "{error}");
    assert!(error.to_string().contains("no/such/folder"), "{error}");
    assert!(!begun.into_inner());
    assert_eq!(fs::read_dir(logdir.path()).unwrap().count(), 0);
}

#[test]
fn runs_that_have_records_are_known_before_new_ones_are_mixed_in() {
    let experiment = preset(&["data.source=blobs", "train.steps=2", "network.activation=relu"]);
    let trained = train(&experiment, PLAIN);
    let three = preset(&["data.source=blobs"]);
    let runs = |logdir| runner(&three, PLAIN, logdir).occupied();
    assert_eq!(runs(trained.logdir.path()), ["relu"]);
    assert!(runs(tempfile::tempdir().unwrap().path()).is_empty());
}
