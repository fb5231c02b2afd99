//! Progress bars on standard error: one for each run that is being trained, and one for all when there are many.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use headwater_lab::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The bars. They are drawn only when standard error is a terminal.
pub(crate) struct Bars {
    all: MultiProgress,
    runs: Vec<(String, u64)>,
    width: usize,
    total: Option<ProgressBar>,
    active: Mutex<HashMap<usize, ProgressBar>>,
}

fn style(template: &str) -> ProgressStyle {
    // The template is a constant: if it were wrong, the plain style would still show where a run is.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ ")
}

impl Bars {
    /// Bars for these runs, given by name and number of steps.
    pub(crate) fn new(runs: Vec<(String, u64)>) -> Self {
        let all = MultiProgress::new();
        let total = (runs.len() > 8).then(|| {
            let style = style("{msg} {bar:32} {pos}/{len} runs, {eta} left");
            all.add(ProgressBar::new(runs.len() as u64).with_style(style).with_message("all"))
        });
        let width = runs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        Self { all, runs, width, total, active: Mutex::default() }
    }

    /// Prints a line above the bars.
    pub(crate) fn message(&self, text: &str) {
        self.all.suspend(|| crate::output::message(text));
    }

    /// Draws what happened.
    pub(crate) fn show(&self, progress: Progress<'_>) {
        let mut active = self.active.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match progress {
            Progress::Started { index } => {
                let (name, steps) = &self.runs[index];
                let style = style("{prefix} {bar:16.cyan} {pos}/{len} {msg}");
                let bar = ProgressBar::new(*steps).with_style(style).with_prefix(format!("{name:0$}", self.width));
                let bar = self.all.add(bar);
                bar.enable_steady_tick(Duration::from_millis(100));
                active.insert(index, bar);
            }
            Progress::Phase { index, phase, .. } => {
                if let Some(bar) = active.get(&index) {
                    bar.set_message(phase.to_string());
                }
            }
            Progress::Step { index, step, cost, accuracy } => {
                if let Some(bar) = active.get(&index) {
                    bar.set_position(step);
                    let speed = bar.per_sec();
                    bar.set_message(format!("loss {cost:.2} accuracy {accuracy:.2} {speed:.0} steps/s"));
                }
            }
            // Said in words, above the bars.
            Progress::Found { .. } => {}
            Progress::Ended { index, .. } => {
                if let Some(bar) = active.remove(&index) {
                    // With many runs the finished bars would fill the screen.
                    if self.total.is_some() { bar.finish_and_clear() } else { bar.finish() }
                }
                if let Some(total) = &self.total {
                    total.inc(1);
                }
            }
        }
    }
}
