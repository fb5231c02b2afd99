//! A series: the values of one tag in one run.

use std::{
    ops::{Range, RangeInclusive},
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use headwater_threads::Unpoisoned as _;

use super::{
    batch::{Stretch, TagBatch},
    column::{Column, voided},
    datum::Datum,
    event::META_GRAPH_TAG,
    fetch::{FetchError, Fetcher},
    files::Files,
    kind::SeriesKind,
    metadata::Metadata,
    number::Number,
    numbers::{Numbers, Point},
    old_names::plain,
    order::{self, Origin, Origins, Purge},
    pixels::{self, Pixel},
    places::{Place, Places},
};

/// A series of a run, as far as it has been read. Its values stand in one order, whether their files were watched while
/// they grew or read when they were whole:
///
/// - A session start (`SessionLog.START`) with a step voids the values of that step and above that stand before it in
///   its file, or in files whose names sort before. Void values are in no segment; see [`Series::void`].
/// - Files that overlap in wall time are written by workers at the same time: their values make one segment.
/// - A file that begins after the others ended at a lower step, or a step that falls within a file, means that training
///   went back: a new segment begins. What was recorded before from that step on is rewritten; see [`Series::standing`].
/// - Within a segment values stand by step, at the same step by wall time, and within a file as they stand in it.
///
/// So the last value is that of the highest step of the last segment. The series grows while it is held. When values come
/// that belong before others, or are void, the run gets a new series of the same tag with another generation, and this one
/// stays as it was; also when a file of its run is replaced or cut short.
#[derive(Debug)]
pub struct Series {
    run: Arc<str>,
    tag: Arc<str>,
    generation: u64,
    files: Arc<Files>,
    data: RwLock<Data>,
    /// Bytes of the tag that name it: all, or all but what old writers added.
    name: AtomicUsize,
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
    /// How many more values a session start has made void.
    pub void: usize,
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
    metadata: Option<Arc<Metadata>>,
    column: Column,
    origins: Origins,
    /// The latest wall time of all values, and of those of other files than the last one's.
    latest: f64,
    others: f64,
    /// The time of the last value.
    last: f64,
    /// Whether the values may not be in order.
    unsettled: bool,
    void: Option<Box<Column>>,
    wide: bool,
    bytes: u64,
    mixed: u64,
}

impl Series {
    /// A series whose first values are `batch`, without them.
    pub(crate) fn new(run: Arc<str>, generation: u64, files: Arc<Files>, batch: &TagBatch) -> Self {
        let column =
            if batch.number_first { Column::Numbers(Numbers::default()) } else { Column::Places(Places::default()) };
        let data = Data {
            kind: batch.kind.0,
            guess: batch.kind,
            metadata: None,
            column,
            origins: Origins::default(),
            latest: f64::NEG_INFINITY,
            others: f64::NEG_INFINITY,
            last: f64::NEG_INFINITY,
            unsettled: false,
            void: None,
            wide: false,
            bytes: 0,
            mixed: 0,
        };
        let (data, changed) = (RwLock::new(data), AtomicU64::new(0));
        let (tag, name) = (Arc::clone(&batch.tag), AtomicUsize::new(batch.tag.len()));
        Series { run, tag, generation, files, data, name, changed }
    }

    /// The run's name.
    pub fn run(&self) -> &Arc<str> {
        &self.run
    }

    /// The tag.
    pub fn tag(&self) -> &Arc<str> {
        &self.tag
    }

    /// The tag as it is shown: without what the summary operations of old writers put behind a name (`loss/scalar_summary`),
    /// unless the run has a tag of that name, too.
    pub fn name(&self) -> &str {
        self.tag.get(..self.name.load(Ordering::Relaxed)).unwrap_or(&self.tag)
    }

    /// Says whether the run has no other tag of the name that [`plain`] finds in this one.
    pub(crate) fn set_plain(&self, is_plain: bool) {
        let name = plain(&self.tag).filter(|_| is_plain).unwrap_or(&self.tag);
        self.name.store(name.len(), Ordering::Relaxed);
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
        let data = self.data.read().unpoisoned();
        let mut metadata = data.metadata.as_deref().cloned().unwrap_or_default();
        if metadata.display_name.is_empty() && self.name().len() < self.tag.len() {
            self.name().clone_into(&mut metadata.display_name);
        }
        SeriesInfo {
            kind: data.kind,
            metadata,
            count: data.column.len(),
            ends: data.column.ends(),
            void: data.void.as_ref().map_or(0, |void| void.len()),
            wide: data.wide,
            bytes: data.bytes,
            mixed: data.mixed,
        }
    }

    /// What it is.
    pub fn kind(&self) -> SeriesKind {
        self.data.read().unpoisoned().kind
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.data.read().unpoisoned().column.len()
    }

    /// Whether there are none: a series whose only values are of another kind.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The points whose indices are in `range`, as far as there are any, in the order of the series. None at all if the
    /// values are not numbers.
    pub fn points(&self, range: Range<usize>) -> Vec<Point> {
        match &self.data.read().unpoisoned().column {
            Column::Numbers(numbers) => numbers.points(range),
            Column::Places(_) => Vec::new(),
        }
    }

    /// A picture of the points whose steps are in `steps`, `columns` pixels wide. None at all if the values are not
    /// numbers.
    pub fn pixels(&self, steps: RangeInclusive<i64>, columns: u32) -> Vec<Pixel> {
        match &self.data.read().unpoisoned().column {
            Column::Numbers(numbers) => pixels::draw(numbers, steps, columns),
            Column::Places(_) => Vec::new(),
        }
    }

    /// The index ranges of segments: a new one begins wherever a step is smaller than the one before, because training
    /// went back. Only void values are in none.
    pub fn segments(&self) -> Vec<Range<usize>> {
        self.data.read().unpoisoned().column.segments()
    }

    /// Steps and wall times of the values whose indices are in `range`, without reading them.
    pub fn steps(&self, range: Range<usize>) -> Vec<(i64, f64)> {
        self.data.read().unpoisoned().column.steps(range)
    }

    /// The index ranges of the values that stand: those below the step at which any later segment begins. The others are
    /// rewritten, since training went back and recorded these steps anew.
    pub fn standing(&self) -> Vec<Range<usize>> {
        let data = self.data.read().unpoisoned();
        let step = |index: usize| data.column.steps(index..index + 1).first().map(|(step, _)| *step);
        let (mut first, mut standing) = (i64::MAX, Vec::new());
        let segments = data.column.segments();
        let last = segments.len().saturating_sub(1);
        for (place, segment) in segments.into_iter().enumerate().rev() {
            // Steps do not fall within a segment.
            let (mut low, mut high) =
                if place == last { (segment.end, segment.end) } else { (segment.start, segment.end) };
            while low < high {
                let middle = usize::midpoint(low, high);
                if step(middle).is_some_and(|step| step < first) { low = middle + 1 } else { high = middle }
            }
            first = first.min(step(segment.start).unwrap_or(first));
            standing.push(segment.start..low);
        }
        standing.retain(|range| !range.is_empty());
        standing.reverse();
        standing
    }

    /// Steps and wall times of the values that session starts have made void, by step and wall time.
    pub fn void(&self) -> Vec<(i64, f64)> {
        let data = self.data.read().unpoisoned();
        data.void.as_ref().map_or(Vec::new(), |void| void.steps(0..void.len()))
    }

    /// The numbers whose indices are in `range`, exactly as they were written; of the void ones if `void`.
    pub(crate) fn numbers(&self, range: Range<usize>, void: bool) -> Vec<(Point, Number)> {
        let data = self.data.read().unpoisoned();
        let column = if void { data.void.as_deref() } else { Some(&data.column) };
        let Some(Column::Numbers(numbers)) = column else { return Vec::new() };
        let mut integers = numbers.integers(range.clone()).iter().peekable();
        let number = |(index, point): (usize, Point)| {
            let integer = integers.next_if(|(place, _)| *place == index).map(|(_, integer)| Number::Integer(*integer));
            let narrow = || Number::Single(point.value as f32);
            (point, integer.unwrap_or_else(|| if data.wide { Number::Double(point.value) } else { narrow() }))
        };
        (range.start..).zip(numbers.points(range)).map(number).collect()
    }

    /// The values whose indices are in `range`, as far as there are any. Those that are not numbers are read from their
    /// files now.
    pub fn read(&self, range: Range<usize>) -> Vec<Sample> {
        self.samples(range, false)
    }

    /// The same of the void values if `void`.
    pub(crate) fn samples(&self, range: Range<usize>, void: bool) -> Vec<Sample> {
        let at = range.start;
        let (kind, places) = {
            let data = self.data.read().unpoisoned();
            let column = if void { data.void.as_deref() } else { Some(&data.column) };
            match column {
                None => return Vec::new(),
                Some(Column::Numbers(numbers)) => {
                    let sample = |(i, point): (usize, Point)| Sample {
                        index: at + i,
                        step: point.step,
                        wall_time: point.wall_time,
                        datum: Ok(Datum::Number(point.value)),
                    };
                    return numbers.points(range).into_iter().enumerate().map(sample).collect();
                }
                Some(Column::Places(places)) => (data.kind, places.places(range)),
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

    /// Adds values behind the others. `file`: which of the run's files they are from; `sessions`: how many it began
    /// before. Whether they belong there, as far as can be told without looking at the other values.
    pub(crate) fn extend(&self, batch: &TagBatch, file: u32, sessions: u32) -> bool {
        let mut data = self.data.write().unpoisoned();
        let data = &mut *data;
        if data.metadata.is_none()
            && let Some(metadata) = &batch.metadata
        {
            data.kind = kind(data.guess, &metadata.plugin, matches!(data.column, Column::Numbers(_)));
            data.metadata = Some(Arc::clone(metadata));
        } else if data.kind == SeriesKind::HParams && batch.metadata.is_some() {
            // A training that began anew in the same folder: the last session counts.
            data.metadata.clone_from(&batch.metadata);
        }
        data.bytes += batch.bytes_in_file;
        data.wide |= batch.wide;
        let before = data.column.len();
        let is_number = matches!(data.column, Column::Numbers(_));
        // The earliest, the latest and the last.
        let times = |known: (f64, f64, f64), at: f64| {
            let at = order::time(at);
            (known.0.min(at), known.1.max(at), at)
        };
        let none = (f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        let (count, (earliest, latest, last)) = match &mut data.column {
            Column::Numbers(numbers) => {
                numbers.extend(&batch.points, &batch.integers);
                data.mixed += batch.places.len() as u64;
                (batch.points.len(), batch.points.iter().map(|point| point.wall_time).fold(none, times))
            }
            Column::Places(places) => {
                places.extend(batch.places.iter().map(|place| Place { file, ..*place }));
                data.mixed += batch.points.len() as u64;
                (batch.places.len(), batch.places.iter().map(|place| place.wall_time).fold(none, times))
            }
        };
        if count == 0 {
            return true;
        }
        if before > 0 && data.origins.last().file != file {
            // After all others, and in a file that none of them is in: anything else may belong between them.
            data.unsettled |= earliest <= data.latest || data.origins.include(file);
            data.others = data.latest;
        } else {
            // A strand that has not outlived those of other files may come to overlap them as it grows.
            data.unsettled |= earliest < data.others || before > 0 && data.last <= data.others;
        }
        data.latest = data.latest.max(latest);
        data.last = last;
        let whole = Stretch { session: 0, points: 0, places: 0 };
        for stretch in std::iter::once(&whole).chain(&batch.stretches) {
            let at = if is_number { stretch.points } else { stretch.places };
            data.origins.begin(before + at, Origin { file, session: sessions.saturating_add(stretch.session) });
        }
        !data.unsettled
    }

    /// Says that the values may not be in order.
    pub(crate) fn unsettle(&self) {
        self.data.write().unpoisoned().unsettled = true;
    }

    /// A series with the same values in order, and without those that are void. None if this one is in order. `all`: it
    /// may have values that are void by now.
    pub(crate) fn settled(&self, purge: &Purge, all: bool, generation: u64) -> Option<Series> {
        let (arrangement, stamps) = {
            let data = self.data.read().unpoisoned();
            if !data.unsettled && !all {
                return None;
            }
            // All at once: where workers take turns, each stretch is short.
            let steps = data.column.steps(0..data.column.len());
            let mut stamps: Vec<(i64, f64, Origin)> = Vec::with_capacity(steps.len());
            for (range, origin) in data.origins.stretches(steps.len()) {
                stamps.extend(steps[range].iter().map(|&(step, wall_time)| (step, wall_time, origin)));
            }
            // Graphs and profiles are not of a step, as `TensorBoard` takes them.
            let has_steps = !matches!(data.kind, SeriesKind::Graph | SeriesKind::RunMetadata)
                && self.tag.as_bytes() != META_GRAPH_TAG;
            (order::arrange(&stamps, purge, has_steps), stamps)
        };
        if arrangement.is_identity() {
            self.data.write().unpoisoned().unsettled = false;
            return None;
        }
        let data = self.data.read().unpoisoned();
        let mut column = data.column.like();
        column.take(&data.column, &arrangement.current);
        let mut origins = Origins::default();
        for (place, &index) in arrangement.current.iter().enumerate() {
            origins.begin(place, stamps[index].2);
        }
        let last = origins.last().file;
        let (mut latest, mut others, mut last_time) = (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for &(_, wall_time, origin) in arrangement.current.iter().map(|&index| &stamps[index]) {
            last_time = order::time(wall_time);
            latest = last_time.max(latest);
            if origin.file != last {
                others = order::time(wall_time).max(others);
            }
        }
        let void = voided(data.void.as_deref(), &data.column, &arrangement.void).map(Box::new);
        let data = Data {
            kind: data.kind,
            guess: data.guess,
            metadata: data.metadata.clone(),
            column,
            origins,
            latest,
            others,
            last: last_time,
            unsettled: false,
            void,
            wide: data.wide,
            bytes: data.bytes,
            mixed: data.mixed,
        };
        let (run, tag, files) = (Arc::clone(&self.run), Arc::clone(&self.tag), Arc::clone(&self.files));
        let name = AtomicUsize::new(self.name.load(Ordering::Relaxed));
        Some(Series { run, tag, generation, files, data: RwLock::new(data), name, changed: AtomicU64::new(0) })
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
