//! A folder with the four files of MNIST, or of one of the datasets made to replace it.

use crate::idx::{self, Content};
use crate::loading::Loading;
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::Loaded;
use crate::{DataError, ImageShape};
use std::ffi::OsStr;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn load(folder: Loading<'_>) -> Result<Loaded, DataError> {
    let train = pair(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte")?;
    let test = pair(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")?;
    if train.image != test.image {
        let ImageShape { height, width } = train.image;
        let expected = format!("images of {height} x {width}, the size of the training images");
        let found = format!("{} x {}", test.image.height, test.image.width);
        return Err(DataError::format(&test.path, 8, expected, found));
    }
    let labels = train.samples.labels().iter().chain(test.samples.labels());
    let classes = labels.max().map_or(0, |&largest| largest as usize + 1);
    Ok(Loaded {
        classes,
        image: Some(train.image),
        columns: Columns::Pixels,
        train: train.samples,
        test: Some(test.samples),
        dropped: 0,
        table: None,
    })
}

/// Images and their labels.
struct Pair {
    /// The file of the images.
    path: PathBuf,
    image: ImageShape,
    samples: Samples,
}

/// Reads both headers before the elements of either. A small compressed file can hold very many images, and there is no
/// need to unpack images without labels.
fn pair(folder: Loading<'_>, images: &'static str, labels: &'static str) -> Result<Pair, DataError> {
    let (path, labels_path) = (find(folder.path, images)?, find(folder.path, labels)?);
    let open = |path, content| {
        let loading = folder.of(path);
        idx::open(loading, BufReader::new(loading.open()?), content)
    };
    let images = open(&path, Content::Images)?;
    let labels = open(&labels_path, Content::Labels)?;
    if images.shape[0] != labels.shape[0] {
        let expected = format!("{} labels, one for each image", images.shape[0]);
        return Err(DataError::format(&labels_path, 4, expected, labels.shape[0].to_string()));
    }
    let image = ImageShape { height: images.shape[1] as usize, width: images.shape[2] as usize };
    let labels = labels.elements()?;
    let labels = folder.collect(labels.len(), labels.into_iter().map(u32::from))?;
    let pixels = images.elements()?;
    let samples = Samples::new(Inputs::Bytes(Arc::new(pixels)), image.height * image.width, labels);
    Ok(Pair { path, image, samples })
}

fn find(folder: &Path, name: &'static str) -> Result<PathBuf, DataError> {
    if folder.is_file() {
        return Err(DataError::UnknownKind { path: folder.to_owned() });
    }
    let entries = std::fs::read_dir(folder).map_err(|reason| DataError::io(folder, reason))?;
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    if let Some(path) = candidates.into_iter().find(|path| path.exists()) {
        return Ok(path);
    }
    let is_other = |path: &PathBuf| {
        let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        matches!(extension.as_deref(), Some("csv" | "tsv" | "npz"))
    };
    let instead = entries.flatten().map(|entry| entry.path()).filter(is_other).min();
    Err(DataError::MissingFile { folder: folder.to_owned(), name, instead })
}
