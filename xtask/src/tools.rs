//! Commands, and the tools that they need; what is missing is installed below `target/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where everything that is built or installed goes.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that runs in the root of the repository.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    command
}

/// Runs a command, shows it, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}").replace('"', "");
    println!("\n$ {shown}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if status.success() { Ok(()) } else { bail!("{shown} failed: {status}") }
}

/// Runs cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Result<()> {
    run(&mut command("cargo", arguments))
}

/// Builds the programs that other programs look at, as the tests build them: there is nothing to do after those. Returns their
/// folder.
pub(crate) fn built() -> Result<PathBuf> {
    cargo(&["build", "--workspace", "--bins", "--examples"])?;
    Ok(std::path::absolute(target())?.join("debug"))
}

/// Runs a subcommand of cargo that comes as a crate of its own; if it is not there, this version is installed.
pub(crate) fn cargo_tool(
    (krate, version): (&str, &str),
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let installed = command("cargo", &[arguments[0], "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let tools = target().join("tools");
    if !installed && !tools.join("bin").join(krate).exists() {
        // Compiling them takes longer than what they do: unoptimised will do.
        let install = ["install", "--quiet", "--debug", "--locked", krate, "--version", version, "--root"];
        run(command("cargo", &install).arg(&tools))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([tools.join("bin")].into_iter().chain(std::env::split_paths(&path)))?;
    run(command("cargo", arguments).env("PATH", path).envs(environment.iter().copied()))
}

/// The programs of a Python environment that holds what these arguments of `pip install` name.
pub(crate) fn python(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let folder = target().join("python").join(name);
    let programs = folder.join("bin");
    // The stamp is written last: an environment that was interrupted on its way is made again.
    let stamp = folder.join("installed");
    let mut wanted = requirements.join("\n");
    for file in requirements.iter().filter(|argument| root().join(argument).is_file()) {
        wanted += &std::fs::read_to_string(root().join(file))?;
    }
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    run(command("python3", &["-m", "venv", "--clear"]).arg(&folder))
        .context("cannot make a Python environment; Debian needs: apt-get install python3-venv")?;
    let pip = programs.join("pip");
    run(command(pip, &["install", "--quiet", "--disable-pip-version-check"]).args(requirements))?;
    std::fs::write(stamp, wanted)?;
    Ok(programs)
}
