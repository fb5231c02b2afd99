//! Loads a log directory once and says how long that took:
//!
//! ```text
//! cargo bench -p headwater-events --bench load -- LOGDIR [THREADS]
//! ```

use std::{error::Error, path::PathBuf, time::Instant};

use headwater_events::Store;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds a flag of its own.
    let mut arguments = std::env::args_os().skip(1).filter(|argument| argument != "--bench");
    let folder = PathBuf::from(arguments.next().ok_or("usage: load LOGDIR [THREADS]")?);
    let threads = arguments.next().and_then(|threads| threads.to_str()?.parse().ok());
    let start = Instant::now();
    let store = match threads {
        Some(threads) => Store::with_threads(&folder, threads),
        None => Store::open(&folder),
    };
    store.load();
    let took = start.elapsed();
    let series: Vec<_> = store.runs().iter().flat_map(|run| run.series()).collect();
    let values: usize = series.iter().map(|series| series.len()).sum();
    let (runs, tags, problems) = (store.runs().len(), series.len(), store.problems().len());
    print(&format!("{:.4} s; {runs} runs, {tags} series, {values} values, {problems} problems", took.as_secs_f64()));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the measurement is what this program is for")]
fn print(line: &str) {
    println!("{line}");
}
