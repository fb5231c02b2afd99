//! `headwater export`: every number of every run as CSV, nothing sampled away.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::{logdir, output};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The log directory: TensorBoard event files in folders, whoever wrote them
    logdir: PathBuf,
    /// As comma-separated values: `run,tag,step,wall_time,value` (the default, and the only format)
    #[arg(long)]
    csv: bool,
}

/// The operating system's error under the CSV writer's, whose kind tells a closed pipe from a full disk.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    logdir::check(&arguments.logdir)?;
    let mut table = csv::Writer::from_writer(io::stdout().lock());
    table.write_record(["run", "tag", "step", "wall_time", "value"]).map_err(cause)?;
    let problems = headwater_events::scalars(&arguments.logdir, |scalar| {
        table.write_record([
            scalar.run,
            scalar.tag,
            &scalar.step.to_string(),
            &scalar.wall_time.to_string(),
            &scalar.value.to_string(),
        ])
    })
    .map_err(cause)?;
    table.flush()?;
    for problem in problems {
        output::message(&format!("warning: {problem}"));
    }
    Ok(ExitCode::SUCCESS)
}
