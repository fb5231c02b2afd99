//! The fault suite: healthy networks, the same with one known fault each, and what is said of them.
//!
//! Each run goes the way of any other: `lab` trains it and records an event file, the store reads that, and the diagnosis
//! sees nothing else. Whether it was healthy, or the fault did any harm, is decided by how well it learned.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod architecture;
mod case;
mod data;
mod document;
mod fault;
#[cfg(test)]
mod hard_negatives;
mod hash;
mod peers;
mod remedy;
mod report;
mod run;
mod tally;
mod verdict;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use clap::Parser;

use crate::data::Datasets;
use crate::verdict::Scale;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask faults",
    about = "Train networks with one known fault each, and count what is said of them"
)]
struct Cli {
    /// A small part that is always the same
    #[arg(long)]
    quick: bool,
    /// Keep the records in this folder, and do not train again what is there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Print what was said wrongly of each run of the part that rules are fitted on
    #[arg(long)]
    misses: bool,
    /// Write the figures into docs/diagnosis.md
    #[arg(long)]
    write: bool,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let temporary = tempfile::tempdir()?;
    let logdir = cli.keep.clone().unwrap_or_else(|| temporary.path().join("runs"));
    std::fs::create_dir_all(&logdir)?;
    // Paths of data are part of the recorded configuration: a kept record tells where they were.
    let data = logdir.join("data");
    std::fs::create_dir_all(&data)?;
    let datasets = Datasets::make(&data)?;
    let cases = case::plan(cli.quick);
    let started = std::time::Instant::now();
    let done = AtomicUsize::new(0);
    let outcomes = headwater_threads::each(&cases, |case| {
        let outcome = run::outcome(case.clone(), &datasets, &logdir, cli.keep.is_some());
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(50) {
            eprintln!("{done} of {} runs, {:.0} s", cases.len(), started.elapsed().as_secs_f64());
        }
        outcome
    });
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    let scale = Scale::of(&outcomes, &datasets);
    let tallies: Vec<_> = outcomes.iter().map(|outcome| tally::Judged::of(outcome, &scale, &outcomes)).collect();
    if cli.misses {
        print!("{}", report::misses(&tallies));
    }
    let tried = remedy::tried(&tallies, &scale, &datasets, &temporary.path().join("remedies"))?;
    if cli.misses {
        for what in tried.harmed.iter().chain(&tried.nothing) {
            println!("NO HELP {what}");
        }
    }
    let text = report::text(&tallies, &scale, &tried);
    println!("{text}");
    eprintln!("{} runs, {:.0} s", cases.len(), started.elapsed().as_secs_f64());
    if cli.write {
        document::write(&text)?;
    }
    if cli.quick { report::check(&tallies) } else { Ok(()) }
}
