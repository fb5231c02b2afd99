//! From a request to a dataset.

use crate::samples::{Inputs, Samples};
use crate::split::{Loaded, split};
use crate::{DataError, Dataset, ImageShape, Source, blobs, circles, csv_file, idx_folder, npz};

/// Which dataset, split how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where the samples come from.
    pub source: Source,
    /// The column of a CSV file that holds the labels; other sources have no columns.
    pub label_column: Option<String>,
    /// Number of validation samples. Default: for a source with its own test set 5,000 of its training samples, or a
    /// tenth if there are fewer than 50,000; for any other source a tenth.
    pub validation: Option<usize>,
    /// Number of test samples: the first ones, if the source has its own test set. Default: that whole set, or a sixth.
    pub test: Option<usize>,
    /// Decides the synthetic samples, and the split of a source without its own test set.
    pub seed: u64,
}

impl Request {
    /// A request for the default split, with seed 0.
    pub fn new(source: Source) -> Self {
        Self { source, label_column: None, validation: None, test: None, seed: 0 }
    }
}

/// Loads and splits a dataset.
///
/// MNIST, IDX folders and NPZ files with test arrays keep their order: the first training samples are the validation
/// set. Everything else is shuffled once, by the seed.
///
/// # Errors
///
/// If a file is missing, cannot be read or is not what its format demands (the message says where), or if there are fewer
/// samples than the splits ask for.
pub fn load(request: &Request) -> Result<Dataset, DataError> {
    let loaded = match &request.source {
        Source::Mnist => mnist(),
        Source::Blobs => blobs::generate(request.seed),
        Source::Circles => circles::generate(request.seed),
        Source::IdxFolder(folder) => idx_folder::load(folder)?,
        Source::Csv(path) => csv_file::load(path, request.label_column.as_deref())?,
        Source::Npz(path) => npz::load(path)?,
    };
    split(request, loaded)
}

fn mnist() -> Loaded {
    use headwater_mnist::{CLASSES, HEIGHT, WIDTH};
    std::thread::scope(|scope| {
        // Each is decoded when it is first asked for: of two threads, the test images cost no time. Where the system has no
        // more threads to give, they are decoded below.
        let _ = std::thread::Builder::new().spawn_scoped(scope, headwater_mnist::test_images);
        headwater_mnist::train_images();
    });
    let samples = |images, labels: &[u8]| {
        Samples::new(Inputs::Static(images), HEIGHT * WIDTH, labels.iter().copied().map(u32::from).collect())
    };
    Loaded {
        classes: CLASSES,
        image: Some(ImageShape { height: HEIGHT, width: WIDTH }),
        train: samples(headwater_mnist::train_images(), headwater_mnist::train_labels()),
        test: Some(samples(headwater_mnist::test_images(), headwater_mnist::test_labels())),
    }
}
