//! A file to which records are appended, and which is whole again after a failure.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use crate::{error::FileError, record};

/// Where records go: a file, or in tests a script of what a disk does.
pub(crate) trait Sink: Write + Send + 'static {
    /// Cuts the file back to its first `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Whether the file was removed: what is written goes nowhere, and nothing says so.
    fn is_removed(&self) -> bool {
        false
    }
}

impl Sink for File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    #[cfg(unix)]
    fn is_removed(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        // A file that was moved has a name still, and what is written to it is kept.
        self.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
    }
}

/// What the operating system does not say of a file that was removed.
const REMOVED: &str = "the file was removed while it was being written";

/// How much is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Whole records, the one of the file's version included.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Why [`Log::flush`] failed and in what state it left the file.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is whole.
    pub(crate) safe: Written,
    /// Whether part of a record remains behind it.
    pub(crate) torn: bool,
    /// What the operating system said.
    pub(crate) source: Arc<io::Error>,
}

impl Failure {
    /// The same, of the file that `path` names.
    pub(crate) fn into_error(self, path: PathBuf) -> FileError {
        let Failure { safe: Written { records, bytes }, torn, source } = self;
        FileError { path, records, bytes, torn, source }
    }
}

/// Records on their way to a file.
pub(crate) struct Log<S> {
    sink: S,
    /// Framed records that are not yet with the operating system.
    pending: Vec<u8>,
    /// Where each of them ends in `pending`.
    ends: Vec<usize>,
    written: Written,
}

impl<S: Sink> Log<S> {
    /// A log that begins at the beginning of `sink`.
    pub(crate) fn new(sink: S) -> Self {
        Log { sink, pending: Vec::new(), ends: Vec::new(), written: Written::default() }
    }

    /// Adds a record to those that wait. Nothing is written.
    pub(crate) fn append(&mut self, payload: &[u8]) {
        self.append_with(|buffer| buffer.extend_from_slice(payload));
    }

    /// The same for a payload that is made in place: appended to the buffer that is given.
    pub(crate) fn append_with(&mut self, write_payload: impl FnOnce(&mut Vec<u8>)) {
        record::append(&mut self.pending, write_payload);
        self.ends.push(self.pending.len());
    }

    /// Bytes that wait.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// What is with the operating system.
    pub(crate) fn written(&self) -> Written {
        self.written
    }

    /// Hands everything that waits to the operating system.
    ///
    /// # Errors
    ///
    /// The sink's first error other than an interruption. The file is then cut back to its last whole record. An error of
    /// kind `NotFound`, if the file was removed: nothing of it is safe then. The log must not be used further.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let mut done = 0;
        while done < self.pending.len() {
            match self.sink.write(&self.pending[done..]) {
                Ok(0) => return Err(self.fail(done, io::ErrorKind::WriteZero.into())),
                Ok(bytes) => done += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fail(done, error)),
            }
        }
        self.written.records += self.ends.len() as u64;
        self.written.bytes += done as u64;
        self.pending.clear();
        self.ends.clear();
        if done > 0 && self.sink.is_removed() {
            let source = io::Error::new(io::ErrorKind::NotFound, REMOVED);
            return Err(Failure { safe: Written::default(), torn: false, source: Arc::new(source) });
        }
        Ok(())
    }

    /// The same if at least so many bytes wait.
    ///
    /// # Errors
    ///
    /// As [`Log::flush`].
    pub(crate) fn flush_above(&mut self, bytes: usize) -> Result<(), Failure> {
        if self.pending.len() < bytes { Ok(()) } else { self.flush() }
    }

    /// Restores the file after `done` bytes of what was pending went through and the rest did not.
    fn fail(&mut self, done: usize, source: io::Error) -> Failure {
        let whole = self.ends.partition_point(|&end| end <= done);
        let end = whole.checked_sub(1).map_or(0, |last| self.ends[last]);
        let safe = Written { records: self.written.records + whole as u64, bytes: self.written.bytes + end as u64 };
        let torn = done > end && self.sink.cut(safe.bytes).is_err();
        Failure { safe, torn, source: Arc::new(source) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;
    use crate::record::{FOOTER, Frame, HEADER, first};

    /// A disk of a given size, which takes at most `stride` bytes a call.
    #[derive(Clone)]
    pub(crate) struct Disk {
        pub(crate) content: Arc<Mutex<Vec<u8>>>,
        pub(crate) room: usize,
        pub(crate) stride: usize,
        pub(crate) can_cut: bool,
    }

    impl Disk {
        pub(crate) fn of(room: usize) -> Self {
            Disk { content: Arc::default(), room, stride: usize::MAX, can_cut: true }
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut content = self.content.lock().unwrap();
            let taken = bytes.len().min(self.stride).min(self.room - content.len());
            if taken == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            content.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Sink for Disk {
        fn cut(&mut self, length: u64) -> io::Result<()> {
            if !self.can_cut {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.content.lock().unwrap().truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    /// Number of whole records in `bytes`, and the bytes behind them.
    fn records(mut bytes: &[u8]) -> (u64, usize) {
        let mut count = 0;
        while let Frame::Whole(payload) = first(bytes) {
            bytes = &bytes[HEADER + payload.len() + FOOTER..];
            count += 1;
        }
        (count, bytes.len())
    }

    proptest! {
        #[test]
        fn a_full_disk_holds_whole_records_and_they_are_counted(
            sizes in prop::collection::vec(0usize..50, 1..12),
            flush_every in 1usize..5,
            room in 0usize..600,
            stride in 1usize..80,
        ) {
            let disk = Disk { stride, ..Disk::of(room) };
            let mut log = Log::new(disk.clone());
            let mut failure = None;
            for (i, &size) in sizes.iter().enumerate() {
                log.append(&vec![7; size]);
                if i % flush_every == 0 || i + 1 == sizes.len() {
                    failure = log.flush().err();
                    if failure.is_some() {
                        break;
                    }
                }
            }
            let content = disk.content.lock().unwrap();
            let (whole, rest) = records(&content);
            let needed: usize = sizes.iter().map(|size| HEADER + size + FOOTER).sum();
            prop_assert_eq!(failure.is_some(), needed > room);
            let safe = failure.map_or(log.written(), |failure| failure.safe);
            prop_assert_eq!(safe, Written { records: whole, bytes: content.len() as u64 });
            prop_assert_eq!(rest, 0);
            let ends = sizes.iter().scan(0, |end, size| {
                *end += HEADER + size + FOOTER;
                Some(*end)
            });
            prop_assert_eq!(whole, ends.take_while(|&end| end <= room).count() as u64);
        }
    }

    #[test]
    fn a_tail_that_cannot_be_cut_is_reported() {
        let disk = Disk { can_cut: false, ..Disk::of(20) };
        let mut log = Log::new(disk);
        log.append(b"");
        log.append(b"");
        let failure = log.flush().unwrap_err();
        assert!(failure.torn);
        assert_eq!(failure.safe, Written { records: 1, bytes: 16 });
    }

    #[test]
    fn an_interrupted_write_is_taken_up_again() {
        struct Interrupted(Disk, bool);
        impl Write for Interrupted {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.write(bytes) }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Sink for Interrupted {
            fn cut(&mut self, length: u64) -> io::Result<()> {
                self.0.cut(length)
            }
        }
        let mut log = Log::new(Interrupted(Disk { stride: 5, ..Disk::of(100) }, false));
        log.append(b"whole");
        log.flush().unwrap();
        assert_eq!(log.written(), Written { records: 1, bytes: 21 });
    }
}
