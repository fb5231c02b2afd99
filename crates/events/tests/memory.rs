//! The memory that a store takes, by the bounds that its documentation states.

mod common;

use std::{fs, io::Write as _, path::Path};

use allocation_counter::{AllocationInfo, measure};
use common::{event, scalar};
use headwater_events::{
    Defect, Store,
    proto::{
        DataType, HistogramProto, PluginData, Summary, SummaryMetadata, TensorProto, TensorShapeProto, Value,
        ValueKind, What,
    },
    record::HEADER,
};

/// Steps, times and values as hard to pack as they can be.
fn noise(i: u64) -> u64 {
    i.wrapping_add(0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// What loading takes, and the bytes that stay. With one thread, since others are not counted.
fn load(folder: &Path) -> (Store, AllocationInfo) {
    let mut store = None;
    let taken = measure(|| {
        let opened = Store::with_threads(folder, 1);
        opened.load();
        store = Some(opened);
    });
    (store.unwrap(), taken)
}

fn file(bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.out.tfevents.1"), bytes).unwrap();
    folder
}

fn double(value: f64) -> ValueKind {
    let shape = Some(TensorShapeProto::of(&[]));
    let dtype = DataType::Double.into();
    ValueKind::Tensor(TensorProto { dtype, tensor_shape: shape, double_val: vec![value], ..TensorProto::default() })
}

fn valued(step: i64, tag: String, value: ValueKind) -> Vec<u8> {
    event(step, What::Summary(Summary { value: vec![Value { tag, value: Some(value), metadata: None }] }))
}

/// Bytes of memory for each of `points` values, of which each of `series` series takes a share.
fn bytes_a_value(taken: &AllocationInfo, points: usize, series: usize) -> f64 {
    (taken.bytes_current as f64 - series as f64 * 8192.0) / points as f64
}

const POINTS: usize = 200_000;

#[test]
fn a_point_takes_at_most_24_bytes() {
    for series in [1, 40] {
        let mut bytes = Vec::new();
        for i in 0..POINTS {
            let word = noise(i as u64);
            let value = f32::from_bits((word as u32) & 0x7f7f_ffff);
            // Wall times are as hard to pack as steps.
            let mut record = scalar(word.cast_signed(), &format!("tag{}", i % series), value);
            record[HEADER + 1..HEADER + 9].copy_from_slice(&noise(word).to_le_bytes());
            bytes.extend(common::record(&record[HEADER..record.len() - 4]));
        }
        let folder = file(&bytes);
        let (store, taken) = load(folder.path());
        assert!(store.problems().is_empty());
        let each = bytes_a_value(&taken, POINTS, series);
        assert!(each <= 24.0, "{each} bytes a point in {series} series");
    }
}

#[test]
fn a_point_of_a_usual_series_takes_less_than_half_of_that() {
    let bytes: Vec<u8> = (0..POINTS).flat_map(|i| scalar(i.cast_signed() as i64, "loss", 1.0 / i as f32)).collect();
    let folder = file(&bytes);
    let (_store, taken) = load(folder.path());
    let each = bytes_a_value(&taken, POINTS, 1);
    assert!(each <= 12.0, "{each} bytes a point");
}

#[test]
fn a_point_in_double_precision_takes_at_most_28_bytes() {
    let mut bytes = Vec::new();
    for i in 0..POINTS {
        let word = noise(i as u64);
        let value = double(f64::from_bits(noise(word) & 0x7fef_ffff_ffff_ffff));
        let mut record = valued(word.cast_signed(), "loss".into(), value);
        record[HEADER + 1..HEADER + 9].copy_from_slice(&noise(noise(word)).to_le_bytes());
        bytes.extend(common::record(&record[HEADER..record.len() - 4]));
    }
    let folder = file(&bytes);
    let (store, taken) = load(folder.path());
    assert!(store.run(".").unwrap().get("loss").unwrap().info().wide);
    let each = bytes_a_value(&taken, POINTS, 1);
    assert!(each <= 28.0, "{each} bytes a point");
}

#[test]
fn a_histogram_takes_at_most_36_bytes_however_large_it_is() {
    let mut bytes = Vec::new();
    for i in 0..20_000u64 {
        let length = (noise(i) % 100) as usize;
        let histogram =
            HistogramProto { bucket: vec![1.0; length], bucket_limit: vec![1.0; length], ..Default::default() };
        bytes.extend(valued(noise(i).cast_signed(), "weight".into(), ValueKind::Histo(histogram)));
    }
    let folder = file(&bytes);
    let (_store, taken) = load(folder.path());
    let each = bytes_a_value(&taken, 20_000, 1);
    assert!(each <= 36.0, "{each} bytes a histogram");
}

#[test]
fn what_a_file_claims_takes_no_memory() {
    // Headers that claim as much as a message may have, and lengths in messages.
    let mut bytes = Vec::new();
    for length in [i32::MAX as u64, 1 << 40, 1 << 62, u64::MAX] {
        bytes.extend(length.to_le_bytes());
        bytes.extend(headwater_events::crc::masked(&length.to_le_bytes()).to_le_bytes());
        bytes.extend([0; 100]);
    }
    bytes.extend(common::record(b"\x2a\xff\xff\xff\xff\x07"));
    let shape = Some(TensorShapeProto::of(&[1 << 40, 3]));
    let huge = TensorProto { tensor_shape: shape, ..TensorProto::scalar(1.0) };
    bytes.extend(valued(1, "huge".into(), ValueKind::Tensor(huge)));
    let folder = file(&bytes);
    let (store, taken) = load(folder.path());
    let read = measure(|| {
        let samples = store.run(".").unwrap().get("huge").unwrap().read(0..1);
        assert!(samples[0].datum.is_err());
    });
    let most = taken.bytes_max.max(read.bytes_max);
    assert!(most < 200_000, "{most} bytes for a file of {}", bytes.len());
}

#[test]
fn a_record_that_is_too_large_is_passed_over_and_takes_no_memory() {
    let folder = file(&common::scalars(1..3, "loss"));
    let path = folder.path().join("events.out.tfevents.1");
    let length: u64 = (1 << 28) + 1;
    let after = common::scalars(3..5, "loss");
    // A hole takes no disk.
    let mut log = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let start = fs::metadata(&path).unwrap().len();
    log.write_all(&length.to_le_bytes()).unwrap();
    log.write_all(&headwater_events::crc::masked(&length.to_le_bytes()).to_le_bytes()).unwrap();
    log.set_len(start + 12 + length + 4).unwrap();
    log.write_all(&after).unwrap();
    let (store, taken) = load(folder.path());
    assert_eq!(common::steps(&store, ".", "loss"), [1, 2, 3, 4]);
    let problems = store.problems();
    assert_eq!(common::skipped(&store), [(Some(start), length + 16)]);
    assert!(matches!(problems[0].defect, Defect::TooLarge(bytes) if bytes == length), "{problems:?}");
    assert!(taken.bytes_max < 4 << 20, "{} bytes", taken.bytes_max);
    // It is no damage that might be mended.
    let generation = store.run(".").unwrap().generation();
    log.write_all(&common::scalars(5..6, "loss")).unwrap();
    store.load();
    assert_eq!(store.run(".").unwrap().generation(), generation);
}

#[test]
fn a_tag_takes_at_most_400_bytes() {
    const TAGS: usize = 20_000;
    let metadata = Some(SummaryMetadata {
        plugin_data: Some(PluginData { plugin_name: "scalars".into(), content: Vec::new() }),
        ..SummaryMetadata::default()
    });
    let value = |i: usize| Value {
        tag: format!("tag{i:05}"),
        value: Some(ValueKind::Tensor(TensorProto::scalar(1.0))),
        metadata: metadata.clone(),
    };
    let bytes: Vec<u8> = (0..TAGS).flat_map(|i| event(1, What::Summary(Summary { value: vec![value(i)] }))).collect();
    let folder = file(&bytes);
    let (_store, taken) = load(folder.path());
    let each = taken.bytes_current as f64 / TAGS as f64;
    assert!(each <= 400.0, "{each} bytes a tag");
}

#[test]
fn a_run_takes_at_most_2000_bytes() {
    const RUNS: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    for run in 0..RUNS {
        let run = folder.path().join(format!("run{run}"));
        fs::create_dir(&run).unwrap();
        fs::write(run.join("events.out.tfevents.1"), common::scalars(1..2, "loss")).unwrap();
    }
    let (_store, taken) = load(folder.path());
    let each = taken.bytes_current as f64 / RUNS as f64;
    assert!(each <= 2000.0, "{each} bytes a run");
}

#[test]
fn nothing_is_taken_for_a_look_at_which_nothing_is_new() {
    let folder = file(&common::scalars(0..1000, "loss"));
    let (store, _) = load(folder.path());
    store.load();
    let again = measure(|| (0..100).for_each(|_| store.load()));
    assert!(again.bytes_current <= 0, "{} bytes stay", again.bytes_current);
}
