use std::collections::BTreeMap;
use std::fs;
use std::sync::Barrier;

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
    let (_, joined) = Queue::join(folder.path(), &runs).unwrap();
    assert_eq!((joined.known.len(), joined.damaged), (3, 0));
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
    let (_other, Joined { known, .. }) = Queue::join(folder.path(), &runs).unwrap();
    assert_eq!((known.len(), leases(folder.path())), (1, 1));
    assert!(!kept.exists() && queue.lease_path(1, 0).exists());
}

#[test]
fn a_run_that_is_finished_while_another_worker_joins_stays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for number in 0..1000 {
        let (begun, place) = (folder.join(format!("begun-{number}")), folder.join(number.to_string()));
        fs::create_dir(&begun).unwrap();
        outcome(1.0).write(&begun).unwrap();
        let both = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                both.wait();
                fs::rename(&begun, &place).unwrap();
            });
            both.wait();
            whole(&place).unwrap();
        });
        assert!(Outcome::read(&place).unwrap().is_some(), "number {number} is gone");
    }
}

#[test]
fn a_run_without_a_whole_result_is_trained_anew() {
    let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(2), Instant::now());
    let broken = folder.path().join("runs/0001");
    fs::create_dir_all(&broken).unwrap();
    fs::write(broken.join(Outcome::FILE_NAME), "").unwrap();
    let (queue, joined) = Queue::join(folder.path(), &runs).unwrap();
    assert_eq!((joined.known.len(), joined.damaged), (0, 1));
    assert!(!broken.exists());
    for _ in 0..2 {
        queue.finish(&lease(&queue, now), outcome(1.0)).unwrap();
    }
    assert!(Outcome::read(&broken).unwrap().is_some());
}

#[test]
fn a_folder_that_somebody_else_put_in_a_runs_place_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("0000");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("thesis.txt"), "mine").unwrap();
    let refused = whole(&place).unwrap_err().to_string();
    assert!(refused.contains("thesis.txt"), "{refused}");
    assert!(place.join("thesis.txt").exists());
    fs::remove_file(place.join("thesis.txt")).unwrap();
    fs::write(place.join(Outcome::FILE_NAME), "").unwrap();
    assert_eq!(whole(&place).unwrap(), RunFolder::Cleared);
    assert!(!place.exists(), "half a result is removed, and its run trained anew");
    assert_eq!(whole(&place).unwrap(), RunFolder::Free);
}

#[test]
fn an_altered_result_is_not_believed_and_its_run_is_trained_anew() {
    let (folder, runs) = (tempfile::tempdir().unwrap(), runs(2));
    let (queue, _) = Queue::join(folder.path(), &runs).unwrap();
    for _ in 0..2 {
        queue.finish(&lease(&queue, Instant::now()), outcome(1.0)).unwrap();
    }
    let altered = folder.path().join("runs/0001").join(Outcome::FILE_NAME);
    let text = fs::read_to_string(&altered).unwrap();
    fs::write(&altered, text.replace("steps = 1", "steps = 1\ntest_accuracy = 9.9")).unwrap();
    let (other, joined) = Queue::join(folder.path(), &runs).unwrap();
    assert_eq!((joined.known, joined.damaged), (vec![(0, outcome(1.0))], 1));
    other.finish(&lease(&other, Instant::now()), outcome(1.0)).unwrap();
    assert_eq!(fs::read_to_string(&altered).unwrap(), text);
}

#[test]
fn a_folder_in_the_place_of_a_lease_is_a_silent_holder_and_no_end_of_the_sweep() {
    let (folder, runs, now) = (tempfile::tempdir().unwrap(), runs(2), Instant::now());
    for name in ["queue/leases/0.0", "queue/workers/stranger"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    let (queue, _) = Queue::join(folder.path(), &runs).unwrap();
    queue.finish(&lease(&queue, now), outcome(1.0)).unwrap();
    assert_eq!(claim(&queue, now), Claim::Wait(1));
    let late = lease(&queue, now + SILENCE);
    assert_eq!((late.index, late.generation), (0, 1));
    queue.finish(&late, outcome(1.0)).unwrap();
    assert_eq!(claim(&queue, now), Claim::Nothing);
    assert!(Outcome::read(&folder.path().join("runs/0000")).unwrap().is_some());
}
