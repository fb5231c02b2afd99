//! A file that is to be read, in parts.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use headwater_threads::Unpoisoned as _;

use super::{
    digest::Digest,
    run::Run,
    source::Source,
    storage::{Stat, StoredFile},
    turnstile::{Turn, Turnstile},
    walk::{Bounds, Cursor, Tail, is_record},
};

/// Bytes that are read and decoded at a time: few enough to stay in a processor's cache.
const PART: u64 = 1 << 20;

/// A file that is to be read, from where the last look at it ended to where it ends now.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) run: Arc<Run>,
    pub(crate) index: u32,
    pub(crate) stat: Stat,
    path: PathBuf,
    start: u64,
    stalled: bool,
    /// Whether the last look ended at a damaged or unfinished record. The bytes after it may be skipped, so a part is
    /// read only once it is known which of its bytes are needed.
    pub(crate) seeks: bool,
    /// Whether the file has changed without growing, so that everything that was read may be something else now.
    rewritten: bool,
    /// Offsets of damage that earlier looks found and that may have been repaired since.
    suspects: Vec<u64>,
    /// Parts are walked in order, each beginning where the last record of the one before ends ...
    progress: Turnstile<Progress>,
    /// ... and added to the run in order, after those of the files before.
    queue: Arc<Turnstile<()>>,
    order: usize,
    open: Mutex<Open>,
}

/// The file, while any part needs it.
#[derive(Debug)]
struct Open {
    file: Option<Arc<dyn StoredFile>>,
    /// Parts that have not been read.
    left: usize,
}

/// How far a file has been walked.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) cursor: Cursor,
    /// What has been read.
    pub(crate) digest: Digest,
    /// What kept it from going on.
    pub(crate) error: Option<io::Error>,
    /// Whether the file turned out not to be the one that was read before.
    pub(crate) replaced: bool,
}

impl Progress {
    pub(crate) fn new(mut cursor: Cursor, digest: Digest) -> Self {
        cursor.renew();
        Progress { cursor, digest, error: None, replaced: false }
    }

    /// Whether there is no point in reading on.
    pub(crate) fn has_ended(&self) -> bool {
        self.error.is_some() || self.replaced
    }
}

impl Job {
    pub(crate) fn new(run: Arc<Run>, path: PathBuf, index: u32, stat: Stat, progress: Progress) -> Self {
        let start = progress.cursor.at;
        let seeks = !matches!(progress.cursor.tail, Tail::Clean);
        let mut job = Job {
            run,
            index,
            stat,
            path,
            start,
            stalled: false,
            seeks,
            rewritten: false,
            suspects: Vec::new(),
            progress: Turnstile::new(progress),
            queue: Arc::new(Turnstile::new(())),
            order: 0,
            open: Mutex::new(Open { file: None, left: 0 }),
        };
        job.open = Mutex::new(Open { file: None, left: job.parts() });
        job
    }

    /// Says whether the file has stopped growing.
    pub(crate) fn stalled(self, stalled: bool) -> Self {
        Job { stalled, ..self }
    }

    /// Says whether the file has changed without growing.
    pub(crate) fn rewritten(self, rewritten: bool) -> Self {
        Job { rewritten, ..self }
    }

    /// Whether what was read of the file is not there any more.
    pub(crate) fn is_other(&self, file: &(impl Source + ?Sized), progress: &mut Progress) -> io::Result<bool> {
        if !progress.digest.check_ends(file, self.stat.size)? || self.is_mended(file)? {
            return Ok(true);
        }
        let Cursor { at, limit, tail, .. } = &progress.cursor;
        let end = if matches!(tail, Tail::Lost { .. }) { *limit } else { *at };
        Ok(self.rewritten && !progress.digest.check_records(file, end, self.stat.size)?)
    }

    /// Sets the offsets of damage to check again.
    pub(crate) fn suspecting(self, suspects: Vec<u64>) -> Self {
        Job { suspects, ..self }
    }

    /// Whether a whole record now begins where there was damage. Pages of a network file system arrive in any order.
    fn is_mended(&self, file: &(impl Source + ?Sized)) -> io::Result<bool> {
        for &offset in &self.suspects {
            if is_record(file, offset, self.stat.size)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Says after which other parts the first one is added to the run.
    pub(crate) fn queued(self, queue: Arc<Turnstile<()>>, order: usize) -> Self {
        Job { queue, order, ..self }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// How many bytes there are to read.
    pub(crate) fn bytes(&self) -> u64 {
        self.stat.size.saturating_sub(self.start)
    }

    /// How many parts the file has: at least one, so that it is looked at.
    pub(crate) fn parts(&self) -> usize {
        self.bytes().div_ceil(PART).max(1) as usize
    }

    /// Which bytes a part consists of. It is responsible for the records that begin in it.
    pub(crate) fn bounds(&self, part: usize) -> (u64, Bounds) {
        let start = self.start + part as u64 * PART;
        let limit = self.stat.size;
        (start, Bounds { end: (start + PART).min(limit), limit, stalled: self.stalled })
    }

    /// The file.
    pub(crate) fn open(&self) -> io::Result<Arc<dyn StoredFile>> {
        let mut open = self.open.lock().unpoisoned();
        if let Some(file) = &open.file {
            return Ok(Arc::clone(file));
        }
        let file = self.run.own_files().storage().open(&self.path)?;
        if file.stat()?.identity != self.stat.identity {
            // It was replaced since it was found: the next look will notice.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        open.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Closes the file if no other part needs it.
    pub(crate) fn part_is_read(&self) {
        let mut open = self.open.lock().unpoisoned();
        open.left = open.left.saturating_sub(1);
        if open.left == 0 {
            open.file = None;
        }
    }

    /// Waits until the parts before have been walked.
    pub(crate) fn walk(&self, part: usize) -> Turn<'_, Progress> {
        self.progress.enter(part)
    }

    /// Waits until the parts before have been added to the run.
    pub(crate) fn add(&self, part: usize) -> Turn<'_, ()> {
        self.queue.enter(self.order + part)
    }

    pub(crate) fn into_progress(self) -> Progress {
        self.progress.into_inner()
    }
}
