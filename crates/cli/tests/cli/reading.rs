//! `headwater inspect` and `headwater export`: what is in a log directory, and what is wrong with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use headwater_events::Writer;
use serde_json::Value;

use crate::program::{event_files, headwater};

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

fn output(arguments: &[&str], logdir: &Path) -> Output {
    headwater(arguments).arg(logdir).output().unwrap()
}

fn inspected(logdir: &Path) -> Value {
    let output = output(&["inspect", "--json"], logdir);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn inspect_counts_the_values_of_every_tag() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let contents = inspected(folder.path());
    let loss = &contents["runs"]["a"]["tags"]["loss"];
    assert_eq!(loss["kind"], "scalar");
    assert_eq!(loss["plugin"], "scalars");
    assert_eq!((&loss["count"], &loss["first_step"], &loss["last_step"]), (&3.into(), &0.into(), &20.into()));
    assert_eq!(contents["runs"]["a"]["tags"]["weight/layer1"]["kind"], "histogram");
    assert_eq!(contents["runs"]["b/c"]["tags"]["a,\"b\""]["count"], 1);
    assert_eq!(contents["totals"]["values"], 5);
    assert_eq!(contents["problems"], Value::Array(Vec::new()));

    let text = String::from_utf8(output(&["inspect"], folder.path()).stdout).unwrap();
    assert!(text.contains("2 runs, 3 tags, 5 values"), "{text}");
    assert!(text.contains("No problems."), "{text}");
}

#[test]
fn a_damaged_record_is_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let (name, mut bytes) = event_files(&folder.path().join("a")).into_iter().next().unwrap();
    // A byte of the text "loss" of the first value.
    let at = bytes.windows(4).position(|window| window == b"loss").unwrap();
    bytes[at] ^= 1;
    fs::write(folder.path().join("a").join(name), bytes).unwrap();
    let contents = inspected(folder.path());
    assert_eq!(contents["runs"]["a"]["tags"]["loss"]["count"], 2);
    let problem = &contents["problems"][0];
    assert!(problem["message"].as_str().unwrap().contains("checksum"), "{problem}");
    assert!(problem["offset"].as_u64().unwrap() <= at as u64, "{problem}");
    assert!(problem["skipped"].as_u64().unwrap() > 0, "{problem}");
    let exported = output(&["export", "--csv"], folder.path());
    assert!(exported.status.success());
    assert!(String::from_utf8_lossy(&exported.stderr).contains("warning: "));
    assert_eq!(String::from_utf8_lossy(&exported.stdout).lines().count(), 4);
}

#[test]
fn export_prints_every_number_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let output = output(&["export"], folder.path());
    let mut table = csv::Reader::from_reader(&output.stdout[..]);
    assert_eq!(table.headers().unwrap(), &["run", "tag", "step", "wall_time", "value"][..]);
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    let row = |row: &BTreeMap<String, String>| ["run", "tag", "step", "value"].map(|key| row[key].clone()).join("|");
    let rows: Vec<String> = rows.iter().map(row).collect();
    assert_eq!(rows, ["a|loss|0|2.5", "a|loss|10|1.25", "a|loss|20|0.1", "b/c|a,\"b\"|5|NaN"]);
}

#[test]
fn a_log_directory_that_is_none_is_a_wrong_question_and_an_empty_one_is_said_to_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for command in ["inspect", "export"] {
        for place in [&folder.path().join("nowhere"), &file] {
            let output = output(&[command], place);
            assert_eq!(output.status.code(), Some(2));
            assert!(String::from_utf8_lossy(&output.stderr).contains(&place.display().to_string()));
        }
    }
    let empty = output(&["inspect"], folder.path());
    assert!(empty.status.success());
    assert!(String::from_utf8_lossy(&empty.stderr).contains("no event files"));
}
