//! The best trials of a sweep as a table.

use headwater_lab::sweep::{Plan, Ranking, short};

use crate::table;

/// How many are shown; the file of results has all.
const SHOWN: usize = 10;

/// The best trials, with their values.
pub(crate) fn best(plan: &Plan, ranking: &Ranking) -> String {
    let mut table = table::ruled();
    let scenario = plan.has_scenarios().then_some("scenario");
    let keys = plan.keys.iter().map(String::as_str);
    table.set_header(["trial"].into_iter().chain(scenario).chain(keys).chain([plan.objective.name()]));
    for (trial, score) in ranking.best().iter().take(SHOWN) {
        let number = format!("{trial:04}");
        let trial = &plan.trials[*trial];
        let scenario = plan.has_scenarios().then(|| trial.scenario.clone());
        let values = trial.values.iter().map(short);
        table.add_row([number].into_iter().chain(scenario).chain(values).chain([format!("{score:.4}")]));
    }
    let mut text = table::aligned(table);
    if ranking.best().len() > SHOWN {
        text.push_str(&format!("\nThe best {SHOWN} of {}.", ranking.best().len()));
    }
    if plan.seeds > 1 {
        text.push_str(&format!("\nMeans over {} seeds.", plan.seeds));
    }
    text
}
