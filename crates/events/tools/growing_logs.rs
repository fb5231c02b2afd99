//! Many runs that grow together, with values that anybody can check:
//!
//! ```text
//! cargo run --release -p headwater-events --example growing_logs -- FOLDER RUNS SECONDS
//! ```
//!
//! Every second each run `run0000`, `run0001`, ... gets one more step of `loss` and `accuracy`. [`value`] says which numbers
//! these are.

use std::{
    error::Error,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use headwater_events::Writer;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, runs, seconds] = arguments.as_slice() else {
        return Err("usage: growing_logs FOLDER RUNS SECONDS".into());
    };
    let (runs, seconds): (u32, u32) = (runs.parse()?, seconds.parse()?);
    let run = |number: u32| Writer::create_unfollowed(&Path::new(folder).join(format!("run{number:04}")));
    let mut writers = (0..runs).map(run).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    for step in 0..seconds {
        for (number, writer) in (0..).zip(&mut writers) {
            writer.scalar(step.into(), "loss", value(number, 0, step))?;
            writer.scalar(step.into(), "accuracy", value(number, 1, step))?;
            writer.flush()?;
        }
        sleep((Duration::from_secs(1) * (step + 1)).saturating_sub(started.elapsed()));
    }
    for writer in writers {
        writer.close()?;
    }
    Ok(())
}

/// A whole number below 1,000,003, which `f32` holds exactly.
fn value(run: u32, tag: u32, step: u32) -> f32 {
    ((u64::from(run) * 7919 + u64::from(tag) * 15_485_863 + u64::from(step) * 104_729) % 1_000_003) as f32
}
