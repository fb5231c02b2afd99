//! Requests to the handlers without a socket.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use headwater_events::{
    SeriesKind, Store, Writer,
    proto::{
        self, Dim, Event, HistogramProto, PluginData, Summary, SummaryMetadata, TensorProto, TensorShapeProto,
        ValueKind, What,
    },
    record,
};
use prost::Message as _;
use serde_json::Value;
use tower::ServiceExt;

use crate::{Board, app, work::Workers};

/// A log directory that is looked at.
pub(crate) struct Logs {
    /// Deleted when this is dropped.
    folder: Option<tempfile::TempDir>,
    board: Arc<Board>,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Logs {
    /// Of one run, `run`, that `write` writes.
    pub(crate) fn written(write: impl FnOnce(&mut Writer)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        write(&mut writer);
        writer.close().unwrap();
        let path = folder.path().to_owned();
        Self::new(&path, Some(folder))
    }

    /// Of one run, `run`, with these values at the steps from 0 on.
    pub(crate) fn of(values: impl IntoIterator<Item = proto::Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        for (step, value) in (0..).zip(values) {
            let what = Some(What::Summary(Summary { value: vec![value] }));
            let event = Event { wall_time: 1.7e9, step, what, source_metadata: None };
            record::append(&mut bytes, |buffer| event.encode_raw(buffer));
        }
        std::fs::create_dir(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("run/events.out.tfevents.1"), bytes).unwrap();
        let path = folder.path().to_owned();
        Self::new(&path, Some(folder))
    }

    /// Of one run, `run`, with a series of histograms as `PyTorch` and `TensorFlow` 1 write them, at the steps from 0.
    pub(crate) fn old_histograms(tag: &str, histograms: &[HistogramProto]) -> Self {
        let value = |histogram: &HistogramProto| proto::Value {
            tag: tag.to_owned(),
            value: Some(ValueKind::Histo(histogram.clone())),
            metadata: None,
        };
        Self::of(histograms.iter().map(value))
    }

    /// The same, with no time to answer in.
    pub(crate) fn without_time(mut self) -> Self {
        Arc::get_mut(&mut self.board).unwrap().workers = Workers::within(Duration::ZERO);
        self
    }

    /// Those that other frameworks wrote.
    pub(crate) fn foreign() -> Self {
        Self::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/tests/foreign/logs"), None)
    }

    fn new(path: &Path, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(path);
        store.load();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let board = Arc::new(Board::new(store));
        board.catalogue.refresh(&board);
        Logs { folder, board, runtime }
    }

    /// Writes the run anew, in place of what was there, and reads it.
    pub(crate) fn rewrite(&self, write: impl FnOnce(&mut Writer)) {
        let folder = self.path().join("run");
        std::fs::remove_dir_all(&folder).unwrap();
        self.board.store.load();
        let mut writer = Writer::create(&folder).unwrap();
        write(&mut writer);
        writer.close().unwrap();
        self.board.store.load();
    }

    /// Reads what is new in the log directory.
    pub(crate) fn reload(&self) {
        self.board.store.load();
    }

    /// The tags of a run that are of a kind.
    pub(crate) fn tags(&self, run: &str, kind: SeriesKind) -> Vec<String> {
        let series = self.board.store.run(run).unwrap().series();
        series.iter().filter(|series| series.kind() == kind).map(|series| series.tag().to_string()).collect()
    }

    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// The log directory.
    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(crate) fn get(&self, params: &str) -> Answer {
        self.ask(Request::get(params).body(Body::empty()).unwrap())
    }

    pub(crate) fn post(&self, path: &str, params: &Value) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request.body(Body::from(params.to_string())).unwrap())
    }

    fn ask(&self, request: Request<Body>) -> Answer {
        let router = app::api().with_state(Arc::clone(&self.board));
        self.runtime.block_on(async {
            let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, bytes }
        })
    }
}

/// A value that is a tensor of this shape, which a plugin claims.
pub(crate) fn tensor(tag: &str, plugin: &str, shape: &[i64], tensor: TensorProto) -> proto::Value {
    let dim = shape.iter().map(|&size| Dim { size, ..Dim::default() }).collect();
    let tensor = TensorProto { tensor_shape: Some(TensorShapeProto { dim, unknown_rank: false }), ..tensor };
    let plugin = PluginData { plugin_name: plugin.to_owned(), content: Vec::new() };
    let metadata = SummaryMetadata { plugin_data: Some(plugin), ..SummaryMetadata::default() };
    proto::Value { tag: tag.to_owned(), value: Some(ValueKind::Tensor(tensor)), metadata: Some(metadata) }
}

/// A frame, taken apart.
pub(crate) struct Frame {
    pub(crate) header: Value,
    arrays: Vec<Vec<u8>>,
}

impl Frame {
    pub(crate) fn f64(&self, array: usize) -> Vec<f64> {
        self.arrays[array].as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    pub(crate) fn f32(&self, array: usize) -> Vec<f32> {
        self.arrays[array].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    pub(crate) fn u32(&self, array: usize) -> Vec<u32> {
        self.arrays[array].as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
    }

    pub(crate) fn u16(&self, array: usize) -> Vec<u16> {
        self.arrays[array].as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect()
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.bytes));
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// What was wrong with the request.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        let error: Value = serde_json::from_slice(&self.bytes).unwrap();
        error["error"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn frame(&self) -> Frame {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.bytes));
        let (length, rest) = self.bytes.split_first_chunk().unwrap();
        let (header, _) = rest.split_at(u32::from_le_bytes(*length) as usize);
        let mut at = (4 + header.len()).next_multiple_of(8);
        let header: Value = serde_json::from_slice(header).unwrap();
        let arrays = header["arrays"].as_array().unwrap().iter().map(|array| {
            let size = array["type"].as_str().unwrap()[1..].parse::<usize>().unwrap() / 8;
            let end = at + array["length"].as_u64().unwrap() as usize * size;
            let bytes = self.bytes[at..end].to_vec();
            at = end.next_multiple_of(8);
            bytes
        });
        Frame { arrays: arrays.collect(), header: header.clone() }
    }
}
