//! Going back to a file for a value that was left there.

use std::{io, path::Path, sync::Arc};

use super::{
    datum::{Datum, DatumError},
    event,
    files::Files,
    kind::SeriesKind,
    places::Place,
    source::{Source, read_exact},
    storage::StoredFile,
};
use crate::record::{self, FOOTER, Frame, HEADER};

/// Why a value could not be read, though it was there when its file was first read.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The storage refused.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: Arc<Path>,
        /// What it said.
        source: io::Error,
    },
    /// The record is not there any more.
    #[error("{}, offset {offset}: the record that stood here is gone or damaged; load the run again", path.display())]
    Gone {
        /// The file.
        path: Arc<Path>,
        /// Where the record began.
        offset: u64,
    },
    /// The value is not what its series consists of.
    #[error("{}, offset {offset}: {source}", path.display())]
    Datum {
        /// The file.
        path: Arc<Path>,
        /// Where the record begins.
        offset: u64,
        /// What is wrong with it.
        source: DatumError,
    },
}

/// Reads values of one run; keeps the file of the last one open.
pub(crate) struct Fetcher<'a> {
    files: &'a Files,
    open: Option<(u32, Arc<Path>, Arc<dyn StoredFile>)>,
    record: Vec<u8>,
}

impl<'a> Fetcher<'a> {
    pub(crate) fn new(files: &'a Files) -> Self {
        Fetcher { files, open: None, record: Vec::new() }
    }

    /// Reads the value at a place.
    pub(crate) fn fetch(&mut self, place: Place, kind: SeriesKind) -> Result<Datum, FetchError> {
        if self.open.as_ref().is_none_or(|(file, ..)| *file != place.file) {
            let path = self.files.path(place.file);
            let file = self.files.storage().open(&path);
            let file = file.map_err(|source| FetchError::Unreadable { path: Arc::clone(&path), source })?;
            self.open = Some((place.file, path, file));
        }
        let Some((_, path, file)) = &self.open else { unreachable!("opened above") };
        let gone = || FetchError::Gone { path: Arc::clone(path), offset: place.offset };
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::UnexpectedEof => gone(),
            _ => FetchError::Unreadable { path: Arc::clone(path), source },
        };
        let limit = file.stat().map_err(unreadable)?.size;
        read_record(&**file, place.offset, limit, &mut self.record).map_err(unreadable)?;
        let Frame::Whole(payload) = record::first(&self.record) else { return Err(gone()) };
        let mut found = None;
        let all = event::values(payload, |value| {
            if value.part == place.part {
                found = Some(Datum::read(value.form, kind));
            }
            Ok(())
        });
        let datum = |source| FetchError::Datum { path: Arc::clone(path), offset: place.offset, source };
        match (found, all) {
            (Some(found), _) => found.map_err(datum),
            (None, Err(malformed)) => Err(datum(malformed.into())),
            (None, Ok(_)) => Err(gone()),
        }
    }
}

/// Reads the record at `offset`; as much as the header says, but nothing beyond `limit`.
fn read_record(file: &(impl Source + ?Sized), offset: u64, limit: u64, record: &mut Vec<u8>) -> io::Result<()> {
    let eof = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut header = [0; HEADER];
    read_exact(file, &mut header, offset)?;
    let Some(length) = header.first_chunk() else { return Err(eof()) };
    let size = u64::from_le_bytes(*length).saturating_add((HEADER + FOOTER) as u64);
    if size > limit.saturating_sub(offset) {
        return Err(eof());
    }
    record.resize(usize::try_from(size).map_err(|_| eof())?, 0);
    read_exact(file, record, offset)
}
