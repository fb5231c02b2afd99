//! Looking at a log directory: what is new is found, cut into parts, and read.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    folder::{self, Found, FoundRun, Stat},
    job::{Job, Progress},
    problem::Problem,
    run::Run,
    shelf::Shelf,
    turnstile::Turnstile,
    walk::{Cursor, Tail},
    work,
};

/// What is remembered from one look at a log directory to the next.
#[derive(Debug)]
pub(crate) struct Loader {
    log_directory: PathBuf,
    threads: usize,
    runs: BTreeMap<String, KnownRun>,
    /// How many runs there have been.
    generations: u64,
}

#[derive(Debug)]
struct KnownRun {
    run: Arc<Run>,
    files: BTreeMap<PathBuf, KnownFile>,
}

#[derive(Debug)]
struct KnownFile {
    /// Its index in the run.
    index: u32,
    /// As it was when it was last read; None before.
    stat: Option<Stat>,
    cursor: Cursor,
    /// Its first bytes.
    head: Vec<u8>,
    /// Whether a record that is not whole has been looked into, and there is no more to find until the file changes.
    settled: bool,
    /// Whether it could not be read. It may be next time, though nothing of it has changed but who may read it.
    refused: bool,
}

impl KnownFile {
    fn new(index: u32) -> Self {
        let (cursor, head) = (Cursor::default(), Vec::new());
        KnownFile { index, stat: None, cursor, head, settled: false, refused: false }
    }

    /// Whether the file of this name is another one now, as far as can be told without reading it.
    fn is_replaced(&self, now: &Stat) -> bool {
        self.stat.is_some_and(|stat| stat.identity != now.identity || now.size < self.cursor.limit)
    }

    /// Whether there is anything to read.
    fn is_due(&self, now: &Stat) -> bool {
        let unsettled = matches!(self.cursor.tail, Tail::Unfinished { .. }) && !self.settled;
        self.stat != Some(*now) || unsettled || self.refused
    }

    /// Whether the file has stopped growing. One that is seen for the first time has.
    fn is_stalled(&self, now: &Stat) -> bool {
        self.stat.is_none_or(|stat| stat.size == now.size)
    }
}

impl Loader {
    pub(crate) fn new(log_directory: &Path, threads: usize) -> Self {
        let log_directory = log_directory.to_owned();
        Loader { log_directory, threads, runs: BTreeMap::new(), generations: 0 }
    }

    /// Reads what is new. Returns the folders that there are.
    pub(crate) fn look(&mut self, shelf: &Shelf) -> Vec<PathBuf> {
        let found = folder::look(&self.log_directory);
        shelf.set_problems(found.problems.clone());
        let mut replaced = BTreeSet::new();
        self.forget(&found, shelf);
        // Files that turn out to be others than before, though they look the same, are read once more.
        for _ in 0..2 {
            let rebuilt = self.prepare(&found, &replaced, shelf);
            let jobs = self.jobs(&found);
            work::run(&jobs, self.threads, shelf.clock());
            replaced = self.finish(jobs);
            for run in &rebuilt {
                shelf.put(run);
            }
            if replaced.is_empty() {
                break;
            }
        }
        found.folders
    }

    /// Drops the runs that are not there any more.
    fn forget(&mut self, found: &Found, shelf: &Shelf) {
        self.runs.retain(|name, known| {
            let stays = found.runs.contains_key(name) || found.may_be_hidden(known.run.folder());
            if !stays {
                shelf.remove(known.run.name());
            }
            stays
        });
    }

    /// Makes runs and files known. Runs of which a file was replaced or is gone begin anew; these are returned, to be
    /// shown when they have been read.
    fn prepare(&mut self, found: &Found, replaced: &BTreeSet<String>, shelf: &Shelf) -> Vec<Arc<Run>> {
        let mut rebuilt = Vec::new();
        for (name, found_run) in &found.runs {
            let is_replaced = |known: &KnownRun| {
                replaced.contains(name)
                    || known.files.iter().any(|(path, file)| match found_run.files.get(path) {
                        Some(stat) => file.is_replaced(stat),
                        None => !found.may_be_hidden(path),
                    })
            };
            let known = match self.runs.get_mut(name) {
                Some(known) if !is_replaced(known) => known,
                before => {
                    let is_new = before.is_none();
                    self.generations += 1;
                    let run = Run::new(name.as_str().into(), Arc::clone(&found_run.folder), self.generations);
                    let run = Arc::new(run);
                    if is_new {
                        shelf.put(&run);
                    } else {
                        rebuilt.push(Arc::clone(&run));
                    }
                    self.runs.insert(name.clone(), KnownRun { run, files: BTreeMap::new() });
                    let Some(known) = self.runs.get_mut(name) else { continue };
                    known
                }
            };
            for path in found_run.files.keys() {
                if !known.files.contains_key(path) {
                    let index = known.run.own_files().add(path.as_path().into());
                    known.files.insert(path.clone(), KnownFile::new(index));
                }
            }
        }
        rebuilt
    }

    /// What is to be read, run by run and file by file.
    fn jobs(&self, found: &Found) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (name, known) in &self.runs {
            let Some(FoundRun { files, .. }) = found.runs.get(name) else { continue };
            let due = known.files.iter().filter_map(|(path, file)| {
                let stat = files.get(path)?;
                file.is_due(stat).then_some((path, file, *stat))
            });
            let (mut order, queue) = (0, Arc::new(Turnstile::new(())));
            for (path, file, stat) in due {
                let progress = Progress::new(file.cursor.clone(), file.head.clone());
                let job = Job::new(Arc::clone(&known.run), path, file.index, stat, progress);
                let job = job.stalled(file.is_stalled(&stat)).queued(Arc::clone(&queue), order);
                order += job.parts();
                jobs.push(job);
            }
        }
        jobs
    }

    /// Takes down how far the files have been read. Returns the runs of which one turned out to be another file.
    fn finish(&mut self, jobs: Vec<Job>) -> BTreeSet<String> {
        let mut replaced = BTreeSet::new();
        for job in jobs {
            let name = job.run.name().to_string();
            let known = self.runs.get_mut(&name).and_then(|known| known.files.get_mut(job.path()));
            let Some(file) = known else { continue };
            let (stat, stalled) = (job.stat, job.is_stalled());
            let progress = job.into_progress();
            if progress.replaced {
                replaced.insert(name);
            }
            file.cursor = progress.cursor;
            file.head = progress.head;
            file.settled = stalled;
            // A file that became shorter while it was read is looked at again, and then it is another.
            let is_short = progress.error.as_ref().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof);
            file.refused = progress.error.is_some() && !is_short;
            if !is_short {
                file.stat = Some(stat);
            }
        }
        replaced
    }
}

/// What to say of a file that could not be read.
pub(crate) fn refusal(path: &Path, error: &io::Error) -> Option<Problem> {
    // Not a problem, but a file that is just being replaced or deleted: the next look will find out.
    let is_passing = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound);
    // An `io::Error` cannot be cloned.
    let copy = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
    (!is_passing).then(|| Problem::unreadable(path, copy))
}
