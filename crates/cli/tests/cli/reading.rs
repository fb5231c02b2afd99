//! `headwater inspect` and `headwater export`: what is in a log directory, and what is wrong with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use headwater_events::Writer;
use serde_json::Value;

use crate::program::{Outcome, event_files, headwater, outcome, untouched};

/// A run `a` with three losses and a histogram, and a run `b/c` with a NaN.
fn write_runs(logdir: &Path) {
    let mut writer = Writer::create(&logdir.join("a")).unwrap();
    for (step, loss) in [(0, 2.5), (10, 1.25), (20, 0.1)] {
        writer.scalar(step, "loss", loss).unwrap();
    }
    writer.histogram(20, "weight/layer1", &[headwater_events::Bucket { left: 0.0, right: 1.0, count: 3.0 }]).unwrap();
    writer.close().unwrap();
    let mut writer = Writer::create(&logdir.join("b/c")).unwrap();
    writer.scalar(5, "a,\"b\"", f32::NAN).unwrap();
    writer.close().unwrap();
}

/// Runs a command with the log directory as its last argument.
fn read(arguments: &[&str], logdir: &Path) -> Outcome {
    outcome(headwater(arguments).arg(logdir))
}

fn inspected(logdir: &Path, code: i32, arguments: &[&str]) -> Value {
    let outcome = read(&[&["inspect", "--json"], arguments].concat(), logdir);
    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Writes a run for each name, each with one loss.
fn write_small_runs(logdir: &Path, names: impl Iterator<Item = String>) {
    for name in names {
        let mut writer = Writer::create(&logdir.join(name)).unwrap();
        writer.scalar(3, "loss", 0.5).unwrap();
        writer.close().unwrap();
    }
}

/// Damages the first record of a run that contains `text`.
fn damage(run: &Path, text: &[u8]) -> usize {
    let (name, mut bytes) = event_files(run).into_iter().next().unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    fs::write(run.join(name), bytes).unwrap();
    at
}

#[test]
fn inspect_counts_the_values_of_every_tag() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let contents = inspected(folder.path(), 0, &[]);
    let loss = &contents["runs"]["a"]["tags"]["loss"];
    assert_eq!(loss["kind"], "scalar");
    assert_eq!(loss["plugin"], "scalars");
    assert_eq!((&loss["count"], &loss["first_step"], &loss["last_step"]), (&3.into(), &0.into(), &20.into()));
    assert_eq!(contents["runs"]["a"]["tags"]["weight/layer1"]["kind"], "histogram");
    assert_eq!(contents["runs"]["b/c"]["tags"]["a,\"b\""]["count"], 1);
    assert_eq!(contents["totals"]["values"], 5);
    assert_eq!(contents["problems"], Value::Array(Vec::new()));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&contents), ["logdir", "runs", "problems", "totals"]);
    assert_eq!(keys(&contents["runs"]["a"]), ["tags", "files", "ended"]);
}

/// The words of the line that begins with `first`.
fn row(text: &str, first: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    text.lines().map(words).find(|words| words.first().is_some_and(|word| word == first)).expect(text)
}

#[test]
fn inspect_shows_a_line_for_each_run_and_tags_when_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let summary = read(&["inspect"], folder.path()).success().stdout;
    assert!(summary.contains("2 runs, 3 tags, 5 values"), "{summary}");
    assert!(summary.contains("No problems."), "{summary}");
    // Layers, tags, first step, last step, ..., problems.
    assert_eq!(row(&summary, "a")[1..5], ["1", "2", "0", "20"]);
    assert_eq!(row(&summary, "b/c")[1..5], ["-", "1", "5", "5"]);
    assert_eq!(row(&summary, "b/c").last().unwrap(), "-");
    assert!(!summary.contains("weight/layer1"), "{summary}");

    let tags = read(&["inspect", "--tags"], folder.path()).success().stdout;
    assert_eq!(row(&tags, "weight/layer1")[1..6], ["histogram", "histograms", "1", "20", "20"]);
    assert!(tags.contains("\na: 2 tags, "), "{tags}");
    assert!(tags.contains("\nb/c: 1 tag, "), "{tags}");

    let some = read(&["inspect", "--tags=l*", "--runs", "a"], folder.path()).success().stdout;
    assert!(some.contains("1 run, 1 tag, 3 values, "), "{some}");
    assert!(some.contains(" in 1 file\n"), "{some}");
    assert_eq!(row(&some, "loss")[3], "3");
}

#[test]
fn runs_and_tags_are_chosen_by_patterns() {
    let folder = tempfile::tempdir().unwrap();
    write_small_runs(folder.path(), ["relu/seed-0", "relu/seed-1", "tanh/seed-0"].map(String::from).into_iter());
    let contents = inspected(folder.path(), 0, &["--runs", "*/seed-0"]);
    assert_eq!(contents["runs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["relu/seed-0", "tanh/seed-0"]);
    assert_eq!(contents["totals"]["files"], 2);
    assert_eq!(inspected(folder.path(), 0, &["--tags=x*"])["totals"]["tags"], 0);
    let exported = read(&["export", "--runs", "{relu,elu}*"], folder.path()).success();
    assert_eq!(exported.stdout.lines().count(), 3, "{}", exported.stdout);
    for command in [&["inspect"][..], &["inspect", "--json"], &["export"], &["export", "--histograms"]] {
        let nothing = read(&[command, &["--runs", "sigmoid*"]].concat(), folder.path());
        assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""), "{command:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(nothing.stderr, @"error: --runs sigmoid*: no run has such a name; there are relu/seed-0, relu/seed-1, tanh/seed-0");
        }
    }
    let broken = read(&["export", "--tags", "[a"], folder.path());
    assert_eq!(broken.code, Some(2));
    assert!(broken.stderr.contains("for '--tags <GLOB>': unclosed character class"), "{}", broken.stderr);
}

#[test]
fn of_many_runs_and_problems_the_first_are_shown_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    write_small_runs(folder.path(), (0..23).map(|run| format!("run-{run:02}")));
    for run in 0..12 {
        damage(&folder.path().join(format!("run-{run:02}")), b"loss");
    }
    let few = read(&["inspect"], folder.path());
    assert_eq!(few.code, Some(1));
    assert_eq!(row(&few.stdout, "run-00").last().unwrap(), "1");
    let lines = |text: &str, what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!((lines(&few.stdout, " run-"), lines(&few.stdout, "checksum")), (20, 10), "{}", few.stdout);
    assert!(few.stdout.contains("and 3 more runs; --all shows them"), "{}", few.stdout);
    assert!(few.stdout.contains("\n12 problems:\n"), "{}", few.stdout);
    assert!(few.stdout.contains("  and 2 more; --all shows them"), "{}", few.stdout);
    let all = read(&["inspect", "--all"], folder.path()).stdout;
    assert_eq!((lines(&all, " run-"), lines(&all, "checksum"), lines(&all, "more")), (23, 12, 0), "{all}");
    let one = read(&["inspect", "--runs", "run-03"], folder.path()).stdout;
    assert!(one.contains("\n1 problem:\n"), "{one}");
    // Problems of runs that do not match the pattern do not count.
    assert_eq!(read(&["inspect", "--runs", "run-20"], folder.path()).code, Some(0));
    let warned = read(&["export"], folder.path()).success().stderr;
    assert_eq!(lines(&warned, "warning: "), 4, "{warned}");
    assert!(warned.contains("9 more problems not shown; see all with: headwater inspect "), "{warned}");
}

#[test]
fn a_damaged_record_is_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let at = damage(&folder.path().join("a"), b"loss");
    let contents = inspected(folder.path(), 1, &[]);
    assert_eq!(contents["runs"]["a"]["tags"]["loss"]["count"], 2);
    let problem = &contents["problems"][0];
    assert!(problem["message"].as_str().unwrap().contains("checksum"), "{problem}");
    assert!(problem["offset"].as_u64().unwrap() <= at as u64, "{problem}");
    assert!(problem["skipped"].as_u64().unwrap() > 0, "{problem}");
    let exported = read(&["export", "--csv"], folder.path()).success();
    assert!(exported.stderr.contains("warning: "));
    assert_eq!(exported.stdout.lines().count(), 4);
}

#[test]
fn a_file_that_is_being_written_is_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let run = folder.path().join("a");
    let (name, bytes) = event_files(&run).into_iter().next().unwrap();
    fs::write(run.join(name), &bytes[..bytes.len() - 3]).unwrap();
    let text = read(&["inspect"], folder.path()).success().stdout;
    assert!(text.contains("\n1 unfinished file:\n"), "{text}");
    assert!(text.contains("No problems."), "{text}");
}

#[test]
fn export_prints_every_number_as_it_was_written_and_says_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let outcome = read(&["export"], folder.path()).success();
    let mut table = csv::Reader::from_reader(outcome.stdout.as_bytes());
    assert_eq!(table.headers().unwrap(), &["run", "tag", "step", "wall_time", "value"][..]);
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    let row = |row: &BTreeMap<String, String>| ["run", "tag", "step", "value"].map(|key| row[key].clone()).join("|");
    let rows: Vec<String> = rows.iter().map(row).collect();
    assert_eq!(rows, ["a|loss|0|2.5", "a|loss|10|1.25", "a|loss|20|0.1", "b/c|a,\"b\"|5|NaN"]);
    insta::assert_snapshot!(outcome.stderr, @"not exported: 1 histogram series (--histograms exports them)");
    let chosen = read(&["export", "--tags", "lo*"], folder.path()).success();
    assert_eq!((chosen.stdout.lines().count(), chosen.stderr.as_str()), (4, ""));
}

/// A record at a wall time and a step below 128.
fn event(wall_time: f64, step: u8, content: &[u8]) -> Vec<u8> {
    let payload = [&[0x09][..], &wall_time.to_le_bytes(), &[0x10, step], content].concat();
    let mut bytes = Vec::new();
    headwater_events::record::append(&mut bytes, |buffer| buffer.extend_from_slice(&payload));
    bytes
}

/// A loss that is the wall time.
fn loss(wall_time: f64, step: u8) -> Vec<u8> {
    event(wall_time, step, &[b"\x2a\x0d\x0a\x0b\x0a\x04loss\x15", &(wall_time as f32).to_le_bytes()[..]].concat())
}

/// Writes an event file from (wall time, step) of losses.
fn write_losses(path: &Path, losses: &[(f64, u8)]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, losses.iter().flat_map(|&(wall_time, step)| loss(wall_time, step)).collect::<Vec<_>>()).unwrap();
}

/// Runs that were restarted: `back` by a file that goes back to step 2, `void` by one that declares it void. `turns` was
/// written by two programs in turn.
fn write_restarts(logdir: &Path) {
    for run in ["back", "void"] {
        write_losses(&logdir.join(run).join("events.out.tfevents.1"), &[(1.0, 1), (2.0, 2), (3.0, 3)]);
        write_losses(&logdir.join(run).join("events.out.tfevents.2"), &[(12.0, 2), (14.0, 4)]);
    }
    let second = logdir.join("void/events.out.tfevents.2");
    let losses = fs::read(&second).unwrap();
    fs::write(second, [event(11.0, 2, b"\x3a\x02\x08\x01"), losses].concat()).unwrap();
    write_losses(&logdir.join("turns/events.out.tfevents.1"), &[(1.0, 1), (3.0, 3), (5.0, 5)]);
    write_losses(&logdir.join("turns/events.out.tfevents.2"), &[(2.0, 2), (4.0, 4)]);
}

#[test]
fn values_stand_in_one_order_and_void_ones_are_shown_when_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write_restarts(folder.path());
    let exported = |arguments: &[&str]| read(&[&["export"], arguments].concat(), folder.path()).success().stdout;
    let rows = "\
run,tag,step,wall_time,value
back,loss,1,1,1
back,loss,2,2,2
back,loss,3,3,3
back,loss,2,12,12
back,loss,4,14,14
turns,loss,1,1,1
turns,loss,2,2,2
turns,loss,3,3,3
turns,loss,4,4,4
turns,loss,5,5,5
void,loss,1,1,1
void,loss,2,12,12
void,loss,4,14,14
";
    assert_eq!(exported(&[]), rows);
    let rows = "\
run,tag,step,wall_time,value,standing
back,loss,1,1,1,current
back,loss,2,2,2,rewritten
back,loss,3,3,3,rewritten
back,loss,2,12,12,current
back,loss,4,14,14,current
void,loss,2,2,2,void
void,loss,3,3,3,void
void,loss,1,1,1,current
void,loss,2,12,12,current
void,loss,4,14,14,current
";
    assert_eq!(exported(&["--raw", "--runs", "{back,void}"]), rows);

    let contents = inspected(folder.path(), 0, &[]);
    let numbers = |run: &str| {
        let loss = &contents["runs"][run]["tags"]["loss"];
        ["count", "last_step", "segments", "rewritten", "void"].map(|key| loss[key].as_u64().unwrap())
    };
    assert_eq!(numbers("back"), [5, 4, 2, 2, 0]);
    assert_eq!(numbers("void"), [3, 4, 1, 0, 2]);
    assert_eq!(numbers("turns"), [5, 5, 1, 0, 0]);
    let tags = |arguments: &[&str]| read(&[&["inspect", "--tags"], arguments].concat(), folder.path()).success().stdout;
    assert!(tags(&["--raw", "--runs", "void"]).contains(" 3, 2 void "), "{}", tags(&["--raw", "--runs", "void"]));
    assert!(tags(&["--raw", "--runs", "back"]).contains(" 5 in 2 segments, 2 rewritten "));
    assert!(!tags(&[]).contains("void "), "{}", tags(&[]));
}

#[test]
fn export_prints_a_row_for_each_bucket() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let bucket = |left, right, count| headwater_events::Bucket { left, right, count };
    let mut writer = Writer::create(&folder.path().join("d")).unwrap();
    writer.histogram(7, "w", &[bucket(-0.5, 0.25, 3.0), bucket(0.25, 1e-300, 4.0)]).unwrap();
    writer.text(7, "notes", "words").unwrap();
    writer.close().unwrap();
    let outcome = read(&["export", "--histograms"], folder.path()).success();
    let mut table = csv::Reader::from_reader(outcome.stdout.as_bytes());
    assert_eq!(table.headers().unwrap(), &["run", "tag", "step", "wall_time", "left", "right", "count"][..]);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let row = |row: &csv::StringRecord| [0, 1, 2, 4, 5, 6].map(|column| row[column].to_owned()).join("|");
    let small = 1e-300_f64.to_string();
    assert_eq!(
        rows.iter().map(row).collect::<Vec<_>>(),
        ["a|weight/layer1|20|0|1|3".to_owned(), "d|w|7|-0.5|0.25|3".to_owned(), format!("d|w|7|0.25|{small}|4")]
    );
    insta::assert_snapshot!(outcome.stderr, @"not exported: 2 scalar series (exported without --histograms), 1 text series");
}

#[test]
fn what_a_terminal_would_obey_is_shown_there_and_exact_in_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    writer.scalar(7, "\u{1b}[31mred\u{7}", 1.0).unwrap();
    writer.close().unwrap();
    let piped = read(&["export"], folder.path()).success();
    assert!(piped.stdout.contains("run,\u{1b}[31mred\u{7},7,"), "{piped:?}");
    for arguments in ["export", "inspect --tags"] {
        let command = format!("{} {arguments} {}", env!("CARGO_BIN_EXE_headwater"), folder.path().display());
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
        let shown = outcome(&mut untouched(script)).success();
        assert!(shown.stdout.contains("\\u{1b}[31mred\\u{7}"), "{shown:?}");
        assert!(!shown.stdout.contains("\u{1b}[31m") && !shown.stdout.contains('\u{7}'), "{shown:?}");
    }
}

#[test]
fn an_export_of_nothing_says_so_and_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    writer.text(7, "notes", "words").unwrap();
    writer.close().unwrap();
    let here = |arguments: &[&str]| outcome(headwater(arguments).current_dir(folder.path()));
    for (arguments, expected) in [
        (&["export", "."][..], "error: nothing to export: . has no numbers; there are 1 text series\n"),
        (&["export", ".", "--histograms"], "error: nothing to export: . has no histograms; there are 1 text series\n"),
        (&["export", ".", "--tags", "x"], "error: nothing to export: . has no numbers under these names\n"),
    ] {
        let nothing = here(arguments);
        assert_eq!((nothing.code, nothing.stdout.as_str(), nothing.stderr.as_str()), (Some(2), "", expected));
    }
}

#[test]
fn a_log_directory_that_is_none_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let (file, event_file) = (folder.path().join("file"), folder.path().join("events.out.tfevents.1"));
    fs::write(&file, "").unwrap();
    fs::write(&event_file, "").unwrap();
    for command in ["inspect", "export", "diagnose"] {
        for place in [&folder.path().join("nowhere"), &file, &event_file] {
            let outcome = read(&[command], place);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
            assert!(outcome.stderr.contains(&place.display().to_string()), "{}", outcome.stderr);
        }
        let stderr = read(&[command], &event_file).stderr;
        assert!(stderr.ends_with(&format!("is in: {}\n", folder.path().display())), "{stderr}");
    }
}

#[test]
fn where_nothing_can_be_read_that_is_said_and_the_code_is_2() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let place = folder.path().join(name);
        fs::create_dir(&place).unwrap();
        place
    };
    let (none, other, random, empty) = (place("no ne"), place("other"), place("random"), place("empty"));
    fs::write(other.join("notes.txt"), "nothing").unwrap();
    // The state of a linear congruential generator. No record begins anywhere in its output.
    let mut state = 1_u64;
    let garbage: Vec<u8> = (0..5000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    fs::write(random.join("tfevents"), garbage).unwrap();
    fs::write(empty.join("tfevents"), "").unwrap();
    for command in [&["inspect"][..], &["inspect", "--json"], &["inspect", "--tags"], &["export"], &["diagnose"]] {
        for (place, expected) in [
            (&none, "train --logdir '"),
            (&other, "there are no event files"),
            (&random, "5000 bytes skipped"),
            (&empty, "empty"),
        ] {
            let outcome = read(command, place);
            assert_eq!(outcome.code, Some(2), "{command:?} {}", place.display());
            assert!([&outcome.stdout, &outcome.stderr].iter().any(|text| text.contains(expected)), "{outcome:?}");
            assert!(!outcome.stderr.is_empty() || command == ["diagnose"], "{command:?} {}", place.display());
        }
    }
    let random = read(&["inspect"], &random);
    assert!(random.stdout.contains("1 problem:"), "{}", random.stdout);
    assert!(random.stderr.starts_with("error: no record could be read in 1 event file of "), "{}", random.stderr);
    let empty = read(&["export"], &empty);
    assert!(empty.stdout.is_empty() && empty.stderr.contains("nothing to export"), "{}", empty.stderr);
}

#[test]
fn a_folder_that_may_not_be_read_is_not_said_to_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let chmod = |mode, path: &Path| assert!(Command::new("chmod").arg(mode).arg(path).status().unwrap().success());
    let shut = folder.path().join("shut");
    write_small_runs(&shut, ["run".to_owned()].into_iter());
    chmod("755", folder.path());
    chmod("000", &shut);
    // The superuser may read everything, so another user must look, with a copy of the program that they may run.
    let is_root = fs::read_dir(&shut).is_ok();
    let program = folder.path().join("headwater");
    fs::copy(env!("CARGO_BIN_EXE_headwater"), &program).unwrap();
    for command in ["inspect", "export", "diagnose"] {
        let mut looks = if is_root { Command::new("setpriv") } else { Command::new(&program) };
        if is_root {
            looks.args(["--reuid=65534", "--clear-groups"]).arg(&program);
        }
        looks.arg(command).arg(&shut);
        let outcome = outcome(&mut untouched(looks));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("shut: could not be read: Permission denied"), "{}", outcome.stderr);
    }
    chmod("755", &shut);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_a_problem_beside_runs_that_can() {
    let folder = tempfile::tempdir().unwrap();
    write_small_runs(folder.path(), ["run".to_owned()].into_iter());
    // Nobody can read a link to itself.
    let looped = folder.path().join("loop.tfevents");
    std::os::unix::fs::symlink(&looped, &looped).unwrap();
    let outcome = read(&["inspect"], folder.path());
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("loop.tfevents: could not be read: "), "{}", outcome.stdout);
    // If it is the only file, there is nothing to read.
    fs::remove_dir_all(folder.path().join("run")).unwrap();
    for command in ["inspect", "export"] {
        let outcome = read(&[command], folder.path());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("loop.tfevents: could not be read: "), "{}", outcome.stderr);
    }
}
