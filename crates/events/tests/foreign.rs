//! What other programs wrote is read as `TensorBoard` reads it. See `tests/foreign/README.md`.

use std::collections::BTreeMap;
use std::path::Path;

use headwater_events::{
    Datum, HistogramAt, Sample, Selection, SeriesKind, Store, Streamed, Writer, histograms, proto::TensorProto, scalars,
};
use prost::Message as _;
use serde_json::Value;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

/// Runs, tags, and what each holds.
fn expected() -> Value {
    serde_json::from_slice(&std::fs::read(root().join("expected.json")).unwrap()).unwrap()
}

fn kind(plugin: &str) -> SeriesKind {
    match plugin {
        "scalars" => SeriesKind::Scalar,
        "histograms" => SeriesKind::Histogram,
        "text" => SeriesKind::Text,
        "images" => SeriesKind::Image,
        "audio" => SeriesKind::Audio,
        "pr_curves" => SeriesKind::PrCurve,
        "hparams" => SeriesKind::HParams,
        "graphs" => SeriesKind::Graph,
        "graph_tagged_run_metadata" => SeriesKind::RunMetadata,
        _ => SeriesKind::Other,
    }
}

/// A number is written as text, since JSON has no infinities.
fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value["numbers"].as_array().unwrap().iter().map(number).collect()
}

fn shape(value: &Value) -> Vec<u64> {
    value["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap()).collect()
}

/// Strings, in hexadecimal as they are in the file.
fn strings(value: &Value) -> Vec<String> {
    value["strings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn same(found: &[f64], expected: &[f64]) -> bool {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    found.len() == expected.len() && found.iter().zip(expected).all(same)
}

/// Whether a value is what `TensorBoard` read.
fn check(what: &str, sample: &Sample, expected: &Value) {
    assert_eq!(sample.step, expected["step"].as_i64().unwrap(), "{what}");
    assert_eq!(sample.wall_time, number(&expected["wall_time"]), "{what}");
    let datum = sample.datum.as_ref().unwrap_or_else(|error| panic!("{what}: {error}"));
    match datum {
        Datum::Number(number) => assert!(same(&[*number], &numbers(expected)), "{what}: {number}"),
        Datum::Histogram(histogram) => {
            let found: Vec<f64> =
                histogram.buckets.iter().flat_map(|bucket| [bucket.left, bucket.right, bucket.count]).collect();
            // TensorBoard rounds histograms in the old form to single precision.
            let rounded: Vec<f64> = found.iter().map(|&number| f64::from(number as f32)).collect();
            let expected = numbers(expected);
            assert!(same(&found, &expected) || same(&rounded, &expected), "{what}: {found:?} and not {expected:?}");
        }
        Datum::Text(text) => {
            assert_eq!(text.shape, shape(expected), "{what}");
            assert_eq!(
                text.texts.iter().map(|text| hex(text.as_bytes())).collect::<Vec<_>>(),
                strings(expected),
                "{what}"
            );
        }
        Datum::Pictures(pictures) => {
            let sides = [pictures.width, pictures.height].map(|side| hex(side.unwrap().to_string().as_bytes()));
            let found: Vec<String> = sides.into_iter().chain(pictures.files.iter().map(|file| hex(file))).collect();
            assert_eq!(found, strings(expected), "{what}");
            assert!(pictures.files.iter().all(|file| file.starts_with(b"\x89PNG")), "{what}");
        }
        Datum::Sounds(sounds) => {
            assert_eq!(sounds.files.iter().map(|file| hex(file)).collect::<Vec<_>>(), strings(expected), "{what}");
            assert!(sounds.files.iter().all(|file| file.starts_with(b"RIFF")), "{what}");
        }
        Datum::Array(array) => {
            assert_eq!(array.shape, shape(expected), "{what}");
            assert!(same(&array.numbers, &numbers(expected)), "{what}");
        }
        Datum::Bytes(bytes) if expected.get("strings").is_some() => {
            assert_eq!([hex(bytes)][..], strings(expected), "{what}");
        }
        // Hyperparameters that have no value at all, to which TensorBoard gives an empty one.
        Datum::Bytes(bytes) if bytes.is_empty() => assert_eq!(shape(expected), [0], "{what}"),
        Datum::Bytes(bytes) => {
            // The tensor of a plugin that is not known, as it stands in the file.
            let tensor = TensorProto::decode(&bytes[..]).unwrap();
            let shape_found: Vec<u64> =
                tensor.tensor_shape.unwrap().dim.iter().map(|dim| dim.size.cast_unsigned()).collect();
            assert_eq!(shape_found, shape(expected), "{what}");
        }
    }
}

#[test]
fn every_value_is_what_tensorboard_reads() {
    let store = Store::open(&root().join("logs"));
    store.load();
    assert!(store.problems().is_empty(), "{:?}", store.problems());
    let expected = expected();
    let runs = expected.as_object().unwrap();
    assert_eq!(
        store.runs().iter().map(|run| run.name().to_string()).collect::<Vec<_>>(),
        runs.keys().cloned().collect::<Vec<_>>()
    );
    for (name, tags) in runs {
        let run = store.run(name).unwrap();
        let tags = tags.as_object().unwrap();
        let mut found: Vec<String> = run.series().iter().map(|series| series.tag().to_string()).collect();
        // TensorBoard does not list this one at all.
        found.retain(|tag| tag != "__meta_graph__");
        assert_eq!(found, tags.keys().cloned().collect::<Vec<_>>(), "{name}");
        for (tag, expected) in tags {
            let what = format!("{name} {tag}");
            let series = run.get(tag).unwrap();
            assert_eq!(series.kind(), kind(expected["plugin"].as_str().unwrap()), "{what}");
            if series.kind() == SeriesKind::HParams {
                assert_eq!(hex(&series.info().metadata.content), expected["content"].as_str().unwrap(), "{what}");
            }
            let values = expected["values"].as_array().unwrap();
            let samples = series.read(0..usize::MAX);
            assert_eq!(samples.len(), values.len(), "{what}");
            for (sample, value) in samples.iter().zip(values) {
                check(&what, sample, value);
            }
        }
    }
}

#[test]
fn the_stream_gives_the_same_scalars_and_histograms() {
    let (mut found, mut found_histograms) = (Vec::new(), Vec::new());
    let logs = root().join("logs");
    let streamed = scalars(&logs, Selection::ALL, |scalar| {
        found.push((scalar.run.to_owned(), scalar.tag.to_owned(), scalar.step, f64::from(scalar.value).to_bits()));
        Ok::<_, ()>(())
    });
    let streamed = streamed.unwrap();
    assert!(streamed.problems.is_empty());
    histograms(&logs, Selection::ALL, |HistogramAt { run, tag, step, histogram, .. }| {
        found_histograms.push((run.to_owned(), tag.to_owned(), step, format!("{histogram:?}")));
        Ok::<_, ()>(())
    })
    .unwrap();
    let store = Store::open(&logs);
    store.load();
    let (mut expected, mut expected_histograms) = (Vec::new(), Vec::new());
    let mut kinds = BTreeMap::new();
    for series in store.runs().iter().flat_map(|run| run.series()) {
        *kinds.entry(series.kind()).or_insert(0) += 1;
        let (run, tag) = (series.run().to_string(), series.tag().to_string());
        for point in series.points(0..usize::MAX) {
            expected.push((run.clone(), tag.clone(), point.step, point.value.to_bits()));
        }
        for sample in series.read(0..usize::MAX) {
            if let Ok(Datum::Histogram(histogram)) = sample.datum {
                expected_histograms.push((run.clone(), tag.clone(), sample.step, format!("{histogram:?}")));
            }
        }
    }
    assert_eq!(streamed.runs, store.runs().iter().map(|run| run.name().to_string()).collect::<Vec<_>>());
    assert_eq!(streamed.series, kinds);
    found_histograms.sort();
    expected_histograms.sort();
    assert_eq!(found_histograms, expected_histograms);
    assert!(found_histograms.len() > 10, "{}", found_histograms.len());
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(found.len() > 40);
}

#[test]
fn the_stream_opens_no_file_of_a_run_that_is_not_wanted() {
    let folder = tempfile::tempdir().unwrap();
    for run in ["damaged", "good"] {
        let mut writer = Writer::create(&folder.path().join(run)).unwrap();
        writer.scalar(0, "loss", 1.0).unwrap();
        writer.scalar(0, "accuracy", 0.5).unwrap();
        writer.close().unwrap();
    }
    std::fs::write(folder.path().join("damaged/tfevents"), [7; 100]).unwrap();
    let selection = Selection { run: &|run| run == "good", tag: &|tag| tag == "loss" };
    let mut found = Vec::new();
    let streamed = scalars(folder.path(), selection, |scalar| {
        found.push((scalar.run.to_owned(), scalar.tag.to_owned()));
        Ok::<_, ()>(())
    });
    let Streamed { runs, series, problems } = streamed.unwrap();
    assert_eq!(found, [("good".to_owned(), "loss".to_owned())]);
    assert_eq!((runs, problems.len()), (vec!["damaged".to_owned(), "good".to_owned()], 0));
    assert_eq!(series, BTreeMap::from([(SeriesKind::Scalar, 1)]));
}
