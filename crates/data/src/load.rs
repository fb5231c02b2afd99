//! From a request to a dataset.

use crate::loading::Loading;
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::{Loaded, split};
use crate::{
    DataError, Dataset, ImageShape, Missing, Scale, Separator, Source, blobs, circles, idx_folder, npz, table,
};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Which dataset to load, and how to read, split and scale it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Where the samples come from.
    pub source: Source,
    /// The column of a table that holds the labels: its name, or its number from 1 if there is no header. Sources other
    /// than tables ignore this field and the next three.
    pub label_column: Option<String>,
    /// The columns of a table that are not inputs.
    pub ignore: Vec<String>,
    /// The separator between the cells of a table. Default: detected from the first rows.
    pub separator: Option<Separator>,
    /// Whether the first row of a table holds the names of the columns. Default: detected.
    pub header: Option<bool>,
    /// What to do with missing values: empty cells and the like in a table, NaN in an NPZ file.
    pub missing: Missing,
    /// How to scale the inputs. The scale is fitted on the training samples.
    pub scale: Scale,
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
        Self { source, ..Self::default() }
    }
}

/// Loads, splits and scales a dataset.
///
/// MNIST, IDX folders and NPZ files with test arrays keep their order: the first training samples are the validation
/// set. Everything else is shuffled once, by the seed.
///
/// # Errors
///
/// Returns an error if a file is missing, cannot be read or does not follow its format (the message says where), if
/// there are fewer samples than the splits ask for, if all training samples have the same class, or if memory runs out.
pub fn load(request: &Request) -> Result<Dataset, DataError> {
    load_interruptible(request, &AtomicBool::new(false))
}

/// Like [`load`], but stops early once another thread or a signal handler sets `interrupt`.
///
/// # Errors
///
/// The same as [`load`], and [`DataError::Interrupted`].
pub fn load_interruptible(request: &Request, interrupt: &AtomicBool) -> Result<Dataset, DataError> {
    let path = match &request.source {
        Source::Mnist | Source::Blobs | Source::Circles => PathBuf::from(request.source.to_string()),
        Source::IdxFolder(path) | Source::Table(path) | Source::Npz(path) => path.clone(),
    };
    let loading = Loading { path: &path, interrupt };
    let loaded = match &request.source {
        Source::Mnist => mnist(),
        Source::Blobs => blobs::generate(request.seed),
        Source::Circles => circles::generate(request.seed),
        Source::IdxFolder(_) => idx_folder::load(loading)?,
        Source::Table(_) => table::load(loading, request)?,
        Source::Npz(_) => npz::load(loading, request.missing)?,
    };
    split(loading, request, loaded)
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
        columns: Columns::Pixels,
        train: samples(headwater_mnist::train_images(), headwater_mnist::train_labels()),
        test: Some(samples(headwater_mnist::test_images(), headwater_mnist::test_labels())),
        dropped: 0,
        table: None,
    }
}
