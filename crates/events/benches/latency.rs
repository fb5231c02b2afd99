//! Measures how long after a flush a subscriber knows what grew, in a log directory of many runs. Milliseconds.
//!
//! ```text
//! cargo bench -p headwater-events --bench latency -- [RUNS]
//! ```

use std::{
    error::Error,
    time::{Duration, Instant},
};

use headwater_events::{Store, Writer};

fn main() -> Result<(), Box<dyn Error>> {
    let runs: usize =
        std::env::args().skip(1).find(|argument| argument != "--bench").map_or(Ok(100), |runs| runs.parse())?;
    let folder = std::env::temp_dir().join(format!("headwater-latency-{}", std::process::id()));
    for run in 1..runs {
        let mut writer = Writer::create(&folder.join(format!("run{run}")))?;
        writer.scalar(0, "loss", 1.0)?;
        writer.close()?;
    }
    let mut writer = Writer::create(&folder.join("live"))?;
    let store = Store::open(&folder);
    store.load();
    let mut changes = store.subscribe();
    let follower = store.follow()?;
    let mut times = Vec::new();
    for step in 0..200 {
        writer.scalar(step, "loss", 1.0)?;
        writer.flush()?;
        let flushed = Instant::now();
        loop {
            let change = changes.next(Duration::from_secs(10)).ok_or("nothing was seen for ten seconds")?;
            let is_seen = |series: &headwater_events::Series| series.len() == usize::try_from(step + 1).unwrap_or(0);
            if change.series.iter().any(|series| &**series.run() == "live" && is_seen(series)) {
                break;
            }
        }
        times.push(flushed.elapsed());
    }
    drop(follower);
    std::fs::remove_dir_all(&folder)?;
    times.sort_unstable();
    let at = |quantile: f64| times[((times.len() - 1) as f64 * quantile) as usize].as_secs_f64() * 1e3;
    print(&format!("{runs} runs: median {:.1} ms, 99 % {:.1} ms, longest {:.1} ms", at(0.5), at(0.99), at(1.0)));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the measurement is what this program is for")]
fn print(line: &str) {
    println!("{line}");
}
