//! Writes a run with a histogram of every layer's weights and gradients at every step, to measure diagnosis with:
//!
//! ```text
//! cargo run --release -p headwater-events --example large_histograms -- FOLDER LAYERS STEPS BUCKETS
//! ```

use std::{error::Error, path::Path};

use headwater_events::{Bucket, Writer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, layers, steps, buckets] = arguments.as_slice() else {
        return Err("usage: large_histograms FOLDER LAYERS STEPS BUCKETS".into());
    };
    let (layers, steps, buckets): (usize, i64, usize) = (layers.parse()?, steps.parse()?, buckets.parse()?);
    let mut writer = Writer::create(&Path::new(folder).join("run"))?;
    for step in 0..steps {
        writer.scalar(step, "train/loss", 2.3 / (1.0 + step as f32 / 100.0))?;
        writer.scalar(step, "val/loss", 2.4 / (1.0 + step as f32 / 110.0))?;
        for layer in 0..layers {
            // Weights spread slowly, gradients shrink.
            let weights = 0.1 * (1.0 + 1e-4 * step as f64);
            writer.histogram(step, &format!("layers.{layer}.weight"), &flat(weights, buckets))?;
            writer.histogram(
                step,
                &format!("layers.{layer}.weight.grad"),
                &flat(1e-3 / (1.0 + step as f64 / 100.0), buckets),
            )?;
        }
    }
    writer.close()?;
    Ok(())
}

/// As many values in each of some buckets from `-end` to `end`.
fn flat(end: f64, buckets: usize) -> Vec<Bucket> {
    let edge = |i: usize| end * (2.0 * i as f64 / buckets as f64 - 1.0);
    (0..buckets).map(|i| Bucket { left: edge(i), right: edge(i + 1), count: 10.0 }).collect()
}
