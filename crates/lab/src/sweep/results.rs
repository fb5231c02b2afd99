//! `results.csv`: one line for each run that is over, made of the runs' own results.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use headwater_nn::Stage;

use super::part::Part;
use super::plan::PlannedRun;
use super::words::cell;
use super::{Outcome, Plan, SweepError};
use crate::Status;
use crate::measures::results;

pub(crate) const FILE_NAME: &str = "results.csv";

/// Writes the table, in the order of the plan: the same bytes whoever trained what, but for the last column. `token` is the
/// writer's, who shares the folder with others. `known` are the outcomes that need not be read, by the numbers of their runs;
/// of those, too, only runs that are still there become lines. Returns how many lines there are.
///
/// # Errors
/// When a result cannot be read or the table not be written.
pub(crate) fn write(
    folder: &Path,
    plan: &Plan,
    runs: &[PlannedRun],
    token: &str,
    mut known: BTreeMap<usize, Outcome>,
) -> Result<usize, SweepError> {
    let path = folder.join(FILE_NAME);
    let mut written = None;
    loop {
        let mut over = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            let place = folder.join("runs").join(&run.name);
            let is_there = match known.entry(index) {
                Entry::Occupied(_) => Outcome::is_in(&place),
                Entry::Vacant(entry) => Outcome::read(&place).map(|read| read.map(|read| entry.insert(read)).is_some()),
            };
            over.extend(is_there.map_err(SweepError::reading(&place))?.then_some(index));
        }
        // A process that looked before this one may have written after it, and less: whoever writes looks again.
        if written == Some(over.len()) {
            return Ok(over.len());
        }
        let outcomes = over.iter().filter_map(|index| Some((*index, known.get(index)?)));
        let table = table(plan, runs, outcomes).map_err(SweepError::writing(&path))?;
        let part = Part::write(folder.join(format!("{FILE_NAME}.{token}.part")), table);
        part.and_then(|part| part.replace(&path)).map_err(SweepError::writing(&path))?;
        written = Some(over.len());
    }
}

fn table<'a>(
    plan: &Plan,
    runs: &[PlannedRun],
    outcomes: impl Iterator<Item = (usize, &'a Outcome)>,
) -> std::io::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> = ["trial", "run", "scenario", "status", "steps", "seed"].map(str::to_owned).to_vec();
    header.extend(plan.keys.iter().cloned());
    header.extend(results().map(|(tag, _)| tag.trim_start_matches("final/").to_owned()));
    header.extend(Stage::ALL.map(|stage| format!("gain_{stage}")));
    header.push("seconds".to_owned());
    csv.write_record(&header)?;
    for (index, outcome) in outcomes {
        let run = &runs[index];
        let trial = &plan.trials[run.trial];
        let status = if outcome.status == Status::Diverged { "diverged" } else { "done" };
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let mut row = vec![
            run.trial.to_string(),
            run.name.clone(),
            trial.scenario.clone(),
            status.to_owned(),
            outcome.steps.to_string(),
            run.seed.to_string(),
        ];
        row.extend(trial.values.iter().map(cell));
        let values = outcome.results();
        row.extend(results().map(|(_, read)| number(read(&values))));
        row.extend(Stage::ALL.map(|stage| number(outcome.gains.get(&stage.to_string()).copied())));
        row.push(format!("{:.6}", outcome.seconds));
        csv.write_record(&row)?;
    }
    csv.into_inner().map_err(csv::IntoInnerError::into_error)
}
