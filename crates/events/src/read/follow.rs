//! Following a log directory as it grows.
//!
//! Looking at it again and again is what finds changes, since network file systems send no events. Where the operating
//! system does send them, they only make the next look come sooner.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::store::Store;

/// How long after a look the next one comes if no event does.
const PERIOD: Duration = Duration::from_millis(100);

/// Looking may take this part of the time: if a look takes long, the next comes later.
const SHARE: u32 = 10;

/// How soon a look may follow another. Events come in bursts.
const REST: Duration = Duration::from_millis(10);

/// What the thread is told.
enum Message {
    /// Something may have changed.
    Look,
    /// It is to end.
    Stop,
}

/// Keeps a store up to date until it is dropped.
#[derive(Debug)]
pub struct Follower {
    messages: SyncSender<Message>,
    /// None once joined.
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub(crate) fn start(store: Store) -> io::Result<Self> {
        // One message is enough to have a look; others find the queue full and are not needed.
        let (messages, queue) = sync_channel(1);
        let events = messages.clone();
        let thread = std::thread::Builder::new()
            .name("log directory follower".to_owned())
            .spawn(move || follow(&store, &queue, events))?;
        Ok(Follower { messages, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // Waits for room, if an event waits to be seen. An error means that the thread has ended.
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn follow(store: &Store, queue: &Receiver<Message>, events: SyncSender<Message>) {
    let mut watch = Watch::start(events);
    loop {
        let start = Instant::now();
        let folders = store.look();
        watch.set(folders);
        let rest = REST.max(start.elapsed() * (SHARE - 1));
        let looked = Instant::now();
        let mut due = looked + PERIOD.max(rest);
        loop {
            match queue.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Message::Look) => due = looked + rest,
                Err(RecvTimeoutError::Timeout) => break,
            }
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
    fn start(events: SyncSender<Message>) -> Self {
        let handler = move |event: notify::Result<notify::Event>| {
            // Reading files makes events, too.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                match events.try_send(Message::Look) {
                    Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
                }
            }
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
