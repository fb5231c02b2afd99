//! The checks of continuous integration, and the files that are made from code.

use anyhow::{Context, Result, ensure};

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

/// A file, or a part of one, that an example program of the workspace prints.
struct Generated {
    path: &'static str,
    example: &'static str,
    /// The line before and the line after it, if it is a part of the file.
    between: Option<[&'static str; 2]>,
}

const GENERATED: [Generated; 5] = [
    Generated { path: "docs/config.schema.json", example: "schema", between: None },
    Generated {
        path: "docs/configuration.md",
        example: "tags",
        between: Some([
            "<!-- All tags, from crates/probe/src/measures/table.rs: cargo xtask generate -->\n\n",
            "\n<!-- -->\n",
        ]),
    },
    Generated { path: "docs/glossary.md", example: "glossary", between: None },
    Generated { path: "docs/network.schema.json", example: "network_schema", between: None },
    Generated { path: "crates/board/tests/page/measures.json", example: "profiled", between: None },
];

/// Formatting, lints, spelling, licences and the direction of dependencies.
pub(crate) fn lint() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    layering::check()?;
    run(&mut command(python("typos", &[TYPOS])?.join("typos"), &[]))?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&["clippy", "-p", "headwater-nn", "--all-targets", "--features", "f64", "--", "-D", "warnings"])?;
    cargo_tool(&CARGO_DENY, &["deny", "--all-features", "check", "bans", "licenses", "sources"])
}

/// Unit, integration, gradient and doc tests. Also checks that generated files are what the code prints.
pub(crate) fn unit() -> Result<()> {
    cargo_tool(&CARGO_NEXTEST, &["nextest", "run", "--workspace"])?;
    cargo_tool(&CARGO_NEXTEST, &["nextest", "run", "-p", "headwater-nn", "--features", "f64"])?;
    cargo(&["test", "--workspace", "--doc"])?;
    run(command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    for generated in &GENERATED {
        let path = generated.path;
        ensure!(
            std::fs::read_to_string(root().join(path))? == generated.file()?,
            "{path} is not what the code says; run: cargo xtask generate"
        );
    }
    Ok(())
}

impl Generated {
    /// The whole file as it ought to be.
    fn file(&self) -> Result<String> {
        let output = command(built()?.join("examples").join(self.example), &[]).output()?;
        ensure!(output.status.success(), "{}: {}", self.example, String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout)?;
        let Some([before, after]) = self.between else { return Ok(printed) };
        let file = std::fs::read_to_string(root().join(self.path))?;
        let parts = file.split_once(before).and_then(|(head, rest)| Some((head, rest.split_once(after)?.1)));
        let (head, tail) = parts.with_context(|| format!("{} has no lines {before:?} and {after:?}", self.path))?;
        Ok(format!("{head}{before}{printed}{after}{tail}"))
    }
}

/// Writes what the code generates.
pub(crate) fn generate() -> Result<()> {
    for generated in &GENERATED {
        std::fs::write(root().join(generated.path), generated.file()?)?;
    }
    Ok(())
}

/// Makes PyTorch's goldens anew.
pub(crate) fn goldens() -> Result<()> {
    let python = python("torch", &TORCH)?.join("python");
    run(&mut command(python, &["crates/nn/tests/goldens/make.py"]))
}
