//! What is told of runs while they are trained.

use std::fmt;

use headwater_diagnose::Finding;

use crate::RunReport;

/// What a run is doing at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Allocating memory.
    Building,
    /// Drawing weights, and scaling them if the initialiser does that.
    Initialising,
    /// Naming what will be recorded, and writing what is known before the first step.
    Recording,
    /// Computing what theory predicts.
    Theory,
    /// Training, step by step.
    Training,
    /// Evaluating the network after its last step and finishing the record.
    Evaluating,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Building => "building",
            Self::Initialising => "initialising",
            Self::Recording => "recording",
            Self::Theory => "theory",
            Self::Training => "training",
            Self::Evaluating => "evaluating",
        })
    }
}

/// What happens while runs are trained. `index` counts runs in the order of [`Runner::runs`](crate::Runner::runs).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    /// A run begins.
    Started {
        /// Which run.
        index: usize,
    },
    /// A run enters another phase.
    Phase {
        /// Index of the run.
        index: usize,
        /// The new phase.
        phase: Phase,
        /// Whether the network is so large that this may take seconds.
        is_long: bool,
    },
    /// A run made some steps.
    Step {
        /// Which run.
        index: usize,
        /// Steps made so far.
        step: u64,
        /// Loss of the last batch.
        loss: f64,
        /// Accuracy of the last batch.
        accuracy: f64,
    },
    /// The watch found something in a run, for the first time or worse than before. A finding stands for two looks, 25
    /// steps apart in a young run, before it is told; one of the initial weights is told before the second step.
    Found {
        /// Which run.
        index: usize,
        /// The step after which it was found.
        step: u64,
        /// What was found.
        finding: &'a Finding,
    },
    /// A run is over.
    Ended {
        /// Which run.
        index: usize,
        /// Its results; none if it failed.
        report: Option<&'a RunReport>,
    },
}
