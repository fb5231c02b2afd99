//! Prints what the catalogue says of the measures: `cargo xtask generate` keeps it for the tests of the page.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

fn main() {
    println!("{:#}", serde_json::json!(headwater_board::profiled()));
}
