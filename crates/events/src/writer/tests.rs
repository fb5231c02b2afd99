use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::{
    log::tests::Disk,
    proto::{self, ValueKind},
    record::{FOOTER, Frame, HEADER, first},
    summary::image::Pixels,
};

/// The events of a file that is whole.
fn events(mut bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let Frame::Whole(payload) = first(bytes) else { panic!("{:?} after {} events", first(bytes), events.len()) };
        events.push(Event::decode(payload).unwrap());
        bytes = &bytes[HEADER + payload.len() + FOOTER..];
    }
    events
}

/// Steps and values of all summaries.
fn values(bytes: &[u8]) -> Vec<(i64, proto::Value)> {
    let summaries = events(bytes).into_iter().filter_map(|event| match event.what {
        Some(What::Summary(summary)) => Some((event.step, summary)),
        _ => None,
    });
    summaries.flat_map(|(step, summary)| summary.value.into_iter().map(move |value| (step, value))).collect()
}

fn tensor(value: &proto::Value) -> &TensorProto {
    let Some(ValueKind::Tensor(tensor)) = &value.value else { panic!("{value:?} is no tensor") };
    tensor
}

fn writer() -> (tempfile::TempDir, Writer) {
    let folder = tempfile::tempdir().unwrap();
    let writer = Writer::create(folder.path()).unwrap();
    (folder, writer)
}

fn close(writer: Writer) -> Vec<u8> {
    let path = writer.path().to_owned();
    let written = writer.close().unwrap();
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(written, Written { records: events(&bytes).len() as u64, bytes: bytes.len() as u64 });
    bytes
}

fn row(writer: &mut Writer) -> ScalarRow {
    writer.scalar_row(["loss", "accuracy"].map(str::to_owned).to_vec()).unwrap()
}

/// Step, tag, whether there is metadata, and the number, if it is a scalar.
fn seen(bytes: &[u8]) -> Vec<(i64, String, bool, Option<f32>)> {
    let values = values(bytes).into_iter();
    values
        .map(|(step, value)| {
            (step, value.tag.clone(), value.metadata.is_some(), tensor(&value).float_val.first().copied())
        })
        .collect()
}

#[test]
fn a_row_is_one_record_in_its_turn_and_only_the_first_of_a_tag_has_metadata() {
    let folder = tempfile::tempdir().unwrap();
    for create in [Writer::create, Writer::create_unfollowed] {
        let mut writer = create(folder.path()).unwrap();
        writer.scalar(0, "before", 3.0).unwrap();
        let row = row(&mut writer);
        writer.scalars(&row, 1, &[Some(1.0), None]).unwrap();
        writer.scalars(&row, 2, &[Some(1.5), Some(0.5)]).unwrap();
        writer.scalars(&row, 3, &[None, None]).unwrap();
        writer.histogram(4, "weights", &[]).unwrap();
        writer.scalars(&row, 5, &[Some(2.0), Some(0.25)]).unwrap();
        let histograms = writer.histogram_row(vec!["a".to_owned(), "b".to_owned()]).unwrap();
        for step in 6..8 {
            let bucket = |place| Bucket { left: 0.0, right: 1.0, count: place as f64 };
            writer.histograms(&histograms, step, 1000, move |place| Some(vec![bucket(place)])).unwrap();
        }
        writer.scalars(&row, 8, &[Some(3.0), None]).unwrap();
        let bytes = close(writer);
        assert_eq!(events(&bytes).len(), 11);
        let expected = [
            (0, "before", true, Some(3.0)),
            (1, "loss", true, Some(1.0)),
            (2, "loss", false, Some(1.5)),
            (2, "accuracy", true, Some(0.5)),
            (4, "weights", true, None),
            (5, "loss", false, Some(2.0)),
            (5, "accuracy", false, Some(0.25)),
            (6, "a", true, None),
            (6, "b", true, None),
            (7, "a", false, None),
            (7, "b", false, None),
            (8, "loss", false, Some(3.0)),
        ];
        assert_eq!(seen(&bytes), expected.map(|(step, tag, metadata, value)| (step, tag.to_owned(), metadata, value)));
    }
}

#[test]
fn rows_of_many_steps_are_all_written_in_their_order() {
    let (_folder, mut writer) = writer();
    let row = row(&mut writer);
    for step in 0..50_000 {
        writer.scalars(&row, step, &[Some(step as f32), (step % 3 == 0).then_some(0.5)]).unwrap();
        if step % 7000 == 0 {
            writer.text(step, "text", "between").unwrap();
        }
    }
    let values = values(&close(writer));
    let losses = values.iter().filter(|(_, value)| value.tag == "loss");
    assert!(losses.map(|(step, value)| (*step, tensor(value).float_val[0])).eq((0..50_000).map(|i| (i, i as f32))));
    assert!(values.windows(2).all(|pair| pair[0].0 <= pair[1].0));
}

#[test]
fn a_tag_is_written_by_itself_or_in_one_row() {
    let (_folder, mut writer) = writer();
    writer.scalar(0, "single", 1.0).unwrap();
    let _row = row(&mut writer);
    let error = writer.scalar(1, "loss", 1.0).unwrap_err();
    assert_eq!(error.to_string(), "tag \"loss\" is written either by itself or in one row");
    for tag in ["single", "accuracy"] {
        assert!(matches!(writer.histogram_row(vec![tag.to_owned()]), Err(WriteError::InRow { .. })));
    }
    assert!(matches!(writer.scalar_row(vec!["twice".to_owned(), "twice".to_owned()]), Err(WriteError::InRow { .. })));
    assert_eq!(values(&close(writer)).len(), 1);
}

/// Waits until `condition` holds; there is no event to wait for when another thread writes a file.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what} did not come to pass");
        std::thread::yield_now();
    }
}

#[test]
fn a_writer_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Writer>();
}

#[test]
fn the_first_record_says_what_the_file_is() {
    let (_folder, writer) = writer();
    let events = events(&std::fs::read(writer.path()).unwrap());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].what, Some(What::FileVersion("brain.Event:2".into())));
    assert!((events[0].wall_time - now()).abs() < 3600.0, "wall time {} is not now", events[0].wall_time);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn scalars_read_back_to_the_bit(scalars in prop::collection::vec((any::<i64>(), ".{0,12}", any::<u32>()), 0..40)) {
        let (_folder, mut writer) = writer();
        for (step, tag, bits) in &scalars {
            writer.scalar(*step, tag, f32::from_bits(*bits)).unwrap();
        }
        let found = values(&close(writer));
        prop_assert_eq!(found.len(), scalars.len());
        for ((step, value), (expected_step, tag, bits)) in found.iter().zip(&scalars) {
            prop_assert_eq!((step, &value.tag), (expected_step, tag));
            prop_assert_eq!(tensor(value).float_val[0].to_bits(), *bits);
        }
    }

    #[test]
    fn histograms_read_back_to_the_bit(rows in prop::collection::vec(any::<[f64; 3]>(), 0..40)) {
        let buckets: Vec<Bucket> = rows.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect();
        let (_folder, mut writer) = writer();
        writer.histogram(1, "gradient/layer1", &buckets).unwrap();
        let found = values(&close(writer));
        let tensor = tensor(&found[0].1);
        let shape: Vec<i64> = tensor.tensor_shape.iter().flat_map(|shape| &shape.dim).map(|dim| dim.size).collect();
        prop_assert_eq!(shape, [i64::try_from(rows.len()).unwrap(), 3]);
        let bytes: Vec<u8> = rows.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
        prop_assert_eq!(&tensor.tensor_content, &bytes);
    }
}

#[test]
fn only_the_first_value_of_a_tag_carries_metadata() {
    let (_folder, mut writer) = writer();
    for step in 0..3 {
        writer.scalar(step, "loss", 0.0).unwrap();
        writer.text(step, "config", "depth 6").unwrap();
    }
    let with: Vec<_> = values(&close(writer))
        .into_iter()
        .filter_map(|(step, value)| value.metadata.map(|metadata| (step, metadata.plugin_data.unwrap().plugin_name)))
        .collect();
    assert_eq!(with, [(0, "scalars".to_owned()), (0, "text".to_owned())]);
}

#[test]
fn a_tag_keeps_its_kind() {
    let (_folder, mut writer) = writer();
    writer.scalar(0, "loss", 1.0).unwrap();
    let error = writer.text(1, "loss", "one").unwrap_err();
    assert!(matches!(error, WriteError::TwoKinds { first: Kind::Scalar, now: Kind::Text, .. }));
    assert_eq!(error.to_string(), "tag \"loss\" holds scalars values, so it cannot take one of kind text");
    writer.scalar(2, "loss", 1.0).unwrap();
    assert_eq!(values(&close(writer)).len(), 2);
}

#[test]
fn hyperparameters_are_written_once() {
    let (_folder, mut writer) = writer();
    let hparams = HParams { group: String::new(), values: vec![], metrics: vec![] };
    writer.hparams(&hparams).unwrap();
    writer.session_end(Ending::Failure).unwrap();
    assert!(matches!(writer.hparams(&hparams), Err(WriteError::Twice { tag: hparams::EXPERIMENT })));
    assert!(matches!(writer.session_end(Ending::Success), Err(WriteError::Twice { tag: hparams::SESSION_END })));
    assert_eq!(values(&close(writer)).len(), 3);
}

#[test]
fn an_image_that_does_not_fit_is_refused_and_nothing_is_written() {
    let (_folder, mut writer) = writer();
    let image = Image { width: 2, height: 2, pixels: Pixels::Rgb(vec![0; 4]) };
    let error = writer.image(0, "picture", &image).unwrap_err();
    assert!(error.to_string().starts_with("image \"picture\" of 2 x 2 pixels: "), "{error}");
    // The tag is still free.
    writer.scalar(0, "picture", 1.0).unwrap();
    assert_eq!(values(&close(writer)).len(), 1);
}

#[test]
fn what_is_enqueued_reaches_the_file_though_nothing_follows() {
    let (_folder, mut writer) = writer();
    writer.scalar(0, "loss", 1.0).unwrap();
    wait_until("the flush", || events(&std::fs::read(writer.path()).unwrap()).len() == 2);
}

#[test]
fn a_row_reaches_the_file_though_nothing_follows() {
    let (_folder, mut writer) = writer();
    let row = row(&mut writer);
    for step in 0..3 {
        writer.scalars(&row, step, &[Some(1.0), None]).unwrap();
        // The row before was written, and its block closed.
        wait_until("the flush", || events(&std::fs::read(writer.path()).unwrap()).len() == 2 + step as usize);
    }
    writer.scalars(&row, 3, &[Some(1.0), None]).unwrap();
    writer.flush().unwrap();
    assert_eq!(events(&std::fs::read(writer.path()).unwrap()).len(), 5);
}

#[test]
fn rows_that_cannot_be_written_are_an_error_of_a_later_call_and_nobody_waits() {
    let (first, scalar) = sizes();
    let mut writer = Writer::start("full".into(), Disk::of(first + scalar)).unwrap();
    let row = row(&mut writer);
    let histograms = writer.histogram_row(vec!["weights".to_owned()]).unwrap();
    let failed = (0..1_000_000).find_map(|step| {
        let result = if step % 1000 == 999 {
            writer.histograms(&histograms, step, 8 << 20, |_| Some(Vec::new()))
        } else {
            writer.scalars(&row, step, &[Some(1.0), None])
        };
        result.err()
    });
    assert!(matches!(failed, Some(WriteError::File(_))));
    assert!(matches!(writer.scalars(&row, 0, &[Some(1.0), None]), Err(WriteError::File(_))));
    assert!(matches!(writer.histograms(&histograms, 0, 1, |_| Some(Vec::new())), Err(WriteError::File(_))));
    assert!(matches!(writer.close(), Err(WriteError::File(_))));
}

#[test]
fn a_flush_returns_when_the_file_has_everything() {
    let (_folder, mut writer) = writer();
    for step in 0..1000 {
        writer.scalar(step, "loss", 1.0).unwrap();
        if step % 100 == 0 {
            writer.flush().unwrap();
            assert_eq!(values(&std::fs::read(writer.path()).unwrap()).last().unwrap().0, step);
        }
    }
}

#[test]
fn dropping_a_writer_writes_what_is_left() {
    let (_folder, mut writer) = writer();
    let path = writer.path().to_owned();
    writer.scalar(0, "loss", 1.0).unwrap();
    drop(writer);
    assert_eq!(events(&std::fs::read(path).unwrap()).len(), 2);
}

#[test]
fn writers_in_one_folder_write_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16u8)
            .map(|i| {
                let folder = folder.path();
                scope.spawn(move || {
                    let mut writer = Writer::create(folder).unwrap();
                    writer.scalar(i64::from(i), "loss", 1.0).unwrap();
                    let path = writer.path().to_owned();
                    writer.close().unwrap();
                    path
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(paths.iter().collect::<HashSet<_>>().len(), 16);
    for (i, path) in paths.iter().enumerate() {
        assert_eq!(values(&std::fs::read(path).unwrap())[0].0, i64::try_from(i).unwrap());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let Err(error) = Writer::create(&file.join("run")) else { panic!("a folder in a file") };
    assert!(error.to_string().contains(file.join("run").to_str().unwrap()), "{error}");
}

/// The bytes of the first record and of a scalar `loss` without metadata.
fn sizes() -> (usize, usize) {
    let disk = Disk::of(usize::MAX);
    let mut writer = Writer::start("sizes".into(), disk.clone()).unwrap();
    let first = disk.content.lock().unwrap().len();
    for step in 0..2 {
        writer.scalar(step + 1, "loss", 1.0).unwrap();
    }
    writer.close().unwrap();
    let content = disk.content.lock().unwrap();
    let Frame::Whole(scalar) = crate::record::first(&content[first..]) else { panic!() };
    (first, content.len() - first - HEADER - scalar.len() - FOOTER)
}

#[test]
fn a_full_disk_is_reported_by_every_later_call_and_what_was_written_is_safe() {
    let (first, scalar) = sizes();
    let disk = Disk::of(first + 20 * scalar);
    let mut writer = Writer::start("full".into(), disk.clone()).unwrap();
    for step in 0..100 {
        // The error may surface here, once the thread has met it.
        if writer.scalar(step, "loss", 1.0).is_err() {
            break;
        }
    }
    let Err(WriteError::File(error)) = writer.flush() else { panic!("a flush onto a full disk") };
    let content = disk.content.lock().unwrap().clone();
    assert_eq!(error.records, events(&content).len() as u64);
    assert_eq!(error.bytes, content.len() as u64);
    assert!(error.records >= 19, "{} records", error.records);
    assert!(!error.torn);
    assert_eq!(error.source.kind(), std::io::ErrorKind::StorageFull);
    let expected = format!(
        "full: no storage space; its first {} records ({} bytes) are safe, and nothing follows them",
        error.records, error.bytes
    );
    assert_eq!(error.to_string(), expected);

    assert!(matches!(writer.scalar(0, "loss", 1.0), Err(WriteError::File(_))));
    assert!(matches!(writer.text(0, "config", ""), Err(WriteError::File(_))));
    assert!(matches!(writer.graph(&Graph::default()), Err(WriteError::File(_))));
    assert!(matches!(writer.flush(), Err(WriteError::File(_))));
    assert!(matches!(writer.close(), Err(WriteError::File(_))));
}

#[test]
fn a_failure_in_the_background_surfaces_at_the_next_call() {
    let (first, scalar) = sizes();
    let mut writer = Writer::start("full".into(), Disk::of(first + scalar)).unwrap();
    for step in 0..10 {
        writer.scalar(step, "loss", 1.0).unwrap();
    }
    wait_until("the failure", || writer.reason.get().is_some());
    assert!(matches!(writer.scalar(10, "loss", 1.0), Err(WriteError::File(_))));
}

#[test]
fn a_failure_of_the_last_write_surfaces_at_close() {
    let (first, _) = sizes();
    let mut writer = Writer::start("full".into(), Disk::of(first)).unwrap();
    writer.scalar(0, "loss", 1.0).unwrap();
    let Err(WriteError::File(error)) = writer.close() else { panic!("a close onto a full disk") };
    assert_eq!(error.records, 1);
}

#[test]
fn a_disk_without_room_for_the_first_record_is_an_error_of_create() {
    assert!(matches!(Writer::start("full".into(), Disk::of(3)), Err(WriteError::File(_))));
}

#[test]
fn a_file_that_nobody_follows_holds_the_same_and_has_it_when_it_is_flushed_or_closed() {
    let folder = tempfile::tempdir().unwrap();
    let fill = |mut writer: Writer| {
        for step in 0..2000 {
            writer.scalar(step, "loss", step as f32).unwrap();
        }
        writer.flush().unwrap();
        assert_eq!(events(&std::fs::read(writer.path()).unwrap()).len(), 2001, "after the flush");
        writer.text(0, "config", "text").unwrap();
        values(&close(writer))
    };
    let followed = fill(Writer::create(&folder.path().join("a")).unwrap());
    assert!(followed == fill(Writer::create_unfollowed(&folder.path().join("b")).unwrap()));

    let mut dropped = Writer::create_unfollowed(&folder.path().join("c")).unwrap();
    let path = dropped.path().to_owned();
    dropped.scalar(0, "loss", 1.0).unwrap();
    drop(dropped);
    assert_eq!(events(&std::fs::read(path).unwrap()).len(), 2);
}

#[test]
fn a_file_that_nobody_follows_and_cannot_be_written_is_an_error_of_every_later_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    std::fs::write(&path, "").unwrap();
    // Opened for reading only: the first write fails.
    let log = Log::new(File::open(&path).unwrap());
    let mut writer =
        Writer::with_backend(path, Backend::Caller { log, encoder: Encoder::default() }, Reason::new(OnceLock::new()));
    writer.scalar(0, "loss", 1.0).unwrap();
    let is_of_the_file = |result: Result<(), WriteError>| matches!(result, Err(WriteError::File(_)));
    assert!(is_of_the_file(writer.flush()));
    assert!(is_of_the_file(writer.scalar(1, "loss", 1.0)));
    assert!(is_of_the_file(writer.close().map(|_| ())));
}
