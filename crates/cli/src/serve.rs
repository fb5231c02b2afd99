//! `headwater serve`: the board.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use headwater_board::{Hosts, Options, Prefix, Token};
use headwater_events::Store;

use crate::output;
use crate::signals::Signals;

/// The first port that is tried when nobody says which: the one after TensorBoard's, so that both can run.
const FIRST_PORT: u16 = 6007;
/// How many are tried.
const PORTS: u16 = 100;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater serve runs                               prints the address of the page
  headwater serve runs --port 8080                   on this port; an error if it is taken
  headwater serve runs --host 0.0.0.0                also for other machines; the address contains a token
  headwater serve runs --path-prefix /board          behind a proxy that forwards /board

Runs until Ctrl-C. Exit codes: 2 usage error, 129/130/143 interrupted.")]
pub(crate) struct Arguments {
    /// The log directory; it need not exist yet
    logdir: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Where the board is to be reached.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Port to listen on; 0 picks a free one [default: 6007, or the next one that is free]
    #[arg(long, value_name = "N", value_parser = port)]
    port: Option<u16>,
    /// Write the port number to this file when the server is ready
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Address to listen on; any address but loopback requires a token
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = address)]
    host: IpAddr,
    /// Also accept requests for this host name, such as a proxy's; can be given several times
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    allow_host: Vec<String>,
    /// Serve everything below this path, for a proxy that does not strip it
    #[arg(long, value_name = "/PATH", default_value = "")]
    path_prefix: Prefix,
}

impl Place {
    /// Whether anything of it was said.
    pub(crate) fn is_given(&self) -> bool {
        let Place { port, port_file, host, allow_host, path_prefix } = self;
        let is_reached = *host != IpAddr::V4(Ipv4Addr::LOCALHOST) || !allow_host.is_empty();
        port.is_some() || port_file.is_some() || is_reached || *path_prefix != Prefix::default()
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // Nothing is ever unfinished here: a signal may end the program in the middle of anything.
    Signals::listen().context("cannot listen for signals")?.end_at_once();
    let logdir = &arguments.logdir;
    check(logdir)?;
    let board = listen(&arguments.place)?;
    output::line(&board.url)?;
    board.serve(logdir)?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses a log directory that is none, and says if it is not there yet.
fn check(logdir: &Path) -> anyhow::Result<()> {
    match std::fs::metadata(logdir) {
        Ok(metadata) => ensure!(
            metadata.is_dir(),
            "{} is a file; expected a folder with event files in it or below it",
            logdir.display()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            output::message(&format!("{} does not exist yet; its runs appear when it does", logdir.display()));
        }
        Err(error) => bail!("cannot read {}: {error}", logdir.display()),
    }
    Ok(())
}

/// A board that can be connected to, and is not yet served.
#[derive(Debug)]
pub(crate) struct Board {
    /// Where it is, with its token if it has one.
    pub(crate) url: String,
    listener: TcpListener,
    options: Options,
}

impl Board {
    /// Serves until the program ends.
    pub(crate) fn serve(self, logdir: &Path) -> anyhow::Result<()> {
        let app = headwater_board::app(Store::open(logdir), self.options);
        headwater_board::serve(self.listener, &app).context("the server cannot go on")
    }
}

/// Opens the socket.
pub(crate) fn listen(place: &Place) -> anyhow::Result<Board> {
    let listener = bind(place)?;
    let address = listener.local_addr().context("the socket has no address")?;
    let token = if place.host.is_loopback() {
        None
    } else {
        Some(Token::random().context("the operating system has no randomness to make a token of")?)
    };
    let hosts = Hosts::default().and_address(place.host);
    let hosts = place.allow_host.iter().fold(hosts, |hosts, name| hosts.and_name(name));
    let url = url(address, place, token.as_ref());
    if let Some(file) = &place.port_file {
        write_port(file, address.port()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(Board { url, listener, options: Options { hosts, token, prefix: place.path_prefix.clone() } })
}

/// The page's address, as somebody at this machine opens it.
fn url(address: SocketAddr, place: &Place, token: Option<&Token>) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        ip => SocketAddr::new(ip, address.port()),
    };
    let token = token.map(|token| format!("?token={}", token.as_str())).unwrap_or_default();
    format!("http://{host}{}/{token}", place.path_prefix.as_str())
}

fn bind(place: &Place) -> anyhow::Result<TcpListener> {
    let host = place.host;
    if let Some(port) = place.port {
        return TcpListener::bind((host, port)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => anyhow::anyhow!(
                "port {port} is taken: something else listens there; choose another --port, or leave it out to get a free one"
            ),
            _ => anyhow::anyhow!("cannot listen at {host} port {port}: {error}"),
        });
    }
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        match TcpListener::bind((host, port)) {
            Ok(listener) => {
                if port != FIRST_PORT {
                    output::message(&format!("port {FIRST_PORT} is taken; this is port {port}"));
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => bail!("cannot listen at {host}: {error}"),
        }
    }
    bail!("ports {FIRST_PORT} to {} are all taken; choose one with --port", FIRST_PORT + PORTS - 1)
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u16::MAX))
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "expected an address in numbers, such as 127.0.0.1 or 0.0.0.0".to_owned())
}

/// A name as browsers send it. A pattern would never match, and an empty name would look as if it did.
fn host_name(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if is_name { Ok(text.to_owned()) } else { Err("expected one name without a port, such as box.example".to_owned()) }
}

/// Whoever waits for the file finds a whole number in it.
fn write_port(file: &Path, port: u16) -> io::Result<()> {
    let name = file.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "expected a file's name"))?;
    let mut name = name.to_owned();
    name.push(format!(".{}", std::process::id()));
    let unfinished = file.with_file_name(name);
    std::fs::write(&unfinished, format!("{port}\n"))?;
    std::fs::rename(&unfinished, file).inspect_err(|_| {
        let _ = std::fs::remove_file(&unfinished);
    })
}
