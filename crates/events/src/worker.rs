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
    backlog::Backlog,
    error::FileError,
    log::{Failure, Log, Sink, Written},
    rows::{Block, Encoder, Histograms},
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
    /// Rows of scalars, to which more are added until another message is sent.
    Rows(Arc<Block>),
    /// The histograms of a step.
    Histograms(Histograms),
    /// Write everything and drop the sender, with or without a word; without one, writing has failed.
    Flush(SyncSender<()>),
}

/// Why a thread has given up. Set before it drops its end of the queue, so that whoever finds the queue closed finds
/// the reason.
pub(crate) type Reason = Arc<OnceLock<FileError>>;

/// Writes what comes until the queue is closed, or writing fails.
pub(crate) fn run<S: Sink>(
    mut log: Log<S>,
    queue: Receiver<Message>,
    backlog: &Backlog,
    path: PathBuf,
    reason: &Reason,
) -> Written {
    if let Err(failure) = drain(&mut log, &queue, backlog) {
        // Nobody else sets it, so it is not set yet.
        let _ = reason.set(failure.into_error(path));
    }
    drop(queue);
    backlog.close();
    log.written()
}

fn drain<S: Sink>(log: &mut Log<S>, queue: &Receiver<Message>, backlog: &Backlog) -> Result<(), Failure> {
    let mut encoder = Encoder::default();
    // Rows that came last: there may be more of them by now.
    let mut open: Option<Arc<Block>> = None;
    // When the oldest record that waits must be written. None: nothing waits.
    let mut due: Option<Instant> = None;
    loop {
        let message = match due {
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => queue.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        // They were enqueued before the message.
        if let Some(block) = open.take() {
            let encoded = block.close().map_or(Ok(()), |steps| encoder.rows(&steps, log));
            backlog.leave(block.bytes());
            encoded?;
        }
        match message {
            Ok(Message::Record(payload)) => log.append(&payload),
            Ok(Message::Rows(block)) => open = Some(block),
            Ok(Message::Histograms(histograms)) => {
                let bytes = histograms.bytes;
                let encoded = encoder.histograms(histograms, log);
                backlog.leave(bytes);
                encoded?;
            }
            Ok(Message::Flush(done)) => {
                log.flush()?;
                // If nobody waits any longer, nobody needs to know.
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => log.flush()?,
            Err(RecvTimeoutError::Disconnected) => return log.flush(),
        }
        log.flush_above(FLUSH_ABOVE)?;
        let now = Instant::now();
        // Records that come without a pause never let the wait time out: the clock is looked at here, too.
        if due.is_some_and(|due| now >= due) {
            log.flush()?;
            due = None;
        }
        let waits = log.pending() > 0 || open.is_some();
        due = waits.then(|| due.unwrap_or(now + FLUSH_AFTER));
    }
}
