//! The packages as somebody gets them: installed without the repository and without Node, they give a page that works.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{cargo, root, run, target};

/// Packages everything, installs the program from the packages alone, and compares the page that it serves.
pub(crate) fn check() -> Result<()> {
    // The workspace's own crates are in no registry, so their versions cannot be locked.
    cargo(&["package", "--workspace", "--exclude=xtask", "--no-verify", "--allow-dirty", "--exclude-lockfile"])?;
    let folder = std::path::absolute(target())?.join("packaged");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let program = install(&folder, &unpack(&folder)?)?;
    let empty = folder.join("log");
    fs::create_dir(&empty)?;
    let mut server = Server::start(&program, &empty)?;
    let page = root().join("crates/board/ui");
    ensure!(server.get("/")? == fs::read(page.join("index.html"))?, "the installed program serves another page");
    let mut files = 0;
    for file in served(&page)? {
        let name = file.strip_prefix(&page)?.to_string_lossy().replace('\\', "/");
        ensure!(server.get(&format!("/ui/{name}"))? == fs::read(&file)?, "the package lacks ui/{name}, or has another");
        files += 1;
    }
    println!("The installed program serves its page: {files} files, each as it is in the repository.");
    Ok(())
}

/// Unpacks all packages; returns their folders' names.
fn unpack(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(target().join("package"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "crate") {
            // Packages carry one and the same date; without -m cargo would take what it built of older ones for these.
            run(Command::new("tar").arg("-xzmf").arg(&path).arg("-C").arg(folder))?;
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Installs the program from the unpacked packages, which stand in for the registry.
fn install(folder: &Path, names: &[String]) -> Result<PathBuf> {
    let name = |package: &str| package.rsplit_once('-').map_or_else(String::new, |(name, _)| name.to_owned());
    let patch = |package: &String| format!("{} = {{ path = \"{package}\" }}", name(package));
    let patches: Vec<String> = names.iter().map(patch).collect();
    // Use the workspace's profile, so that the dependencies compiled for the tests are reused. As in a release, embed
    // the page in the program.
    let mut profile = profile(&fs::read_to_string(root().join("Cargo.toml"))?);
    for package in ["headwater-board", "rust-embed", "rust-embed-utils"] {
        profile += &format!("[profile.dev.package.{package}]\ndebug-assertions = false\n");
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {names:?}\n\n[patch.crates-io]\n{}\n\n{profile}",
        patches.join("\n")
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    // Whoever calls Node while it is installed finds these.
    let shims = folder.join("no-node");
    fs::create_dir(&shims)?;
    for shim in ["node", "npm", "npx"] {
        fs::write(shims.join(shim), "#!/bin/sh\necho 'Node is not needed to install this' >&2\nexit 1\n")?;
        run(Command::new("chmod").arg("+x").arg(shims.join(shim)))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([shims].into_iter().chain(std::env::split_paths(&path)))?;
    let program = names.iter().find(|package| name(package) == "headwater").context("there is no package headwater")?;
    let installed = folder.join("installed");
    let mut command = Command::new("cargo");
    command.current_dir(folder).args(["install", "--debug", "--offline", "--path", program, "--root"]).arg(&installed);
    run(command.env("PATH", path).env("CARGO_TARGET_DIR", std::path::absolute(target())?))?;
    Ok(installed.join("bin/headwater"))
}

/// The sections of a manifest that configure debug builds.
fn profile(manifest: &str) -> String {
    let mut is_in = false;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            is_in = line.starts_with("[profile.dev");
        }
        is_in && !line.is_empty()
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The files of the page that a browser asks for.
fn served(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(served(&path)?);
        } else if ["js", "css", "svg", "html"].iter().any(|ending| path.extension().is_some_and(|own| own == *ending)) {
            files.push(path);
        }
    }
    Ok(files)
}

/// The installed program at work.
struct Server {
    child: Child,
    /// Host and port.
    address: String,
}

impl Server {
    fn start(program: &Path, log_directory: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").arg(log_directory).args(["--port", "0"]).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { child, address })
    }

    /// The body of an answer.
    fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        let mut stream =
            TcpStream::connect(&self.address).with_context(|| format!("no server at {:?}", self.address))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end =
            answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("an answer without an end of its head")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        if !head.starts_with("HTTP/1.1 200") || head.to_ascii_lowercase().contains("transfer-encoding") {
            bail!("GET {path} was answered: {head}");
        }
        Ok(answer.split_off(end + 4))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_of_debug_builds_is_found_in_a_manifest() {
        let manifest = "[workspace]\nmembers = []\n\n[profile.dev]\nopt-level = 1\n\n[profile.dev.package.\"*\"]\n\
            debug = false\n\n[profile.release]\nlto = true\n";
        assert_eq!(profile(manifest), "[profile.dev]\nopt-level = 1\n[profile.dev.package.\"*\"]\ndebug = false\n");
        assert!(profile(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).starts_with("[profile.dev]\n"));
    }
}
