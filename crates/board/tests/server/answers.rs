//! What the page asks for.

use std::io::Read;

use headwater_board::Options;
use headwater_events::{Ending, Writer};
use serde_json::{Value, json};

use crate::client::{Server, write};

fn ask(run: &str, tag: &str) -> Value {
    json!({ "series": [{ "run": run, "tag": tag }] })
}

#[test]
fn the_catalogue_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    for (run, ending) in [("done", Ending::Success), ("failed", Ending::Failure)] {
        let mut writer = write(&folder.path().join(run), "loss", [2.0, 1.0]);
        writer.scalar(7, "gradient/mean_abs/layer1", 0.5).unwrap();
        writer.session_end(ending).unwrap();
        writer.flush().unwrap();
    }
    write(&folder.path().join("live"), "loss", [1.0]);
    write(&folder.path().join("diverged"), "loss", [1.0, f32::NAN]);
    let server = Server::loaded(folder.path());
    let answer = server.get("/api/catalogue");
    assert_eq!(answer.header("content-type"), "application/json");
    let catalogue = answer.json();
    assert_eq!((&catalogue["loading"], &catalogue["problems"]), (&json!(false), &json!(0)));
    let runs = catalogue["runs"].as_array().unwrap();
    let said: Vec<_> =
        runs.iter().map(|run| (run["name"].as_str().unwrap(), run["status"].as_str().unwrap())).collect();
    assert_eq!(said, [("diverged", "diverged"), ("done", "done"), ("failed", "failed"), ("live", "live")]);
    // Equal tags, one set.
    assert_eq!((&runs[0]["set"], &runs[1]["set"]), (&runs[3]["set"], &runs[2]["set"]));
    assert_eq!(catalogue["sets"].as_array().unwrap().len(), 2);
    let set = &catalogue["sets"][runs[1]["set"].as_u64().unwrap() as usize];
    let tags: Vec<_> = set["tags"].as_array().unwrap().iter().collect();
    let tag = |index: &&Value| catalogue["tags"][index.as_u64().unwrap() as usize]["tag"].clone();
    let tags: Vec<_> = tags.iter().map(tag).collect();
    assert_eq!(tags, ["_hparams_/session_end_info", "gradient/mean_abs/layer1", "loss"]);
    assert_eq!(set["flow"][0], json!({ "quantity": "gradient/mean_abs", "layers": ["layer1"] }));
    assert_eq!((&runs[1]["first_step"], &runs[1]["last_step"]), (&json!(0), &json!(7)));
    assert!(runs[1]["updated"].as_f64().unwrap() >= runs[1]["started"].as_f64().unwrap());
}

#[test]
fn an_answer_that_is_known_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    for path in ["/", "/ui/app.js", "/api/catalogue", "/api/status", "/api/problems"] {
        let answer = server.get(path);
        let tag = answer.header("etag");
        assert!(!tag.is_empty(), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        let again = server.get_with(path, &[("If-None-Match", tag)]);
        assert_eq!((again.status, again.header("etag"), again.body.len()), (304, tag, 0), "{path}");
        assert_eq!(server.get_with(path, &[("If-None-Match", "W/\"other\"")]).status, 200, "{path}");
    }
    let tag = server.get("/api/catalogue").header("etag").to_owned();
    let mut changes = server.events();
    changes.next().unwrap();
    writer.scalar(1, "loss", 2.0).unwrap();
    writer.flush().unwrap();
    changes.next().unwrap();
    assert_eq!(server.get_with("/api/catalogue", &[("If-None-Match", &tag)]).status, 200);
}

#[test]
fn answers_are_compressed_for_those_who_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", (0..2000u16).map(f32::from));
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    for tag in 0..100 {
        writer.scalar(0, &format!("tag/{tag}"), 0.0).unwrap();
    }
    writer.flush().unwrap();
    let server = Server::loaded(folder.path());
    for path in ["/ui/app.js", "/api/catalogue"] {
        let plain = server.get(path);
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let small = server.get_with(path, &[("Accept-Encoding", "gzip, br")]);
        assert_eq!(small.header("content-encoding"), "br", "{path}");
        assert!(small.header("vary").to_lowercase().contains("accept-encoding"), "{path}");
        let mut body = Vec::new();
        brotli::Decompressor::new(&*small.body, 4096).read_to_end(&mut body).unwrap();
        assert!(body == plain.body && small.body.len() < body.len() / 2, "{path}");
        assert_eq!(server.get_with(path, &[("Accept-Encoding", "br;q=0")]).header("content-encoding"), "", "{path}");
    }
    let headers = [("Content-Type", "application/json"), ("Accept-Encoding", "br")];
    let answer = server.ask("POST", "/api/scalars", &headers, ask("run", "loss").to_string().as_bytes());
    assert_eq!(answer.header("content-encoding"), "br");
}

#[test]
fn scalars_come_from_where_the_client_left_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = write(&folder.path().join("run"), "loss", (0..1000u16).map(f32::from));
    writer.scalar(5, "loss", f32::NEG_INFINITY).unwrap();
    writer.flush().unwrap();
    let server = Server::loaded(folder.path());
    let (header, arrays) = server.post("/api/scalars", &ask("run", "loss")).frame();
    let entry = &header["series"][0];
    assert_eq!((&entry["from"], &entry["count"], &entry["total"]), (&json!(0), &json!(1001), &json!(1001)));
    assert_eq!(entry["segments"], json!([0, 1000]));
    assert_eq!((arrays[0][1000], arrays[2][1000], arrays[2][999]), (5.0, f64::NEG_INFINITY, 999.0));

    let generation = &entry["generation"];
    let part = json!({ "run": "run", "tag": "loss", "generation": generation, "from": 900 });
    let (header, arrays) = server.post("/api/scalars", &json!({ "series": [part], "limit": 50 })).frame();
    let entry = &header["series"][0];
    assert_eq!((&entry["from"], &entry["count"], &entry["total"]), (&json!(900), &json!(50), &json!(1001)));
    assert_eq!((arrays[0][0], arrays[2][49]), (900.0, 949.0));

    // Of another reading nothing is left: from the beginning.
    let other = generation.as_u64().unwrap() + 1;
    let part = json!({ "run": "run", "tag": "loss", "generation": other, "from": 900 });
    let (header, arrays) = server.post("/api/scalars", &json!({ "series": [part] })).frame();
    assert_eq!((&header["series"][0]["from"], arrays[0].len()), (&json!(0), 1001));
    let (header, _) = server.post("/api/scalars", &ask("run", "no such tag")).frame();
    assert_eq!(header["series"][0]["gone"], true);
}

#[test]
fn a_series_is_named_once_and_there_is_a_limit_to_how_many_are() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let named = |tags: &[String]| {
        let series: Vec<_> = tags.iter().map(|tag| json!({ "run": "run", "tag": tag })).collect();
        json!({ "series": series })
    };
    let many: Vec<String> = (0..5001).map(|tag| tag.to_string()).collect();
    for path in ["/api/scalars", "/api/pixels"] {
        assert_eq!(server.post(path, &named(&many[..5000])).status, 200);
        let answer = server.post(path, &named(&many));
        assert!(
            answer.status == 400 && answer.json()["error"].as_str().unwrap().contains("at most 5000"),
            "{answer:?}"
        );
        let answer = server.post(path, &named(&["loss".to_owned(), "other".to_owned(), "loss".to_owned()]));
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && error.contains("\"loss\" of run \"run\" is named twice"), "{error}");
    }
}

#[test]
fn the_segments_of_many_series_are_listed_as_far_as_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    // Two writers at once: every second point begins a segment.
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    for _ in 0..300 {
        for step in [1, 0] {
            for tag in 0..1000 {
                writer.scalar(step, &tag.to_string(), 0.0).unwrap();
            }
        }
    }
    writer.flush().unwrap();
    let server = Server::loaded(folder.path());
    for path in ["/api/scalars", "/api/pixels"] {
        let listed = |count: usize| {
            let series: Vec<_> = (0..count).map(|tag| json!({ "run": "run", "tag": tag.to_string() })).collect();
            let (header, _) = server.post(path, &json!({ "series": series })).frame();
            let entries = header["series"].as_array().unwrap().clone();
            entries.iter().map(|entry| entry["segments"].as_array().unwrap().len()).collect::<Vec<_>>()
        };
        assert_eq!(listed(1), [301]);
        assert_eq!(listed(1000), [200; 1000]);
    }
}

#[test]
fn an_answer_has_at_most_a_million_points() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    for step in 0..110_000 {
        for tag in 0..10 {
            writer.scalar(step, &tag.to_string(), 0.0).unwrap();
        }
    }
    writer.flush().unwrap();
    let server = Server::loaded(folder.path());
    let many: Vec<_> = (0..10).map(|tag| json!({ "run": "run", "tag": tag.to_string() })).collect();
    let (header, arrays) = server.post("/api/scalars", &json!({ "series": many, "limit": 110_000 })).frame();
    assert_eq!(arrays.iter().map(Vec::len).sum::<usize>(), 3_000_000);
    let last = &header["series"][9];
    assert_eq!((&last["count"], &last["total"]), (&json!(10_000), &json!(110_000)));
}

#[test]
fn pixels_keep_the_one_spike_and_the_ends() {
    let folder = tempfile::tempdir().unwrap();
    let value = |step| if step == 77_777 { -1e6 } else { 1.0 };
    write(&folder.path().join("run"), "loss", (0..100_000).map(value));
    let server = Server::loaded(folder.path());
    let (header, arrays) = server.post("/api/pixels", &ask("run", "loss")).frame();
    let entry = &header["series"][0];
    assert_eq!((&entry["reduced"], &entry["total"]), (&json!(true), &json!(100_000)));
    let spikes: Vec<usize> = (0..arrays[2].len()).filter(|&i| arrays[2][i] == -1e6).collect();
    assert_eq!(spikes.len(), 1);
    assert!((arrays[0][spikes[0]] - 77_777.0).abs() < 125.0);
    assert!(arrays[0].len() <= 4 * 800);
    assert_eq!((arrays[0][0], *arrays[0].last().unwrap()), (0.0, 99_999.0));

    let part = json!({ "series": [{ "run": "run", "tag": "loss" }], "low": 77_700, "high": 77_799, "columns": 100 });
    let (_, arrays) = server.post("/api/pixels", &part).frame();
    // A pixel for every point: nothing is reduced.
    assert_eq!((arrays[0].len(), arrays[2][77]), (100, -1e6));
}

#[test]
fn everything_stands_below_the_prefix() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", [1.0]);
    let options = Options { prefix: "/user/board".parse().unwrap(), ..Options::default() };
    let server = Server::with(folder.path(), options);
    for path in ["/user/board/", "/user/board/ui/app.js", "/user/board/api/status"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let answer = server.get("/user/board");
    assert_eq!((answer.status, answer.header("location")), (308, "/user/board/"));
    for path in ["/", "/ui/app.js", "/api/status", "/user/"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    // The page itself names nothing from the root.
    let page = String::from_utf8(server.get("/user/board/").body).unwrap();
    assert!(!page.contains("=\"/"), "{page}");
}

#[test]
fn a_folder_that_is_not_there_yet_is_waited_for() {
    let parent = tempfile::tempdir().unwrap();
    let logdir = parent.path().join("later");
    let server = Server::loaded(&logdir);
    assert_eq!(server.get("/").status, 200);
    assert_eq!(server.get("/api/catalogue").json()["runs"], json!([]));
    let mut changes = server.events();
    write(&logdir.join("run"), "loss", [1.0]);
    changes.find(|change| change["runs"] == json!(["run"])).unwrap();
    assert_eq!(server.get("/api/catalogue").json()["runs"][0]["name"], "run");
}
