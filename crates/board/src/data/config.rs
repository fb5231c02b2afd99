//! `/api/config`: the configuration of a run, as it was written and as flat names and values.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use headwater_events::{Datum, Run};
use headwater_probe::tags;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Board, error::ApiError, extract::Query, number::Number, work::Wanted};

/// A text that is longer is no configuration.
const LONGEST: usize = 1 << 20;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
}

/// `GET /api/config`.
pub(super) async fn config(
    State(board): State<Arc<Board>>,
    Query(params): Query<Params>,
) -> Result<Response, ApiError> {
    let answer = move |board: &Board, _: &Wanted| {
        let text = text(&*board.run(&params.run)?);
        let values = text.as_deref().map_or(Map::new(), flattened);
        Ok(Json(json!({ "text": text, "values": values })))
    };
    board.long(answer).await
}

/// The configuration that a run recorded last, without the fence that makes it a block of code.
pub(super) fn text(run: &Run) -> Option<String> {
    let series = run.get(tags::CONFIG)?;
    let last = series.len().checked_sub(1)?;
    let Ok(Datum::Text(text)) = series.read(last..last + 1).pop()?.datum else { return None };
    let text = text.texts.into_iter().next().filter(|text| text.len() <= LONGEST)?;
    let inside = text.trim().strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    // The fence's first line names the language.
    Some(inside.and_then(|inside| inside.split_once('\n')).map_or(text.clone(), |(_, inside)| inside.to_owned()))
}

/// The values of a text in TOML, by their names with dots. Nothing if it is something else.
pub(super) fn flattened(text: &str) -> Map<String, Value> {
    let mut values = Map::new();
    for (key, value) in text.parse::<toml::Table>().unwrap_or_default() {
        flatten(key, &value, &mut values);
    }
    values
}

/// A parser does not nest deeper than a call may.
fn flatten(name: String, value: &toml::Value, values: &mut Map<String, Value>) {
    let value = match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                flatten(format!("{name}.{key}"), value, values);
            }
            return;
        }
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(Number(*number)),
        toml::Value::Boolean(truth) => json!(truth),
        other => json!(other.to_string()),
    };
    values.insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn the_last_configuration_is_given_with_flat_names() {
        let logs = Logs::written(|writer| {
            writer.text(0, "config", "```toml\nseed = 1\n```\n").unwrap();
            let text =
                "```toml\nseed = 2\n[network]\nactivation = \"relu\"\nwidths = [10, 10]\n[network.a]\nb = 0.5\n```\n";
            writer.text(1, "config", text).unwrap();
        });
        let config = logs.get("/config?run=run").json();
        assert!(config["text"].as_str().unwrap().starts_with("seed = 2\n[network]\n"), "{config}");
        let expected =
            json!({ "seed": 2, "network.activation": "relu", "network.widths": "[10, 10]", "network.a.b": 0.5 });
        assert_eq!(config["values"], expected);
    }

    #[test]
    fn a_run_without_a_configuration_or_with_another_text_under_its_name_has_none() {
        let logs = Logs::foreign();
        assert_eq!(logs.get("/config?run=pytorch").json(), json!({ "text": null, "values": {} }));
        logs.get("/config?run=nobody").error(404);
        let logs = Logs::written(|writer| writer.text(0, "config", "lr: <b>0.1</b>").unwrap());
        assert_eq!(logs.get("/config?run=run").json(), json!({ "text": "lr: <b>0.1</b>", "values": {} }));
        let logs = Logs::written(|writer| writer.scalar(0, "config", 1.0).unwrap());
        assert_eq!(logs.get("/config?run=run").json(), json!({ "text": null, "values": {} }));
    }
}
