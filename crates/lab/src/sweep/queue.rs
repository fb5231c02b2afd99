//! The queue: which runs are to be trained, and who trains them.
//!
//! The first lease of run 7 is the file `7.0`. Who finds its holder dead leases `7.1`, and so on: a lease is made once,
//! by one worker, and never taken away, so that of two who find the same holder dead one is told by the file system that
//! it was second. When the run is over its leases are removed.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use headwater_threads::Unpoisoned as _;

use super::holder::{Holder, Observer, Worker};
use super::plan::PlannedRun;
use super::{Outcome, SweepError};
use crate::Manifest;

/// Time between two looks at what others train, when nothing else is left.
const LOOK: Duration = Duration::from_millis(100);

/// The queue of a sweep's folder, as one process sees it.
pub(crate) struct Queue<'a> {
    folder: &'a Path,
    runs: &'a [PlannedRun],
    worker: Worker,
    state: Mutex<State>,
    /// A run of this process is over.
    over: Condvar,
}

struct State {
    /// Runs that are not known to be over.
    open: BTreeSet<usize>,
    /// Those of them that this process trains.
    own: BTreeSet<usize>,
    observer: Observer,
}

/// What a worker finds when it joins.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Joined {
    /// Finished runs, by number, with their outcomes.
    pub(crate) known: Vec<(usize, Outcome)>,
    /// Number of runs that were removed because their outcomes were incomplete or altered.
    pub(crate) damaged: usize,
}

/// What there is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Claim {
    /// Train this run.
    Run(Lease),
    /// Nothing is free, and other processes train so many runs: one of them may die.
    Wait(usize),
    /// Everything is over, or trained by this process.
    Nothing,
}

/// How a worker leaves a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Over,
    /// Its lease stays until this process leaves, and is free for others then.
    Unfinished,
    InOtherHands,
}

/// The right to train a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lease {
    /// Which run.
    pub(crate) index: usize,
    generation: u32,
    /// Where its records go while it is trained.
    pub(crate) folder: PathBuf,
}

impl<'a> Queue<'a> {
    /// Joins the workers of a sweep. Also returns what is there already.
    pub(crate) fn join(folder: &'a Path, runs: &'a [PlannedRun]) -> Result<(Self, Joined), SweepError> {
        let workers = folder.join("queue/workers");
        for path in [&workers, &folder.join("queue/leases"), &folder.join("running"), &folder.join("runs")] {
            std::fs::create_dir_all(path).map_err(SweepError::writing(path))?;
        }
        clear_up(folder, &workers).map_err(SweepError::reading(&workers))?;
        let (mut open, mut joined) = (BTreeSet::new(), Joined::default());
        for (index, run) in runs.iter().enumerate() {
            let path = folder.join("runs").join(&run.name);
            match whole(&path)? {
                RunFolder::Over(outcome) => joined.known.push((index, outcome)),
                RunFolder::Free => drop(open.insert(index)),
                RunFolder::Cleared => {
                    joined.damaged += 1;
                    open.insert(index);
                }
            }
        }
        forget(&folder.join("queue/leases"), &open).map_err(SweepError::writing(&folder.join("queue/leases")))?;
        let worker = Worker::join(&workers).map_err(SweepError::writing(&workers))?;
        let state = Mutex::new(State { open, own: BTreeSet::new(), observer: Observer::default() });
        Ok((Self { folder, runs, worker, state, over: Condvar::new() }, joined))
    }

    /// What this worker is called: no other, on whatever machine, has the same name.
    pub(crate) fn token(&self) -> &str {
        &self.worker.token
    }

    /// Takes the first run that is free. Hands `found` what others have finished in the meantime.
    pub(crate) fn claim(&self, now: Instant, found: &mut dyn FnMut(usize, Outcome)) -> Result<Claim, SweepError> {
        let mut state = self.state();
        let State { open, own, observer } = &mut *state;
        let (mut elsewhere, mut next) = (0, 0);
        // One look after another: to list all that is open for each claim would take the square of the runs.
        while let Some(index) = open.range(next..).copied().find(|index| !own.contains(index)) {
            next = index + 1;
            if let Some(outcome) = self.outcome(index)? {
                open.remove(&index);
                found(index, outcome);
                continue;
            }
            let Some(generation) = self.lease(index, observer, now)? else {
                elsewhere += 1;
                continue;
            };
            // It may have been finished, and its leases removed, after the look.
            if let Some(outcome) = self.outcome(index)? {
                open.remove(&index);
                self.release(index, generation);
                found(index, outcome);
                continue;
            }
            own.insert(index);
            let folder = self.running(&self.worker.token, index);
            remove(&folder).map_err(SweepError::writing(&folder))?;
            return Ok(Claim::Run(Lease { index, generation, folder }));
        }
        Ok(if elsewhere > 0 { Claim::Wait(elsewhere) } else { Claim::Nothing })
    }

    /// Moves a run that is over to its place, with its result in it. If another worker, which took this one for dead, was
    /// first, its result stands, and is returned: it is the same but for the seconds. None if that worker is still at it.
    pub(crate) fn finish(&self, lease: &Lease, outcome: Outcome) -> Result<Option<Outcome>, SweepError> {
        let place = self.place(lease.index);
        let moved = outcome.write(&lease.folder).and_then(|()| match std::fs::rename(&lease.folder, &place) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // The first of a scenario or of a trial's seeds.
                std::fs::create_dir_all(place.parent().unwrap_or(self.folder))?;
                std::fs::rename(&lease.folder, &place)
            }
            moved => moved,
        });
        let outcome = match moved {
            Ok(()) => Some(outcome),
            Err(source) => match self.outcome(lease.index)? {
                None if !self.is_taken_over(lease) => return Err(SweepError::Write { path: place, source }),
                outcome => outcome,
            },
        };
        self.give_up(lease, if outcome.is_some() { Left::Over } else { Left::InOtherHands });
        Ok(outcome)
    }

    /// Whether another worker took this one for dead.
    pub(crate) fn is_taken_over(&self, lease: &Lease) -> bool {
        self.lease_path(lease.index, lease.generation + 1).exists()
    }

    /// Whether a run is over, by whomever.
    pub(crate) fn outcome(&self, index: usize) -> Result<Option<Outcome>, SweepError> {
        let place = self.place(index);
        Outcome::read(&place).map_err(SweepError::reading(&place))
    }

    /// Ends this process's work on a run, and throws away what there is of it.
    pub(crate) fn give_up(&self, lease: &Lease, left: Left) {
        // What cannot be removed is in nobody's way: the next worker to join tries again.
        let _ = remove(&lease.folder);
        let mut state = self.state();
        if left == Left::Over {
            self.release(lease.index, lease.generation);
            state.open.remove(&lease.index);
        }
        if left != Left::Unfinished {
            state.own.remove(&lease.index);
        }
        self.over.notify_all();
    }

    /// Waits until it may be worth to look again.
    pub(crate) fn wait(&self) {
        let state = self.state();
        drop(self.over.wait_timeout(state, LOOK).unpoisoned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unpoisoned()
    }

    fn place(&self, index: usize) -> PathBuf {
        self.folder.join("runs").join(&self.runs[index].name)
    }

    fn running(&self, token: &str, index: usize) -> PathBuf {
        self.folder.join("running").join(token).join(index.to_string())
    }

    fn lease_path(&self, index: usize, generation: u32) -> PathBuf {
        self.folder.join("queue/leases").join(format!("{index}.{generation}"))
    }

    /// Leases a run; returns the lease's number, or none if the run is in living hands.
    fn lease(&self, index: usize, observer: &mut Observer, now: Instant) -> Result<Option<u32>, SweepError> {
        let mut dead: Option<Holder> = None;
        let mut generation = 0;
        loop {
            let path = self.lease_path(index, generation);
            match std::fs::hard_link(&self.worker.path, &path) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(SweepError::writing(&path)(error)),
            }
            match Holder::read(&path).map_err(SweepError::reading(&path))? {
                // A server that was asked twice answers the second time that it is there. Or it was taken over since.
                Some(holder) if holder.token == self.worker.token => {
                    if !self.lease_path(index, generation + 1).exists() {
                        break;
                    }
                    generation += 1;
                }
                Some(holder) if holder.is_gone() || observer.is_silent(&holder, now) => {
                    dead = Some(holder);
                    generation += 1;
                }
                // Living hands; or removed just now, because the run is over.
                Some(_) | None => return Ok(None),
            }
        }
        if let Some(dead) = dead {
            // First out of its reach, in one step: should it be alive after all, it cannot finish half of what it had. It
            // finds its folder gone, and that the run is over or in other hands.
            let rest = self.running(&self.worker.token, index).with_extension("rest");
            let _ = std::fs::create_dir_all(rest.parent().unwrap_or(self.folder));
            let _ = std::fs::rename(self.running(&dead.token, index), &rest).and_then(|()| remove(&rest));
        }
        Ok(Some(generation))
    }

    /// Removes the leases of a run that is over, first to last.
    fn release(&self, index: usize, generation: u32) {
        for generation in 0..=generation {
            let _ = std::fs::remove_file(self.lease_path(index, generation));
        }
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        let _ = remove(&self.folder.join("running").join(&self.worker.token));
    }
}

/// What is in a run's place.
#[derive(Debug, PartialEq)]
enum RunFolder {
    Free,
    Over(Outcome),
    /// It held a run without a valid outcome, and is free now.
    Cleared,
}

/// Reads the outcome in a run's place. Removes a folder whose outcome is missing, incomplete or altered. The rename
/// that put it here moved a complete run, so the power failed before it was on disk, or it was altered since.
fn whole(place: &Path) -> Result<RunFolder, SweepError> {
    // The look comes first: what another worker moves here after it may be missed by the reading, and is not to be removed.
    let was_there = place.try_exists().map_err(SweepError::reading(place))?;
    let outcome = Outcome::read(place).map_err(SweepError::reading(place))?;
    if was_there && outcome.is_none() {
        refuse_strangers(place).map_err(SweepError::reading(place))?;
        remove(place).map_err(SweepError::writing(place))?;
        return Ok(RunFolder::Cleared);
    }
    Ok(outcome.map_or(RunFolder::Free, RunFolder::Over))
}

/// Refuses a folder with anything in it that no run writes: somebody put it there, and it is not ours to remove.
fn refuse_strangers(place: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(place)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let own = [Outcome::FILE_NAME, Manifest::FILE_NAME].iter().any(|own| text.starts_with(own));
        if !own && !headwater_events::is_event_file(&name) {
            return Err(io::Error::other(format!("it holds {text}, which no run wrote; move that away")));
        }
    }
    Ok(())
}

/// Removes what dead workers of this machine have left.
fn clear_up(folder: &Path, workers: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(workers)? {
        let path = entry?.path();
        let Some(holder) = Holder::read(&path)? else { continue };
        if holder.is_gone() && path.file_name().is_some_and(|name| name == holder.token.as_str()) {
            remove(&folder.join("running").join(&holder.token))?;
            let _ = std::fs::remove_file(&path);
        }
    }
    Ok(())
}

/// Removes the leases of runs that are over: their holders were killed between the two.
fn forget(leases: &Path, open: &BTreeSet<usize>) -> io::Result<()> {
    for entry in std::fs::read_dir(leases)? {
        let path = entry?.path();
        let index = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if index.is_some_and(|index: usize| !open.contains(&index)) {
            let _ = std::fs::remove_file(&path);
        }
    }
    Ok(())
}

/// Removes a folder, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
