//! Which runs are one training.

use std::sync::Arc;

use headwater_events::{Run, Store};

/// Folders for what was measured in training.
const HEADS: [&str; 2] = ["train", "training"];
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
        if HELD_OUT.contains(&name)
            && (HEADS.iter().any(|head| store.run(&join(parent, head)).is_some()) || has_values(store, parent, run))
        {
            return None;
        }
        if has_values(store, parent, run) && (scalar_of(run).is_some() || gives(run)) {
            return None;
        }
        let mut family = Self::default();
        let beside = |place: &str| HELD_OUT.iter().find_map(|held_out| store.run(&join(place, held_out)));
        let held_out = if HEADS.contains(&name) { beside(parent) } else { beside(run.name()) };
        family.held_out = held_out.map(|run| (run, "validation"));
        for other in children(store, run) {
            if let Some(tag) = scalar_of(&other) {
                family.scalars.push((other, tag));
            } else if gives(&other) {
                family.given.push(other);
            }
        }
        Some(family)
    }
}

/// The runs that evidence of a run may depend on, and perhaps a few more: those that can be of its family, and those that
/// decide whether it belongs to another's. They are the one above it, those in its folder, and of what was measured in
/// training or on held-out data the others beside it. What they hold is not looked at.
pub fn relatives(store: &Store, run: &Run) -> Vec<Arc<Run>> {
    let (parent, name) = split(run.name());
    let above = Some(parent).filter(|parent| *parent != &**run.name()).and_then(|parent| store.run(parent));
    let parts = || HEADS.iter().chain(&HELD_OUT);
    let is_part = parts().any(|part| *part == name);
    let beside = parts().filter(|part| is_part && **part != name).filter_map(|part| store.run(&join(parent, part)));
    above.into_iter().chain(beside).chain(children(store, run)).collect()
}

/// The runs in a run's folder, but not those deeper in it.
fn children(store: &Store, run: &Run) -> impl Iterator<Item = Arc<Run>> {
    store.below(run.name()).into_iter().filter(|other| split(other.name()).0 == &**run.name())
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

    #[test]
    fn relatives_are_above_beside_and_one_below() {
        let folder = tempfile::tempdir().unwrap();
        for run in [".", "a", "a-b", "a/x", "a/x/y", "a.b", "ab", "b/train", "b/other", "b/test", "val"] {
            let mut writer = Writer::create(&folder.path().join(run)).unwrap();
            writer.scalar(0, "loss", 1.0).unwrap();
            writer.close().unwrap();
        }
        let store = Store::open(folder.path());
        store.load();
        let names = |run: &str| {
            let relatives = relatives(&store, &store.run(run).unwrap());
            relatives.iter().map(|run| run.name().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("a"), ". a/x");
        assert_eq!(names("a/x"), "a a/x/y");
        assert_eq!(names("b/train"), "b/test");
        assert_eq!(names("b/other"), "");
        assert_eq!(names("."), "a a-b a.b ab val");
        assert_eq!(names("val"), ".");
    }
}
