//! Measures how long a call of the writer keeps its caller, as a training loop would call it: bursts of 60 values,
//! with some work between them. Microseconds.
//!
//! ```text
//! cargo bench -p headwater-events --bench enqueue
//! ```

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use headwater_events::{Bucket, Writer};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("headwater-enqueue-{}", std::process::id()));
    let buckets: Vec<Bucket> =
        (0..64).map(|i| Bucket { left: f64::from(i), right: f64::from(i + 1), count: 1.0 }).collect();
    let tags: Vec<String> = (0..60).map(|i| format!("gradient/mean_abs/layer{i}")).collect();

    let mut writer = Writer::create(&folder)?;
    let (mut scalars, mut histograms) = (Vec::new(), Vec::new());
    for step in 0..2000 {
        for tag in &tags {
            let start = Instant::now();
            writer.scalar(step, tag, 1.0)?;
            scalars.push(start.elapsed());
        }
        if step % 10 == 0 {
            for layer in 0..30 {
                let tag = format!("gradient/layer{layer}");
                let start = Instant::now();
                writer.histogram(step, &tag, &buckets)?;
                histograms.push(start.elapsed());
            }
        }
        black_box((0..20_000).map(|i| f64::from(i).sqrt()).sum::<f64>());
    }
    report("scalar", scalars);
    report("histogram of 64 buckets", histograms);

    let start = Instant::now();
    for step in 0..1_000_000 {
        writer.scalar(step, "loss", 1.0)?;
    }
    let written = writer.close()?;
    let rate = 1_000_000.0 / start.elapsed().as_secs_f64();
    print(&format!("one million scalars without a pause: {rate:.0} a second; file of {} bytes", written.bytes));
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |quantile: f64| times[((times.len() - 1) as f64 * quantile) as usize].as_secs_f64() * 1e6;
    print(&format!(
        "{what}: {} calls, median {:.2}, 99 % {:.2}, 99.9 % {:.2}, longest {:.2}",
        times.len(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    ));
}

#[expect(clippy::print_stdout, reason = "the measurement is what this program is for")]
fn print(line: &str) {
    println!("{line}");
}
