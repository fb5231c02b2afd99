//! The best trials of a sweep as a table.

use headwater_lab::sweep::{Plan, Ranking, short};

use crate::table;

/// How many are shown; the file of results has all.
pub(crate) const SHOWN: usize = 10;

/// The best trials with their values. For several seeds, shows the median and below it the range from 5 to 95 %.
pub(crate) fn best(plan: &Plan, ranking: &Ranking) -> String {
    let mut table = table::ruled();
    let scenario = plan.has_scenarios().then_some("scenario");
    let keys = plan.keys.iter().map(String::as_str);
    let seeds = (plan.seeds > 1).then_some("seeds");
    table.set_header(["trial"].into_iter().chain(scenario).chain(keys).chain([plan.objective.name()]).chain(seeds));
    for (trial, score) in ranking.best().iter().take(SHOWN) {
        let number = format!("{trial:04}");
        let seeds = ranking.spread(plan, *trial).filter(|_| plan.seeds > 1);
        let range = seeds.map_or_else(String::new, |seeds| format!("\n{:.4}–{:.4}", seeds.p5, seeds.p95));
        let seeds = seeds.map(|_| plan.seeds.to_string());
        let trial = &plan.trials[*trial];
        let scenario = plan.has_scenarios().then(|| trial.scenario.clone());
        let values = trial.values.iter().map(short);
        table.add_row(
            [number].into_iter().chain(scenario).chain(values).chain([format!("{score:.4}{range}")]).chain(seeds),
        );
    }
    let mut text = table::aligned(table);
    if ranking.best().len() > SHOWN {
        text.push_str(&format!("\nThe best {SHOWN} of {}.", ranking.best().len()));
    }
    if plan.seeds > 1 {
        text.push_str("\nMedians over the seeds; below them the range from 5 to 95 %.");
    }
    text
}
