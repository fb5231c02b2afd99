//! Reads files of unknown size. Files are read in blocks, so that reading can be interrupted, and memory is allocated
//! in a way that can fail.

use crate::DataError;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many bytes or elements are handled between two checks of the interrupt flag.
const BLOCK: usize = 1 << 20;
/// Size of the first block, in bytes.
const FIRST: usize = 1 << 14;

/// The context of loading a file or a dataset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loading<'a> {
    /// The path that messages name.
    pub(crate) path: &'a Path,
    /// Stops the loading once it is set.
    pub(crate) interrupt: &'a AtomicBool,
}

impl<'a> Loading<'a> {
    /// The same context for another file.
    pub(crate) fn of(self, path: &'a Path) -> Self {
        Self { path, ..self }
    }

    /// Returns [`DataError::Interrupted`] once the flag is set.
    pub(crate) fn check(self) -> Result<(), DataError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(DataError::Interrupted) } else { Ok(()) }
    }

    pub(crate) fn open(self) -> Result<File, DataError> {
        File::open(self.path).map_err(|reason| DataError::io(self.path, reason))
    }

    /// Reads the next `count` bytes, or fewer if the file ends first. `offset` is their position in the file, for
    /// messages. Memory grows with the bytes that are really there.
    pub(crate) fn read_up_to(self, mut file: impl Read, count: u64, offset: u64) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        loop {
            self.check()?;
            let wanted = (count - bytes.len() as u64).min(bytes.len().clamp(FIRST, BLOCK) as u64);
            // `read_to_end` aborts if it cannot allocate memory for what it reads, so reserve enough first.
            self.reserve(&mut bytes, wanted as usize)?;
            match file.by_ref().take(wanted).read_to_end(&mut bytes) {
                Ok(read) if read as u64 == wanted && wanted > 0 => {}
                Ok(_) => return Ok(bytes),
                Err(reason) => return Err(DataError::reading(self.path, offset + bytes.len() as u64, reason)),
            }
        }
    }

    /// Reserves space for `more` elements. The vector at least doubles when it grows.
    pub(crate) fn reserve<T>(self, values: &mut Vec<T>, more: usize) -> Result<(), DataError> {
        let size = (values.len() + more).saturating_mul(size_of::<T>());
        values.try_reserve(more).map_err(|_| DataError::memory(self.path, size))
    }

    /// An empty vector with space for `count` elements.
    pub(crate) fn room<T>(self, count: usize) -> Result<Vec<T>, DataError> {
        let mut values = Vec::new();
        let size = count.saturating_mul(size_of::<T>());
        values.try_reserve_exact(count).map_err(|_| DataError::memory(self.path, size))?;
        Ok(values)
    }

    /// Collects the first `count` of these values.
    pub(crate) fn collect<T>(self, count: usize, mut values: impl Iterator<Item = T>) -> Result<Vec<T>, DataError> {
        let mut collected = self.room(count)?;
        while collected.len() < count {
            self.check()?;
            let before = collected.len();
            collected.extend(values.by_ref().take(BLOCK.min(count - before)));
            if collected.len() == before {
                break;
            }
        }
        Ok(collected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Endless bytes from a reader that sets the flag after some of them.
    struct Endless<'a> {
        left: usize,
        interrupt: &'a AtomicBool,
    }

    impl Read for Endless<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.left = self.left.saturating_sub(out.len());
            self.interrupt.store(self.left == 0, Ordering::Relaxed);
            Ok(out.len())
        }
    }

    #[test]
    fn reading_ends_within_a_block_of_the_interrupt() {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("endless"), interrupt: &interrupt };
        let endless = Endless { left: 3 * BLOCK, interrupt: &interrupt };
        assert!(matches!(loading.read_up_to(endless, u64::MAX, 0), Err(DataError::Interrupted)));
        assert!(matches!(loading.collect(1, [0_u8].into_iter()), Err(DataError::Interrupted)));
    }

    #[test]
    fn blocks_are_joined_and_the_count_is_kept() {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("some"), interrupt: &interrupt };
        for (length, count) in [(0, 5), (3 * BLOCK, 10 * BLOCK), (3 * BLOCK + 1, 2 * BLOCK), (9, 9)] {
            let bytes: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let read = loading.read_up_to(&bytes[..], count as u64, 0).unwrap();
            assert_eq!(read, bytes[..count.min(length)]);
        }
        assert_eq!(loading.collect(2 * BLOCK + 1, 0..).unwrap().len(), 2 * BLOCK + 1);
    }

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        // More than the address space, so no system can promise it.
        const COUNT: usize = 1 << 47;
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("huge.npz"), interrupt: &interrupt };
        let message = loading.collect(COUNT, std::iter::repeat(0_u64)).unwrap_err().to_string();
        assert!(message.starts_with("not enough memory to load huge.npz: "), "{message}");
        assert!(loading.reserve(&mut vec![1_u64], COUNT).is_err());
    }
}
