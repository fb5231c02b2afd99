//! Progress at the bottom of the terminal: a line for each run in training, and one for all runs if there are many.

use std::collections::HashMap;
use std::sync::Mutex;

use headwater_lab::{Progress, RunReport, Status};
use headwater_threads::Unpoisoned as _;
use indicatif::ProgressBar;

use crate::output::{self, Colour};

/// With more runs than this, one line covers all of them, and a run that completes leaves no line.
const MANY: usize = 8;
/// Terminals with fewer columns get lines without bars.
const NARROW: usize = 70;

/// The progress lines. They are drawn only if the output style has bars.
pub(super) struct Bars {
    runs: Vec<(String, u64)>,
    /// Width of the longest name, in columns.
    width: usize,
    state: Mutex<State>,
}

struct State {
    all: Option<ProgressBar>,
    ended: u64,
    active: HashMap<usize, Run>,
}

/// A run in training.
struct Run {
    line: ProgressBar,
    step: u64,
    /// The latest loss and accuracy.
    words: String,
}

impl Bars {
    /// Creates the lines of these runs, given by name and number of steps.
    pub(super) fn new(runs: Vec<(String, u64)>) -> Self {
        let all = (runs.len() > MANY).then(output::add_line);
        let width = runs.iter().map(|(name, _)| output::width(name)).max().unwrap_or(0);
        let bars = Self { runs, width, state: Mutex::new(State { all, ended: 0, active: HashMap::new() }) };
        bars.show_all(&bars.state.lock().unpoisoned());
        bars
    }

    /// The name of the run `index`.
    pub(super) fn name(&self, index: usize) -> &str {
        &self.runs[index].0
    }

    /// Updates the lines.
    pub(super) fn show(&self, progress: Progress<'_>) {
        let mut state = self.state.lock().unpoisoned();
        match progress {
            Progress::Started { index } => {
                let run = Run { line: output::add_line(), step: 0, words: String::new() };
                run.line.set_message(self.live(index, run.step, &run.words));
                state.active.insert(index, run);
            }
            Progress::Phase { index, phase, .. } => {
                if let Some(run) = state.active.get(&index) {
                    run.line.set_message(self.live(index, run.step, &phase.to_string()));
                }
            }
            Progress::Step { index, step, loss, accuracy } => {
                if let Some(run) = state.active.get_mut(&index) {
                    run.line.set_position(step);
                    run.step = step;
                    run.words = format!("loss {loss:.2} accuracy {accuracy:.2}");
                    let speed = run.line.per_sec();
                    run.line.set_message(self.live(index, step, &format!("{} {speed:.0} steps/s", run.words)));
                }
            }
            // Findings are printed as text above the lines.
            Progress::Found { .. } => {}
            Progress::Ended { index, report } => {
                state.ended += 1;
                if let Some(run) = state.active.remove(&index) {
                    run.line.finish_and_clear();
                    if output::style().bars && self.is_told(report) {
                        output::message(self.last(index, &run, report).trim_end());
                    }
                }
                self.show_all(&state);
            }
        }
    }

    /// Removes the line for all runs from the screen.
    pub(super) fn end(self) {
        if let Some(all) = self.state.into_inner().unpoisoned().all {
            all.finish_and_clear();
        }
    }

    /// Whether a run that ended gets a line. If there are many runs, only those that did not complete do.
    fn is_told(&self, report: Option<&RunReport>) -> bool {
        self.runs.len() <= MANY || report.is_none_or(|report| report.status != Status::Done)
    }

    fn show_all(&self, state: &State) {
        let Some(all) = &state.all else { return };
        let runs = self.runs.len() as u64;
        all.set_length(runs);
        all.set_position(state.ended);
        let left = if state.ended == 0 { String::new() } else { format!(", {:.0} s left", all.eta().as_secs_f64()) };
        all.set_message(format!(
            "{}{}{left}",
            painted(&bar(state.ended, runs)),
            output::count_of(state.ended, runs, "run")
        ));
    }

    /// The last line of a run, which stays on the screen: where it stopped, and why.
    fn last(&self, index: usize, run: &Run, report: Option<&RunReport>) -> String {
        let why = match report.map(|report| report.status) {
            Some(Status::Done) => &run.words,
            Some(Status::Diverged) => "diverged",
            Some(Status::Stopped) => "stopped",
            Some(Status::Interrupted) => "interrupted",
            Some(Status::Running | Status::Failed) | None => "failed",
        };
        let step = report.map_or(run.step, |report| report.steps);
        self.text(index, step, &bar(step, self.runs[index].1), why)
    }

    /// The line of a run in training, shortened to fit.
    fn live(&self, index: usize, step: u64, words: &str) -> String {
        let (name, steps) = &self.runs[index];
        let least = self.text(index, step, "", "");
        if output::message_columns().is_some_and(|columns| output::width(&least) > columns) {
            // A truncated number would be a wrong number.
            return format!("{} {step}", output::plain(name));
        }
        self.text(index, step, &painted(&bar(step, *steps)), words)
    }

    fn text(&self, index: usize, step: u64, bar: &str, words: &str) -> String {
        let (name, steps) = &self.runs[index];
        let gap = " ".repeat(self.width - output::width(name));
        format!("{}{gap} {bar}{step}/{steps} {words}", output::plain(name))
    }
}

/// A bar and a space. Empty on a narrow terminal.
fn bar(done: u64, all: u64) -> String {
    let is_narrow = output::message_columns().is_some_and(|columns| columns < NARROW);
    if is_narrow { String::new() } else { format!("{} ", output::drawn(done, all)) }
}

fn painted(bar: &str) -> String {
    output::style().paint_message(Colour::Progress, bar)
}
