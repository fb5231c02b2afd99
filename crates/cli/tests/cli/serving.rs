//! `headwater serve` and `headwater train --serve`: where they are, and how they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::program::{Running, headwater, outcome, train};

/// How long an answer may take before a test gives up.
const DEADLINE: Duration = Duration::from_secs(60);

/// Asks the server at an address such as `http://127.0.0.1:6007/x/?token=1` for what is at `path` below it.
fn ask(url: &str, path: &str, header: &str) -> BufReader<TcpStream> {
    let rest = url.trim_end().strip_prefix("http://").unwrap();
    let (host, base) = rest.split_once('/').unwrap();
    let (base, query) = base.split_once('?').unwrap_or((base, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let head = format!("GET /{base}{path}?{query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    BufReader::new(stream)
}

fn get(url: &str, path: &str) -> String {
    let mut text = String::new();
    ask(url, path, "").read_to_string(&mut text).unwrap();
    text
}

/// The stream of changes, after its first message.
fn events(url: &str) -> BufReader<TcpStream> {
    let mut stream = ask(url, "api/events", "");
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream ended");
    }
    stream
}

/// Serves a folder at any free port.
fn serve(logdir: &Path, arguments: &[&str]) -> Running {
    Running::start(headwater(["serve", "--port", "0"]).args(arguments).arg(logdir))
}

#[test]
fn the_address_is_the_only_line_on_standard_output() {
    let logdir = tempfile::tempdir().unwrap();
    let mut program = serve(logdir.path(), &[]);
    let url = program.line();
    assert!(get(&url, "api/status").starts_with("HTTP/1.1 200 "));
    assert!(get(&url, "").contains("<title>"));
    program.signal("INT");
    let outcome = program.wait();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(130), "", ""));
}

#[test]
fn signals_end_it_at_once_though_streams_are_open() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let logdir = tempfile::tempdir().unwrap();
        let mut program = serve(logdir.path(), &[]);
        let url = program.line();
        let mut stream = events(&url);
        program.signal(signal);
        assert_eq!(program.wait().code, Some(code));
        // It ends for the client, too.
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

#[test]
fn the_port_file_holds_the_port_of_a_server_that_listens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("port");
    let mut program = serve(folder.path(), &["--port-file", file.to_str().unwrap()]);
    program.wait_for(&file);
    let port = std::fs::read_to_string(&file).unwrap();
    assert!(get(&format!("http://127.0.0.1:{}/", port.trim_end()), "api/status").starts_with("HTTP/1.1 200 "));
    assert!(program.line().contains(&format!(":{}/", port.trim_end())));
    // Nothing of the unfinished file is left.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_port_that_is_taken_is_an_error_if_it_was_asked_for() {
    let logdir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let outcome = outcome(headwater(["serve", "--port", &port]).arg(logdir.path()));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    assert!(outcome.stderr.contains(&format!("port {port} is taken")), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--port"), "{}", outcome.stderr);
}

#[test]
fn without_a_port_the_next_free_one_is_taken_and_named() {
    let logdir = tempfile::tempdir().unwrap();
    // Ours or somebody else's: it is taken in any case.
    let _taken = TcpListener::bind("127.0.0.1:6007");
    let mut program = Running::start(headwater(["serve"]).arg(logdir.path()));
    let url = program.line();
    assert!(!url.contains(":6007/"), "{url}");
    assert!(get(&url, "api/status").starts_with("HTTP/1.1 200 "));
    program.signal("INT");
    assert!(program.wait().stderr.contains("port 6007 is taken; this is port "));
}

#[test]
fn a_file_is_no_log_directory_and_a_missing_one_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = outcome(headwater(["serve"]).arg(&file));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("is a file"), "{}", refused.stderr);

    let mut program = serve(&folder.path().join("later"), &[]);
    assert!(get(&program.line(), "").contains("<title>"));
    program.signal("INT");
    assert!(program.wait().stderr.contains("does not exist yet"));
}

#[test]
fn other_machines_need_a_token_and_the_address_carries_it() {
    let logdir = tempfile::tempdir().unwrap();
    let mut program = serve(logdir.path(), &["--host", "0.0.0.0"]);
    let url = program.line();
    let (bare, token) = url.trim_end().split_once("?token=").unwrap();
    assert_eq!(token.len(), 64);
    assert!(get(bare, "api/status").starts_with("HTTP/1.1 401 "));
    assert!(get(&url, "").starts_with("HTTP/1.1 303 "));
    let mut answer = String::new();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    ask(bare, "api/status", &bearer).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_path_prefix_is_part_of_the_address() {
    let logdir = tempfile::tempdir().unwrap();
    let mut program = serve(logdir.path(), &["--path-prefix", "/board/"]);
    let url = program.line();
    assert!(url.trim_end().ends_with("/board/"), "{url}");
    assert!(get(&url, "api/status").starts_with("HTTP/1.1 200 "));
    let wrong = outcome(headwater(["serve", "--path-prefix", "board"]).arg(logdir.path()));
    assert_eq!(wrong.code, Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn streams_of_clients_that_are_gone_are_closed() {
    let logdir = tempfile::tempdir().unwrap();
    let mut program = serve(logdir.path(), &[]);
    let url = program.line();
    let folder = format!("/proc/{}/fd", program.id());
    let open = || std::fs::read_dir(&folder).unwrap().count();
    // Beside sockets it opens what it follows the folder with: a few files.
    let few = open() + 20;
    let streams: Vec<_> = (0..100).map(|_| events(&url)).collect();
    assert!(open() > few);
    drop(streams);
    let waited = std::time::Instant::now();
    while open() > few {
        assert!(waited.elapsed() < DEADLINE, "{} files are open", open());
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn training_can_be_looked_at_while_it_runs_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let (logdir, file) = (folder.path().join("logs"), folder.path().join("port"));
    let mut command = train(&logdir, &["data.source=blobs", "train.steps=3"]);
    command.args(["--serve", "--port", "0", "--port-file"]).arg(&file);
    let mut program = Running::start(&mut command);
    program.wait_for(&file);
    let url = format!("http://127.0.0.1:{}/", std::fs::read_to_string(&file).unwrap().trim_end());
    // The verdict is printed at the end of training, and the server goes on.
    let verdict = program.line();
    assert!(!verdict.is_empty());
    assert!(get(&url, "api/status").starts_with("HTTP/1.1 200 "));
    let stream = events(&url);
    program.wait_for_stderr("Ctrl-C ends it");
    program.signal("INT");
    assert_eq!(program.wait().code, Some(130));
    drop(stream);
}

#[test]
fn where_to_serve_is_an_error_without_serving() {
    let outcome = outcome(&mut headwater(["train", "--port", "6100"]));
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("--serve"), "{}", outcome.stderr);
}
