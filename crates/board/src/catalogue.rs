//! `/api/catalogue`: which runs there are, and what is in them.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use headwater_threads::Unpoisoned as _;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use headwater_events::SeriesKind;
use headwater_probe::network::Modules;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    answer,
    board::Board,
    digest::{Digests, Status, TagNotes, Totals},
    error::ApiError,
    measures::{Profiled, profiled},
    number::Number,
};

/// Quick, and a fifth of the size for most catalogues.
const QUALITY: u32 = 5;

/// Digests, and the catalogue that was made of them last.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    digests: Mutex<Digests>,
    made: Mutex<Option<Made>>,
}

#[derive(Debug, Clone)]
struct Made {
    version: u64,
    loading: bool,
    problems: usize,
    /// When a run that is live now will be stale.
    until: f64,
    tag: String,
    json: Bytes,
    brotli: Bytes,
}

/// Seconds since the Unix epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

impl Catalogue {
    /// Catches up with the store, whoever asks. Returns a count that grows whenever a page should ask for the catalogue.
    pub(crate) fn refresh(&self, board: &Board) -> u64 {
        self.caught_up(board).shape()
    }

    /// How much there is of everything.
    pub(crate) fn totals(&self, board: &Board) -> Totals {
        self.caught_up(board).totals()
    }

    /// The digests as the store is now.
    fn caught_up(&self, board: &Board) -> MutexGuard<'_, Digests> {
        // Before the runs are: what is read during the first look is not growth.
        let loading = board.is_loading();
        let mut digests = self.digests.lock().unpoisoned();
        digests.refresh(&board.store.runs(), now(), loading);
        digests
    }

    /// The modules of a run's network in forward order, if it has a network record.
    pub(crate) fn modules(&self, board: &Board, run: &str) -> Option<Arc<Modules>> {
        self.caught_up(board).get(run)?.set.modules.clone()
    }

    /// How each run does, by name.
    pub(crate) fn statuses(&self) -> Vec<(Arc<str>, Status)> {
        let (digests, now) = (self.digests.lock().unpoisoned(), now());
        digests.all().map(|digest| (Arc::clone(&digest.name), digest.status(now))).collect()
    }

    fn make(&self, board: &Board) -> Result<Made, ApiError> {
        // Locked all the while: clients that ask at once need it made once.
        let mut made = self.made.lock().unpoisoned();
        let (version, loading, problems) = (board.store.version(), board.is_loading(), board.problems());
        let now = now();
        if let Some(made) = &*made
            && (made.version, made.loading, made.problems) == (version, loading, problems)
            && now < made.until
        {
            return Ok(made.clone());
        }
        let digests = self.caught_up(board);
        let instance = board.instance.clone();
        let head =
            Head { instance, version, loading, logdir: board.store.log_directory().to_string_lossy().into(), problems };
        let json =
            serde_json::to_vec(&body(head, &digests, now)).map_err(|error| ApiError::internal(error.to_string()))?;
        let live = digests.all().filter(|digest| digest.status(now) == Status::Live);
        let until = live.map(|digest| digest.live_until).fold(f64::INFINITY, f64::min);
        drop(digests);
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, QUALITY, 22);
        writer.write_all(&json).map_err(|error| ApiError::internal(error.to_string()))?;
        let (tag, brotli) = (answer::tag_of(&json), writer.into_inner().into());
        let new = Made { version, loading, problems, until, tag, json: json.into(), brotli };
        *made = Some(new.clone());
        Ok(new)
    }
}

/// `GET /api/catalogue`.
pub(crate) async fn catalogue(State(board): State<Arc<Board>>, headers: HeaderMap) -> Result<Response, ApiError> {
    board.quick(move |board, _| Ok(response(board.catalogue.make(board)?, &headers))).await
}

fn response(made: Made, headers: &HeaderMap) -> Response {
    if answer::is_known(headers, &made.tag) {
        return answer::not_modified(&made.tag);
    }
    let mut response = if answer::accepts_brotli(headers) {
        ([(header::CONTENT_ENCODING, "br"), (header::VARY, "accept-encoding")], made.brotli).into_response()
    } else {
        made.json.into_response()
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer::set_tag(&mut response, &made.tag);
    response
}

#[derive(Debug)]
struct Head {
    instance: String,
    version: u64,
    loading: bool,
    logdir: String,
    problems: usize,
}

#[derive(Debug, Serialize)]
struct Body<'a> {
    instance: String,
    version: u64,
    loading: bool,
    logdir: String,
    problems: usize,
    measures: Vec<Profiled>,
    tags: Vec<TagRow<'a>>,
    sets: Vec<Value>,
    runs: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct TagRow<'a> {
    tag: &'a str,
    kind: &'static str,
    name: &'a str,
    description: &'a str,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    generation: u64,
    set: usize,
    status: Status,
    started: Number,
    updated: Number,
    first_step: i64,
    last_step: i64,
    values: usize,
}

fn body(head: Head, digests: &Digests, now: f64) -> Body<'_> {
    // What the first run that says something of a tag says of it.
    let mut said: HashMap<(&str, SeriesKind), &TagNotes> = HashMap::new();
    for (tag, kind, words) in digests.all().flat_map(|digest| &digest.said) {
        said.entry((tag, *kind)).or_insert(words);
    }
    let (mut tags, mut indices) = (Vec::new(), HashMap::new());
    let (mut sets, mut places) = (Vec::new(), HashMap::new());
    let mut runs = Vec::new();
    for digest in digests.all() {
        let set = *places.entry(Arc::as_ptr(&digest.set)).or_insert_with(|| {
            let mut index = |tag, kind: SeriesKind| -> usize {
                *indices.entry((tag, kind)).or_insert_with(|| {
                    let (name, description) =
                        said.get(&(tag, kind)).map_or(("", ""), |said| (&said.name, &said.description));
                    tags.push(TagRow { tag, kind: kind.name(), name, description });
                    tags.len() - 1
                })
            };
            let indices: Vec<usize> = digest.set.tags.iter().map(|(tag, kind)| index(&**tag, *kind)).collect();
            sets.push(json!({ "tags": indices, "flow": digest.set.flow }));
            sets.len() - 1
        });
        let (started, updated) = digest.wall_times.unwrap_or_default();
        let (first_step, last_step) = digest.steps.unwrap_or_default();
        runs.push(Row {
            name: &digest.name,
            generation: digest.generation,
            set,
            status: digest.status(now),
            started: Number(started),
            updated: Number(updated),
            first_step,
            last_step,
            values: digest.values,
        });
    }
    let Head { instance, version, loading, logdir, problems } = head;
    Body { instance, version, loading, logdir, problems, measures: profiled(), tags, sets, runs }
}
