//! `/api/findings`: what is wrong with the runs, as far as it has been looked at.
//!
//! A diagnosis is kept as the JSON that it is sent as, and made anew when its run has changed. Whoever asks about one run
//! gets it made at once; of all runs he is told what is known already, and a thread behind ([`crate::judge`]) gets to know
//! the rest.

use std::{
    collections::BTreeMap,
    iter,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use headwater_threads::Unpoisoned as _;

use axum::{Json, body::Bytes, extract::State, http::header, response::Response};
use headwater_diagnose::{Diagnosis, Evidence, Finding, Rule, Severity, diagnose, evidence, relatives};
use headwater_events::{Run, SeriesKind, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{board::Board, error::ApiError, extract::Query, judge, work::Wanted};

/// How long what is said of a run stays, though the run has grown.
const STAYS: Duration = Duration::from_secs(1);

/// It stays so many times longer than it took to find out.
const WORTH: u32 = 20;

/// What is known of the runs.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    known: Mutex<BTreeMap<Arc<str>, Known>>,
    /// Whether somebody has asked since the thread behind has looked.
    pub(crate) asked: AtomicBool,
    begun: OnceLock<()>,
}

/// What a diagnosis depends on: the generations and the versions of its run and of all [`relatives`].
type Revision = Vec<(u64, u64)>;

#[derive(Debug, Clone)]
struct Known {
    revision: Revision,
    /// When it was found out, and how long that took.
    since: Instant,
    cost: Duration,
    said: RunFindings,
    /// How many times something else was said of the run.
    edition: u64,
}

/// What is said of a run.
#[derive(Debug, Clone, PartialEq)]
struct RunFindings {
    json: Bytes,
    /// Notes, warnings, errors.
    counts: [usize; 3],
    worst: Option<(&'static str, Severity)>,
    looked: bool,
}

#[derive(Debug, Default, Serialize)]
struct Answer {
    #[serde(flatten)]
    diagnosis: Diagnosis,
    /// Tags of the run's scalars, and which findings they belong to.
    marks: BTreeMap<Arc<str>, Vec<usize>>,
    /// Rules of the findings, and the ideas that explain what they see.
    ideas: BTreeMap<&'static str, &'static str>,
}

impl Known {
    /// Whether it is still to be said of a run that has this revision now.
    fn is_good(&self, revision: &Revision) -> bool {
        self.revision == *revision || self.since.elapsed() < STAYS.max(self.cost * WORTH)
    }
}

impl Findings {
    fn known(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Known>> {
        self.known.lock().unpoisoned()
    }

    /// The runs of which something is to be found out: those that nothing is known of, then those that were looked at
    /// longest ago. What is known of runs that are gone is forgotten.
    pub(crate) fn due(&self, store: &Store) -> Vec<Arc<Run>> {
        let runs = store.runs();
        let mut known = self.known();
        known.retain(|name, _| runs.binary_search_by(|run| run.name().cmp(name)).is_ok());
        let since = |run: &Run| known.get(run.name()).map(|known| known.since);
        let is_good = |run: &Run| known.get(run.name()).is_some_and(|known| known.is_good(&revision(store, run)));
        let mut due: Vec<_> = runs.iter().filter(|run| !is_good(run)).cloned().collect();
        due.sort_by_key(|run| since(run));
        due
    }

    /// Finds out about a run. Whether something else is said of it than before.
    pub(crate) fn judge(&self, store: &Store, run: &Run) -> bool {
        // Before anything is looked at: what changes meanwhile is seen again. And not locked while files are read.
        let (revision, since) = (revision(store, run), Instant::now());
        let said = say(store, run);
        let mut known = self.known();
        let before = known.get(run.name());
        let is_new = before.is_none_or(|before| before.said != said);
        let edition = before.map_or(0, |before| before.edition) + u64::from(is_new);
        known.insert(Arc::clone(run.name()), Known { revision, since, cost: since.elapsed(), said, edition });
        is_new
    }

    /// What is said of a run.
    fn of(&self, store: &Store, run: &Run) -> Bytes {
        let now = revision(store, run);
        let known =
            self.known().get(run.name()).filter(|known| known.is_good(&now)).map(|known| known.said.json.clone());
        known.unwrap_or_else(|| {
            self.judge(store, run);
            // It may be gone in the meantime, and forgotten.
            self.known().get(run.name()).map_or_else(|| say(store, run).json, |known| known.said.json.clone())
        })
    }

    /// What is known of all runs, in short.
    fn summary(&self, board: &Board) -> serde_json::Value {
        let (runs, known) = (board.store.runs(), self.known());
        let rows: Vec<_> = runs
            .iter()
            .filter_map(|run| {
                let Known { said, edition, .. } = known.get(run.name())?;
                let [notes, warnings, errors] = said.counts;
                let worst = said.worst.map(|(rule, severity)| json!({ "rule": rule, "severity": severity }));
                Some(json!({
                    "run": run.name(),
                    "errors": errors,
                    "warnings": warnings,
                    "notes": notes,
                    "worst": worst,
                    "looked": said.looked,
                    "edition": edition,
                }))
            })
            .collect();
        json!({ "complete": !board.is_loading() && rows.len() == runs.len(), "runs": rows })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    run: Option<String>,
}

/// `GET /api/findings`: the diagnosis of a run; without a name, what is known of all of them.
pub(crate) async fn findings(
    State(board): State<Arc<Board>>,
    Query(Params { run }): Query<Params>,
) -> Result<Response, ApiError> {
    board.findings.begun.get_or_init(|| judge::start(&board));
    board.findings.asked.store(true, Ordering::Release);
    let Some(name) = run else { return board.quick(|board, _| Ok(Json(board.findings.summary(board)))).await };
    let answer = move |board: &Board, _: &Wanted| {
        let json = board.findings.of(&board.store, &*board.run(&name)?);
        Ok(([(header::CONTENT_TYPE, "application/json")], json))
    };
    board.long(answer).await
}

fn revision(store: &Store, run: &Run) -> Revision {
    let of = |run: &Run| (run.generation(), run.version());
    iter::once(of(run)).chain(relatives(store, run).iter().map(|other| of(other))).collect()
}

fn say(store: &Store, run: &Run) -> RunFindings {
    let answer = unless_it_panics(run.name(), || {
        let diagnosis = evidence(store, run).map_or_else(
            || {
                let belongs = "what it holds is judged with the run that it belongs to, beside or above it";
                not_judged(run.name(), belongs.to_owned())
            },
            |evidence| diagnose(&evidence),
        );
        let marks = marks(run, &diagnosis.findings);
        let ideas = ideas(&diagnosis.findings);
        Answer { diagnosis, marks, ideas }
    });
    let diagnosis = &answer.diagnosis;
    let mut counts = [0; 3];
    for Finding { severity, .. } in &diagnosis.findings {
        counts[*severity as usize] += 1;
    }
    let worst = diagnosis.findings.iter().max_by_key(|finding| finding.severity);
    let worst = worst.map(|Finding { rule, severity, .. }| (*rule, *severity));
    let looked = diagnosis.looked;
    // Names and numbers: there is nothing in it that JSON could not say.
    let json = serde_json::to_vec(&answer).unwrap_or_default().into();
    RunFindings { json, counts, worst, looked }
}

/// What `answer` says of a run; if it panics, that. Anything may be in a log, and one that we fail at must not end the
/// thread that all others are judged by.
fn unless_it_panics(run: &str, answer: impl FnOnce() -> Answer) -> Answer {
    // It makes all that it changes, and what it reads goes on after a panic.
    panic::catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref().copied());
        let why = format!("a fault of this program stood in the way: {}", text.unwrap_or("it did not say which"));
        Answer { diagnosis: not_judged(run, why), ..Answer::default() }
    })
}

fn not_judged(run: &str, why: String) -> Diagnosis {
    Diagnosis { run: run.to_owned(), not_judged: vec![why], ..Diagnosis::default() }
}

fn ideas(findings: &[Finding]) -> BTreeMap<&'static str, &'static str> {
    findings.iter().filter_map(|finding| Some((finding.rule, Rule::named(finding.rule)?.idea?))).collect()
}

/// Which findings the tags of a run's scalars belong to: those of a layer to the findings about it, the loss and the
/// accuracy to those about the whole network.
fn marks(run: &Run, findings: &[Finding]) -> BTreeMap<Arc<str>, Vec<usize>> {
    if findings.is_empty() {
        return BTreeMap::new();
    }
    let series = run.series();
    let scalars = series.iter().filter(|series| series.kind() == SeriesKind::Scalar);
    scalars
        .filter_map(|series| {
            let mut told = Evidence::new("");
            told.add(series.tag(), [(0, 0.0)]).then_some(())?;
            let layer = told.layers().pop();
            let is_about = |finding: &Finding| match &layer {
                Some(layer) => finding.layers.contains(layer),
                None => finding.layers.is_empty(),
            };
            let of: Vec<usize> =
                findings.iter().enumerate().filter(|(_, finding)| is_about(finding)).map(|(index, _)| index).collect();
            (!of.is_empty()).then(|| (Arc::clone(series.tag()), of))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use headwater_events::Writer;

    use super::*;

    /// A network whose gradient vanishes; its loss stays where it is.
    fn starved(writer: &mut Writer, steps: std::ops::Range<i64>) {
        for step in steps {
            writer.scalar(step, "loss", 2.3).unwrap();
            for (layer, size) in [(1, 1e-9), (2, 1e-6), (3, 1e-3)] {
                writer.scalar(step, &format!("delta/rms/layer{layer}"), size).unwrap();
            }
        }
        writer.flush().unwrap();
    }

    fn board(runs: &[&str]) -> (tempfile::TempDir, Board, Vec<Writer>) {
        let folder = tempfile::tempdir().unwrap();
        let write = |run: &&str| {
            let mut writer = Writer::create(&folder.path().join(run)).unwrap();
            starved(&mut writer, 0..20);
            writer
        };
        let writers = runs.iter().map(write).collect();
        let board = Board::new(Store::open(folder.path()));
        board.store.load();
        board.set_loaded(None);
        (folder, board, writers)
    }

    #[test]
    fn of_all_runs_only_what_is_known_is_told_and_nothing_is_looked_at_for_it() {
        let (_folder, board, _) = board(&["a", "b"]);
        let none = board.findings.summary(&board);
        assert_eq!(none, json!({ "complete": false, "runs": [] }));
        board.findings.judge(&board.store, &board.run("b").unwrap());
        let one = board.findings.summary(&board);
        assert_eq!((&one["complete"], &one["runs"][0]["run"]), (&json!(false), &json!("b")));
        assert_eq!(one["runs"][0]["worst"], json!({ "rule": "vanishing", "severity": "error" }));
        board.findings.judge(&board.store, &board.run("a").unwrap());
        assert_eq!(board.findings.summary(&board)["complete"], true);
    }

    #[test]
    fn what_nothing_is_known_of_comes_first_and_what_has_not_grown_is_left_alone() {
        let (_folder, board, mut writers) = board(&["a", "b"]);
        let due = || board.findings.due(&board.store).iter().map(|run| run.name().to_string()).collect::<Vec<_>>();
        assert_eq!(due(), ["a", "b"]);
        board.findings.judge(&board.store, &board.run("a").unwrap());
        assert_eq!(due(), ["b"]);
        starved(&mut writers[0], 20..30);
        board.store.load();
        // It has been looked at a moment ago.
        assert_eq!(due(), ["b"]);
        board.findings.known().get_mut("a").unwrap().since -= STAYS;
        assert_eq!(due(), ["b", "a"]);
        assert!(board.findings.judge(&board.store, &board.run("a").unwrap()), "the last step is another");
        assert_eq!(board.findings.known()["a"].edition, 2);
        assert!(!board.findings.judge(&board.store, &board.run("a").unwrap()), "the same is said of the same");
    }

    #[test]
    fn runs_that_are_gone_are_forgotten() {
        let (folder, board, _) = board(&["a", "b"]);
        for run in board.store.runs() {
            board.findings.judge(&board.store, &run);
        }
        std::fs::remove_dir_all(folder.path().join("a")).unwrap();
        board.store.load();
        board.findings.due(&board.store);
        assert_eq!(board.findings.known().keys().map(|name| &**name).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_run_is_judged_anew_when_one_of_the_same_training_grows() {
        let (_folder, board, mut writers) =
            board(&["x/train", "x/validation", "y", "y/eval", "y/eval/loss_val", "y-2", "z/train"]);
        let mut due_after = |grown: usize| {
            for run in board.store.runs() {
                board.findings.judge(&board.store, &run);
            }
            for known in board.findings.known().values_mut() {
                known.since -= STAYS.max(known.cost * WORTH);
            }
            starved(&mut writers[grown], 20..21);
            board.store.load();
            let mut due: Vec<_> = board.findings.due(&board.store).iter().map(|run| run.name().to_string()).collect();
            due.sort();
            due
        };
        assert_eq!(due_after(1), ["x/train", "x/validation"]);
        assert_eq!(due_after(3), ["y", "y/eval", "y/eval/loss_val"]);
        assert_eq!(due_after(4), ["y/eval", "y/eval/loss_val"]);
        assert_eq!(due_after(5), ["y-2"]);
        assert_eq!(due_after(6), ["z/train"]);
    }

    #[test]
    fn a_run_that_is_judged_with_another_says_nothing_of_its_own() {
        let (_folder, board, _) = board(&["x/train", "x/validation"]);
        let json = board.findings.of(&board.store, &board.run("x/validation").unwrap());
        let said: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&said["looked"], said["not_judged"].as_array().unwrap().len()), (&json!(false), 1));
    }

    #[test]
    fn a_run_that_we_fail_at_stays_unjudged_and_says_why() {
        let fails: [(fn(), &str); 2] =
            [(|| panic!("a text of {}", 1 + 1), "a text of 2"), (|| panic!("a plain text"), "a plain text")];
        for (fail, expected) in fails {
            let answer = unless_it_panics("a", || {
                fail();
                Answer::default()
            });
            let Diagnosis { run, not_judged, looked, .. } = answer.diagnosis;
            assert_eq!((&*run, not_judged.len(), looked), ("a", 1, false));
            assert!(not_judged[0].contains(expected), "{not_judged:?}");
        }
    }

    #[test]
    fn tags_are_marked_with_the_findings_about_their_layer_and_rules_with_their_ideas() {
        let (_folder, board, _) = board(&["a"]);
        let json = board.findings.of(&board.store, &board.run("a").unwrap());
        let answer: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let findings = answer["findings"].as_array().unwrap();
        let vanishing = findings.iter().position(|finding| finding["rule"] == "vanishing").unwrap();
        assert_eq!(findings[vanishing]["layers"], json!(["layer1", "layer2"]));
        assert_eq!(answer["marks"]["delta/rms/layer1"], json!([vanishing]));
        assert_eq!(answer["marks"]["delta/rms/layer3"], json!(null));
        assert_eq!(answer["ideas"]["vanishing"], "vanishing");
    }
}
