//! Sweeps from the outside: processes that are killed, interrupted, or two at a time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::program::{Outcome, Running, headwater, outcome, untouched};

const SMALL: &str = "\
    data = { source = 'blobs' }\n\
    train = { steps = 40 }\n\
    [sweep]\n\
    method = 'latin_hypercube'\n\
    trials = 33\n\
    record = 'scalars'\n\
    [sweep.keys]\n\
    train.learning_rate = { log = [1e-3, 1e-1] }\n\
    network.depth = [1, 2, 3]\n";

/// A folder with a configuration in it.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("small.toml"), text).unwrap();
    folder
}

fn sweep(folder: &Path, logdir: &str, flags: &[&str]) -> Command {
    let mut command = headwater(["sweep", "small.toml", "--logdir", logdir]);
    command.args(flags).current_dir(folder);
    command
}

/// The table of results without the seconds, checked to have every trial once.
#[track_caller]
fn results(folder: &Path, trials: usize) -> String {
    let text = fs::read_to_string(folder.join("results.csv")).unwrap();
    let numbers: Vec<_> = text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(numbers, (0..trials).map(|trial| trial.to_string()).collect::<Vec<_>>());
    text.lines().flat_map(|line| [line.rsplit_once(',').unwrap().0, "\n"]).collect()
}

/// Every number that was recorded: run, tag and step to value, as `export` prints it, with no point twice.
fn exported(folder: &Path) -> BTreeMap<Vec<String>, String> {
    // More than a pipe holds.
    let path = folder.join("exported.csv");
    let mut export = headwater(["export"]);
    export.arg(folder.join("runs")).stdout(fs::File::create(&path).unwrap());
    Running::start_with_own_output(&mut export).wait().success();
    let text = fs::read_to_string(&path).unwrap();
    let mut values = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        let [run, tag, step, .., value] = &fields[..] else { panic!("{line}") };
        let twice = values.insert([run, tag, step].map(String::clone).to_vec(), value.clone());
        assert_eq!(twice, None, "{line}");
    }
    values
}

#[track_caller]
fn assert_same(trials: usize, left: &Path, right: &Path) {
    assert_eq!(results(left, trials), results(right, trials));
    let (left, right) = (exported(left), exported(right));
    assert!(left.len() > trials && left == right);
}

#[test]
fn a_sweep_that_is_killed_ten_times_is_the_same_as_one_that_is_not() {
    /// Many more than one thread trains before the tenth kill, on however many cores.
    const TRIALS: usize = 120;
    let folder = folder(&SMALL.replace("trials = 33", &format!("trials = {TRIALS}")));
    let path = folder.path();
    outcome(&mut sweep(path, "whole", &[])).success();
    let run = |number: usize| path.join(format!("killed/runs/{number:04}"));
    for _ in 0..10 {
        let over = (0..TRIALS).take_while(|number| run(*number).exists()).count();
        let mut program = Running::start(&mut sweep(path, "killed", &["--resume", "--threads", "1"]));
        // At another moment of a run each time: as soon as one is over, or when the next has begun its record.
        program.wait_for(&run(over + 2));
        program.signal("KILL");
        assert_eq!(program.wait().code, None, "it ended before it was killed");
    }
    outcome(&mut sweep(path, "killed", &["--resume"])).success();
    assert_same(TRIALS, &path.join("whole"), &path.join("killed"));
    for name in ["running", "queue/leases", "queue/workers"] {
        assert_eq!(fs::read_dir(path.join("killed").join(name)).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn two_processes_share_a_folder_and_one_that_is_killed_is_replaced_by_the_other() {
    let folder = folder(SMALL);
    let path = folder.path();
    outcome(&mut sweep(path, "whole", &["--threads", "1"])).success();
    let mut first = Running::start(&mut sweep(path, "shared", &["--threads", "1"]));
    first.wait_for(&path.join("shared/plan.toml"));
    let worker = || {
        let mut command = headwater(["sweep-worker", "shared", "--threads", "1"]);
        command.current_dir(path);
        Running::start(&mut command)
    };
    let mut second = worker();
    second.wait_for(&path.join("shared/runs/0009"));
    second.signal("KILL");
    assert_eq!(second.wait().code, None);
    let third = worker();
    for program in [first, third] {
        program.wait().success();
    }
    assert_same(33, &path.join("whole"), &path.join("shared"));
}

#[test]
fn ctrl_c_keeps_what_is_over_and_says_how_to_go_on() {
    let folder = folder("data = { source = 'blobs' }\n[sweep.keys]\ntrain.steps = [3, 1_000_000_000]\n");
    let path = folder.path();
    let mut program = Running::start(&mut sweep(path, "runs", &["--threads", "1"]));
    program.wait_for(&path.join("runs/runs/0000"));
    program.signal("INT");
    let outcome = program.wait();
    assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 of 2 runs are over and kept; go on with: headwater sweep-worker runs"));
    assert!(outcome.stdout.contains("validation_accuracy"), "{}", outcome.stdout);
    results(&path.join("runs"), 1);
    assert!(!path.join("runs/runs/0001").exists());
    assert_eq!(fs::read_dir(path.join("runs/running")).unwrap().count(), 0);
}

/// The objects that `--json` prints: those of the trials, by number, and the summary.
#[track_caller]
fn objects(outcome: &Outcome) -> (BTreeMap<u64, Value>, Value) {
    let mut lines = outcome.json();
    let summary = lines.pop().unwrap()["summary"].take();
    let trials = lines.len();
    let objects: BTreeMap<_, _> = lines.into_iter().map(|trial| (trial["trial"].as_u64().unwrap(), trial)).collect();
    assert_eq!(objects.len(), trials, "each trial is told once");
    (objects, summary)
}

#[test]
fn json_has_an_object_for_each_trial_and_a_summary() {
    let folder = folder(SMALL);
    let path = folder.path();
    let flags = ["--json", "--set", "sweep.trials=4", "--set", "sweep.seeds=3"];
    let first = outcome(&mut sweep(path, "runs", &flags)).success();
    let (trials, summary) = objects(&first);
    assert_eq!(trials.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
    for trial in trials.values() {
        assert!(trial["values"]["train.learning_rate"].as_f64().unwrap() > 0.0, "{trial}");
        let scores: Vec<_> = trial["runs"].as_array().unwrap().iter().map(|run| &run["validation_accuracy"]).collect();
        let mut scores: Vec<f64> = scores.into_iter().map(|score| score.as_f64().unwrap()).collect();
        scores.sort_by(f64::total_cmp);
        assert_eq!((&trial["median"], &trial["seeds"]), (&scores[1].into(), &3.into()), "{trial}");
        assert!(trial["p5"].as_f64().unwrap() <= scores[1] && scores[1] <= trial["p95"].as_f64().unwrap(), "{trial}");
    }
    let best = trials.values().map(|trial| trial["median"].as_f64().unwrap()).fold(0.0, f64::max);
    assert_eq!(summary["best"][0]["median"], best, "{summary}");
    let told = ["runs", "over", "diverged", "trained_here", "interrupted"].map(|key| summary[key].clone());
    assert_eq!(json!(told), json!([12, 12, 0, 12, false]));

    // Trials that were already over are printed as well.
    let again = outcome(headwater(["sweep-worker", "runs", "--json"]).current_dir(path)).success();
    let (known, summary) = objects(&again);
    assert_eq!((&known, &summary["trained_here"]), (&trials, &0.into()));
}

#[test]
fn of_several_seeds_the_table_has_median_and_range() {
    let folder = folder(SMALL);
    let outcome = outcome(&mut sweep(folder.path(), "runs", &["--set", "sweep.trials=2", "--set", "sweep.seeds=3"]));
    let text = outcome.success().stdout;
    assert!(text.contains("Medians over the seeds; below them the range from 5 to 95 %."), "{text}");
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert!(lines[1].ends_with("validation_accuracy   seeds"), "{text}");
    let median = lines.iter().position(|line| line.starts_with("0000") || line.starts_with("0001")).unwrap();
    assert!(lines[median].ends_with('3') && lines[median + 1].contains('–'), "{text}");
}

#[test]
fn a_sweep_stops_when_nobody_reads_its_trials_any_more() {
    let folder = folder("data = { source = 'blobs' }\n[sweep.keys]\ntrain.steps = [3, 1_000_000_000]\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sweep(folder.path(), "runs", &["--json"]);
    let outcome = Running::start_with_own_output(command.stdin(Stdio::null()).stdout(writer)).wait().success();
    let why = "standard output is closed: 1 of 2 runs are over and kept; go on with";
    assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_nothing_half_written() {
    let folder = folder(SMALL);
    let path = folder.path();
    outcome(&mut sweep(path, "whole", &[])).success();
    fs::remove_file(path.join("whole/results.csv")).unwrap();
    // Limits the file size and ignores the signal for exceeding it, so that writes fail as on a full disk.
    let limited = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_headwater");
        let mut shell = untouched(Command::new("sh"));
        shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh", program]).args(arguments).current_dir(path);
        outcome(&mut shell)
    };
    let table = limited(&["sweep-worker", "whole"]);
    assert_eq!(table.code, Some(1), "{}", table.stderr);
    assert!(table.stderr.contains("cannot write whole/results.csv"), "{}", table.stderr);
    let plan = limited(&["sweep", "small.toml", "--logdir", "new"]);
    assert_eq!(plan.code, Some(1), "{}", plan.stderr);
    assert!(plan.stderr.contains("cannot write new/plan.toml"), "{}", plan.stderr);
    let names = |folder: &str| {
        let entries = fs::read_dir(path.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("whole"), ["plan.toml", "queue", "running", "runs"]);
    assert!(!path.join("new").exists());
}

#[test]
fn a_sweep_of_which_every_run_diverges_ends_with_code_3() {
    let folder = folder(
        "data = { source = 'blobs' }\ntrain.optimizer = 'sgd'\nnetwork.activation = 'relu'\n[sweep.keys]\ntrain.learning_rate = [1e30, 1e31]\n",
    );
    let outcome = outcome(&mut sweep(folder.path(), "runs", &[]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("2 of 2 runs are over, 2 of them diverged"), "{}", outcome.stderr);
}

#[test]
fn a_usage_error_exits_with_2_and_leaves_nothing() {
    for (text, flags, part) in [
        ("train.steps = 3\n", &[][..], "expected a section [sweep]"),
        (SMALL, &["--set", "sweep.trails=3"], "did you mean \"sweep.trials\""),
        (SMALL, &["--set", "network.hidden=[3]"], "trial 0 ("),
        ("[sweep.keys]\ntrain.lerning_rate = [1]\n", &[], "did you mean \"train.learning_rate\""),
    ] {
        let folder = folder(text);
        let outcome = outcome(&mut sweep(folder.path(), "runs", flags));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
        assert!(!folder.path().join("runs").exists());
    }
    let folder = folder(SMALL);
    let outcome = outcome(headwater(["sweep-worker", "nowhere"]).current_dir(folder.path()));
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("there is no sweep in nowhere"), "{}", outcome.stderr);
}
