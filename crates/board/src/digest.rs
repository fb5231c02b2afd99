//! What the catalogue says of a run.
//!
//! A digest is made anew when its run has changed, and only then: a log directory may hold a thousand runs of hundreds of
//! tags, and one of them be live.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use headwater_diagnose::network_record;
use headwater_events::{
    Metadata, Run, Series, SeriesKind,
    proto::{HParamsData, HParamsPluginData, SessionStatus},
};
use headwater_probe::network::{self, Modules};
use prost::Message;
use serde::Serialize;

use crate::data::flow::{self, Available};

/// A run that is not ended and was written to in so many seconds is live. So far may the clock be ahead that it is
/// written by.
const FRESH: f64 = 60.0;

/// The tag with which a run ends.
const SESSION_START: &str = "_hparams_/session_start_info";
const SESSION_END: &str = "_hparams_/session_end_info";

/// How a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Written to a moment ago, and not ended.
    Live,
    /// Not ended, but nothing has come for a while.
    Stale,
    /// It did what it was asked to.
    Done,
    /// Its loss is not a number any more.
    Diverged,
    /// One of ours, ended before its time. Ours record no other failure than this one and divergence.
    Interrupted,
    /// It says that it failed.
    Failed,
}

/// The tags of a run and the modules of its network, shared by all runs that have the same.
#[derive(Debug)]
pub(crate) struct TagSet {
    /// By name.
    pub(crate) tags: Vec<(Arc<str>, SeriesKind)>,
    /// None without a network record.
    pub(crate) modules: Option<Arc<Modules>>,
    pub(crate) flow: Vec<Available>,
}

/// What a writer said of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagNotes {
    pub(crate) name: String,
    pub(crate) description: String,
}

/// A run in short.
#[derive(Debug, Clone)]
pub(crate) struct Digest {
    pub(crate) name: Arc<str>,
    pub(crate) generation: u64,
    /// The version of the store up to which this is true.
    version: u64,
    pub(crate) set: Arc<TagSet>,
    pub(crate) said: Vec<(Arc<str>, SeriesKind, TagNotes)>,
    /// Wall times of the first and of the last record, in seconds.
    pub(crate) wall_times: Option<(f64, f64)>,
    pub(crate) steps: Option<(i64, i64)>,
    pub(crate) values: usize,
    files: usize,
    /// How many network records were found; the modules are those of the last.
    records: usize,
    /// When it will be stale unless it ends or grows, in seconds. 0 if it is stale already.
    pub(crate) live_until: f64,
    ending: Option<Status>,
}

/// How much a log directory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) runs: usize,
    pub(crate) values: usize,
    pub(crate) files: usize,
}

impl Digest {
    /// How the run does at a time in seconds.
    pub(crate) fn status(&self, now: f64) -> Status {
        self.ending.unwrap_or(if now < self.live_until { Status::Live } else { Status::Stale })
    }

    /// Whether a page that knows `self` would show what `other` adds without asking for the catalogue.
    fn has_shape_of(&self, other: &Digest) -> bool {
        let same = |a: &Digest, b: &Digest| (a.generation, a.ending) == (b.generation, b.ending) && a.said == b.said;
        Arc::ptr_eq(&self.set, &other.set) && same(self, other)
    }
}

/// The digests of all runs.
#[derive(Debug, Default)]
pub(crate) struct Digests {
    runs: BTreeMap<Arc<str>, Digest>,
    sets: HashMap<Key, Arc<TagSet>>,
    /// How many times they changed in more than counts and times.
    shape: u64,
}

/// What tells one set from another.
type Key = (Vec<(Arc<str>, SeriesKind)>, Option<Arc<Modules>>);

impl Digests {
    /// By name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Digest> {
        self.runs.values()
    }

    /// A count that grows whenever the catalogue is another than before, but for counts and times. Whoever wants to know
    /// compares it with what it was, so that nobody takes the news from anybody.
    pub(crate) fn shape(&self) -> u64 {
        self.shape
    }

    /// The digest of a run.
    pub(crate) fn get(&self, run: &str) -> Option<&Digest> {
        self.runs.get(run)
    }

    pub(crate) fn totals(&self) -> Totals {
        let all = Totals { runs: self.runs.len(), ..Totals::default() };
        self.all().fold(all, |all, digest| {
            let (values, files) = (all.values + digest.values, all.files + digest.files);
            Totals { values, files, ..all }
        })
    }

    /// Catches up with these runs, which are all that there are. `now`: in seconds. `loading`: whether they are being read
    /// for the first time, which is no growth.
    pub(crate) fn refresh(&mut self, runs: &[Arc<Run>], now: f64, loading: bool) {
        let mut is_changed = false;
        if self.runs.len() > runs.len() || self.runs.keys().zip(runs).any(|(name, run)| name != run.name()) {
            let names: HashSet<&Arc<str>> = runs.iter().map(|run| run.name()).collect();
            let before = self.runs.len();
            self.runs.retain(|name, _| names.contains(name));
            is_changed |= self.runs.len() != before;
        }
        for run in runs {
            let known = self.runs.get(run.name());
            let is_known = |known: &Digest| (known.generation, known.version) == (run.generation(), run.version());
            if known.is_some_and(is_known) {
                continue;
            }
            let mut digest = self.digest(run, now);
            if let Some(known) = self.runs.get(run.name()).filter(|known| known.generation == digest.generation) {
                digest.live_until = digest.live_until.max(known.live_until);
                if !loading && digest.values > known.values {
                    // Whatever its clock says: it was written to just now.
                    digest.live_until = digest.live_until.max(now + FRESH);
                }
            }
            is_changed |= known_shape(self.runs.get(run.name()), &digest);
            self.runs.insert(Arc::clone(run.name()), digest);
        }
        // One that only this list holds belongs to no run any more.
        self.sets.retain(|_, set| Arc::strong_count(set) > 1);
        self.shape += u64::from(is_changed);
    }

    fn digest(&mut self, run: &Run, now: f64) -> Digest {
        // Before anything is looked at: what changes meanwhile is seen again.
        let version = run.version();
        let (mut wall_times, mut steps, mut values) = (None::<(f64, f64)>, None::<(i64, i64)>, 0);
        let mut live_until = 0.0_f64;
        let (mut tags, mut said, mut ended, mut lost, mut is_ours) = (Vec::new(), Vec::new(), None, false, false);
        for series in run.series() {
            let info = series.info();
            let (tag, kind) = (series.tag(), info.kind);
            values += info.count;
            if let Some((first, last)) = info.ends {
                steps = Some(steps.map_or((first, last), |(low, high)| (low.min(first), high.max(last))));
                let (first, last) = (wall_time(&series, 0), wall_time(&series, info.count - 1));
                wall_times = Some(wall_times.map_or((first, last), |(low, high)| (low.min(first), high.max(last))));
                // A time that has not come yet, or never will, says nothing.
                if last <= now + FRESH {
                    live_until = live_until.max(last + FRESH);
                }
            }
            lost |= kind == SeriesKind::Scalar && is_loss(tag) && is_lost(&series, info.count);
            is_ours |= kind == SeriesKind::Text && **tag == *headwater_probe::tags::CONFIG;
            if kind == SeriesKind::HParams && **tag == *SESSION_END {
                ended = session_end(&info.metadata);
            }
            let Metadata { display_name: name, description, .. } = info.metadata;
            if !(name.is_empty() && description.is_empty()) {
                said.push((Arc::clone(tag), kind, TagNotes { name, description }));
            }
            tags.push((Arc::clone(tag), kind));
        }
        // A session that began after the last end has not ended.
        let ended = ended.filter(|_| last_time(run, SESSION_START) <= last_time(run, SESSION_END));
        let ending = match ended {
            _ if lost => Some(Status::Diverged),
            Some(SessionStatus::Success) => Some(Status::Done),
            Some(SessionStatus::Failure) if is_ours => Some(Status::Interrupted),
            Some(SessionStatus::Failure) => Some(Status::Failed),
            _ => None,
        };
        let (name, generation) = (Arc::clone(run.name()), run.generation());
        let known = self.runs.get(run.name()).filter(|known| known.generation == generation);
        let records = run.get(network::TAG).map_or(0, |series| series.len());
        let modules = match known {
            Some(known) if known.records == records => known.set.modules.clone(),
            // One that cannot be read is told where it is asked for.
            _ => network_record(run).and_then(Result::ok).map(|record| Arc::new(record.modules())),
        };
        let set = self.set((tags, modules));
        let files = run.files().len();
        Digest { name, generation, version, set, said, wall_times, steps, values, files, records, live_until, ending }
    }

    /// The one set of these tags and modules.
    fn set(&mut self, key: Key) -> Arc<TagSet> {
        if let Some(set) = self.sets.get(&key) {
            return Arc::clone(set);
        }
        let (tags, modules) = key.clone();
        let flow = flow::available(tags.iter().map(|(tag, kind)| (&**tag, *kind)), modules.as_deref());
        let set = Arc::new(TagSet { tags, modules, flow });
        self.sets.insert(key, Arc::clone(&set));
        set
    }
}

/// Whether `new` says more of a run than its numbers.
fn known_shape(old: Option<&Digest>, new: &Digest) -> bool {
    old.is_none_or(|old| !old.has_shape_of(new))
}

/// The wall time of the last value under a tag. None is before all times.
fn last_time(run: &Run, tag: &str) -> Option<f64> {
    let series = run.get(tag)?;
    Some(wall_time(&series, series.len().checked_sub(1)?))
}

fn wall_time(series: &Series, index: usize) -> f64 {
    series.steps(index..index + 1).first().map_or(f64::NAN, |(_, wall_time)| *wall_time)
}

/// `loss`, `cost`, `train/loss`, `Loss/train`, `train_loss`, `epoch_loss`.
fn is_loss(tag: &str) -> bool {
    tag.split('/').any(|name| {
        let last = name.rsplit('_').next().unwrap_or(name);
        last.eq_ignore_ascii_case("loss") || last.eq_ignore_ascii_case("cost")
    })
}

fn is_lost(series: &Series, count: usize) -> bool {
    let last = count.checked_sub(1).and_then(|last| series.points(last..count).first().copied());
    last.is_some_and(|point| !point.value.is_finite())
}

fn session_end(metadata: &Metadata) -> Option<SessionStatus> {
    match HParamsPluginData::decode(&*metadata.content).ok()?.data? {
        HParamsData::SessionEndInfo(end) => SessionStatus::try_from(end.status).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use headwater_events::{
        Ending, HParams, Store, Writer,
        proto::{Event, Summary, Value, ValueKind, What},
        record,
    };

    use super::*;

    /// What the clock says, in seconds.
    const NOW: f64 = 1.7e9;

    /// A run that grows, and its digest.
    struct Log {
        folder: tempfile::TempDir,
        store: Store,
        digests: Digests,
        bytes: Vec<u8>,
    }

    impl Log {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path());
            Log { folder, store, digests: Digests::default(), bytes: Vec::new() }
        }

        /// Adds a value, and catches up.
        fn add(&mut self, tag: &str, wall_time: f64, now: f64, loading: bool) -> Status {
            let kind = Some(ValueKind::SimpleValue(1.0));
            let value = Value { tag: tag.to_owned(), value: kind, ..Value::default() };
            let what = Some(What::Summary(Summary { value: vec![value] }));
            let event = Event { wall_time, step: 0, what, source_metadata: None };
            record::append(&mut self.bytes, |buffer| event.encode_raw(buffer));
            std::fs::write(self.folder.path().join("events.out.tfevents.1"), &self.bytes).unwrap();
            self.store.load();
            self.digests.refresh(&self.store.runs(), now, loading);
            self.status(now)
        }

        fn status(&self, now: f64) -> Status {
            self.digests.all().next().unwrap().status(now)
        }
    }

    #[test]
    fn a_run_is_live_for_a_minute_after_its_last_value() {
        let mut log = Log::new();
        assert_eq!(log.add("a", NOW - 61.0, NOW, true), Status::Stale);
        assert_eq!(log.add("a", NOW - 1.0, NOW, true), Status::Live);
        assert_eq!((log.status(NOW + 58.0), log.status(NOW + 59.0)), (Status::Live, Status::Stale));
        // Nothing of it is known to be new.
        assert_eq!(log.add("a", NOW, NOW + 100.0, true), Status::Stale);
    }

    #[test]
    fn times_that_have_not_come_say_nothing() {
        for time in [f64::INFINITY, f64::NAN, NOW + 61.0, NOW * 1e3, f64::MAX, f64::NEG_INFINITY] {
            let mut log = Log::new();
            assert_eq!(log.add("a", time, NOW, true), Status::Stale, "{time}");
            assert_eq!(log.status(time.max(NOW)), Status::Stale, "{time}");
            // One series of another's time does not hide that another one grows.
            assert_eq!(log.add("b", NOW, NOW, true), Status::Live, "{time}");
            assert_eq!(log.status(NOW + 60.0), Status::Stale, "{time}");
        }
    }

    #[test]
    fn a_run_that_is_seen_to_grow_is_live_whatever_its_clock_says() {
        for time in [NOW - 3600.0, NOW + 3600.0, 0.0, f64::INFINITY] {
            let mut log = Log::new();
            log.add("a", time, NOW, true);
            assert_eq!(log.add("a", time, NOW, false), Status::Live, "{time}");
            assert_eq!((log.status(NOW + 59.0), log.status(NOW + 60.0)), (Status::Live, Status::Stale), "{time}");
        }
    }

    #[test]
    fn a_run_that_is_trained_again_in_its_folder_has_not_ended() {
        let folder = tempfile::tempdir().unwrap();
        let session = |ends: bool| {
            let mut writer = Writer::create(&folder.path().join("run")).unwrap();
            writer.hparams(&HParams { group: String::new(), values: vec![], metrics: vec![] }).unwrap();
            writer.scalar(0, "loss", 1.0).unwrap();
            if ends {
                writer.session_end(Ending::Success).unwrap();
            }
            writer.close().unwrap();
            let store = Store::open(folder.path());
            store.load();
            let mut digests = Digests::default();
            digests.refresh(&store.runs(), 0.0, true);
            digests.all().next().unwrap().status(f64::MAX)
        };
        assert_eq!(session(true), Status::Done);
        assert_eq!(session(false), Status::Stale);
        assert_eq!(session(true), Status::Done);
    }

    #[test]
    fn the_shape_changes_with_tags_and_runs_and_not_with_values() {
        let mut log = Log::new();
        assert_eq!(log.digests.shape(), 0);
        let shapes = ["a", "a", "b", "b"].map(|tag| {
            log.add(tag, NOW, NOW, false);
            log.digests.shape()
        });
        assert_eq!(shapes, [1, 1, 2, 2]);
        assert_eq!(log.digests.totals(), Totals { runs: 1, values: 4, files: 1 });
        std::fs::remove_file(log.folder.path().join("events.out.tfevents.1")).unwrap();
        log.store.load();
        log.digests.refresh(&log.store.runs(), NOW, false);
        assert_eq!((log.digests.shape(), log.digests.totals()), (3, Totals::default()));
    }

    #[test]
    fn losses_are_known_by_their_usual_names() {
        for tag in ["loss", "cost", "train/loss", "Loss/train", "train_loss", "epoch_loss", "validation/loss"] {
            assert!(is_loss(tag), "{tag}");
        }
        for tag in ["lossless", "accuracy", "gloss", "cost_centre/x"] {
            assert!(!is_loss(tag), "{tag}");
        }
    }
}
