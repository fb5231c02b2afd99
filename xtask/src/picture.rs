//! The picture in the README, drawn from the experiment itself.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::tools::{cargo, command, target};

const SEEDS: &str = "64";
const PICTURE: &str = "docs/vanishing.svg";

/// Trains the experiment and pipes its output to the example `vanishing`, which draws the picture.
pub(crate) fn draw() -> Result<()> {
    cargo(&["build", "--release", "-p", "headwater", "--bins", "--example", "vanishing"])?;
    let logdir = target().join("picture");
    let arguments = ["train", "--json", "--seeds", SEEDS, "--set", "record.histograms=false", "--logdir"];
    let output = command(target().join("release/headwater"), &arguments).arg(&logdir).output()?;
    ensure!(output.status.success(), "headwater train failed: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(&logdir)?;
    let mut drawing = command(target().join("release/examples/vanishing"), &[PICTURE]).stdin(Stdio::piped()).spawn()?;
    drawing.stdin.take().context("it has no standard input")?.write_all(&output.stdout)?;
    ensure!(drawing.wait()?.success(), "the picture was not drawn");
    println!("drawn to {PICTURE}");
    Ok(())
}
