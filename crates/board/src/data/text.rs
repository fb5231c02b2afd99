//! `/api/text`: texts, as HTML or as they were logged.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use headwater_events::{Datum, SeriesKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{beginning, markdown, of_kind};
use crate::{Board, error::ApiError, extract::Query, number::Number, work::Wanted};

const MOST_VALUES: usize = 1000;
/// Bytes of a text that are shown.
const LONGEST: usize = 1 << 18;
/// Bytes of all texts of an answer: when there are more, fewer values are sent.
const MOST_BYTES: usize = 1 << 22;
/// Strings of a value that are shown.
const MOST_STRINGS: usize = 10_000;
/// Bytes that an answer takes for a string, however short it is.
const FRAME: usize = 8;
/// What stands for the rest of a text that is too long.
const REST: &str = "\n\n...";

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    tag: String,
    #[serde(default)]
    from: usize,
    #[serde(default = "default_limit")]
    limit: usize,
    /// Whether the texts are wanted as they were logged.
    #[serde(default)]
    raw: bool,
}

fn default_limit() -> usize {
    200
}

/// `GET /api/text`.
pub(super) async fn text(State(board): State<Arc<Board>>, Query(params): Query<Params>) -> Result<Response, ApiError> {
    board.long(move |board, wanted| answer(board, &params, wanted).map(Json)).await
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Value, ApiError> {
    let series = of_kind(board, &params.run, &params.tag, SeriesKind::Text)?;
    let total = series.len();
    let end = params.from.saturating_add(params.limit.min(MOST_VALUES)).min(total);
    let (mut values, mut bytes) = (Vec::new(), 0);
    for index in params.from..end {
        wanted.check()?;
        let Some(sample) = series.read(index..index + 1).pop() else { break };
        let (shape, texts) = match sample.datum {
            Ok(Datum::Text(text)) => (text.shape, text.texts),
            Ok(_) => (Vec::new(), Vec::new()),
            Err(error) => (Vec::new(), vec![format!("*This text cannot be read: {error}*")]),
        };
        bytes += texts.iter().take(MOST_STRINGS).map(|text| text.len() + FRAME).sum::<usize>();
        if bytes > MOST_BYTES && !values.is_empty() {
            break;
        }
        let mut room = MOST_BYTES;
        let mut shown = Vec::new();
        for text in texts.iter().take(MOST_STRINGS) {
            wanted.check()?;
            let beginning = beginning(text, LONGEST.min(room));
            room -= beginning.len();
            let rest = if beginning.len() < text.len() { REST } else { "" };
            let text = format!("{beginning}{rest}");
            shown.push(if params.raw { text } else { markdown::to_html(&text) });
        }
        values.push(json!({
            "index": sample.index,
            "step": sample.step,
            "wall_time": Number(sample.wall_time),
            "shape": shape,
            (if params.raw { "raw" } else { "html" }): shown,
        }));
    }
    Ok(json!({ "total": total, "generation": series.generation(), "values": values }))
}

#[cfg(test)]
mod tests {
    use headwater_events::proto::{DataType, TensorProto};

    use super::*;
    use crate::data::testing::{Logs, tensor};

    #[test]
    fn a_value_of_very_many_strings_is_cut() {
        let string_val = vec![Vec::new(); 2 * MOST_STRINGS];
        let shape = [i64::try_from(string_val.len()).unwrap()];
        let strings = TensorProto { dtype: DataType::String.into(), string_val, ..TensorProto::default() };
        let value = tensor("t", "text", &shape, strings);
        let logs = Logs::of(vec![value; 100]);
        let answer = logs.get("/text?run=run&tag=t").json();
        let values = answer["values"].as_array().unwrap();
        assert_eq!(values.len(), MOST_BYTES / (MOST_STRINGS * FRAME));
        assert!(values.iter().all(|value| value["html"].as_array().unwrap().len() == MOST_STRINGS));
    }

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
    fn texts_are_given_as_they_were_logged() {
        let texts = [
            "<pre>\nrnn  says * this *\n</pre>",
            "model.__init__ and a * b * c",
            "{\n  \"lr\": 0.1\n}",
            "a\0b \u{1f600}",
            "",
        ];
        let logs = Logs::written(|writer| {
            for (step, text) in (0..).zip(texts) {
                writer.text(step, "notes", text).unwrap();
            }
        });
        let of = |params: &str| logs.get(&format!("/text?run=run&tag=notes{params}")).json()["values"].clone();
        let raw = of("&raw=true");
        for (value, text) in raw.as_array().unwrap().iter().zip(texts) {
            assert_eq!((&value["raw"], &value["html"]), (&json!([text]), &Value::Null));
        }
        let html = of("");
        assert_eq!(of("&raw=false"), html);
        for (raw, html) in raw.as_array().unwrap().iter().zip(html.as_array().unwrap()) {
            assert!(html["html"].is_array() && html["raw"].is_null());
            for field in ["index", "step", "wall_time", "shape"] {
                assert_eq!(raw[field], html[field], "{field}");
            }
        }
        let table = Logs::foreign().get("/text?run=tensorboard&tag=table&raw=true").json();
        assert_eq!((&table["values"][0]["shape"], &table["values"][0]["raw"][3]), (&json!([2, 2]), &json!("d")));
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
        let answer = logs.get("/text?run=run&tag=long&raw=true").json();
        let raw = answer["values"][0]["raw"][0].as_str().unwrap();
        assert_eq!(raw.len(), LONGEST + REST.len());
    }
}
