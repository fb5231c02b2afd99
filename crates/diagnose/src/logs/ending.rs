//! How a run ended, as its log tells.

use headwater_events::{Run, Series, SeriesKind, proto::HParamsData, proto::SessionStatus};

use super::given;
use crate::config::Config;
use crate::names::{Course, course};

/// How a run ended, in words; none if it ended well, or if its log does not tell. A log tells by the sessions of the
/// `HParams` plugin: one that began, and whether it ended, and how.
pub fn ending(run: &Run) -> Option<String> {
    // The wall time of the last session's start, and of its end. None is before all times.
    let at = |tag: &str| {
        let series = run.get(&format!("_hparams_/{tag}"))?;
        let last = series.len().checked_sub(1)?;
        Some(series.steps(last..last.saturating_add(1)).first()?.1)
    };
    let (begun, ended) = (at("session_start_info"), at("session_end_info"));
    let last = last_step(run)?;
    let config = given::configuration(run).map_or_else(Config::default, |text| Config::read(&text));
    let planned = config.number("train.steps").filter(|_| config.is_ours());
    let made =
        planned.map_or_else(String::new, |planned| format!(" after {} of {planned} steps", last.saturating_add(1)));
    if ended < begun {
        // Other programs write both at once, or only the first.
        return planned.map(|_| format!("has no recorded end{made}: it is still being trained, or was killed"));
    }
    let status = given::session(run, |data| match data {
        HParamsData::SessionEndInfo(end) => SessionStatus::try_from(end.status).ok(),
        _ => None,
    })?;
    if status != SessionStatus::Failure {
        return None;
    }
    Some(match diverged(run) {
        Some(step) => format!("diverged: its loss is not finite at step {step}"),
        None if planned.is_some() => {
            format!("ended{made}: it was interrupted, stopped by a finding, or could not be recorded")
        }
        None => "failed, as its log says".to_owned(),
    })
}

/// The last step of all records.
fn last_step(run: &Run) -> Option<i64> {
    run.series().iter().filter_map(|series| Some(series.info().ends?.1)).max()
}

/// The step of the last loss, if that is not finite.
fn diverged(run: &Run) -> Option<i64> {
    let is_loss = |series: &&std::sync::Arc<Series>| {
        series.kind() == SeriesKind::Scalar && course(series.tag()) == Some(Course::Loss)
    };
    let series = run.series();
    let last = |series: &Series| series.points(series.len().saturating_sub(1)..series.len()).pop();
    let points = series.iter().filter(is_loss).filter_map(|series| last(series));
    points.filter(|point| !point.value.is_finite()).map(|point| point.step).min()
}

#[cfg(test)]
mod tests {
    use headwater_events::{Ending, HParams, Store, Writer};

    use super::*;

    const CONFIG: &str = "[network]\nactivation = 'relu'\n[train]\nsteps = 100";

    /// How a run ended that recorded a loss at these steps; with hyperparameters, and a configuration, if it is ours.
    fn ended(config: &str, steps: i64, last: f32, end: Option<Ending>) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        if !config.is_empty() {
            writer.text(0, "config", config).unwrap();
            writer.hparams(&HParams { group: String::new(), values: vec![], metrics: vec![] }).unwrap();
        }
        for step in 0..steps {
            writer.scalar(step, "loss", if step + 1 == steps { last } else { 1.0 }).unwrap();
        }
        if let Some(end) = end {
            writer.session_end(end).unwrap();
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        ending(&store.run("run").unwrap())
    }

    #[test]
    fn a_run_that_did_not_end_well_says_so_and_one_that_did_says_nothing() {
        assert_eq!(ended(CONFIG, 100, 1.0, Some(Ending::Success)), None);
        assert_eq!(ended("", 100, 1.0, None), None);
        assert!(ended(CONFIG, 40, 1.0, Some(Ending::Failure)).unwrap().starts_with("ended after 40 of 100 steps"));
        let killed = ended(CONFIG, 40, 1.0, None).unwrap();
        assert_eq!(killed, "has no recorded end after 40 of 100 steps: it is still being trained, or was killed");
        let diverged = ended(CONFIG, 40, f32::NAN, Some(Ending::Failure)).unwrap();
        assert_eq!(diverged, "diverged: its loss is not finite at step 39");
        assert_eq!(ended("", 9, 1.0, Some(Ending::Failure)).unwrap(), "failed, as its log says");
    }

    #[test]
    fn the_last_session_counts() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let session = |end: Option<Ending>| {
            let mut writer = Writer::create(&run).unwrap();
            writer.text(0, "config", CONFIG).unwrap();
            writer.hparams(&HParams { group: String::new(), values: vec![], metrics: vec![] }).unwrap();
            writer.scalar(99, "loss", 1.0).unwrap();
            if let Some(end) = end {
                writer.session_end(end).unwrap();
            }
            writer.close().unwrap();
            let store = Store::open(folder.path());
            store.load();
            ending(&store.run("run").unwrap())
        };
        assert!(session(None).is_some());
        // Killed, trained again to its end, and begun once more.
        assert_eq!(session(Some(Ending::Success)), None);
        assert!(session(None).unwrap().starts_with("has no recorded end"));
    }
}
