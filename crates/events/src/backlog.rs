//! How much the thread that writes may be behind.

use std::sync::{Condvar, Mutex};

use headwater_threads::Unpoisoned as _;

/// Bytes of rows and histograms that may be on their way when more is sent.
const MOST: usize = 8 << 20;

/// Counts what is on its way to the thread, and lets those wait who would send more when it is much.
#[derive(Default)]
pub(crate) struct Backlog {
    /// None once there is nobody who writes.
    bytes: Mutex<Option<usize>>,
    less: Condvar,
    /// How often somebody began to wait.
    #[cfg(test)]
    waits: std::sync::atomic::AtomicUsize,
}

impl Backlog {
    /// Nothing is on its way.
    pub(crate) fn new() -> Self {
        Self { bytes: Mutex::new(Some(0)), ..Self::default() }
    }

    /// Returns when little enough is on its way, and this much more; at once if there is nobody who writes.
    pub(crate) fn enter(&self, bytes: usize) {
        let on_their_way = self.bytes.lock().unpoisoned();
        let is_full = |on_their_way: &mut Option<usize>| {
            let is_full = on_their_way.is_some_and(|other| other > 0 && other + bytes > MOST);
            #[cfg(test)]
            self.waits.fetch_add(usize::from(is_full), std::sync::atomic::Ordering::Relaxed);
            is_full
        };
        let mut on_their_way = self.less.wait_while(on_their_way, is_full).unpoisoned();
        if let Some(others) = &mut *on_their_way {
            *others += bytes;
        }
    }

    /// So much has arrived.
    pub(crate) fn leave(&self, bytes: usize) {
        let mut on_their_way = self.bytes.lock().unpoisoned();
        if let Some(others) = &mut *on_their_way {
            *others -= bytes;
        }
        self.less.notify_all();
    }

    /// Nobody writes any longer, and nobody needs to wait.
    pub(crate) fn close(&self) {
        *self.bytes.lock().unpoisoned() = None;
        self.less.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{atomic::Ordering, mpsc::channel};

    use super::*;

    #[test]
    fn who_would_send_more_waits_until_there_is_room_or_nobody_who_writes() {
        for make_room in [|backlog: &Backlog| backlog.leave(2 * MOST), Backlog::close] {
            let backlog = Backlog::new();
            backlog.enter(2 * MOST);
            let (sender, entered) = channel();
            std::thread::scope(|scope| {
                let backlog = &backlog;
                scope.spawn(move || {
                    backlog.enter(1);
                    sender.send(()).unwrap();
                });
                while backlog.waits.load(Ordering::Relaxed) == 0 {
                    std::thread::yield_now();
                }
                // It holds the lock until it waits.
                drop(backlog.bytes.lock().unwrap());
                assert!(entered.try_recv().is_err());
                make_room(backlog);
                entered.recv().unwrap();
            });
        }
    }
}
