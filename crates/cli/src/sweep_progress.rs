//! How far a sweep is, on standard error: a bar and the best trials on a terminal, a line now and then elsewhere.

use std::sync::Mutex;
use std::time::Instant;

use headwater_lab::sweep::{Plan, Ranking, SweepProgress};
use headwater_threads::Unpoisoned as _;
use indicatif::ProgressBar;

use crate::output::{self, Colour};
use crate::sweep::over;

/// Trials that are shown while others are trained.
const SHOWN: usize = 3;
/// Lines that are printed where nobody watches: one for each of so many parts of the runs.
const LINES: usize = 10;

/// Shows how far a sweep is.
pub(crate) struct Display<'a> {
    plan: &'a Plan,
    runs: usize,
    state: Mutex<State>,
    /// On a terminal only: the bar, and below it one line for each of the best.
    bars: Option<(ProgressBar, Vec<ProgressBar>)>,
}

struct State {
    ranking: Ranking,
    /// Since the first run began here: what was there before says nothing of the speed.
    started: Option<(Instant, usize)>,
    waiting: bool,
}

impl<'a> Display<'a> {
    pub(crate) fn new(plan: &'a Plan, runs: usize) -> Self {
        let bars = output::style().bars.then(|| {
            let bar = output::add_line();
            bar.set_message(how_far(0, runs, ""));
            (bar, (0..SHOWN).map(|_| output::add_line()).collect())
        });
        let state = State { ranking: Ranking::new(), started: None, waiting: false };
        Self { plan, runs, state: Mutex::new(state), bars }
    }

    /// Shows what happened.
    pub(crate) fn show(&self, progress: SweepProgress<'_>) {
        let mut state = self.state.lock().unpoisoned();
        if let SweepProgress::Started { .. } = progress {
            let done = state.ranking.done();
            state.started.get_or_insert_with(|| (Instant::now(), done));
        }
        if let SweepProgress::Waiting { runs } = progress {
            let text = format!("waiting for {} of other workers", output::count(runs as u64, "run"));
            match &self.bars {
                Some((bar, _)) => bar.set_message(how_far(state.ranking.done(), self.runs, &text)),
                None if !state.waiting => output::message(&text),
                None => {}
            }
            state.waiting = true;
        }
        let Some((run, outcome)) = over(progress) else { return };
        state.ranking.add(self.plan, run, outcome);
        let done = state.ranking.done();
        if let Some((bar, lines)) = &self.bars {
            bar.set_message(how_far(done, self.runs, &self.pace(&state)));
            for (line, (trial, score)) in lines.iter().zip(state.ranking.best()) {
                line.set_message(self.in_words(*trial, *score));
            }
        } else if done * LINES / self.runs > (done - 1) * LINES / self.runs && state.started.is_some() {
            let best = state.ranking.best().first();
            let best =
                best.map_or_else(String::new, |(trial, score)| format!("; best: {}", self.in_words(*trial, *score)));
            let done = output::count_of(done as u64, self.runs as u64, "run");
            output::message(&format!("{done}, {}{best}", self.pace(&state)));
        }
    }

    /// Ends the display; returns what it knows of the runs.
    pub(crate) fn end(self) -> Ranking {
        if let Some((bar, lines)) = self.bars {
            bar.finish_and_clear();
            lines.iter().for_each(ProgressBar::finish_and_clear);
        }
        self.state.into_inner().unpoisoned().ranking
    }

    /// Diverged runs, speed and time that is left.
    fn pace(&self, state: &State) -> String {
        let mut parts = Vec::new();
        if state.ranking.diverged() > 0 {
            parts.push(format!("{} diverged", state.ranking.diverged()));
        }
        if let Some((started, before)) = state.started {
            let speed = (state.ranking.done() - before) as f64 / started.elapsed().as_secs_f64();
            if speed > 0.0 {
                let left = (self.runs - state.ranking.done()) as f64 / speed;
                parts.push(format!("{speed:.1} runs/s, {} left", duration(left)));
            }
        }
        parts.join(", ")
    }

    fn in_words(&self, trial: usize, score: f64) -> String {
        let scenario =
            if self.plan.has_scenarios() { format!("{}, ", self.plan.trials[trial].scenario) } else { String::new() };
        let name = self.plan.objective.name();
        format!("trial {trial:04}, {name} {score:.4}: {scenario}{}", self.plan.values(trial))
    }
}

/// The line that covers all runs.
fn how_far(done: usize, runs: usize, words: &str) -> String {
    let (done, runs) = (done as u64, runs as u64);
    let bar = output::style().paint_message(Colour::Progress, &output::drawn(done, runs));
    format!("{bar} {}  {words}", output::count_of(done, runs, "run"))
}

fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_as_exact_as_it_is_of_use() {
        assert_eq!([0.4, 119.4, 120.0, 7199.0, 9000.0].map(duration), ["0 s", "119 s", "2 min", "120 min", "2.5 h"]);
    }
}
