//! What the commands that read a log directory say when there is nothing to read.

use std::path::Path;

use anyhow::ensure;

/// Refuses a log directory that is not one.
pub(crate) fn check(logdir: &Path) -> anyhow::Result<()> {
    let metadata =
        std::fs::metadata(logdir).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", logdir.display()))?;
    ensure!(metadata.is_dir(), "{} is a file; expected a folder with event files in it or below it", logdir.display());
    Ok(())
}

/// The message for a folder without records.
pub(crate) fn nothing_in(logdir: &Path) -> String {
    let logdir = logdir.display();
    format!(
        "there are no event files (their names contain \"tfevents\") in {logdir} or below it; \
         `headwater train --logdir {logdir}` would make some"
    )
}
