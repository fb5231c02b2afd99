//! A step that is not recorded allocates nothing.

use std::sync::atomic::AtomicBool;

use crate::trained::{PLAIN, preset, runner};

/// Allocations of a whole run on this thread. The first and the last step are recorded, as ever, and `every` says
/// which others.
fn allocations(steps: u64, every: u64) -> u64 {
    let (steps, every) = (format!("train.steps={steps}"), format!("record.every={every}"));
    // Without histograms, whose buckets are as many as the values ask for, a record is always of the same size.
    let experiment =
        preset(&["data.source=blobs", "network.activation=tanh", "record.histograms=false", &steps, &every]);
    let logdir = tempfile::tempdir().unwrap();
    let runner = runner(&experiment, PLAIN, logdir.path());
    let counted = allocation_counter::measure(|| {
        let results = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| ()).unwrap();
        assert!(results.iter().all(Result::is_ok));
    });
    counted.count_total
}

#[test]
fn a_longer_run_with_as_many_records_allocates_as_often() {
    // What is made once for the process and the thread.
    allocations(100, 500);
    // An epoch has 147 steps: the longer run shuffles the samples anew.
    assert_eq!(allocations(400, 500), allocations(100, 500));
    assert!(allocations(400, 100) > allocations(400, 500), "records allocate, and are counted");
}
