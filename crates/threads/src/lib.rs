//! Work on several threads, with results in the order of the jobs, and locks that a panic does not poison.

mod pool;
mod unpoisoned;

pub use pool::{cores, each, each_while, on_threads};
pub use unpoisoned::Unpoisoned;
