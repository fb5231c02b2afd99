//! Deep networks: what they cost, and that they can be interrupted at any time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_lab::{Phase, Progress, Runner, Status, Watching};

use crate::recorded::manifest;
use crate::trained::{Extent, PLAIN, preset, runner, train_with};

/// Number of allocations, and their bytes, on this thread for a whole run of this depth, watched and fully recorded.
fn allocated(depth: usize) -> [u64; 2] {
    let depth = format!("network.depth={depth}");
    let experiment =
        preset(&["data.source=blobs", "network.activation=relu", "network.width=1", "train.steps=2", &depth]);
    let logdir = tempfile::tempdir().unwrap();
    let runner = Runner { watching: Some(Watching::default()), ..runner(&experiment, PLAIN, logdir.path()) };
    let counted = allocation_counter::measure(|| {
        let results = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| ()).unwrap();
        assert!(results.iter().all(Result::is_ok));
    });
    [counted.count_total, counted.bytes_total]
}

#[test]
fn twice_the_layers_take_twice_the_memory_and_no_more() {
    // Warms up: some things are made once for the process and the thread.
    allocated(10);
    let [base, once, twice] = [10, 110, 210].map(allocated);
    for ((base, once), twice) in base.into_iter().zip(once).zip(twice) {
        let growth = (twice - once) as f64 / (once - base) as f64;
        assert!(growth < 1.2, "{base}, {once}, {twice}");
    }
}

/// Raises the flag when a run enters `phase`; returns the phases that were entered, and the report's status, steps and
/// accuracy on the test samples.
fn interrupted_in(phase: Phase, settings: &[&str]) -> (Vec<Phase>, Status, u64, Option<f64>) {
    let (interrupt, entered) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let experiment = preset(&[&["data.source=blobs", "network.activation=tanh"], settings].concat());
    let trained = train_with(&experiment, Extent { threads: 1, seeds: 2 }, &interrupt, &|progress| {
        if let Progress::Phase { phase: now, .. } = progress {
            entered.lock().unwrap().push(now);
            interrupt.fetch_or(now == phase, Ordering::Relaxed);
        }
    });
    let [report] = trained.reports()[..] else { panic!("expected one run, found {}", trained.results.len()) };
    assert_eq!(manifest(&report.logdir, "status"), "interrupted");
    assert_eq!(manifest(&report.logdir, "steps"), report.steps);
    (entered.into_inner().unwrap(), report.status, report.steps, report.test_accuracy)
}

#[test]
fn a_run_can_be_interrupted_in_whatever_it_does_before_its_first_step() {
    let phases = [Phase::Building, Phase::Initialising, Phase::Recording, Phase::Theory, Phase::Training];
    for init in ["glorot_uniform", "orthogonal", "lsuv"] {
        for phase in phases {
            let (entered, status, steps, _) = interrupted_in(phase, &[&format!("network.init={init}")]);
            assert_eq!((status, steps), (Status::Interrupted, 0), "{init}, {phase}");
            // The first two phases take all the time. Nothing after them is done.
            if matches!(phase, Phase::Building | Phase::Initialising) {
                assert_eq!(entered.last(), Some(&Phase::Initialising), "{init}, {phase}: {entered:?}");
            }
        }
    }
}

#[test]
fn an_evaluation_that_takes_long_is_left_out_and_a_short_one_is_not() {
    let wide = ["network.depth=2", "network.width=1200", "train.steps=1"];
    let (_, status, steps, test_accuracy) = interrupted_in(Phase::Evaluating, &wide);
    assert_eq!((status, steps, test_accuracy), (Status::Interrupted, 1, None));
    let interrupt = AtomicBool::new(false);
    let short = train_with(&preset(&["data.source=blobs", "train.steps=1"]), PLAIN, &interrupt, &|progress| {
        if let Progress::Phase { phase: Phase::Evaluating, .. } = progress {
            interrupt.store(true, Ordering::Relaxed);
        }
    });
    let report = short.reports()[0];
    assert_eq!((report.status, report.test_accuracy.is_some()), (Status::Done, true));
}
