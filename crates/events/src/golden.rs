//! Compares the bytes of this crate's records with those of `TensorBoard`'s own code: `tests/golden/make.py` wrote the
//! file, and is to be read beside this.

use prost::Message;

use crate::{
    proto::{Event, Summary, TensorProto, What},
    record,
    summary::{
        Kind, audio,
        graph::{Graph, Node},
        histogram::{self, Bucket},
        hparams::{self, Ending, HParamValue, HParams},
        image, value,
    },
    writer::first_event,
};

const GOLDEN: &[u8] = include_bytes!("../tests/golden/golden.tfevents");
const WALL_TIME: f64 = 1_700_000_000.25;

fn summary(step: i64, kind: Kind, tag: &str, tensor: TensorProto, content: Option<Vec<u8>>) -> Event {
    let summary = Summary { value: vec![value(kind, tag, tensor, content)] };
    Event { wall_time: WALL_TIME, step, what: Some(What::Summary(summary)), source_metadata: None }
}

fn events() -> Vec<Event> {
    let scalar = |step, value, content| summary(step, Kind::Scalar, "loss", TensorProto::scalar(value), content);
    let buckets = [Bucket { left: -1.0, right: 0.0, count: 3.0 }, Bucket { left: 0.0, right: 0.125, count: 4.0 }];
    let histogram = |step, tag, buckets| summary(step, Kind::Histogram, tag, histogram::tensor(buckets), Some(vec![]));
    let hparams = HParams {
        group: "sigmoid".into(),
        values: vec![
            ("depth".into(), HParamValue::Number(6.0)),
            ("activation".into(), HParamValue::Text("sigmoid".into())),
            ("bias".into(), HParamValue::Bool(false)),
        ],
        metrics: vec!["loss".into()],
    };
    let session = |tag, content| summary(0, Kind::HParams, tag, TensorProto::nothing(), Some(content));
    let graph = Graph {
        nodes: vec![
            Node { name: "input".into(), op: "Input".into(), ..Node::default() },
            Node {
                name: "layer1/dense".into(),
                op: "Dense".into(),
                inputs: vec!["input".into()],
                output_shape: Some(vec![-1, 10]),
                attributes: vec![("activation".into(), "sigmoid".into())],
            },
        ],
    };
    vec![
        first_event(WALL_TIME),
        scalar(0, 2.5, Some(vec![])),
        scalar(-1, f32::NAN, None),
        scalar(1 << 40, f32::NEG_INFINITY, None),
        histogram(1, "gradient/layer1", &buckets),
        histogram(2, "gradient/empty", &[]),
        summary(1, Kind::Text, "config", TensorProto::string("# Grüße".into()), Some(vec![])),
        summary(1, Kind::Image, "picture", image::tensor(28, 14, b"\x89PNG".to_vec()), Some(vec![])),
        summary(1, Kind::Audio, "sound", audio::tensor(b"RIFF".to_vec()), Some(audio::content())),
        session(hparams::EXPERIMENT, hparams::experiment(&hparams, WALL_TIME)),
        session(hparams::SESSION_START, hparams::session_start(&hparams, WALL_TIME)),
        session(hparams::SESSION_END, hparams::session_end(Ending::Success, WALL_TIME)),
        Event {
            wall_time: WALL_TIME,
            step: 0,
            what: Some(What::GraphDef(graph.to_proto().encode_to_vec())),
            source_metadata: None,
        },
    ]
}

#[test]
fn records_are_byte_for_byte_those_of_tensorboard() {
    let mut rest = GOLDEN;
    for (i, event) in events().iter().enumerate() {
        let mut ours = Vec::new();
        record::append(&mut ours, |buffer| event.encode_raw(buffer));
        let theirs = &rest[..ours.len().min(rest.len())];
        if theirs != ours {
            let payload = match record::first(rest) {
                record::Frame::Whole(payload) => Event::decode(payload),
                other => panic!("record {i} of the golden file is {other:?}"),
            };
            panic!("record {i}\nours:   {ours:?}\ntheirs: {theirs:?}\nours:   {event:?}\ntheirs: {payload:?}");
        }
        rest = &rest[ours.len()..];
    }
    assert!(rest.is_empty(), "the golden file has {} more bytes", rest.len());
}
