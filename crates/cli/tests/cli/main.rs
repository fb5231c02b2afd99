//! The binary from the outside: what it prints where, and with which exit code it ends.

mod completing;
mod configuring;
mod curves;
mod data;
mod diagnosing;
mod errors;
mod glossary;
mod instructions;
mod interruption;
mod locking;
mod memory;
mod pipes;
mod program;
mod reading;
mod recording;
mod reproducing;
mod screen;
mod serving;
mod sweeping;
mod terminal;
mod theory;
mod training;
