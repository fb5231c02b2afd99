//! The whole store: a file grows, piece by piece, and is looked at in between; then everything is read.

#![no_main]

use std::{fs::OpenOptions, io::Write};

use headwater_events::{Selection, Store};
use headwater_fuzz::file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let path = folder.path().join("events.out.tfevents.1");
    let store = Store::with_threads(folder.path(), 1);
    let mut written = 0;
    for piece in file(input) {
        let mut file = OpenOptions::new().append(true).create(true).open(&path).expect("a file");
        file.write_all(&piece).expect("room");
        written += piece.len() as u64;
        store.load();
    }
    for run in store.runs() {
        for report in run.files() {
            assert_eq!(report.bytes, written);
            assert!(report.read <= written);
            assert!(report.skipped + 16 * report.records <= report.read);
        }
        for series in run.series() {
            let (count, info) = (series.len(), series.info());
            assert_eq!(count, info.count);
            assert_eq!(series.read(0..usize::MAX).len(), count);
            assert_eq!(series.segments().iter().map(|segment| segment.len()).sum::<usize>(), count);
            let points = series.points(0..usize::MAX);
            let drawn: u64 = series.pixels(i64::MIN..=i64::MAX, 7).iter().map(|pixel| pixel.count).sum();
            assert_eq!(drawn, points.len() as u64);
        }
    }
    for problem in store.problems() {
        assert!(problem.skipped <= written);
        let _ = problem.to_string();
    }
    // The other way to read.
    assert!(headwater_events::scalars(folder.path(), Selection::ALL, |_| Ok::<_, ()>(())).is_ok());
    assert!(headwater_events::histograms(folder.path(), Selection::ALL, |_| Ok::<_, ()>(())).is_ok());
});
