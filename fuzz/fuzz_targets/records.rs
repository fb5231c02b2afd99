//! The record reader: see `file` for how an input becomes a file.

#![no_main]

use headwater_fuzz::file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&part, input)) = input.split_first() else { return };
    headwater_events::fuzzing::records(&file(input).concat(), u64::from(part));
    // The bytes as they are, too.
    headwater_events::fuzzing::records(input, u64::from(part));
});
