//! What changed, for any number of listeners.
//!
//! One thread publishes; nothing is queued for anybody. A listener remembers the last message it told of, and gets the
//! later ones as one. Of messages so old that they are forgotten it learns that anything may have changed.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use headwater_threads::Unpoisoned as _;

use serde::Serialize;
use tokio::sync::watch;

/// How many messages are kept: at ten a second, those of the last seconds.
const KEPT: usize = 64;

/// More runs than this are not listed.
const LISTED: usize = 200;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) loading: bool,
    /// Whether the catalogue should be asked for anew.
    pub(crate) catalogue: bool,
    /// The runs in which some series grew; None if any may have.
    pub(crate) runs: Option<BTreeSet<Arc<str>>>,
    /// Runs that are gone.
    pub(crate) gone: BTreeSet<Arc<str>>,
    /// Whether the findings should be asked for anew.
    pub(crate) findings: bool,
}

impl Change {
    /// Anything may have changed.
    pub(crate) fn everything(version: u64, loading: bool) -> Self {
        Change { version, loading, catalogue: true, runs: None, gone: BTreeSet::new(), findings: true }
    }

    /// Adds what came after.
    fn and_then(&mut self, later: &Change) {
        (self.version, self.loading) = (later.version, later.loading);
        self.catalogue |= later.catalogue;
        self.findings |= later.findings;
        self.runs = self.runs.take().zip(later.runs.as_ref()).map(|(mut runs, more)| {
            runs.extend(more.iter().cloned());
            runs
        });
        self.gone.extend(later.gone.iter().cloned());
        self.limit();
    }

    fn limit(&mut self) {
        if self.runs.as_ref().is_some_and(|runs| runs.len() > LISTED) {
            self.runs = None;
        }
    }
}

/// The latest changes.
#[derive(Debug)]
pub(crate) struct Feed {
    latest: Mutex<VecDeque<Arc<Change>>>,
    /// How many changes there have been.
    count: watch::Sender<u64>,
}

impl Default for Feed {
    fn default() -> Self {
        Feed { latest: Mutex::default(), count: watch::Sender::new(0) }
    }
}

impl Feed {
    /// Tells everybody.
    pub(crate) fn publish(&self, mut change: Change) {
        change.limit();
        self.push(&mut self.latest.lock().unpoisoned(), change);
    }

    /// Tells everybody that other things are said of runs than before.
    pub(crate) fn publish_findings(&self, version: u64) {
        let mut latest = self.latest.lock().unpoisoned();
        // Whether it is loading is for others to say.
        let loading = latest.back().is_none_or(|newest| newest.loading);
        let runs = Some(BTreeSet::new());
        self.push(
            &mut latest,
            Change { version, loading, catalogue: false, runs, gone: BTreeSet::new(), findings: true },
        );
    }

    fn push(&self, latest: &mut VecDeque<Arc<Change>>, change: Change) {
        if latest.len() == KEPT {
            latest.pop_front();
        }
        latest.push_back(Arc::new(change));
        self.count.send_modify(|count| *count += 1);
    }

    /// Learns of the changes that come after this call.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    /// Whether anybody listens.
    pub(crate) fn is_heard(&self) -> bool {
        self.count.receiver_count() > 0
    }

    /// Whether it has not been told yet that the first look is through.
    pub(crate) fn is_loading(&self) -> bool {
        self.latest.lock().unpoisoned().back().is_none_or(|newest| newest.loading)
    }

    /// What changed after the first `seen` changes, as one, and how many changes there have been. None if nothing did.
    pub(crate) fn after(&self, seen: u64) -> Option<(Change, u64)> {
        let latest = self.latest.lock().unpoisoned();
        let count = *self.count.borrow();
        let missed = usize::try_from(count - seen).unwrap_or(usize::MAX);
        let newest = latest.back().filter(|_| missed > 0)?;
        if missed > latest.len() {
            return Some((Change::everything(newest.version, newest.loading), count));
        }
        let mut missed = latest.range(latest.len() - missed..);
        let mut change = Change::clone(missed.next()?);
        missed.for_each(|later| change.and_then(later));
        Some((change, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(version: u64, runs: &[&str]) -> Change {
        let runs = Some(runs.iter().map(|&name| name.into()).collect());
        Change { version, loading: false, catalogue: false, runs, gone: BTreeSet::new(), findings: false }
    }

    #[test]
    fn a_slow_listener_gets_what_it_missed_as_one() {
        let feed = Feed::default();
        assert_eq!(feed.after(0), None);
        feed.publish(change(1, &["a"]));
        feed.publish(Change { catalogue: true, ..change(2, &["b"]) });
        feed.publish(change(3, &["a"]));
        assert_eq!(feed.after(0), Some((Change { catalogue: true, ..change(3, &["a", "b"]) }, 3)));
        assert_eq!(feed.after(2), Some((change(3, &["a"]), 3)));
        assert_eq!(feed.after(3), None);
    }

    #[test]
    fn one_that_slept_learns_that_anything_may_have_changed() {
        let feed = Feed::default();
        for version in 1..=1000 {
            feed.publish(change(version, &["a"]));
        }
        assert_eq!(feed.after(0), Some((Change::everything(1000, false), 1000)));
        assert_eq!(feed.after(999).unwrap().0, change(1000, &["a"]));
        assert_eq!(feed.latest.lock().unwrap().len(), KEPT);
    }

    #[test]
    fn news_of_findings_neither_begin_nor_end_the_first_look() {
        let feed = Feed::default();
        feed.publish_findings(1);
        assert!(feed.is_loading());
        feed.publish(change(2, &["a"]));
        feed.publish_findings(3);
        assert!(!feed.is_loading());
        let (told, _) = feed.after(0).unwrap();
        assert!(told.findings && !told.catalogue);
        assert_eq!(feed.after(1).unwrap().0.runs, change(3, &["a"]).runs);
    }

    #[test]
    fn many_runs_are_not_listed() {
        let feed = Feed::default();
        let names: Vec<String> = (0..=LISTED).map(|i| i.to_string()).collect();
        feed.publish(change(1, &names.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(feed.after(0).unwrap().0.runs, None);
    }
}
