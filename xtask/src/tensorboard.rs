//! TensorBoard itself, installed from its Python package, reads what we wrote.

use anyhow::Result;

use crate::tools::{built, command, python, run, target};

/// Writes an experiment and one record of every kind, and compares what TensorBoard finds, on both of its loading
/// paths, with what is in the files.
pub(crate) fn check() -> Result<()> {
    let logs = target().join("tensorboard");
    if logs.exists() {
        std::fs::remove_dir_all(&logs)?;
    }
    let (kinds, experiment) = (logs.join("kinds"), logs.join("experiment"));
    let built = built()?;
    run(command(built.join("examples/everything"), &[]).arg(&kinds))?;
    let short = ["train", "--seeds", "2", "--set", "train.steps=300", "--set", "record.every=20", "--logdir"];
    run(command(built.join("headwater"), &short).arg(&experiment))?;

    let python = python("tensorboard", &["-r", "tests/tensorboard/requirements.txt"])?.join("python");
    let check = |arguments: &[&std::path::Path]| run(command(&python, &["tests/tensorboard/check.py"]).args(arguments));
    check(&[&kinds.join("log"), "--expected".as_ref(), &kinds.join("expected.json")])?;
    check(&[&experiment])
}
