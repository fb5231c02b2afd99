//! Rows: what is written under the same tags step after step. The caller hands over numbers; who writes makes records of them.

use std::sync::{Arc, Mutex, MutexGuard};

use headwater_threads::Unpoisoned as _;

use prost::Message as _;

use crate::{
    log::{Failure, Log, Sink},
    proto::{Event, Summary, What},
    summary::{
        self, Kind,
        histogram::{self, Bucket},
        scalars::Records,
    },
    worker::FLUSH_ABOVE,
};

/// Bytes of the numbers of a block, at which it is full.
const FULL: usize = 1 << 16;

/// The tags of numbers that are written together; see [`Writer::scalar_row`](crate::Writer::scalar_row).
#[derive(Debug, Clone)]
pub struct ScalarRow(pub(crate) Tags);

/// The tags of histograms that are written together; see [`Writer::histogram_row`](crate::Writer::histogram_row).
#[derive(Debug, Clone)]
pub struct HistogramRow(pub(crate) Tags);

/// The tags of a row, of which there is at least one.
pub(crate) type Tags = Arc<[String]>;

/// A number for each tag, or none.
type Numbers = [Option<f32>];

/// Rows of scalars on their way to the thread: it has the block since its first row, and closes it when it needs to write.
pub(crate) struct Block {
    tags: Tags,
    /// None once closed.
    steps: Mutex<Option<Steps>>,
}

/// Some steps' rows.
pub(crate) struct Steps {
    tags: Tags,
    /// Wall time and step of each.
    stamps: Vec<(f64, i64)>,
    /// `[steps, tags]`.
    numbers: Vec<Option<f32>>,
}

impl Block {
    /// A block with one row.
    pub(crate) fn new(tags: &Tags, stamp: (f64, i64), numbers: &Numbers) -> Self {
        let mut steps =
            Steps { tags: Arc::clone(tags), stamps: Vec::new(), numbers: Vec::with_capacity(Self::room(tags)) };
        steps.push(stamp, numbers);
        Self { tags: Arc::clone(tags), steps: Mutex::new(Some(steps)) }
    }

    /// How many numbers there is room for, in whole rows.
    fn room(tags: &Tags) -> usize {
        (FULL / size_of::<Option<f32>>() / tags.len()).max(1) * tags.len()
    }

    /// Bytes that the block takes.
    pub(crate) fn bytes(&self) -> usize {
        Self::room(&self.tags) * size_of::<Option<f32>>()
    }

    /// Adds a row if it is one of these tags, and the block neither full nor closed.
    pub(crate) fn add(&self, tags: &Tags, stamp: (f64, i64), numbers: &Numbers) -> bool {
        if !Arc::ptr_eq(tags, &self.tags) {
            return false;
        }
        match &mut *self.lock() {
            Some(steps) if steps.numbers.len() < Self::room(tags) => {
                steps.push(stamp, numbers);
                true
            }
            _ => false,
        }
    }

    /// What is in it, unless it was closed before; nothing is added from now on.
    pub(crate) fn close(&self) -> Option<Steps> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Steps>> {
        self.steps.lock().unpoisoned()
    }
}

impl Steps {
    /// One row.
    pub(crate) fn one(tags: &Tags, stamp: (f64, i64), numbers: &Numbers) -> Self {
        Self { tags: Arc::clone(tags), stamps: vec![stamp], numbers: numbers.to_vec() }
    }

    fn push(&mut self, stamp: (f64, i64), numbers: &Numbers) {
        self.stamps.push(stamp);
        self.numbers.extend_from_slice(numbers);
    }
}

/// The histograms of a step, of which the buckets are still to be made.
pub(crate) struct Histograms {
    pub(crate) tags: Tags,
    /// Wall time and step.
    pub(crate) stamp: (f64, i64),
    /// Makes the buckets of the tag at an index. Returns None if no more are wanted.
    pub(crate) buckets: Box<dyn FnMut(usize) -> Option<Vec<Bucket>> + Send>,
    /// Bytes that are kept until they are made.
    pub(crate) bytes: usize,
}

/// Makes records of rows.
#[derive(Default)]
pub(crate) struct Encoder {
    scalars: Vec<(Tags, Records)>,
    /// Rows of histograms that were written before.
    histograms: Vec<Tags>,
}

impl Encoder {
    /// Appends records to `log`, and writes them if they are many.
    ///
    /// # Errors
    ///
    /// Those of [`Log::flush`].
    pub(crate) fn rows<S: Sink>(&mut self, steps: &Steps, log: &mut Log<S>) -> Result<(), Failure> {
        let tags = &steps.tags;
        let known = self.scalars.iter().position(|(known, _)| Arc::ptr_eq(known, tags));
        let index = known.unwrap_or(self.scalars.len());
        if known.is_none() {
            self.scalars.push((Arc::clone(tags), Records::new(tags.len())));
        }
        let records = &mut self.scalars[index].1;
        for (stamp, numbers) in steps.stamps.iter().zip(steps.numbers.chunks_exact(tags.len())) {
            log.append_with(|buffer| records.append(tags, *stamp, numbers, buffer));
            log.flush_above(FLUSH_ABOVE)?;
        }
        Ok(())
    }

    /// The same for histograms, each of which is a record.
    pub(crate) fn histograms<S: Sink>(&mut self, histograms: Histograms, log: &mut Log<S>) -> Result<(), Failure> {
        let Histograms { tags, stamp: (wall_time, step), mut buckets, .. } = histograms;
        let is_first = !self.histograms.iter().any(|known| Arc::ptr_eq(known, &tags));
        for (place, tag) in tags.iter().enumerate() {
            let Some(buckets) = buckets(place) else { break };
            let tensor = histogram::tensor(&buckets);
            let value = summary::value(Kind::Histogram, tag, tensor, is_first.then(Vec::new));
            let what = Some(What::Summary(Summary { value: vec![value] }));
            let event = Event { wall_time, step, what, source_metadata: None };
            log.append_with(|buffer| {
                // It cannot fail: a vector has room for anything.
                let _ = event.encode(buffer);
            });
            log.flush_above(FLUSH_ABOVE)?;
        }
        if is_first {
            self.histograms.push(tags);
        }
        Ok(())
    }
}
