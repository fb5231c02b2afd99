//! Trains a deep, narrow network briefly and diagnoses its record, to measure how the cost of both grows with depth:
//! `cargo run --release -p headwater-lab --example deep -- DEPTH`.

use std::num::NonZero;
use std::sync::atomic::AtomicBool;

use headwater_lab::{Experiment, Overrides, Runner, Watching};

fn main() {
    let depth = std::env::args().nth(1).expect("a number of hidden layers");
    let folder = tempfile::tempdir().expect("a folder");
    let settings = ["data.source=blobs", "network.activation=sigmoid", "network.width=1", "train.steps=2"];
    let mut set = settings.map(str::to_owned).to_vec();
    set.push(format!("network.depth={depth}"));
    let experiment = Experiment::load("vanishing", &Overrides { set, ..Overrides::default() }).expect("it is sound");
    let runner = Runner {
        experiment: &experiment,
        seeds: NonZero::<u32>::MIN,
        threads: Some(NonZero::<usize>::MIN),
        logdir: folder.path(),
        watching: Some(Watching::default()),
    };
    let results = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| ()).expect("it can be run");
    assert!(results.iter().all(Result::is_ok));
    let store = headwater_events::Store::open(folder.path());
    store.load();
    assert_eq!(headwater_diagnose::diagnoses(&store).len(), 1);
}
