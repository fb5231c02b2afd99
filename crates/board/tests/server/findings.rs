//! What is said to be wrong with the runs.

use headwater_events::Writer;
use serde_json::{Value, json};

use crate::client::{Events, Server, write};

/// Records of a network whose gradient vanishes and whose loss stays where it is.
fn starve(writer: &mut Writer, steps: std::ops::Range<i64>) {
    for step in steps {
        writer.scalar(step, "loss", 2.3).unwrap();
        for (layer, size) in [(1, 1e-9), (2, 1e-6), (3, 1e-3)] {
            writer.scalar(step, &format!("delta/rms/layer{layer}"), size).unwrap();
        }
    }
    writer.flush().unwrap();
}

/// The summary, once it says of all runs what is wanted; every message of findings lets it be asked for again.
fn told(server: &Server, changes: &mut Events, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let summary = server.get("/api/findings").json();
        if wanted(&summary) {
            return summary;
        }
        changes.find(|change| change["findings"] == true).unwrap();
    }
}

#[test]
fn a_run_is_told_of_with_where_since_when_why_and_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("a run/1")).unwrap();
    starve(&mut writer, 0..20);
    let server = Server::loaded(folder.path());
    let answer = server.get("/api/findings?run=a%20run/1");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let said = answer.json();
    assert_eq!((&said["run"], &said["looked"]), (&json!("a run/1"), &json!(true)));
    assert_eq!(said["layers"], json!(["layer1", "layer2", "layer3"]));
    assert!(said["not_judged"].as_array().unwrap().iter().any(|what| what.as_str().unwrap().contains("validation")));
    let finding = said["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "vanishing").unwrap();
    assert_eq!((&finding["run"], &finding["severity"]), (&json!("a run/1"), &json!("error")));
    assert_eq!((&finding["first_step"], &finding["last_step"]), (&json!(0), &json!(19)));
    assert_eq!(finding["layers"], json!(["layer1", "layer2"]));
    for (key, is_right) in [
        ("confidence", Value::is_number as fn(&Value) -> bool),
        ("cause", Value::is_string),
        ("summary", Value::is_string),
        ("evidence", Value::is_array),
        ("remedies", Value::is_array),
    ] {
        assert!(is_right(&finding[key]), "{key}: {finding}");
    }
}

#[test]
fn what_is_known_is_not_sent_again_and_a_run_that_is_not_there_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    starve(&mut Writer::create(&folder.path().join("run")).unwrap(), 0..20);
    let server = Server::loaded(folder.path());
    let path = "/api/findings?run=run";
    let tag = server.get(path).header("etag").to_owned();
    let again = server.get_with(path, &[("If-None-Match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    for path in ["/api/findings?run=nobody", "/api/findings?run=", "/api/findings?run=../run"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json()["error"].as_str().unwrap().starts_with("there is no run"), "{path}");
    }
}

#[test]
fn all_runs_are_looked_at_behind_and_the_stream_says_when_there_is_more() {
    let folder = tempfile::tempdir().unwrap();
    for run in ["a", "b"] {
        starve(&mut Writer::create(&folder.path().join(run)).unwrap(), 0..20);
    }
    write(&folder.path().join("empty"), "something/else", [1.0]);
    let server = Server::loaded(folder.path());
    let mut changes = server.events();
    assert_eq!(changes.next().unwrap()["findings"], true, "the first message says to ask for everything");
    let summary = told(&server, &mut changes, |summary| summary["complete"] == true);
    let runs = summary["runs"].as_array().unwrap();
    let names: Vec<_> = runs.iter().map(|run| &run["run"]).collect();
    assert_eq!(names, ["a", "b", "empty"]);
    assert_eq!(runs[0]["worst"], json!({ "rule": "vanishing", "severity": "error" }));
    assert_eq!(runs[0]["errors"].as_u64().unwrap(), 1);
    assert_eq!((&runs[2]["worst"], &runs[2]["looked"]), (&Value::Null, &json!(false)));
}

#[test]
fn what_goes_wrong_while_a_run_is_live_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [2.3; 20]);
    let server = Server::loaded(folder.path());
    let mut changes = server.events();
    let worst = |summary: &Value| summary["runs"][0]["worst"]["rule"].clone();
    told(&server, &mut changes, |summary| summary["complete"] == true && worst(summary) != "not_finite");
    for step in 20..30 {
        writer.scalar(step, "loss", f32::NAN).unwrap();
    }
    writer.flush().unwrap();
    let before = told(&server, &mut changes, |summary| worst(summary) == "not_finite");
    assert_eq!(before["runs"][0]["errors"], 1);
}
