//! Following a log directory as it grows.
//!
//! Looking at everything again and again is what finds changes, since network file systems send no events. Where the
//! operating system does send them, the files that they name are looked at right away.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use headwater_threads::Unpoisoned as _;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher, event::ModifyKind};

use super::store::Store;
use crate::file_name::is_event_file;

/// How long after a look at everything the next one comes.
const PERIOD: Duration = Duration::from_millis(100);

/// Looking may take one part in so many of the time: if a look takes long, the next comes later.
const SHARE: u32 = 10;

/// The same after so many looks in a row that found nothing, if the operating system says when something changes. Then a
/// look at everything is for what it does not tell of.
const IDLE_SHARE: u32 = 100;
const IDLE_LOOKS: u32 = 10;

/// The longest pause that this makes: events of network file systems may be promised and not come.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

/// How soon a look may follow another. Events come in bursts.
const REST: Duration = Duration::from_millis(10);

/// When more files than this have changed, everything is looked at.
const MANY: usize = 1000;

/// Keeps a store up to date until it is dropped.
#[derive(Debug)]
pub struct Follower {
    inbox: Arc<Inbox>,
    /// None once joined.
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub(crate) fn start(store: Store) -> io::Result<Self> {
        let inbox = Arc::new(Inbox::default());
        let thread = {
            let inbox = Arc::clone(&inbox);
            let name = "log directory follower".to_owned();
            std::thread::Builder::new().name(name).spawn(move || follow(&store, &inbox))?
        };
        Ok(Follower { inbox, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.inbox.put(|wanted| wanted.stop = true);
        if let Some(thread) = self.thread.take() {
            // If it has panicked, the store stays as it is.
            let _ = thread.join();
        }
    }
}

fn follow(store: &Store, inbox: &Arc<Inbox>) {
    let mut watch = Watch::start(inbox, store.is_watchable());
    let mut idle = 0;
    loop {
        let (start, version) = (Instant::now(), store.version());
        let folders = store.look();
        idle = if store.version() == version { idle + 1 } else { 0 };
        let took = start.elapsed();
        // The next look at everything: sooner, but not before `soon`, if somebody asks for one.
        let soon = Instant::now() + REST.max(took * (SHARE - 1));
        watch.set(folders);
        let mut due = Instant::now() + pause(took, idle, watch.is_complete);
        // Looks at single files are quick, however long it takes to look at all.
        let mut rest = Instant::now() + REST;
        while let Some(wanted) = inbox.take(rest.min(due), due) {
            if wanted.stop {
                return;
            }
            let start = Instant::now();
            let is_enough = !wanted.everything && store.look_at(&wanted.paths);
            rest = Instant::now() + REST.max(start.elapsed() * (SHARE - 1));
            if !is_enough {
                due = soon;
            }
        }
    }
}

/// How long to wait after a look at everything that took so long, the last of `idle` that found nothing, before the next.
fn pause(took: Duration, idle: u32, is_watched: bool) -> Duration {
    let usual = PERIOD.saturating_sub(took).max(took * (SHARE - 1));
    if is_watched && idle >= IDLE_LOOKS { usual.max(LONGEST_IDLE.min(took * (IDLE_SHARE - 1))) } else { usual }
}

/// What the thread is asked for.
#[derive(Debug, Default)]
struct Wanted {
    /// These files have changed.
    paths: HashSet<PathBuf>,
    /// Anything may have changed.
    everything: bool,
    /// The end.
    stop: bool,
}

/// Where the thread is asked. What is asked for while it looks is put together.
#[derive(Debug, Default)]
struct Inbox {
    wanted: Mutex<Wanted>,
    asked: Condvar,
}

impl Inbox {
    fn put(&self, ask: impl FnOnce(&mut Wanted)) {
        ask(&mut self.wanted.lock().unpoisoned());
        self.asked.notify_all();
    }

    /// Waits until something is asked for, and until `rest` at least unless it is the end. None at `due`.
    fn take(&self, rest: Instant, due: Instant) -> Option<Wanted> {
        let mut wanted = self.wanted.lock().unpoisoned();
        loop {
            let now = Instant::now();
            let is_asked = wanted.everything || !wanted.paths.is_empty();
            if wanted.stop || (is_asked && now >= rest && now < due) {
                return Some(std::mem::take(&mut wanted));
            }
            if now >= due {
                // Looking at everything is all that can be asked for.
                *wanted = Wanted::default();
                return None;
            }
            let until = if is_asked { rest } else { due };
            let waited = self.asked.wait_timeout(wanted, until.saturating_duration_since(now));
            wanted = waited.unpoisoned().0;
        }
    }
}

/// The operating system's events, as far as it sends any.
struct Watch {
    /// None if it does not.
    watcher: Option<RecommendedWatcher>,
    folders: HashSet<PathBuf>,
    /// Whether it sends them for every folder so far.
    is_complete: bool,
}

impl Watch {
    /// None where it sends none.
    fn start(inbox: &Arc<Inbox>, is_watchable: bool) -> Self {
        let inbox = Arc::clone(inbox);
        let handler = move |event: notify::Result<notify::Event>| match event {
            // Reading makes events, too.
            Ok(event) if event.kind.is_access() => {}
            Ok(event) if is_growth(event.kind) => inbox.put(|wanted| {
                let is_ours = |path: &PathBuf| path.file_name().is_some_and(is_event_file);
                wanted.paths.extend(event.paths.into_iter().filter(is_ours));
                wanted.everything |= wanted.paths.len() > MANY;
            }),
            Ok(_) | Err(_) => inbox.put(|wanted| wanted.everything = true),
        };
        let watcher = is_watchable.then(|| notify::recommended_watcher(handler).ok()).flatten();
        Watch { is_complete: watcher.is_some(), watcher, folders: HashSet::new() }
    }

    /// Watches these folders, and no others. Those that cannot be watched (there is a limit) are looked at all the same.
    fn set(&mut self, folders: Vec<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        let folders: HashSet<PathBuf> = folders.into_iter().collect();
        for folder in folders.difference(&self.folders) {
            self.is_complete &= watcher.watch(folder, RecursiveMode::NonRecursive).is_ok();
        }
        for folder in self.folders.difference(&folders) {
            let _ = watcher.unwatch(folder);
        }
        self.folders = folders;
    }
}

/// Whether something that was there is still there, with other content.
fn is_growth(kind: EventKind) -> bool {
    matches!(kind, EventKind::Modify(kind) if !matches!(kind, ModifyKind::Name(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_find_nothing_become_rare_where_the_operating_system_tells_of_changes() {
        let (quick, slow) = (Duration::from_millis(1), Duration::from_secs(2));
        assert_eq!(pause(quick, 0, true) + quick, PERIOD);
        assert_eq!(pause(slow, 0, true), slow * 9);
        assert_eq!(pause(slow, IDLE_LOOKS, false), slow * 9);
        assert_eq!(pause(slow, IDLE_LOOKS, true), LONGEST_IDLE);
        assert_eq!(pause(Duration::from_millis(20), IDLE_LOOKS, true), Duration::from_millis(1980));
        // A small log directory is looked at as often as ever.
        assert_eq!(pause(quick, 1000, true) + quick, PERIOD);
    }
}
