//! The thread that finds out what is wrong with the runs: it begins when somebody asks for the first time, and rests while
//! nobody listens.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use headwater_events::Subscription;

use crate::board::Board;

/// How long runs are looked at before what was found is told.
const SLICE: Duration = Duration::from_millis(250);

/// How soon it is looked again after a look. What runs do meanwhile is found together.
const REST: Duration = Duration::from_millis(100);

/// How often it is looked when nothing is heard of any run: one that was looked at a moment ago may be due by now.
const PERIOD: Duration = Duration::from_secs(1);

/// Starts the thread. It ends when the board is dropped; should there be none to be had, runs are judged when they are
/// asked for.
pub(crate) fn start(board: &Arc<Board>) {
    let (weak, changes) = (Arc::downgrade(board), board.store.subscribe());
    let _ = thread::Builder::new().name("findings".to_owned()).spawn(move || work(&weak, changes));
}

fn work(board: &Weak<Board>, mut changes: Subscription) {
    loop {
        let start = Instant::now();
        let Some(now) = board.upgrade() else { return };
        let is_wanted = now.findings.asked.swap(false, Ordering::AcqRel) || now.feed.is_heard();
        // Half of a log directory would be judged twice.
        let is_through = !is_wanted || now.is_loading() || look(&now, start + SLICE);
        drop(now);
        // Training may be using the same cores: at most half of one is for this.
        thread::sleep(REST.max(start.elapsed()));
        if is_through {
            changes.next(PERIOD);
        }
    }
}

/// Judges runs until it is late, and tells of it if there is news. Whether it came through.
fn look(board: &Board, late: Instant) -> bool {
    let mut due = board.findings.due(&board.store).into_iter().peekable();
    let mut news = false;
    while Instant::now() < late
        && let Some(run) = due.next()
    {
        news |= board.findings.judge(&board.store, &run);
    }
    if news {
        board.feed.publish_findings(board.store.version());
    }
    due.peek().is_none()
}
