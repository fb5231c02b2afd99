//! The stream that says what grew.

use serde_json::json;

use crate::client::{Server, write};

#[test]
fn the_first_message_comes_at_once_and_says_to_ask_for_everything() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let first = server.events().next().unwrap();
    assert_eq!((&first["catalogue"], &first["runs"], &first["gone"]), (&json!(true), &json!(null), &json!([])));
    assert_eq!(first["version"], server.get("/api/status").json()["version"]);
}

#[test]
fn a_flushed_value_is_told_of_and_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [1.0]);
    write(&folder.path().join("other"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let mut changes = server.events();
    changes.next().unwrap();
    for step in 1..4 {
        writer.scalar(step, "loss", 2.0).unwrap();
        writer.flush().unwrap();
        let change = changes.next().unwrap();
        assert_eq!((&change["catalogue"], &change["runs"]), (&json!(false), &json!(["run"])));
        let (header, _) = server.post("/api/scalars", &json!({ "series": [{ "run": "run", "tag": "loss" }] })).frame();
        assert_eq!(header["series"][0]["total"], step + 1);
    }
    // A new tag and a new run are news for the catalogue.
    writer.scalar(4, "accuracy", 0.5).unwrap();
    writer.flush().unwrap();
    assert_eq!(changes.next().unwrap()["catalogue"], true);
    write(&folder.path().join("new"), "loss", [1.0]);
    let change = changes.find(|change| change["runs"].as_array().unwrap().contains(&json!("new"))).unwrap();
    assert_eq!(change["catalogue"], true);
}

#[test]
fn a_client_that_comes_back_is_told_to_ask_for_everything() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let mut witness = server.events();
    let before = witness.next().unwrap()["version"].as_u64().unwrap();
    drop(server.events());
    writer.scalar(1, "loss", 2.0).unwrap();
    writer.flush().unwrap();
    witness.next().unwrap();
    let again = server.events().next().unwrap();
    assert!(again["version"].as_u64().unwrap() > before);
    assert_eq!((&again["catalogue"], &again["runs"]), (&json!(true), &json!(null)));
}

#[test]
fn a_run_that_is_deleted_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let mut changes = server.events();
    changes.next().unwrap();
    std::fs::remove_dir_all(folder.path().join("run")).unwrap();
    let change = changes.find(|change| change["gone"] == json!(["run"])).unwrap();
    assert_eq!(change["catalogue"], true);
    assert_eq!(server.get("/api/catalogue").json()["runs"], json!([]));
}

#[test]
fn the_runs_of_a_log_directory_that_is_deleted_are_gone() {
    let parent = tempfile::tempdir().unwrap();
    let logdir = parent.path().join("logs");
    for run in ["a", "b"] {
        write(&logdir.join(run), "loss", [1.0]);
    }
    let server = Server::loaded(&logdir);
    let mut changes = server.events();
    changes.next().unwrap();
    // In one step, as a person's `mv` would.
    std::fs::rename(&logdir, parent.path().join("elsewhere")).unwrap();
    changes.find(|change| change["catalogue"] == true && change["gone"] != json!([])).unwrap();
    assert_eq!(server.get("/api/catalogue").json()["runs"], json!([]));
    let status = server.get("/api/status").json();
    assert_eq!((&status["runs"], &status["values"], &status["files"]), (&json!(0), &json!(0), &json!(0)));
    std::fs::write(&logdir, "a file in its place").unwrap();
    std::fs::remove_file(&logdir).unwrap();
    std::fs::rename(parent.path().join("elsewhere"), &logdir).unwrap();
    changes.find(|change| change["catalogue"] == true && change["runs"] != json!([])).unwrap();
    assert_eq!(server.get("/api/catalogue").json()["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn whoever_asks_takes_the_news_from_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let mut changes = server.events();
    changes.next().unwrap();
    for tag in 0..20 {
        writer.scalar(0, &format!("tag/{tag}"), 1.0).unwrap();
        writer.flush().unwrap();
        // Asked for as soon as it is there, which is before it is told of.
        let knows = |path: &str, number: usize| {
            let answer = server.get(path).json();
            let runs = answer["runs"].as_array().map_or(answer["values"].as_u64(), |runs| runs[0]["values"].as_u64());
            runs == Some(number as u64)
        };
        let path = if tag % 2 == 0 { "/api/status" } else { "/api/catalogue" };
        while !knows(path, tag + 2) {}
        changes.find(|change| change["catalogue"] == true).unwrap();
    }
}

#[test]
fn a_run_that_is_replaced_has_another_generation() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    drop(write(&run, "loss", [1.0, 2.0, 3.0]));
    let server = Server::loaded(folder.path());
    let asked = json!({ "series": [{ "run": "run", "tag": "loss" }] });
    let (header, _) = server.post("/api/scalars", &asked).frame();
    let before = header["series"][0]["generation"].as_u64().unwrap();
    let mut changes = server.events();
    changes.next().unwrap();

    // The new one takes the old one's place in one step, as a copy from elsewhere would.
    let elsewhere = tempfile::tempdir_in(folder.path().parent().unwrap()).unwrap();
    drop(write(elsewhere.path(), "loss", [7.0]));
    let file = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(file(elsewhere.path()), file(&run)).unwrap();

    changes.find(|change| change["catalogue"] == true).unwrap();
    let part = json!({ "run": "run", "tag": "loss", "generation": before, "from": 3 });
    // Emptied, then filled: what there is of it may come in two steps.
    let (header, arrays) = loop {
        let (header, arrays) = server.post("/api/scalars", &json!({ "series": [part] })).frame();
        if header["series"][0]["total"] == 1 {
            break (header, arrays);
        }
        changes.next().unwrap();
    };
    let entry = &header["series"][0];
    assert!(entry["generation"].as_u64().unwrap() > before);
    assert_eq!((&entry["from"], arrays[2].as_slice()), (&json!(0), [7.0].as_slice()));
}

#[test]
fn clients_that_do_not_read_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let asleep: Vec<_> = (0..50).map(|_| server.events()).collect();
    let mut awake = server.events();
    awake.next().unwrap();
    for step in 1..20 {
        writer.scalar(step, "loss", 2.0).unwrap();
        writer.flush().unwrap();
        awake.next().unwrap();
    }
    let last = server.get("/api/status").json()["version"].clone();
    for mut slow in asleep {
        slow.find(|change| change["version"] == last).unwrap();
    }
}
