//! Runs that are watched while they train.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use headwater_diagnose::Severity;
use headwater_events::Store;
use headwater_events::proto::SessionStatus;
use headwater_lab::{Experiment, Progress, RunReport, Runner, Status, Watching};
use headwater_probe::Measure;

use crate::recorded::{Recorded, manifest, timeless};
use crate::trained::{PLAIN, preset, runner, train};

/// Trains one scenario while it is watched; returns its report, and step and rule of all that was found.
fn watch(experiment: &Experiment, stop_on: Option<Severity>) -> (tempfile::TempDir, RunReport, Vec<(u64, String)>) {
    let logdir = tempfile::tempdir().unwrap();
    let found = Mutex::new(Vec::new());
    let watched = Runner { watching: Some(Watching { stop_on }), ..runner(experiment, PLAIN, logdir.path()) };
    let results = headwater_lab::run(&watched, &AtomicBool::new(false), &|progress| {
        if let Progress::Found { index: 0, step, finding } = progress {
            found.lock().unwrap().push((step, finding.rule.to_owned()));
        }
    });
    let report = results.unwrap().remove(0).unwrap();
    (logdir, report, found.into_inner().unwrap())
}

const RELU: [&str; 4] = ["network.activation=relu", "train.steps=600", "data.source=blobs", "train.learning_rate=0.01"];

#[test]
fn weights_that_are_born_sick_are_known_before_the_second_step_and_stop_the_run_there() {
    let sick = preset(&[&RELU[..], &["network.init=constant(0.1)"]].concat());
    let (_logdir, report, found) = watch(&sick, Some(Severity::Error));
    assert_eq!(found[0], (0, "bad_init".to_owned()));
    assert_eq!((report.status, report.steps, report.stopped_by), (Status::Stopped, 1, Some("bad_init")));
    assert!(!report.diverged);
    assert_eq!(manifest(&report.logdir, "status"), "stopped");
    assert_eq!(manifest(&report.logdir, "stopped_by"), "bad_init");
    let recorded = Recorded::of(&report.logdir);
    assert_eq!(recorded.session_end(), Some(SessionStatus::Failure));
    assert_eq!(recorded.steps()[Measure::Loss.tag()], [0]);
}

#[test]
fn what_goes_wrong_later_is_known_within_fifty_steps_and_the_step_of_the_stop_is_recorded() {
    // After 300 steps the learning rate is 1,000 times what it was.
    let sick = preset(&[&RELU[..], &["train.lr_schedule=step(300, 1000)", "train.optimizer=adam"]].concat());
    let (_logdir, report, found) = watch(&sick, Some(Severity::Warning));
    assert!((300..=350).contains(&found[0].0), "{found:?}");
    assert_eq!((report.status, report.steps), (Status::Stopped, found[0].0 + 1));
    assert_eq!(Recorded::of(&report.logdir).steps()[Measure::Loss.tag()], [0, 200, report.steps.cast_signed() - 1]);
}

#[test]
fn a_young_run_that_only_looks_sick_is_not_stopped_and_one_that_stays_so_is() {
    let set = ["network.activation=sigmoid", "network.depth=3", "network.width=32", "train.steps=450"];
    let stopped = |rate: &str| {
        let (_logdir, report, found) = watch(&preset(&[&set[..], &[rate]].concat()), Some(Severity::Warning));
        assert!(found[0].0 <= 50, "{found:?}");
        (report.status, report.stopped_by, report.steps)
    };
    assert_eq!(stopped("train.learning_rate=0.01"), (Status::Done, None, 450));
    let (status, by, steps) = stopped("train.learning_rate=0.0003");
    assert_eq!((status, by), (Status::Stopped, Some("vanishing")));
    assert!((225..300).contains(&steps), "{steps}");
}

#[test]
fn of_narrow_he_networks_that_are_healthy_nothing_is_said_at_birth() {
    // By chance more than half of the units of some layer are off at first, or activations shrink a hundredfold.
    let he = ["network.activation=relu", "network.width=10", "train.steps=260", "record.every=50"];
    for own in [
        ["network.init=he_uniform", "network.depth=6", "train.seed=1"],
        ["network.init=he_uniform", "network.depth=10", "train.seed=1"],
        ["network.init=he_normal", "network.depth=10", "train.seed=0"],
        ["network.init=he_uniform", "network.depth=20", "train.seed=0"],
    ] {
        let (_logdir, report, found) = watch(&preset(&[&he[..], &own].concat()), Some(Severity::Error));
        assert_eq!(report.status, Status::Done, "{own:?}: {found:?}");
        assert!(found.iter().all(|(step, _)| *step >= 130), "{own:?}: {found:?}");
    }
}

#[test]
fn of_what_has_not_happened_yet_nothing_is_said_in_the_first_half() {
    let squared = ["network.loss=mean_squared_error", "network.activation=sigmoid", "network.depth=5"];
    let set = ["network.width=24", "train.steps=600", "data.source=blobs"];
    let (_logdir, _, found) = watch(&preset(&[squared, set].concat()), None);
    let (step, _) = found.iter().find(|(_, rule)| rule == "loss_mismatch").unwrap();
    assert!(*step >= 300, "{found:?}");
}

#[test]
fn sigmoids_that_only_come_down_to_guessing_are_stopped_as_soon_as_half_of_the_steps_are_made() {
    let deep = ["network.activation=sigmoid", "network.depth=30", "train.steps=600", "data.source=blobs"];
    let (_logdir, report, found) = watch(&preset(&deep), Some(Severity::Error));
    assert_eq!((report.status, report.stopped_by), (Status::Stopped, Some("vanishing")), "{found:?}");
    assert!((300..=350).contains(&report.steps), "{}", report.steps);
}

#[test]
fn a_step_between_records_is_said_to_be_none_of_them() {
    let logdir = tempfile::tempdir().unwrap();
    let experiment = preset(&["network.activation=sigmoid", "network.depth=4", "network.width=32", "train.steps=100"]);
    let watched = Runner { watching: Some(Watching::default()), ..runner(&experiment, PLAIN, logdir.path()) };
    let said = Mutex::new(Vec::new());
    let results = headwater_lab::run(&watched, &AtomicBool::new(false), &|progress| {
        if let Progress::Found { finding, .. } = progress {
            said.lock().unwrap().push(finding.summary.clone());
        }
    });
    let report = results.unwrap().remove(0).unwrap();
    assert_eq!(Recorded::of(&report.logdir).steps()[Measure::Loss.tag()], [0, 99]);
    let said = said.into_inner().unwrap();
    let (recorded, between): (Vec<_>, Vec<_>) = said.iter().partition(|text| text.contains("at step 0 "));
    assert!(recorded.iter().all(|text| !text.contains("between two records")), "{said:?}");
    assert!(!between.is_empty(), "{said:?}");
    assert!(between.iter().all(|text| text.contains("is between two records")), "{said:?}");
}

#[test]
fn what_a_run_was_told_is_in_its_record_with_the_numbers_behind_it_and_the_diagnosis_says_so() {
    let experiment = preset(&["network.activation=sigmoid", "network.depth=4", "network.width=32", "train.steps=100"]);
    let (logdir, report, found) = watch(&experiment, None);
    let store = Store::open(logdir.path());
    store.load();
    let run = store.run(&report.run).unwrap();
    let evidence = headwater_diagnose::evidence(&store, &run).unwrap();
    let recorded: Vec<_> = evidence.live_findings().iter().map(|live| (live.step as u64, live.rule.clone())).collect();
    assert_eq!(recorded, found);
    let live = evidence.live_findings().iter().find(|live| live.step > 0).expect("found between two records");
    assert_eq!(run.get(Measure::Loss.tag()).unwrap().steps(0..9).len(), 2, "its step has no record of its own");
    assert!(!live.evidence.is_empty() && live.numbers.contains_key("loss"), "{live:?}");
    let of_layers = live.layers.iter().all(|layer| live.numbers.contains_key(&format!("delta/rms/{layer}")));
    assert!(of_layers && !live.layers.is_empty(), "{live:?}");
    let diagnosis = headwater_diagnose::diagnose(&evidence);
    for live in evidence.live_findings() {
        let told = diagnosis.findings.iter().any(|finding| {
            finding.rule == live.rule && finding.seen_live.is_some() || finding.explains.contains(&&*live.rule)
        });
        assert!(told || diagnosis.only_live.contains(live), "{live:?}");
    }
}

#[test]
fn a_healthy_run_whose_records_lie_far_apart_is_not_said_to_guess() {
    for every in ["record.every=250", "record.every=400", "record.every=599"] {
        let (_logdir, report, found) = watch(&preset(&[&RELU[..], &[every]].concat()), Some(Severity::Warning));
        assert_eq!((report.status, found), (Status::Done, Vec::new()), "{every}");
    }
}

#[test]
fn to_be_watched_changes_nothing_of_a_healthy_run_or_its_record() {
    let experiment = preset(&RELU);
    let (_logdir, report, found) = watch(&experiment, Some(Severity::Warning));
    assert_eq!(found, []);
    assert_eq!(report.status, Status::Done);
    let alone = train(&experiment, PLAIN);
    assert!(timeless(&report.logdir) == timeless(&alone.folder(&report.run)));
}
