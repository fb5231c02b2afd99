//! `/api/text`: texts, as HTML.

use std::sync::Arc;

use axum::{Json, extract::State};
use headwater_events::{Datum, SeriesKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{beginning, markdown, of_kind};
use crate::{Board, error::ApiError, extract::Query, number::Number};

const MOST_VALUES: usize = 1000;
/// Bytes of a text that are shown.
const LONGEST: usize = 1 << 18;
/// Bytes of all texts of an answer: when there are more, fewer values are sent.
const MOST_BYTES: usize = 1 << 22;

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    run: String,
    tag: String,
    #[serde(default)]
    from: usize,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    200
}

/// `GET /api/text`.
pub(super) async fn text(
    State(board): State<Arc<Board>>,
    Query(question): Query<Question>,
) -> Result<Json<Value>, ApiError> {
    board.blocking(move |board| answer(board, &question).map(Json)).await
}

fn answer(board: &Board, question: &Question) -> Result<Value, ApiError> {
    let series = of_kind(board, &question.run, &question.tag, SeriesKind::Text)?;
    let total = series.len();
    let end = question.from.saturating_add(question.limit.min(MOST_VALUES)).min(total);
    let (mut values, mut bytes) = (Vec::new(), 0);
    for index in question.from..end {
        let Some(sample) = series.read(index..index + 1).pop() else { break };
        let (shape, texts) = match sample.datum {
            Ok(Datum::Text(text)) => (text.shape, text.texts),
            Ok(_) => (Vec::new(), Vec::new()),
            Err(error) => (Vec::new(), vec![format!("*This text cannot be read: {error}*")]),
        };
        bytes += texts.iter().map(String::len).sum::<usize>();
        if bytes > MOST_BYTES && !values.is_empty() {
            break;
        }
        let mut room = MOST_BYTES;
        let html: Vec<String> = texts
            .iter()
            .map(|text| {
                let shown = beginning(text, LONGEST.min(room));
                room -= shown.len();
                let rest = if shown.len() < text.len() { "\n\n..." } else { "" };
                markdown::to_html(&format!("{shown}{rest}"))
            })
            .collect();
        values.push(json!({
            "index": sample.index,
            "step": sample.step,
            "wall_time": Number(sample.wall_time),
            "shape": shape,
            "html": html,
        }));
    }
    Ok(json!({ "total": total, "generation": series.generation(), "values": values }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn texts_are_html_that_runs_nothing() {
        let logs = Logs::written(|writer| {
            for step in 0..5 {
                writer.text(step, "notes/<b>", &format!("*step* {step} <script>alert(1)</script>")).unwrap();
            }
        });
        let answer = logs.get("/text?run=run&tag=notes/%3Cb%3E&from=3&limit=1").json();
        assert_eq!(answer["total"], 5);
        let values = answer["values"].as_array().unwrap();
        assert_eq!((values.len(), &values[0]["index"], &values[0]["step"]), (1, &json!(3), &json!(3)));
        let html = values[0]["html"][0].as_str().unwrap();
        assert!(html.contains("<em>step</em> 3 &lt;script&gt;"), "{html}");
    }

    #[test]
    fn tables_and_lists_keep_their_shapes() {
        let logs = Logs::foreign();
        let table = logs.get("/text?run=tensorboard&tag=table").json();
        assert_eq!(table["values"][0]["shape"], json!([2, 2]));
        assert_eq!(table["values"][0]["html"][3], "<p>d</p>\n");
        let list = logs.get("/text?run=tensorflow/two&tag=list").json();
        assert_eq!(list["values"][0]["html"].as_array().unwrap().len(), 2);
        assert_eq!(logs.get("/text?run=pytorch&tag=text/text_summary").json()["total"], 3);
    }

    #[test]
    fn what_is_beyond_the_end_is_empty_and_what_is_no_text_is_refused() {
        let logs = Logs::foreign();
        let answer = logs.get("/text?run=tensorboard&tag=table&from=18446744073709551615").json();
        assert_eq!((&answer["total"], &answer["values"]), (&json!(1), &json!([])));
        assert!(logs.get("/text?run=pytorch&tag=weights").error(400).contains("histogram"));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let logs = Logs::written(|writer| writer.text(0, "long", &"é".repeat(LONGEST)).unwrap());
        let answer = logs.get("/text?run=run&tag=long").json();
        let html = answer["values"][0]["html"][0].as_str().unwrap();
        assert!(html.len() < LONGEST + 100 && html.ends_with("...</p>\n"), "{}", html.len());
    }
}
