//! The instructions of a short training that is always the same, counted by valgrind: a slower kernel is noticed without a
//! clock, on a busy machine too.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{cargo, command, root, target};

/// The count as it is kept in the repository, with the compiler that it belongs to.
const KEPT: &str = "bench/instructions.txt";
/// By how much more the count may grow. Compilers and C libraries differ by less; a kernel that lost its vectors does not.
const MORE: f64 = 0.05;

/// Two depths, the second twice the first.
const DEPTHS: [&str; 2] = ["500", "1000"];
/// The deeper network may take at most this many times as much: sorting names takes a little more than twice as much.
const LINEAR: f64 = 2.2;

/// Counts, and compares with what is kept.
pub(crate) fn check() -> Result<()> {
    depth()?;
    let kept = fs::read_to_string(root().join(KEPT))?;
    let known = kept.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
    let known = known.with_context(|| format!("{KEPT} does not begin with a number"))?;
    let counted = count()?;
    let ratio = counted as f64 / known as f64;
    println!("{counted} instructions, {ratio:.4} times what {KEPT} says.");
    ensure!(
        ratio <= 1.0 + MORE,
        "the fixed training takes {:.1} % more instructions than {KEPT} says; if that is meant, write it anew: cargo xtask \
         instructions --write",
        100.0 * (ratio - 1.0)
    );
    if ratio < 1.0 - MORE {
        println!("It takes far fewer: keep that with cargo xtask instructions --write");
    }
    Ok(())
}

/// Checks that twice the layers take about twice the instructions to train, to record, to judge and to read.
fn depth() -> Result<()> {
    cargo(&["build", "--release", "-p", "headwater-lab", "--example", "deep"])?;
    let [once, twice] = DEPTHS;
    let (once, twice) = (count_of("deep", &[once])?, count_of("deep", &[twice])?);
    let ratio = twice as f64 / once as f64;
    println!("{once} and {twice} instructions for {} and {} layers: {ratio:.3} times as many.", DEPTHS[0], DEPTHS[1]);
    ensure!(
        ratio < LINEAR,
        "twice the layers take {ratio:.2} times the instructions, expected at most {LINEAR}: look for a loop over all layers \
         inside of another one (valgrind --tool=callgrind target/release/examples/deep {})",
        DEPTHS[0]
    );
    Ok(())
}

/// Counts, and writes it down.
pub(crate) fn write() -> Result<()> {
    let version = command("rustc", &["--version"]).output().context("cannot start rustc")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok(fs::write(root().join(KEPT), format!("{} instructions, {version}\n", count()?))?)
}

/// Valgrind shows programs a processor with AVX2, and not AVX-512, whatever the machine has.
fn count() -> Result<u64> {
    cargo(&["build", "--release", "-p", "headwater-nn", "--example", "fixed"])?;
    count_of("fixed", &[])
}

/// Counts the instructions of an example that is already built.
fn count_of(example: &str, arguments: &[&str]) -> Result<u64> {
    let program = target().join("release/examples").join(example);
    let output = command("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::path::absolute(program)?)
        .args(arguments)
        .stdout(Stdio::null())
        .output()
        .context("the count needs valgrind; Debian: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        bail!("valgrind failed: {}\n{said}", output.status);
    }
    let line = said.lines().find_map(|line| line.split_once("Collected :"));
    line.and_then(|(_, count)| count.trim().parse().ok()).with_context(|| format!("valgrind gave no count:\n{said}"))
}
