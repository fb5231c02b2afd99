//! Diagnoses the runs of a log directory: `cargo run -p headwater-diagnose --example diagnose -- runs`.

use std::path::Path;

use headwater_diagnose::{Finding, diagnoses};
use headwater_events::Store;

/// A line for each finding, the worst of each run first, with what to try.
pub(crate) fn diagnose(log_directory: &Path) -> Vec<String> {
    let store = Store::open(log_directory);
    store.load();
    let line = |finding: Finding| {
        let Finding { run, rule, severity, layers, summary, .. } = finding;
        let first = finding.remedies.first().map_or("nothing is known".to_owned(), |proposal| proposal.remedy.advice());
        format!("{severity}: {run}: {rule} in {}: {summary}; try: {first}", layers.join(", "))
    };
    diagnoses(&store).into_iter().flat_map(|diagnosis| diagnosis.findings).map(line).collect()
}

#[expect(clippy::print_stdout, reason = "an example for the terminal")]
pub(crate) fn main() {
    let log_directory = std::env::args().nth(1).unwrap_or_else(|| "runs".to_owned());
    for line in diagnose(Path::new(&log_directory)) {
        println!("{line}");
    }
}
