//! `/api/pr`: precision against recall.
//!
//! A value is a tensor of shape `[6, thresholds]`, with the rows true positives, false positives, true negatives, false
//! negatives, precision and recall; the thresholds go evenly from 0 to 1 (`tensorboard/plugins/pr_curve`).

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use headwater_events::{Array, Datum, SeriesKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{evenly, of_kind};
use crate::{Board, error::ApiError, extract::Query, number::Number, work::Wanted};

/// How many curves are sent at most.
const MOST_VALUES: usize = 500;
/// A curve with more thresholds is not sent.
const MOST_THRESHOLDS: u32 = 10_000;
/// How many thresholds are sent at most, of all curves together. When there are more, fewer curves are sent.
const MOST_TOGETHER: usize = 200_000;

const ROWS: [&str; 6] = ["tp", "fp", "tn", "fn", "precision", "recall"];

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    tag: String,
}

/// `GET /api/pr`.
pub(super) async fn pr(State(board): State<Arc<Board>>, Query(params): Query<Params>) -> Result<Response, ApiError> {
    board.long(move |board, wanted| answer(board, &params, wanted).map(Json)).await
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Value, ApiError> {
    let series = of_kind(board, &params.run, &params.tag, SeriesKind::PrCurve)?;
    let total = series.len();
    let read = |index: usize| series.read(index..index + 1).pop();
    let thresholds = |value: &Value| value["thresholds"].as_array().map_or(0, Vec::len);
    // Curves of a tag have the same thresholds; the last one is always sent.
    let last = total.checked_sub(1).and_then(read).and_then(|sample| curve(sample.datum.ok()?));
    let most = MOST_TOGETHER / last.as_ref().map_or(1, thresholds).max(1);
    let (mut values, mut unreadable, mut room) = (Vec::new(), 0, MOST_TOGETHER);
    for index in evenly(total, MOST_VALUES.min(most)) {
        wanted.check()?;
        let Some(sample) = read(index) else { break };
        let Some(mut value) = sample.datum.ok().and_then(curve) else {
            unreadable += 1;
            continue;
        };
        room = room.checked_sub(thresholds(&value)).ok_or_else(|| too_many(params))?;
        value["index"] = json!(index);
        value["step"] = json!(sample.step);
        value["wall_time"] = json!(Number(sample.wall_time));
        values.push(value);
    }
    let generation = series.generation();
    Ok(json!({ "total": total, "generation": generation, "unreadable": unreadable, "values": values }))
}

/// 413.
fn too_many(Params { run, tag }: &Params) -> ApiError {
    let message = format!(
        "the curves of \"{tag}\" of run \"{run}\" have more than {MOST_TOGETHER} thresholds; log them with fewer"
    );
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// None if the value is no curve.
fn curve(datum: Datum) -> Option<Value> {
    let Datum::Array(Array { shape, numbers }) = datum else { return None };
    let count = match shape[..] {
        [6, count] if (1..=u64::from(MOST_THRESHOLDS)).contains(&count) => count as usize,
        _ => return None,
    };
    let last = count.saturating_sub(1).max(1) as f64;
    let thresholds: Vec<f64> = (0..count).map(|index| index as f64 / last).collect();
    let mut value = json!({ "thresholds": thresholds });
    for (name, row) in ROWS.iter().zip(numbers.chunks_exact(count)) {
        value[*name] = row.iter().map(|number| json!(Number(*number))).collect();
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use headwater_events::proto::{self, DataType, TensorProto};

    use super::*;
    use crate::data::testing::{Logs, tensor};

    /// A curve of so many thresholds.
    fn value(thresholds: i64) -> proto::Value {
        let float_val = vec![0.5; 6 * thresholds as usize];
        let numbers = TensorProto { dtype: DataType::Float.into(), float_val, ..TensorProto::default() };
        tensor("curve", "pr_curves", &[6, thresholds], numbers)
    }

    #[test]
    fn of_curves_with_many_thresholds_fewer_are_sent_and_the_last_is_one_of_them() {
        let most = i64::from(MOST_THRESHOLDS);
        let logs = |counts: &[i64]| Logs::of(counts.iter().map(|count| value(*count)));
        let params = "/pr?run=run&tag=curve";
        let sent = |logs: &Logs| {
            let answer = logs.get(params).json();
            let values = answer["values"].as_array().unwrap().clone();
            values.iter().map(|value| value["index"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(sent(&logs(&[100; 10])), (0..10).collect::<Vec<_>>());
        let many = sent(&logs(&[most; 30]));
        assert_eq!((many.len(), many.last()), (MOST_TOGETHER / MOST_THRESHOLDS as usize, Some(&29)));
        // The others have more than the last.
        let mut unequal = [most; 30];
        unequal[29] = 10;
        assert!(logs(&unequal).get(params).error(413).contains("thresholds"));
    }

    #[test]
    fn curves_of_other_frameworks_are_read() {
        let logs = Logs::foreign();
        for run in ["pytorch", "tensorboardx"] {
            let answer = logs.get(&format!("/pr?run={run}&tag=curve")).json();
            let value = &answer["values"][0];
            assert_eq!((&answer["total"], &value["step"]), (&json!(1), &json!(1)));
            assert_eq!(value["thresholds"], json!([0.0, 0.25, 0.5, 0.75, 1.0]));
            // Labels 0 1 1 0 with scores 0.1 0.9 0.4 0.3: at 0.5 one of two is found, and nothing else.
            assert_eq!((&value["tp"][2], &value["fp"][2]), (&json!(1.0), &json!(0.0)), "{run}");
            assert_eq!((&value["precision"][2], &value["recall"][2]), (&json!(1.0), &json!(0.5)), "{run}");
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_the_plugin() {
        let answer = Logs::foreign().get("/pr?run=tensorboard&tag=curve").json();
        let value = &answer["values"][0];
        // linspace(0, 1, 18) in six rows of three.
        for (row, name) in ROWS.iter().enumerate() {
            let first = value[*name][0].as_f64().unwrap();
            assert!((first - row as f64 * 3.0 / 17.0).abs() < 1e-6, "{name}: {first}");
        }
    }

    #[test]
    fn an_array_of_another_shape_is_no_curve() {
        let array = |shape: &[u64]| {
            let numbers = vec![0.5; shape.iter().product::<u64>() as usize];
            curve(Datum::Array(Array { shape: shape.to_vec(), numbers }))
        };
        assert!(array(&[6, 1]).is_some());
        for shape in [&[5, 3][..], &[6, 0], &[6], &[6, 2, 1], &[]] {
            assert!(array(shape).is_none(), "{shape:?}");
        }
        assert!(curve(Datum::Number(1.0)).is_none());
        Logs::foreign().get("/pr?run=pytorch&tag=weights").error(400);
    }
}
