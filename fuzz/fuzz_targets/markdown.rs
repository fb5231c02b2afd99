//! Texts of logs, and the HTML that the board makes of them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| headwater_board::fuzzing::markdown(text));
