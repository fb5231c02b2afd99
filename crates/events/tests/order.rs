//! The order of the values of a series does not depend on whether its files were watched or read when they were whole.

mod common;

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use common::{event_at, scalar_at, session_start, steps};
use headwater_events::{
    Number, Selection, Standing, Store,
    proto::{DataType, HistogramProto, Summary, TensorProto, TensorShapeProto, Value, ValueKind, What},
    scalars,
};
use proptest::prelude::*;

const FIRST: &str = "events.out.tfevents.1";
const SECOND: &str = "events.out.tfevents.2";

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
}

fn anew(folder: &Path) -> Store {
    let store = Store::open(folder);
    store.load();
    store
}

/// Every series of a store: steps, wall times, segments and void values.
fn contents(store: &Store) -> Vec<String> {
    let series = store.runs().into_iter().flat_map(|run| run.series());
    let words = series.map(|series| {
        let steps = series.steps(0..usize::MAX);
        format!("{} {steps:?} {:?} {:?} {:?}", series.tag(), series.segments(), series.standing(), series.void())
    });
    words.collect()
}

fn histogram_at(wall_time: f64, step: i64) -> Vec<u8> {
    let value = Value { tag: "w".into(), value: Some(ValueKind::Histo(HistogramProto::default())), metadata: None };
    event_at(wall_time, step, What::Summary(Summary { value: vec![value] }))
}

#[test]
fn workers_that_take_turns_make_one_series_watched_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let watching = Store::open(folder.path());
    let mut generations = Vec::new();
    for step in 1..10 {
        let name = if step % 2 == 1 { FIRST } else { SECOND };
        append(&folder.path().join(name), &scalar_at(100.0 + step as f64, step, "loss", step as f32 / 8.0));
        watching.load();
        let loss = watching.run(".").unwrap().get("loss").unwrap();
        assert_eq!(steps(&watching, ".", "loss"), (1..=step).collect::<Vec<_>>());
        generations.push(loss.generation());
    }
    assert!(generations.is_sorted());
    let loss = anew(folder.path()).run(".").unwrap().get("loss").unwrap();
    assert_eq!(loss.segments(), std::slice::from_ref(&(0..9)));
    assert_eq!((loss.info().ends, loss.points(8..9)[0].value), (Some((1, 9)), 1.125));
    assert_eq!(contents(&watching), contents(&anew(folder.path())));
}

#[test]
fn a_series_that_is_rearranged_leaves_the_one_that_is_held_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for (name, step) in [(FIRST, 1), (SECOND, 2), (SECOND, 4)] {
        append(&folder.path().join(name), &scalar_at(step as f64, step, "loss", 0.5));
    }
    let store = anew(folder.path());
    let held = store.run(".").unwrap().get("loss").unwrap();
    let version = store.version();
    append(&folder.path().join(FIRST), &scalar_at(3.0, 3, "loss", 0.5));
    store.load();
    let now = store.run(".").unwrap().get("loss").unwrap();
    assert_eq!(steps(&store, ".", "loss"), [1, 2, 3, 4]);
    assert!(now.generation() > held.generation());
    assert_eq!(held.steps(0..3).iter().map(|(step, _)| *step).collect::<Vec<_>>(), [1, 2, 4]);
    let changed = store.changes(version).series;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].generation(), now.generation());
}

#[test]
fn a_session_start_voids_the_steps_that_it_takes_back() {
    let folder = tempfile::tempdir().unwrap();
    let watching = Store::open(folder.path());
    for step in (0..160).step_by(10) {
        append(&folder.path().join(FIRST), &scalar_at(1000.0 + step as f64, step, "loss", step as f32 + 1.0));
        append(&folder.path().join(FIRST), &histogram_at(1000.0 + step as f64, step));
    }
    append(&folder.path().join(FIRST), &event_at(1000.0, 120, What::GraphDef(vec![0; 9])));
    watching.load();
    append(&folder.path().join(SECOND), &session_start(1.7e9, 100));
    watching.load();
    for step in (160..241).step_by(20) {
        append(&folder.path().join(SECOND), &scalar_at(2000.0 + step as f64, step, "loss", step as f32 + 5000.0));
    }
    watching.load();
    let store = anew(folder.path());
    assert_eq!(contents(&watching), contents(&store));
    let run = store.run(".").unwrap();
    let loss = run.get("loss").unwrap();
    let expected: Vec<i64> = (0..100).step_by(10).chain((160..241).step_by(20)).collect();
    assert_eq!(steps(&store, ".", "loss"), expected);
    assert_eq!(loss.segments(), std::slice::from_ref(&(0..15)));
    let void: Vec<i64> = (100..160).step_by(10).collect();
    assert_eq!(loss.void().iter().map(|(step, _)| *step).collect::<Vec<_>>(), void);
    assert_eq!((loss.info().count, loss.info().void), (15, 6));
    let histograms = run.get("w").unwrap();
    assert_eq!((histograms.len(), histograms.info().void), (10, 6));
    assert!(histograms.read(0..10).iter().all(|sample| sample.datum.is_ok()));
    assert_eq!(run.get("__run_graph__").unwrap().len(), 1, "a graph is of no step");
    assert!(store.problems().is_empty());

    let mut found = Vec::new();
    scalars(folder.path(), Selection::ALL, |scalar| {
        found.push((scalar.step, scalar.standing));
        Ok::<_, ()>(())
    })
    .unwrap();
    let void = void.into_iter().map(|step| (step, Standing::Void));
    assert_eq!(found, void.chain(expected.into_iter().map(|step| (step, Standing::Current))).collect::<Vec<_>>());
}

#[test]
fn the_tenth_file_of_a_second_comes_after_the_ninth() {
    let folder = tempfile::tempdir().unwrap();
    let file = |number: u32| folder.path().join(format!("events.out.tfevents.1700000000.host.7.{number}"));
    let watching = Store::open(folder.path());
    for (number, from) in [(9, 0), (10, 3), (11, 4)] {
        append(&file(number), &session_start(1.7e9, from));
        for step in from..6 {
            append(&file(number), &scalar_at(1.7e9, step, "loss", f64::from(number) as f32));
        }
        watching.load();
    }
    for store in [watching, anew(folder.path())] {
        let loss = store.run(".").unwrap().get("loss").unwrap();
        let points: Vec<(i64, f64)> =
            loss.points(0..loss.len()).iter().map(|point| (point.step, point.value)).collect();
        assert_eq!(points, [(0, 9.0), (1, 9.0), (2, 9.0), (3, 10.0), (4, 11.0), (5, 11.0)]);
    }
}

#[test]
fn a_session_start_within_a_file_voids_what_stands_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let values = |steps: std::ops::Range<i64>, time: f64| -> Vec<u8> {
        steps.flat_map(|step| scalar_at(time + step as f64, step, "loss", 0.5)).collect()
    };
    let bytes = [
        session_start(0.0, 0),
        values(0..5, 0.0),
        session_start(10.0, 3),
        values(3..6, 10.0),
        session_start(20.0, 5),
        values(5..7, 20.0),
    ];
    fs::write(folder.path().join(FIRST), bytes.concat()).unwrap();
    let store = anew(folder.path());
    assert_eq!(steps(&store, ".", "loss"), [0, 1, 2, 3, 4, 5, 6]);
    let loss = store.run(".").unwrap().get("loss").unwrap();
    assert_eq!(loss.points(3..4)[0].wall_time, 13.0, "step 3 of the second session");
    assert_eq!(loss.void(), [(3, 3.0), (4, 4.0), (5, 15.0)]);
    // An older file that grows after that is void as well, from where its values are taken back.
    append(&folder.path().join("events.out.tfevents.0"), &values(4..8, 30.0));
    store.load();
    assert_eq!(contents(&store), contents(&anew(folder.path())));
    assert!(store.run(".").unwrap().get("loss").unwrap().info().void > 3);
}

#[test]
fn a_file_that_goes_on_beside_another_joins_its_segment_however_it_was_watched() {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: u32| folder.path().join(format!("events.out.tfevents.{file}"));
    append(&path(0), &[scalar_at(16.0, 0, "loss", 0.5), scalar_at(17.0, 1, "loss", 0.5)].concat());
    // It begins at the same time as the other, and at first has no time of its own.
    append(&path(2), &scalar_at(16.0, 0, "loss", 0.5));
    let watching = anew(folder.path());
    for time in [17.0, 18.0, 19.0] {
        append(&path(2), &scalar_at(time, 0, "loss", 0.5));
        watching.load();
        assert_eq!(contents(&watching), contents(&anew(folder.path())), "{time}");
    }
}

#[test]
fn what_old_writers_put_behind_a_name_is_not_shown_unless_names_would_be_alike() {
    let folder = tempfile::tempdir().unwrap();
    let tags =
        ["a/scalar_summary", "b/histogram_summary", "b", "c", "c/image_summary", "/text_summary", "d/other_summary"];
    let bytes: Vec<u8> = tags.iter().flat_map(|tag| scalar_at(1.0, 1, tag, 0.5)).collect();
    append(&folder.path().join(FIRST), &bytes);
    let run = anew(folder.path()).run(".").unwrap();
    let names: Vec<String> = tags.iter().map(|tag| run.get(tag).unwrap().name().to_owned()).collect();
    assert_eq!(names, ["a", "b/histogram_summary", "b", "c", "c/image_summary", "/text_summary", "d/other_summary"]);
    let shown: Vec<String> = tags.iter().map(|tag| run.get(tag).unwrap().info().metadata.display_name).collect();
    assert_eq!(shown, ["a", "", "", "", "", "", ""]);
    // Also when the name that is alike comes later.
    let store = anew(folder.path());
    append(&folder.path().join(FIRST), &scalar_at(2.0, 2, "a", 0.5));
    store.load();
    assert_eq!(store.run(".").unwrap().get("a/scalar_summary").unwrap().name(), "a/scalar_summary");
}

#[test]
fn integers_of_64_bits_are_given_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let integer = |step: i64, tensor: TensorProto| {
        let shape = Some(TensorShapeProto::of(&[]));
        let value = Some(ValueKind::Tensor(TensorProto { tensor_shape: shape, ..tensor }));
        event_at(
            step as f64,
            step,
            What::Summary(Summary { value: vec![Value { tag: "n".into(), value, metadata: None }] }),
        )
    };
    let signed = |value: i64| TensorProto {
        dtype: DataType::Int64.into(),
        tensor_content: value.to_le_bytes().to_vec(),
        ..TensorProto::default()
    };
    let unsigned = |value: u64| TensorProto {
        dtype: DataType::Uint64.into(),
        tensor_content: value.to_le_bytes().to_vec(),
        ..TensorProto::default()
    };
    let odd = (1 << 53) + 1;
    append(&folder.path().join(FIRST), &integer(1, signed(odd)));
    append(&folder.path().join(FIRST), &integer(3, unsigned(u64::MAX)));
    // They keep their places when values come between them.
    append(&folder.path().join(SECOND), &integer(2, signed(7)));
    append(&folder.path().join(SECOND), &integer(4, unsigned((1 << 63) + 4096)));
    let mut found = Vec::new();
    scalars(folder.path(), Selection::ALL, |scalar| {
        found.push((scalar.step, scalar.value.to_string()));
        Ok::<_, ()>(())
    })
    .unwrap();
    let expected = [(1, "9007199254740993"), (2, "7"), (3, "18446744073709551615"), (4, "9223372036854779904")];
    assert_eq!(found, expected.map(|(step, value)| (step, value.to_owned())));
    assert_eq!(f64::from(Number::Integer(odd.into())), odd as f64);
}

/// What a file grows by at a time.
#[derive(Debug, Clone)]
struct Piece {
    file: usize,
    step: i64,
    /// Seconds since the piece before of the same file; files may begin at any time.
    pause: u32,
    is_start: bool,
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = (0usize..3, 0i64..8, 0u32..4, prop::bool::weighted(0.1));
    let piece = piece.prop_map(|(file, step, pause, is_start)| Piece { file, step, pause, is_start });
    prop::collection::vec(piece, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_folder_that_was_watched_is_as_if_it_were_read_anew(
        pieces in pieces(),
        begins in [0u32..20, 0u32..20, 0u32..20],
        looks in prop::collection::vec(any::<bool>(), 40),
        ascend: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let watching = Store::with_threads(folder.path(), 1);
        let (mut clocks, mut last) = (begins, [0; 3]);
        for (piece, look) in pieces.iter().zip(looks) {
            let file = piece.file;
            clocks[file] += piece.pause;
            last[file] = if ascend { last[file] + piece.step } else { piece.step };
            let (time, step) = (f64::from(clocks[file]), last[file]);
            let path = folder.path().join(format!("events.out.tfevents.{file}"));
            if piece.is_start {
                append(&path, &session_start(time, step));
            } else {
                append(&path, &scalar_at(time, step, "loss", 0.5));
                append(&path, &histogram_at(time, step));
            }
            if look {
                watching.load();
            }
        }
        watching.load();
        prop_assert_eq!(contents(&watching), contents(&anew(folder.path())));
    }
}
