//! What can be trained on, and where to get the rest.

use crate::{blobs, circles};
use serde::Serialize;
use std::path::Path;

/// A dataset, or a kind of file that one can bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What to write as the source: a word, a path, or in capitals the kind of path.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Number of samples, if it is always the same; likewise the next two.
    pub samples: Option<usize>,
    /// Number of classes.
    pub classes: Option<usize>,
    /// Inputs per sample.
    pub width: Option<usize>,
    /// Whether it is at hand.
    pub availability: Availability,
    /// Where to get it or how to make it, and its licence.
    pub origin: &'static str,
}

/// Whether a dataset is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Inside the binary.
    InTheBox,
    /// Found on this machine.
    OnDisk,
    /// Not found on this machine.
    NotInstalled,
    /// A file of one's own.
    Yours,
}

/// Where Debian's package puts Fashion-MNIST.
const FASHION_MNIST: &str = "/usr/share/datasets/fashion-mnist";

/// Every dataset in the box, every kind of file, and what is known of datasets elsewhere. Looks on disk for the latter.
pub fn catalogue() -> Vec<Entry> {
    let file = |name, about, origin| Entry {
        name,
        about,
        samples: None,
        classes: None,
        width: None,
        availability: Availability::Yours,
        origin,
    };
    vec![
        Entry {
            name: "mnist",
            about: "handwritten digits, 28 x 28 pixels",
            samples: Some(headwater_mnist::TRAIN + headwater_mnist::TEST),
            classes: Some(headwater_mnist::CLASSES),
            width: Some(headwater_mnist::HEIGHT * headwater_mnist::WIDTH),
            availability: Availability::InTheBox,
            origin: "Y. LeCun, C. Cortes, C. J. C. Burges; CC BY-SA 3.0",
        },
        Entry {
            name: "blobs",
            about: "Gaussian clouds that every healthy network learns",
            samples: Some(blobs::SAMPLES),
            classes: Some(blobs::CLASSES),
            width: Some(blobs::WIDTH),
            availability: Availability::InTheBox,
            origin: "made from the seed",
        },
        Entry {
            name: "circles",
            about: "two concentric circles, not linearly separable",
            samples: Some(circles::SAMPLES),
            classes: Some(circles::CLASSES),
            width: Some(circles::WIDTH),
            availability: Availability::InTheBox,
            origin: "made from the seed",
        },
        Entry {
            name: FASHION_MNIST,
            about: "Fashion-MNIST: articles of clothing, a harder drop-in for MNIST",
            samples: Some(70_000),
            classes: Some(10),
            width: Some(784),
            availability: if Path::new(FASHION_MNIST).is_dir() {
                Availability::OnDisk
            } else {
                Availability::NotInstalled
            },
            origin: "apt-get install dataset-fashion-mnist (Debian, Ubuntu), or \
                     https://github.com/zalandoresearch/fashion-mnist; Zalando SE, MIT",
        },
        file(
            "FOLDER",
            "IDX files named as MNIST's: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, \
             t10k-labels-idx1-ubyte, each plain or .gz",
            "any drop-in for MNIST, such as Kuzushiji-MNIST",
        ),
        file(
            "FILE.csv",
            "a table (.csv, .tsv, .txt, .data) with or without a header, separated by commas, semicolons, tabs or bars: \
             the label column (data.label) holds whole numbers or words; of the others (but for data.ignore) texts \
             become one-hot inputs, and missing values are refused, dropped or filled (data.missing)",
            "a spreadsheet, or DataFrame.to_csv(..., index=False)",
        ),
        file(
            "FILE.npz",
            "arrays x_train, y_train, x_test, y_test (Keras's layout), or x, y; bytes are scaled to 0..1, and NaN is a \
             missing value (data.missing)",
            "numpy.savez(...), or Keras's own mnist.npz",
        ),
    ]
}
