//! Prints the JSON schema of network records: `cargo xtask generate` keeps it in docs/network.schema.json.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

fn main() {
    println!("{:#}", headwater_probe::network::schema());
}
