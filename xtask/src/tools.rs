//! Commands, and the tools that they need; what is missing is installed below `target/`.

use std::fs::{self, File};
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

/// Runs a command and writes its output to a file. If the command fails, shows the end of the file.
pub(crate) fn quietly(command: &mut Command, output: File, path: &Path) -> Result<()> {
    /// How many lines of the file are shown.
    const SHOWN: usize = 40;
    let shown = format!("{command:?}").replace('"', "");
    println!("\n$ {shown}\n  (says more in {})", path.display());
    let status = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).status();
    let status = status.with_context(|| format!("cannot start {shown}"))?;
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    println!("{}", lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
    bail!("{shown} failed: {status}; all that it said is in {}", path.display())
}

/// The compiler's name for this machine, such as `x86_64-unknown-linux-gnu`.
pub(crate) fn triple() -> Result<String> {
    let output = command("rustc", &["-vV"]).output().context("cannot start rustc")?;
    let said = String::from_utf8(output.stdout)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).with_context(|| format!("rustc -vV names no host: {said}"))
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

/// A cargo subcommand that comes in a crate of its own.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Arguments of `cargo install` that select features.
    pub(crate) features: &'static [&'static str],
}

/// Runs a cargo subcommand, and installs it first if it is missing.
pub(crate) fn cargo_tool(tool: &Tool, arguments: &[&str]) -> Result<()> {
    let installed = command("cargo", &[arguments[0], "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let tools = target().join("tools");
    if !installed && !tools.join("bin").join(tool.name).exists() {
        // Compiling a tool takes longer than running it, so it is built unoptimised and without debug information.
        let install = ["install", "--debug", "--locked", tool.name, "--version", tool.version];
        let mut install = command("cargo", &install);
        install.args(tool.features).arg("--root").arg(&tools);
        run(install.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0"))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([tools.join("bin")].into_iter().chain(std::env::split_paths(&path)))?;
    run(command("cargo", arguments).env("PATH", path))
}

/// The programs of a Python environment that holds what these arguments of `pip install` name.
pub(crate) fn python(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let folder = target().join("python").join(name);
    let programs = folder.join("bin");
    // The stamp is written last: an environment that was interrupted on its way is made again.
    let stamp = folder.join("installed");
    let mut wanted = requirements.join("\n");
    for file in requirements.iter().filter(|argument| root().join(argument).is_file()) {
        wanted += &fs::read_to_string(root().join(file))?;
    }
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    run(command("python3", &["-m", "venv", "--clear"]).arg(&folder))
        .context("cannot make a Python environment; Debian needs: apt-get install python3-venv")?;
    let pip = programs.join("pip");
    run(command(pip, &["install", "--quiet", "--disable-pip-version-check"]).args(requirements))?;
    fs::write(stamp, wanted)?;
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_quiet_command_says_is_in_its_file_and_a_failure_names_it() {
        let path = std::env::temp_dir().join(format!("xtask-quietly-{}.log", std::process::id()));
        let say = |code| {
            let script = format!("seq 1 1000; echo end >&2; exit {code}");
            quietly(&mut command("sh", &["-c", &script]), File::create(&path).unwrap(), &path)
        };
        assert!(say(0).is_ok());
        let error = say(3).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        let said = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(said.starts_with("1\n2\n") && said.ends_with("1000\nend\n"), "{said}");
    }
}
