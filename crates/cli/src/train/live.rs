//! Live output of training runs: bars, findings, and results as JSON.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, Once};

use headwater_lab::Progress;
use headwater_threads::Unpoisoned as _;
use serde::Serialize;
use serde_json::json;

use super::bars::Bars;
use crate::signals::Signals;
use crate::{diagnose, output};

/// Reports on runs while they train.
pub(super) struct Live<'a> {
    logdir: &'a Path,
    json: bool,
    signals: &'a Signals,
    bars: Bars,
    reported: diagnose::ReportedFindings,
    begun: Once,
    /// The error that closed standard output.
    failure: Mutex<Option<anyhow::Error>>,
}

impl<'a> Live<'a> {
    /// Reports on these runs, given by name and number of steps.
    pub(super) fn new(runs: Vec<(String, u64)>, logdir: &'a Path, json: bool, signals: &'a Signals) -> Self {
        Self {
            logdir,
            json,
            signals,
            bars: Bars::new(runs),
            reported: diagnose::ReportedFindings::default(),
            begun: Once::new(),
            failure: Mutex::new(None),
        }
    }

    /// Reports an event.
    pub(super) fn hear(&self, progress: Progress<'_>) {
        self.begun.call_once(|| {
            // From here on there are records to finish.
            self.signals.finish_records();
            output::message(&format!("recording to {}", self.logdir.display()));
        });
        self.bars.show(progress);
        match progress {
            // Without bars, announce phases that may take seconds.
            Progress::Phase { index, phase, is_long: true } if !output::style().bars => {
                output::message(&format!("{}: {phase}", self.bars.name(index)));
            }
            Progress::Found { step, finding, .. } => {
                if self.json {
                    self.emit(&json!({ "step": step, "finding": finding }));
                }
                if let Some(line) = self.reported.line(step, finding) {
                    output::message(&line);
                }
            }
            Progress::Ended { report: Some(report), .. } if self.json => self.emit(report),
            _ => {}
        }
    }

    /// Prints an object. If nobody reads the output any more, or the disk is full, asks the runs to stop.
    fn emit(&self, object: &impl Serialize) {
        let Err(error) = output::json(object) else { return };
        let is_first = !self.signals.stop().swap(true, Ordering::SeqCst);
        if is_first {
            output::message("standard output is closed: the runs finish their records and stop");
            *self.failure.lock().unpoisoned() = Some(error);
        }
    }

    /// Removes the bars. Returns the findings that were reported, and the error that kept results from being printed.
    pub(super) fn end(self) -> (diagnose::ReportedFindings, anyhow::Result<()>) {
        self.bars.end();
        let failure = self.failure.into_inner().unpoisoned();
        (self.reported, failure.map_or(Ok(()), Err))
    }
}
