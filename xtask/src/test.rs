//! Runs all checks, one after another, and reports the result of each.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{checks, fuzz, instructions, package, page, tensorboard};

type Check = fn() -> Result<()>;

/// All checks, the cheapest first.
const CHECKS: [(&str, Check); 7] = [
    ("lint", checks::lint),
    ("unit", checks::unit),
    ("tensorboard", tensorboard::check),
    ("page", page::check),
    ("instructions", instructions::check),
    ("package", package::check),
    ("fuzz", fuzz::check),
];

/// Runs all checks, even after one fails: none depends on the output of another.
///
/// # Errors
///
/// If a check failed.
pub(crate) fn run() -> Result<()> {
    run_all(&CHECKS)
}

fn run_all(checks: &[(&str, Check)]) -> Result<()> {
    let mut outcomes = Vec::new();
    for (number, (name, check)) in (1..).zip(checks) {
        println!("\n== {name}: check {number} of {} ==", checks.len());
        let started = Instant::now();
        let error = check().err();
        if let Some(error) = &error {
            println!("\n{name} failed: {error:#}");
        }
        outcomes.push((*name, started.elapsed(), error.is_none()));
    }
    println!("\n{}", table(&outcomes));
    let failed: Vec<&str> = outcomes.iter().filter(|(.., passed)| !passed).map(|(name, ..)| *name).collect();
    println!("{} passed, {} failed", outcomes.len() - failed.len(), failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}; run one alone with: cargo xtask {}", failed.join(", "), failed[0])
}

/// One line for each check, and one for the total.
fn table(outcomes: &[(&str, Duration, bool)]) -> String {
    let mut text = String::new();
    let mut line = |name: &str, time: Duration, end: &str| {
        let seconds = time.as_secs();
        text += &format!("{name:<14}{:>3} min {:02} s  {end}\n", seconds / 60, seconds % 60);
    };
    for (name, time, passed) in outcomes {
        line(name, *time, if *passed { "passed" } else { "FAILED" });
    }
    line("all", outcomes.iter().map(|(_, time, _)| *time).sum(), "");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_fails_does_not_keep_the_others_from_running_and_is_named() {
        let (passes, fails): (Check, Check) = (|| Ok(()), || bail!("it is broken"));
        let error = run_all(&[("first", fails), ("second", passes), ("third", fails)]).unwrap_err().to_string();
        assert_eq!(error, "failed: first, third; run one alone with: cargo xtask first");
        assert!(run_all(&[("first", passes)]).is_ok());
    }

    #[test]
    fn the_table_has_a_line_for_each_check_and_their_sum() {
        let outcomes = [("lint", Duration::from_secs(75), true), ("unit", Duration::from_millis(3_599_900), false)];
        let expected =
            "lint            1 min 15 s  passed\nunit           59 min 59 s  FAILED\nall            61 min 14 s";
        assert_eq!(table(&outcomes), expected);
    }
}
