//! Where the samples come from.

use crate::DataError;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf, is_separator};
use std::str::FromStr;

/// Where the samples come from. Written as a word (`mnist`, `blobs`, `circles`) or a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// The box: MNIST, inside the binary.
    #[default]
    Mnist,
    /// Gaussian clouds: 10 classes, 20 inputs.
    Blobs,
    /// Two concentric circles: 2 classes, 2 inputs.
    Circles,
    /// A folder with the four files of MNIST or of a drop-in for it, gzipped or not.
    IdxFolder(PathBuf),
    /// A text table. One of its columns holds the labels.
    Table(PathBuf),
    /// Arrays saved by `numpy.savez`.
    Npz(PathBuf),
}

const BUILT_IN: [(&str, Source); 3] =
    [("mnist", Source::Mnist), ("blobs", Source::Blobs), ("circles", Source::Circles)];

/// How similar two names must be (1 is equal) for one to be taken for a misspelling of the other.
const SIMILAR: f64 = 0.5;

impl FromStr for Source {
    type Err = DataError;

    /// Built-in names take precedence over files: write `./mnist` for a folder called `mnist`. A folder holds IDX
    /// files. A name ending in `.csv`, `.tsv`, `.txt` or `.data` is a table, and one ending in `.npz` is an archive of
    /// arrays.
    fn from_str(text: &str) -> Result<Self, DataError> {
        if let Some((_, source)) = BUILT_IN.iter().find(|(name, _)| *name == text) {
            return Ok(source.clone());
        }
        let path = Path::new(text);
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => Ok(Self::IdxFolder(path.to_owned())),
            Some("csv" | "tsv" | "txt" | "data") => Ok(Self::Table(path.to_owned())),
            Some("npz") => Ok(Self::Npz(path.to_owned())),
            _ if path.is_file() => Err(DataError::UnknownKind { path: path.to_owned() }),
            _ if text.contains(is_separator) => Ok(Self::IdxFolder(path.to_owned())),
            _ => Err(DataError::UnknownSource { given: text.to_owned(), nearest: nearest(text) }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist => f.write_str("mnist"),
            Self::Blobs => f.write_str("blobs"),
            Self::Circles => f.write_str("circles"),
            Self::IdxFolder(path) | Self::Table(path) | Self::Npz(path) => path.display().fmt(f),
        }
    }
}

impl Source {
    /// Size of the source's files on disk, in bytes. Files that do not exist count as 0, and so do built-in sources.
    pub fn bytes_on_disk(&self) -> u64 {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        match self {
            Self::Mnist | Self::Blobs | Self::Circles => 0,
            Self::Table(path) | Self::Npz(path) => size(path),
            Self::IdxFolder(path) => {
                let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
                entries.map(|entry| size(&entry.path())).sum()
            }
        }
    }

    /// What a report calls the dataset: the word, the folder's name, or the file's name without extension.
    pub(crate) fn name(&self) -> String {
        let last = match self {
            Self::Mnist | Self::Blobs | Self::Circles => None,
            Self::IdxFolder(path) => path.file_name(),
            Self::Table(path) | Self::Npz(path) => path.file_stem(),
        };
        last.map_or_else(|| self.to_string(), |name| name.to_string_lossy().into_owned())
    }
}

fn nearest(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    BUILT_IN
        .iter()
        .map(|(name, _)| (*name, strsim::normalized_damerau_levenshtein(name, &text)))
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .filter(|(_, similarity)| *similarity >= SIMILAR)
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_displayed_is_parsed_back() {
        for text in ["mnist", "blobs", "circles", "some/folder", "table.csv", "a.tsv", "a/b.NPZ", "./mnist"] {
            let source: Source = text.parse().expect(text);
            assert_eq!(source.to_string(), text);
        }
        assert_eq!("./mnist".parse::<Source>().expect("a path"), Source::IdxFolder("./mnist".into()));
        assert_eq!("a/b.NPZ".parse::<Source>().expect("a path"), Source::Npz("a/b.NPZ".into()));
    }

    #[test]
    fn every_word_is_in_the_catalogue_and_in_messages() {
        let names: Vec<&str> = crate::catalogue().iter().map(|entry| entry.name).collect();
        for (word, _) in BUILT_IN {
            assert!(names.contains(&word), "{word} is not in the catalogue");
            assert!(crate::error::KINDS.contains(word), "{word} is not among the sources that messages list");
        }
    }

    #[test]
    fn a_misspelt_word_gets_the_nearest_name() {
        for (word, name) in [("minst", "mnist"), ("MNIST", "mnist"), ("blob", "blobs"), ("circle", "circles")] {
            let error = word.parse::<Source>().expect_err(word).to_string();
            assert!(error.contains(&format!("did you mean `{name}`?")), "{error}");
        }
        let error = "imagenet".parse::<Source>().expect_err("no such dataset").to_string();
        assert!(!error.contains("did you mean"), "{error}");
    }
}
