//! `headwater data`: what there is, and what is wrong with it.

use std::fs;
use std::path::Path;

use crate::program::{headwater, outcome};

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
    insta::assert_snapshot!(complaint(folder.path(), &["table.csv", "--label", "y"]), @r#"error: table.csv cannot be trained on: table.csv, line 3, column x: expected a finite number, found "red""#);
    insta::assert_snapshot!(complaint(folder.path(), &["table.csv", "--label", "z"]), @"error: table.csv cannot be trained on: table.csv: there is no column `z`; set data.label to one of the columns: x, y");
}

#[test]
fn a_misspelt_dataset_gets_the_nearest_one() {
    insta::assert_snapshot!(complaint(Path::new("."), &["minst"]), @"error: unknown dataset `minst`, did you mean `mnist`?: expected mnist, blobs, circles, a folder of IDX files, a .csv or a .npz");
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
