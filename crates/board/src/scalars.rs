//! `/api/scalars`: the points of series, from where the client left off.

use std::{collections::HashSet, sync::Arc};

use axum::{extract::State, response::Response};
use headwater_events::{Point, Series, SeriesKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{board::Board, error::ApiError, extract::Json, frame::Frame, work::Wanted};

/// The most series that one request may name.
pub(crate) const MOST_SERIES: usize = 5000;

/// The most points in one answer: 24 MB. Series that would go beyond it come short, and are asked for again.
pub(crate) const MOST_POINTS: usize = 1_000_000;

/// The most starts of segments that are listed for a series. A writer whose steps fall again and again makes one of every point.
const MOST_SEGMENTS: usize = 10_000;

/// The most that are listed for all series together: for very many series the lists become shorter.
const MOST_SEGMENTS_TOGETHER: usize = 200_000;

/// An answer for so many series is quick.
const FEW: usize = 64;

/// A request.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    series: Vec<Part>,
    /// The most points of a series.
    #[serde(default = "limit")]
    limit: usize,
}

fn limit() -> usize {
    100_000
}

#[derive(Debug, Deserialize)]
struct Part {
    run: String,
    tag: String,
    /// What the client has is of this reading of the run.
    generation: Option<u64>,
    /// The index of the first point that it has not.
    #[serde(default)]
    from: usize,
}

/// `POST /api/scalars`.
pub(crate) async fn scalars(State(board): State<Arc<Board>>, Json(params): Json<Params>) -> Result<Response, ApiError> {
    check(params.series.iter().map(|part| (&*part.run, &*part.tag)))?;
    let is_quick = params.series.len() <= FEW;
    let work = move |board: &Board, wanted: &Wanted| answer(board, &params, wanted);
    if is_quick { board.quick(work).await } else { board.long(work).await }
}

/// 400 if there are too many series, or one is named twice. `series`: runs and tags.
pub(crate) fn check<'a>(series: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> Result<(), ApiError> {
    let count = series.len();
    if count > MOST_SERIES {
        let message = format!("{count} series are too many for one request; ask for at most {MOST_SERIES}");
        return Err(ApiError::bad_request(message));
    }
    let mut named = HashSet::with_capacity(count);
    for (run, tag) in series {
        if !named.insert((run, tag)) {
            let message = format!("\"{tag}\" of run \"{run}\" is named twice; name each series once");
            return Err(ApiError::bad_request(message));
        }
    }
    Ok(())
}

/// How many starts of segments are listed for each of so many series.
pub(crate) fn most_segments(series: usize) -> usize {
    MOST_SEGMENTS.min(MOST_SEGMENTS_TOGETHER / series.max(1))
}

/// A series of numbers.
pub(crate) fn find(board: &Board, run: &str, tag: &str) -> Option<Arc<Series>> {
    board.store.run(run)?.get(tag).filter(|series| series.kind() == SeriesKind::Scalar)
}

/// The header's entry for a series that is not there.
pub(crate) fn gone(run: &str, tag: &str) -> Value {
    json!({ "run": run, "tag": tag, "generation": 0, "from": 0, "count": 0, "total": 0, "segments": [], "gone": true })
}

/// Adds steps, wall times and values.
pub(crate) fn add(frame: &mut Frame, points: &[Point]) {
    frame.f64(points.iter().map(|point| point.step as f64));
    frame.f64(points.iter().map(|point| point.wall_time));
    frame.f64(points.iter().map(|point| point.value));
}

/// The header of a frame of series.
pub(crate) fn header(version: u64, series: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([("version".to_owned(), version.into()), ("series".to_owned(), series.into())])
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Response, ApiError> {
    // Before the points are: what comes meanwhile is in a later version.
    let version = board.store.version();
    let (mut frame, mut entries, mut room) = (Frame::new(), Vec::new(), MOST_POINTS);
    let most_segments = most_segments(params.series.len());
    for Part { run, tag, generation, from } in &params.series {
        wanted.check()?;
        let Some(series) = find(board, run, tag) else {
            entries.push(gone(run, tag));
            add(&mut frame, &[]);
            continue;
        };
        let is_known = *generation == Some(series.generation());
        let from = if is_known { (*from).min(series.len()) } else { 0 };
        let points = series.points(from..from.saturating_add(params.limit.min(room)));
        room -= points.len();
        let count = points.len();
        let segments: Vec<usize> = series.segments().iter().take(most_segments).map(|segment| segment.start).collect();
        entries.push(json!({
            "run": run,
            "tag": tag,
            "generation": series.generation(),
            "from": from,
            "count": count,
            "total": series.len(),
            "segments": segments,
        }));
        add(&mut frame, &points);
    }
    Ok(frame.answer(header(version, entries)))
}
