//! Exit codes, and how an error becomes one.

use std::io;
use std::process::ExitCode;

use headwater_lab::sweep::SweepError;
use headwater_lab::{LogdirError, RunError};

/// Something failed, such as writing a record; or the answer is no: a finding, a number that disagrees.
pub(crate) const FAILURE: u8 = 1;
/// Usage error: bad arguments, a bad configuration, or data that cannot be read.
pub(crate) const USAGE: u8 = 2;
/// Training diverged, or was stopped by a finding.
pub(crate) const DIVERGED: u8 = 3;

/// Prints the error, if there is one, and chooses the exit code. A reader that closed its end of the pipe has seen
/// enough: that is no error.
pub(crate) fn code(result: anyhow::Result<ExitCode>) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    crate::output::error(&in_words(&error));
    ExitCode::from(kind(&error))
}

/// Prints a message of the command-line parser, either help or an error, and returns the exit code.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    match error.print() {
        Err(cause) if !error.use_stderr() => code(Err(cause.into())),
        _ => ExitCode::from(error.exit_code() as u8),
    }
}

/// A failure to write is a failure. Every other error is a usage error.
fn kind(error: &anyhow::Error) -> u8 {
    let record = matches!(error.downcast_ref(), Some(RunError::Record { .. } | RunError::Manifest { .. }));
    let sweep = match error.downcast_ref() {
        Some(SweepError::Run(error)) => matches!(error, RunError::Record { .. } | RunError::Manifest { .. }),
        Some(error) => matches!(error, SweepError::Write { .. }),
        None => false,
    };
    // Errors of input are of other types, or have a context that says what was read.
    if record || sweep || error.is::<LogdirError>() || error.is::<io::Error>() { FAILURE } else { USAGE }
}

/// An error and its causes on one line. Most of our errors name their cause themselves; that is not said again.
fn in_words(error: &anyhow::Error) -> String {
    // Errors of other reads and writes name their file.
    if error.is::<io::Error>() && error.chain().len() == 1 {
        return format!("cannot write to standard output: {error}");
    }
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text {
        text if text.is_empty() => cause,
        text if text.contains(&cause) => text,
        text => format!("{text}: {cause}"),
    })
}
