//! Prints the JSON schema of configurations: `cargo xtask generate` keeps it in docs/config.schema.json.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

fn main() {
    println!("{:#}", headwater_lab::schema());
}
