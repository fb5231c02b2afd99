//! Looking at a log directory: what is new is found, cut into parts, and read.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    by_name::ByName,
    digest::Digest,
    folder::{self, Found},
    job::{Job, Progress},
    problem::Problem,
    run::Run,
    run_table::RunTable,
    storage::{Stat, Storage},
    turnstile::Turnstile,
    walk::{Cursor, Tail},
    work,
};

/// How many looks in a row must find a file unchanged in length before an incomplete record may count as abandoned.
/// This is about two seconds for a store that follows. Writers pause between the halves of a record.
const PATIENCE: u32 = 20;

/// The coarsest clock by which a file system notes when a file was changed.
const COARSE: Duration = Duration::from_secs(1);

/// What is remembered from one look at a log directory to the next.
#[derive(Debug)]
pub(crate) struct Loader {
    storage: Arc<dyn Storage>,
    log_directory: PathBuf,
    threads: usize,
    /// What was there when everything was looked at.
    found: Found,
    /// The names of the runs in it, by folder.
    folders: HashMap<PathBuf, String>,
    runs: BTreeMap<String, KnownRun>,
    /// The generation of the newest run. The first one is random: a client may remember a generation of another
    /// process, perhaps with another log directory, and must not mistake it for one of this process.
    generations: u64,
}

#[derive(Debug)]
struct KnownRun {
    run: Arc<Run>,
    files: ByName<KnownFile>,
}

#[derive(Debug)]
struct KnownFile {
    /// Its index in the run.
    index: u32,
    /// As it was when it was last read; None before.
    stat: Option<Stat>,
    cursor: Cursor,
    /// What has been read of it.
    digest: Digest,
    /// Whether it was written to so shortly before it was read that a change since may show in no time of the file.
    fresh: bool,
    /// Whether a record that is not whole has been looked into, and there is no more to find until the file changes.
    settled: bool,
    /// Whether it could not be read. It may be next time, though nothing of it has changed but who may read it.
    refused: bool,
    /// How many looks in a row have found its length unchanged.
    quiet: u32,
    /// How many looks have found it changed.
    changes: usize,
}

impl KnownFile {
    fn new(index: u32) -> Self {
        let (cursor, digest, fresh) = (Cursor::default(), Digest::default(), false);
        KnownFile { index, stat: None, cursor, digest, fresh, settled: false, refused: false, quiet: 0, changes: 0 }
    }

    /// Whether the file of this name is another one now, as far as can be told without reading it.
    fn is_replaced(&self, now: &Stat) -> bool {
        self.stat.is_some_and(|stat| stat.identity != now.identity || now.size < self.cursor.limit)
    }

    /// Whether there is anything to read.
    fn is_due(&self, now: &Stat) -> bool {
        let unsettled =
            self.cursor.is_searching() || matches!(self.cursor.tail, Tail::Unfinished { .. }) && !self.settled;
        self.stat != Some(*now) || unsettled || self.refused || self.fresh
    }

    /// Whether the file has stopped growing. One that is seen for the first time has.
    fn is_stalled(&self, now: &Stat) -> bool {
        self.stat.is_none_or(|stat| stat.size == now.size && self.quiet >= PATIENCE)
    }
}

impl Loader {
    pub(crate) fn new(storage: Arc<dyn Storage>, log_directory: &Path, threads: usize) -> Self {
        let (log_directory, found) = (log_directory.to_owned(), Found::default());
        Loader {
            storage,
            log_directory,
            threads,
            found,
            folders: HashMap::new(),
            runs: BTreeMap::new(),
            generations: first_generation(),
        }
    }

    /// Reads what is new. Returns the folders that there are.
    pub(crate) fn look(&mut self, table: &RunTable) -> Vec<PathBuf> {
        let mut found = folder::look(&*self.storage, &self.log_directory);
        table.set_problems(&found.problems);
        self.forget(&found, table);
        self.folders = found.runs.iter().map(|(name, run)| (run.folder.to_path_buf(), name.clone())).collect();
        let folders = std::mem::take(&mut found.folders);
        self.read(&found, found.runs.keys().cloned().collect(), table);
        self.found = found;
        folders
    }

    /// Continues the searches that stopped at the limit for one look, until all of them have finished.
    pub(crate) fn end_searches(&mut self, table: &RunTable) {
        let found = std::mem::take(&mut self.found);
        self.search_on(&found, table);
        self.found = found;
    }

    fn search_on(&mut self, found: &Found, table: &RunTable) {
        loop {
            let is_searching = |known: &&KnownRun| known.files.iter().any(|(_, file)| file.cursor.is_searching());
            let names: BTreeSet<String> =
                self.runs.values().filter(is_searching).map(|known| known.run.name().to_string()).collect();
            if names.is_empty() {
                return;
            }
            self.read(found, names, table);
        }
    }

    /// Reads a run and forgets it.
    pub(crate) fn once(&mut self, found: &Found, name: &str) -> Option<Arc<Run>> {
        let table = RunTable::default();
        self.read(found, BTreeSet::from([name.to_owned()]), &table);
        self.search_on(found, &table);
        self.runs.remove(name).map(|known| known.run)
    }

    /// Reads what is new in these files. False if one of them is not known, so that only a look at everything helps.
    pub(crate) fn look_at(&mut self, paths: &HashSet<PathBuf>, table: &RunTable) -> bool {
        let mut found = std::mem::take(&mut self.found);
        let mut names = BTreeSet::new();
        let are_known = paths.iter().all(|path| {
            let name = path.parent().and_then(|folder| self.folders.get(folder));
            let run = name.and_then(|name| found.runs.get_mut(name));
            let stat = path.file_name().and_then(|file| run?.files.get_mut(file));
            let (Some(name), Some(stat), Ok(now)) = (name, stat, self.storage.stat(path)) else { return false };
            *stat = now;
            names.insert(name.clone());
            true
        });
        self.read(&found, names, table);
        self.found = found;
        are_known
    }

    /// Drops the runs that are not there any more.
    fn forget(&mut self, found: &Found, table: &RunTable) {
        self.runs.retain(|name, known| {
            let stays = found.runs.contains_key(name) || found.may_be_hidden(known.run.folder());
            if !stays {
                table.remove(known.run.name());
            }
            stays
        });
    }

    /// Reads what is new in the runs of these names.
    fn read(&mut self, found: &Found, mut names: BTreeSet<String>, table: &RunTable) {
        let mut replaced = false;
        // Files that turn out to be others than before, though they look the same, are read once more.
        for _ in 0..2 {
            let rebuilt = self.prepare(found, &names, replaced, table);
            let jobs = self.jobs(found, &names);
            work::run(&jobs, self.threads, table.clock());
            let mut runs: Vec<Arc<Run>> = jobs.iter().map(|job| Arc::clone(&job.run)).collect();
            runs.dedup_by(|a, b| Arc::ptr_eq(a, b));
            names = self.finish(jobs);
            for run in runs {
                run.settle(&mut self.generations, table.clock());
            }
            for run in &rebuilt {
                table.put(run);
            }
            replaced = true;
            if names.is_empty() {
                break;
            }
        }
    }

    /// Makes runs and files known. Runs of which a file was replaced or is gone begin anew; these are returned, to be
    /// shown when they have been read.
    fn prepare(&mut self, found: &Found, names: &BTreeSet<String>, replaced: bool, table: &RunTable) -> Vec<Arc<Run>> {
        let mut rebuilt = Vec::new();
        for name in names {
            let Some(found_run) = found.runs.get(name) else { continue };
            let is_replaced = |known: &KnownRun| {
                replaced
                    || known.files.iter().any(|(name, file)| match found_run.files.get(name) {
                        Some(stat) => file.is_replaced(stat),
                        None => !found.may_be_hidden(&found_run.folder.join(name)),
                    })
            };
            let before = self.runs.get(name);
            if before.is_none_or(is_replaced) {
                self.generations += 1;
                let (folder, storage) = (Arc::clone(&found_run.folder), Arc::clone(&self.storage));
                let run = Run::new(name.as_str().into(), folder, self.generations, storage);
                let run = Arc::new(run);
                if before.is_some() {
                    rebuilt.push(Arc::clone(&run));
                } else {
                    table.put(&run);
                }
                self.runs.insert(name.clone(), KnownRun { run, files: ByName::default() });
            }
            let Some(known) = self.runs.get_mut(name) else { continue };
            for (file_name, _) in found_run.files.iter() {
                if known.files.get(file_name).is_none() {
                    let index = known.run.own_files().add(found_run.folder.join(file_name).into());
                    known.files.insert(file_name.clone(), KnownFile::new(index));
                }
            }
        }
        rebuilt
    }

    /// What is to be read, run by run and file by file.
    fn jobs(&self, found: &Found, names: &BTreeSet<String>) -> Vec<Job> {
        let mut jobs = Vec::new();
        for name in names {
            let (Some(known), Some(found_run)) = (self.runs.get(name), found.runs.get(name)) else { continue };
            let (mut order, queue) = (0, Arc::new(Turnstile::new(())));
            for (file_name, file) in known.files.iter() {
                let Some(&stat) = found_run.files.get(file_name) else { continue };
                if file.is_due(&stat) {
                    let progress = Progress::new(file.cursor.clone(), file.digest.clone());
                    let path = found_run.folder.join(file_name);
                    let job = Job::new(Arc::clone(&known.run), path, file.index, stat, progress);
                    let changed = file.stat.is_some_and(|known| known != stat);
                    let suspects =
                        if changed { known.run.own_files().suspects(file.index, file.changes) } else { Vec::new() };
                    let rewritten = changed && file.stat.is_some_and(|known| known.size == stat.size);
                    let job = job.stalled(file.is_stalled(&stat)).suspecting(suspects).rewritten(rewritten);
                    let job = job.queued(Arc::clone(&queue), order);
                    order += job.parts();
                    jobs.push(job);
                }
            }
        }
        jobs
    }

    /// Takes down how far the files have been read. Returns the runs of which one turned out to be another file.
    fn finish(&mut self, jobs: Vec<Job>) -> BTreeSet<String> {
        let mut replaced = BTreeSet::new();
        for job in jobs {
            let name = job.run.name().to_string();
            let file = self.runs.get_mut(&name).and_then(|known| known.files.get_mut(job.path().file_name()?));
            let Some(file) = file else { continue };
            let (stat, stalled) = (job.stat, job.is_stalled());
            let progress = job.into_progress();
            if progress.replaced {
                replaced.insert(name);
            }
            file.cursor = progress.cursor;
            file.digest = progress.digest;
            file.fresh = is_fresh(&stat);
            file.settled = stalled;
            let same = |known: Stat| known.size == stat.size;
            file.quiet = if file.stat.is_some_and(same) { file.quiet.saturating_add(1) } else { 0 };
            file.changes += usize::from(file.stat != Some(stat));
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

/// Whether a file was changed a moment ago, by the clock of this machine.
fn is_fresh(stat: &Stat) -> bool {
    stat.modified.is_some_and(|modified| match SystemTime::now().duration_since(modified) {
        Ok(age) => age < COARSE,
        Err(ahead) => ahead.duration() < COARSE,
    })
}

/// A random number below 2^52, so that JavaScript numbers hold it and all that follow it exactly.
fn first_generation() -> u64 {
    // The standard library seeds its hashers from the operating system.
    RandomState::new().hash_one(std::process::id()) >> 12
}

/// What to say of a file that could not be read.
pub(crate) fn refusal(path: &Path, error: &io::Error) -> Option<Problem> {
    // Not a problem, but a file that is just being replaced or deleted: the next look will find out.
    let is_passing = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound);
    // An `io::Error` cannot be cloned.
    let copy = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
    (!is_passing).then(|| Problem::unreadable(path, copy))
}
