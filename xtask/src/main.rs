//! Automation for the people who build Headwater: `cargo xtask --help`.
//!
//! Every job of continuous integration is one command here, and `test` is all of them.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;
mod checks;
mod fuzz;
mod instructions;
mod layering;
mod package;
mod page;
mod picture;
mod tensorboard;
mod test;
mod tools;
mod vendor;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Automation for the people who build Headwater")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run all checks, the cheapest first; a check that fails does not stop the others
    Test,
    /// Formatting, lints, spelling, licences and the direction of dependencies
    Lint,
    /// Unit, integration, gradient and doc tests, and generated files
    Unit,
    /// Write an experiment and one record of every kind, and let TensorBoard itself read them
    Tensorboard,
    /// The board's page: libraries, types, style, and tests in Node and in a browser
    Page {
        /// Measure instead: sizes, delays and frames a second
        #[arg(long)]
        measure: bool,
    },
    /// Package all crates, install the program from the packages alone, without Node, and look at the page it serves
    Package,
    /// Fuzz everything that reads foreign bytes, each target for a few seconds
    Fuzz,
    /// Train networks with one known fault each, and count what the diagnosis says of them; `-- --help` tells more
    Faults {
        /// Passed on to the suite
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Train four networks here and in JAX, PyTorch and TensorFlow, and print the ratios (downloads gigabytes)
    Bench {
        /// How often each program is measured
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
        rounds: u8,
    },
    /// Count the instructions of a short training and compare them with bench/instructions.txt
    Instructions {
        /// Write the count down instead
        #[arg(long)]
        write: bool,
    },
    /// Check that the crates depend on each other in one direction
    Layering,
    /// Copy the page's libraries anew from their locked packages
    Vendor,
    /// Write what the code generates: the schema of configurations, the table of tags, and what the page's tests know of them
    Generate,
    /// Train the experiment with 64 seeds and draw docs/vanishing.svg
    Picture,
    /// Make the goldens of PyTorch anew (downloads PyTorch)
    Goldens,
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Test => test::run(),
        Command::Lint => checks::lint(),
        Command::Unit => checks::unit(),
        Command::Tensorboard => tensorboard::check(),
        Command::Page { measure: false } => page::check(),
        Command::Page { measure: true } => page::measure(),
        Command::Package => package::check(),
        Command::Fuzz => fuzz::check(),
        Command::Faults { arguments } => tools::run(
            tools::command("cargo", &["run", "--release", "--quiet", "-p", "headwater-faults", "--"]).args(arguments),
        ),
        Command::Bench { rounds } => bench::run(rounds.into()),
        Command::Instructions { write: false } => instructions::check(),
        Command::Instructions { write: true } => instructions::write(),
        Command::Layering => layering::check(),
        Command::Vendor => page::write_vendored(),
        Command::Generate => checks::generate(),
        Command::Picture => picture::draw(),
        Command::Goldens => checks::goldens(),
    }
}
