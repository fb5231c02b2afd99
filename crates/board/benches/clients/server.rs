//! The server's process, and asking it.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use headwater_board::Options;
use headwater_events::Store;

/// What the process does: serves at any port, whose number it leaves in a file.
pub(crate) fn run(logdir: &Path, port_file: &Path) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let unfinished = port_file.with_extension("unfinished");
    fs::write(&unfinished, listener.local_addr()?.port().to_string())?;
    fs::rename(&unfinished, port_file)?;
    headwater_board::serve(listener, &headwater_board::app(Store::open(logdir), Options::default()))?;
    Ok(())
}

/// A process that serves, until this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts one. Returns how long it took from its start to its first answer, too.
    pub(crate) fn start(logdir: &Path) -> Result<(Self, Duration), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let port_file = folder.path().join("port");
        let start = Instant::now();
        let child = Command::new(std::env::current_exe()?).arg("serve").arg(logdir).arg(&port_file).spawn()?;
        let mut server = Server { child, port: 0 };
        while !port_file.exists() {
            std::thread::sleep(Duration::from_micros(200));
        }
        server.port = fs::read_to_string(&port_file)?.parse()?;
        server.get("/api/status", "identity")?;
        Ok((server, start.elapsed()))
    }

    /// The body of an answer.
    pub(crate) fn get(&self, path: &str, accept: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut stream = self.ask(path, accept)?;
        let mut line = String::new();
        stream.read_line(&mut line)?;
        if !line.contains(" 200 ") {
            return Err(format!("{path}: {line}").into());
        }
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line)?;
        }
        let mut body = Vec::new();
        stream.read_to_end(&mut body)?;
        Ok(body)
    }

    /// Sends a question.
    pub(crate) fn ask(&self, path: &str, accept: &str) -> Result<BufReader<TcpStream>, Box<dyn Error>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {accept}\r\nConnection: close\r\n\r\n");
        stream.write_all(text.as_bytes())?;
        Ok(BufReader::new(stream))
    }

    /// Waits until the first look at the folder is through.
    pub(crate) fn wait_until_loaded(&self) -> Result<(), Box<dyn Error>> {
        let mut stream = self.ask("/api/events", "identity")?;
        while !next(&mut stream)?.contains("\"loading\":false") {}
        Ok(())
    }

    /// Memory in MB, and open files.
    pub(crate) fn size(&self) -> Result<(f64, usize), Box<dyn Error>> {
        let folder = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok((kilobytes / 1024.0, fs::read_dir(format!("{folder}/fd"))?.count()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The data of the next message of a stream.
pub(crate) fn next(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(data) = line.strip_prefix("data: ") {
            return Ok(data.to_owned());
        }
    }
}

/// The value that a fraction of the others does not exceed.
pub(crate) fn quantile(mut values: Vec<f64>, fraction: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * fraction).round() as usize).copied().unwrap_or(f64::NAN)
}
