//! Prints the table of all tags: `cargo xtask generate` keeps it in docs/configuration.md.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

fn main() {
    print!("{}", headwater_probe::measures::documentation());
}
