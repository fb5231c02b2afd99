//! Where event files lie: the seam between the store and a file system or an object store.

use std::{ffi::OsString, fmt, io, path::Path, path::PathBuf, sync::Arc, time::SystemTime};

use super::source::Source;

/// A place where event files lie: the disk, an object store.
///
/// Paths begin with the path that a [`crate::Store`] is opened with; how a storage reads them is its own matter
/// (`s3://bucket/runs/a` is a path, too). Names of files and folders follow it behind the separator of paths.
///
/// The store lists all folders at every look, and asks for the stat of an entry only if the listing has none. Files are
/// read in large pieces, at most one at a time on each thread. An error does not end anything: what could not be read is a
/// problem of the store, and is tried again at the next look. [`io::ErrorKind::NotFound`] says that something is gone.
pub trait Storage: fmt::Debug + Send + Sync {
    /// What is in a folder, in any order.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    fn list(&self, folder: &Path) -> io::Result<Listing>;

    /// What stands under a path now. Links are followed.
    ///
    /// # Errors
    /// If there is nothing, or the storage does not say.
    fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// A file, to be read.
    ///
    /// # Errors
    /// If it cannot be opened.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>>;

    /// Whether the operating system tells of changes in it. Where it does not, the store looks again and again.
    fn is_watchable(&self) -> bool {
        false
    }
}

/// An open file of a storage.
pub trait StoredFile: fmt::Debug + Send + Sync {
    /// Reads at most as many bytes as fit, from `offset` on, and returns how many. None beyond the end.
    ///
    /// # Errors
    /// The storage's. [`io::ErrorKind::Interrupted`] is tried again at once.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// What the storage says of it now.
    ///
    /// # Errors
    /// If it does not say.
    fn stat(&self) -> io::Result<Stat>;
}

impl Source for dyn StoredFile {
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_at(buffer, offset)
    }
}

/// What is in a folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files, folders and links.
    pub entries: Vec<Entry>,
    /// What could not be listed, and why.
    pub refused: Vec<(PathBuf, io::Error)>,
}

/// Something in a folder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name in the folder.
    pub name: OsString,
    /// What it is.
    pub kind: EntryKind,
    /// Its stat, if the listing tells it at no cost. That of a link is of what it leads to.
    pub stat: Option<Stat>,
}

/// What an entry or a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link to either. No path of which the links were followed is one.
    Link,
    /// A pipe, a device.
    Other,
}

/// What a storage says of a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: EntryKind,
    /// What tells it from others, whatever they are called: device and inode. None if the storage has no such thing. A file
    /// that was replaced under its name is noticed by its identity, and without one by its size and its bytes.
    pub identity: Option<(u64, u64)>,
    /// Bytes.
    pub size: u64,
    /// When it was last written to.
    pub modified: Option<SystemTime>,
}
