//! Writes a TensorBoard log: `cargo run -p headwater-events --example write -- runs/mine`.

use std::path::{Path, PathBuf};

use headwater_events::{Bucket, WriteError, Writer};

/// Writes a run of ten steps into a folder, with a loss, a histogram and a text. Returns the event file.
pub(crate) fn write(folder: &Path) -> Result<PathBuf, WriteError> {
    let mut writer = Writer::create(folder)?;
    writer.text(0, "config", "| key | value |\n|---|---|\n| lr | 0.1 |")?;
    for step in 0..10 {
        // A call hands the value to a thread, which frames and writes it.
        writer.scalar(step, "loss", 0.5_f32.powi(step as i32))?;
        let bucket = |i: i64| Bucket { left: i as f64, right: (i + 1) as f64, count: (10 - step) as f64 };
        writer.histogram(step, "fc1/weight", &(0..4).map(bucket).collect::<Vec<_>>())?;
    }
    let path = writer.path().to_owned();
    // Errors of the thread come back here at the latest.
    writer.close()?;
    Ok(path)
}

#[expect(clippy::print_stdout, reason = "an example for the terminal")]
pub(crate) fn main() -> Result<(), WriteError> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "runs/example".to_owned());
    println!("written: {}", write(Path::new(&folder))?.display());
    Ok(())
}
