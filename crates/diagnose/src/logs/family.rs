//! Which runs are one training.

use std::sync::Arc;

use headwater_events::{Run, Store};

/// Folders for what was measured on held-out data, the one that is looked at first.
const HELD_OUT: [&str; 6] = ["validation", "valid", "val", "eval", "dev", "test"];
/// Where a program puts its own values of hyperparameters.
const SESSION_START: &str = "_hparams_/session_start_info";

/// The runs that belong to one.
#[derive(Debug, Default)]
pub(super) struct Family {
    /// Runs on held-out data, and what to put before their tags.
    pub(super) held_out: Option<(Arc<Run>, &'static str)>,
    /// Runs of a single scalar that belongs to this one, and its tag: `loss/val` of `loss_val`.
    pub(super) scalars: Vec<(Arc<Run>, String)>,
    /// Runs that hold hyperparameters and nothing else of use.
    pub(super) given: Vec<Arc<Run>>,
}

impl Family {
    /// The family of which a run is the head; none if it belongs to another's.
    pub(super) fn of(store: &Store, run: &Run) -> Option<Self> {
        let (parent, name) = split(run.name());
        let is_head = |name: &str| name == "train" || name == "training";
        if HELD_OUT.contains(&name)
            && (["train", "training"].iter().any(|head| store.run(&join(parent, head)).is_some())
                || has_values(store, parent, run))
        {
            return None;
        }
        if has_values(store, parent, run) && (scalar_of(run).is_some() || gives(run)) {
            return None;
        }
        let mut family = Self::default();
        let beside = |place: &str| HELD_OUT.iter().find_map(|held_out| store.run(&join(place, held_out)));
        let held_out = if is_head(name) { beside(parent) } else { beside(run.name()) };
        family.held_out = held_out.map(|run| (run, "validation"));
        for other in store.runs() {
            if split(other.name()).0 != &**run.name() || other.name() == run.name() {
                continue;
            }
            if let Some(tag) = scalar_of(&other) {
                family.scalars.push((other, tag));
            } else if gives(&other) {
                family.given.push(other);
            }
        }
        Some(family)
    }
}

/// The folder that a run is in, and its own name. The log directory itself is `.`.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or((".", name))
}

fn join(parent: &str, name: &str) -> String {
    if parent == "." { name.to_owned() } else { format!("{parent}/{name}") }
}

/// Whether there is a run of this name, other than `run`.
fn has_values(store: &Store, name: &str, run: &Run) -> bool {
    name != &**run.name() && store.run(name).is_some()
}

/// The tag that a run of `add_scalars` belongs under: it holds one scalar, whose name its folder begins with.
fn scalar_of(run: &Run) -> Option<String> {
    let series = run.series();
    let [only] = &series[..] else { return None };
    let rest = split(run.name()).1.strip_prefix(&only.tag().replace('/', "_"))?.strip_prefix('_')?;
    Some(format!("{}/{rest}", only.tag()))
}

/// Whether a run was made by `add_hparams`: hyperparameters, and numbers of the end.
fn gives(run: &Run) -> bool {
    run.get(SESSION_START).is_some() && run.series().iter().all(|series| series.len() <= 1)
}

#[cfg(test)]
mod tests {
    use headwater_events::Writer;

    use super::*;

    #[test]
    fn folders_of_one_training_are_one_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for (run, tag) in [
            ("a", "loss"),
            ("a/Loss_x_val", "Loss/x"),
            ("a/eval", "loss"),
            ("a/other", "loss"),
            ("b/train", "loss"),
            ("b/test", "loss"),
            ("c/test", "loss"),
        ] {
            let mut writer = Writer::create(&folder.path().join(run)).unwrap();
            writer.scalar(0, tag, 1.0).unwrap();
            writer.close().unwrap();
        }
        let store = Store::open(folder.path());
        store.load();
        let heads: Vec<String> = store
            .runs()
            .iter()
            .filter(|run| Family::of(&store, run).is_some())
            .map(|run| run.name().to_string())
            .collect();
        assert_eq!(heads, ["a", "a/other", "b/train", "c/test"]);
        let family = Family::of(&store, &store.run("a").unwrap()).unwrap();
        assert_eq!(family.scalars[0].1, "Loss/x/val");
        assert_eq!(&**family.held_out.unwrap().0.name(), "a/eval");
    }
}
