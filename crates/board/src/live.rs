//! Keeping up with the log directory: one thread loads and then keeps the follower, another waits for changes and tells
//! everybody.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use headwater_events::{Changes, Store, Subscription};

use crate::{board::Board, digest::Status, feed::Change};

/// How soon a message may follow another. The first one is sent at once.
const REST: Duration = Duration::from_millis(100);

/// How often runs are looked at that change by not growing, when nothing else happens.
const PERIOD: Duration = Duration::from_secs(1);

/// Counting problems may take one part in so many of the time.
const SHARE: u32 = 100;

/// Starts both threads. They end when the board is dropped; should there be no thread to be had, the board shows what
/// there was, and goes on loading.
pub(crate) fn start(board: &Arc<Board>) {
    // Before anything is read: no change is missed.
    let changes = board.store.subscribe();
    let weak = Arc::downgrade(board);
    let _ = thread::Builder::new().name("changes".to_owned()).spawn(move || tell(&weak, changes));
    let (weak, store) = (Arc::downgrade(board), board.store.clone());
    let _ = thread::Builder::new().name("first look".to_owned()).spawn(move || load(&weak, &store));
}

/// Looks at everything once, and has it followed from then on.
fn load(board: &Weak<Board>, store: &Store) {
    store.load();
    // The follower's first look is a second one, and finds little.
    let follower = store.follow();
    if let Some(board) = board.upgrade() {
        board.set_loaded(follower.ok());
    }
}

/// Publishes what changes.
fn tell(board: &Weak<Board>, mut changes: Subscription) {
    let mut announced =
        Announced { loading: true, shape: 0, statuses: HashMap::new(), counted: Instant::now(), rest: Duration::ZERO };
    let mut period = REST;
    loop {
        // Nothing is held meanwhile that would keep the board from being dropped.
        let news = changes.next(period);
        let Some(board) = board.upgrade() else { return };
        let start = Instant::now();
        if let Some(change) = announced.change(&board, news) {
            board.feed.publish(change);
            drop(board);
            thread::sleep(REST.saturating_sub(start.elapsed()));
        }
        if !announced.loading {
            period = PERIOD;
        }
    }
}

/// What has been told of.
struct Announced {
    loading: bool,
    /// That of the catalogue.
    shape: u64,
    statuses: HashMap<Arc<str>, Status>,
    /// When problems were counted, and how long not to count them again.
    counted: Instant,
    rest: Duration,
}

impl Announced {
    /// What there is to tell, if anything.
    fn change(&mut self, board: &Board, news: Option<Changes>) -> Option<Change> {
        // In this order: what was read before loading ended is told of as loaded only if it was looked at after.
        let loading = board.is_loading();
        let shape = board.catalogue.refresh(board);
        let mut catalogue = shape != self.shape || loading != self.loading;
        let statuses: HashMap<_, _> = board.catalogue.statuses().into_iter().collect();
        catalogue |= statuses != self.statuses;
        if self.counted.elapsed() >= self.rest || loading != self.loading {
            let start = Instant::now();
            catalogue |= board.count_problems();
            (self.counted, self.rest) = (Instant::now(), PERIOD.max(start.elapsed() * SHARE));
        }
        (self.loading, self.shape, self.statuses) = (loading, shape, statuses);
        let (version, runs, gone) = match news {
            Some(Changes { version, runs, gone, .. }) => (version, runs, gone),
            None if catalogue => (board.store.version(), Vec::new(), Vec::new()),
            None => return None,
        };
        catalogue |= !gone.is_empty();
        let runs = runs.iter().map(|run| Arc::clone(run.name())).collect();
        Some(Change {
            version,
            loading,
            catalogue,
            runs: Some(runs),
            gone: gone.into_iter().collect(),
            findings: false,
        })
    }
}
