//! What is wrong with a log directory is said, and everything else is read.
#![cfg(unix)]

mod common;

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use common::{event, record, scalar, scalars, skipped, steps};
use headwater_events::{
    Defect, FetchError, FileState, Selection, SeriesKind, Store, Writer, histograms,
    proto::{HistogramProto, Summary, TensorProto, Value, ValueKind, What},
};
use proptest::prelude::*;

const NAME: &str = "events.out.tfevents.1";

/// A store of a log directory that holds one file.
fn store_of(folder: &Path, bytes: &[u8]) -> Store {
    fs::write(folder.join(NAME), bytes).unwrap();
    let store = Store::open(folder);
    store.load();
    store
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_file_cut_anywhere_gives_every_record_before_the_cut() {
    let folder = folder();
    // From 1 on: a step of zero takes no bytes.
    let bytes = scalars(1..6, "loss");
    let size = bytes.len() / 5;
    for cut in 0..=bytes.len() {
        let store = store_of(folder.path(), &bytes[..cut]);
        let whole = i64::try_from(cut / size).unwrap();
        assert_eq!(steps(&store, ".", "loss"), (1..=whole).collect::<Vec<_>>(), "cut at {cut}");
        assert!(store.problems().is_empty(), "cut at {cut}: {:?}", store.problems());
        let report = &store.run(".").unwrap().files()[0];
        let state = if cut % size == 0 { FileState::Whole } else { FileState::Unfinished };
        assert_eq!((report.state, report.read, report.bytes), (state, (cut / size * size) as u64, cut as u64));
    }
}

#[test]
fn a_flipped_byte_loses_its_record_and_no_other_and_is_said() {
    let folder = folder();
    // From 1 on: a step of zero takes no bytes.
    let bytes = scalars(1..6, "loss");
    let size = bytes.len() / 5;
    for flip in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[flip] ^= 1;
        let store = store_of(folder.path(), &bytes);
        let lost = flip / size;
        let expected: Vec<i64> = (1..6).filter(|&step| step != 1 + i64::try_from(lost).unwrap()).collect();
        assert_eq!(steps(&store, ".", "loss"), expected, "byte {flip}");
        assert_eq!(skipped(&store), [(Some((lost * size) as u64), size as u64)], "byte {flip}");
    }
}

/// The same where the first value carries metadata, which the others need and do not have.
#[test]
fn a_series_whose_first_record_is_lost_is_known_by_its_form() {
    let folder = folder();
    let mut writer = Writer::create(folder.path()).unwrap();
    for step in 0..3 {
        writer.scalar(step, "loss", 1.0).unwrap();
        writer.text(step, "config", "text").unwrap();
        writer.histogram(step, "weight", &[headwater_events::Bucket { left: 0.0, right: 1.0, count: 2.0 }; 2]).unwrap();
    }
    let path = writer.path().to_owned();
    writer.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    for step_0 in ["loss", "config", "weight"] {
        let at = bytes.windows(step_0.len()).position(|window| window == step_0.as_bytes()).unwrap();
        bytes[at] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    let store = Store::open(folder.path());
    store.load();
    let found: Vec<_> = store.run(".").unwrap().series().iter().map(|series| (series.kind(), series.len())).collect();
    assert_eq!(found, [(SeriesKind::Text, 2), (SeriesKind::Scalar, 2), (SeriesKind::Histogram, 2)]);
    assert_eq!(store.problems().len(), 3);
}

#[test]
fn an_undecodable_record_is_said_and_skipped() {
    let folder = folder();
    let before = scalar(0, "loss", 1.0);
    let bad = record(b"\x2a\xff\xff\xff\xff\x0f");
    let store = store_of(folder.path(), &[&before[..], &bad, &scalar(1, "loss", 1.0)].concat());
    assert_eq!(steps(&store, ".", "loss"), [0, 1]);
    let problems = store.problems();
    assert_eq!(skipped(&store), [(Some(before.len() as u64), bad.len() as u64)]);
    assert!(matches!(problems[0].defect, Defect::Undecodable(_)));
    let said = problems[0].to_string();
    let expected = format!(
        "{}, offset {}: a record is not an event: a field reaches beyond the end of its message (22 bytes skipped)",
        folder.path().join(NAME).display(),
        before.len()
    );
    assert_eq!(said, expected);
}

#[test]
fn a_file_of_zeros_or_of_anything_is_one_problem() {
    let folder = folder();
    let noise: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for bytes in [vec![0; 100_000], noise] {
        let store = store_of(folder.path(), &bytes);
        assert_eq!(skipped(&store), [(Some(0), 100_000)]);
        assert_eq!(store.run(".").unwrap().files()[0].state, FileState::Damaged);
        assert!(store.run(".").unwrap().series().is_empty());
    }
}

#[test]
fn lengths_in_a_message_are_not_trusted() {
    let folder = folder();
    // A summary, a value, a tensor of shape [2^62, 2^62] with one element, for which there is no memory.
    let tensor = TensorProto {
        tensor_shape: Some(headwater_events::proto::TensorShapeProto::of(&[1 << 62, 3])),
        ..TensorProto::scalar(1.0)
    };
    let value = headwater_events::proto::Value {
        tag: "huge".into(),
        value: Some(headwater_events::proto::ValueKind::Tensor(tensor)),
        metadata: None,
    };
    let what = headwater_events::proto::What::Summary(headwater_events::proto::Summary { value: vec![value] });
    let store = store_of(folder.path(), &common::event(0, what));
    let series = store.run(".").unwrap().get("huge").unwrap();
    assert_eq!(series.kind(), SeriesKind::Histogram);
    let datum = series.read(0..1).remove(0).datum;
    assert!(matches!(datum, Err(FetchError::Datum { .. })), "{datum:?}");
}

#[test]
fn values_of_two_kinds_under_one_tag_are_said() {
    let folder = folder();
    let mut bytes = scalars(0..2, "mixed");
    let value = headwater_events::proto::Value {
        tag: "mixed".into(),
        value: Some(headwater_events::proto::ValueKind::Histo(headwater_events::proto::HistogramProto::default())),
        metadata: None,
    };
    let what = headwater_events::proto::What::Summary(headwater_events::proto::Summary { value: vec![value] });
    bytes.extend(common::event(7, what));
    let store = store_of(folder.path(), &bytes);
    assert_eq!(steps(&store, ".", "mixed"), [0, 1]);
    let said = store.problems()[0].defect.to_string();
    assert_eq!(said, "tag \"mixed\" holds scalar values; 1 of another kind are not shown");
}

#[test]
fn a_value_that_was_damaged_later_is_an_error_where_it_is_read_and_nowhere_else() {
    let folder = folder();
    let mut writer = Writer::create(folder.path()).unwrap();
    for step in 0..3 {
        writer.text(step, "config", &format!("text {step}")).unwrap();
    }
    let path = writer.path().to_owned();
    writer.close().unwrap();
    let store = Store::open(folder.path());
    store.load();
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(6).position(|window| window == b"text 1").unwrap();
    bytes[at] = b'T';
    fs::write(&path, bytes).unwrap();
    let samples = store.run(".").unwrap().get("config").unwrap().read(0..9);
    let found: Vec<bool> = samples.iter().map(|sample| sample.datum.is_ok()).collect();
    assert_eq!(found, [true, false, true]);
    assert!(matches!(samples[1].datum, Err(FetchError::Gone { .. })));
}

#[test]
fn links_are_followed_and_a_loop_ends() {
    let outside = folder();
    fs::write(outside.path().join(NAME), scalars(0..3, "loss")).unwrap();
    let folder = folder();
    fs::create_dir_all(folder.path().join("a/b")).unwrap();
    fs::write(folder.path().join("a/b").join(NAME), scalars(0..2, "loss")).unwrap();
    symlink("..", folder.path().join("a/b/up")).unwrap();
    symlink(".", folder.path().join("itself")).unwrap();
    symlink("nowhere", folder.path().join("dangling.tfevents")).unwrap();
    symlink("ring.tfevents", folder.path().join("ring.tfevents")).unwrap();
    symlink(outside.path(), folder.path().join("elsewhere")).unwrap();
    let store = Store::open(folder.path());
    store.load();
    let names: Vec<String> = store.runs().iter().map(|run| run.name().to_string()).collect();
    assert_eq!(names, ["a/b", "elsewhere"]);
    assert_eq!(steps(&store, "elsewhere", "loss"), [0, 1, 2]);
    // The link to itself is one that cannot be resolved.
    assert_eq!(store.problems().len(), 1);
    assert!(store.problems()[0].path.ends_with("ring.tfevents"));
}

/// The runs of a tree in which links give runs a second name, and lead in circles.
#[test]
fn a_run_is_shown_under_every_name_that_links_give_it() {
    let (outside, folder) = (folder(), folder());
    for (root, run) in [(&outside, "one"), (&outside, "two/deep"), (&folder, "own")] {
        fs::create_dir_all(root.path().join(run)).unwrap();
        fs::write(root.path().join(run).join(NAME), scalars(0..2, "loss")).unwrap();
    }
    for (target, name) in [("one", "a"), ("one", "b"), ("two", "c"), ("two", "d")] {
        symlink(outside.path().join(target), folder.path().join(name)).unwrap();
    }
    symlink("own", folder.path().join("best")).unwrap();
    symlink("..", folder.path().join("own/up")).unwrap();
    symlink(folder.path(), outside.path().join("two/back")).unwrap();
    let store = Store::open(folder.path());
    store.load();
    let names: Vec<String> = store.runs().iter().map(|run| run.name().to_string()).collect();
    assert_eq!(names, ["a", "b", "best", "c/deep", "d/deep", "own"]);
    assert!(names.iter().all(|name| steps(&store, name, "loss") == [0, 1]));
    assert!(store.problems().is_empty(), "{:?}", store.problems());
}

#[test]
fn folders_that_all_link_to_each_other_are_shown_under_some_names_and_the_rest_is_said() {
    let folder = folder();
    let runs: Vec<String> = (0..8).map(|run| format!("run{run}")).collect();
    for run in &runs {
        fs::create_dir(folder.path().join(run)).unwrap();
        fs::write(folder.path().join(run).join(NAME), scalars(0..2, "loss")).unwrap();
        for other in runs.iter().filter(|other| *other != run) {
            symlink(format!("../{other}"), folder.path().join(run).join(other)).unwrap();
        }
    }
    let store = Store::open(folder.path());
    store.load();
    assert_eq!(store.runs().len(), 8 * 16);
    assert!(runs.iter().all(|run| store.run(run).is_some()), "every run has its own name");
    let said: Vec<Defect> = store.problems().into_iter().map(|problem| problem.defect).collect();
    assert_eq!(said.len(), 8);
    assert!(said.iter().all(|defect| matches!(defect, Defect::ManyNames(16))), "{said:?}");
}

#[test]
fn a_file_with_two_names_in_one_folder_is_read_once() {
    let folder = folder();
    fs::write(folder.path().join(NAME), scalars(0..3, "loss")).unwrap();
    symlink(NAME, folder.path().join("a.tfevents.latest")).unwrap();
    fs::hard_link(folder.path().join(NAME), folder.path().join("z.tfevents.copy")).unwrap();
    let store = Store::open(folder.path());
    store.load();
    assert_eq!(steps(&store, ".", "loss"), [0, 1, 2]);
    let files: Vec<PathBuf> = store.run(".").unwrap().files().iter().map(|file| file.path.to_path_buf()).collect();
    assert_eq!(files, [folder.path().join(NAME)]);
}

#[test]
fn names_that_are_not_utf8_are_spelled_out() {
    let folder = folder();
    for name in [&b"r\xffn"[..], b"r\xfen", b"r\\xffn"] {
        let run = folder.path().join(OsStr::from_bytes(name));
        fs::create_dir(&run).unwrap();
        fs::write(run.join(OsStr::from_bytes(b"tfevents\xff")), scalars(0..2, "loss")).unwrap();
    }
    let store = Store::open(folder.path());
    store.load();
    let names: Vec<String> = store.runs().iter().map(|run| run.name().to_string()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"r\\xfen".to_owned()), "{names:?}");
    for name in names {
        assert_eq!(steps(&store, &name, "loss"), [0, 1]);
    }
}

#[test]
fn what_only_looks_like_an_event_file_is_left_alone() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder.tfevents")).unwrap();
    fs::write(folder.path().join("folder.tfevents").join(NAME), scalars(0..1, "loss")).unwrap();
    let pipe = folder.path().join("pipe.tfevents");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let store = Store::open(folder.path());
    store.load();
    let names: Vec<String> = store.runs().iter().map(|run| run.name().to_string()).collect();
    assert_eq!(names, ["folder.tfevents"]);
}

#[test]
fn a_log_directory_that_is_not_there_is_a_problem_until_it_is() {
    let folder = folder();
    let store = Store::open(&folder.path().join("later"));
    store.load();
    assert!(store.problems()[0].to_string().contains("later: could not be read: "));
    fs::create_dir(folder.path().join("later")).unwrap();
    fs::write(folder.path().join("later").join(NAME), scalars(0..1, "loss")).unwrap();
    store.load();
    assert!(store.problems().is_empty());
    assert_eq!(steps(&store, ".", "loss"), [0]);
}

/// Where the other process looks.
const FOLDER: &str = "HEADWATER_EVENTS_TEST_FOLDER";

#[test]
fn what_may_not_be_read_is_said_and_the_rest_is_read() {
    let folder = folder();
    for run in ["closed", "open", "shut"] {
        fs::create_dir(folder.path().join(run)).unwrap();
        fs::write(folder.path().join(run).join(NAME), scalars(0..3, "loss")).unwrap();
    }
    let chmod = |mode, path: &str| {
        assert!(Command::new("chmod").arg(mode).arg(folder.path().join(path)).status().unwrap().success());
    };
    chmod("755", "");
    chmod("000", "closed");
    chmod("000", &format!("shut/{NAME}"));
    // The superuser may read everything, so somebody else must look.
    let is_root = fs::read(folder.path().join("shut").join(NAME)).is_ok();
    let test = std::env::current_exe().unwrap();
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups"]).arg(test);
        command
    } else {
        Command::new(test)
    };
    let status = command
        .args(["--exact", "looks_where_it_may", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    chmod("755", "closed");
    assert!(status.success(), "{status}");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn looks_where_it_may() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let store = Store::open(&folder);
    store.load();
    assert_eq!(steps(&store, "open", "loss"), [0, 1, 2]);
    let mut said: Vec<String> = store.problems().iter().map(ToString::to_string).collect();
    said.sort();
    let expected = ["closed".to_owned(), format!("shut/{NAME}")]
        .map(|path| format!("{}: could not be read: Permission denied (os error 13)", folder.join(path).display()));
    assert_eq!(said, expected);
    assert_eq!(headwater_events::scalars(&folder, Selection::ALL, |_| Ok::<_, ()>(())).unwrap().problems.len(), 2);
}

#[test]
fn a_histogram_that_cannot_be_read_is_said_and_the_others_are_given() {
    let folder = folder();
    let histogram = |step, edges: &[f64]| {
        let bucket_limit = edges.to_vec();
        let histo = HistogramProto { min: -1.0, max: 1.0, bucket_limit, bucket: vec![2.0, 3.0], ..Default::default() };
        let value = Value { tag: "w".into(), value: Some(ValueKind::Histo(histo)), metadata: None };
        event(step, What::Summary(Summary { value: vec![value] }))
    };
    let bytes = [histogram(1, &[0.0, 1.0]), histogram(2, &[0.0]), histogram(3, &[0.0, 1.0])].concat();
    fs::write(folder.path().join(NAME), bytes).unwrap();
    let mut steps = Vec::new();
    let streamed = histograms(folder.path(), Selection::ALL, |found| {
        steps.push(found.step);
        Ok::<_, ()>(())
    });
    let problems = streamed.unwrap().problems;
    assert_eq!(steps, [1, 3]);
    assert!(matches!(problems[..], [headwater_events::Problem { skipped: 0, defect: Defect::Value { .. }, .. }]));
    assert!(problems[0].to_string().contains("a value of tag \"w\" cannot be read"), "{}", problems[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_payload_is_survived(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
        let folder = folder();
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| record(payload)).collect();
        let store = store_of(folder.path(), &bytes);
        let report = store.run(".").unwrap().files().remove(0);
        prop_assert_eq!(report.records + store.problems().len() as u64, payloads.len() as u64);
        for series in store.run(".").unwrap().series() {
            prop_assert_eq!(series.read(0..usize::MAX).len(), series.len());
        }
    }
}
