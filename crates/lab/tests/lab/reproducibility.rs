//! The same seed gives the same records to the last bit.

use std::collections::BTreeMap;

use crate::recorded::timeless;
use crate::trained::{Extent, Trained, preset, train};

/// Images, histograms and all three scenarios, on little data.
const SMALL: [&str; 4] = ["train.steps=25", "record.every=10", "data.validation=200", "data.test=300"];

fn records(trained: &Trained) -> BTreeMap<&str, Vec<Vec<u8>>> {
    let reports = trained.reports().into_iter();
    reports.map(|report| (report.run.as_str(), timeless(&report.logdir))).collect()
}

/// Names the first difference; the bytes themselves would fill the screen.
fn assert_equal(left: &Trained, right: &Trained) {
    let (left, right) = (records(left), records(right));
    assert!(left.keys().eq(right.keys()));
    for (run, events) in left {
        assert_eq!(events.len(), right[run].len(), "number of events of {run}");
        let different = events.iter().zip(&right[run]).position(|(left, right)| left != right);
        assert_eq!(different, None, "the first event of {run} that is different");
    }
}

#[test]
fn records_are_the_same_on_one_thread_and_on_two_and_in_the_next_run() {
    let experiment = preset(&SMALL);
    let one = train(&experiment, Extent { threads: 1, seeds: 2 });
    assert_eq!(one.results.len(), 6);
    assert_equal(&one, &train(&experiment, Extent { threads: 2, seeds: 2 }));
    assert_equal(&one, &train(&experiment, Extent { threads: 1, seeds: 2 }));
}

#[test]
fn a_seed_gives_the_same_run_alone_and_among_others() {
    let set = |seed| preset(&[&SMALL[..], &["network.activation=tanh", seed][..]].concat());
    let among_others = train(&set("train.seed=6"), Extent { threads: 1, seeds: 2 });
    let alone = train(&set("train.seed=7"), Extent { threads: 1, seeds: 1 });
    assert!(timeless(&among_others.folder("tanh/seed-7")) == timeless(&alone.folder("tanh")));
}

#[test]
fn another_seed_gives_other_records() {
    let trained = train(&preset(&SMALL), Extent { threads: 1, seeds: 2 });
    let [first, second] = [0, 1].map(|seed| timeless(&trained.folder(&format!("relu/seed-{seed}"))));
    let same = first.iter().zip(&second).filter(|(first, second)| first == second).count();
    // Equal are what says nothing of the seed (what the file is, the graph) and a few counts.
    assert!(same < first.len() / 3, "{same} of {} events are the same", first.len());
}
