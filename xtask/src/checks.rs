//! The checks of continuous integration, and the files that are made from code.

use anyhow::{Result, ensure};

use crate::layering;
use crate::tools::{Tool, built, cargo, cargo_tool, command, python, root, run};

/// One version of each tool, so that a new word list or lint does not fail an old commit.
const TYPOS: &str = "typos==1.52.0";
const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", features: &[] };
const CARGO_NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.143",
    // Without self-update, which needs an HTTPS client.
    features: &["--no-default-features", "--features", "default-no-update"],
};
/// The version that wrote the goldens.
const TORCH: [&str; 2] = ["torch==2.15.0", "numpy"];

/// Where the schema of configurations is kept.
const SCHEMA: &str = "docs/config.schema.json";

/// Formatting, lints, spelling, licences and the direction of dependencies.
pub(crate) fn lint() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    layering::check()?;
    run(&mut command(python("typos", &[TYPOS])?.join("typos"), &[]))?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&["clippy", "-p", "headwater-nn", "--all-targets", "--features", "f64", "--", "-D", "warnings"])?;
    cargo_tool(&CARGO_DENY, &["deny", "--all-features", "check", "bans", "licenses", "sources"])
}

/// Unit, integration, gradient and doc tests. Also checks that the schema in the repository is what the code prints.
pub(crate) fn unit() -> Result<()> {
    cargo_tool(&CARGO_NEXTEST, &["nextest", "run", "--workspace"])?;
    cargo_tool(&CARGO_NEXTEST, &["nextest", "run", "-p", "headwater-nn", "--features", "f64"])?;
    cargo(&["test", "--workspace", "--doc"])?;
    run(command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    ensure!(
        std::fs::read_to_string(root().join(SCHEMA))? == schema()?,
        "{SCHEMA} is not what the code says; run: cargo xtask schema"
    );
    Ok(())
}

/// The schema as it is kept in the repository.
fn schema() -> Result<String> {
    let output = command(built()?.join("examples/schema"), &[]).output()?;
    ensure!(output.status.success(), "the schema was not printed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
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
