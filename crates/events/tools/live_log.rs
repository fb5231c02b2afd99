//! Writes scalars when it is told to, so that whoever watches the log knows to the moment what should be in it:
//!
//! ```text
//! cargo run -p headwater-events --example live_log -- FOLDER
//! ```
//!
//! Each line on standard input is `STEP VALUE TAG`; when the record is flushed, the same line comes back.

use std::{
    error::Error,
    io::{BufRead as _, Write as _, stdin, stdout},
    path::PathBuf,
};

use headwater_events::Writer;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: live_log FOLDER")?);
    let mut writer = Writer::create(&folder)?;
    for line in stdin().lock().lines() {
        let line = line?;
        let mut parts = line.splitn(3, ' ');
        let (Some(step), Some(value), Some(tag)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format!("{line:?} is not STEP VALUE TAG").into());
        };
        writer.scalar(step.parse()?, tag, value.parse()?)?;
        writer.flush()?;
        let mut answer = stdout().lock();
        writeln!(answer, "{line}")?;
        answer.flush()?;
    }
    writer.close()?;
    Ok(())
}
