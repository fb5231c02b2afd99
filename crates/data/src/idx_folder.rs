//! A folder with the four files of MNIST, or of one of the datasets made to replace it.

use crate::idx::{self, Content, Idx};
use crate::samples::{Inputs, Samples};
use crate::split::Loaded;
use crate::{DataError, ImageShape};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn load(folder: &Path) -> Result<Loaded, DataError> {
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
    Ok(Loaded { classes, image: Some(train.image), train: train.samples, test: Some(test.samples) })
}

/// Images and their labels.
struct Pair {
    /// The file of the images.
    path: PathBuf,
    image: ImageShape,
    samples: Samples,
}

fn pair(folder: &Path, images: &'static str, labels: &'static str) -> Result<Pair, DataError> {
    let (path, images) = file(folder, images, Content::Images)?;
    let (labels_path, labels) = file(folder, labels, Content::Labels)?;
    if images.shape[0] != labels.shape[0] {
        let expected = format!("{} labels, one for each image", images.shape[0]);
        return Err(DataError::format(&labels_path, 4, expected, labels.shape[0].to_string()));
    }
    let image = ImageShape { height: images.shape[1] as usize, width: images.shape[2] as usize };
    let labels = labels.elements.into_iter().map(u32::from).collect();
    let samples = Samples::new(Inputs::Bytes(Arc::new(images.elements)), image.height * image.width, labels);
    Ok(Pair { path, image, samples })
}

fn file(folder: &Path, name: &'static str, content: Content) -> Result<(PathBuf, Idx), DataError> {
    if folder.is_file() {
        return Err(DataError::UnknownSource { given: folder.display().to_string(), nearest: None });
    }
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    let Some(path) = candidates.into_iter().find(|path| path.exists()) else {
        return Err(DataError::MissingFile { folder: folder.to_owned(), name });
    };
    let file = File::open(&path).map_err(|reason| DataError::io(&path, reason))?;
    let idx = idx::read(&path, BufReader::new(file), content)?;
    Ok((path, idx))
}
