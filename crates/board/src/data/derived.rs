//! Numbers that were computed from histograms, kept so that a series that grows is not read again from its beginning.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use headwater_threads::Unpoisoned as _;

use headwater_events::{Datum, Series};

use super::buckets::Moment;
use crate::{error::ApiError, work::Wanted};

/// How many records' numbers are kept, in 16 bytes each. When there are more, all are forgotten.
const MOST: usize = 1 << 20;
/// How many histograms are read together: a record is a thousand times as large as what is kept of it.
const TOGETHER: usize = 64;

/// A run's name and a tag.
type Key = (Arc<str>, Arc<str>);

/// The moments of the records of series of histograms.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    known: Mutex<HashMap<Key, Known>>,
}

#[derive(Debug, Default)]
struct Known {
    generation: u64,
    /// Mean |x| and root mean square of each record; NaN if it cannot be read.
    moments: Vec<[f64; 2]>,
}

impl Derived {
    /// A moment of each of the first `count` records of a series; fewer if there are not as many.
    ///
    /// # Errors
    ///
    /// That of [`Wanted::check`].
    pub(crate) fn numbers(
        &self,
        series: &Series,
        count: usize,
        moment: Moment,
        wanted: &Wanted,
    ) -> Result<Vec<f64>, ApiError> {
        let key = (Arc::clone(series.run()), Arc::clone(series.tag()));
        // Taken out, and not locked while files are read: who asks for the same meanwhile computes it, too.
        let known = self.known.lock().unpoisoned().remove(&key);
        let mut known = known.filter(|known| known.generation == series.generation()).unwrap_or_default();
        known.generation = series.generation();
        let mut check = Ok(());
        while known.moments.len() < count {
            check = wanted.check();
            if check.is_err() {
                break;
            }
            let start = known.moments.len();
            let samples = series.read(start..count.min(start + TOGETHER));
            if samples.is_empty() {
                break;
            }
            known.moments.extend(samples.iter().map(|sample| match &sample.datum {
                Ok(Datum::Histogram(histogram)) => [Moment::MeanAbs, Moment::Rms].map(|moment| moment.of(histogram)),
                _ => [f64::NAN; 2],
            }));
        }
        let at = usize::from(moment == Moment::Rms);
        let numbers = known.moments.iter().take(count).map(|moments| moments[at]).collect();
        let mut all = self.known.lock().unpoisoned();
        if known.moments.len() + all.values().map(|known| known.moments.len()).sum::<usize>() > MOST {
            all.clear();
        }
        if known.moments.len() <= MOST {
            all.insert(key, known);
        }
        // What has been read is kept: whoever asks again goes on from there.
        check.map(|()| numbers)
    }
}

#[cfg(test)]
mod tests {
    use headwater_events::{Bucket, Store, Writer};

    use super::*;

    #[test]
    fn a_series_that_grows_is_not_read_again_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path()).unwrap();
        let path = writer.path().to_owned();
        let mut write = |step: i64| {
            let edge = step as f64;
            writer.histogram(step, "h", &[Bucket { left: edge, right: edge, count: 1.0 }]).unwrap();
            writer.flush().unwrap();
        };
        write(1);
        let store = Store::open(folder.path());
        store.load();
        let series = store.run(".").unwrap().get("h").unwrap();
        let derived = Derived::default();
        let wanted = Wanted::always();
        let numbers = |derived: &Derived, count, moment| derived.numbers(&series, count, moment, &wanted).unwrap();
        assert_eq!(numbers(&derived, 1, Moment::Rms), [1.0]);
        write(2);
        store.load();
        assert_eq!(numbers(&derived, 2, Moment::MeanAbs), [1.0, 2.0]);
        // What is known is not looked for in the file.
        std::fs::remove_file(path).unwrap();
        assert_eq!(numbers(&derived, 2, Moment::Rms), [1.0, 2.0]);
        assert!(numbers(&Derived::default(), 2, Moment::Rms).iter().all(|number| number.is_nan()));
    }

    #[test]
    fn another_generation_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let derived = Derived::default();
        for edge in [1.0, 2.0] {
            let mut writer = Writer::create(&folder.path().join("run")).unwrap();
            writer.histogram(0, "h", &[Bucket { left: edge, right: edge, count: 1.0 }]).unwrap();
            writer.close().unwrap();
            store.load();
            let series = store.run("run").unwrap().get("h").unwrap();
            assert_eq!(derived.numbers(&series, 5, Moment::Rms, &Wanted::always()).unwrap(), [edge]);
            std::fs::remove_dir_all(folder.path().join("run")).unwrap();
            store.load();
        }
    }
}
