//! The fault suite: healthy networks, the same with one known fault each, and what is said of them.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod peers;

fn main() {
    println!("no faults yet");
}
