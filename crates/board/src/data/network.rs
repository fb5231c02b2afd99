//! `/api/network`: the network record of a run.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{Board, error::ApiError, extract::Query};

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
}

/// `GET /api/network`: as the schema in docs/network.schema.json says.
pub(super) async fn network(
    State(board): State<Arc<Board>>,
    Query(Params { run }): Query<Params>,
) -> Result<Response, ApiError> {
    board.long(move |board, _| answer(board, &run)).await
}

fn answer(board: &Board, name: &str) -> Result<Response, ApiError> {
    match headwater_diagnose::network_record(&*board.run(name)?) {
        None => Err(ApiError::not_found(format!("run \"{name}\" has no network record"))),
        Some(Err(reason)) => {
            Err(ApiError::internal(format!("the network record of run \"{name}\" cannot be read: {reason}")))
        }
        Some(Ok(record)) => Ok(([(header::CONTENT_TYPE, "application/json")], record.to_json()).into_response()),
    }
}

#[cfg(test)]
mod tests {
    use headwater_probe::network::TAG;

    use crate::data::testing::Logs;

    /// Two layers whose names do not tell their order.
    const RECORD: &str = r#"{"version":1,"nodes":[
        {"name":"x","kind":"input"},
        {"name":"zeta","kind":"dense","module":"zeta","inputs":["x"],"parameters":[{"name":"weight","shape":[4,3]}]},
        {"name":"alpha","kind":"dense","module":"alpha","inputs":["zeta"],"parameters":[{"name":"weight","shape":[3,2]}]}
    ],"output":"alpha"}"#;

    fn logs(record: &str) -> Logs {
        Logs::written(|writer| {
            writer.json(0, TAG, record).unwrap();
            for layer in ["alpha", "zeta"] {
                writer.scalar(0, &format!("gradient/rms/{layer}"), 1.0).unwrap();
            }
        })
    }

    #[test]
    fn a_record_is_given_as_it_was_written_and_tells_the_order_of_the_layers() {
        let logs = logs(RECORD);
        let record = logs.get("/network?run=run").json();
        assert_eq!(record["nodes"][1]["parameters"][0]["shape"], serde_json::json!([4, 3]));
        let flow = logs.get("/flow?run=run&quantity=gradient/rms").frame().header;
        let names = |layers: &serde_json::Value| -> Vec<String> {
            layers.as_array().unwrap().iter().map(|layer| layer["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&flow["layers"]), ["zeta", "alpha"]);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_an_error_and_without_one_the_order_is_that_of_the_names() {
        let logs = logs(r#"{"version":99}"#);
        logs.get("/network?run=run").error(500);
        logs.get("/network?run=nobody").error(404);
        let flow = logs.get("/flow?run=run&quantity=gradient/rms").frame().header;
        assert_eq!(flow["layers"][0]["name"], "alpha");
    }
}
