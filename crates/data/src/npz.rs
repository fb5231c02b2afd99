//! NPZ: a zip archive of NPY arrays, as `numpy.savez` and `numpy.savez_compressed` write it.

use crate::class_labels::MAX_CLASSES;
use crate::loading::Loading;
use crate::missing::drop_rows;
use crate::npy::{self, Array, Values};
use crate::samples::{Inputs, Samples};
use crate::scale::Columns;
use crate::split::Loaded;
use crate::{DataError, ImageShape, Missing};
use std::borrow::Cow;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use zip::ZipArchive;
use zip::result::ZipError;

pub(crate) fn load(loading: Loading<'_>, missing: Missing) -> Result<Loaded, DataError> {
    read(loading, BufReader::new(loading.open()?), missing)
}

fn read(loading: Loading<'_>, file: impl Read + Seek, missing: Missing) -> Result<Loaded, DataError> {
    let path = loading.path;
    let zip = ZipArchive::new(file).map_err(|error| unreadable(path, error))?;
    let names = zip.file_names().map(|name| name.map(Cow::into_owned)).collect::<Result<_, _>>();
    let mut archive = Archive { names: names.map_err(|error| unreadable(path, error))?, zip, loading, missing };
    let pairs = [("x_train", "y_train"), ("x", "y")];
    let Some((inputs, labels)) = pairs.into_iter().find(|(x, y)| archive.has(x) && archive.has(y)) else {
        return Err(archive.missing_arrays());
    };
    let train = archive.pair(inputs, labels)?;
    let test = match (archive.has("x_test"), archive.has("y_test")) {
        (true, true) => Some(archive.pair("x_test", "y_test")?),
        (false, false) => None,
        _ => return Err(archive.missing_arrays()),
    };
    if let Some(test) = &test
        && test.shape != train.shape
    {
        let expected = format!("samples of shape {:?}, as in training", train.shape);
        let wrong = DataError::format(path, 10, expected, format!("{:?}", test.shape));
        return Err(wrong.in_member("x_test"));
    }
    let classes = test.iter().map(|test| test.classes).fold(train.classes, usize::max);
    let image = match train.shape[..] {
        [height, width] | [height, width, 1] => Some(ImageShape { height, width }),
        _ => None,
    };
    let dropped = train.dropped + test.as_ref().map_or(0, |test| test.dropped);
    let columns = train.columns;
    let test = test.map(|test| test.samples);
    Ok(Loaded { classes, image, columns, train: train.samples, test, dropped, table: None })
}

/// Inputs with their labels.
struct Pair {
    samples: Samples,
    /// Of one sample.
    shape: Vec<usize>,
    classes: usize,
    columns: Columns,
    /// How many samples were left out because of a missing value.
    dropped: usize,
}

struct Archive<'a, F> {
    zip: ZipArchive<F>,
    /// The files in the archive.
    names: Vec<String>,
    loading: Loading<'a>,
    missing: Missing,
}

impl<F: Read + Seek> Archive<'_, F> {
    /// The file in the archive that holds the array `name`, which may be written with capitals, as in `X`.
    fn member(&self, name: &str) -> Option<String> {
        let is_it = |file: &&String| array_name(file).is_some_and(|found| found.eq_ignore_ascii_case(name));
        self.names.iter().find(is_it).cloned()
    }

    fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    fn missing_arrays(&self) -> DataError {
        let mut found: Vec<String> = self.names.iter().filter_map(|file| array_name(file)).map(str::to_owned).collect();
        found.sort_unstable();
        if found.is_empty() {
            found.push("none".to_owned());
        }
        DataError::MissingArrays { path: self.loading.path.to_owned(), found }
    }

    fn open(&mut self, name: &str) -> Result<npy::Opened<'_, impl Read>, DataError> {
        let member = self.member(name).ok_or_else(|| self.missing_arrays())?;
        let file = self.zip.by_name(&member).map_err(|error| unreadable(self.loading.path, error))?;
        npy::open(self.loading, file)
    }

    /// Reads both headers before the elements of either. A small compressed file can hold very large arrays, and there
    /// is no need to unpack inputs without labels.
    fn pair(&mut self, inputs: &str, labels: &str) -> Result<Pair, DataError> {
        let (loading, missing) = (self.loading, self.missing);
        let within = |name| move |error: DataError| error.in_member(name);
        let shape = self.open(inputs).map(|opened| opened.shape).map_err(within(inputs))?;
        let (count, sample) = sample_shape(loading.path, &shape).map_err(within(inputs))?;
        let of_labels = self.open(labels).map(|opened| opened.shape).map_err(within(labels))?;
        if of_labels != [count] && of_labels != [count, 1] {
            let expected = format!("the shape [{count}], a label for each sample");
            let wrong = DataError::format(loading.path, 10, expected, format!("{of_labels:?}"));
            return Err(wrong.in_member(labels));
        }

        let array = self.open(inputs).and_then(|opened| opened.array(missing != Missing::Refuse));
        let values = array.map_err(within(inputs))?.values;
        let array = self.open(labels).and_then(|opened| opened.array(false)).map_err(within(labels))?;
        let mut class_numbers = as_labels(loading, &array).map_err(within(labels))?;
        let width = sample.iter().product();
        let mut dropped = 0;
        let (values, columns) = match values {
            Values::Bytes(bytes) => (Inputs::Bytes(Arc::new(bytes)), Columns::Pixels),
            Values::Integers(integers) => {
                let floats = loading.collect(integers.len(), integers.into_iter().map(|x| x as f32))?;
                (Inputs::Floats(Arc::new(floats)), columns(&sample))
            }
            Values::Floats(mut floats) => {
                if missing == Missing::Drop {
                    dropped = drop_rows(&mut floats, &mut class_numbers, width);
                }
                (Inputs::Floats(Arc::new(floats)), columns(&sample))
            }
        };
        let classes = class_numbers.iter().max().map_or(0, |&largest| largest as usize + 1);
        Ok(Pair { samples: Samples::new(values, width, class_numbers), shape: sample, classes, columns, dropped })
    }
}

/// Samples with more than one dimension count as images.
fn columns(sample: &[usize]) -> Columns {
    if sample.len() > 1 { Columns::Pixels } else { Columns::Table { one_hot: Vec::new() } }
}

/// The name of the array in a file of the archive.
fn array_name(file: &str) -> Option<&str> {
    file.strip_suffix(".npy")
}

/// The number of samples and the shape of one sample, from the shape of the inputs.
fn sample_shape(path: &Path, shape: &[usize]) -> Result<(usize, Vec<usize>), DataError> {
    match shape.split_first() {
        Some((&count, sample)) if !sample.is_empty() && !shape.contains(&0) => Ok((count, sample.to_vec())),
        _ => {
            let expected = "the shape [samples, inputs, ...] without 0";
            Err(DataError::format(path, 10, expected, format!("{shape:?}")))
        }
    }
}

/// Class numbers from an array of an integer type.
fn as_labels(loading: Loading<'_>, array: &Array) -> Result<Vec<u32>, DataError> {
    match &array.values {
        Values::Bytes(bytes) => loading.collect(bytes.len(), bytes.iter().copied().map(u32::from)),
        Values::Integers(integers) => {
            let class = |label: i64| u32::try_from(label).ok().filter(|&label| (label as usize) < MAX_CLASSES);
            if let Some((index, label)) = integers.iter().enumerate().find(|(_, label)| class(**label).is_none()) {
                let expected = format!("classes from 0 to {}", MAX_CLASSES - 1);
                return Err(DataError::format(loading.path, array.offset(index), expected, label.to_string()));
            }
            loading.collect(integers.len(), integers.iter().map(|&label| label as u32))
        }
        Values::Floats(_) => Err(DataError::format(loading.path, 10, "labels of an integer type", "floats")),
    }
}

/// What is wrong with an archive, in words that do not assume knowledge of the zip format.
fn reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(_) | ZipError::InvalidArchive(_) => "it is cut short or damaged, or no such archive".to_owned(),
        ZipError::UnsupportedArchive(what) => format!("it is packed in a way that is not supported: {what}"),
        other => other.to_string(),
    }
}

fn unreadable(path: &Path, error: ZipError) -> DataError {
    match error {
        ZipError::Io(reason) if reason.kind() != std::io::ErrorKind::UnexpectedEof => DataError::io(path, reason),
        other => DataError::Archive { path: path.to_owned(), reason: reason(&other) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{Cursor, Write};
    use std::sync::atomic::AtomicBool;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn npy(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), elements].concat()
    }

    fn npz(arrays: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, array) in arrays {
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(format!("{name}.npy"), options).expect("memory can be written");
            zip.write_all(array).expect("memory can be written");
        }
        zip.finish().expect("memory can be written").into_inner()
    }

    fn read_bytes(bytes: &[u8]) -> Result<Loaded, DataError> {
        read_with(bytes, Missing::Refuse)
    }

    fn read_with(bytes: &[u8], missing: Missing) -> Result<Loaded, DataError> {
        let interrupt = AtomicBool::new(false);
        read(Loading { path: Path::new("some.npz"), interrupt: &interrupt }, Cursor::new(bytes), missing)
    }

    fn stored(arrays: &[(&str, Vec<u8>)]) -> Result<Loaded, DataError> {
        read_bytes(&npz(arrays, zip::CompressionMethod::Stored))
    }

    fn row(samples: &Samples, index: u32) -> (Vec<f32>, u32) {
        let (mut inputs, mut labels) = (vec![0.0; samples.width()], [0]);
        samples.gather(&[index], &mut inputs, &mut labels);
        (inputs, labels[0])
    }

    #[test]
    fn the_layout_of_keras_is_read_and_its_bytes_are_scaled() {
        let loaded = stored(&[
            ("x_test", npy("|u1", "(1, 2, 2)", &[0, 0, 255, 0])),
            ("x_train", npy("|u1", "(2, 2, 2)", &[0, 255, 0, 0, 255, 0, 0, 0])),
            ("y_train", npy("|u1", "(2,)", &[1, 0])),
            ("y_test", npy("<i8", "(1,)", &2_i64.to_le_bytes())),
        ])
        .expect("Keras's layout");
        assert_eq!(loaded.classes, 3);
        assert_eq!(loaded.image, Some(ImageShape { height: 2, width: 2 }));
        assert_eq!(row(&loaded.train, 0), (vec![0.0, 1.0, 0.0, 0.0], 1));
        assert_eq!(row(&loaded.test.expect("a test set"), 0), (vec![0.0, 0.0, 1.0, 0.0], 2));
    }

    #[test]
    fn two_arrays_are_enough_and_integers_are_taken_as_they_are() {
        let loaded = stored(&[
            ("X", npy("<i4", "(2, 3)", &[1_i32, 2, 3, -4, 5, 600].map(i32::to_le_bytes).concat())),
            ("y", npy("<i4", "(2, 1)", &[1_i32, 0].map(i32::to_le_bytes).concat())),
        ])
        .expect("two arrays");
        assert_eq!((loaded.classes, loaded.image), (2, None));
        assert!(loaded.test.is_none());
        assert_eq!(row(&loaded.train, 1), (vec![-4.0, 5.0, 600.0], 0));
    }

    #[test]
    fn errors_say_where_and_what() {
        let x = || ("x", npy("|u1", "(2, 1)", &[1, 2]));
        let y = |label: i64| ("y", npy("<i8", "(2,)", &[0, label].map(i64::to_le_bytes).concat()));
        let nan = npy("<f4", "(2, 1)", &[0.0, f32::NAN].map(f32::to_le_bytes).concat());
        for (arrays, expected) in [
            (vec![], "some.npz: expected arrays x_train and y_train"),
            (vec![x(), ("target", vec![])], "found target, x"),
            (vec![x(), y(1), ("x_test", vec![])], "found x, x_test, y"),
            (vec![x(), y(-1)], "some.npz, array y, offset 76: expected classes from 0 to 65535, found -1"),
            (vec![x(), y(65_536)], "expected classes from 0 to 65535, found 65536"),
            (
                vec![x(), ("y", npy("|u1", "(3,)", &[0; 3]))],
                "array y, offset 10: expected the shape [2], a label for each",
            ),
            (vec![x(), ("y", npy("<f4", "(2,)", &[0; 8]))], "array y, offset 10: expected labels of an integer type"),
            (
                vec![("x", npy("|u1", "(2,)", &[0; 2])), y(0)],
                "array x, offset 10: expected the shape [samples, inputs, ...] without 0, found [2]",
            ),
            (
                vec![("x", npy("|u1", "(0, 1099511627776, 1099511627776)", &[])), ("y", npy("|u1", "(0,)", &[]))],
                "without 0, found [0, 1099511627776, 1099511627776]",
            ),
            (vec![("x", nan), y(0)], "array x, offset 74: expected finite numbers (as f32), found NaN"),
            (
                vec![x(), y(0), ("x_test", npy("|u1", "(1, 2)", &[0; 2])), ("y_test", npy("|u1", "(1,)", &[0]))],
                "array x_test, offset 10: expected samples of shape [1], as in training, found [2]",
            ),
        ] {
            let message = stored(&arrays).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
        }
        let message = read_bytes(b"not a zip").expect_err("not a zip").to_string();
        assert!(
            message.starts_with("some.npz: expected a zip archive of arrays, as numpy.savez writes it; "),
            "{message}"
        );
    }

    #[test]
    fn nan_is_a_missing_value_if_that_is_what_it_is_taken_for() {
        let x = npy("<f4", "(3, 1)", &[1.0, f32::NAN, 3.0].map(f32::to_le_bytes).concat());
        let infinite = npy("<f4", "(3, 1)", &[1.0, f32::INFINITY, 3.0].map(f32::to_le_bytes).concat());
        let archive = |x| npz(&[("x", x), ("y", npy("|u1", "(3,)", &[0, 2, 1]))], zip::CompressionMethod::Stored);
        let message = read_bytes(&archive(x.clone())).expect_err("NaN").to_string();
        assert!(message.contains("found NaN; data.missing = \"mean\" or \"drop\" takes it for a missing"), "{message}");
        let dropped = read_with(&archive(x.clone()), Missing::Drop).expect("two samples");
        assert_eq!((dropped.dropped, dropped.classes, row(&dropped.train, 1)), (1, 2, (vec![3.0], 1)));
        let gap = read_with(&archive(x), Missing::Mean).expect("three samples");
        assert!(row(&gap.train, 1).0[0].is_nan());
        assert!(read_with(&archive(infinite), Missing::Mean).is_err());
    }

    #[test]
    fn arrays_without_labels_for_them_are_not_unpacked() {
        let x = npy("|u1", "(3000000, 1000)", &vec![0; 50_000_000]);
        let archive = npz(&[("x", x), ("y", npy("|u1", "(2,)", &[0, 1]))], zip::CompressionMethod::Deflated);
        let info = allocation_counter::measure(|| {
            let message = read_bytes(&archive).expect_err("two labels").to_string();
            assert!(message.contains("array y, offset 10: expected the shape [3000000], a label for"), "{message}");
        });
        assert!(info.bytes_max < 1_000_000, "{} bytes", info.bytes_max);
    }

    fn archives() -> impl Strategy<Value = (Vec<f32>, Vec<u8>, Vec<u8>)> {
        let number = prop::num::f32::NORMAL | prop::num::f32::ZERO;
        let rows = (1_usize..6).prop_flat_map(move |rows| {
            (prop::collection::vec(number, rows * 2), prop::collection::vec(any::<u8>(), rows))
        });
        (rows, any::<bool>()).prop_map(|((inputs, labels), compressed)| {
            let elements: Vec<u8> = inputs.iter().flat_map(|x| x.to_le_bytes()).collect();
            let x = npy("<f4", &format!("({}, 2)", labels.len()), &elements);
            let y = npy("|u1", &format!("({},)", labels.len()), &labels);
            let method = if compressed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
            let bytes = npz(&[("x", x), ("y", y)], method);
            (inputs, labels, bytes)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read_back((inputs, labels, bytes) in archives()) {
            let samples = read_bytes(&bytes).unwrap().train;
            let (mut read_inputs, mut read_labels) = (vec![0.0; inputs.len()], vec![0; labels.len()]);
            samples.range(0, &mut read_inputs, &mut read_labels);
            prop_assert_eq!(read_inputs, inputs);
            prop_assert_eq!(read_labels, labels.into_iter().map(u32::from).collect::<Vec<_>>());
        }

        #[test]
        fn every_truncation_is_an_error((_, _, bytes) in archives()) {
            for end in 0..bytes.len() {
                prop_assert!(read_bytes(&bytes[..end]).is_err(), "cut at {}", end);
            }
        }

        #[test]
        fn damage_never_panics((_, _, mut bytes) in archives(), damage: Vec<(prop::sample::Index, u8)>) {
            for (place, byte) in damage {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            let _ = read_bytes(&bytes);
        }
    }
}
