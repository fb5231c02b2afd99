//! Tests with tables as people have them.

use super::*;
use crate::{Missing, Source};
use proptest::prelude::*;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn request(label: Option<&str>) -> Request {
    let source = Source::Table("table.csv".into());
    Request { label_column: label.map(str::to_owned), ..Request::new(source) }
}

fn read_as(text: impl AsRef<[u8]>, request: &Request) -> Result<Loaded, DataError> {
    let interrupt = AtomicBool::new(false);
    read(Loading { path: Path::new("table.csv"), interrupt: &interrupt }, text.as_ref().to_vec(), request)
}

fn read_text(text: impl AsRef<[u8]>, label: Option<&str>) -> Result<Loaded, DataError> {
    read_as(text, &request(label))
}

fn rows(loaded: &Loaded) -> (Vec<f32>, Vec<u32>) {
    let samples = &loaded.train;
    let (mut inputs, mut labels) = (vec![0.0; samples.len() * samples.width()], vec![0; samples.len()]);
    samples.range(0, &mut inputs, &mut labels);
    (inputs, labels)
}

fn table(loaded: &Loaded) -> &Table {
    loaded.table.as_deref().expect("a table")
}

const IRIS: &str = "sepal_length,sepal_width,petal_length,petal_width,species\n\
    5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.3,3.3,6.0,2.5,virginica\n";
/// Cabins and tickets are names. Some ages and cabins are missing.
const TITANIC: &str = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Cabin,Embarked\r\n\
    1,0,3,\"Braund, Mr. Owen Harris\",male,22,7.25,,S\r\n\
    2,1,1,\"Cumings, Mrs. John Bradley (Florence \"\"Briggs\"\" Thayer)\",female,38,71.2833,C85,C\r\n\
    3,1,3,\"Heikkinen, Miss. Laina\",female,26,7.925,,S\r\n\
    4,1,1,\"Futrelle, Mrs. Jacques Heath\",female,,53.1,C123,S\r\n\
    5,0,3,\"Moran, Mr. James\",male,NA,8.4583,,Q\r\n";

fn titanic(missing: Missing, ignore: &[&str]) -> Request {
    let ignore = ignore.iter().map(|&name| name.to_owned()).collect();
    Request { ignore, missing, ..request(Some("Survived")) }
}

#[test]
fn iris_is_read() {
    let loaded = read_text(IRIS, Some("species")).expect("iris");
    let (inputs, labels) = rows(&loaded);
    assert_eq!((loaded.classes, loaded.train.width()), (3, 4));
    assert_eq!((&inputs[..4], &labels[..]), (&[5.1, 3.5, 1.4, 0.2][..], &[0, 0, 1, 2][..]));
    assert_eq!(table(&loaded).classes, ["setosa", "versicolor", "virginica"]);
}

#[test]
fn iris_without_a_header_has_numbered_columns() {
    let body = IRIS.split_once('\n').expect("a header").1;
    let loaded = read_text(body, Some("5")).expect("iris");
    assert_eq!(rows(&loaded), rows(&read_text(IRIS, Some("species")).expect("iris")));
    assert!(!table(&loaded).header);
    let message = read_text(body, None).unwrap_err().to_string();
    assert!(message.ends_with("no label column is named; set data.label to one of: 1, 2, 3, 4, 5"), "{message}");
}

#[test]
fn a_german_table_is_read() {
    let text = b"L\xe4nge;Gewicht;Art\r\n1,5;2;K\xe4fer\r\n-0,25;1e1;Wespe\r\n3;0,125;K\xe4fer\r\n";
    let loaded = read_text(text, Some("Art")).expect("a table");
    assert_eq!(rows(&loaded), (vec![1.5, 2.0, -0.25, 10.0, 3.0, 0.125], vec![0, 1, 0]));
    let Table { separator, encoding, decimal_comma, names, classes, .. } = table(&loaded);
    assert_eq!((*separator, *encoding, *decimal_comma), (Separator::Semicolon, Encoding::Windows1252, true));
    assert_eq!((names.get(0), classes[0].as_str()), ("Länge", "Käfer"));
}

#[test]
fn tabs_bars_and_declared_separators_are_read() {
    for text in ["x\ty\n1.5\t0\n2\t1\n", "x|y|\r\n1.5|0|\r\n2|1|\r\n", "\u{feff}sep=;\nx;y\n1,5;0\n\n;\n2;1;;\n"] {
        let loaded = read_text(text, Some("y")).expect(text);
        assert_eq!(rows(&loaded), (vec![1.5, 2.0], vec![0, 1]), "{text:?}");
    }
}

#[test]
fn texts_become_one_hot_columns_in_sorted_order() {
    let loaded = read_text("size,colour,y\n1,red,0\n2,blue,1\n3,red,0\n4,green,1\n", Some("y")).expect("a table");
    let (inputs, _) = rows(&loaded);
    assert_eq!(inputs, [1., 0., 0., 1., 2., 1., 0., 0., 3., 0., 0., 1., 4., 0., 1., 0.]);
    assert!(matches!(&loaded.columns, Columns::Table { one_hot } if one_hot.iter().flat_map(Clone::clone).eq(1..4)));
}

#[test]
fn missing_values_are_refused_and_the_message_says_what_to_do() {
    let message = read_as(TITANIC, &titanic(Missing::Refuse, &["Name", "Cabin"])).unwrap_err().to_string();
    let expected = "table.csv, line 5, column Age: expected a value, found an empty cell; fill the cell, or set \
                    data.missing to \"drop\" (the row) or \"mean\" (of the column)";
    assert_eq!(message, expected);
    for cell in ["NA", "NaN", "?", "null", "n/a"] {
        let message = read_text(format!("x,y\n1,0\n{cell},1\n"), Some("y")).unwrap_err().to_string();
        assert!(message.contains(&format!("line 3, column x: expected a value, found {cell:?}; fill")), "{message}");
    }
}

#[test]
fn rows_with_missing_values_are_dropped_and_leave_nothing_behind() {
    let loaded = read_as(TITANIC, &titanic(Missing::Drop, &["Name", "Cabin", "PassengerId"])).expect("a table");
    assert_eq!(loaded.dropped, 2);
    let (inputs, labels) = rows(&loaded);
    // Class, sex (female, male), age, fare, port (C, S): the only Q was in a row that was dropped.
    assert_eq!((loaded.train.width(), &inputs[..7]), (7, &[3., 0., 1., 22., 7.25, 0., 1.][..]));
    assert_eq!(labels, [0, 1, 1]);
    let unlabelled = Request { missing: Missing::Drop, ..request(Some("y")) };
    let loaded = read_as("x,y\n1,a\n2,\n3,?\n4,b\n", &unlabelled).expect("a table");
    assert_eq!((rows(&loaded), loaded.classes), ((vec![1.0, 4.0], vec![0, 1]), 2));
}

#[test]
fn missing_values_stay_gaps_until_the_means_are_known() {
    let loaded = read_as(TITANIC, &titanic(Missing::Mean, &["Name", "Cabin", "PassengerId"])).expect("a table");
    let (inputs, _) = rows(&loaded);
    let width = loaded.train.width();
    assert_eq!(inputs.iter().filter(|x| x.is_nan()).count(), 2);
    assert!(inputs[3 * width + 3].is_nan() && inputs[4 * width + 3].is_nan());
    // A missing text is a gap in all its columns.
    let gaps = Request { missing: Missing::Mean, ..request(Some("y")) };
    let loaded = read_as("c,y\na,0\nb,1\n,0\n", &gaps).expect("a table");
    assert_eq!(rows(&loaded).0[..4], [1.0, 0.0, 0.0, 1.0]);
    assert!(rows(&loaded).0[4..].iter().all(|x| x.is_nan()));
    let message = read_as("x,y\n1,a\n2,\n", &gaps).unwrap_err().to_string();
    assert!(
        message.contains("line 3, column y: expected a label, found an empty cell; fill the cell, or"),
        "{message}"
    );
}

#[test]
fn errors_say_where_and_what_and_what_to_do() {
    for (text, label, expected) in [
        ("x,y\n1,2\n", None, "table.csv: no label column is named; set data.label to one of: x, y"),
        ("x,y\n1,2\n", Some("z"), "table.csv: there is no column `z`; set data.label to one of: x, y"),
        ("x,kind\n1,2\n", Some("Kinds"), "table.csv: there is no column `Kinds` (did you mean `kind`?); set"),
        ("", Some("y"), "table.csv, line 1: expected a table, found an empty file"),
        ("\n\r\n  \n", Some("y"), "table.csv, line 1: expected a table, found an empty file"),
        ("x,y\n", Some("y"), "table.csv, line 2: expected rows of data below the header, found the end of the file"),
        (",x,y\n0,1,2\n", Some("y"), "table.csv, line 1: expected a name for column 1, found none; is it a row index?"),
        ("x,x,y\n1,2,3\n", Some("y"), "table.csv, line 1, column x: expected columns with different names, found the"),
        ("y\n1\n", Some("y"), "table.csv, line 1: expected columns separated by commas, semicolons, tabs or vertical"),
        ("Dear reader!\n", Some("y"), "table.csv, line 1: expected columns separated by commas, semicolons, tabs or"),
        (
            "x,y\n1,2\nred,2\n",
            Some("y"),
            "table.csv, line 3, column x: expected a number, found \"red\"; mend the cell, or",
        ),
        (
            "x,y\nred,2\n1,2\n",
            Some("y"),
            "table.csv, line 3, column x: expected a text, as \"red\" before, found \"1\"; mend",
        ),
        (
            "x,y\n1,0\n1e39,1\n",
            Some("y"),
            "table.csv, line 3, column x: expected a number, found \"1e39\"; numbers must be",
        ),
        (
            "x,y\n1,0\n\"1,234\",1\n",
            Some("y"),
            "table.csv, line 3, column x: expected a number, found \"1,234\"; write",
        ),
        (
            "x;z;y\n1,5;1;0\n1.234;1;0\n",
            Some("y"),
            "table.csv, line 3, column x: expected a number with a decimal comma, as on line 2, found \"1.234\"; write all",
        ),
        (
            "x;y\n1.234,5;0\n",
            Some("y"),
            "table.csv, line 2, column x: expected a number, found \"1.234,5\"; write numbers",
        ),
        ("x,y\n1,2.5\n", Some("y"), "table.csv, line 2, column y: expected a class: a whole number from 0 to 65535"),
        ("x,y\n1,2\n1\n", Some("y"), "table.csv, line 3: expected 2 cells, as in the header, found 1; add the cells"),
        (
            "x,z,y\n1,2,3\nDoe, Jane,2,3\n",
            Some("y"),
            "table.csv, line 3: expected 3 cells, as in the header, found 4; put cells that contain a comma in quotation marks",
        ),
        (
            "x,y\n1,2\n\"1,2\n3,4\n",
            Some("y"),
            "table.csv, line 3: expected 2 cells, as in the header, found 1; a cell of it spans several lines: is a quotation mark left open?",
        ),
        ("1,2\n3,4\n5\n", Some("2"), "table.csv, line 3: expected 2 cells, as in the first rows, found 1; add"),
    ] {
        let message = read_text(text, label).expect_err(text).to_string();
        assert!(message.starts_with(expected), "{text:?}: {message}");
    }
}

#[test]
fn keys_that_do_not_fit_the_table_are_errors() {
    let of = |change: fn(&mut Request)| {
        let mut request = request(Some("y"));
        change(&mut request);
        read_as("x,y\n1,2\n3,4\n", &request).unwrap_err().to_string()
    };
    let message = of(|request| request.separator = Some(Separator::Semicolon));
    assert!(message.contains("expected columns separated by the semicolon (data.separator), found only"), "{message}");
    let message = of(|request| request.ignore = vec!["z".to_owned()]);
    assert!(message.contains("there is no column `z`; set data.ignore to some of: x, y"), "{message}");
    let message = of(|request| request.ignore = vec!["y".to_owned()]);
    assert!(message.contains("column y: expected a label column that is used, found it in data.ignore"), "{message}");
    let message = of(|request| request.ignore = vec!["x".to_owned()]);
    assert!(message.contains("expected at least one column beside the labels that data.ignore leaves in"), "{message}");
    let message = of(|request| request.header = Some(false));
    assert!(message.contains("there is no column `y`; set data.label to one of: 1, 2"), "{message}");
    let given = Request { header: Some(true), ..request(Some("2")) };
    assert_eq!(rows(&read_as("1,2\n3,0\n4,1\n", &given).expect("a header")), (vec![3.0, 4.0], vec![0, 1]));
}

#[test]
fn names_and_identifiers_are_no_categories() {
    let rows = (0..20).map(|row| format!("{row},name {row},{}\n", row % 2)).collect::<Vec<_>>().concat();
    let message = read_text(format!("x,who,y\n{rows}"), Some("y")).unwrap_err().to_string();
    let expected = "table.csv, column who: expected texts that occur again and again, found 20 different ones, such as \
                    \"name 0\"; names and identifiers are no categories: data.ignore = [\"who\"]";
    assert_eq!(message, expected);
    let rows = (0..1000).map(|row| format!("{row},name {},{}\n", row % 300, row % 2)).collect::<Vec<_>>().concat();
    let message = read_text(format!("x,who,y\n{rows}"), Some("y")).unwrap_err().to_string();
    assert!(message.contains("line 258, column who: expected at most 256 different texts in a column"), "{message}");
    let ignored = Request { ignore: vec!["who".to_owned()], ..request(Some("y")) };
    assert_eq!(read_as(format!("x,who,y\n{rows}"), &ignored).expect("a table").train.width(), 1);
}

#[test]
fn a_column_without_any_value_is_refused() {
    let gaps = |missing| Request { missing, ..request(Some("y")) };
    let message = read_as("x,z,y\n1,,0\n2,,1\n", &gaps(Missing::Mean)).unwrap_err().to_string();
    assert!(message.starts_with("table.csv, column z: expected at least one value, found none; leave"), "{message}");
    let message = read_as("x,z,y\n1,,0\n2,,1\n", &gaps(Missing::Drop)).unwrap_err().to_string();
    assert!(message.contains("expected rows without missing values, found 2 rows, each with"), "{message}");
}

#[test]
fn the_line_is_that_of_the_row_whatever_ends_the_lines() {
    for (text, line) in [
        ("x,y\n1,2\n-,2\n", 3),
        ("x,y\r\n1,2\r\n-,2\r\n", 3),
        ("x,y\r1,2\r-,2\r", 3),
        ("\n\nx,y\n1,2\n\n\n-,2", 7),
        ("\u{feff}x,y\n1,2\n-,2", 3),
        ("\u{feff}x,y\r\n\r\n1,2\r\n\r\n-,2", 5),
        ("x,y\n1,\"2\n\"\n-,2", 4),
    ] {
        let message = read_text(text, Some("y")).expect_err(text).to_string();
        assert!(message.contains(&format!("line {line}, column x: expected a number, found \"-\"")), "{message}");
    }
}

#[test]
fn the_label_may_stand_anywhere_and_be_a_word() {
    let loaded = read_text("\u{feff}kind, height\nb, 1\n\"a\", -2.5e0\nb,3\n", Some("kind")).expect("a table");
    assert_eq!(loaded.classes, 2);
    assert_eq!(rows(&loaded), (vec![1.0, -2.5, 3.0], vec![1, 0, 1]));
}

/// The number of comparisons and allocated bytes must not grow with the square of the number of columns.
#[test]
fn many_columns_take_work_in_proportion() {
    let allocated = |columns: usize| {
        let header = (0..columns).map(|column| format!("x{column},")).collect::<Vec<_>>().concat() + "y\n";
        let row = "1,".repeat(columns) + "0\n" + &"2,".repeat(columns) + "1\n";
        let text = header + &row;
        let mut width = 0;
        let info = allocation_counter::measure(|| {
            width = read_text(&text, Some("y")).expect("a table").train.width();
        });
        assert_eq!(width, columns);
        info.bytes_total
    };
    let (few, many) = (allocated(20_000), allocated(80_000));
    assert!(many < 5 * few, "{few} bytes for 20,000 columns, {many} for 80,000");
}

#[test]
fn reading_ends_when_it_is_interrupted() {
    let interrupt = AtomicBool::new(true);
    let loading = Loading { path: Path::new("table.csv"), interrupt: &interrupt };
    let error = read(loading, IRIS.as_bytes().to_vec(), &request(Some("species"))).unwrap_err();
    assert!(matches!(error, DataError::Interrupted), "{error}");
}

/// The format in which a table is written.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are chosen independently of one another")]
struct Style {
    separator: char,
    header: bool,
    decimal_comma: bool,
    end: &'static str,
    mark: bool,
    quotes: bool,
    trailing: bool,
}

fn styles() -> impl Strategy<Value = Style> {
    let separator = prop::sample::select(vec![',', ';', '\t', '|']);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (separator, any::<[bool; 5]>(), end).prop_map(|(separator, [header, comma, mark, quotes, trailing], end)| Style {
        separator,
        header,
        decimal_comma: comma && separator != ',',
        end,
        mark,
        quotes,
        trailing,
    })
}

/// Inputs, `[rows, width]`, and labels.
fn tables() -> impl Strategy<Value = (usize, Vec<f32>, Vec<u32>)> {
    (1_usize..5, 2_usize..8).prop_flat_map(|(width, rows)| {
        let number = prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL;
        let inputs = prop::collection::vec(number, rows * width);
        (Just(width), inputs, prop::collection::vec(0_u32..20, rows))
    })
}

fn write(style: Style, width: usize, inputs: &[f32], labels: &[u32]) -> String {
    let line = |cells: Vec<String>| {
        let cells: Vec<_> = cells.into_iter().map(|c| if style.quotes { format!("\"{c}\"") } else { c }).collect();
        let trailing = if style.trailing { style.separator.to_string() } else { String::new() };
        cells.join(&style.separator.to_string()) + &trailing + style.end
    };
    let mut text = if style.mark { "\u{feff}".to_owned() } else { String::new() };
    if style.header {
        text += &line((0..width).map(|column| format!("x{column}")).chain(["class".to_owned()]).collect());
    }
    for (row, label) in inputs.chunks_exact(width).zip(labels) {
        let numbers = row.iter().map(|x| {
            let number = format!("{x:e}");
            if style.decimal_comma { number.replace('.', ",") } else { number }
        });
        text += &line(numbers.chain([label.to_string()]).collect());
    }
    text
}

fn label(style: Style, width: usize) -> String {
    if style.header { "class".to_owned() } else { (width + 1).to_string() }
}

proptest! {
    #[test]
    fn what_is_written_in_any_style_is_read_back((width, inputs, labels) in tables(), style in styles()) {
        let text = write(style, width, &inputs, &labels);
        let loaded = read_text(&text, Some(&label(style, width))).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let found = table(&loaded);
        prop_assert_eq!((found.separator.byte(), found.header), (style.separator as u8, style.header));
        prop_assert_eq!(loaded.train.width(), width);
        prop_assert_eq!(rows(&loaded), (inputs, labels));
    }

    #[test]
    fn a_truncated_table_is_an_error_or_a_shorter_table((width, inputs, labels) in tables(), style in styles()) {
        let style = Style { end: "\n", header: true, ..style };
        let text = write(style, width, &inputs, &labels);
        for end in 0..text.len() {
            // A cut may leave a file with only one line, and then the separator is ambiguous.
            if let Ok(loaded) = read_text(&text.as_bytes()[..end], Some("class")) && loaded.train.width() == width {
                prop_assert!(loaded.train.len() <= labels.len());
                // Only a cut in the last cell goes unnoticed, and that cell is the label.
                prop_assert_eq!(&rows(&loaded).0[..], &inputs[..loaded.train.len() * width]);
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(mut bytes: Vec<u8>, header: bool) {
        if header {
            bytes.splice(0..0, *b"x,class\n");
        }
        for missing in [Missing::Refuse, Missing::Mean, Missing::Drop] {
            let _ = read_as(&bytes, &Request { missing, ..request(Some("class")) });
        }
    }

    #[test]
    fn random_text_never_panics(text in "[0-9a-c?,.;|\t\"\n\r -]{0,60}", header in "(x[,;]class\n)?") {
        for missing in [Missing::Refuse, Missing::Mean, Missing::Drop] {
            for label in ["class", "2"] {
                let _ = read_as(format!("{header}{text}"), &Request { missing, ..request(Some(label)) });
            }
        }
    }

    #[test]
    fn a_small_table_cut_anywhere_never_panics(cut in 0..=TITANIC.len(), missing in 0..3_usize) {
        let missing = [Missing::Refuse, Missing::Mean, Missing::Drop][missing];
        let _ = read_as(&TITANIC.as_bytes()[..cut], &titanic(missing, &["Name"]));
    }
}
