//! The board's server, asked in process about the logs of other programs.

#![no_main]

use std::{path::Path, sync::LazyLock};

use headwater_board::fuzzing::Server;
use libfuzzer_sys::fuzz_target;

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/events/tests/foreign/logs")));

fuzz_target!(|request: &[u8]| SERVER.ask(request));
