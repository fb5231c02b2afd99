//! `headwater init`: writes a configuration to start from.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use crate::output;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater init                        vanishing.toml: the experiment, with every key and its meaning
  headwater init --out mine.toml        the same under another name; then: headwater train mine.toml
  headwater init phase --out -          a preset on standard output

Exit codes: 0 done, 1 could not write, 2 no such preset, or the file exists.")]
pub(crate) struct Arguments {
    /// The preset to start from
    #[arg(default_value = "vanishing")]
    preset: String,
    /// Write this file, which must not exist yet; - means standard output [default: PRESET.toml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let preset = &arguments.preset;
    let text = headwater_lab::template(preset)?;
    let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{preset}.toml")));
    if path == Path::new("-") {
        output::line(text.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    match std::fs::File::create_new(&path) {
        Ok(mut file) => file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} exists already and is kept; choose another name with --out FILE", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
    let shown = output::plain(&path.display().to_string());
    output::message(&format!("wrote {shown}; train it with: {}", output::command("train", &path)));
    Ok(ExitCode::SUCCESS)
}
