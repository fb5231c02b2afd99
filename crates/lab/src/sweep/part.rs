//! A file that is written next to its destination and moved there once it is complete.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The temporary file. It is removed on drop, so that a full disk or a refused rename leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Part(PathBuf);

impl Part {
    /// Writes a file at a path that nobody else uses.
    pub(crate) fn write(path: PathBuf, contents: impl AsRef<[u8]>) -> io::Result<Self> {
        let part = Self(path);
        fs::write(&part.0, contents)?;
        Ok(part)
    }

    /// Moves it to `place` and replaces any file there.
    pub(crate) fn replace(self, place: &Path) -> io::Result<()> {
        fs::rename(&self.0, place)
    }

    /// Puts it at `place`. Fails if something is there.
    pub(crate) fn create(self, place: &Path) -> io::Result<()> {
        fs::hard_link(&self.0, place)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_beside_the_place_whether_it_could_be_taken_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let part = || Part::write(folder.path().join("part"), "new").unwrap();
        let (file, taken) = (folder.path().join("file"), folder.path().join("taken"));
        fs::create_dir(&taken).unwrap();
        part().create(&file).unwrap();
        assert_eq!(part().create(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        part().replace(&file).unwrap();
        part().replace(&taken).unwrap_err();
        assert_eq!(names(), ["file", "taken"]);
        assert_eq!(fs::read_to_string(file).unwrap(), "new");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_could_not_be_written_to_its_end_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        // Writing to it fails as it does on a full disk.
        let path = folder.path().join("part");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        Part::write(path.clone(), "new").unwrap_err();
        assert!(!path.is_symlink());
    }
}
