//! Writes logs of a given shape, to measure the board's page with:
//!
//! ```text
//! cargo run --release -p headwater-events --example large_log -- FOLDER RUNS TAGS POINTS
//! ```
//!
//! Every run has the same tags, in groups of a hundred, and every series is a falling curve with a little noise.

use std::{error::Error, path::Path};

use headwater_events::Writer;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, runs, tags, points] = arguments.as_slice() else {
        return Err("usage: large_log FOLDER RUNS TAGS POINTS".into());
    };
    let (runs, tags, points): (usize, usize, usize) = (runs.parse()?, tags.parse()?, points.parse()?);
    let names: Vec<String> = (0..tags).map(|tag| format!("group{:03}/tag{:02}", tag / 100, tag % 100)).collect();
    for run in 0..runs {
        let mut writer = Writer::create(&Path::new(folder).join(format!("run{run:04}")))?;
        let mut noise = Noise(run as u32 + 1);
        for step in 0..points {
            for (tag, name) in names.iter().enumerate() {
                let level = 1.0 + (run % 10) as f32 + (tag % 7) as f32;
                let value = level / (1.0 + step as f32 / points as f32 * 10.0) + 0.1 * noise.next();
                writer.scalar(i64::try_from(step)?, name, value)?;
            }
        }
        writer.close()?;
    }
    Ok(())
}

/// Uniform numbers from 0 to 1: xorshift32 (Marsaglia, 2003), the same in every run of the program.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32
    }
}
