//! The protobuf layer.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| headwater_events::fuzzing::payload(payload));
