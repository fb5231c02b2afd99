//! Reads a log directory, whoever wrote it: `cargo run -p headwater-events --example read -- runs`.

use std::path::Path;

use headwater_events::{Datum, Series, SeriesKind, Store};

/// A line for each series of numbers and of histograms.
pub(crate) fn read(log_directory: &Path) -> Vec<String> {
    let store = Store::open(log_directory);
    // Call it again to read what was added, or `follow` to have it called by a thread.
    store.load();
    let all = store.runs().into_iter().flat_map(|run| run.series());
    let line = |series: &Series| {
        let value = match series.kind() {
            // Numbers are in memory, and everything else is read from its file.
            SeriesKind::Scalar => series.points(0..series.len()).last()?.value.to_string(),
            SeriesKind::Histogram => match series.read(series.len() - 1..series.len()).pop()?.datum {
                Ok(Datum::Histogram(histogram)) => format!("{} values", histogram.count()),
                other => format!("{other:?}"),
            },
            _ => return None,
        };
        Some(format!("{} {}: {value}", series.run(), series.tag()))
    };
    all.filter_map(|series| line(&series)).collect()
}

#[expect(clippy::print_stdout, reason = "an example for the terminal")]
pub(crate) fn main() {
    let log_directory = std::env::args().nth(1).unwrap_or_else(|| "runs".to_owned());
    for line in read(Path::new(&log_directory)) {
        println!("{line}");
    }
}
