//! Nobody but the user's own page asks; nothing but the log's records and the page's files is answered.

use headwater_board::{Hosts, Options, Token};
use serde_json::json;

use crate::client::{Answer, Server, write};

fn is_protected(answer: &Answer) -> bool {
    let policy = answer.header("content-security-policy");
    policy.contains("default-src 'none'")
        && policy.contains("script-src 'self'")
        && policy.contains("frame-ancestors 'none'")
        && !policy.contains("unsafe")
        && answer.header("x-content-type-options") == "nosniff"
        && !answer.headers.contains_key("access-control-allow-origin")
}

fn with_token(prefix: &str) -> (tempfile::TempDir, Token, Server) {
    let folder = tempfile::tempdir().unwrap();
    let token = Token::random().unwrap();
    let prefix = prefix.parse().unwrap();
    let options = Options { hosts: Hosts::default(), token: Some(token.clone()), prefix };
    let server = Server::with(folder.path(), options);
    (folder, token, server)
}

#[test]
fn every_kind_of_answer_is_protected() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let tag = server.get("/").header("etag").to_owned();
    let large = vec![b' '; 2_000_000];
    let as_json = ("Content-Type", "application/json");
    for (status, answer) in [
        (200, server.get("/")),
        (200, server.get("/ui/app.js")),
        (200, server.get("/api/status")),
        (200, server.post("/api/scalars", &json!({ "series": [] }))),
        (200, server.ask("HEAD", "/", &[], b"")),
        (304, server.get_with("/", &[("If-None-Match", &tag)])),
        (400, server.post("/api/pixels", &json!({ "series": [], "columns": 0 }))),
        (400, server.ask("POST", "/api/scalars", &[as_json], b"{")),
        (403, server.get_with("/", &[("Host", "evil.example")])),
        (404, server.get("/nothing")),
        (404, server.get("/api/nothing")),
        (405, server.ask("DELETE", "/api/status", &[], b"")),
        (413, server.ask("POST", "/api/scalars", &[as_json], &large)),
        (415, server.ask("POST", "/api/scalars", &[], b"{}")),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(is_protected(&answer), "{answer:?}");
        if status >= 400 {
            assert!(answer.json()["error"].is_string(), "{answer:?}");
        }
    }
    let (_folder, _, server) = with_token("");
    let answer = server.get("/");
    assert_eq!(answer.status, 401);
    assert!(is_protected(&answer), "{answer:?}");
}

#[test]
fn a_page_that_lets_its_own_name_point_here_learns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    for host in
        ["evil.example", "evil.example:6007", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""]
    {
        for path in ["/", "/ui/app.js", "/api/status", "/api/events"] {
            assert_eq!(server.get_with(path, &[("Host", host)]).status, 403, "{host} {path}");
        }
    }
    // The name in the request line counts, not the one behind it.
    assert_eq!(server.get("http://evil.example/api/status").status, 403);
    for host in ["localhost", "127.0.0.1:1", "[::1]"] {
        assert_eq!(server.get_with("/api/status", &[("Host", host)]).status, 200, "{host}");
    }
    let hosts = Hosts::default().and_name("proxy.example");
    let server = Server::with(folder.path(), Options { hosts, ..Options::default() });
    assert_eq!(server.get_with("/api/status", &[("Host", "Proxy.Example")]).status, 200);
}

#[test]
fn without_the_token_nothing_is_answered() {
    let (_folder, token, server) = with_token("");
    for path in ["/", "/ui/app.js", "/api/status", "/api/events", "/nothing"] {
        assert_eq!(server.get(path).status, 401, "{path}");
        let wrong = format!("{path}?token={}", "0".repeat(64));
        assert_eq!(server.get(&wrong).status, 401, "{path}");
        assert_eq!(server.get_with(path, &[("Authorization", "Bearer x")]).status, 401, "{path}");
    }
    assert_eq!(server.post("/api/scalars", &json!({ "series": [] })).status, 401);
    let bearer = format!("Bearer {}", token.as_str());
    assert_eq!(server.get_with("/api/status", &[("Authorization", &bearer)]).status, 200);
}

#[test]
fn the_printed_address_becomes_a_cookie_and_leaves_the_address_bar() {
    let (_folder, token, server) = with_token("/x");
    let answer = server.get(&format!("/x/?a=1&token={}&b=2", token.as_str()));
    assert_eq!((answer.status, answer.header("location")), (303, "/x/?a=1&b=2"));
    let cookie = answer.header("set-cookie");
    // A strict one is missing in the redirect when a link in another site's page was followed.
    assert_eq!(cookie.split("; ").skip(1).collect::<Vec<_>>(), ["Path=/x", "HttpOnly", "SameSite=Lax"]);
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(server.get_with("/x/api/status", &[("Cookie", cookie)]).status, 200);
    // The prefix itself leads to the page, with the cookie that it is given.
    let answer = server.get(&format!("/x?token={}", token.as_str()));
    assert_eq!((answer.status, answer.header("location")), (303, "/x"));
    let answer = server.get_with("/x", &[("Cookie", cookie)]);
    assert_eq!((answer.status, answer.header("location")), (308, "/x/"));
    let (_folder, other, root) = with_token("");
    let answer = root.get(&format!("/?token={}", other.as_str()));
    assert!(answer.header("set-cookie").contains("; Path=/; "), "{answer:?}");
    // Nobody is sent elsewhere by an address that begins like one of another host.
    for path in ["//evil.example/", "/\\evil.example/"] {
        let answer = server.get(&format!("{path}?token={}", token.as_str()));
        assert_eq!((answer.status, answer.header("location")), (303, "/evil.example/"), "{path}");
    }
}

#[test]
fn no_path_leads_out_of_the_page_s_folder() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    for path in [
        "/ui/../Cargo.toml",
        "/ui/%2e%2e/Cargo.toml",
        "/ui/..%2fCargo.toml",
        "/ui/%2E%2E%2FCargo.toml",
        "/ui/lib/../../Cargo.toml",
        "/ui/lib/%2e%2e/%2e%2e/Cargo.toml",
        "/ui/..%5cCargo.toml",
        "/ui//etc/passwd",
        "/ui/%2fetc%2fpasswd",
        "/ui/%00",
        "/ui/.",
        "/ui/",
        "/ui/lib",
        "/../Cargo.toml",
        "/Cargo.toml",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn names_of_runs_and_tags_are_looked_up_and_never_opened() {
    let parent = tempfile::tempdir().unwrap();
    let logdir = parent.path().join("logs");
    write(&logdir.join("run"), "loss", [1.0]);
    write(&parent.path().join("secret"), "loss", [2.0]);
    let server = Server::loaded(&logdir);
    for run in ["../secret", "run/../../secret", "/etc", "..\\secret"] {
        let body = json!({ "series": [{ "run": run, "tag": "loss" }] });
        for path in ["/api/scalars", "/api/pixels"] {
            let (header, arrays) = server.post(path, &body).frame();
            assert_eq!(header["series"][0]["gone"], true, "{run}");
            assert!(arrays.iter().all(Vec::is_empty));
        }
    }
    for query in ["run=../secret&tag=loss", "run=..%2Fsecret&tag=loss", "run=run&tag=..%2F..%2Fsecret"] {
        let path = format!("/api/histograms?{query}");
        assert_eq!(server.get(&path).status, 404, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_of_another_kind_shows_nothing_of_it() {
    let parent = tempfile::tempdir().unwrap();
    let (logdir, secret) = (parent.path().join("logs"), parent.path().join("secret.txt"));
    std::fs::write(&secret, "the words of a secret that must not be shown").unwrap();
    write(&logdir.join("run"), "loss", [1.0]);
    std::os::unix::fs::symlink(&secret, logdir.join("run/events.out.tfevents.9.x")).unwrap();
    std::os::unix::fs::symlink(&secret, logdir.join("run/secret.txt")).unwrap();
    let server = Server::loaded(&logdir);
    for path in ["/api/catalogue", "/api/problems", "/api/status", "/api/hparams", "/run/secret.txt", "/ui/secret.txt"]
    {
        let body = server.get(path).body;
        assert!(!String::from_utf8_lossy(&body).contains("words of a secret"), "{path}");
    }
}

#[test]
fn whatever_is_asked_in_another_way_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("run"), "loss", [1.0]);
    let server = Server::loaded(folder.path());
    let before = server.get("/api/status").body;
    for path in ["/", "/ui/app.js", "/api/status", "/api/catalogue", "/api/problems", "/api/events", "/api/histograms"]
    {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = server.ask(method, path, &[], b"");
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(answer.header("allow").contains("GET"), "{answer:?}");
        }
    }
    for path in ["/api/scalars", "/api/pixels"] {
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            assert_eq!(server.ask(method, path, &[], b"").status, 405, "{method} {path}");
        }
    }
    assert_eq!(server.get("/api/status").body, before);
}
