//! Reading: from bytes in files to runs and series that grow.
//!
//! ```text
//! storage, disk  where files lie
//! folder    which files there are              wire      protocol buffers, in place
//! loader    what of them is new                event     the values of a record
//! job       a file in parts                    tensor    numbers and strings
//! work      threads that read parts            metadata  what a series is
//!   source    bytes                            datum     histograms, texts, pictures, sounds
//!   walk      bytes -> records
//!   batch     records -> columns by tag
//! histogram moments and percentiles
//! run, series, column, numbers, places, packed   what is kept
//! order                                        which value comes after which
//! pixels, fetch                                what is asked of it
//! store, run_table, clock, follow                  who asks, and when there is more
//! stream                                       everything once, one run at a time
//! ```

pub(crate) mod batch;
mod by_name;
mod clock;
mod column;
pub(crate) mod datum;
mod digest;
mod disk;
pub(crate) mod event;
pub(crate) mod fetch;
pub(crate) mod files;
mod folder;
pub(crate) mod follow;
pub(crate) mod histogram;
mod job;
pub(crate) mod kind;
mod loader;
pub(crate) mod metadata;
pub(crate) mod number;
pub(crate) mod numbers;
mod old_names;
pub(crate) mod order;
mod packed;
pub(crate) mod pixels;
mod places;
pub(crate) mod problem;
pub(crate) mod run;
mod run_table;
pub(crate) mod series;
pub(crate) mod source;
pub(crate) mod storage;
pub(crate) mod store;
pub(crate) mod stream;
pub(crate) mod tensor;
mod turnstile;
pub(crate) mod walk;
pub(crate) mod wire;
mod work;
