//! What was said of a run, held against what it was.

use headwater_diagnose::{Finding, Severity};

use crate::run::{Outcome, speaks};
use crate::verdict::{Scale, Verdict};

/// One run, judged.
pub(crate) struct Judged<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) verdict: Verdict,
    pub(crate) score: f64,
    /// The findings of warning or worse, the worst first.
    pub(crate) loud: Vec<&'a Finding>,
}

impl<'a> Judged<'a> {
    pub(crate) fn of(outcome: &'a Outcome, scale: &Scale, outcomes: &[Outcome]) -> Self {
        let findings = outcome.diagnosis.findings.iter();
        Self {
            outcome,
            verdict: scale.verdict(outcome, outcomes),
            score: scale.score(outcome.case.task, outcome.accuracy),
            loud: findings.filter(|finding| finding.severity >= Severity::Warning).collect(),
        }
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.outcome.case.is_reported()
    }

    /// Of a sick run: whether its fault is named. Of a healthy one: whether anything is.
    pub(crate) fn speaks(&self) -> bool {
        speaks(&self.outcome.case, &self.outcome.diagnosis)
    }

    /// Whether the first finding's cause is the fault's.
    pub(crate) fn cause_is_right(&self) -> bool {
        let causes = self.outcome.case.fault().map_or(&[][..], |fault| fault.causes());
        self.outcome.diagnosis.findings.first().is_some_and(|finding| causes.contains(&finding.cause))
    }

    /// Whether the first layer that a right finding names is the fault's, or next to it; none if the fault is in no layer, or
    /// nothing right was found.
    pub(crate) fn layer_is_right(&self) -> Option<bool> {
        let case = &self.outcome.case;
        let layer = case.layer()?;
        let rules = case.fault()?.rules();
        let finding = self.loud.iter().find(|finding| rules.contains(&finding.rule))?;
        let named = finding.layers.first()?;
        let index = self.outcome.diagnosis.layers.iter().position(|name| name == named)?;
        Some(index.abs_diff(layer) <= 1)
    }

    /// Whether a finding is right.
    pub(crate) fn is_right(&self, finding: &Finding) -> bool {
        self.outcome.case.fault().is_some_and(|fault| fault.rules().contains(&finding.rule))
    }

    /// Whether one of the other tools, by its place, says anything.
    pub(crate) fn peer_speaks(&self, peer: usize) -> bool {
        !self.outcome.peers[peer].is_empty()
    }

    /// Whether it names the right kind of fault, in the widest sense.
    pub(crate) fn peer_is_right(&self, peer: usize) -> bool {
        let rules = self.outcome.case.fault().map_or(&[][..], |fault| fault.rules());
        let mut kinds = self.outcome.peers[peer].iter().flat_map(|symptom| symptom.kind.rules());
        kinds.any(|rule| rules.contains(rule))
    }

    /// The first look at which it was seen.
    pub(crate) fn seen_at(&self) -> Option<i64> {
        self.outcome.looks.iter().find(|(_, seen)| *seen).map(|(step, _)| *step)
    }
}
