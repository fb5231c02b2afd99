//! `headwater data`: what there is, and what is wrong with it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::program::{Running, headwater, manifest, outcome, train, untouched};

/// What `data check` says of something broken in `folder`.
#[track_caller]
fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let outcome = outcome(headwater(["data", "check"]).args(arguments).current_dir(folder));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
    outcome.stderr
}

#[test]
fn a_broken_idx_file_is_named_with_offset_expected_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let digits = folder.path().join("digits");
    fs::create_dir(&digits).unwrap();
    let idx = |name: &str, header: &[u32], elements: usize| {
        let header = header.iter().flat_map(|number| number.to_be_bytes());
        fs::write(digits.join(name), header.chain(vec![0; elements]).collect::<Vec<u8>>()).unwrap();
    };
    // The header promises 6 images of 2 x 3, and the last byte is missing.
    idx("train-images-idx3-ubyte", &[0x803, 6, 2, 3], 35);
    idx("train-labels-idx1-ubyte", &[0x801, 6], 6);
    idx("t10k-images-idx3-ubyte", &[0x803, 2, 2, 3], 12);
    idx("t10k-labels-idx1-ubyte", &[0x801, 2], 2);
    insta::assert_snapshot!(complaint(folder.path(), &["digits"]), @"error: digits cannot be trained on: digits/train-images-idx3-ubyte, offset 51: expected 36 bytes after the header (6 x 2 x 3), found the end of the file after 35");
}

#[test]
fn a_broken_table_is_named_with_line_column_expected_and_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("table.csv"), "x,y\n1,0\nred,1\n").unwrap();
    insta::assert_snapshot!(complaint(folder.path(), &["table.csv", "--label", "y"]), @r#"error: table.csv cannot be trained on: table.csv, line 3, column x: expected a number, found "red"; mend the cell, or leave the column out with data.ignore"#);
    insta::assert_snapshot!(complaint(folder.path(), &["table.csv", "--label", "z"]), @"error: table.csv cannot be trained on: table.csv: there is no column `z`; set data.label to one of: x, y");
}

#[test]
fn a_misspelt_dataset_gets_the_nearest_one() {
    insta::assert_snapshot!(complaint(Path::new("."), &["minst"]), @"error: unknown dataset `minst`, did you mean `mnist`?: expected mnist, blobs, circles, a folder of IDX files, a .csv, a .tsv or a .npz");
}

#[test]
fn a_good_dataset_is_described() {
    insta::assert_snapshot!("blobs", outcome(&mut headwater(["data", "check", "blobs"])).success().stdout);
    let lines = outcome(&mut headwater(["data", "check", "blobs", "--json"])).success().json();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["classes"], &lines[0]["width"]), (&10.into(), &20.into()));
}

#[test]
fn the_list_as_json_is_one_object_a_line() {
    let lines = outcome(&mut headwater(["data", "list", "--json"])).success().json();
    let names: Vec<_> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["mnist", "blobs", "circles"]);
    assert_eq!(lines[0]["availability"], "in_the_box");
    let text = outcome(&mut headwater(["data", "list"])).success().stdout;
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
}

/// The output of `data check` for a good dataset in `folder`.
#[track_caller]
fn description(folder: &Path, arguments: &[&str]) -> String {
    outcome(headwater(["data", "check"]).args(arguments).current_dir(folder)).success().stdout
}

#[test]
fn a_table_is_described_as_it_was_understood() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ["S", "C", "Q"];
    let rows = (0..24).map(|row| {
        let age = if row % 8 == 5 { String::new() } else { (20 + row).to_string() };
        format!("{row},{},\"Name, {row}\",{age},{}.5,{}\r\n", row % 2, 10 * row, ports[row % 3])
    });
    let text = format!("PassengerId,Survived,Name,Age,Fare,Embarked\r\n{}", rows.collect::<String>());
    fs::write(folder.path().join("titanic.csv"), text).unwrap();
    let arguments = ["titanic.csv", "--label", "Survived", "--ignore", "PassengerId", "--ignore", "Name"];
    insta::assert_snapshot!(complaint(folder.path(), &arguments), @r#"error: titanic.csv cannot be trained on: titanic.csv, line 7, column Age: expected a value, found an empty cell; fill the cell, or set data.missing to "drop" (the row) or "mean" (of the column)"#);
    insta::assert_snapshot!("titanic", description(folder.path(), &[&arguments[..], &["--missing", "mean"]].concat()));
    let dropped = description(folder.path(), &[&arguments[..], &["--missing", "drop", "--scale", "minmax"]].concat());
    assert!(dropped.contains("3 samples were dropped, because a value is missing."), "{dropped}");
    assert!(dropped.contains("Scaled to 0..1 over the training samples (minmax).\nInputs from "), "{dropped}");
    assert!(!dropped.contains("warning"), "{dropped}");
}

#[test]
fn a_german_table_without_a_header_is_described_as_it_was_understood() {
    let folder = tempfile::tempdir().unwrap();
    let rows =
        (0..12).map(|row| format!("{row},5;{};{}\n", row % 5, ["nein", "ja"][row % 2])).collect::<Vec<_>>().concat();
    fs::write(folder.path().join("messung.csv"), rows).unwrap();
    insta::assert_snapshot!(
        "messung",
        description(folder.path(), &["messung.csv", "--label", "3", "--scale", "standardise"])
    );
    let json =
        headwater(["data", "check", "messung.csv", "--label", "3", "--json"]).current_dir(folder.path()).output();
    let json: serde_json::Value = serde_json::from_slice(&json.unwrap().stdout).unwrap();
    assert_eq!(
        (&json["table"]["separator"], &json["table"]["columns"][2]["role"]),
        (&"semicolon".into(), &"label".into())
    );
}

#[test]
fn check_and_train_refuse_what_cannot_be_learned_from_with_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("same.csv"), format!("x,y\n{}", "1,2\n".repeat(60))).unwrap();
    fs::write(folder.path().join("header.csv"), "x,y\n").unwrap();
    for (file, expected) in [
        (
            "same.csv",
            "same: all training samples have one and the same label; expected at least two classes to tell apart",
        ),
        ("header.csv", "header.csv, line 2: expected rows of data below the header, found the end of the file"),
        (
            "/nope",
            "/nope does not exist: expected mnist, blobs, circles, a folder of IDX files, a .csv, a .tsv or a .npz",
        ),
    ] {
        let checked = complaint(folder.path(), &[file, "--label", "y"]);
        assert!(checked.trim_end().ends_with(expected), "{checked}");
        let source = format!("data.source={file}");
        let trained =
            outcome(train(&folder.path().join("runs"), &[&source, "data.label=y"]).current_dir(folder.path()));
        assert_eq!(trained.code, Some(2));
        assert!(trained.stderr.trim_end().ends_with(expected), "{}", trained.stderr);
        assert!(!folder.path().join("runs").exists());
    }
}

#[test]
fn the_scale_is_in_the_manifest_and_nothing_is_if_there_is_none() {
    let logdir = tempfile::tempdir().unwrap();
    let short = ["data.source=circles", "train.steps=2", "network.activation=relu"];
    outcome(&mut train(&logdir.path().join("plain"), &short)).success();
    outcome(&mut train(&logdir.path().join("scaled"), &[&short[..], &["data.scale=standardise"]].concat())).success();
    assert_eq!(manifest(&logdir.path().join("scaled/relu"))["config"]["data"]["scale"], "standardise");
    assert_eq!(
        manifest(&logdir.path().join("plain/relu"))["config"]["data"],
        serde_json::json!({ "source": "circles", "seed": 0 })
    );
}

#[test]
fn a_signal_ends_the_reading_of_a_file() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endless.csv");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let source = format!("data.source={}", path.display());
        let program = Running::start(&mut train(&folder.path().join("runs"), &[&source, "data.label=y"]));
        // Blocks until the program opens the pipe. By then it listens to signals. It reads until a signal stops it.
        let mut pipe = File::create(&path).unwrap();
        pipe.write_all(b"x,y\n").unwrap();
        pipe.write_all(&b"1,0\n".repeat(1 << 16)).unwrap();
        program.signal(signal);
        while pipe.write_all(b"1,1\n").is_ok() {}
        let outcome = program.wait();
        assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
        assert!(!folder.path().join("runs").exists());
    }
}

#[test]
fn a_large_file_is_announced() {
    let folder = tempfile::tempdir().unwrap();
    File::create(folder.path().join("large.csv")).unwrap().set_len(40_000_000).unwrap();
    let complaint = complaint(folder.path(), &["large.csv"]);
    assert!(complaint.starts_with("reading large.csv (40 MB)\nerror: large.csv cannot be trained on"), "{complaint}");
}

/// Under every limit the data is read, or refused with a message: nothing panics, nothing aborts.
#[test]
fn memory_that_is_not_there_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let wide = "1,".repeat(500_000) + "0\n";
    fs::write(folder.path().join("wide.csv"), wide.repeat(10) + &wide.replace("0\n", "1\n")).unwrap();
    let digits = folder.path().join("digits");
    fs::create_dir(&digits).unwrap();
    let idx = |name: &str, header: &[u32], length: u64| {
        let mut file = File::create(digits.join(name)).unwrap();
        file.write_all(&header.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>()).unwrap();
        file.set_len(4 * header.len() as u64 + length).unwrap();
    };
    idx("train-images-idx3-ubyte", &[0x803, 1000, 300, 300], 90_000_000);
    idx("train-labels-idx1-ubyte", &[0x801, 1000], 1000);
    idx("t10k-images-idx3-ubyte", &[0x803, 2, 300, 300], 180_000);
    idx("t10k-labels-idx1-ubyte", &[0x801, 2], 2);
    let mut refused = 0;
    for kilobytes in [80_000, 100_000, 120_000, 150_000] {
        for (file, label) in [("wide.csv", "500001"), ("digits", "y")] {
            let script = format!("ulimit -v {kilobytes}; exec \"$0\" data check {file} --label {label}");
            let mut shell = Command::new("sh");
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_headwater")]).current_dir(folder.path());
            let outcome = outcome(&mut untouched(shell));
            assert!(matches!(outcome.code, Some(0 | 2)), "{file} {kilobytes}: {:?} {}", outcome.code, outcome.stderr);
            refused += usize::from(outcome.stderr.contains("not enough memory to load"));
        }
    }
    assert!(refused >= 4, "{refused} were refused");
}
