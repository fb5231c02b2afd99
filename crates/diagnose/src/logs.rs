//! From a log directory to evidence.
//!
//! Memory is bounded: of each series a limited number of values is looked at, evenly spread and with both ends. All of
//! a loss is looked at for numbers that are not finite. Where training was begun anew in the same folder, what was
//! recorded before from that step on is left out.

mod biases;
mod ending;
mod family;
mod given;
mod graph;
mod histograms;
mod live;
mod movement;
mod network;

use std::ops::Range;
use std::sync::Arc;

use headwater_events::{FileState, Run, Series as Recorded, SeriesKind, Store};
use headwater_probe::foreign::{self, Place};

use crate::Evidence;
use crate::names::course;
pub use ending::ending;
use family::Family;
pub use family::relatives;
pub use network::network_record;

/// Most numbers of a series that are looked at.
const NUMBERS: usize = 2048;
/// Points that are looked through at a time.
const BLOCK: usize = 4096;
/// A run of no more steps than this, each recorded, counts epochs; or batches, but then it is short.
const EPOCHS: i64 = 200;
/// More segments than this are no restarts, but several writers at once.
const RESTARTS: usize = 8;

/// What the records of a run in `store` tell. Programs divide what they record of one training among several runs, of
/// which the others have no evidence of their own: of a run `validation` beside a run `train`, as Keras makes them, the
/// loss and the accuracy are those on held-out data of the other; so are those of `eval` below a run. What `PyTorch`'s
/// `add_scalars` and `add_hparams` put into folders of their own belongs to the run above.
pub fn evidence(store: &Store, run: &Run) -> Option<Evidence> {
    let family = Family::of(store, run)?;
    let mut evidence = Evidence::new(run.name());
    evidence.end(ending(run));
    let mut restarts = Vec::new();
    for series in run.series() {
        add(&mut evidence, &series, &mut restarts);
    }
    if let Some(step) = restarts.into_iter().min() {
        evidence.note(format!(
            "training began anew at step {step} in the same folder: what had been recorded from that step on before was \
             left out"
        ));
    }
    if let Some((held_out, prefix)) = family.held_out {
        for series in held_out.series() {
            if course(series.tag()).is_some() {
                evidence.take(&format!("{prefix}/{}", series.tag()), numbers(&series, &mut None));
            }
        }
    }
    for (part, tag) in family.scalars {
        for series in part.series() {
            evidence.take(&tag, numbers(&series, &mut None));
        }
    }
    for part in family.given.iter().map(|part| &**part).chain([run]) {
        evidence.hyperparameters(given::hyperparameters(part));
    }
    given::texts(run, &mut evidence);
    histograms::add(run, &mut evidence);
    if run.get("epoch_loss").is_some() || evidence.is_bounded() && counts_epochs(run) {
        evidence.count_epochs();
    }
    if !network::add(run, &mut evidence) {
        evidence.draw(graph::layers(run, &evidence.layers()));
    }
    evidence.arrange();
    biases::dead_below(&mut evidence);
    live::add(run, &mut evidence);
    notes(run, &mut evidence);
    Some(evidence)
}

fn add(evidence: &mut Evidence, series: &Recorded, restart: &mut Vec<i64>) {
    let tag = series.name();
    let place = foreign::read(tag);
    match (series.kind(), &place) {
        (SeriesKind::Scalar, _) => {
            let mut began_anew = None;
            let used = if let Some(place) = place.is_none().then(|| biases::of_bias(tag)).flatten() {
                evidence.take_bias(&place, numbers(series, &mut began_anew));
                false
            } else {
                evidence.take(tag, numbers(series, &mut began_anew))
            };
            if !used {
                return;
            }
            restart.extend(began_anew);
        }
        (SeriesKind::Histogram, Some(_)) => {}
        _ => return,
    }
    if let Some(Place { layer, .. }) = place.filter(|_| course(tag).is_none())
        && let Some((_, time)) = series.steps(0..1).first()
    {
        evidence.written(&layer, *time);
    }
}

/// Whether the steps of a run count epochs: Keras says so, and where every step to a few hundred was recorded it is likely.
fn counts_epochs(run: &Run) -> bool {
    let series = run.series();
    let is_measured = |series: &&Arc<Recorded>| {
        matches!(series.kind(), SeriesKind::Scalar | SeriesKind::Histogram) && series.len() > 1
    };
    let one_by_one = |series: &Recorded| {
        let steps = series.steps(0..series.len().min(BLOCK));
        steps.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1)
    };
    let mut measured = series.iter().filter(is_measured).peekable();
    if measured.peek().is_none() {
        return false;
    }
    match run.get("epoch_loss") {
        Some(loss) => one_by_one(&loss),
        None => measured.all(|series| series.info().ends.is_some_and(|(_, last)| last < EPOCHS) && one_by_one(series)),
    }
}

/// Indices of at most `most` of `len` values: evenly spread, the first and the last among them.
fn spread(len: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = len.min(most);
    (0..count).map(move |i| if count < 2 { i } else { i * (len - 1) / (count - 1) })
}

/// The index ranges of the values that stand: of a series that was begun anew at some step, what had been recorded before
/// that step, and what came later. `began_anew` gets that step.
fn standing(series: &Recorded, began_anew: &mut Option<i64>) -> Vec<Range<usize>> {
    let segments = series.segments();
    if segments.len() > RESTARTS {
        return segments;
    }
    let mut first = i64::MAX;
    let mut kept = Vec::new();
    for segment in segments.into_iter().rev() {
        let step = |index: usize| series.steps(index..index + 1).first().map(|(step, _)| *step);
        // Steps ascend within a segment.
        let (mut low, mut high) = (segment.start, segment.end);
        while low < high {
            let middle = usize::midpoint(low, high);
            if step(middle).is_some_and(|step| step < first) { low = middle + 1 } else { high = middle }
        }
        if low < segment.end {
            *began_anew = Some(first);
        }
        first = first.min(step(segment.start).unwrap_or(first));
        kept.push(segment.start..low);
    }
    kept.retain(|range| !range.is_empty());
    kept.reverse();
    kept
}

/// Numbers of a series; the first that is not finite is always among them.
fn numbers(series: &Recorded, began_anew: &mut Option<i64>) -> Vec<(i64, f64)> {
    let ranges = standing(series, began_anew);
    let len = ranges.iter().map(ExactSizeIterator::len).sum();
    let mut wanted = spread(len, NUMBERS).peekable();
    let (mut points, mut finite, mut index) = (Vec::new(), true, 0);
    for range in ranges {
        for start in range.clone().step_by(BLOCK) {
            for point in series.points(start..range.end.min(start + BLOCK)) {
                let first_bad = finite && !point.value.is_finite();
                finite &= point.value.is_finite();
                if wanted.next_if_eq(&index).is_some() || first_bad {
                    points.push((point.step, point.value));
                }
                index += 1;
            }
        }
    }
    points
}

/// Whether a tag sounds as if it told of one of many layers, and it is not known what.
fn is_strange(tag: &str) -> bool {
    let name = tag.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    name.contains(|letter: char| letter.is_ascii_digit())
        && has(&["grad", "weight", "activation", "kernel", "delta", "layer"])
        // Biases, and scales of normalisations, are known and of no use; totals tell of no layer; the last is a record of ours.
        && !has(&["bias", "norm", "beta", "gamma", "scale", "total", "torchinstruments", "inputs/zero/"])
        && foreign::read(tag).is_none()
        && course(tag).is_none()
}

/// Says what was not looked at, and why.
fn notes(run: &Run, evidence: &mut Evidence) {
    for file in run.files() {
        let name = file.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        if file.refused {
            evidence.note(format!("{name} could not be read to its end: see the problems"));
        } else if file.bytes == 0 {
            evidence.note(format!("{name} is empty"));
        } else if file.state == FileState::Unfinished {
            evidence.note(format!("{name} ends inside a record: it is still being written, or its writer was stopped"));
        }
        if file.skipped > 0 {
            evidence
                .note(format!("{} of {} bytes of {name} are damaged and were passed over", file.skipped, file.bytes));
        }
    }
    let strange: Vec<_> =
        run.series().iter().map(|series| Arc::<str>::from(series.name())).filter(|tag| is_strange(tag)).collect();
    if let [first, ..] = &strange[..] {
        let last = strange.last().filter(|last| *last != first).map_or(String::new(), |last| format!(", {last}"));
        let some = match strange.len() {
            1 => "one of its tags may tell of a layer, but its name is not understood".to_owned(),
            count => format!("{count} of its tags may tell of layers, but their names are not understood"),
        };
        evidence.note(format!("{some}: {first}{last}; say `grad/NAME` or `NAME.weight`"));
    }
    let listed = |tags: &[Arc<str>]| {
        let names: Vec<&str> = tags.iter().take(4).map(|tag| &**tag).collect();
        names.join(", ") + if tags.len() > names.len() { ", ..." } else { "" }
    };
    if evidence.steps().is_none() {
        let tags: Vec<_> = run.series().iter().map(|series| series.tag().clone()).collect();
        evidence.note(match tags.len() {
            0 => "there are no values in its files".to_owned(),
            1 => format!("its only tag tells nothing of training: {}", listed(&tags)),
            count => format!("none of its {count} tags tells of training: {}", listed(&tags)),
        });
    } else if evidence.layers().is_empty() && strange.is_empty() {
        let histograms = run.series().into_iter().filter(|series| series.kind() == SeriesKind::Histogram);
        let tags: Vec<_> = histograms.map(|series| series.tag().clone()).collect();
        if !tags.is_empty() {
            let none = match tags.len() {
                1 => "its only histogram is not known to tell of a layer".to_owned(),
                count => format!("none of its {count} histograms is known to tell of a layer"),
            };
            evidence.note(format!("{none}: {}; say `grad/NAME` or `NAME.weight`", listed(&tags)));
        }
    }
}

#[cfg(test)]
mod tests {
    use headwater_events::{Bucket, Writer};
    use headwater_probe::measures::{self, Definition, Subject};
    use headwater_probe::{Measure, tags};

    use super::*;

    #[test]
    fn of_many_values_some_are_looked_at_and_both_ends_always() {
        assert_eq!(spread(5, 10).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(spread(1001, 3).collect::<Vec<_>>(), [0, 500, 1000]);
        assert_eq!(spread(1, 3).collect::<Vec<_>>(), [0]);
        assert_eq!(spread(0, 3).count(), 0);
    }

    #[test]
    fn a_single_nan_among_many_numbers_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        for step in 0..10_000 {
            writer.scalar(step, "loss", if step == 4321 { f32::NAN } else { 1.0 }).unwrap();
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        assert_eq!(evidence.loss.first_not_finite().map(|(step, _)| step), Some(4321));
        assert!(evidence.loss.len() <= NUMBERS + 1);
    }

    #[test]
    fn histograms_whose_names_say_nothing_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        for step in 0..3 {
            writer.scalar(step, "loss", 1.0).unwrap();
            for tag in ["alpha", "omega"] {
                writer.histogram(step, tag, &[Bucket { left: 0.0, right: 1.0, count: 3.0 }]).unwrap();
            }
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        let named = |note: &String| note.contains("none of its 2 histograms") && note.contains("alpha, omega");
        assert!(evidence.notes().iter().any(named), "{:?}", evidence.notes());
    }

    #[test]
    fn kerass_validation_run_is_held_against_its_training_run() {
        let folder = tempfile::tempdir().unwrap();
        for (run, loss) in [("a/train", 1.0), ("a/validation", 2.0)] {
            let mut writer = Writer::create(&folder.path().join(run)).unwrap();
            writer.scalar(0, "epoch_loss", loss).unwrap();
            writer.close().unwrap();
        }
        let store = Store::open(folder.path());
        store.load();
        let found: Vec<_> = store.runs().iter().filter_map(|run| evidence(&store, run)).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].loss.at(0), found[0].validation_loss.at(0)), (Some(1.0), Some(2.0)));
    }

    #[test]
    fn of_a_folder_that_was_trained_into_twice_the_second_training_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        for (first, last, loss) in [(0, 300, 9.0), (0, 100, 1.0), (80, 120, 2.0)] {
            let mut writer = Writer::create(&folder.path().join("run")).unwrap();
            for step in first..last {
                writer.scalar(step, "loss", loss).unwrap();
            }
            writer.close().unwrap();
        }
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        let loss = &evidence.loss;
        assert_eq!((loss.len(), loss.at(79), loss.at(80), loss.last()), (120, Some(1.0), Some(2.0), Some((119, 2.0))));
        assert!(evidence.notes()[0].contains("anew at step 0"), "{:?}", evidence.notes());
    }

    #[test]
    fn two_writers_at_once_are_no_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        for step in 0..100 {
            writer.scalar(step ^ 1, "loss", 1.0).unwrap();
        }
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        assert_eq!((evidence.loss.len(), evidence.notes().len()), (100, 0));
    }

    #[test]
    fn a_damaged_tail_an_empty_file_and_nothing_of_use_are_said() {
        let folder = tempfile::tempdir().unwrap();
        for (run, tag) in [("torn", "loss"), ("other", "reward"), ("empty", "")] {
            let mut writer = Writer::create(&folder.path().join(run)).unwrap();
            (0..9).filter(|_| !tag.is_empty()).for_each(|step| writer.scalar(step, tag, 1.0).unwrap());
            writer.close().unwrap();
        }
        let mut writer = Writer::create(&folder.path().join("strange")).unwrap();
        for layer in 0..3 {
            (0..9).for_each(|step| writer.scalar(step, &format!("g_layer_{layer}_x"), 1.0).unwrap());
            (0..9).for_each(|step| writer.scalar(step, "loss", 1.0).unwrap());
        }
        writer.close().unwrap();
        let file = |run: &str| std::fs::read_dir(folder.path().join(run)).unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(file("torn")).unwrap();
        std::fs::write(file("torn"), &bytes[..bytes.len() - 7]).unwrap();
        std::fs::write(file("empty"), b"").unwrap();
        let store = Store::open(folder.path());
        store.load();
        let said = |run: &str| evidence(&store, &store.run(run).unwrap()).unwrap().notes().join("; ");
        assert!(said("torn").contains("ends inside a record"), "{}", said("torn"));
        assert!(said("other").contains("its only tag tells nothing of training: reward"), "{}", said("other"));
        let strange = "3 of its tags may tell of layers, but their names are not understood: g_layer_0_x, g_layer_2_x";
        assert!(said("strange").contains(strange), "{}", said("strange"));
        assert!(store.run("empty").is_none() || said("empty").contains("is empty"), "{}", said("empty"));
    }

    #[test]
    fn none_of_our_own_tags_is_strange() {
        let tag = |own: &Definition| match own.of {
            Subject::Run => own.path.to_string(),
            Subject::Layer => own.tag_of("layer1"),
        };
        let mut own: Vec<String> = measures::all().iter().map(tag).collect();
        own.push(tags::FIRST_LAYER_WEIGHTS.to_owned());
        assert_eq!(own.iter().filter(|tag| is_strange(tag)).collect::<Vec<_>>(), [""; 0]);
        assert!(is_strange("g_layer_0_x"));
    }

    #[test]
    fn histograms_give_sizes_and_those_of_weights_how_far_they_moved() {
        let bucket = |left, right| Bucket { left, right, count: 100.0 };
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        writer.histogram(0, "fc1.weight", &[bucket(-1.0, 1.0)]).unwrap();
        writer.histogram(10, "fc1.weight", &[bucket(-1.1, 1.1)]).unwrap();
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        let moved = evidence.series(0, Measure::UpdateRatio).unwrap().at(0).unwrap();
        // The spread grew by a tenth.
        assert!((moved - 0.1 / 1.1 / 10.0).abs() < 1e-3, "{moved}");
    }
}
