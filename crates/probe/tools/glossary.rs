//! Prints the glossary: `cargo xtask generate` keeps it in docs/glossary.md.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

fn main() {
    print!("{}", headwater_probe::glossary::MARKDOWN);
}
