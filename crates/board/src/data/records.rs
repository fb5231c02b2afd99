//! The records of a series of histograms, which a request goes through twice.

use headwater_events::{Datum, Histogram, Series};

use crate::{error::ApiError, work::Wanted};

/// How many records are read together.
const TOGETHER: usize = 64;
/// How many buckets are kept while a request is answered; the others are read twice.
const KEPT: usize = 1 << 19;

/// The records of a series, which are gone through twice.
pub(super) struct Records<'a> {
    series: &'a Series,
    total: usize,
    wanted: &'a Wanted,
    /// The first ones.
    kept: Vec<Option<Histogram>>,
}

impl<'a> Records<'a> {
    /// The first `total` of a series.
    pub(super) fn new(series: &'a Series, total: usize, wanted: &'a Wanted) -> Self {
        Records { series, total, wanted, kept: Vec::new() }
    }

    /// Calls `each` with every record and its index; None if it cannot be read.
    ///
    /// # Errors
    ///
    /// That of [`Wanted::check`].
    pub(super) fn each(&mut self, mut each: impl FnMut(usize, Option<&Histogram>)) -> Result<(), ApiError> {
        for (index, record) in self.kept.iter().enumerate() {
            self.wanted.check()?;
            each(index, record.as_ref());
        }
        let mut room = if self.kept.is_empty() { KEPT } else { 0 };
        let mut start = self.kept.len();
        while start < self.total {
            self.wanted.check()?;
            let end = self.total.min(start + TOGETHER);
            for sample in self.series.read(start..end) {
                let record = match sample.datum {
                    Ok(Datum::Histogram(histogram)) => Some(histogram),
                    _ => None,
                };
                each(sample.index, record.as_ref());
                // Without gaps: the rest begins where these end.
                let size = record.as_ref().map_or(0, |record| record.buckets.len());
                if size < room && self.kept.len() == sample.index {
                    room -= size;
                    self.kept.push(record);
                } else {
                    room = 0;
                }
            }
            start = end;
        }
        Ok(())
    }
}
