//! From a log directory to evidence.
//!
//! Memory is bounded: of each series a limited number of values is looked at, evenly spread and with both ends. All of
//! a loss is looked at for numbers that are not finite.

use headwater_events::{Bucket, Datum, Run, Series as Recorded, SeriesKind, Store};
use headwater_probe::foreign::{self, Measure, Place};
use headwater_probe::tags::{self, Quantity, Statistic};

use crate::names::course;
use crate::{Evidence, Series};

/// Most numbers of a series that are looked at.
const NUMBERS: usize = 2048;
/// Most histograms of a series, which must be read from their file.
const HISTOGRAMS: usize = 32;
/// Points that are looked through at a time.
const BLOCK: usize = 4096;

/// What the records of a run in `store` tell. Of a run `validation` beside a run `train`, as Keras makes them, the loss
/// and the accuracy are those on held-out data of the other; it has no evidence of its own.
pub fn evidence(store: &Store, run: &Run) -> Option<Evidence> {
    let (parent, name) = run.name().rsplit_once('/').map_or(("", &**run.name()), |(parent, name)| (parent, name));
    let beside =
        |other: &str| store.run(&if parent.is_empty() { other.to_owned() } else { format!("{parent}/{other}") });
    if name == "validation" && beside("train").is_some() {
        return None;
    }
    let mut evidence = Evidence::new(run.name());
    for series in run.series() {
        add(&mut evidence, &series);
    }
    if let Some(validation) = (name == "train").then(|| beside("validation")).flatten() {
        for series in validation.series() {
            if course(series.tag()).is_some() {
                evidence.add(&format!("validation/{}", series.tag()), numbers(&series));
            }
        }
    }
    Some(evidence)
}

fn add(evidence: &mut Evidence, series: &Recorded) {
    let tag = &**series.tag();
    match series.kind() {
        SeriesKind::Scalar => {
            evidence.add(tag, numbers(series));
        }
        SeriesKind::Histogram => {
            if let Some(place) = foreign::read(tag) {
                histograms(evidence, series, &place);
            }
        }
        SeriesKind::Text if tag == tags::CONFIG => {
            let last = series.len().saturating_sub(1);
            if let Some(Ok(Datum::Text(text))) = series.read(last..last + 1).pop().map(|sample| sample.datum) {
                evidence.configure(text.texts.first().map_or("", String::as_str));
            }
        }
        _ => {}
    }
}

/// Indices of at most `most` of `len` values: evenly spread, the first and the last among them.
fn spread(len: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = len.min(most);
    (0..count).map(move |i| if count < 2 { i } else { i * (len - 1) / (count - 1) })
}

/// Numbers of a series; the first that is not finite is always among them.
fn numbers(series: &Recorded) -> Vec<(i64, f64)> {
    let len = series.len();
    let mut wanted = spread(len, NUMBERS).peekable();
    let (mut points, mut finite) = (Vec::new(), true);
    for start in (0..len).step_by(BLOCK) {
        for (index, point) in (start..).zip(series.points(start..start + BLOCK)) {
            let first_bad = finite && !point.value.is_finite();
            finite &= point.value.is_finite();
            if wanted.next_if_eq(&index).is_some() || first_bad {
                points.push((point.step, point.value));
            }
        }
    }
    points
}

/// Adds the sizes of what histograms hold; of weights also how far consecutive histograms lie apart.
fn histograms(evidence: &mut Evidence, series: &Recorded, place: &Place) {
    let Measure::Whole(quantity) = place.measure else { return };
    let rms = Measure::Statistic(quantity, Statistic::Rms);
    // Our own records have the numbers as scalars.
    let own = series.tag().starts_with(&format!("{quantity}/layer"));
    if own {
        return;
    }
    let mut sizes = Series::default();
    let mut moved = Series::default();
    let mut before: Option<(i64, Vec<f64>)> = None;
    for index in spread(series.len(), HISTOGRAMS) {
        let Some(sample) = series.read(index..index + 1).pop() else { continue };
        let Ok(Datum::Histogram(histogram)) = sample.datum else { continue };
        let Some(size) = root_mean_square(&histogram.buckets) else { continue };
        sizes.extend([(sample.step, size)]);
        if quantity == Quantity::Weight {
            let now = quantiles(&histogram.buckets);
            // Weights may trade places without changing their distribution, so this is the least that they moved.
            if let Some((step, before)) = &before
                && sample.step > *step
                && size > 0.0
            {
                let square: f64 = now.iter().zip(before).map(|(now, before)| (now - before).powi(2)).sum();
                let distance = (square / now.len() as f64).sqrt() / size / (sample.step - step) as f64;
                moved.extend([(*step, distance)]);
            }
            before = Some((sample.step, now));
        }
    }
    let layer = &place.layer;
    evidence.add_at(Place { measure: rms, layer: layer.clone() }, sizes.iter());
    if !moved.is_empty() {
        evidence.add_at(Place { measure: Measure::UpdateRatio, layer: layer.clone() }, moved.iter());
    }
}

/// Of values spread evenly within each bucket.
fn root_mean_square(buckets: &[Bucket]) -> Option<f64> {
    let count: f64 = buckets.iter().map(|bucket| bucket.count).sum();
    let square = |Bucket { left, right, count }: &Bucket| match count {
        0.0 => 0.0,
        count => count * (left * left + left * right + right * right) / 3.0,
    };
    (count > 0.0).then(|| (buckets.iter().map(square).sum::<f64>() / count).sqrt())
}

/// 64 quantiles of values spread evenly within each bucket.
fn quantiles(buckets: &[Bucket]) -> Vec<f64> {
    let count: f64 = buckets.iter().map(|bucket| bucket.count).sum();
    let (mut below, mut index) = (0.0, 0);
    let quantile = |i: i32| {
        let rank = count * (f64::from(i) + 0.5) / 64.0;
        while index + 1 < buckets.len() && below + buckets[index].count < rank {
            below += buckets[index].count;
            index += 1;
        }
        let Bucket { left, right, count } = buckets[index];
        left + (right - left) * ((rank - below) / count.max(1.0)).clamp(0.0, 1.0)
    };
    (0..64).map(quantile).collect()
}

#[cfg(test)]
mod tests {
    use headwater_events::Writer;

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
    fn histograms_give_sizes_and_those_of_weights_how_far_they_moved() {
        let bucket = |left, right| Bucket { left, right, count: 100.0 };
        assert!((root_mean_square(&[bucket(-3.0, 3.0)]).unwrap() - 3.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(root_mean_square(&[]), None);
        let quantiles = quantiles(&[bucket(0.0, 1.0), bucket(1.0, 2.0)]);
        assert!((quantiles[0] - 1.0 / 64.0).abs() < 1e-12 && quantiles.is_sorted(), "{quantiles:?}");
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("run")).unwrap();
        writer.histogram(0, "fc1.weight", &[bucket(-1.0, 1.0)]).unwrap();
        writer.histogram(10, "fc1.weight", &[bucket(-1.1, 1.1)]).unwrap();
        writer.close().unwrap();
        let store = Store::open(folder.path());
        store.load();
        let evidence = evidence(&store, &store.run("run").unwrap()).unwrap();
        let moved = evidence.series(0, Measure::UpdateRatio).unwrap().at(0).unwrap();
        assert!((moved - 0.1 / 1.1 / 10.0).abs() < 1e-3, "{moved}");
    }
}
