//! The files of a run, and how far each has been read.

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use headwater_threads::Unpoisoned as _;

use super::{
    order::{Purge, Sessions},
    problem::{Flaw, Flaws, Problem},
    storage::Storage,
    walk::{Cursor, Tail},
};
use crate::file_name::by_age;

/// In which state the end of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It ends with a whole record.
    Whole,
    /// It ends inside a record that is being written, or whose writer was killed.
    Unfinished,
    /// It ends with bytes that are no record.
    Damaged,
}

/// How far a file has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The file.
    pub path: Arc<Path>,
    /// Its length in bytes, when it was last looked at.
    pub bytes: u64,
    /// How many of them have been read or passed over: where the next record begins.
    pub read: u64,
    /// Records that were read.
    pub records: u64,
    /// Bytes that were passed over because they are no good records.
    pub skipped: u64,
    /// Its end.
    pub state: FileState,
    /// Whether the storage would not give all of it at the last look.
    pub refused: bool,
}

/// The files of a run, in the order in which they were found. A file's index is what its values' places say.
#[derive(Debug)]
pub(crate) struct Files {
    storage: Arc<dyn Storage>,
    list: RwLock<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    path: Arc<Path>,
    cursor: Cursor,
    records: u64,
    sessions: Sessions,
    flaws: Flaws,
    /// What kept the last look from reaching the end.
    refused: Option<Box<Problem>>,
}

impl Files {
    /// None yet, of this storage.
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Files { storage, list: RwLock::default() }
    }

    /// Where they lie.
    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// Adds a file, of which nothing has been read; returns its index.
    pub(crate) fn add(&self, path: Arc<Path>) -> u32 {
        let mut list = self.list.write().unpoisoned();
        let entry = Entry {
            path,
            cursor: Cursor::default(),
            records: 0,
            sessions: Sessions::default(),
            flaws: Flaws::default(),
            refused: None,
        };
        // Very many runs have one file.
        if list.capacity() == 0 {
            list.reserve_exact(1);
        }
        list.push(entry);
        // Folders do not hold four billion files.
        (list.len() - 1) as u32
    }

    /// A file's path.
    pub(crate) fn path(&self, file: u32) -> Arc<Path> {
        Arc::clone(&self.list.read().unpoisoned()[file as usize].path)
    }

    /// How many sessions a file has begun, and whether sessions of any file may void values of this one.
    pub(crate) fn sessions(&self, file: u32) -> (u32, bool) {
        let list = self.list.read().unpoisoned();
        let own = &list[file as usize];
        let is_later =
            |other: &Entry| other.sessions.count() > 0 && by_age(other.path.file_name(), own.path.file_name()).is_gt();
        (own.sessions.count(), list.iter().any(is_later))
    }

    /// Notes the steps at which a file begins sessions.
    pub(crate) fn begin(&self, file: u32, steps: &[i64]) {
        let entry = &mut self.list.write().unpoisoned()[file as usize];
        for step in steps {
            entry.sessions.begin(*step);
        }
    }

    /// What the sessions void.
    pub(crate) fn purge(&self) -> Purge {
        let list = self.list.read().unpoisoned();
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_unstable_by(|&a, &b| by_age(list[a].path.file_name(), list[b].path.file_name()));
        let mut ranks = vec![0; list.len()];
        (0..).zip(order).for_each(|(rank, file)| ranks[file] = rank);
        Purge::new(ranks.into_iter().zip(list.iter()).map(|(rank, entry)| (rank, entry.sessions.clone())).collect())
    }

    /// Offsets of flaws in a file that may have been repaired. If the flaws span many bytes, each turn returns only
    /// some of them, so that checking them stays cheap.
    pub(crate) fn suspects(&self, file: u32, turn: usize) -> Vec<u64> {
        self.list.read().unpoisoned()[file as usize].flaws.suspects(turn)
    }

    /// Notes what was found in a part of a file.
    pub(crate) fn note(&self, file: u32, records: u64, flaws: &mut Vec<Flaw>) {
        let entry = &mut self.list.write().unpoisoned()[file as usize];
        entry.records += records;
        flaws.drain(..).for_each(|flaw| entry.flaws.add(flaw));
    }

    /// Notes how far a look at a file went. Whether there is a problem with reading it that there was not, or no more.
    pub(crate) fn note_end(&self, file: u32, cursor: Cursor, refused: Option<Problem>) -> bool {
        let entry = &mut self.list.write().unpoisoned()[file as usize];
        let is_news = entry.refused.is_some() != refused.is_some();
        entry.cursor = cursor;
        entry.refused = refused.map(Box::new);
        is_news
    }

    /// How far each has been read.
    pub(crate) fn reports(&self) -> Vec<FileReport> {
        let list = self.list.read().unpoisoned();
        list.iter().map(Entry::report).collect()
    }

    /// What was wrong with each.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let list = self.list.read().unpoisoned();
        list.iter().flat_map(Entry::problems).collect()
    }
}

impl Entry {
    /// Bytes at the end that are no record, and may never become one.
    fn lost(&self) -> Option<Flaw> {
        match &self.cursor.tail {
            Tail::Lost { defect, .. } => Some(Flaw {
                offset: self.cursor.at,
                skipped: self.cursor.limit - self.cursor.at,
                defect: defect.clone(),
            }),
            _ => None,
        }
    }

    fn report(&self) -> FileReport {
        let lost = self.lost().map_or(0, |flaw| flaw.skipped);
        FileReport {
            path: Arc::clone(&self.path),
            bytes: self.cursor.limit,
            read: self.cursor.at + lost,
            records: self.records,
            skipped: self.flaws.skipped() + lost,
            state: match self.cursor.tail {
                Tail::Clean => FileState::Whole,
                Tail::Unfinished { .. } => FileState::Unfinished,
                Tail::Lost { .. } => FileState::Damaged,
            },
            refused: self.refused.is_some(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let lost = self.lost().map(|flaw| Problem {
            path: Arc::clone(&self.path),
            offset: Some(flaw.offset),
            skipped: flaw.skipped,
            defect: flaw.defect,
        });
        self.flaws.problems(&self.path).chain(lost).chain(self.refused.as_deref().cloned()).collect()
    }
}
