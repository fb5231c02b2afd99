//! `TensorProto`, read in place.
//!
//! The elements of a tensor stand either in `tensor_content` (little-endian, row-major) or in the field of their type,
//! where a run of equal elements at the end is written once (`TensorFlow`, `tensor.cc`, `Tensor::FromProto`).

use half::{bf16, f16};

use super::{
    event::Width,
    wire::{Field, Fields, Malformed, Wire, array, varint},
};
use crate::proto::DataType;

/// The longest rank that is read. No plugin uses more than four.
const MAX_RANK: usize = 8;

/// How many bytes the elements may take beyond those that they take in the file, because a run of equal ones was written
/// once.
const MAX_FILL: u64 = 1 << 16;

/// An f64 holds all integers up to this one.
const LARGEST_OF_F64: u128 = 1 << 53;

/// Why a tensor is not what its series needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TensorError {
    /// It is no message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A shape that was not known when the tensor was written, is negative, or has more than eight axes.
    #[error("the tensor has no usable shape")]
    Shape,
    /// The elements are not of a type that is read.
    #[error("the tensor's elements are of type {0}, which is not expected here")]
    Type(u64),
    /// There are fewer elements than the shape needs, or more.
    #[error("the tensor's shape asks for {expected} elements, and there are {found}")]
    Count {
        /// The product of the shape.
        expected: u64,
        /// How many there are.
        found: u64,
    },
}

/// The lengths of a tensor's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    sizes: [u64; MAX_RANK],
    rank: usize,
}

impl Shape {
    /// The lengths.
    pub(crate) fn sizes(&self) -> &[u64] {
        &self.sizes[..self.rank]
    }

    /// How many elements there are; saturates.
    pub(crate) fn elements(&self) -> u64 {
        self.sizes().iter().fold(1, |product: u64, &size| product.saturating_mul(size))
    }
}

/// A tensor whose elements have not been looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tensor<'a> {
    /// The message.
    bytes: &'a [u8],
    /// Number of the [`DataType`].
    pub(crate) dtype: u64,
    /// None if it is of no use.
    pub(crate) shape: Option<Shape>,
    content: &'a [u8],
}

impl<'a> Tensor<'a> {
    /// Reads all but the elements.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut tensor = Tensor { bytes, dtype: 0, shape: Some(Shape { sizes: [0; MAX_RANK], rank: 0 }), content: &[] };
        for field in Fields::new(bytes) {
            let field = field?;
            match field.number {
                1 => tensor.dtype = field.varint()?,
                2 => tensor.shape = shape(field.bytes()?)?,
                4 => tensor.content = field.bytes()?,
                _ => {}
            }
        }
        Ok(tensor)
    }

    /// Whether the elements are numbers that [`Tensor::numbers`] reads.
    pub(crate) fn is_numeric(&self) -> bool {
        element(self.dtype).is_some()
    }

    /// The element of a tensor that has one, and what its type, or the integer itself, needs.
    pub(crate) fn scalar(&self) -> Result<(f64, Width), TensorError> {
        let element = element(self.dtype).ok_or(TensorError::Type(self.dtype))?;
        let mut first = None;
        if self.content.is_empty() {
            self.each_listed(element, |number, field| {
                first.get_or_insert((number, integer(self.dtype, field)));
            })?;
        } else if self.content.len() == element.size {
            let word = self.content.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
            first =
                (element.read)(self.content).map(|number| (number, word.and_then(|word| integer_of(self.dtype, word))));
        } else {
            let found = (self.content.len() / element.size) as u64;
            return Err(TensorError::Count { expected: 1, found });
        }
        let (number, integer) = first.unwrap_or((0.0, None));
        let integer = integer.filter(|integer| integer.unsigned_abs() > LARGEST_OF_F64);
        let width = if element.wide { integer.map_or(Width::Double, Width::Integer) } else { Width::Single };
        Ok((number, width))
    }

    /// The elements.
    pub(crate) fn numbers(&self) -> Result<Vec<f64>, TensorError> {
        let element = element(self.dtype).ok_or(TensorError::Type(self.dtype))?;
        let expected = self.shape.ok_or(TensorError::Shape)?.elements();
        if !self.content.is_empty() {
            let found = (self.content.len() / element.size) as u64;
            if found != expected || !self.content.len().is_multiple_of(element.size) {
                return Err(TensorError::Count { expected, found });
            }
            return Ok(self.content.chunks_exact(element.size).filter_map(element.read).collect());
        }
        let mut numbers = Vec::new();
        self.each_listed(element, |number, _| numbers.push(number))?;
        let found = numbers.len() as u64;
        let may_fill = expected.saturating_mul(size_of::<f64>() as u64) <= MAX_FILL;
        if found > expected || (found < expected && !may_fill) {
            return Err(TensorError::Count { expected, found });
        }
        // Within the limit above, so it fits.
        numbers.resize(expected as usize, numbers.last().copied().unwrap_or(0.0));
        Ok(numbers)
    }

    /// The elements of a tensor of strings, which may be any bytes.
    pub(crate) fn strings(&self) -> Result<Vec<&'a [u8]>, TensorError> {
        if self.dtype != DataType::String as u64 {
            return Err(TensorError::Type(self.dtype));
        }
        let mut strings = Vec::new();
        for field in Fields::new(self.bytes) {
            let field = field?;
            if field.number == 8 {
                strings.push(field.bytes()?);
            }
        }
        let expected = self.shape.ok_or(TensorError::Shape)?.elements();
        let found = strings.len() as u64;
        if found == expected { Ok(strings) } else { Err(TensorError::Count { expected, found }) }
    }

    /// Calls `each` with every element that stands in the field of its type, and as it stands there.
    fn each_listed(&self, element: Element, mut each: impl FnMut(f64, Field<'_>)) -> Result<(), Malformed> {
        for field in Fields::new(self.bytes) {
            let field = field?;
            if field.number != element.field {
                continue;
            }
            let Wire::Bytes(mut packed) = field.wire else {
                each((element.listed)(field)?, field);
                continue;
            };
            let number = field.number;
            while !packed.is_empty() {
                let wire = match element.packed {
                    Packed::Varint => Wire::Varint(varint(&mut packed)?),
                    Packed::Fixed32 => Wire::Fixed32(u32::from_le_bytes(array(&mut packed)?)),
                    Packed::Fixed64 => Wire::Fixed64(u64::from_le_bytes(array(&mut packed)?)),
                };
                let field = Field { number, wire };
                each((element.listed)(field)?, field);
            }
        }
        Ok(())
    }
}

/// An integer of 64 bits that stands in a field.
fn integer(dtype: u64, field: Field<'_>) -> Option<i128> {
    field.varint().ok().and_then(|word| integer_of(dtype, word))
}

/// An integer of 64 bits.
fn integer_of(dtype: u64, word: u64) -> Option<i128> {
    match DataType::try_from(i32::try_from(dtype).ok()?).ok()? {
        DataType::Int64 => Some(word.cast_signed().into()),
        DataType::Uint64 => Some(word.into()),
        _ => None,
    }
}

fn shape(bytes: &[u8]) -> Result<Option<Shape>, Malformed> {
    let mut shape = Shape { sizes: [0; MAX_RANK], rank: 0 };
    let mut usable = true;
    for field in Fields::new(bytes) {
        let field = field?;
        match field.number {
            2 => {
                let mut size = 0;
                for field in Fields::new(field.bytes()?) {
                    let field = field?;
                    if field.number == 1 {
                        size = field.varint()?;
                    }
                }
                if shape.rank == MAX_RANK || size > i64::MAX as u64 {
                    usable = false;
                } else {
                    shape.sizes[shape.rank] = size;
                    shape.rank += 1;
                }
            }
            3 if field.varint()? != 0 => usable = false,
            _ => {}
        }
    }
    Ok(usable.then_some(shape))
}

/// How the elements of a packed field stand.
#[derive(Clone, Copy)]
enum Packed {
    Varint,
    Fixed32,
    Fixed64,
}

/// How elements of one type are read.
#[derive(Clone, Copy)]
struct Element {
    /// Bytes in `tensor_content`.
    size: usize,
    /// Reads one there.
    read: fn(&[u8]) -> Option<f64>,
    /// Number of the field that lists them.
    field: u32,
    packed: Packed,
    /// Reads one there.
    listed: fn(Field<'_>) -> Result<f64, Malformed>,
    /// Whether there are values that an f32 does not hold.
    wide: bool,
}

/// None if the type is not a number's.
fn element(dtype: u64) -> Option<Element> {
    fn bits(field: Field<'_>) -> Result<u16, Malformed> {
        field.varint().map(|bits| bits as u16)
    }
    fn signed(field: Field<'_>) -> Result<f64, Malformed> {
        field.varint().map(|bits| bits.cast_signed() as f64)
    }
    fn unsigned(field: Field<'_>) -> Result<f64, Malformed> {
        field.varint().map(|bits| bits as f64)
    }
    macro_rules! content {
        ($type:ty) => {
            |bytes| Some(<$type>::from_le_bytes(bytes.try_into().ok()?) as f64)
        };
    }
    let integer = |size, read, field, listed| Element { size, read, field, packed: Packed::Varint, listed, wide: true };
    let dtype = DataType::try_from(i32::try_from(dtype).ok()?).ok()?;
    Some(match dtype {
        DataType::Float => Element {
            size: 4,
            read: content!(f32),
            field: 5,
            packed: Packed::Fixed32,
            listed: |field| field.float().map(f64::from),
            wide: false,
        },
        DataType::Double => Element {
            size: 8,
            read: content!(f64),
            field: 6,
            packed: Packed::Fixed64,
            listed: |field| field.double(),
            wide: true,
        },
        DataType::Half => Element {
            size: 2,
            read: |bytes| Some(f16::from_le_bytes(bytes.try_into().ok()?).to_f64()),
            field: 13,
            packed: Packed::Varint,
            listed: |field| bits(field).map(|bits| f16::from_bits(bits).to_f64()),
            wide: false,
        },
        DataType::Bfloat16 => Element {
            size: 2,
            read: |bytes| Some(bf16::from_le_bytes(bytes.try_into().ok()?).to_f64()),
            field: 13,
            packed: Packed::Varint,
            listed: |field| bits(field).map(|bits| bf16::from_bits(bits).to_f64()),
            wide: false,
        },
        DataType::Int8 => integer(1, content!(i8), 7, signed),
        DataType::Uint8 => integer(1, content!(u8), 7, signed),
        DataType::Int16 => integer(2, content!(i16), 7, signed),
        DataType::Uint16 => integer(2, content!(u16), 7, signed),
        DataType::Int32 => integer(4, content!(i32), 7, signed),
        DataType::Int64 => integer(8, content!(i64), 10, signed),
        DataType::Bool => integer(1, content!(u8), 11, unsigned),
        DataType::Uint32 => integer(4, content!(u32), 16, unsigned),
        DataType::Uint64 => integer(8, content!(u64), 17, unsigned),
        DataType::Invalid | DataType::String => return None,
    })
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::proto::{TensorProto, TensorShapeProto};

    fn proto(dtype: DataType, shape: &[i64]) -> TensorProto {
        TensorProto { dtype: dtype.into(), tensor_shape: Some(TensorShapeProto::of(shape)), ..Default::default() }
    }

    fn numbers(proto: &TensorProto) -> Result<Vec<f64>, TensorError> {
        Tensor::new(&proto.encode_to_vec())?.numbers()
    }

    #[test]
    fn every_type_is_read_from_the_content() {
        let cases: [(DataType, &[u8], f64); 13] = [
            (DataType::Float, &1.5f32.to_le_bytes(), 1.5),
            (DataType::Double, &0.1f64.to_le_bytes(), 0.1),
            (DataType::Half, &0x3e00u16.to_le_bytes(), 1.5),
            (DataType::Bfloat16, &0x3fc0u16.to_le_bytes(), 1.5),
            (DataType::Int8, &(-3i8).to_le_bytes(), -3.0),
            (DataType::Uint8, &200u8.to_le_bytes(), 200.0),
            (DataType::Int16, &(-300i16).to_le_bytes(), -300.0),
            (DataType::Uint16, &60_000u16.to_le_bytes(), 60_000.0),
            (DataType::Int32, &(-70_000i32).to_le_bytes(), -70_000.0),
            (DataType::Int64, &(-(1i64 << 40)).to_le_bytes(), -(2f64.powi(40))),
            (DataType::Bool, &[1], 1.0),
            (DataType::Uint32, &4_000_000_000u32.to_le_bytes(), 4e9),
            (DataType::Uint64, &(1u64 << 63).to_le_bytes(), 2f64.powi(63)),
        ];
        for (dtype, content, expected) in cases {
            let proto = TensorProto { tensor_content: content.to_vec(), ..proto(dtype, &[]) };
            assert_eq!(numbers(&proto), Ok(vec![expected]), "{dtype:?}");
            let bytes = proto.encode_to_vec();
            let (scalar, width) = Tensor::new(&bytes).unwrap().scalar().unwrap();
            assert_eq!(scalar, expected, "{dtype:?}");
            assert!(width != Width::Single || f64::from(scalar as f32) == scalar, "{dtype:?}");
        }
    }

    #[test]
    fn every_type_is_read_from_its_field() {
        let float = TensorProto { float_val: vec![1.0, f32::INFINITY], ..proto(DataType::Float, &[2]) };
        assert_eq!(numbers(&float), Ok(vec![1.0, f64::INFINITY]));
        let double = TensorProto { double_val: vec![0.1], ..proto(DataType::Double, &[]) };
        assert_eq!(numbers(&double), Ok(vec![0.1]));
        let int = TensorProto { int_val: vec![-5, 7], ..proto(DataType::Int16, &[2]) };
        assert_eq!(numbers(&int), Ok(vec![-5.0, 7.0]));
        let long = TensorProto { int64_val: vec![-5], ..proto(DataType::Int64, &[]) };
        assert_eq!(numbers(&long), Ok(vec![-5.0]));
    }

    #[test]
    fn integers_that_an_f64_does_not_hold_are_exact() {
        let scalar = |proto: &TensorProto| Tensor::new(&proto.encode_to_vec()).unwrap().scalar().unwrap().1;
        let signed = -(1i64 << 53) - 1;
        let listed = TensorProto { int64_val: vec![signed], ..proto(DataType::Int64, &[]) };
        assert_eq!(scalar(&listed), Width::Integer(signed.into()));
        for (dtype, word, expected) in [
            (DataType::Int64, signed.cast_unsigned(), Width::Integer(signed.into())),
            (DataType::Uint64, (1 << 63) + 4096, Width::Integer((1 << 63) + 4096)),
            (DataType::Uint64, u64::MAX, Width::Integer(u64::MAX.into())),
            (DataType::Int64, 1 << 53, Width::Double),
            (DataType::Double, 0.1f64.to_bits(), Width::Double),
        ] {
            let content = TensorProto { tensor_content: word.to_le_bytes().to_vec(), ..proto(dtype, &[1, 1]) };
            assert_eq!(scalar(&content), expected, "{dtype:?} {word}");
        }
    }

    #[test]
    fn a_run_of_equal_elements_at_the_end_is_filled_in() {
        let rows = TensorProto { double_val: vec![1.0, 2.0], ..proto(DataType::Double, &[2, 3]) };
        assert_eq!(numbers(&rows), Ok(vec![1.0, 2.0, 2.0, 2.0, 2.0, 2.0]));
        assert_eq!(numbers(&proto(DataType::Double, &[2])), Ok(vec![0.0, 0.0]));
    }

    #[test]
    fn a_small_tensor_does_not_claim_much_memory() {
        let huge = TensorProto { double_val: vec![1.0], ..proto(DataType::Double, &[1 << 40, 3]) };
        assert_eq!(numbers(&huge), Err(TensorError::Count { expected: 3 << 40, found: 1 }));
        let overflowing = TensorProto { double_val: vec![1.0], ..proto(DataType::Double, &[i64::MAX, i64::MAX]) };
        assert_eq!(numbers(&overflowing), Err(TensorError::Count { expected: u64::MAX, found: 1 }));
    }

    #[test]
    fn a_shape_that_is_none_is_an_error() {
        assert_eq!(numbers(&proto(DataType::Double, &[-1])), Err(TensorError::Shape));
        assert_eq!(numbers(&proto(DataType::Double, &[1; 9])), Err(TensorError::Shape));
        let unknown = TensorShapeProto { dim: vec![], unknown_rank: true };
        let proto = TensorProto { tensor_shape: Some(unknown), ..proto(DataType::Double, &[]) };
        assert_eq!(numbers(&proto), Err(TensorError::Shape));
    }

    #[test]
    fn strings_are_counted() {
        let two = TensorProto::strings(vec![b"a".to_vec(), vec![0xff]]);
        let bytes = two.encode_to_vec();
        assert_eq!(Tensor::new(&bytes).unwrap().strings(), Ok(vec![&b"a"[..], &[0xff]]));
        let three = TensorProto { tensor_shape: Some(TensorShapeProto::of(&[3])), ..two };
        let bytes = three.encode_to_vec();
        assert_eq!(Tensor::new(&bytes).unwrap().strings(), Err(TensorError::Count { expected: 3, found: 2 }));
    }
}
