//! The board's page: its libraries, its types, its style, and its tests in Node and in a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{built, cargo, command, root, run, target};
use crate::vendor;

/// The oldest Node that has everything the tests use; it is older than that of Debian 12.
const NODE: (u32, u32) = (18, 19);

/// Everything that can fail about the page, in the order of its cost.
pub(crate) fn check() -> Result<()> {
    install()?;
    vendor::check()?;
    run(tool("biome").args(["ci", "--error-on-warnings"]))?;
    run(tool("tsc").args(["--project", "tsconfig.json"]))?;
    run(node().arg("--test").args(tests("tests/page")?))?;
    let built = built()?;
    let logs = target().join("browser/logs");
    if logs.exists() {
        fs::remove_dir_all(&logs)?;
    }
    // Each part is one process with one browser for half of the test files.
    let parts = ["tests/browser/part-1.js", "tests/browser/part-2.js"];
    run(browse(&built, node().args(["--test", "--test-concurrency=2"]).args(parts))?)
}

/// Copies the libraries anew from the locked packages.
pub(crate) fn write_vendored() -> Result<()> {
    install()?;
    vendor::write()
}

/// Measures the page in a browser and prints the figures; nothing here passes or fails.
pub(crate) fn measure() -> Result<()> {
    install()?;
    cargo(&["build", "--release", "-p", "headwater", "-p", "headwater-events", "--bins", "--examples"])?;
    let released = std::path::absolute(target())?.join("release");
    run(browse(&released, node().arg("tests/browser/measure.js"))?)
}

fn folder() -> PathBuf {
    root().join("crates/board")
}

/// Installs the packages if the lock, or the Node that they are for, is not what they were installed for.
fn install() -> Result<()> {
    let version = version("node", "nodejs")?;
    version_suffices(&version)?;
    let npm = self::version("npm", "npm")?;
    let lock = fs::read_to_string(folder().join("package-lock.json"))?;
    let wanted = format!("node {version}, npm {npm}\n{lock}");
    // Written last, and removed by npm with all the rest: what was interrupted on its way is installed again.
    let stamp = folder().join("node_modules/.installed-for");
    if fs::read_to_string(&stamp).is_ok_and(|was| was == wanted) {
        return Ok(());
    }
    run(Command::new("npm").current_dir(folder()).arg("ci"))?;
    Ok(fs::write(stamp, wanted)?)
}

/// What a program says its version is.
fn version(program: &str, package: &str) -> Result<String> {
    let output = command(program, &["--version"]).stderr(Stdio::null()).output();
    let output =
        output.with_context(|| format!("the page's tests need {program}; Debian: apt-get install {package}"))?;
    ensure!(output.status.success(), "{program} --version failed: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn version_suffices(version: &str) -> Result<()> {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        bail!("node --version gave {version:?}; expected vMAJOR.MINOR.PATCH")
    };
    let (least_major, least_minor) = NODE;
    ensure!((major, minor) >= NODE, "Node {version} is too old: the page's tests need {least_major}.{least_minor}");
    Ok(())
}

/// A program of the installed packages.
fn tool(name: &str) -> Command {
    let mut command = Command::new(folder().join("node_modules/.bin").join(name));
    command.current_dir(folder());
    command
}

fn node() -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder());
    command
}

/// The test files of a folder. They are named one by one, since what Node finds in a folder differs between versions.
fn tests(folder: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(self::folder().join(folder))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.js") {
            files.push(format!("{folder}/{name}"));
        }
    }
    ensure!(!files.is_empty(), "{folder} has no *.test.js");
    files.sort();
    Ok(files)
}

/// Tells a test in a browser where the browser is, and where our programs were built.
fn browse<'c>(built: &Path, command: &'c mut Command) -> Result<&'c mut Command> {
    let chromium = chromium()?;
    Ok(command
        .env("CHROMIUM", chromium)
        .env("HEADWATER_BIN", built.join("headwater"))
        .env("HEADWATER_EXAMPLES", built.join("examples"))
        .env("HEADWATER_OUTPUT", std::path::absolute(target())?.join("browser")))
}

fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .iter()
        .map(Path::new)
        .find(|path| path.exists())
        .map(Path::to_path_buf)
        .context("the page's tests need Chromium; Debian: apt-get install chromium (or name one in CHROMIUM)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_node_that_is_new_enough_will_do() {
        assert!(version_suffices("v18.20.4").is_ok());
        assert!(version_suffices("v22.1.0").is_ok());
        assert!(version_suffices("v18.18.9").unwrap_err().to_string().contains("18.19"));
        assert!(version_suffices("twenty").is_err());
    }
}
