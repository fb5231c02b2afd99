//! IDX, the format of MNIST's files.
//!
//! Two zero bytes, the type of the elements (0x08: unsigned bytes), the number of dimensions; the size of every dimension
//! as a big-endian u32; the elements, row-major. Source: <https://yann.lecun.com/exdb/mnist/>, "the IDX file format".

use crate::DataError;
use crate::loading::Loading;
use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, Read};
use std::path::Path;

/// What a file of a dataset holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// `[count, height, width]`
    Images,
    /// `[count]`
    Labels,
}

impl Content {
    fn dimensions(self) -> usize {
        match self {
            Self::Images => 3,
            Self::Labels => 1,
        }
    }
}

/// An IDX file of bytes whose header has been read.
pub(crate) struct Idx<'a> {
    loading: Loading<'a>,
    file: Box<dyn Read + 'a>,
    /// Sizes of the dimensions: `[count, height, width]` or `[count]`.
    pub(crate) shape: Vec<u32>,
    /// Size of the header, in bytes.
    header: u64,
    /// The product of `shape`.
    count: u64,
}

/// Reads the header of a file, plain or gzipped. The content decides, not the name, because downloads often lose the
/// extension or the compression.
pub(crate) fn open<'a>(
    loading: Loading<'a>,
    mut file: impl BufRead + 'a,
    content: Content,
) -> Result<Idx<'a>, DataError> {
    // gzip starts with 1f 8b, IDX with 00 00.
    let first = file.fill_buf().map_err(|reason| DataError::io(loading.path, reason))?.first();
    let file: Box<dyn Read> = if first == Some(&0x1f) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    header(loading, file, content)
}

fn header<'a>(loading: Loading<'a>, mut file: Box<dyn Read + 'a>, content: Content) -> Result<Idx<'a>, DataError> {
    let path = loading.path;
    let magic = loading.read_up_to(&mut file, 4, 0)?;
    check_magic(path, &magic, content)?;

    let dimensions = content.dimensions();
    let sizes = loading.read_up_to(&mut file, 4 * dimensions as u64, 4)?;
    let header = 4 + sizes.len() as u64;
    if sizes.len() < 4 * dimensions {
        return Err(DataError::format(path, header, "the sizes of the dimensions", "the end of the file"));
    }
    let shape: Vec<u32> = sizes.as_chunks().0.iter().map(|size| u32::from_be_bytes(*size)).collect();
    if shape[1..].contains(&0) {
        return Err(DataError::format(path, 8, "images of at least one pixel", written(&shape)));
    }
    let Some(count) = shape.iter().try_fold(1_u64, |count, &size| count.checked_mul(u64::from(size))) else {
        return Err(DataError::format(path, 4, "sizes that a file can have", written(&shape)));
    };
    Ok(Idx { loading, file, shape, header, count })
}

fn written(shape: &[u32]) -> String {
    shape.iter().map(u32::to_string).collect::<Vec<_>>().join(" x ")
}

impl Idx<'_> {
    /// Reads the elements to the end of the file: as many as the product of the shape, row-major.
    pub(crate) fn elements(self) -> Result<Vec<u8>, DataError> {
        let Self { loading, file, shape, header, count } = self;
        // Memory grows with the bytes that are really there, never with what the header claims. Asking for one byte too
        // many tells whether the file ends here. Reaching the end also makes gzip check its checksum.
        let elements = loading.read_up_to(file, count.saturating_add(1), header)?;
        let found = elements.len() as u64;
        if found != count {
            let expected = format!("{count} bytes after the header ({})", written(&shape));
            let end = if found < count { format!("the end of the file after {found}") } else { "more".to_owned() };
            return Err(DataError::format(loading.path, header + count.min(found), expected, end));
        }
        Ok(elements)
    }
}

fn check_magic(path: &Path, magic: &[u8], content: Content) -> Result<(), DataError> {
    let hex = || magic.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let &[zero, one, kind, dimensions] = magic else {
        return Err(DataError::format(path, magic.len() as u64, "the 4 bytes that start an IDX file", "its end"));
    };
    if (zero, one) != (0, 0) {
        return Err(DataError::format(path, 0, "an IDX file (00 00 08 ...) or a gzipped one (1f 8b ...)", hex()));
    }
    if kind != 0x08 {
        let name = match kind {
            0x09 => "signed bytes",
            0x0b => "16-bit integers",
            0x0c => "32-bit integers",
            0x0d => "32-bit floats",
            0x0e => "64-bit floats",
            _ => "unknown",
        };
        return Err(DataError::format(path, 2, "elements of type 08 (unsigned bytes)", format!("{kind:02x} ({name})")));
    }
    if dimensions as usize != content.dimensions() {
        let expected = match content {
            Content::Images => "3 dimensions, as images have",
            Content::Labels => "1 dimension, as labels have",
        };
        let found = match dimensions {
            1 => "1, as labels have; are the two files swapped?".to_owned(),
            3 => "3, as images have; are the two files swapped?".to_owned(),
            _ => dimensions.to_string(),
        };
        return Err(DataError::format(path, 3, expected, found));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::GzEncoder;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicBool;

    /// The content of a file.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Held {
        shape: Vec<u32>,
        elements: Vec<u8>,
    }

    fn write(idx: &Held) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, idx.shape.len() as u8];
        bytes.extend(idx.shape.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(&idx.elements);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut compressed = Vec::new();
        GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut compressed).expect("memory can be compressed");
        compressed
    }

    fn read_bytes(bytes: &[u8], content: Content) -> Result<Held, DataError> {
        let interrupt = AtomicBool::new(false);
        let idx = open(Loading { path: Path::new("some-file"), interrupt: &interrupt }, bytes, content)?;
        Ok(Held { shape: idx.shape.clone(), elements: idx.elements()? })
    }

    fn images() -> impl Strategy<Value = Held> {
        (0_u32..6, 1_u32..5, 1_u32..5).prop_flat_map(|(count, height, width)| {
            let size = (count * height * width) as usize;
            prop::collection::vec(any::<u8>(), size)
                .prop_map(move |elements| Held { shape: vec![count, height, width], elements })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(idx in images()) {
            prop_assert_eq!(&read_bytes(&write(&idx), Content::Images).unwrap(), &idx);
            prop_assert_eq!(&read_bytes(&gzip(&write(&idx)), Content::Images).unwrap(), &idx);
        }

        #[test]
        fn every_truncation_is_an_error(idx in images()) {
            let plain = write(&idx);
            for bytes in [gzip(&plain), plain] {
                for end in 0..bytes.len() {
                    prop_assert!(read_bytes(&bytes[..end], Content::Images).is_err(), "cut at {}", end);
                }
            }
        }

        #[test]
        fn random_bytes_never_panic(mut bytes: Vec<u8>, start in 0_usize..4, labels: bool) {
            let content = if labels { Content::Labels } else { Content::Images };
            // Some starts get past the first checks.
            let starts = [&[][..], &[0x1f, 0x8b, 8, 0], &[0, 0, 8, 3], &[0, 0, 8, 1]];
            bytes.splice(0..0, starts[start].iter().copied());
            let _ = read_bytes(&bytes, content);
        }

        #[test]
        fn a_flipped_bit_in_gzip_is_noticed_or_means_nothing(idx in images(), bit: prop::sample::Index) {
            let mut bytes = gzip(&write(&idx));
            // The first ten bytes are a header whose time stamp and system nobody checks.
            let bit = 80 + bit.index(8 * (bytes.len() - 10));
            bytes[bit / 8] ^= 1 << (bit % 8);
            // Up to seven bits between the compressed data and their sum are padding.
            if let Ok(read) = read_bytes(&bytes, Content::Images) {
                prop_assert_eq!(read, idx);
            }
        }
    }

    fn message(bytes: &[u8], content: Content) -> String {
        read_bytes(bytes, content).expect_err("the file is wrong").to_string()
    }

    #[test]
    fn errors_say_where_and_what() {
        let labels = write(&Held { shape: vec![3], elements: vec![1, 2, 3] });
        for (bytes, content, expected) in [
            (
                &labels[..],
                Content::Images,
                "offset 3: expected 3 dimensions, as images have, found 1, as labels have; are",
            ),
            (
                &labels[..10],
                Content::Labels,
                "offset 10: expected 3 bytes after the header (3), found the end of the file",
            ),
            (
                &[&labels[..], &[4]].concat(),
                Content::Labels,
                "offset 11: expected 3 bytes after the header (3), found more",
            ),
            (
                &[0, 0, 0x0d, 1],
                Content::Labels,
                "offset 2: expected elements of type 08 (unsigned bytes), found 0d (32-bit",
            ),
            (
                b"%PDF-1.7",
                Content::Labels,
                "offset 0: expected an IDX file (00 00 08 ...) or a gzipped one (1f 8b ...), found 25",
            ),
            (b"", Content::Labels, "offset 0: expected the 4 bytes that start an IDX file, found its end"),
            (b"\x1f\x8bgarbage", Content::Labels, "offset 0: expected intact compressed data, found damage"),
        ] {
            let message = message(bytes, content);
            assert!(message.starts_with("some-file, ") && message.contains(expected), "{message}");
        }
    }

    #[test]
    fn gigantic_claims_allocate_nothing_gigantic() {
        let mut bytes = vec![0, 0, 8, 3];
        for claim in [[u32::MAX; 3], [u32::MAX, 28, 28]] {
            bytes.truncate(4);
            bytes.extend(claim.iter().flat_map(|size| size.to_be_bytes()));
            bytes.extend([0; 100]);
            let peak = allocation_counter::measure(|| drop(read_bytes(&bytes, Content::Images).expect_err("a lie")));
            assert!(peak.bytes_max < 100_000, "{} bytes", peak.bytes_max);
        }
    }
}
