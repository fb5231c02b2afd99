//! Exit codes, and how an error becomes one.

use std::io;
use std::process::ExitCode;

use headwater_lab::RunError;

/// The answer is bad news, or the record could not be written.
pub(crate) const BAD_NEWS: u8 = 1;
/// The question was wrong: usage, configuration, data that cannot be read.
pub(crate) const BAD_QUESTION: u8 = 2;
/// Training diverged.
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
    crate::output::message(&format!("error: {error:#}"));
    let recording = matches!(error.downcast_ref(), Some(RunError::Record { .. } | RunError::Manifest { .. }));
    let writing = error.downcast_ref::<io::Error>().is_some();
    ExitCode::from(if recording || writing { BAD_NEWS } else { BAD_QUESTION })
}
