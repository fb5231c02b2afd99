//! A store follows a log directory through everything that can happen to it.

mod common;

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use common::{event, scalar, scalar_at, scalars, steps};
use headwater_events::{Changes, FileState, Store, Subscription, Writer, proto::What};

const NAME: &str = "events.out.tfevents.1";

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
}

/// Steps and values of a series.
fn points(store: &Store, run: &str, tag: &str) -> Vec<(i64, f64)> {
    let series = store.run(run).unwrap().get(tag).unwrap();
    series.points(0..usize::MAX).iter().map(|point| (point.step, point.value)).collect()
}

/// A log directory with a run `run` of three steps, loaded.
fn three_steps() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("run")).unwrap();
    fs::write(folder.path().join("run").join(NAME), scalars(0..3, "loss")).unwrap();
    let store = Store::open(folder.path());
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0, 1, 2]);
    (folder, store)
}

/// Waits for changes until `seen` has seen enough.
fn wait(changes: &mut Subscription, what: &str, mut seen: impl FnMut(&Changes) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Some(change) = changes.next(left) else { panic!("{what} did not come to pass") };
        if seen(&change) {
            return;
        }
    }
}

#[test]
fn a_file_that_grows_adds_to_its_series_and_nothing_is_read_twice() {
    let (folder, store) = three_steps();
    let path = folder.path().join("run").join(NAME);
    let loss = store.run("run").unwrap().get("loss").unwrap();
    let version = store.version();
    store.load();
    assert_eq!(store.version(), version, "nothing new, and yet a new version");
    append(&path, &scalars(3..5, "loss"));
    append(&path, &scalar(5, "accuracy", 0.5));
    store.load();
    // The series that was held has grown.
    assert_eq!(loss.points(3..9).iter().map(|point| point.step).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(steps(&store, "run", "accuracy"), [5]);
    let changes = store.changes(version);
    let tags: Vec<&str> = changes.series.iter().map(|series| &**series.tag()).collect();
    assert_eq!(tags, ["accuracy", "loss"]);
    assert!(store.changes(changes.version).series.is_empty());
}

#[test]
fn a_record_half_written_is_waited_for() {
    let (folder, store) = three_steps();
    let path = folder.path().join("run").join(NAME);
    let record = scalar(3, "loss", 0.5);
    append(&path, &record[..20]);
    for _ in 0..3 {
        store.load();
        assert_eq!(steps(&store, "run", "loss"), [0, 1, 2]);
        assert_eq!(store.run("run").unwrap().files()[0].state, FileState::Unfinished);
        assert!(store.problems().is_empty());
    }
    append(&path, &record[20..]);
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0, 1, 2, 3]);
    assert_eq!(store.run("run").unwrap().files()[0].state, FileState::Whole);
}

#[test]
fn a_page_that_arrives_late_is_read_when_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("run")).unwrap();
    let path = folder.path().join("run").join(NAME);
    let whole = scalars(0..200, "loss");
    let mut holed = whole.clone();
    holed[1000..5096].fill(0);
    fs::write(&path, &holed).unwrap();
    let store = Store::open(folder.path());
    store.load();
    assert!(steps(&store, "run", "loss").len() < 200);
    assert!(!store.problems().is_empty());
    // Overwrites the file in place, as network file systems do, and appends to it.
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all(&whole).unwrap();
    append(&path, &scalars(200..201, "loss"));
    store.load();
    assert_eq!(steps(&store, "run", "loss"), (0..=200).collect::<Vec<i64>>());
    assert!(store.problems().is_empty());
}

#[test]
fn a_record_in_two_halves_is_read_whole_whatever_stands_in_it() {
    let (folder, store) = three_steps();
    let path = folder.path().join("run").join(NAME);
    // A graph may hold any bytes, including those of a record.
    let record = event(3, What::GraphDef([scalar(99, "loss", 9.0), vec![7; 20]].concat()));
    let half = record.len() - 10;
    append(&path, &record[..half]);
    for _ in 0..30 {
        store.load();
    }
    append(&path, &record[half..]);
    append(&path, &scalars(4..5, "loss"));
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0, 1, 2, 4]);
    assert!(store.problems().is_empty(), "{:?}", store.problems());
}

#[test]
fn a_second_file_continues_its_run_and_a_restart_is_a_segment() {
    let (folder, store) = three_steps();
    let later = |steps: std::ops::Range<i64>| -> Vec<u8> {
        steps.flat_map(|step| scalar_at(1.8e9 + step as f64, step, "loss", 0.5)).collect()
    };
    append(&folder.path().join("run/events.out.tfevents.2"), &later(1..4));
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0, 1, 2, 1, 2, 3]);
    let loss = store.run("run").unwrap().get("loss").unwrap();
    assert_eq!(loss.segments(), [0..3, 3..6]);
    let pixels = loss.pixels(0..=3, 4);
    let columns: Vec<_> = pixels.iter().map(|pixel| (pixel.segment, pixel.column)).collect();
    assert_eq!(columns, [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]);
    assert_eq!(loss.standing(), [0..1, 3..6], "steps 1 and 2 were recorded anew");
    assert!(store.problems().is_empty());
}

/// What may happen to a file so that what was read of it is no longer there.
fn a_new_generation_after(change: impl FnOnce(&Path)) {
    let (folder, store) = three_steps();
    let before = store.run("run").unwrap();
    let version = store.version();
    change(&folder.path().join("run").join(NAME));
    store.load();
    let after = store.run("run").unwrap();
    assert!(after.generation() > before.generation());
    assert_eq!(steps(&store, "run", "loss"), [7, 8]);
    assert_eq!(before.get("loss").unwrap().len(), 3, "who holds the old series keeps it");
    let changes = store.changes(version);
    assert_eq!(changes.series[0].generation(), after.generation());
    assert_eq!(changes.runs[0].generation(), after.generation());
}

#[test]
fn a_file_that_is_replaced_is_read_anew() {
    a_new_generation_after(|path| {
        let new = path.with_extension("new");
        fs::write(&new, scalars(7..9, "loss")).unwrap();
        fs::rename(new, path).unwrap();
    });
}

#[test]
fn a_file_that_is_replaced_by_one_that_begins_alike_is_read_anew() {
    let (folder, store) = three_steps();
    let path = folder.path().join("run").join(NAME);
    let new = path.with_extension("new");
    fs::write(&new, [scalars(0..2, "loss"), scalars(7..9, "loss")].concat()).unwrap();
    fs::rename(new, path).unwrap();
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0, 1, 7, 8]);
}

#[test]
fn a_run_is_news_even_if_there_is_nothing_in_it() {
    let (folder, store) = three_steps();
    let version = store.version();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("empty").join(NAME), "").unwrap();
    store.load();
    let changes = store.changes(version);
    assert_eq!(changes.runs.iter().map(|run| &**run.name()).collect::<Vec<_>>(), ["empty"]);
}

#[test]
fn a_file_that_is_cut_short_is_read_anew() {
    a_new_generation_after(|path| fs::write(path, scalars(7..9, "loss")).unwrap());
}

#[test]
fn a_file_that_is_written_over_is_read_anew_even_if_it_is_longer_then() {
    a_new_generation_after(|path| {
        let long = headwater_events::proto::What::FileVersion("long".repeat(1000));
        fs::write(path, [common::event(0, long), scalars(7..9, "loss")].concat()).unwrap();
    });
}

/// Writes over a file in place. The time of the file changes as it does when this takes longer than the clock's tick.
fn write_over(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let before = fs::metadata(path).unwrap().modified().unwrap();
    File::options().write(true).open(path).unwrap().set_modified(before + Duration::from_millis(20)).unwrap();
}

#[test]
fn a_record_that_is_written_over_in_place_is_read_anew() {
    for changed in 0..3 {
        let (folder, store) = three_steps();
        let path = folder.path().join("run").join(NAME);
        let before = fs::metadata(&path).unwrap().len();
        // The first 64 bytes are the first record's step, time and tag, and the last record stays unless it changes.
        let bytes: Vec<u8> =
            (0..3).flat_map(|step| scalar(step, "loss", if step == changed { 70.0 } else { step as f32 })).collect();
        write_over(&path, &bytes);
        assert_eq!(fs::metadata(&path).unwrap().len(), before);
        store.load();
        let values: Vec<f64> = points(&store, "run", "loss").into_iter().map(|(_, value)| value).collect();
        let mut expected = [0.0, 1.0, 2.0];
        expected[usize::try_from(changed).unwrap()] = 70.0;
        assert_eq!(values, expected);
    }
}

#[test]
fn a_last_record_that_is_written_over_within_a_tick_of_the_clock_is_noticed() {
    let (folder, store) = three_steps();
    let path = folder.path().join("run").join(NAME);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, [scalars(0..2, "loss"), scalar(2, "loss", 70.0)].concat()).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    store.load();
    assert_eq!(points(&store, "run", "loss")[2], (2, 70.0));
}

#[test]
fn a_file_that_is_touched_keeps_its_run() {
    let (folder, store) = three_steps();
    let before = store.run("run").unwrap().generation();
    write_over(&folder.path().join("run").join(NAME), &scalars(0..3, "loss"));
    store.load();
    assert_eq!(store.run("run").unwrap().generation(), before);
}

#[test]
fn what_was_wrong_is_in_no_list_once_it_is_mended() {
    let undecodable = common::record(&[0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    let spoilt = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let good = scalars(1..301, "loss");
    let size = good.len() / 300;
    let bad_at = |places: &[usize]| places.iter().fold(good.clone(), |bytes, place| spoilt(&bytes, place * size + 15));
    let many: Vec<usize> = (0..150).map(|place| 2 * place).collect();
    let mut foreign = good.clone();
    let padding = common::event(0, What::GraphDef(vec![0; 3 * size - undecodable.len() - 27]));
    foreign.splice(0..3 * size, [undecodable, padding].concat());
    for (what, bad) in [
        ("a record", bad_at(&[1])),
        ("more than are listed", bad_at(&many)),
        ("the last of many", bad_at(&many[149..])),
        ("a length", spoilt(&good, 5 * size)),
        ("the last length", spoilt(&good, 299 * size)),
        ("something else", foreign),
    ] {
        let (folder, store) = three_steps();
        let path = folder.path().join("run").join(NAME);
        fs::write(&path, &bad).unwrap();
        store.load();
        assert!(!store.problems().is_empty(), "{what}");
        let version = store.version();
        let whole = if bad.len() == good.len() { &good[..] } else { panic!("{what}: {} bytes", bad.len()) };
        write_over(&path, whole);
        store.load();
        assert!(store.problems().is_empty(), "{what}: {:?}", store.problems());
        assert_eq!(store.run("run").unwrap().files()[0].skipped, 0, "{what}");
        assert!(store.version() > version, "{what}: nobody learns of it");
        assert_eq!(steps(&store, "run", "loss"), (1..301).collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn a_run_of_which_a_file_is_deleted_is_read_anew() {
    a_new_generation_after(|path| {
        fs::write(path.with_file_name("events.out.tfevents.2"), scalars(7..9, "loss")).unwrap();
        fs::remove_file(path).unwrap();
    });
}

#[test]
fn a_run_that_is_deleted_is_gone_and_may_come_back() {
    let (folder, store) = three_steps();
    let version = store.version();
    fs::remove_dir_all(folder.path().join("run")).unwrap();
    store.load();
    assert!(store.runs().is_empty());
    let changes = store.changes(version);
    assert_eq!(changes.gone.iter().map(|name| &**name).collect::<Vec<_>>(), ["run"]);
    fs::create_dir(folder.path().join("run")).unwrap();
    fs::write(folder.path().join("run").join(NAME), scalars(0..1, "loss")).unwrap();
    store.load();
    assert_eq!(steps(&store, "run", "loss"), [0]);
    assert!(store.changes(changes.version).gone.is_empty());
}

#[test]
fn a_subscriber_learns_of_what_is_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut changes = store.subscribe();
    let follower = store.follow().unwrap();
    for run in ["one", "two/three"] {
        let mut writer = Writer::create(&folder.path().join(run)).unwrap();
        for step in 0..5 {
            writer.scalar(step, "loss", 1.0).unwrap();
            writer.flush().unwrap();
            let count = usize::try_from(step).unwrap() + 1;
            wait(&mut changes, "the scalar", |change| {
                change.series.iter().any(|series| &**series.run() == run && series.len() == count)
            });
        }
    }
    fs::remove_dir_all(folder.path().join("one")).unwrap();
    wait(&mut changes, "the deletion", |change| change.gone.iter().any(|name| &**name == "one"));
    drop(follower);
    assert!(changes.next(Duration::ZERO).is_none());
}

#[test]
fn a_file_that_is_kept_open_and_grows_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut changes = store.subscribe();
    let _follower = store.follow().unwrap();
    let mut file = File::create(folder.path().join(NAME)).unwrap();
    for step in 0..50 {
        // In two parts, so that a record half written is met now and then.
        let record = scalar(step, "loss", 1.0);
        file.write_all(&record[..record.len() / 2]).unwrap();
        file.write_all(&record[record.len() / 2..]).unwrap();
    }
    wait(&mut changes, "the last step", |_| steps(&store, ".", "loss").len() == 50);
    assert_eq!(steps(&store, ".", "loss"), (0..50).collect::<Vec<_>>());
    assert!(store.problems().is_empty());
}
