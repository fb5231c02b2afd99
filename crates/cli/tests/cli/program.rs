//! Runs the program.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use headwater_events::record::{self, FOOTER, Frame, HEADER};
use serde_json::Value;

/// How long anything may take before a test gives up: far longer than it does on the busiest machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The program with these arguments, without whatever `HEADWATER_*` the tests were started with.
pub(crate) fn headwater<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(arguments);
    untouched(command)
}

/// Takes the environment's say away from a command.
pub(crate) fn untouched(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEADWATER_") {
            command.env_remove(name);
        }
    }
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LC_ALL", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command
}

/// `train` with these settings, each `KEY=VALUE`, recording into `logdir`.
pub(crate) fn train(logdir: &Path, settings: &[&str]) -> Command {
    let mut command = headwater(["train", "--logdir"]);
    command.arg(logdir);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command
}

/// What a program that ended left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output, one JSON value per line, without live findings.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.objects(|object| object.get("finding").is_none())
    }

    /// Findings that were printed while runs trained: objects with a step and a finding.
    pub(crate) fn live_findings(&self) -> Vec<Value> {
        self.objects(|object| object.get("finding").is_some())
    }

    fn objects(&self, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).filter(is_wanted).collect()
    }

    /// The same with code 0 asserted.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }
}

/// Runs to the end.
pub(crate) fn outcome(command: &mut Command) -> Outcome {
    Running::start(command).wait()
}

/// A program that is running; it is killed if the test gives up before it ends.
pub(crate) struct Running(Child);

impl Running {
    /// Starts with standard error, and standard output unless it was set otherwise, to be read.
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        Self::start_with_own_output(command)
    }

    /// Starts with the standard output that the command has.
    pub(crate) fn start_with_own_output(command: &mut Command) -> Self {
        Self(command.stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: the program of that name is not everywhere.
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.0.id())]).status().unwrap();
        assert!(status.success());
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for the next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        line(self.0.stdout.as_mut().unwrap())
    }

    /// Waits for a line of standard error with `text` in it.
    pub(crate) fn wait_for_stderr(&mut self, text: &str) {
        while !line(self.0.stderr.as_mut().unwrap()).contains(text) {}
    }

    /// Waits until `file` exists.
    pub(crate) fn wait_for(&mut self, file: &Path) {
        let waited = Instant::now();
        while !file.exists() {
            assert!(waited.elapsed() < DEADLINE, "{} did not appear", file.display());
            assert_eq!(self.0.try_wait().unwrap(), None, "it ended before {} appeared", file.display());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the end, reading the output of the program meanwhile.
    pub(crate) fn wait(mut self) -> Outcome {
        let (stdout, stderr) = (read(self.0.stdout.take()), read(self.0.stderr.take()));
        let waited = Instant::now();
        let status = loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                break status;
            }
            assert!(waited.elapsed() < DEADLINE, "it did not end");
            std::thread::sleep(Duration::from_millis(2));
        };
        Outcome { code: status.code(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }
}

/// Reads a pipe to its end on a separate thread.
fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).unwrap();
        }
        text
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if it has ended, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A line, and not a byte more: the rest is for whoever waits for the end.
fn line(pipe: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while byte != *b"\n" {
        pipe.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error} after {:?}", String::from_utf8_lossy(&line)));
        line.extend(byte);
    }
    String::from_utf8(line).unwrap()
}

/// Names and contents of the event files in a run's folder.
pub(crate) fn event_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .filter(|entry| headwater_events::is_event_file(&entry.file_name()))
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// How many records an event file holds; it must end with a whole one.
pub(crate) fn count_records(bytes: &[u8]) -> usize {
    let (mut count, mut rest) = (0, bytes);
    while !rest.is_empty() {
        let Frame::Whole(payload) = record::first(rest) else {
            panic!("no whole record at offset {} of {}", bytes.len() - rest.len(), bytes.len())
        };
        rest = &rest[HEADER + payload.len() + FOOTER..];
        count += 1;
    }
    count
}

/// The manifest of a run.
pub(crate) fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap()
}
