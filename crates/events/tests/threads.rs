//! What is read does not depend on how many threads read it.

mod common;

use std::fs;

use common::{event, scalar};
use headwater_events::{
    Store,
    proto::{HistogramProto, Summary, Value, ValueKind, What},
};

/// Several megabytes with scalars and histograms, a record larger than a part, damage, and a restart.
fn file(seed: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in 0..6000 {
        bytes.extend(scalar(step % 4000, "loss", (step * seed) as f32));
        if step % 3 == 0 {
            let length = if step == 3000 { 200_000 } else { 40 };
            let histogram =
                HistogramProto { bucket: vec![1.0; length], bucket_limit: vec![1.0; length], ..Default::default() };
            let value = Value { tag: "weight".into(), value: Some(ValueKind::Histo(histogram)), metadata: None };
            bytes.extend(event(step, What::Summary(Summary { value: vec![value] })));
        }
        if step % 1000 == 500 {
            let at = bytes.len() - 20;
            bytes[at] ^= 1;
            bytes.extend([0xee; 100]);
        }
    }
    bytes
}

/// Everything that a store says.
fn everything(store: &Store) -> String {
    let mut said = format!("{:?}\n", store.problems());
    for run in store.runs() {
        said += &format!("{} {:?}\n", run.name(), run.files());
        for series in run.series() {
            said += &format!("{} {:?} {:?}\n", series.tag(), series.info(), series.steps(0..usize::MAX));
            said += &format!("{:?} {:?}\n", series.points(0..usize::MAX), series.read(100..103));
        }
    }
    said
}

#[test]
fn the_result_is_the_same_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for run in ["a", "b"] {
        fs::create_dir(folder.path().join(run)).unwrap();
        for i in 1..=3 {
            fs::write(folder.path().join(run).join(format!("tfevents.{i}")), file(i)).unwrap();
        }
    }
    let said = |threads| {
        let store = Store::with_threads(folder.path(), threads);
        store.load();
        everything(&store)
    };
    let expected = said(1);
    assert_eq!(expected.matches("offset: Some").count(), expected.matches("defect: ").count());
    for threads in [2, 3, 8] {
        assert!(said(threads) == expected, "{threads} threads");
    }
}
