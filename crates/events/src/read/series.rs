//! A series: the values of one tag in one run.

use std::{
    ops::{Range, RangeInclusive},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    batch::TagBatch,
    datum::Datum,
    fetch::{FetchError, Fetcher},
    files::Files,
    kind::SeriesKind,
    metadata::Metadata,
    numbers::{Numbers, Point},
    pixels::{self, Pixel},
    places::{Place, Places},
};

/// A series of a run, as far as it has been read. It grows while it is held, but when a file of its run is replaced or
/// cut short, the run gets new series and this one stays as it was.
#[derive(Debug)]
pub struct Series {
    run: Arc<str>,
    tag: Arc<str>,
    generation: u64,
    files: Arc<Files>,
    data: RwLock<Data>,
    /// The store's clock when it last grew.
    changed: AtomicU64,
}

/// What is known of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesInfo {
    /// What it is.
    pub kind: SeriesKind,
    /// What its writer said of it: with the first value, or, of hyperparameters, with the last.
    pub metadata: Metadata,
    /// How many values there are.
    pub count: usize,
    /// Step of the first value and of the last.
    pub ends: Option<(i64, i64)>,
    /// Whether its numbers are of a type that an f32 does not hold.
    pub wide: bool,
    /// Bytes of the values in the files.
    pub bytes: u64,
    /// How many values are left out because they are of another kind than the first.
    pub mixed: u64,
}

/// A value that was read from its file.
#[derive(Debug)]
pub struct Sample {
    /// Index in the series.
    pub index: usize,
    /// Step.
    pub step: i64,
    /// Seconds since the Unix epoch.
    pub wall_time: f64,
    /// The value.
    pub datum: Result<Datum, FetchError>,
}

#[derive(Debug)]
struct Data {
    kind: SeriesKind,
    /// What it is taken for without metadata, and whether metadata may know better.
    guess: (SeriesKind, bool),
    metadata: Option<Metadata>,
    column: Column,
    wide: bool,
    bytes: u64,
    mixed: u64,
}

#[derive(Debug)]
enum Column {
    Numbers(Numbers),
    Places(Places),
}

impl Series {
    /// A series whose first values are `batch`, without them.
    pub(crate) fn new(run: Arc<str>, generation: u64, files: Arc<Files>, batch: &TagBatch) -> Self {
        let column =
            if batch.number_first { Column::Numbers(Numbers::default()) } else { Column::Places(Places::default()) };
        let data =
            Data { kind: batch.kind.0, guess: batch.kind, metadata: None, column, wide: false, bytes: 0, mixed: 0 };
        let (data, changed) = (RwLock::new(data), AtomicU64::new(0));
        Series { run, tag: Arc::clone(&batch.tag), generation, files, data, changed }
    }

    /// The run's name.
    pub fn run(&self) -> &Arc<str> {
        &self.run
    }

    /// The tag.
    pub fn tag(&self) -> &Arc<str> {
        &self.tag
    }

    /// Which reading of its run it belongs to: a number that grows when files that were read are replaced. Indices are
    /// good within one generation.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The version of the store in which it last grew.
    pub fn version(&self) -> u64 {
        self.changed.load(Ordering::Acquire)
    }

    pub(crate) fn set_version(&self, version: u64) {
        self.changed.store(version, Ordering::Release);
    }

    /// What is known of it.
    pub fn info(&self) -> SeriesInfo {
        let data = self.data.read().unwrap_or_else(PoisonError::into_inner);
        let (count, ends) = match &data.column {
            Column::Numbers(numbers) => (numbers.len(), numbers.ends()),
            Column::Places(places) => (places.len(), places.ends()),
        };
        SeriesInfo {
            kind: data.kind,
            metadata: data.metadata.clone().unwrap_or_default(),
            count,
            ends,
            wide: data.wide,
            bytes: data.bytes,
            mixed: data.mixed,
        }
    }

    /// What it is.
    pub fn kind(&self) -> SeriesKind {
        self.data.read().unwrap_or_else(PoisonError::into_inner).kind
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        match &self.data.read().unwrap_or_else(PoisonError::into_inner).column {
            Column::Numbers(numbers) => numbers.len(),
            Column::Places(places) => places.len(),
        }
    }

    /// Whether there are none: a series whose only values are of another kind.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The points whose indices are in `range`, as far as there are any, in the order in which they were found. None
    /// at all if the values are not numbers.
    pub fn points(&self, range: Range<usize>) -> Vec<Point> {
        match &self.data.read().unwrap_or_else(PoisonError::into_inner).column {
            Column::Numbers(numbers) => numbers.points(range),
            Column::Places(_) => Vec::new(),
        }
    }

    /// A picture of the points whose steps are in `steps`, `columns` pixels wide. None at all if the values are not
    /// numbers.
    pub fn pixels(&self, steps: RangeInclusive<i64>, columns: u32) -> Vec<Pixel> {
        match &self.data.read().unwrap_or_else(PoisonError::into_inner).column {
            Column::Numbers(numbers) => pixels::draw(numbers, steps, columns),
            Column::Places(_) => Vec::new(),
        }
    }

    /// The index ranges of segments: a new one begins wherever a step is smaller than the one before, because training
    /// was restarted or two writers wrote at once. Nothing is ever left out.
    pub fn segments(&self) -> Vec<Range<usize>> {
        let data = self.data.read().unwrap_or_else(PoisonError::into_inner);
        let (turns, len) = match &data.column {
            Column::Numbers(numbers) => (numbers.turns(), numbers.len()),
            Column::Places(places) => (places.turns(), places.len()),
        };
        let starts = std::iter::once(0).chain(turns.iter().copied());
        let ends = turns.iter().copied().chain(std::iter::once(len));
        starts.zip(ends).map(|(start, end)| start..end).filter(|segment| !segment.is_empty()).collect()
    }

    /// Steps and wall times of the values whose indices are in `range`, without reading them.
    pub fn steps(&self, range: Range<usize>) -> Vec<(i64, f64)> {
        match &self.data.read().unwrap_or_else(PoisonError::into_inner).column {
            Column::Numbers(numbers) => {
                numbers.points(range).iter().map(|point| (point.step, point.wall_time)).collect()
            }
            Column::Places(places) => places.places(range).iter().map(|place| (place.step, place.wall_time)).collect(),
        }
    }

    /// The values whose indices are in `range`, as far as there are any. Those that are not numbers are read from their
    /// files now.
    pub fn read(&self, range: Range<usize>) -> Vec<Sample> {
        let at = range.start;
        let (kind, places) = {
            let data = self.data.read().unwrap_or_else(PoisonError::into_inner);
            match &data.column {
                Column::Numbers(numbers) => {
                    let sample = |(i, point): (usize, Point)| Sample {
                        index: at + i,
                        step: point.step,
                        wall_time: point.wall_time,
                        datum: Ok(Datum::Number(point.value)),
                    };
                    return numbers.points(range).into_iter().enumerate().map(sample).collect();
                }
                Column::Places(places) => (data.kind, places.places(range)),
            }
        };
        let mut fetcher = Fetcher::new(&self.files);
        let sample = |(i, place): (usize, Place)| Sample {
            index: at + i,
            step: place.step,
            wall_time: place.wall_time,
            datum: fetcher.fetch(place, kind),
        };
        places.into_iter().enumerate().map(sample).collect()
    }

    /// Adds values behind the others. `file`: which of the run's files they are from.
    pub(crate) fn extend(&self, batch: &TagBatch, file: u32) {
        let mut data = self.data.write().unwrap_or_else(PoisonError::into_inner);
        let data = &mut *data;
        if data.metadata.is_none()
            && let Some(metadata) = &batch.metadata
        {
            data.kind = kind(data.guess, &metadata.plugin, matches!(data.column, Column::Numbers(_)));
            data.metadata = Some(metadata.clone());
        } else if data.kind == SeriesKind::HParams && batch.metadata.is_some() {
            // A training that began anew in the same folder: the last session counts.
            data.metadata.clone_from(&batch.metadata);
        }
        data.bytes += batch.bytes_in_file;
        data.wide |= batch.wide;
        match &mut data.column {
            Column::Numbers(numbers) => {
                numbers.extend(&batch.points);
                data.mixed += batch.places.len() as u64;
            }
            Column::Places(places) => {
                places.extend(batch.places.iter().map(|place| Place { file, ..*place }));
                data.mixed += batch.points.len() as u64;
            }
        }
    }
}

/// The kind of a series, given the plugin that claims it and whether its first value is a number.
pub(crate) fn kind((guess, may_change): (SeriesKind, bool), plugin: &str, is_number: bool) -> SeriesKind {
    if !may_change || plugin.is_empty() {
        return guess;
    }
    match SeriesKind::of_plugin(plugin) {
        // Scalars that are not single numbers.
        SeriesKind::Scalar if !is_number => SeriesKind::Other,
        kind => kind,
    }
}
