//! The local disk as a storage.

use std::{
    fs::{self, File, FileType, Metadata},
    io,
    path::Path,
    sync::Arc,
};

use super::{
    source::Source,
    storage::{Entry, EntryKind, Listing, Stat, Storage, StoredFile},
};

/// Whatever the operating system shows as files.
#[derive(Debug)]
pub(crate) struct Disk;

impl Storage for Disk {
    fn list(&self, folder: &Path) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for entry in fs::read_dir(folder)? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    listing.refused.push((folder.to_owned(), error));
                    break;
                }
            };
            match entry.file_type() {
                Ok(file_type) => {
                    listing.entries.push(Entry { name: entry.file_name(), kind: kind(file_type), stat: None });
                }
                Err(error) => listing.refused.push((entry.path(), error)),
            }
        }
        Ok(listing)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        fs::metadata(path).map(|metadata| stat(&metadata))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Ok(Arc::new(File::open(path)?))
    }

    fn is_watchable(&self) -> bool {
        true
    }
}

impl StoredFile for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_some(buffer, offset)
    }

    fn stat(&self) -> io::Result<Stat> {
        self.metadata().map(|metadata| stat(&metadata))
    }
}

fn kind(file_type: FileType) -> EntryKind {
    if file_type.is_symlink() {
        EntryKind::Link
    } else if file_type.is_dir() {
        EntryKind::Folder
    } else if file_type.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

fn stat(metadata: &Metadata) -> Stat {
    Stat {
        kind: kind(metadata.file_type()),
        identity: identity(metadata),
        size: metadata.len(),
        modified: metadata.modified().ok(),
    }
}

fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    };
    #[cfg(not(unix))]
    let identity = None;
    identity
}
