//! `/api/pixels`: what series look like that have more points than a screen has pixels.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use headwater_events::{Pixel, Point, Series};
use serde::Deserialize;
use serde_json::json;

use crate::{
    board::Board,
    error::ApiError,
    extract::Json,
    frame::Frame,
    scalars::{MOST_POINTS, add, check, find, gone, header, most_segments},
    work::Wanted,
};

/// The most columns of pixels.
const MOST_COLUMNS: u32 = 10_000;

/// The most points of a column of pixels.
const OF_A_COLUMN: usize = 4;

/// A request.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    series: Vec<Part>,
    /// The first step, or the series' own.
    low: Option<i64>,
    /// The last step, or the series' own.
    high: Option<i64>,
    #[serde(default = "columns")]
    columns: u32,
}

fn columns() -> u32 {
    800
}

#[derive(Debug, Deserialize)]
struct Part {
    run: String,
    tag: String,
}

/// `POST /api/pixels`.
pub(crate) async fn pixels(State(board): State<Arc<Board>>, Json(params): Json<Params>) -> Result<Response, ApiError> {
    check(params.series.iter().map(|part| (&*part.run, &*part.tag)))?;
    if !(1..=MOST_COLUMNS).contains(&params.columns) {
        return Err(ApiError::bad_request(format!("columns: expected 1 to {MOST_COLUMNS}, got {}", params.columns)));
    }
    board.long(move |board, wanted| answer(board, &params, wanted)).await
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Response, ApiError> {
    let version = board.store.version();
    // For very many series the columns become fewer.
    let most = MOST_POINTS / OF_A_COLUMN / params.series.len().max(1);
    let columns = params.columns.min(most.max(1) as u32);
    let (mut frame, mut entries, mut room) = (Frame::new(), Vec::new(), MOST_POINTS);
    let most_segments = most_segments(params.series.len());
    for Part { run, tag } in &params.series {
        wanted.check()?;
        let Some(series) = find(board, run, tag) else {
            entries.push(gone(run, tag));
            add(&mut frame, &[]);
            continue;
        };
        let (low, high) = ends(&series);
        let pixels = series.pixels(params.low.unwrap_or(low)..=params.high.unwrap_or(high), columns);
        let (points, segments) = points(&pixels, most_segments);
        room = room.checked_sub(points.len()).ok_or_else(|| {
            let message = format!("these series fall into more than {MOST_POINTS} segments; ask for fewer at a time");
            ApiError::bad_request(message)
        })?;
        entries.push(json!({
            "run": run,
            "tag": tag,
            "generation": series.generation(),
            "from": 0,
            "count": points.len(),
            "total": series.len(),
            "segments": segments,
            "reduced": true,
            "nans": pixels.iter().map(|pixel| pixel.nans).sum::<u64>(),
        }));
        add(&mut frame, &points);
    }
    Ok(frame.answer(header(version, entries)))
}

/// The smallest step and the largest. Steps rise within a segment.
fn ends(series: &Series) -> (i64, i64) {
    let segments = series.pixels(i64::MIN..=i64::MAX, 1);
    let low = segments.iter().map(|pixel| pixel.first.step).min();
    let high = segments.iter().map(|pixel| pixel.last.step).max();
    (low.unwrap_or(0), high.unwrap_or(0))
}

/// The points of a line that covers what all points would, and where its segments begin.
fn points(pixels: &[Pixel], most_segments: usize) -> (Vec<Point>, Vec<usize>) {
    let (mut points, mut segments, mut segment) = (Vec::new(), Vec::new(), None);
    for pixel in pixels {
        if segment != Some(pixel.segment) && segments.len() < most_segments {
            segments.push(points.len());
        }
        segment = Some(pixel.segment);
        let Pixel { count, first, last, min, max, .. } = *pixel;
        points.push(first);
        // Where in the column they are does not show.
        let step = first.step + (last.step.saturating_sub(first.step)) / 2;
        let wall_time = f64::midpoint(first.wall_time, last.wall_time);
        for value in [min, max] {
            // If all are NaN, the smallest is greater than the largest.
            if count > 2 && min <= max && value != first.value && value != last.value {
                points.push(Point { step, wall_time, value });
            }
        }
        if count > 1 {
            points.push(last);
        }
    }
    (points, segments)
}
