//! Sweeps: every run is there once and is the same, whoever trained it and whatever came between.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use headwater_lab::Overrides;
use headwater_lab::sweep::{Sweep, SweepError, SweepProgress, Tally};

use crate::recorded::{Recorded, timeless};

const SMALL: &str = "\
    data = { source = 'blobs' }\n\
    train = { steps = 15 }\n\
    record = { every = 5 }\n\
    [sweep]\n\
    method = 'random'\n\
    trials = 10\n\
    seeds = 2\n\
    record = 'scalars'\n\
    [sweep.keys]\n\
    train.learning_rate = { log = [1e-3, 1e-1] }\n\
    network.depth = { integers = [1, 3] }\n\
    network.activation = ['relu', 'tanh']\n";

fn sweep(text: &str, set: &[&str]) -> Result<Sweep, SweepError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.toml");
    fs::write(&path, text).unwrap();
    let set = set.iter().map(|&assignment| assignment.to_owned()).collect();
    Sweep::load(&path, &Overrides { set, ..Overrides::default() })
}

fn work(sweep: &Sweep, folder: &Path, threads: usize) -> Tally {
    sweep.work(folder, NonZero::new(threads), &AtomicBool::new(false), &|_| ()).unwrap()
}

/// Trains all of it in a new folder.
fn undisturbed(sweep: &Sweep, threads: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    sweep.create(folder.path(), false).unwrap();
    let tally = work(sweep, folder.path(), threads);
    assert_eq!((tally.runs, tally.threads), (sweep.runs().len(), threads));
    folder
}

/// The table of results without its last column, the seconds.
fn results(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("results.csv")).unwrap();
    text.lines().flat_map(|line| [line.rsplit_once(',').unwrap().0, "\n"]).collect()
}

/// All that was found out, but for the seconds: the table, and every event of every run, to the last bit.
#[track_caller]
fn assert_same(sweep: &Sweep, left: &Path, right: &Path) {
    assert_eq!(results(left), results(right));
    assert_eq!(results(left).lines().count(), 1 + sweep.runs().len());
    for run in sweep.runs() {
        let events = |folder: &Path| timeless(&folder.join("runs").join(&run.name));
        assert!(events(left) == events(right), "the records of {} differ", run.name);
    }
}

/// Nothing is left of who worked and of what was begun.
#[track_caller]
fn assert_tidy(folder: &Path) {
    for name in ["running", "queue/leases", "queue/workers"] {
        let left: Vec<_> = fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{name} holds {left:?}");
    }
}

#[test]
fn one_thread_two_threads_and_two_workers_give_the_same_results_and_records() {
    let sweep = sweep(SMALL, &[]).unwrap();
    let one = undisturbed(&sweep, 1);
    assert_same(&sweep, one.path(), undisturbed(&sweep, 2).path());

    let shared = tempfile::tempdir().unwrap();
    sweep.create(shared.path(), false).unwrap();
    let ended = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // As another process would, from the plan in the folder.
                let sweep = Sweep::open(shared.path()).unwrap();
                let count = |progress: SweepProgress<'_>| {
                    if let SweepProgress::Ended { .. } = progress {
                        ended.fetch_add(1, Ordering::Relaxed);
                    }
                };
                sweep.work(shared.path(), NonZero::new(1), &AtomicBool::new(false), &count).unwrap();
            });
        }
    });
    assert_eq!(ended.into_inner(), sweep.runs().len(), "each was trained once");
    assert_same(&sweep, one.path(), shared.path());
    assert_tidy(shared.path());
}

#[test]
fn an_interrupted_sweep_keeps_what_is_over_and_goes_on_from_there() {
    let sweep = sweep(SMALL, &[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (part, resume) in [(0, false), (1, true), (2, true)] {
        sweep.create(folder.path(), resume).unwrap();
        let (interrupt, found) = (AtomicBool::new(false), AtomicUsize::new(0));
        let tally = sweep.work(folder.path(), NonZero::new(1), &interrupt, &|progress| match progress {
            SweepProgress::Ended { run, .. } if run == 4 * part + 3 => interrupt.store(true, Ordering::Relaxed),
            SweepProgress::Found { .. } => drop(found.fetch_add(1, Ordering::Relaxed)),
            _ => {}
        });
        assert_eq!((tally.unwrap().runs, found.into_inner()), (4, 4 * part));
        assert_eq!(results(folder.path()).lines().count(), 1 + 4 * (part + 1), "the table has what there is");
        assert_tidy(folder.path());
    }
    // In the middle of a run: it is thrown away, and trained anew.
    let interrupt = AtomicBool::new(false);
    let begun = |progress: SweepProgress<'_>| {
        if let SweepProgress::Started { .. } = progress {
            interrupt.store(true, Ordering::Relaxed);
        }
    };
    assert_eq!(sweep.work(folder.path(), NonZero::new(1), &interrupt, &begun).unwrap().runs, 0);
    assert!(!folder.path().join("runs").join(&sweep.runs()[12].name).exists());
    assert_eq!(work(&sweep, folder.path(), 2).runs, 8);
    assert_same(&sweep, undisturbed(&sweep, 1).path(), folder.path());
    assert_tidy(folder.path());
}

#[test]
fn a_run_that_is_removed_while_others_are_trained_is_not_counted_and_has_no_line() {
    let sweep = sweep(SMALL, &["sweep.trials=3", "sweep.seeds=1"]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    sweep.create(folder.path(), false).unwrap();
    let remove = |progress: SweepProgress<'_>| {
        if let SweepProgress::Ended { run: 1, .. } = progress {
            fs::remove_dir_all(folder.path().join("runs").join(&sweep.runs()[0].name)).unwrap();
        }
    };
    let tally = sweep.work(folder.path(), NonZero::new(1), &AtomicBool::new(false), &remove).unwrap();
    assert_eq!((tally.runs, tally.over), (3, 2));
    let table = results(folder.path());
    assert_eq!(table.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(work(&sweep, folder.path(), 1).over, 3, "it is trained anew by who comes next");
}

#[test]
fn what_is_recorded_changes_no_result() {
    let [none, scalars, all] = ["results", "scalars", "all"].map(|record| {
        let sweep = sweep(SMALL, &["sweep.trials=3", "sweep.seeds=1", &format!("sweep.record={record}")]).unwrap();
        undisturbed(&sweep, 1)
    });
    assert_eq!(results(none.path()), results(scalars.path()));
    assert_eq!(results(none.path()), results(all.path()));
    let count = |folder: &Path| fs::read_dir(folder.join("runs/0002")).unwrap().count();
    // Events and the result; and the manifest.
    assert_eq!([none.path(), scalars.path(), all.path()].map(count), [2, 3, 3]);
    let sizes =
        [none.path(), scalars.path(), all.path()].map(|folder| timeless(&folder.join("runs/0002")).concat().len());
    assert!(sizes[0] < 3000 && sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
}

#[test]
fn the_objective_is_in_the_event_files_as_a_scalar_and_a_metric_whatever_is_recorded() {
    for (objective, tag) in [
        ("validation_accuracy", "final/validation_accuracy"),
        ("test_accuracy", "final/test_accuracy"),
        ("train_accuracy_last_200", "final/train_accuracy_last_200"),
    ] {
        for record in ["results", "scalars", "all"] {
            let set =
                [&format!("sweep.objective={objective}")[..], &format!("sweep.record={record}"), "sweep.trials=1"];
            let sweep = sweep(SMALL, &set).unwrap();
            let (folder, scores) = (tempfile::tempdir().unwrap(), Mutex::default());
            sweep.create(folder.path(), false).unwrap();
            let keep = |progress: SweepProgress<'_>| {
                if let SweepProgress::Ended { run, outcome } = progress {
                    let mut scores: MutexGuard<'_, BTreeMap<usize, f64>> = scores.lock().unwrap();
                    scores.insert(run, outcome.score(sweep.plan().objective).unwrap());
                }
            };
            sweep.work(folder.path(), NonZero::new(1), &AtomicBool::new(false), &keep).unwrap();
            for (run, score) in scores.into_inner().unwrap() {
                let recorded = Recorded::of(&folder.path().join("runs").join(&sweep.runs()[run].name));
                let values: Vec<f32> = recorded.scalar(tag).into_values().collect();
                assert_eq!(values, [score as f32], "{tag}, {record}");
                assert!(recorded.metrics().contains(&tag.to_owned()), "{tag}, {record}");
            }
        }
    }
}

#[test]
fn a_run_that_diverges_is_recorded_as_such_and_the_others_go_on() {
    let text = "data = { source = 'blobs' }\ntrain = { steps = 15, optimizer = 'sgd' }\nnetwork.activation = 'relu'\n\
        [sweep.keys]\ntrain.learning_rate = [0.01, 1e30, 0.02]\n";
    let folder = undisturbed(&sweep(text, &[]).unwrap(), 1);
    let table = results(folder.path());
    let statuses: Vec<_> = table.lines().skip(1).map(|line| line.split(',').nth(3).unwrap()).collect();
    assert_eq!(statuses, ["done", "diverged", "done"]);
    let diverged: Vec<_> = table.lines().nth(2).unwrap().split(',').collect();
    assert!(diverged[4].parse::<u32>().unwrap() < 15, "it stopped early");
    assert_eq!(diverged[8..10], ["", ""], "it has no accuracy");
}

#[test]
fn a_folder_holds_one_sweep_and_it_is_gone_on_with_only_if_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let message = |result: Result<(), SweepError>| result.unwrap_err().to_string();
    assert!(Sweep::open(folder.path()).unwrap_err().to_string().contains("there is no sweep in"));
    let first = sweep(SMALL, &[]).unwrap();
    first.create(folder.path(), true).unwrap();
    first.create(folder.path(), true).unwrap();
    assert!(message(first.create(folder.path(), false)).contains("0 of 20 runs over; add --resume to go on with it"));
    for (set, part) in [
        ("sweep.trials=11", "the number of trials was 10 and is 11 now"),
        ("sweep.seed=1", "trial 0: "),
        ("train.steps=16", "trial 0: train.steps was 15 and is 16 now"),
        ("sweep.seeds=3", "sweep.seeds was 2 and is 3 now"),
        ("network.depth=2", "sweep.keys was network.activation, network.depth, train.learning_rate and is "),
    ] {
        let message = message(sweep(SMALL, &[set]).unwrap().create(folder.path(), true));
        assert!(message.contains(part), "{message}");
    }
    let other = tempfile::tempdir().unwrap();
    fs::create_dir_all(other.path().join("runs/0003")).unwrap();
    assert!(message(first.create(other.path(), false)).contains("runs already holds something else"));
}

#[test]
fn a_process_of_the_same_number_elsewhere_is_not_in_the_way() {
    let sweep = sweep(SMALL, &["sweep.trials=1", "sweep.seeds=1"]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // What it is writing, at a moment when this one may not.
    for name in ["plan.toml", "results.csv"] {
        fs::create_dir(folder.path().join(format!("{name}.{}.part", std::process::id()))).unwrap();
    }
    sweep.create(folder.path(), false).unwrap();
    assert_eq!(work(&sweep, folder.path(), 4).threads, 1, "there is one run");
    assert_eq!(results(folder.path()).lines().count(), 2);
}

#[test]
fn a_trial_that_could_not_begin_is_named_before_any_begins() {
    let text = "data = { source = 'blobs' }\n[sweep.keys]\ntrain.batch_size = [30, 1000000]\n";
    let error = sweep(text, &[]).unwrap_err().to_string();
    assert!(error.contains("1 (train.batch_size = 1000000)") && error.contains("training samples"), "{error}");
}

#[test]
fn a_run_of_a_sweep_is_the_run_that_its_configuration_makes_alone() {
    let sweep = sweep(SMALL, &["sweep.trials=3", "sweep.record=all", "train.seed=7"]).unwrap();
    let folder = undisturbed(&sweep, 2);
    let trial = &sweep.plan().trials[2];
    let keys = sweep.plan().keys.iter().zip(&trial.values).map(|(key, value)| format!("{key}={value}"));
    let set = keys.chain(["train.seed=8".to_owned()]).collect();
    let path = folder.path().join("small.toml");
    fs::write(&path, SMALL).unwrap();
    let alone = headwater_lab::Experiment::load(path.to_str().unwrap(), &Overrides { set, ..Overrides::default() });
    let alone = crate::trained::train(&alone.unwrap(), crate::trained::PLAIN);
    let run = &sweep.runs()[5];
    assert_eq!((run.trial, run.seed, run.name.as_str()), (2, 8, "0002/seed-8"));
    assert!(timeless(&folder.path().join("runs").join(&run.name)) == timeless(&alone.folder("small")));
}
