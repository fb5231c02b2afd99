//! `/api/pictures` and `/api/sounds`: what there is to see and to hear. `/api/blob`: the bytes.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use headwater_events::{Datum, Pictures, SeriesKind, Sounds};
use serde::Deserialize;
use serde_json::json;

use super::{evenly, file_type, of_kind, sample};
use crate::{Board, error::ApiError, extract::Query, number::Number, work::Wanted};

/// How many values are listed at most.
const MOST_VALUES: usize = 2000;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    tag: String,
}

/// `GET /api/pictures`.
pub(super) async fn pictures(
    State(board): State<Arc<Board>>,
    Query(params): Query<Params>,
) -> Result<Response, ApiError> {
    list(board, params, SeriesKind::Image).await
}

/// `GET /api/sounds`.
pub(super) async fn sounds(
    State(board): State<Arc<Board>>,
    Query(params): Query<Params>,
) -> Result<Response, ApiError> {
    list(board, params, SeriesKind::Audio).await
}

async fn list(board: Arc<Board>, params: Params, kind: SeriesKind) -> Result<Response, ApiError> {
    let answer = move |board: &Board, wanted: &Wanted| {
        let series = of_kind(board, &params.run, &params.tag, kind)?;
        let total = series.len();
        let mut values = Vec::new();
        for index in evenly(total, MOST_VALUES) {
            wanted.check()?;
            // One at a time: they are large.
            let Some(sample) = series.read(index..index + 1).pop() else { continue };
            let mut value = match sample.datum {
                Ok(Datum::Pictures(Pictures { width, height, files })) => {
                    json!({ "width": width, "height": height, "count": files.len() })
                }
                Ok(Datum::Sounds(Sounds { sample_rate, files, .. })) => {
                    let first = files.first().map_or(&[][..], Vec::as_slice);
                    let rate = sample_rate.map(f64::from).or_else(|| wav_rate(first).map(f64::from));
                    json!({ "sample_rate": rate.map(Number), "type": file_type::of(first), "count": files.len() })
                }
                Ok(_) => json!({ "count": 0 }),
                Err(error) => json!({ "count": 0, "error": error.to_string() }),
            };
            value["index"] = json!(index);
            value["step"] = json!(sample.step);
            value["wall_time"] = json!(Number(sample.wall_time));
            values.push(value);
        }
        Ok(Json(json!({ "total": total, "generation": series.generation(), "values": values })))
    };
    board.long(answer).await
}

/// Hertz, as a WAV file says in its header.
fn wav_rate(file: &[u8]) -> Option<u32> {
    let is_wav = file_type::of(file) == Some("audio/wav") && file.get(12..16) == Some(b"fmt ");
    let rate = file.get(24..28).filter(|_| is_wav)?;
    Some(u32::from_le_bytes(rate.try_into().ok()?))
}

#[derive(Debug, Deserialize)]
pub(super) struct One {
    run: String,
    tag: String,
    generation: u64,
    index: usize,
    #[serde(default)]
    item: usize,
}

/// `GET /api/blob`.
pub(super) async fn blob(State(board): State<Arc<Board>>, Query(params): Query<One>) -> Result<Response, ApiError> {
    board.long(move |board, _| bytes(board, &params).map(answer)).await
}

fn bytes(board: &Board, params: &One) -> Result<Vec<u8>, ApiError> {
    let One { run, tag, generation, index, item } = params;
    let series = board.series(run, tag)?;
    if !matches!(series.kind(), SeriesKind::Image | SeriesKind::Audio) {
        let kind = series.kind();
        return Err(ApiError::bad_request(format!(
            "\"{tag}\" of run \"{run}\" is of kind {kind}: not image, not audio"
        )));
    }
    if series.generation() != *generation {
        let now = series.generation();
        let message =
            format!("run \"{run}\" was read anew: its generation is {now}, not {generation}; ask for its list");
        return Err(ApiError::new(StatusCode::CONFLICT, message));
    }
    let datum = sample(&series, *index)?.datum.map_err(|error| ApiError::internal(error.to_string()))?;
    let mut files = match datum {
        Datum::Pictures(pictures) => pictures.files,
        Datum::Sounds(sounds) => sounds.files,
        _ => Vec::new(),
    };
    if *item >= files.len() {
        let count = files.len();
        let message =
            format!("value {index} of \"{tag}\" of run \"{run}\" has {count} items, and none of index {item}");
        return Err(ApiError::not_found(message));
    }
    Ok(files.swap_remove(*item))
}

/// What the bytes are is seen from the bytes, never from what the log says. Whatever they are, nothing in them runs.
fn answer(bytes: Vec<u8>) -> Response {
    let policy = (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    if let Some(file_type) = file_type::of(&bytes) {
        return ([policy, (header::CONTENT_TYPE, file_type)], bytes).into_response();
    }
    let unknown = (header::CONTENT_TYPE, "application/octet-stream");
    ([policy, unknown, (header::CONTENT_DISPOSITION, "attachment")], bytes).into_response()
}

#[cfg(test)]
mod tests {
    use headwater_events::{Audio, Image, Pixels};

    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn pictures_are_listed_and_their_files_sent() {
        let logs = Logs::written(|writer| {
            writer.image(7, "a", &Image { width: 2, height: 1, pixels: Pixels::Gray(vec![0, 255]) }).unwrap();
        });
        let list = logs.get("/pictures?run=run&tag=a").json();
        let value = &list["values"][0];
        assert_eq!((&value["step"], &value["width"], &value["height"]), (&json!(7), &json!(2), &json!(1)));
        let generation = &list["generation"];
        let blob = logs.get(&format!("/blob?run=run&tag=a&generation={generation}&index=0&item=0"));
        assert_eq!((&blob.headers["content-type"], &blob.bytes[1..4]), (&"image/png".parse().unwrap(), &b"PNG"[..]));
        assert_eq!(blob.headers["content-security-policy"], "sandbox; default-src 'none'");
        for (index, item) in [(1, 0), (0, 1), (usize::MAX, usize::MAX)] {
            let query = format!("/blob?run=run&tag=a&generation={generation}&index={index}&item={item}");
            assert!(logs.get(&query).error(404).contains("none of index"));
        }
        logs.get("/blob?run=run&tag=a&generation=0&index=-1&item=0").error(400);
    }

    #[test]
    fn another_generation_is_a_conflict() {
        let logs = Logs::written(|writer| {
            writer.image(0, "a", &Image { width: 1, height: 1, pixels: Pixels::Gray(vec![0]) }).unwrap();
        });
        let before = logs.get("/pictures?run=run&tag=a").json()["generation"].as_u64().unwrap();
        logs.rewrite(|writer| {
            writer.image(3, "a", &Image { width: 3, height: 1, pixels: Pixels::Gray(vec![0; 3]) }).unwrap();
        });
        let list = logs.get("/pictures?run=run&tag=a").json();
        let after = list["generation"].as_u64().unwrap();
        assert_ne!(before, after);
        assert_eq!(list["values"][0]["width"], 3);
        let message = logs.get(&format!("/blob?run=run&tag=a&generation={before}&index=0")).error(409);
        assert!(message.contains(&format!("generation is {after}")), "{message}");
    }

    #[test]
    fn sounds_are_listed_and_their_files_sent() {
        let logs = Logs::written(|writer| {
            writer.audio(1, "hum", &Audio { sample_rate: 8000, samples: &[0.0; 10] }).unwrap();
        });
        let list = logs.get("/sounds?run=run&tag=hum").json();
        let value = &list["values"][0];
        assert_eq!(
            (&value["sample_rate"], &value["type"], &value["count"]),
            (&json!(8000.0), &json!("audio/wav"), &json!(1))
        );
        let blob = logs.get(&format!("/blob?run=run&tag=hum&generation={}&index=0", list["generation"]));
        assert_eq!(blob.headers["content-type"], "audio/wav");
    }

    #[test]
    fn pictures_and_sounds_of_other_frameworks_are_found() {
        let logs = Logs::foreign();
        for (kind, run, tag, count) in [
            ("pictures", "pytorch", "image", 1),
            ("pictures", "tensorboardx", "image", 1),
            ("pictures", "tensorflow/two", "images", 3),
            ("pictures", "tensorflow/one", "image/image/0", 1),
            ("sounds", "pytorch", "audio", 1),
            ("sounds", "tensorflow/two", "audio", 2),
        ] {
            let list = logs.get(&format!("/{kind}?run={run}&tag={tag}")).json();
            assert_eq!(list["values"][0]["count"], count, "{run} {tag}");
            if kind == "sounds" {
                assert_eq!(list["values"][0]["sample_rate"], 8000.0, "{run} {tag}");
            }
            let blob =
                format!("/blob?run={run}&tag={tag}&generation={}&index=0&item={}", list["generation"], count - 1);
            let expected = if kind == "sounds" { "audio/wav" } else { "image/png" };
            assert_eq!(logs.get(&blob).headers["content-type"], expected, "{run} {tag}");
        }
        assert!(logs.get("/pictures?run=pytorch&tag=audio").error(400).contains("of kind audio"));
        assert!(logs.get("/blob?run=pytorch&tag=weights&generation=0&index=0").error(400).contains("histogram"));
    }

    #[test]
    fn html_that_claims_to_be_a_picture_is_a_file_to_be_saved() {
        for evil in [&b"<html><script>alert(1)</script>"[..], b"<svg onload=alert(1)>", b"%PDF-1.4", b""] {
            let response = answer(evil.to_vec());
            assert_eq!(response.headers()["content-type"], "application/octet-stream");
            assert_eq!(response.headers()["content-disposition"], "attachment");
            assert_eq!(response.headers()["content-security-policy"], "sandbox; default-src 'none'");
        }
    }
}
