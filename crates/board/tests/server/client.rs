//! A server on a port of its own, and a client that sends what it is told to, unlike any browser.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use headwater_board::Options;
use headwater_events::{Store, Writer};
use serde_json::Value;

/// How long anything may take before a test gives up: far longer than it does on the busiest machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server; it ends with the test's process.
pub(crate) struct Server {
    address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The header of a frame and its arrays, which must all be of f64's.
    #[track_caller]
    pub(crate) fn frame(&self) -> (Value, Vec<Vec<f64>>) {
        assert_eq!(self.status, 200, "{self:?}");
        let (length, rest) = self.body.split_first_chunk::<4>().unwrap();
        let length = u32::from_le_bytes(*length) as usize;
        let header: Value = serde_json::from_slice(&rest[..length]).unwrap();
        let mut rest = &self.body[(4 + length).next_multiple_of(8)..];
        let mut arrays = Vec::new();
        for array in header["arrays"].as_array().unwrap() {
            assert_eq!(array["type"], "f64");
            let (bytes, more) = rest.split_at(8 * array["length"].as_u64().unwrap() as usize);
            arrays.push(bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect());
            rest = more;
        }
        assert!(rest.is_empty());
        (header, arrays)
    }
}

impl Server {
    /// Of a folder, for this machine.
    pub(crate) fn start(logdir: &Path) -> Self {
        Self::with(logdir, Options::default())
    }

    pub(crate) fn with(logdir: &Path, options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = headwater_board::app(Store::open(logdir), options);
        std::thread::spawn(move || headwater_board::serve(listener, &app));
        Server { address }
    }

    /// The same, once the first look at the folder is through.
    pub(crate) fn loaded(logdir: &Path) -> Self {
        let server = Self::start(logdir);
        server.events().find(|change| change["loading"] == false);
        server
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// Asks; `headers` replace those of the same name.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.open(method, path, headers, body);
        let (status, headers) = head(&mut stream);
        let mut body = Vec::new();
        if method != "HEAD" && status != 304 {
            read_body(&mut stream, &headers, &mut body);
        }
        Answer { status, headers, body }
    }

    /// The stream that says what grew.
    pub(crate) fn events(&self) -> Events {
        let mut stream = self.open("GET", "/api/events", &[("Accept-Encoding", "br, gzip")], b"");
        let (status, headers) = head(&mut stream);
        assert_eq!((status, headers["content-type"].as_str()), (200, "text/event-stream"));
        // A compressor would keep messages until it has enough of them.
        assert!(!headers.contains_key("content-encoding"));
        Events { stream }
    }

    fn open(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text += &format!("Host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
        // A server that refuses a question before it is through may not read the rest of it.
        let _ = stream.write_all(body);
        BufReader::new(stream)
    }
}

fn line(stream: &mut impl BufRead) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

fn head(stream: &mut impl BufRead) -> (u16, HashMap<String, String>) {
    let status = line(stream);
    let status = status.split(' ').nth(1).unwrap_or_else(|| panic!("no status: {status:?}")).parse().unwrap();
    let mut headers = HashMap::new();
    loop {
        let line = line(stream);
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    (status, headers)
}

fn read_body(stream: &mut impl BufRead, headers: &HashMap<String, String>, body: &mut Vec<u8>) {
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        while let Some(chunk) = chunk(stream) {
            body.extend(chunk);
        }
    } else {
        stream.read_to_end(body).unwrap();
    }
}

/// None at the end.
fn chunk(stream: &mut impl BufRead) -> Option<Vec<u8>> {
    let length = usize::from_str_radix(&line(stream), 16).ok().filter(|length| *length > 0)?;
    let mut chunk = vec![0; length + 2];
    stream.read_exact(&mut chunk).ok()?;
    chunk.truncate(length);
    Some(chunk)
}

/// Changes, as they come.
pub(crate) struct Events {
    stream: BufReader<TcpStream>,
}

impl Iterator for Events {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        loop {
            let text = String::from_utf8(chunk(&mut self.stream)?).unwrap();
            if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) {
                assert!(text.starts_with("event: changed\n"), "{text}");
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }
}

/// Writes `values` of a tag at the steps from 0 on.
pub(crate) fn write(folder: &Path, tag: &str, values: impl IntoIterator<Item = f32>) -> Writer {
    let mut writer = Writer::create(folder).unwrap();
    for (step, value) in (0..).zip(values) {
        writer.scalar(step, tag, value).unwrap();
    }
    writer.flush().unwrap();
    writer
}
