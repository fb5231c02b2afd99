//! The direction of dependencies between the crates of the workspace.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::tools::command;

/// Each crate and the crates of the workspace that it may use. A new crate, or a new arrow, is a decision that is made
/// here and drawn in ARCHITECTURE.md.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("headwater-threads", &[]),
    ("headwater-nn", &[]),
    ("headwater-mnist", &[]),
    ("headwater-events", &["headwater-threads"]),
    ("headwater-data", &["headwater-mnist"]),
    ("headwater-probe", &["headwater-nn"]),
    ("headwater-diagnose", &["headwater-threads", "headwater-probe", "headwater-events"]),
    (
        "headwater-lab",
        &[
            "headwater-threads",
            "headwater-nn",
            "headwater-data",
            "headwater-probe",
            "headwater-events",
            "headwater-diagnose",
        ],
    ),
    ("headwater-board", &["headwater-threads", "headwater-probe", "headwater-events", "headwater-diagnose"]),
    (
        "headwater",
        &[
            "headwater-threads",
            "headwater-lab",
            "headwater-board",
            "headwater-data",
            "headwater-nn",
            "headwater-probe",
            "headwater-events",
            "headwater-diagnose",
        ],
    ),
    (
        "headwater-faults",
        &[
            "headwater-threads",
            "headwater-lab",
            "headwater-diagnose",
            "headwater-events",
            "headwater-data",
            "headwater-nn",
            "headwater-probe",
        ],
    ),
    ("xtask", &[]),
];

/// What the network must not know of: files and formats, clocks, logging, threads.
const FORBIDDEN_IN_NN: [&str; 9] =
    ["fs::", "io::", "net::", "env::var", "thread::", "time::", "Instant", "println!", "rayon"];

/// Compares what the manifests say with what is allowed.
pub(crate) fn check() -> Result<()> {
    let output = command("cargo", &["metadata", "--format-version=1", "--no-deps"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    let faults = faults(&metadata, &ALLOWED);
    let nn = walk(&crate::tools::root().join("crates/nn/src"))?;
    let faults: Vec<String> = faults.into_iter().chain(knowledge(&nn)).collect();
    if faults.is_empty() {
        println!("The crates depend on each other in one direction.");
        return Ok(());
    }
    bail!("{}\nARCHITECTURE.md says why; xtask/src/layering.rs is the list", faults.join("\n"));
}

/// What the network's source text says of things that it must not know.
fn knowledge(source: &str) -> impl Iterator<Item = String> {
    FORBIDDEN_IN_NN
        .into_iter()
        .filter(|word| source.contains(word))
        .map(|word| format!("headwater-nn must not know of {word}"))
}

/// The dependencies that are not allowed. Those of tests do not count: they are not built into anything.
fn faults(metadata: &Value, allowed: &[(&str, &[&str])]) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = allowed.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("{name} is not in the list of crates"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            if dependency["kind"] != "dev" && names.contains(&used) && !allowed.contains(&used) {
                faults.push(format!("{name} must not depend on {used}"));
            }
        }
    }
    faults
}

/// All source text below a folder.
fn walk(folder: &std::path::Path) -> Result<String> {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        text += &if path.is_dir() { walk(&path)? } else { std::fs::read_to_string(path)? };
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_network_that_opens_a_file_or_looks_at_a_clock_is_found() {
        assert_eq!(knowledge("fn f() { std::fs::read(x); Instant::now() }").count(), 2);
        assert_eq!(knowledge("fn f(x: f32) -> f32 { x }").count(), 0);
    }

    #[test]
    fn an_arrow_against_the_direction_and_an_unknown_crate_are_found() {
        let metadata = json!({ "packages": [
            { "name": "low", "dependencies": [{ "name": "high", "kind": null }, { "name": "serde", "kind": null }] },
            { "name": "high", "dependencies": [{ "name": "low", "kind": null }] },
            { "name": "new", "dependencies": [] },
            { "name": "tested", "dependencies": [{ "name": "high", "kind": "dev" }] },
        ]});
        let allowed: [(&str, &[&str]); 3] = [("low", &[]), ("high", &["low"]), ("tested", &[])];
        assert_eq!(faults(&metadata, &allowed), ["low must not depend on high", "new is not in the list of crates"]);
    }
}
