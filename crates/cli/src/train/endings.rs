//! How the runs of each scenario ended.

use headwater_lab::{RunError, RunReport, Status};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    Diverged,
    Stopped,
    Interrupted,
    Failed,
    NotBegun,
}

/// How each run ended, by name.
pub(super) struct Endings(Vec<(String, Ending)>);

impl Endings {
    /// `results` are those of the runs that were started, which are the first of `planned`.
    pub(super) fn new(planned: &[(String, u64)], results: &[Result<RunReport, RunError>]) -> Self {
        let ending = |index: usize| match results.get(index) {
            None => Ending::NotBegun,
            Some(Err(_)) => Ending::Failed,
            Some(Ok(report)) => match report.status {
                Status::Done => Ending::Done,
                Status::Diverged => Ending::Diverged,
                Status::Stopped => Ending::Stopped,
                Status::Interrupted => Ending::Interrupted,
                Status::Running | Status::Failed => Ending::Failed,
            },
        };
        Self(planned.iter().enumerate().map(|(index, (name, _))| (name.clone(), ending(index))).collect())
    }

    /// Describes the runs of a scenario that did not complete, one item for each way of ending: "interrupted" for a
    /// single run, "2 diverged" for several.
    pub(super) fn marks(&self, scenario: &str) -> Vec<String> {
        let is_own =
            |name: &str| name.strip_prefix(scenario).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let endings: Vec<_> = self.0.iter().filter(|(name, _)| is_own(name)).map(|(_, ending)| *ending).collect();
        let kinds = [
            (Ending::Diverged, "diverged"),
            (Ending::Stopped, "stopped"),
            (Ending::Interrupted, "interrupted"),
            (Ending::Failed, "failed"),
            (Ending::NotBegun, "not begun"),
        ];
        let count = |kind| endings.iter().filter(|ending| **ending == kind).count();
        let told = kinds.into_iter().map(|(kind, word)| (count(kind), word)).filter(|(count, _)| *count > 0);
        told.map(|(count, word)| if endings.len() == 1 { word.to_owned() } else { format!("{count} {word}") }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endings(runs: &[(&str, Ending)]) -> Endings {
        Endings(runs.iter().map(|(name, ending)| ((*name).to_owned(), *ending)).collect())
    }

    #[test]
    fn a_scenario_is_marked_by_what_became_of_its_runs() {
        let single =
            endings(&[("relu", Ending::Done), ("leaky_relu", Ending::Interrupted), ("tanh", Ending::NotBegun)]);
        assert_eq!(single.marks("relu"), [""; 0]);
        assert_eq!(single.marks("leaky_relu"), ["interrupted"]);
        assert_eq!(single.marks("tanh"), ["not begun"]);
    }

    #[test]
    fn of_several_seeds_each_kind_is_counted() {
        let seeds = [Ending::Done, Ending::Diverged, Ending::Interrupted, Ending::Diverged, Ending::NotBegun];
        let names = ["a/seed-0", "a/seed-1", "a/seed-2", "a/seed-3", "a/seed-4"];
        let runs: Vec<_> = names.into_iter().zip(seeds).chain([("a-b/seed-0", Ending::Stopped)]).collect();
        assert_eq!(endings(&runs).marks("a"), ["2 diverged", "1 interrupted", "1 not begun"]);
    }
}
