//! One NPY array: its header and its elements.

use crate::DataError;
use crate::loading::Loading;
use crate::npy_header::{self, Header};
use std::io::Read;
use std::path::Path;

/// An array, row-major whatever its order in the file.
#[derive(Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Values,
    /// Bytes before the first element in the file.
    header: u64,
    /// Bytes per element in the file.
    size: usize,
}

/// As many elements as the product of the shape. Floats are finite, or NaN where a value is missing.
#[derive(Debug, PartialEq)]
pub(crate) enum Values {
    Bytes(Vec<u8>),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
}

impl Array {
    /// Where element `index` of a one-dimensional array is in the file.
    pub(crate) fn offset(&self, index: usize) -> u64 {
        self.header + (index * self.size) as u64
    }
}

#[derive(Debug, Clone, Copy)]
enum Element {
    U1,
    I4,
    I8,
    F4,
    F8,
}

impl Element {
    fn size(self) -> usize {
        match self {
            Self::U1 => 1,
            Self::I4 | Self::F4 => 4,
            Self::I8 | Self::F8 => 8,
        }
    }
}

/// An array whose header has been read.
pub(crate) struct Opened<'a, R> {
    loading: Loading<'a>,
    file: R,
    header: Header,
    element: Element,
    big_endian: bool,
    pub(crate) shape: Vec<usize>,
    /// Size of the elements, in bytes.
    size: u64,
}

/// Reads the header of an array.
pub(crate) fn open<R: Read>(loading: Loading<'_>, mut file: R) -> Result<Opened<'_, R>, DataError> {
    let path = loading.path;
    let header = npy_header::read(&mut file)
        .map_err(|wrong| DataError::format(path, wrong.offset, wrong.expected, wrong.found))?;
    let (element, big_endian) = element(path, &header)?;
    let (shape, size) = extent(path, &header, element)?;
    Ok(Opened { loading, file, header, element, big_endian, shape, size })
}

impl<R: Read> Opened<'_, R> {
    /// Reads the elements to the end of the file. If values may be `missing`, NaN counts as a missing value.
    pub(crate) fn array(self, missing: bool) -> Result<Array, DataError> {
        let Self { loading, file, header, element, big_endian, shape, size } = self;
        let path = loading.path;
        // Memory grows with the bytes that are really there. Asking for one byte too many tells whether the array ends
        // where it should.
        let bytes = loading.read_up_to(file, size.saturating_add(1), header.length)?;
        let found = bytes.len() as u64;
        if found != size {
            let offset = header.length + size.min(found);
            let end = if found < size { format!("the end after {found}") } else { "more".to_owned() };
            return Err(DataError::format(path, offset, format!("{size} bytes of elements, shape {shape:?}"), end));
        }

        let mut values = match element {
            Element::U1 => Values::Bytes(bytes),
            Element::I4 => {
                let integer = |bytes| i64::from(i32::from_le_bytes(bytes));
                Values::Integers(decode(loading, &bytes, big_endian, integer)?)
            }
            Element::I8 => Values::Integers(decode(loading, &bytes, big_endian, i64::from_le_bytes)?),
            Element::F4 => Values::Floats(decode(loading, &bytes, big_endian, f32::from_le_bytes)?),
            Element::F8 => Values::Floats(decode(loading, &bytes, big_endian, |b| f64::from_le_bytes(b) as f32)?),
        };
        if let Values::Floats(floats) = &values
            && let Some(index) = floats.iter().position(|x| !(x.is_finite() || missing && x.is_nan()))
        {
            let offset = header.length + (index * element.size()) as u64;
            let found = if floats[index].is_nan() {
                "NaN; data.missing = \"mean\" or \"drop\" takes it for a missing value".to_owned()
            } else {
                floats[index].to_string()
            };
            return Err(DataError::format(path, offset, "finite numbers (as f32)", found));
        }
        if header.fortran_order && shape.len() > 1 {
            values = match values {
                Values::Bytes(values) => Values::Bytes(row_major(loading, &values, &shape)?),
                Values::Integers(values) => Values::Integers(row_major(loading, &values, &shape)?),
                Values::Floats(values) => Values::Floats(row_major(loading, &values, &shape)?),
            };
        }
        Ok(Array { shape, values, header: header.length, size: element.size() })
    }
}

fn element(path: &Path, header: &Header) -> Result<(Element, bool), DataError> {
    let wrong = || {
        let expected = "elements of type u1, i4, i8, f4 or f8";
        DataError::format(path, 10, expected, format!("{:?}; array.astype(...) converts", header.descr))
    };
    let order = header.descr.chars().next().filter(|order| "<>|=".contains(*order)).ok_or_else(wrong)?;
    let element = match &header.descr[1..] {
        "u1" => Element::U1,
        "i4" => Element::I4,
        "i8" => Element::I8,
        "f4" => Element::F4,
        "f8" => Element::F8,
        _ => return Err(wrong()),
    };
    Ok((element, order == '>'))
}

/// The shape, and the number of bytes that it demands.
fn extent(path: &Path, header: &Header, element: Element) -> Result<(Vec<usize>, u64), DataError> {
    let shape: Option<Vec<usize>> = header.shape.iter().map(|&size| usize::try_from(size).ok()).collect();
    let bytes = header.shape.iter().try_fold(element.size() as u64, |bytes, &size| bytes.checked_mul(size));
    shape
        .zip(bytes)
        .ok_or_else(|| DataError::format(path, 10, "a shape that a file can have", format!("{:?}", header.shape)))
}

fn decode<T, const SIZE: usize>(
    loading: Loading<'_>,
    bytes: &[u8],
    big_endian: bool,
    from_le: impl Fn([u8; SIZE]) -> T,
) -> Result<Vec<T>, DataError> {
    let turned = |mut bytes: [u8; SIZE]| {
        if big_endian {
            bytes.reverse();
        }
        bytes
    };
    let elements = bytes.as_chunks().0;
    loading.collect(elements.len(), elements.iter().map(|&bytes| from_le(turned(bytes))))
}

/// Values whose first index varies fastest, with the last varying fastest: as pandas stores its tables, and this crate
/// does not.
fn row_major<T: Copy>(loading: Loading<'_>, values: &[T], shape: &[usize]) -> Result<Vec<T>, DataError> {
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    let ordered = std::iter::repeat_with(|| {
        let value = values[place];
        // Count up, last index first; `place` follows, one stride of the index that moves at a time.
        let mut stride = values.len();
        for (index, &size) in index.iter_mut().zip(shape).rev() {
            stride /= size;
            *index += 1;
            place += stride;
            if *index < size {
                break;
            }
            place -= stride * size;
            *index = 0;
        }
        value
    });
    loading.collect(values.len(), ordered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicBool;

    fn write(descr: &str, fortran: bool, shape: &str, elements: &[u8]) -> Vec<u8> {
        let fortran = if fortran { "True" } else { "False" };
        let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), elements].concat()
    }

    fn read_bytes(bytes: &[u8]) -> Result<Array, DataError> {
        let interrupt = AtomicBool::new(false);
        open(Loading { path: Path::new("some.npz"), interrupt: &interrupt }, bytes)?.array(false)
    }

    #[test]
    fn every_type_is_read_in_both_byte_orders() {
        let integers = Values::Integers(vec![-2, 700]);
        let floats = Values::Floats(vec![-0.5, 700.25]);
        for (descr, little, big, values) in [
            (
                "i4",
                [-2_i32, 700].map(i32::to_le_bytes).concat(),
                [-2_i32, 700].map(i32::to_be_bytes).concat(),
                &integers,
            ),
            (
                "i8",
                [-2_i64, 700].map(i64::to_le_bytes).concat(),
                [-2_i64, 700].map(i64::to_be_bytes).concat(),
                &integers,
            ),
            (
                "f4",
                [-0.5_f32, 700.25].map(f32::to_le_bytes).concat(),
                [-0.5_f32, 700.25].map(f32::to_be_bytes).concat(),
                &floats,
            ),
            (
                "f8",
                [-0.5_f64, 700.25].map(f64::to_le_bytes).concat(),
                [-0.5_f64, 700.25].map(f64::to_be_bytes).concat(),
                &floats,
            ),
        ] {
            for (order, bytes) in [("<", little), (">", big)] {
                let array = read_bytes(&write(&format!("{order}{descr}"), false, "(2,)", &bytes)).expect(descr);
                assert_eq!((&array.values, array.shape), (values, vec![2]));
            }
        }
        let array = read_bytes(&write("|u1", false, "(2,)", &[1, 255])).expect("bytes");
        assert_eq!(array.values, Values::Bytes(vec![1, 255]));
    }

    #[test]
    fn fortran_order_is_turned() {
        // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)).tobytes("A")
        let stored = [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23];
        let array = read_bytes(&write("|u1", true, "(2, 3, 4)", &stored)).expect("bytes");
        assert_eq!(array.values, Values::Bytes((0..24).collect()));
    }

    #[test]
    fn errors_say_where_and_what() {
        let infinite = [1.0, f64::INFINITY].map(f64::to_le_bytes).concat();
        let large = [1e39_f64].map(f64::to_le_bytes).concat();
        for (bytes, expected) in [
            (
                write("<u2", false, "(1,)", &[0; 2]),
                "offset 10: expected elements of type u1, i4, i8, f4 or f8, found \"<u2\"",
            ),
            (write("éé", false, "(1,)", &[0; 2]), "offset 10: expected elements of type"),
            (write("<f8", false, "(2,)", &infinite), "expected finite numbers (as f32), found inf"),
            (write("<f8", false, "(1,)", &large), "expected finite numbers (as f32), found inf"),
            (write("|u1", false, "(3,)", &[0; 2]), "expected 3 bytes of elements, shape [3], found the end after 2"),
            (write("|u1", false, "(1,)", &[0; 2]), "expected 1 bytes of elements, shape [1], found more"),
            (
                write("<f8", false, "(99999999999, 99999999999)", &[]),
                "offset 10: expected a shape that a file can have",
            ),
        ] {
            let message = read_bytes(&bytes).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn gigantic_claims_allocate_nothing_gigantic() {
        let bytes = write("<f8", false, "(99999999999,)", &[0; 100]);
        let peak = allocation_counter::measure(|| drop(read_bytes(&bytes).expect_err("a lie")));
        assert!(peak.bytes_max < 100_000, "{} bytes", peak.bytes_max);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_every_truncation_is_an_error(
            numbers in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO, 0..20),
        ) {
            let elements: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
            let bytes = write("<f4", false, &format!("({},)", numbers.len()), &elements);
            for end in 0..bytes.len() {
                prop_assert!(read_bytes(&bytes[..end]).is_err());
            }
            prop_assert_eq!(read_bytes(&bytes).unwrap().values, Values::Floats(numbers));
        }

        #[test]
        fn random_elements_and_shapes_never_panic(shape in "\\([0-9]{0,3}(, ?[0-9]{0,2}){0,3}\\)", fortran: bool, bytes: Vec<u8>) {
            for descr in ["|u1", "<i4", ">f8"] {
                let _ = read_bytes(&write(descr, fortran, &shape, &bytes));
            }
        }
    }
}
