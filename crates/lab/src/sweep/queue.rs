//! The queue: which runs are to be trained, and who trains them.
//!
//! The first lease of run 7 is the file `7.0`. Who finds its holder dead leases `7.1`, and so on: a lease is made once,
//! by one worker, and never taken away, so that of two who find the same holder dead one is told by the file system that
//! it was second. When the run is over its leases are removed.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::holder::{Holder, Observer, Worker};
use super::plan::PlannedRun;
use super::{Outcome, SweepError};

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
    /// Joins the workers of a sweep. Returns the outcomes that are there already, with the numbers of their runs.
    pub(crate) fn join(folder: &'a Path, runs: &'a [PlannedRun]) -> Result<(Self, Vec<(usize, Outcome)>), SweepError> {
        let workers = folder.join("queue/workers");
        for path in [&workers, &folder.join("queue/leases"), &folder.join("running"), &folder.join("runs")] {
            std::fs::create_dir_all(path).map_err(SweepError::writing(path))?;
        }
        clear_up(folder, &workers).map_err(SweepError::reading(&workers))?;
        let (mut open, mut known) = (BTreeSet::new(), Vec::new());
        for (index, run) in runs.iter().enumerate() {
            let path = folder.join("runs").join(&run.name);
            if let Some(outcome) = Outcome::read(&path).map_err(SweepError::reading(&path))? {
                known.push((index, outcome));
                continue;
            }
            // What came here by a rename was whole: the power went before it was on the disk.
            remove(&path).map_err(SweepError::writing(&path))?;
            open.insert(index);
        }
        forget(&folder.join("queue/leases"), &open).map_err(SweepError::writing(&folder.join("queue/leases")))?;
        let worker = Worker::join(&workers).map_err(SweepError::writing(&workers))?;
        let state = Mutex::new(State { open, own: BTreeSet::new(), observer: Observer::default() });
        Ok((Self { folder, runs, worker, state, over: Condvar::new() }, known))
    }

    /// Takes the first run that is free. Hands `found` what others have finished in the meantime.
    pub(crate) fn claim(&self, now: Instant, found: &mut dyn FnMut(usize, Outcome)) -> Result<Claim, SweepError> {
        let mut state = self.state();
        let State { open, own, observer } = &mut *state;
        let candidates: Vec<usize> = open.difference(own).copied().collect();
        let mut elsewhere = 0;
        for index in candidates {
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
        drop(self.over.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::Status;
    use crate::sweep::holder::SILENCE;

    fn runs(count: usize) -> Vec<PlannedRun> {
        (0..count).map(|trial| PlannedRun { trial, seed: 0, name: format!("{trial:04}") }).collect()
    }

    fn outcome(seconds: f64) -> Outcome {
        Outcome {
            status: Status::Done,
            steps: 1,
            train_accuracy_last_200: None,
            validation_accuracy: None,
            test_accuracy: None,
            attenuation: None,
            seconds,
            gains: BTreeMap::new(),
        }
    }

    fn claim(queue: &Queue<'_>, now: Instant) -> Claim {
        queue.claim(now, &mut |_, _| ()).unwrap()
    }

    #[track_caller]
    fn lease(queue: &Queue<'_>, now: Instant) -> Lease {
        let claim = claim(queue, now);
        let Claim::Run(lease) = claim else { panic!("expected a run, found {claim:?}") };
        fs::create_dir_all(&lease.folder).unwrap();
        lease
    }

    fn leases(folder: &Path) -> usize {
        fs::read_dir(folder.join("queue/leases")).unwrap().count()
    }

    #[test]
    fn two_workers_share_the_runs_and_hear_of_each_others() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(3), Instant::now());
        let (a, _) = Queue::join(folder.path(), &runs).unwrap();
        let (b, _) = Queue::join(folder.path(), &runs).unwrap();
        let (first, second, third) = (lease(&a, now), lease(&b, now), lease(&a, now));
        assert_eq!((first.index, second.index, third.index), (0, 1, 2));
        assert_eq!((claim(&a, now), claim(&b, now)), (Claim::Wait(1), Claim::Wait(2)));
        for lease in [first, third] {
            a.finish(&lease, outcome(1.0)).unwrap();
        }
        let mut heard = Vec::new();
        assert_eq!(b.claim(now, &mut |index, _| heard.push(index)).unwrap(), Claim::Nothing);
        assert_eq!(heard, [0, 2]);
        b.finish(&second, outcome(1.0)).unwrap();
        assert_eq!(claim(&a, now), Claim::Nothing);
        assert_eq!(leases(folder.path()), 0);
        drop((a, b));
        assert_eq!(fs::read_dir(folder.path().join("queue/workers")).unwrap().count(), 0);
        let (_, known) = Queue::join(folder.path(), &runs).unwrap();
        assert_eq!(known.len(), 3);
    }

    #[test]
    fn what_a_worker_leaves_is_free_at_once_and_what_it_had_begun_is_gone() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(1), Instant::now());
        let (a, _) = Queue::join(folder.path(), &runs).unwrap();
        let (b, _) = Queue::join(folder.path(), &runs).unwrap();
        let begun = lease(&a, now);
        assert_eq!(claim(&b, now), Claim::Wait(1));
        a.give_up(&begun, Left::Unfinished);
        drop(a);
        assert!(!begun.folder.exists());
        let again = lease(&b, now);
        assert_eq!((again.index, again.generation), (0, 1));
        b.finish(&again, outcome(1.0)).unwrap();
        assert_eq!(leases(folder.path()), 0);
    }

    #[test]
    fn a_silent_worker_is_replaced_and_if_it_wakes_the_first_result_stands() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(1), Instant::now());
        let (sleeper, _) = Queue::join(folder.path(), &runs).unwrap();
        let (other, _) = Queue::join(folder.path(), &runs).unwrap();
        let old = lease(&sleeper, now);
        assert_eq!(claim(&other, now), Claim::Wait(1));
        // As if so much time had passed without a beat.
        let new = lease(&other, now + SILENCE);
        assert!(!old.folder.exists(), "what the dead left is removed");
        assert_eq!(sleeper.finish(&old, outcome(2.0)).unwrap(), None, "the other is still at it");
        assert_eq!(claim(&sleeper, now), Claim::Wait(1));
        assert_eq!(other.finish(&new, outcome(1.0)).unwrap(), Some(outcome(1.0)));
        fs::create_dir_all(&old.folder).unwrap();
        assert_eq!(sleeper.finish(&old, outcome(2.0)).unwrap(), Some(outcome(1.0)));
        assert_eq!(Outcome::read(&folder.path().join("runs/0000")).unwrap().unwrap().seconds, 1.0);
        assert_eq!(claim(&sleeper, now), Claim::Nothing);
        assert_eq!(leases(folder.path()), 0);
    }

    #[test]
    fn of_two_that_find_the_same_holder_dead_one_takes_the_run() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(1), Instant::now());
        let queues = [(); 3].map(|()| Queue::join(folder.path(), &runs).unwrap().0);
        lease(&queues[0], now);
        let later = now + SILENCE;
        for queue in &queues[1..] {
            assert_eq!(claim(queue, now), Claim::Wait(1));
        }
        assert_eq!(lease(&queues[1], later).generation, 1);
        // The second has the first holder in its memory as silent, and the new one as just met.
        assert_eq!(claim(&queues[2], later), Claim::Wait(1));
    }

    #[test]
    fn a_lease_of_a_run_that_is_over_is_forgotten_by_the_next_to_join() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(2), Instant::now());
        let (queue, _) = Queue::join(folder.path(), &runs).unwrap();
        let (first, _second) = (lease(&queue, now), lease(&queue, now));
        let kept = queue.lease_path(0, 7);
        fs::hard_link(queue.lease_path(0, 0), &kept).unwrap();
        queue.finish(&first, outcome(1.0)).unwrap();
        assert_eq!(leases(folder.path()), 2);
        let (_other, known) = Queue::join(folder.path(), &runs).unwrap();
        assert_eq!((known.len(), leases(folder.path())), (1, 1));
        assert!(!kept.exists() && queue.lease_path(1, 0).exists());
    }

    #[test]
    fn a_run_without_a_whole_result_is_trained_anew() {
        let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(2), Instant::now());
        let broken = folder.path().join("runs/0001");
        fs::create_dir_all(&broken).unwrap();
        fs::write(broken.join(Outcome::FILE_NAME), "").unwrap();
        let (queue, known) = Queue::join(folder.path(), &runs).unwrap();
        assert!(known.is_empty() && !broken.exists());
        for _ in 0..2 {
            queue.finish(&lease(&queue, now), outcome(1.0)).unwrap();
        }
        assert!(Outcome::read(&broken).unwrap().is_some());
    }
}
