//! `/api/hparams`: what the runs were given, and what came of it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::{Json, extract::State, http::StatusCode, response::Response};
use headwater_events::{
    Run, SeriesKind,
    proto::{AnyKind, AnyValue, Experiment, HParamsData, HParamsPluginData},
};
use headwater_probe::Measure;
use prost::Message as _;
use serde_json::{Map, Value, json};

use super::{config, phase};
use crate::{Board, error::ApiError, number::Number, work::Wanted};

const EXPERIMENT: &str = "_hparams_/experiment";
const SESSION_START: &str = "_hparams_/session_start_info";

/// Parameters and metrics of all runs that are sent at most.
const MOST_VALUES: usize = 500_000;

/// `GET /api/hparams`.
pub(super) async fn hparams(State(board): State<Arc<Board>>) -> Result<Response, ApiError> {
    board.long(|board, wanted| answer(board, MOST_VALUES, wanted).map(Json)).await
}

fn answer(board: &Board, most: usize, wanted: &Wanted) -> Result<Value, ApiError> {
    let statuses: HashMap<_, _> = board.catalogue.statuses().into_iter().collect();
    let runs = board.store.runs();
    let asked = metrics_asked_for(&runs);
    // In the order in which they are first seen.
    let (mut names, mut metrics) = (Map::new(), BTreeSet::new());
    let (mut sessions, mut room) = (Vec::new(), most);
    for run in &runs {
        wanted.check()?;
        let params = params(run);
        names.extend(params.keys().map(|name| (name.clone(), Value::Null)));
        let values = results(board, run, &asked);
        room = room.checked_sub(params.len() + values.len()).ok_or_else(|| {
            let message =
                format!("the runs have more than {most} parameters and metrics; serve a folder with fewer runs");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        })?;
        metrics.extend(values.keys().cloned());
        let status = statuses.get(run.name());
        sessions.push(json!({ "run": run.name(), "status": status, "params": params, "metrics": values }));
    }
    let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
    let border = phase::border(sessions.iter().filter_map(|session: &Value| session["params"].as_object()));
    Ok(json!({ "params": names, "metrics": metrics, "sessions": sessions, "border": border }))
}

/// What the hparams plugin says under a tag: of several sessions in one folder, the last.
fn said(run: &Run, tag: &str) -> Option<HParamsData> {
    let content = run.get(tag)?.info().metadata.content;
    HParamsPluginData::decode(&content[..]).ok()?.data
}

/// The values that a run was given: first those of the hparams plugin, then those of its configuration.
fn params(run: &Run) -> Map<String, Value> {
    let mut params = Map::new();
    if let Some(HParamsData::SessionStartInfo(start)) = said(run, SESSION_START) {
        params.extend(start.hparams.into_iter().map(|(name, value)| (name, plain(&value))));
    }
    for (name, value) in config::text(run).map_or(Map::new(), |text| config::flattened(&text)) {
        params.entry(name).or_insert(value);
    }
    phase::spread(&mut params);
    params
}

fn plain(value: &AnyValue) -> Value {
    match &value.kind {
        Some(AnyKind::NumberValue(number)) => json!(Number(*number)),
        Some(AnyKind::StringValue(text)) => json!(text),
        Some(AnyKind::BoolValue(truth)) => json!(truth),
        Some(AnyKind::ListValue(list)) => list.values.iter().map(plain).collect(),
        Some(AnyKind::StructValue(_) | AnyKind::NullValue(_)) | None => Value::Null,
    }
}

/// The scalars that the plugin names, each with the folder below the session's that it is in. Of the experiments that
/// runs describe, all: they seldom differ.
fn metrics_asked_for(runs: &[Arc<Run>]) -> BTreeSet<(String, String)> {
    let experiments = runs.iter().filter_map(|run| match said(run, EXPERIMENT)? {
        HParamsData::Experiment(Experiment { metric_infos, .. }) => Some(metric_infos),
        _ => None,
    });
    let names = experiments.flatten().filter_map(|metric| metric.name);
    names.map(|name| (name.group, name.tag)).collect()
}

/// Whether a scalar says how a run does, whatever the plugin says.
fn is_result(tag: &str) -> bool {
    [Measure::Loss, Measure::Accuracy].iter().any(|own| own.tag() == tag)
        || tag.starts_with("validation/")
        || tag.starts_with("final/")
}

/// The last number of every metric of a run.
fn results(board: &Board, run: &Run, asked: &BTreeSet<(String, String)>) -> Map<String, Value> {
    let last = |run: &Run, tag: &str| {
        let series = run.get(tag).filter(|series| series.kind() == SeriesKind::Scalar)?;
        let last = series.len().checked_sub(1)?;
        let point = series.points(last..last + 1).pop()?;
        Some(json!(Number(point.value)))
    };
    let mut results = Map::new();
    for (group, tag) in asked {
        let number = match (&**group, &**run.name()) {
            ("", _) => last(run, tag),
            (group, ".") => board.store.run(group).and_then(|run| last(&run, tag)),
            (group, name) => board.store.run(&format!("{name}/{group}")).and_then(|run| last(&run, tag)),
        };
        if let Some(number) = number {
            results.insert(tag.clone(), number);
        }
    }
    for series in run.series() {
        let tag = series.tag();
        if is_result(tag)
            && !results.contains_key(&**tag)
            && let Some(number) = last(run, tag)
        {
            results.insert(tag.to_string(), number);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use headwater_events::{Ending, HParamValue, HParams};

    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn params_come_from_the_plugin_and_the_configuration() {
        let logs = Logs::written(|writer| {
            writer.text(0, "config", "```toml\n[network]\ndepth = 6\n[train]\nrate = 0.5\n```\n").unwrap();
            let values = vec![
                ("train.rate".to_owned(), HParamValue::Number(0.25)),
                ("network.activation".to_owned(), HParamValue::Text("<img src=x>".to_owned())),
            ];
            let metrics = vec!["final/accuracy".to_owned(), "never".to_owned()];
            writer.hparams(&HParams { group: String::new(), values, metrics }).unwrap();
            writer.scalar(0, "loss", 2.0).unwrap();
            writer.scalar(1, "loss", f32::NAN).unwrap();
            writer.scalar(1, "final/accuracy", 0.5).unwrap();
            writer.scalar(1, "gradient/rms/layer1", 0.5).unwrap();
            writer.session_end(Ending::Success).unwrap();
        });
        let answer = logs.get("/hparams").json();
        assert_eq!(answer["params"], json!(["network.activation", "train.rate", "network.depth"]));
        assert_eq!(answer["metrics"], json!(["final/accuracy", "loss"]));
        let session = &answer["sessions"][0];
        assert_eq!(session["run"], "run");
        assert!(session["status"].is_string(), "{session}");
        let params = json!({ "network.activation": "<img src=x>", "train.rate": 0.25, "network.depth": 6 });
        assert_eq!(
            (&session["params"], &session["metrics"]),
            (&params, &json!({ "final/accuracy": 0.5, "loss": "NaN" }))
        );
    }

    #[test]
    fn there_is_a_limit_to_all_parameters_together() {
        let logs = Logs::foreign();
        let values = |kind: &str, answer: &Value| {
            let sessions = answer["sessions"].as_array().unwrap().iter();
            sessions.map(|session| session[kind].as_object().unwrap().len()).sum::<usize>()
        };
        let all = logs.get("/hparams").json();
        let all = values("params", &all) + values("metrics", &all);
        assert!(answer(logs.board(), all, &Wanted::always()).is_ok());
        let error = answer(logs.board(), all - 1, &Wanted::always()).unwrap_err();
        assert!(error.status == StatusCode::PAYLOAD_TOO_LARGE && error.message.contains("fewer runs"), "{error}");
    }

    #[test]
    fn a_second_session_replaces_the_first_in_one_file_and_in_two() {
        let session = |folder: &std::path::Path, step: i64, name: &str, rate: f64| {
            let mut writer = headwater_events::Writer::create(folder).unwrap();
            let values = vec![("lr".to_owned(), HParamValue::Number(rate)), (name.to_owned(), HParamValue::Bool(true))];
            writer.hparams(&HParams { group: String::new(), values, metrics: vec!["acc".to_owned()] }).unwrap();
            writer.scalar(step, "acc", rate as f32 / 8.0).unwrap();
            writer.session_end(Ending::Success).unwrap();
            writer.path().to_owned()
        };
        for together in [false, true] {
            let logs = Logs::written(|_| ());
            let run = logs.path().join("run");
            std::fs::remove_dir_all(&run).unwrap();
            let first = session(&run, 0, "old", 1.0);
            let second = session(&run, 1, "new", 2.0);
            if together {
                let both = [std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap()].concat();
                std::fs::write(&first, both).unwrap();
                std::fs::remove_file(&second).unwrap();
            }
            logs.reload();
            let session = &logs.get("/hparams").json()["sessions"][0];
            let params = json!({ "lr": 2.0, "new": true });
            assert_eq!((&session["params"], &session["metrics"]["acc"]), (&params, &json!(0.25)), "{together}");
        }
    }

    #[test]
    fn hyperparameters_of_other_frameworks_are_read() {
        let answer = Logs::foreign().get("/hparams").json();
        let of = |run: &str| {
            let sessions = answer["sessions"].as_array().unwrap();
            sessions.iter().find(|session| session["run"] == run).unwrap().clone()
        };
        for run in ["pytorch/trial", "tensorboardx/trial"] {
            assert_eq!(of(run)["params"], json!({ "activation": "relu", "lr": 0.1 }), "{run}");
            let accuracy = of(run)["metrics"]["accuracy"].as_f64().unwrap();
            assert!((accuracy - 0.9).abs() < 1e-6, "{run}: {accuracy}");
        }
        assert_eq!(of("tensorflow/two")["params"], json!({ "activation": "relu", "bias": true, "units": 10.0 }));
        assert_eq!(answer["sessions"].as_array().unwrap().len(), 9);
    }
}
