//! Whether what is advised first helps: faulty runs are trained again with it.

use anyhow::{Context, Result};
use headwater_lab::Config;
use toml::{Table, Value};

use crate::case::apply;
use crate::data::Datasets;
use crate::hash::hash;
use crate::tally::Judged;
use crate::verdict::{Scale, Verdict};

/// Runs that are trained again.
const SAMPLE: usize = 80;

/// What came of the first remedies.
pub(crate) struct Tried {
    /// Advised in words only, so that nothing could be set.
    pub(crate) words: usize,
    /// With it the network learns clearly better.
    pub(crate) helped: Vec<String>,
    /// Clearly worse.
    pub(crate) harmed: Vec<String>,
    /// Neither.
    pub(crate) nothing: Vec<String>,
}

impl Tried {
    pub(crate) fn count(&self) -> usize {
        self.helped.len() + self.harmed.len() + self.nothing.len()
    }
}

/// Tries the first remedy of the first finding on a sample, chosen by hash, of faulty runs whose fault is in their
/// configuration: what was done to the network by hand no configuration can undo.
pub(crate) fn tried(
    judged: &[Judged<'_>],
    scale: &Scale,
    datasets: &Datasets,
    folder: &std::path::Path,
) -> Result<Tried> {
    let mut candidates: Vec<&Judged<'_>> =
        judged.iter().filter(|run| run.verdict == Verdict::Sick && run.speaks() && !run.outcome.by_hand).collect();
    candidates.sort_by_key(|run| hash(&format!("remedy of {}", run.outcome.case.id)));
    let mut tried = Tried { words: 0, helped: Vec::new(), harmed: Vec::new(), nothing: Vec::new() };
    let mut jobs = Vec::new();
    for run in candidates.into_iter().take(SAMPLE) {
        let remedy = run.loud.first().and_then(|finding| finding.remedies.first());
        match remedy.and_then(|remedy| remedy.set.clone()) {
            Some(set) => jobs.push((run, set)),
            None => tried.words += 1,
        }
    }
    let train = |(run, set): &(&Judged<'_>, String)| -> Result<(std::cmp::Ordering, String)> {
        let case = &run.outcome.case;
        let config = with(&run.outcome.config, set)?;
        let (_, dataset) = datasets.get(case.task, case.version());
        let folder = folder.join(&case.id);
        let report = apply(&case.id, &config, &case.injected(datasets)?, dataset, &folder)?;
        std::fs::remove_dir_all(folder)?;
        let (before, after) = (run.outcome.accuracy, report.test_accuracy);
        let ordering = if scale.is_better(case.task, after, before) {
            std::cmp::Ordering::Greater
        } else if scale.is_better(case.task, before, after) {
            std::cmp::Ordering::Less
        } else {
            std::cmp::Ordering::Equal
        };
        Ok((ordering, format!("{}: {set}", case.id)))
    };
    for result in headwater_threads::each(&jobs, train) {
        let (ordering, what) = result?;
        match ordering {
            std::cmp::Ordering::Greater => tried.helped.push(what),
            std::cmp::Ordering::Less => tried.harmed.push(what),
            std::cmp::Ordering::Equal => tried.nothing.push(what),
        }
    }
    Ok(tried)
}

/// A configuration with one key set, as by `--set`.
fn with(config: &str, set: &str) -> Result<Config> {
    let (key, text) = set.split_once('=').context("a remedy is KEY=VALUE")?;
    let (section, name) = key.split_once('.').context("a key has a section")?;
    let value = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    let mut table: Table = toml::from_str(config)?;
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let section = section.as_table_mut().context("a section is a table")?;
    section.insert(name.to_owned(), value.unwrap_or_else(|| Value::String(text.to_owned())));
    Ok(table.try_into()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_set_whether_its_value_is_a_number_or_a_word() {
        let config = with("[train]\nlearning_rate = 1.0\n", "train.learning_rate=0.01").unwrap();
        assert_eq!(config.train.learning_rate, 0.01);
        assert!(with("", "network.norm=batch").unwrap().network.norm.is_some());
        assert!(with("", "network.nonsense=1").is_err());
    }
}
