//! A short run of every fuzz target; fuzz/README.md says how to run one for long.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Result, bail};

use crate::tools::{command, quietly, root, run, target, triple};

const TARGETS: [&str; 5] = ["records", "payload", "store", "markdown", "http"];
/// Seconds for each.
const SECONDS: u32 = 8;
/// Seconds that one input may take.
const LONGEST: u32 = 20;

/// The compiler flags of `cargo fuzz build --sanitizer none`. With them cargo-fuzz itself need not be compiled to build
/// the targets, and the stable compiler accepts them.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg=fuzzing -Cdebug-assertions";

/// Fuzzes everything that reads foreign bytes, each target for a few seconds. The output of libFuzzer goes to one file
/// per target; if it finds something, the end of the file is shown.
pub(crate) fn check() -> Result<()> {
    run(&mut command("python3", &["fuzz/seed.py"]))?;
    let triple = triple()?;
    let folder = std::path::absolute(target())?.join("fuzz");
    let mut build =
        command("cargo", &["build", "--release", "--bins", "--manifest-path", "fuzz/Cargo.toml", "--target"]);
    build.arg(&triple).arg("--target-dir").arg(&folder).env("RUSTFLAGS", INSTRUMENTATION);
    run(&mut build)?;
    for target in TARGETS {
        fuzz(
            target,
            &folder.join(triple.as_str()).join("release").join(target),
            &folder.join(format!("{target}.log")),
        )?;
    }
    Ok(())
}

fn fuzz(target: &str, program: &Path, log: &Path) -> Result<()> {
    let artifacts = root().join("fuzz/artifacts").join(target);
    let corpus = root().join("fuzz/corpus").join(target);
    for folder in [&artifacts, &corpus] {
        fs::create_dir_all(folder)?;
    }
    let mut fuzzer =
        command(program, &[&format!("-max_total_time={SECONDS}"), &format!("-timeout={LONGEST}"), "-max_len=4096"]);
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(corpus);
    quietly(&mut fuzzer, File::create(log)?, log)?;
    let said = fs::read_to_string(log)?;
    let Some(executions) = executions(&said) else {
        bail!("{target} did not say how often it ran; see {}", log.display())
    };
    println!("{target}: {executions} executions, and nothing was found.");
    Ok(())
}

/// How often a target ran, from libFuzzer's last line: "Done 1234 runs in 9 second(s)".
fn executions(said: &str) -> Option<u64> {
    let line = said.lines().rev().find_map(|line| line.strip_prefix("Done "))?;
    line.split_once(" runs in ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executions_are_read_from_the_last_line() {
        let said = "INFO: Seed: 1\n#2\tINITED cov: 3 ft: 4\nDone 12345 runs in 9 second(s)\n";
        assert_eq!(executions(said), Some(12_345));
        assert_eq!(executions("#2\tINITED cov: 3\n"), None);
    }
}
