//! Where the bytes of an event file come from, and a window onto them.
//!
//! Files are read by position into buffers. A memory map would spare the copy, but a file that is cut short while it is
//! mapped ends the process.

use std::{fs::File, io};

/// Bytes that are read by position: a file, or in tests and fuzzing a slice.
pub(crate) trait Source: Sync {
    /// Reads at most as many bytes as fit, from `offset` on; none beyond the end.
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Source for File {
    #[cfg(unix)]
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }
}

impl Source for [u8] {
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or(&[]);
        let length = buffer.len().min(rest.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// Fills all of `buffer` from `offset` on.
///
/// # Errors
///
/// The operating system's; [`io::ErrorKind::UnexpectedEof`] if the file ends before.
pub(crate) fn read_exact(source: &(impl Source + ?Sized), mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match source.read_some(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A contiguous part of a file, in memory.
#[derive(Debug, Default)]
pub(crate) struct Window {
    start: u64,
    /// Only the first `filled` bytes are the file's. It is not cut, since growing it again would write zeros first.
    buffer: Vec<u8>,
    filled: usize,
}

/// A buffer that a single large record has made longer than this is given back.
const KEEP: usize = 1 << 23;

impl Window {
    /// Moves to the bytes from `start` to `end`.
    pub(crate) fn fill(&mut self, source: &(impl Source + ?Sized), start: u64, end: u64) -> io::Result<()> {
        self.start = start;
        self.filled = 0;
        if self.buffer.len() > KEEP {
            self.buffer = Vec::new();
        }
        self.extend(source, end)
    }

    /// Grows until `end`. Does nothing if it reaches that far.
    pub(crate) fn extend(&mut self, source: &(impl Source + ?Sized), end: u64) -> io::Result<()> {
        if end <= self.end() {
            return Ok(());
        }
        let length = usize::try_from(end - self.start).map_err(|_| io::ErrorKind::OutOfMemory)?;
        if length > self.buffer.len() {
            // Not twice as long: a window is no longer than what is asked for.
            self.buffer.reserve_exact(length - self.buffer.len());
            self.buffer.resize(length, 0);
        }
        let from = self.end();
        read_exact(source, &mut self.buffer[self.filled..length], from)?;
        self.filled = length;
        Ok(())
    }

    /// Where it begins in the file.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.filled as u64
    }

    /// The bytes from `offset` to the window's end; empty if `offset` is outside.
    pub(crate) fn from(&self, offset: u64) -> &[u8] {
        let skip = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        skip.and_then(|skip| self.buffer[..self.filled].get(skip..)).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A file of which every read returns a few bytes only, or is interrupted.
    struct Reluctant(Vec<u8>, AtomicUsize);

    impl Source for Reluctant {
        fn read_some(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let call = self.1.fetch_add(1, Ordering::Relaxed);
            if call.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = buffer.len().min(call % 5);
            self.0[..].read_some(&mut buffer[..length.max(1)], offset)
        }
    }

    #[test]
    fn short_and_interrupted_reads_are_taken_up_again() {
        let bytes: Vec<u8> = (0..200).collect();
        let source = Reluctant(bytes.clone(), AtomicUsize::new(0));
        let mut window = Window::default();
        window.fill(&source, 10, 60).unwrap();
        window.extend(&source, 90).unwrap();
        assert_eq!(window.from(0), b"");
        assert_eq!(window.from(10), &bytes[10..90]);
        assert_eq!(window.from(89), &bytes[89..90]);
        assert_eq!(window.from(91), b"");
        window.fill(&source, 5, 7).unwrap();
        assert_eq!(window.from(5), &bytes[5..7]);
    }

    #[test]
    fn a_file_that_is_shorter_than_it_was_is_an_error() {
        let error = Window::default().fill(&[0u8; 10][..], 0, 11).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
