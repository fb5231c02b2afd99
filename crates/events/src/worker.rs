//! The thread that writes.

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::{Duration, Instant},
};

use crate::{
    error::FileError,
    log::{Failure, Log, Sink, Written},
};

/// How long a record may wait before it is with the operating system. A process that is killed loses what it enqueued
/// within this time.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_millis(250);

/// How much may wait.
pub(crate) const FLUSH_ABOVE: usize = 1 << 16;

/// What the writer sends to its thread.
pub(crate) enum Message {
    /// A serialised event.
    Record(Vec<u8>),
    /// Write everything and drop the sender, with or without a word; without one, writing has failed.
    Flush(SyncSender<()>),
}

/// Why a thread has given up. Set before it drops its end of the queue, so that whoever finds the queue closed finds
/// the reason.
pub(crate) type Reason = Arc<OnceLock<FileError>>;

/// Writes what comes until the queue is closed, or writing fails.
pub(crate) fn run<S: Sink>(mut log: Log<S>, queue: Receiver<Message>, path: PathBuf, reason: &Reason) -> Written {
    if let Err(failure) = drain(&mut log, &queue) {
        // Nobody else sets it, so it is not set yet.
        let _ = reason.set(failure.into_error(path));
    }
    drop(queue);
    log.written()
}

fn drain<S: Sink>(log: &mut Log<S>, queue: &Receiver<Message>) -> Result<(), Failure> {
    // When the oldest record that waits must be written. None: nothing waits.
    let mut due: Option<Instant> = None;
    loop {
        let message = match due {
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => queue.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match message {
            Ok(Message::Record(payload)) => {
                log.append(&payload);
                let due = *due.get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
                // Records that come without a pause never let the wait time out: the clock is looked at here, too.
                if log.pending() < FLUSH_ABOVE && Instant::now() < due {
                    continue;
                }
                log.flush()?;
            }
            Ok(Message::Flush(done)) => {
                log.flush()?;
                // If nobody waits any longer, nobody needs to know.
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => log.flush()?,
            Err(RecvTimeoutError::Disconnected) => return log.flush(),
        }
        due = None;
    }
}
