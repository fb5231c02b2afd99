//! The writer of one event file.

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{SystemTime, UNIX_EPOCH},
};

use prost::Message as _;

use crate::{
    backlog::Backlog,
    error::WriteError,
    file_name,
    log::{Failure, Log, Sink, Written},
    proto::{Event, SourceMetadata, Summary, TensorProto, What},
    rows::{Block, Encoder, HistogramRow, Histograms, ScalarRow, Steps, Tags},
    summary::{
        self, Kind,
        audio::{self, Audio},
        graph::Graph,
        histogram::{self, Bucket},
        hparams::{self, Ending, HParams},
        image::{self, Image},
    },
    worker::{self, FLUSH_ABOVE, Message, Reason},
};

/// How many records may wait for the thread before a call waits for it.
const QUEUE: usize = 4096;

/// What the first record of every event file says.
const FILE_VERSION: &str = "brain.Event:2";

/// Writes one event file.
///
/// A call stamps the value with the wall time and enqueues it; a thread frames, checksums and writes. What was enqueued
/// is with the operating system a quarter of a second later, whether or not anything follows. If the thread falls
/// 4096 records or 8 MB of rows behind, calls wait for it: nothing is dropped.
///
/// If the file cannot be written (the disk is full), the call after that and every later one, [`Writer::close`]
/// included, returns a [`WriteError::File`] that says how much is safe. Dropping a writer closes it and ignores errors.
///
/// Tags may be any text; `TensorBoard` groups them by what stands before the first slash. A tag keeps the kind of its
/// first value.
///
/// ```
/// # fn main() -> Result<(), headwater_events::WriteError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let mut writer = headwater_events::Writer::create(&folder.join("sigmoid/seed-0"))?;
/// for step in 0..3 {
///     writer.scalar(step, "loss", 1.0 / (step + 1) as f32)?;
/// }
/// let written = writer.close()?;
/// assert_eq!(written.records, 4); // the first says what the file is
/// # Ok(())
/// # }
/// ```
pub struct Writer {
    path: PathBuf,
    tags: HashMap<String, Use>,
    /// None once closed.
    backend: Option<Backend>,
    reason: Reason,
}

/// What a tag is used for.
#[derive(PartialEq, Eq)]
enum Use {
    /// Values of a kind, one at a time: those after the first need no more metadata.
    Values(Kind),
    /// A place in a row.
    Row,
}

/// Who writes.
enum Backend {
    /// A thread, in time for those who follow the file.
    Thread {
        queue: SyncSender<Message>,
        backlog: Arc<Backlog>,
        /// The last that was sent, if it is rows, to which more can be added.
        open: Option<Arc<Block>>,
        thread: JoinHandle<Written>,
    },
    /// The caller, when the file is closed or much waits.
    Caller { log: Log<File>, encoder: Encoder },
}

impl Writer {
    /// Creates `folder`, if it is not there, and in it a new event file. Files that are there are left alone; readers
    /// take them for earlier parts of the same run.
    ///
    /// # Errors
    ///
    /// If the folder or file cannot be created or the first record not written.
    pub fn create(folder: &Path) -> Result<Writer, WriteError> {
        let (path, file) = new_file(folder)?;
        Writer::start(path, file)
    }

    /// The same for a file that nobody follows while it grows: what was written is with the operating system when the
    /// writer is flushed or closed, and there is no thread. For many small files, of which each would wait for its own.
    ///
    /// # Errors
    ///
    /// As [`Writer::create`].
    pub fn create_unfollowed(folder: &Path) -> Result<Writer, WriteError> {
        let (path, file) = new_file(folder)?;
        let mut log = Log::new(file);
        log.append(&first_event(now()).encode_to_vec());
        let reason = Reason::new(OnceLock::new());
        Ok(Writer::with_backend(path, Backend::Caller { log, encoder: Encoder::default() }, reason))
    }

    /// Writes the first record to `sink` and starts the thread.
    fn start<S: Sink>(path: PathBuf, sink: S) -> Result<Writer, WriteError> {
        let mut log = Log::new(sink);
        log.append(&first_event(now()).encode_to_vec());
        log.flush().map_err(|failure| failure.into_error(path.clone()))?;

        let (queue, receiver) = sync_channel(QUEUE);
        let reason = Reason::new(OnceLock::new());
        let backlog = Arc::new(Backlog::new());
        let thread = {
            let (path, reason, backlog) = (path.clone(), Arc::clone(&reason), Arc::clone(&backlog));
            std::thread::Builder::new()
                .name("event writer".to_owned())
                .spawn(move || worker::run(log, receiver, &backlog, path, &reason))
                .map_err(WriteError::Thread)?
        };
        Ok(Writer::with_backend(path, Backend::Thread { queue, backlog, open: None, thread }, reason))
    }

    fn with_backend(path: PathBuf, backend: Backend, reason: Reason) -> Writer {
        Writer { path, tags: HashMap::new(), backend: Some(backend), reason }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a number. NaN and infinities are written as they are.
    ///
    /// # Errors
    ///
    /// [`WriteError::File`] if an earlier write failed, [`WriteError::TwoKinds`] if the tag is not a scalar's.
    pub fn scalar(&mut self, step: i64, tag: &str, value: f32) -> Result<(), WriteError> {
        self.value(step, Kind::Scalar, tag, TensorProto::scalar(value), Vec::new)
    }

    /// Writes a number that an f32 does not hold, in double precision.
    ///
    /// # Errors
    ///
    /// As of [`Writer::scalar`].
    pub fn wide_scalar(&mut self, step: i64, tag: &str, value: f64) -> Result<(), WriteError> {
        self.value(step, Kind::Scalar, tag, TensorProto::wide_scalar(value), Vec::new)
    }

    /// Names scalars that are written together, step after step; see [`Writer::scalars`]. They are written in no other way.
    ///
    /// # Errors
    ///
    /// [`WriteError::InRow`] if a tag has values or a place in a row.
    pub fn scalar_row(&mut self, tags: impl Into<Arc<[String]>>) -> Result<ScalarRow, WriteError> {
        self.row(tags.into()).map(ScalarRow)
    }

    /// Writes a number, or none, for each tag of a row, in its order: next to nothing of the work is done by the caller.
    ///
    /// ```
    /// # fn main() -> Result<(), headwater_events::WriteError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let mut writer = headwater_events::Writer::create(folder.path())?;
    /// let row = writer.scalar_row(vec!["loss".to_owned(), "validation/loss".to_owned()])?;
    /// writer.scalars(&row, 0, &[Some(0.5), Some(0.6)])?;
    /// writer.scalars(&row, 1, &[Some(0.4), None])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError::File`] if an earlier write failed.
    pub fn scalars(&mut self, row: &ScalarRow, step: i64, numbers: &[Option<f32>]) -> Result<(), WriteError> {
        let ScalarRow(tags) = row;
        debug_assert_eq!(numbers.len(), tags.len());
        if self.reason.get().is_some() {
            return Err(self.why());
        }
        if numbers.iter().all(Option::is_none) {
            return Ok(());
        }
        let stamp = (now(), step);
        match &mut self.backend {
            Some(Backend::Thread { open: Some(block), .. }) if block.add(tags, stamp, numbers) => Ok(()),
            Some(Backend::Thread { backlog, .. }) => {
                let block = Arc::new(Block::new(tags, stamp, numbers));
                backlog.enter(block.bytes());
                self.enqueue(Message::Rows(Arc::clone(&block)))?;
                if let Some(Backend::Thread { open, .. }) = &mut self.backend {
                    *open = Some(block);
                }
                Ok(())
            }
            Some(Backend::Caller { log, encoder }) => {
                let written = encoder.rows(&Steps::one(tags, stamp, numbers), log);
                self.result_of(written)
            }
            None => Err(self.why()),
        }
    }

    /// Names histograms that are written together; see [`Writer::histograms`]. They are written in no other way.
    ///
    /// # Errors
    ///
    /// As [`Writer::scalar_row`].
    pub fn histogram_row(&mut self, tags: impl Into<Arc<[String]>>) -> Result<HistogramRow, WriteError> {
        self.row(tags.into()).map(HistogramRow)
    }

    /// Writes a histogram for each tag of a row. `buckets` makes the buckets of the tag at an index, from 0, in the
    /// form that [`Writer::histogram`] takes. It returns None if the remaining ones are no longer wanted. The thread
    /// that writes calls it; until then it holds about `bytes` bytes. If more than a few megabytes are held already,
    /// the call waits.
    ///
    /// # Errors
    ///
    /// As [`Writer::scalars`].
    pub fn histograms(
        &mut self,
        row: &HistogramRow,
        step: i64,
        bytes: usize,
        buckets: impl FnMut(usize) -> Option<Vec<Bucket>> + Send + 'static,
    ) -> Result<(), WriteError> {
        let tags = Arc::clone(&row.0);
        let histograms = Histograms { tags, stamp: (now(), step), buckets: Box::new(buckets), bytes };
        match &mut self.backend {
            Some(Backend::Thread { backlog, .. }) => {
                backlog.enter(bytes);
                self.enqueue(Message::Histograms(histograms))
            }
            Some(Backend::Caller { log, encoder }) if self.reason.get().is_none() => {
                let written = encoder.histograms(histograms, log);
                self.result_of(written)
            }
            _ => Err(self.why()),
        }
    }

    /// Writes a histogram. Buckets should be in ascending order, each beginning where the last ended.
    ///
    /// # Errors
    ///
    /// As [`Writer::scalar`].
    pub fn histogram(&mut self, step: i64, tag: &str, buckets: &[Bucket]) -> Result<(), WriteError> {
        self.value(step, Kind::Histogram, tag, histogram::tensor(buckets), Vec::new)
    }

    /// Writes a text.
    ///
    /// # Errors
    ///
    /// As [`Writer::scalar`].
    pub fn text(&mut self, step: i64, tag: &str, markdown: &str) -> Result<(), WriteError> {
        self.value(step, Kind::Text, tag, TensorProto::string(markdown.as_bytes().to_vec()), Vec::new)
    }

    /// Writes a text in JSON, which Headwater reads and `TensorBoard` leaves alone.
    ///
    /// # Errors
    ///
    /// As [`Writer::scalar`].
    pub fn json(&mut self, step: i64, tag: &str, json: &str) -> Result<(), WriteError> {
        self.value(step, Kind::Json, tag, TensorProto::string(json.as_bytes().to_vec()), Vec::new)
    }

    /// Writes a picture, as PNG.
    ///
    /// # Errors
    ///
    /// [`WriteError::Image`] if the number of bytes does not fit the sides; else as [`Writer::scalar`].
    pub fn image(&mut self, step: i64, tag: &str, image: &Image) -> Result<(), WriteError> {
        let &Image { width, height, .. } = image;
        let png =
            image::png(image).map_err(|source| WriteError::Image { tag: tag.to_owned(), width, height, source })?;
        self.value(step, Kind::Image, tag, image::tensor(width, height, png), Vec::new)
    }

    /// Writes a sound, as WAV.
    ///
    /// # Errors
    ///
    /// [`WriteError::Audio`] if it is too long for a WAV file; else as [`Writer::scalar`].
    pub fn audio(&mut self, step: i64, tag: &str, audio: &Audio<'_>) -> Result<(), WriteError> {
        let samples = audio.samples.len();
        let wav = audio::wav(audio).map_err(|source| WriteError::Audio { tag: tag.to_owned(), samples, source })?;
        self.value(step, Kind::Audio, tag, audio::tensor(wav), audio::content)
    }

    /// Writes the hyperparameters of this run and which scalars are its results. Once, before the first step.
    ///
    /// # Errors
    ///
    /// [`WriteError::Twice`] the second time; else as [`Writer::scalar`].
    pub fn hparams(&mut self, hparams: &HParams) -> Result<(), WriteError> {
        self.once(hparams::EXPERIMENT, || hparams::experiment(hparams, now()))?;
        self.once(hparams::SESSION_START, || hparams::session_start(hparams, now()))
    }

    /// Writes how the run ended, for the page that shows the hyperparameters. Once, after the last step.
    ///
    /// # Errors
    ///
    /// As [`Writer::hparams`].
    pub fn session_end(&mut self, ending: Ending) -> Result<(), WriteError> {
        self.once(hparams::SESSION_END, || hparams::session_end(ending, now()))
    }

    /// Writes the graph of the network. `TensorBoard` shows the last one of a run.
    ///
    /// # Errors
    ///
    /// [`WriteError::File`] if an earlier write failed.
    pub fn graph(&mut self, graph: &Graph) -> Result<(), WriteError> {
        self.send(0, What::GraphDef(graph.to_proto().encode_to_vec()))
    }

    /// Returns when everything that was written so far is with the operating system. (It survives the end of this
    /// process then, but not a power cut.)
    ///
    /// # Errors
    ///
    /// [`WriteError::File`] if anything could not be written.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        if let Some(Backend::Caller { log, .. }) = &mut self.backend {
            let written = if self.reason.get().is_none() { log.flush() } else { Ok(()) };
            return self.result_of(written);
        }
        let (done, wait) = sync_channel(1);
        self.enqueue(Message::Flush(done))?;
        wait.recv().map_err(|_| {
            // The thread has given up, and has said why by the time it ends.
            self.finish();
            self.why()
        })
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    ///
    /// [`WriteError::File`] if anything could not be written, now or before.
    pub fn close(mut self) -> Result<Written, WriteError> {
        let written = self.finish();
        match written {
            Some(written) if self.reason.get().is_none() => Ok(written),
            _ => Err(self.why()),
        }
    }

    /// A value of a tag; `content` makes its plugin's data, if it is the first.
    fn value(
        &mut self,
        step: i64,
        kind: Kind,
        tag: &str,
        tensor: TensorProto,
        content: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), WriteError> {
        let content = match self.tags.get(tag) {
            None => Some(content()),
            Some(Use::Values(first)) if *first == kind => None,
            Some(&Use::Values(first)) => return Err(WriteError::TwoKinds { tag: tag.to_owned(), first, now: kind }),
            Some(Use::Row) => return Err(WriteError::InRow { tag: tag.to_owned() }),
        };
        let is_first = content.is_some();
        let value = summary::value(kind, tag, tensor, content);
        self.send(step, What::Summary(Summary { value: vec![value] }))?;
        if is_first {
            self.tags.insert(tag.to_owned(), Use::Values(kind));
        }
        Ok(())
    }

    /// Takes these tags for a row. A row without a tag takes nothing, and nothing is written of it.
    fn row(&mut self, tags: Tags) -> Result<Tags, WriteError> {
        for tag in &*tags {
            if self.tags.insert(tag.clone(), Use::Row).is_some() {
                return Err(WriteError::InRow { tag: tag.clone() });
            }
        }
        Ok(tags)
    }

    /// A value that is all metadata, of which readers see only the first.
    fn once(&mut self, tag: &'static str, content: impl FnOnce() -> Vec<u8>) -> Result<(), WriteError> {
        if self.tags.get(tag) == Some(&Use::Values(Kind::HParams)) {
            return Err(WriteError::Twice { tag });
        }
        self.value(0, Kind::HParams, tag, TensorProto::nothing(), content)
    }

    fn send(&mut self, step: i64, what: What) -> Result<(), WriteError> {
        let event = Event { wall_time: now(), step, what: Some(what), source_metadata: None };
        self.enqueue(Message::Record(event.encode_to_vec()))
    }

    fn enqueue(&mut self, message: Message) -> Result<(), WriteError> {
        let sent = match (&mut self.backend, message) {
            (Some(Backend::Thread { queue, open, .. }), message) => {
                // What comes next comes after this.
                *open = None;
                queue.send(message).is_ok()
            }
            (Some(Backend::Caller { log, .. }), Message::Record(payload)) if self.reason.get().is_none() => {
                log.append(&payload);
                let written = log.flush_above(FLUSH_ABOVE);
                return self.result_of(written);
            }
            _ => false,
        };
        // The thread sets the reason before it closes the queue. A record that was sent in between is lost, and the
        // next call says so.
        if sent && self.reason.get().is_none() { Ok(()) } else { Err(self.why()) }
    }

    /// What came of writing in the caller's own time.
    fn result_of(&self, written: Result<(), Failure>) -> Result<(), WriteError> {
        if let Err(failure) = written {
            let _ = self.reason.set(failure.into_error(self.path.clone()));
        }
        if self.reason.get().is_none() { Ok(()) } else { Err(self.why()) }
    }

    /// Why the thread has given up.
    fn why(&self) -> WriteError {
        match self.reason.get() {
            Some(error) => WriteError::File(error.clone()),
            None => WriteError::Stopped { path: self.path.clone() },
        }
    }

    /// Lets the thread write what is left and waits for its end. None if it panicked or was waited for before.
    fn finish(&mut self) -> Option<Written> {
        match self.backend.take()? {
            Backend::Thread { queue, thread, .. } => {
                drop(queue);
                thread.join().ok()
            }
            Backend::Caller { mut log, .. } => {
                let written = if self.reason.get().is_none() { log.flush() } else { Ok(()) };
                // It is told by who asks for the reason.
                let _ = self.result_of(written);
                Some(log.written())
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Creates a folder, if it is not there, and in it a new event file.
fn new_file(folder: &Path) -> Result<(PathBuf, File), WriteError> {
    let failed = |path: &Path, source| WriteError::Create { path: path.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    file_name::create_new(folder, now() as u64).map_err(|(path, source)| failed(&path, source))
}

/// The event that begins a file.
pub(crate) fn first_event(now: f64) -> Event {
    Event {
        wall_time: now,
        step: 0,
        what: Some(What::FileVersion(FILE_VERSION.to_owned())),
        source_metadata: Some(SourceMetadata { writer: env!("CARGO_PKG_NAME").to_owned() }),
    }
}

/// Seconds since the Unix epoch. A clock that stands before it is taken to stand at it.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests;
