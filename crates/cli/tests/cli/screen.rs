//! What a user sees of `train` and `sweep` on a terminal.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{headwater, manifest, outcome, train};
use crate::terminal::Terminal;

const TINY: [&str; 3] = ["data.source=blobs", "train.steps=30", "record.every=10"];
const ENDLESS: [&str; 3] = ["data.source=blobs", "train.steps=1_000_000_000", "record.every=1_000_000"];
const SCENARIOS: [&str; 3] = ["sigmoid", "relu", "leaky_relu"];

/// `train` with these settings on a terminal with `columns` columns.
fn on_terminal(logdir: &Path, settings: &[&str], flags: &[&str], columns: u16) -> Terminal {
    let mut command = train(logdir, settings);
    command.args(flags);
    Terminal::start(command, columns)
}

/// Whether a line is the progress line of a run that has made steps.
fn is_under_way(line: &str) -> bool {
    // A finding begins with the name and a comma, and may contain a fraction.
    if line.split_whitespace().next().is_none_or(|name| name.ends_with(',')) {
        return false;
    }
    let steps = line.split_whitespace().map(|word| word.split('/').next().unwrap_or_default());
    (line.starts_with("sigmoid") || line.starts_with("relu")) && steps.flat_map(str::parse).any(|steps: u64| steps > 0)
}

/// The words with one space between them, without line breaks.
fn flowing(lines: &[impl AsRef<str>]) -> String {
    lines.iter().flat_map(|line| line.as_ref().split_whitespace()).collect::<Vec<_>>().join(" ")
}

/// The lines from the table on. Asserts that no parts of bars are between or below them.
#[track_caller]
fn from_the_table_on(lines: &[String]) -> &[String] {
    let start = lines.iter().position(|line| line.starts_with("──")).unwrap_or_else(|| panic!("{}", lines.join("\n")));
    let rest = &lines[start..];
    assert!(!rest.iter().any(|line| line.contains(['━', '╸']) || line.contains("steps/s")), "{}", rest.join("\n"));
    rest
}

#[test]
fn the_table_and_every_sentence_are_whole_at_any_width() {
    let logdir = tempfile::tempdir().unwrap();
    let piped = outcome(&mut train(logdir.path(), &TINY)).success();
    let (table, sentences) = piped.stdout.split_once("\n\n").unwrap();
    for columns in [120, 80, 20] {
        let logdir = tempfile::tempdir().unwrap();
        let mut terminal = on_terminal(logdir.path(), &TINY, &[], columns);
        assert_eq!(terminal.wait(), Some(0));
        let lines = terminal.lines();
        let screen = from_the_table_on(&lines);
        let text = lines.join("\n");
        if columns >= 80 {
            assert!(text.contains(table.lines().take(6).collect::<Vec<_>>().join("\n").as_str()), "{columns}:\n{text}");
        } else {
            for (row, scenario) in table.lines().skip(4).zip(SCENARIOS) {
                let start = screen.iter().position(|line| line == scenario).unwrap_or_else(|| panic!("{text}"));
                // The first cell is the scenario's name. Each other cell ends a line.
                let cells = row.split_whitespace().skip(1);
                for cell in cells {
                    assert!(
                        screen[start..start + 12].iter().any(|line| line.ends_with(&format!(" {cell}"))),
                        "{cell}:\n{text}"
                    );
                }
            }
        }
        for sentence in sentences.lines() {
            assert!(flowing(screen).contains(&flowing(&[sentence])), "{columns}, {sentence}:\n{text}");
        }
        // Every word is whole on one line: none was cut off at the right edge.
        for word in sentences.split_whitespace() {
            assert!(
                screen.iter().any(|line| line.split_whitespace().any(|it| it == word)),
                "{columns}, {word}:\n{text}"
            );
        }
        // One line of each run stays: its last.
        for scenario in SCENARIOS {
            let last = lines.iter().filter(|line| line.starts_with(scenario) && line.contains("30/30")).count();
            assert_eq!(last, 1, "{columns}:\n{text}");
        }
        assert!(flowing(screen).contains("look at the records with: headwater serve"), "{text}");
    }
}

#[test]
fn after_ctrl_c_the_bars_say_where_the_runs_stopped_and_the_table_why() {
    for columns in [120, 80, 20] {
        let logdir = tempfile::tempdir().unwrap();
        let mut terminal = on_terminal(logdir.path(), &ENDLESS, &["--threads", "1"], columns);
        terminal.wait_for(is_under_way);
        terminal.type_in("\x03");
        assert_eq!(terminal.wait(), Some(130));
        let lines = terminal.lines();
        let text = lines.join("\n");
        let steps = manifest(&logdir.path().join("sigmoid"))["steps"].as_u64().unwrap();
        let stopped = format!("{steps}/1000000000 interrupted");
        assert!(flowing(&lines).contains(&stopped), "{columns}, {stopped}:\n{text}");
        assert_eq!(text.matches("1000000000").count(), 1, "a bar was left:\n{text}");
        let screen = from_the_table_on(&lines);
        for (scenario, mark) in SCENARIOS.into_iter().zip(["interrupted", "not begun", "not begun"]) {
            let row = screen.iter().position(|line| line.split_whitespace().next() == Some(scenario)).unwrap();
            assert_eq!(screen[row + 1].trim(), mark, "{columns}:\n{text}");
        }
    }
}

#[test]
fn after_ctrl_c_under_seeds_the_table_counts_how_the_runs_ended() {
    let logdir = tempfile::tempdir().unwrap();
    let settings = [&ENDLESS[..], &["network.activation=relu"]].concat();
    let mut terminal = on_terminal(logdir.path(), &settings, &["--threads", "1", "--seeds", "9"], 80);
    terminal.wait_for(is_under_way);
    terminal.type_in("\x03");
    assert_eq!(terminal.wait(), Some(130));
    let lines = terminal.lines();
    let text = lines.join("\n");
    assert!(lines.iter().any(|line| line.starts_with("relu/seed-0 ") && line.ends_with(" interrupted")), "{text}");
    let screen = from_the_table_on(&lines);
    let row = screen.iter().position(|line| line.starts_with(" relu ")).unwrap();
    let marks: Vec<_> = screen[row + 1..].iter().map(|line| line.trim()).take(2).collect();
    assert_eq!(marks, ["1 interrupted", "8 not begun"], "{text}");
}

#[test]
fn runs_that_diverge_or_are_stopped_are_marked() {
    let hot = ["network.activation=relu", "train.optimizer=sgd", "train.learning_rate=1e30"];
    let sick = ["network.activation=relu", "network.init=constant(0.1)"];
    for (settings, flags, mark) in [(&hot[..], &[][..], "diverged"), (&sick, &["--stop-on", "error"], "stopped")] {
        let logdir = tempfile::tempdir().unwrap();
        let mut terminal = on_terminal(logdir.path(), &[&TINY[..], settings].concat(), flags, 80);
        assert_eq!(terminal.wait(), Some(3));
        let lines = terminal.lines();
        let text = lines.join("\n");
        assert!(lines.iter().any(|line| line.starts_with("relu ") && line.ends_with(mark)), "{text}");
        assert!(from_the_table_on(&lines).iter().any(|line| line.trim() == mark), "{text}");
    }
}

#[test]
fn when_the_terminal_is_closed_the_runs_finish_their_records() {
    let logdir = tempfile::tempdir().unwrap();
    let mut terminal = on_terminal(logdir.path(), &ENDLESS, &["--threads", "1"], 80);
    terminal.wait_for(is_under_way);
    assert_eq!(terminal.hang_up(), Some(129));
    let run = manifest(&logdir.path().join("sigmoid"));
    assert_eq!(run["status"], "interrupted");
    assert!(run["steps"].as_u64().unwrap() > 0);
}

#[test]
fn a_sweep_leaves_its_table_and_nothing_of_its_bars() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "data = { source = 'blobs' }\ntrain.steps = 10\n[sweep.keys]\ntrain.learning_rate = [1e-3, 1e-2, 1e-1]\n";
    fs::write(folder.path().join("small.toml"), text).unwrap();
    for columns in [80, 20] {
        let mut command = headwater(["sweep", "small.toml", "--logdir", &format!("runs-{columns}")]);
        command.current_dir(folder.path());
        let mut terminal = Terminal::start(command, columns);
        assert_eq!(terminal.wait(), Some(0));
        let lines = terminal.lines();
        let screen = from_the_table_on(&lines);
        for trial in ["0000", "0001", "0002"] {
            let rows = screen.iter().filter(|line| line.split_whitespace().next() == Some(trial)).count();
            assert_eq!(rows, 1, "{}", lines.join("\n"));
        }
        assert!(flowing(screen).contains("3 of 3 runs are over"), "{}", lines.join("\n"));
    }
}

#[test]
fn a_locale_or_a_terminal_without_unicode_gets_ascii() {
    for (name, value, has_bars) in [("LC_ALL", "C", true), ("LANG", "en_US.ISO-8859-1", true), ("TERM", "dumb", false)]
    {
        let logdir = tempfile::tempdir().unwrap();
        let mut command = train(logdir.path(), &TINY);
        command.env(name, value);
        let mut terminal = Terminal::start(command, 80);
        assert_eq!(terminal.wait(), Some(0));
        let bytes = &terminal.bytes;
        assert!(bytes.is_ascii(), "{name}={value}: {}", String::from_utf8_lossy(bytes));
        assert_eq!(bytes.contains(&b'\x1b'), has_bars, "{name}={value}");
        let lines = terminal.lines();
        assert!(lines.iter().any(|line| line.starts_with("====")), "{}", lines.join("\n"));
    }
}

#[test]
fn every_table_and_curve_has_an_ascii_form() {
    let logdir = tempfile::tempdir().unwrap();
    // Only one run: the output for three does not fit in a pipe.
    outcome(&mut train(logdir.path(), &[&TINY[..], &["network.activation=relu"]].concat())).success();
    let logdir = logdir.path().to_str().unwrap();
    for arguments in [
        &["theory"][..],
        &["curves"],
        &["data", "list"],
        &["data", "check", "blobs"],
        &["inspect", logdir],
        &["diagnose", "--fail-on", "error", logdir],
        &["reproduce"],
    ] {
        let ascii = outcome(headwater(arguments).env("LC_ALL", "C"));
        assert!(ascii.stdout.is_ascii() && ascii.stderr.is_ascii(), "{arguments:?}: {}", ascii.stdout);
        assert!(!ascii.stdout.is_empty());
    }
}

#[test]
fn quiet_leaves_results_warnings_and_errors() {
    let logdir = tempfile::tempdir().unwrap();
    let mut terminal = on_terminal(logdir.path(), &TINY, &["--quiet", "--color", "never"], 200);
    assert_eq!(terminal.wait(), Some(0));
    assert!(!terminal.bytes.contains(&b'\x1b'));
    let lines = terminal.lines();
    assert!(lines[0].starts_with("──"), "{}", lines.join("\n"));
    let logdir = tempfile::tempdir().unwrap();
    let quiet = outcome(train(logdir.path(), &TINY).arg("-q")).success();
    assert!(quiet.stdout.contains("leaky_relu: "));
    let stray: Vec<_> =
        quiet.stderr.lines().filter(|line| !line.starts_with("warning: ") && !line.starts_with("error: ")).collect();
    assert_eq!(stray, [""; 0]);
    let wrong = outcome(&mut headwater(["--quiet", "train", "vanishin"]));
    assert!(wrong.stderr.starts_with("error: "), "{}", wrong.stderr);
}

#[test]
fn colours_are_used_where_they_are_asked_for() {
    let coloured = |command: &mut Command| {
        let outcome = outcome(command);
        (outcome.stdout + &outcome.stderr).contains('\x1b')
    };
    let wrong = ["train", "vanishin"];
    assert!(!coloured(&mut headwater(wrong)));
    assert!(coloured(headwater(wrong).args(["--color", "always"])));
    assert!(coloured(headwater(wrong).env("CLICOLOR_FORCE", "1")));
    // Messages of the command-line parser.
    assert!(coloured(&mut headwater(["--color=always", "tran"])));
    assert!(coloured(&mut headwater(["train", "--help", "--color=always"])));
    let on_terminal = |flags: &[&str], variables: &[(&str, &str)]| {
        let mut command = headwater(wrong);
        command.args(flags).envs(variables.iter().copied());
        let mut terminal = Terminal::start(command, 80);
        assert_eq!(terminal.wait(), Some(2));
        terminal.bytes.contains(&b'\x1b')
    };
    assert!(on_terminal(&[], &[]));
    assert!(!on_terminal(&["--color", "never"], &[]));
    assert!(!on_terminal(&[], &[("NO_COLOR", "1")]));
    assert!(!on_terminal(&[], &[("CLICOLOR", "0")]));
    assert!(!on_terminal(&[], &[("TERM", "dumb")]));
    assert!(on_terminal(&["--color", "always"], &[("NO_COLOR", "1")]));
}
