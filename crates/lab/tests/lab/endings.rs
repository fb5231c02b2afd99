//! Runs that end before their last step: by divergence or by interruption.

use std::sync::atomic::{AtomicBool, Ordering};

use headwater_events::proto::SessionStatus;
use headwater_lab::{Progress, Status};
use headwater_probe::Measure;
use headwater_probe::tags::{Quantity, Statistic};

use crate::recorded::{Recorded, manifest, timeless};
use crate::trained::{Extent, PLAIN, experiment, preset, train, train_with};

/// A learning rate at which the second or third loss is no number.
const HOT: &str = "train.optimizer = 'sgd'\ntrain.learning_rate = 1e30\n";
const BLOBS: &str = "data.source = 'blobs'\nnetwork.activation = 'relu'\ntrain.steps = 30\nrecord.every = 10\n";

#[test]
fn a_run_whose_cost_is_not_finite_stops_there_and_records_that_step() {
    let trained = train(&experiment(&format!("name = 'hot'\n{BLOBS}{HOT}")), PLAIN);
    let report = trained.reports()[0];
    assert_eq!((report.status, report.diverged), (Status::Diverged, true));
    assert_eq!((report.validation_accuracy, report.test_accuracy), (None, None));
    assert!(report.steps < 10, "it ran for {} steps", report.steps);

    let recorded = Recorded::of(&report.logdir);
    let last = report.steps.cast_signed() - 1;
    let losses = recorded.scalar(Measure::Loss.tag());
    assert_eq!(losses.keys().copied().collect::<Vec<_>>(), [0, last]);
    assert!(losses[&0].is_finite() && !losses[&last].is_finite());
    let mut strange = 0.0;
    for layer in 0..6 {
        for quantity in Quantity::ALL {
            let count = |statistic| {
                let values = recorded.scalar(&Measure::Statistic(quantity, statistic).at(layer));
                assert!(!values.contains_key(&0), "all was well at the first step");
                f64::from(values.get(&last).copied().unwrap_or(0.0))
            };
            let not_finite = count(Statistic::Nans) + count(Statistic::Infinities);
            let finite = recorded.histogram_count(&Measure::Whole(quantity).at(layer));
            assert_eq!(finite[&last] + not_finite, finite[&0], "{quantity} of layer {}", layer + 1);
            strange += not_finite;
        }
        // There was no update.
        assert!(!recorded.scalar(&Measure::UpdateRatio.at(layer)).contains_key(&last));
    }
    assert!(strange > 0.0);
    assert_eq!(recorded.session_end(), Some(SessionStatus::Failure));
    assert_eq!(manifest(&report.logdir, "status"), "diverged");
    assert_eq!(manifest(&report.logdir, "steps"), report.steps);
}

#[test]
fn a_run_that_diverges_leaves_the_others_as_they_are_without_it() {
    let good = "[[scenario]]\nname = 'good'\n";
    let alone = train(&experiment(&format!("name = 'e'\n{BLOBS}{good}")), PLAIN);
    let both = experiment(&format!("name = 'e'\n{BLOBS}[[scenario]]\nname = 'hot'\n{HOT}{good}"));
    for threads in [1, 2] {
        let both = train(&both, Extent { threads, seeds: 1 });
        let statuses: Vec<_> = both.reports().iter().map(|report| report.status).collect();
        assert_eq!(statuses, [Status::Diverged, Status::Done]);
        assert!(timeless(&both.folder("good")) == timeless(&alone.folder("good")));
        assert_eq!(manifest(&both.folder("good"), "status"), "done");
    }
}

#[test]
fn an_interrupted_run_is_whole_and_later_ones_are_not_begun() {
    let interrupt = AtomicBool::new(false);
    let endless = preset(&["data.source=blobs", "train.steps=1_000_000_000", "record.every=10"]);
    let trained = train_with(&endless, PLAIN, &interrupt, &|progress| {
        if let Progress::Step { index: 0, step: 26.., .. } = progress {
            interrupt.store(true, Ordering::Relaxed);
        }
    });
    let [report] = trained.reports()[..] else { panic!("expected one run, found {}", trained.results.len()) };
    assert_eq!((report.run.as_str(), report.status, report.steps), ("sigmoid", Status::Interrupted, 26));
    assert!(report.test_accuracy.is_some(), "what was trained so far is evaluated");
    let recorded = Recorded::of(&report.logdir);
    assert_eq!(recorded.steps()[Measure::Loss.tag()], [0, 10, 20]);
    assert_eq!(recorded.steps()[Measure::TestAccuracy.tag()], [25]);
    assert_eq!(recorded.session_end(), Some(SessionStatus::Failure));
    assert_eq!(manifest(&report.logdir, "status"), "interrupted");
    assert_eq!(manifest(&report.logdir, "steps"), 26);
    for later in ["relu", "leaky_relu"] {
        assert!(!trained.folder(later).exists(), "{later} was begun");
    }
}

#[test]
fn an_interruption_stops_all_runs_that_are_being_trained() {
    let interrupt = AtomicBool::new(false);
    let endless = preset(&["data.source=blobs", "train.steps=1_000_000_000"]);
    // The second run raises the flag. The first may not have made its first step yet.
    let trained = train_with(&endless, Extent { threads: 2, seeds: 1 }, &interrupt, &|progress| {
        if let Progress::Step { index: 1, .. } = progress {
            interrupt.store(true, Ordering::Relaxed);
        }
    });
    for report in trained.reports() {
        assert_eq!(report.status, Status::Interrupted);
        if report.steps > 0 {
            assert_eq!(Recorded::of(&report.logdir).session_end(), Some(SessionStatus::Failure));
        }
    }
    assert!(trained.reports().iter().any(|report| report.steps > 0));
    assert!(!trained.folder("leaky_relu").exists());
}
