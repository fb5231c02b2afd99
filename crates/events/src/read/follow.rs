//! Following a log directory as it grows.
//!
//! Looking at everything again and again is what finds changes, since network file systems send no events. Where the
//! operating system does send them, the files that they name are looked at right away.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher, event::ModifyKind};

use super::store::Store;
use crate::file_name::is_event_file;

/// How long after a look at everything the next one comes.
const PERIOD: Duration = Duration::from_millis(100);

/// Looking may take one part in so many of the time: if a look takes long, the next comes later.
const SHARE: u32 = 10;

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
    let mut watch = Watch::start(inbox);
    loop {
        let start = Instant::now();
        let folders = store.look();
        // The next look at everything: sooner, but not before `soon`, if somebody asks for one.
        let soon = Instant::now() + REST.max(start.elapsed() * (SHARE - 1));
        let mut due = soon.max(start + PERIOD);
        watch.set(folders);
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
        ask(&mut self.wanted.lock().unwrap_or_else(PoisonError::into_inner));
        self.asked.notify_all();
    }

    /// Waits until something is asked for, and until `rest` at least unless it is the end. None at `due`.
    fn take(&self, rest: Instant, due: Instant) -> Option<Wanted> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
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
            wanted = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The operating system's events, as far as it sends any.
struct Watch {
    /// None if it does not.
    watcher: Option<RecommendedWatcher>,
    folders: HashSet<PathBuf>,
}

impl Watch {
    fn start(inbox: &Arc<Inbox>) -> Self {
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
        Watch { watcher: notify::recommended_watcher(handler).ok(), folders: HashSet::new() }
    }

    /// Watches these folders, and no others. Those that cannot be watched (there is a limit) are looked at all the same.
    fn set(&mut self, folders: Vec<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        let folders: HashSet<PathBuf> = folders.into_iter().collect();
        for folder in folders.difference(&self.folders) {
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
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
