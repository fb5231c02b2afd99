//! How long the histogram of a large tensor takes: `cargo bench -p headwater-probe --bench histogram`.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

use std::time::Instant;

use headwater_probe::{Counter, Histogram, Statistics};

const VALUES: usize = 100_000;
const ROUNDS: usize = 200;

fn main() {
    // Magnitudes over ten decades, both signs, as gradients have them.
    let values: Vec<f32> = (0..VALUES)
        .map(|i| {
            let magnitude = 10_f32.powf(-10.0 * ((i * 7919) % VALUES) as f32 / VALUES as f32);
            if i % 2 == 0 { magnitude } else { -magnitude }
        })
        .collect();
    let mut counter = Counter::default();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let buckets = Histogram::of(&values, &mut counter).buckets(&mut counter);
            std::hint::black_box((buckets, Statistics::of(&values)));
            1e3 * started.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "histogram and statistics of {VALUES} values: median {:.3} ms, 99 % {:.3} ms",
        times[ROUNDS / 2],
        times[ROUNDS * 99 / 100]
    );
}
