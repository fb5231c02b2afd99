//! The checks of continuous integration, and the files that are made from code.

use anyhow::{Result, ensure};

use crate::layering;
use crate::tools::{cargo, cargo_tool, command, python, root, run};

/// One version of each tool, so that a new word list or lint does not fail an old commit.
const TYPOS: &str = "typos==1.52.0";
const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const CARGO_NEXTEST: (&str, &str) = ("cargo-nextest", "0.9.143");
/// The version that wrote the goldens.
const TORCH: [&str; 2] = ["torch==2.15.0", "numpy"];

/// Where the schema of configurations is kept.
const SCHEMA: &str = "docs/config.schema.json";

/// Formatting, lints, spelling, licences and the direction of dependencies.
pub(crate) fn lint() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    layering::check()?;
    ensure!(
        std::fs::read_to_string(root().join(SCHEMA))? == schema()?,
        "{SCHEMA} is not what the code says; run: cargo xtask schema"
    );
    run(&mut command(python("typos", &[TYPOS])?.join("typos"), &[]))?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&["clippy", "-p", "headwater-nn", "--all-targets", "--features", "f64", "--", "-D", "warnings"])?;
    cargo_tool(CARGO_DENY, &["deny", "--all-features", "check", "bans", "licenses", "sources"], &[])
}

/// Unit, integration, gradient and doc tests.
pub(crate) fn unit() -> Result<()> {
    cargo_tool(CARGO_NEXTEST, &["nextest", "run", "--workspace"], &[])?;
    cargo_tool(CARGO_NEXTEST, &["nextest", "run", "-p", "headwater-nn", "--features", "f64"], &[])?;
    cargo(&["test", "--workspace", "--doc"])?;
    run(command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// The schema as it is kept in the repository.
fn schema() -> Result<String> {
    Ok(serde_json::to_string_pretty(&headwater_lab::schema())? + "\n")
}

/// Writes the schema.
pub(crate) fn write_schema() -> Result<()> {
    Ok(std::fs::write(root().join(SCHEMA), schema()?)?)
}

/// Makes PyTorch's goldens anew.
pub(crate) fn goldens() -> Result<()> {
    let python = python("torch", &TORCH)?.join("python");
    run(&mut command(python, &["crates/nn/tests/goldens/make.py"]))
}
