//! The box: MNIST's four files inside the binary, so that the experiment runs without a download.
//!
//! Every function decodes its file on first use and hands out the same bytes ever after. The bytes are those of the
//! original files without their IDX header. Authors, licence (CC BY-SA 3.0) and the way the files were compressed are in
//! `README.md`, `LICENSE` and `data/README.md`.

use std::sync::LazyLock;

/// Number of training images.
pub const TRAIN: usize = 60_000;
/// Number of test images.
pub const TEST: usize = 10_000;
/// Rows of an image.
pub const HEIGHT: usize = 28;
/// Columns of an image.
pub const WIDTH: usize = 28;
/// Number of classes: the digits 0 to 9.
pub const CLASSES: usize = 10;

/// Pixels of the training images, `[TRAIN, HEIGHT, WIDTH]` row-major: 0 is background, 255 is ink.
pub fn train_images() -> &'static [u8] {
    &TRAIN_IMAGES[IMAGES_HEADER..]
}

/// Labels of the training images, `[TRAIN]`: 0 to 9.
pub fn train_labels() -> &'static [u8] {
    &TRAIN_LABELS[LABELS_HEADER..]
}

/// Pixels of the test images, `[TEST, HEIGHT, WIDTH]` row-major: 0 is background, 255 is ink.
pub fn test_images() -> &'static [u8] {
    &TEST_IMAGES[IMAGES_HEADER..]
}

/// Labels of the test images, `[TEST]`: 0 to 9.
pub fn test_labels() -> &'static [u8] {
    &TEST_LABELS[LABELS_HEADER..]
}

/// Bytes before the pixels in an IDX file of images: the magic number, the count, the height and the width, 4 bytes each.
const IMAGES_HEADER: usize = 16;
/// Bytes before the labels in an IDX file of labels: the magic number and the count, 4 bytes each.
const LABELS_HEADER: usize = 8;
const IMAGE: usize = HEIGHT * WIDTH;

static TRAIN_IMAGES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = include_bytes!("../data/train-images-idx3-ubyte.zst");
    decode(file, IMAGES_HEADER + TRAIN * IMAGE)
});
static TRAIN_LABELS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = include_bytes!("../data/train-labels-idx1-ubyte.zst");
    decode(file, LABELS_HEADER + TRAIN)
});
static TEST_IMAGES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = include_bytes!("../data/t10k-images-idx3-ubyte.zst");
    decode(file, IMAGES_HEADER + TEST * IMAGE)
});
static TEST_LABELS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = include_bytes!("../data/t10k-labels-idx1-ubyte.zst");
    decode(file, LABELS_HEADER + TEST)
});

/// The file in `frame`, which has `size` bytes. In one call rather than as a stream: the output buffer is then the
/// decoder's window too, which halves the time.
fn decode(frame: &[u8], size: usize) -> Vec<u8> {
    // It can only fail if the binary itself is damaged: the tests compare every file with its SHA-256.
    zstd::bulk::decompress(frame, size).expect("a file embedded in the binary can be decoded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::fmt::Write;

    #[test]
    fn every_file_is_the_original_to_the_last_byte() {
        let sums = [
            (&TRAIN_IMAGES, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            (&TRAIN_LABELS, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            (&TEST_IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            (&TEST_LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        ];
        for (file, sum) in sums {
            let mut found = String::new();
            for byte in Sha256::digest(file.as_slice()) {
                write!(found, "{byte:02x}").expect("writing to a string cannot fail");
            }
            assert_eq!(found, sum);
        }
    }

    #[test]
    fn the_constants_are_what_the_headers_say() {
        let images = |count: u32| [0x803, count, 28, 28].map(u32::to_be_bytes).concat();
        let labels = |count: u32| [0x801, count].map(u32::to_be_bytes).concat();
        assert_eq!(TRAIN_IMAGES[..IMAGES_HEADER], images(60_000));
        assert_eq!(TEST_IMAGES[..IMAGES_HEADER], images(10_000));
        assert_eq!(TRAIN_LABELS[..LABELS_HEADER], labels(60_000));
        assert_eq!(TEST_LABELS[..LABELS_HEADER], labels(10_000));
    }

    #[test]
    fn what_is_handed_out_has_no_header() {
        assert_eq!(train_images().len(), TRAIN * IMAGE);
        assert_eq!(test_images().len(), TEST * IMAGE);
        assert_eq!(train_labels().len(), TRAIN);
        assert_eq!(test_labels()[..5], [7, 2, 1, 0, 4]);
        assert_eq!(train_labels()[..5], [5, 0, 4, 1, 9]);
    }
}
