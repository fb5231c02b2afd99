//! A short run of every fuzz target; fuzz/README.md says how to run one for long.

use anyhow::Result;

use crate::tools::{cargo_tool, command, run};

const CARGO_FUZZ: (&str, &str) = ("cargo-fuzz", "0.13.2");
const TARGETS: [&str; 3] = ["records", "payload", "store"];
/// Seconds for each.
const SECONDS: &str = "-max_total_time=8";

/// Fuzzes everything that reads foreign bytes, each for a few seconds.
pub(crate) fn check() -> Result<()> {
    run(&mut command("python3", &["fuzz/seed.py"]))?;
    for target in TARGETS {
        let arguments =
            ["fuzz", "run", "--sanitizer", "none", "--fuzz-dir", "fuzz", target, "--", SECONDS, "-max_len=4096"];
        // The stable compiler takes the flags of the instrumentation when it is asked to.
        cargo_tool(CARGO_FUZZ, &arguments, &[("RUSTC_BOOTSTRAP", "1")])?;
    }
    Ok(())
}
