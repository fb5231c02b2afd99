//! Four other tools' rules, judged on the same logs, to compare with.
//!
//! Each tool is one file, written anew from its publication (and, where the publication is silent, from what its
//! authors' released program does); no tool's program is run. What such a tool would have collected is a [`Watched`];
//! what it says is a list of [`Symptom`]s.
//!
//! The tools look at a run at different times. SageMaker Debugger looks at saved steps: every record is one. The
//! other three look at the end of every epoch, and a log of ours knows steps only; so the records are cut into
//! [`watched::EPOCHS`] stretches of equally many records, and each is taken for an epoch: see [`Watched::epochs`].
//!
//! A tool that stops at its first symptom is asked on, to the end of the run, and everything that it would have said is
//! kept. That leaves untouched whether it says anything at all (so neither its recall nor its false alarms suffer), and
//! gives it more chances to name the right fault.

mod autotrainer;
mod bttackler;
mod deepdiagnosis;
mod reading;
mod sagemaker;
mod stats;
mod symptom;
mod values;
mod watched;

#[cfg(test)]
mod healthy;

pub(crate) use symptom::Symptom;
pub(crate) use watched::Watched;

/// A tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// Its name.
    pub(crate) name: &'static str,
    /// Everything that it says of a run, each thing once, with the first step at which it says so.
    pub(crate) judge: fn(&Watched) -> Vec<Symptom>,
}

/// The tools. Two of them have rules on the course of the loss that may ring of a run that has merely converged; of those, two
/// choices: without these rules and with them. (SageMaker Debugger's user attaches each rule by hand, and BTTackler's lists
/// the indicators to use.)
pub(crate) const PEERS: [Peer; 6] = [
    Peer { name: "SageMaker Debugger, rules on tensors", judge: sagemaker::tensors },
    Peer { name: "SageMaker Debugger, all rules", judge: sagemaker::all },
    Peer { name: "AutoTrainer", judge: autotrainer::judge },
    Peer { name: "DeepDiagnosis", judge: deepdiagnosis::judge },
    Peer { name: "BTTackler, indicators on gradients", judge: bttackler::gradients },
    Peer { name: "BTTackler, all indicators", judge: bttackler::all },
];

#[cfg(test)]
mod tests {
    use super::symptom::Kind;
    use super::*;

    #[test]
    fn no_tool_rings_at_the_healthy_run_that_the_tests_alter() {
        let with_validation = healthy::with_records(|_, record| {
            record.validation = Some((1.05 * record.loss, 0.95 * record.accuracy));
        });
        for watched in [healthy::run(), with_validation] {
            for Peer { name, judge } in PEERS {
                assert_eq!(judge(&watched), [], "{name}");
            }
        }
    }

    #[test]
    fn every_tool_calls_a_run_that_ends_in_nan_exploding() {
        let mut watched = healthy::run();
        let last = watched.records.last_mut().unwrap();
        last.loss = f64::NAN;
        last.layers[1].gradient.finite = false;
        for Peer { name, judge } in PEERS {
            assert!(judge(&watched).iter().any(|symptom| symptom.kind == Kind::Exploding), "{name}");
        }
    }

    #[test]
    fn no_tool_speaks_of_nothing() {
        let mut watched = healthy::run();
        watched.records.clear();
        for Peer { name, judge } in PEERS {
            assert_eq!(judge(&watched), [], "{name}");
        }
    }
}
