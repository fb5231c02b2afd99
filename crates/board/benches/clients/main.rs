//! Two hundred clients on a growing log, and catalogues of large folders: what the server needs for them.
//!
//! `cargo bench -p headwater-board --bench clients -- [SECONDS]`
//!
//! The server is a process of its own, so its memory is its own, and its start is that of a program.
#![expect(clippy::print_stdout, reason = "it is a measurement, and prints what it measured")]

mod catalogue;
mod clients;
mod server;

use std::{error::Error, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().filter(|argument| argument != "--bench").collect();
    match &arguments[..] {
        [_, word, logdir, port_file] if word == "serve" => server::run(logdir.as_ref(), port_file.as_ref()),
        [_, seconds] => measure(seconds.parse()?),
        _ => measure(20),
    }
}

fn measure(seconds: u64) -> Result<(), Box<dyn Error>> {
    catalogue::measure("1,000 runs x 213 tags", 1000, 213)?;
    catalogue::measure("1 run x 12,000 tags", 1, 12_000)?;
    clients::measure(Duration::from_secs(seconds))
}
