//! Progress of a measurement on standard error: a bar on a terminal, and otherwise a line now and then.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use headwater_lab::reproduce::Claim;
use headwater_threads::Unpoisoned as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// Time between two lines when standard error is not a terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Shows how many of a claim's runs are done.
pub(super) struct Progress<'a> {
    claim: &'a Claim,
    /// Only on a terminal.
    bar: Option<ProgressBar>,
    lines: Mutex<Lines>,
}

/// The time at which the last line was printed.
struct Lines(Instant);

impl<'a> Progress<'a> {
    /// Announces what is measured and how long it will take.
    pub(super) fn begin(claim: &'a Claim) -> Self {
        output::message(&format!(
            "measuring {}: {}; {}, {}",
            claim.id,
            claim.title,
            output::count(claim.runs, "run"),
            about(claim.expected())
        ));
        let bar = std::io::stderr().is_terminal().then(|| {
            // The template is a constant. If it were invalid, the default style would still show the progress.
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len} runs  {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━╸ ");
            let bar = ProgressBar::new(claim.runs).with_style(style);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { claim, bar, lines: Mutex::new(Lines(Instant::now())) }
    }

    /// Shows that `done` runs are done.
    pub(super) fn show(&self, done: u64) {
        if let Some(bar) = &self.bar {
            // Threads may arrive here out of order.
            bar.set_position(done.max(bar.position()));
        } else if self.lines.lock().unpoisoned().is_due(Instant::now()) {
            output::message(&self.line(done));
        }
    }

    /// Removes the bar from the screen.
    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: u64) -> String {
        format!("{}: {done} of {}", self.claim.id, output::count(self.claim.runs, "run"))
    }
}

impl Lines {
    /// Whether the next line is due. If so, counts it as printed.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now.duration_since(self.0) >= BETWEEN_LINES;
        if is_due {
            self.0 = now;
        }
        is_due
    }
}

/// An estimated duration, rounded: "about 25 s", "about 3 min".
pub(super) fn about(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("about {} s", seconds.ceil().max(1.0))
    } else if seconds < 57.5 {
        format!("about {} s", 5.0 * (seconds / 5.0).round())
    } else {
        format!("about {} min", (seconds / 60.0).round().max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_now_and_then_however_many_runs_end() {
        let begin = Instant::now();
        let mut lines = Lines(begin);
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        let due: Vec<u64> = (0..40).filter(|second| lines.is_due(at(*second))).collect();
        assert_eq!(due, [10, 20, 30]);
    }

    #[test]
    fn a_duration_is_said_as_exactly_as_it_is_known() {
        let said = [0.0, 0.4, 4.2, 12.0, 56.0, 58.0, 89.0, 91.0, 1440.0].map(|s| about(Duration::from_secs_f64(s)));
        let expected = ["1 s", "1 s", "5 s", "10 s", "55 s", "1 min", "1 min", "2 min", "24 min"];
        assert_eq!(said, expected.map(|words| format!("about {words}")));
    }
}
