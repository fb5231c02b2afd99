//! `tensor.proto`, `tensor_shape.proto`, `types.proto`: arrays of numbers or strings.

/// An array. Its elements stand either in `tensor_content` or, one by one, in the field of their type.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorProto {
    /// A [`DataType`].
    #[prost(enumeration = "DataType", tag = "1")]
    pub dtype: i32,
    /// Shape.
    #[prost(message, optional, tag = "2")]
    pub tensor_shape: Option<TensorShapeProto>,
    /// All elements, row-major, little-endian. Empty if they stand in a field below.
    #[prost(bytes = "vec", tag = "4")]
    pub tensor_content: Vec<u8>,
    /// Elements of a `Float`.
    #[prost(float, repeated, tag = "5")]
    pub float_val: Vec<f32>,
    /// Elements of a `Double`.
    #[prost(double, repeated, tag = "6")]
    pub double_val: Vec<f64>,
    /// Elements of an integer of at most 32 bits.
    #[prost(int32, repeated, tag = "7")]
    pub int_val: Vec<i32>,
    /// Elements of a `String`.
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub string_val: Vec<Vec<u8>>,
    /// Elements of an `Int64`.
    #[prost(int64, repeated, tag = "10")]
    pub int64_val: Vec<i64>,
    /// Elements of a `Bool`.
    #[prost(bool, repeated, tag = "11")]
    pub bool_val: Vec<bool>,
    /// Elements of a `Half` or `Bfloat16`: the bits, in the low half.
    #[prost(int32, repeated, tag = "13")]
    pub half_val: Vec<i32>,
    /// Elements of a `Uint32`.
    #[prost(uint32, repeated, tag = "16")]
    pub uint32_val: Vec<u32>,
    /// Elements of a `Uint64`.
    #[prost(uint64, repeated, tag = "17")]
    pub uint64_val: Vec<u64>,
}

/// A shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorShapeProto {
    /// Axes, outermost first; none for a scalar.
    #[prost(message, repeated, tag = "2")]
    pub dim: Vec<Dim>,
    /// Whether not even the number of axes is known.
    #[prost(bool, tag = "3")]
    pub unknown_rank: bool,
}

/// An axis.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Dim {
    /// Length; -1 if unknown.
    #[prost(int64, tag = "1")]
    pub size: i64,
    /// Name, usually empty.
    #[prost(string, tag = "2")]
    pub name: String,
}

/// Types of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum DataType {
    /// Not said.
    Invalid = 0,
    /// f32.
    Float = 1,
    /// f64.
    Double = 2,
    /// i32.
    Int32 = 3,
    /// u8.
    Uint8 = 4,
    /// i16.
    Int16 = 5,
    /// i8.
    Int8 = 6,
    /// Bytes of any length.
    String = 7,
    /// i64.
    Int64 = 9,
    /// bool.
    Bool = 10,
    /// The upper half of an f32.
    Bfloat16 = 14,
    /// u16.
    Uint16 = 17,
    /// IEEE 754 half precision.
    Half = 19,
    /// u32.
    Uint32 = 22,
    /// u64.
    Uint64 = 23,
}

/// A length as the format has it. No collection is longer than `isize::MAX`.
fn length(length: usize) -> i64 {
    length.cast_signed() as i64
}

impl TensorShapeProto {
    /// The shape whose axes have these lengths.
    pub fn of(sizes: &[i64]) -> Self {
        let dim = sizes.iter().map(|&size| Dim { size, name: String::new() }).collect();
        TensorShapeProto { dim, unknown_rank: false }
    }
}

impl TensorProto {
    fn empty(dtype: DataType, shape: &[i64]) -> Self {
        TensorProto { dtype: dtype.into(), tensor_shape: Some(TensorShapeProto::of(shape)), ..Self::default() }
    }

    /// A number, of shape `[]`.
    pub fn scalar(value: f32) -> Self {
        TensorProto { float_val: vec![value], ..Self::empty(DataType::Float, &[]) }
    }

    /// A number in double precision, of shape `[]`.
    pub fn wide_scalar(value: f64) -> Self {
        TensorProto { tensor_content: value.to_le_bytes().to_vec(), ..Self::empty(DataType::Double, &[]) }
    }

    /// No numbers, of shape `[0]`: for a value that is all metadata.
    pub fn nothing() -> Self {
        Self::empty(DataType::Float, &[0])
    }

    /// Rows of `N` numbers, of shape `[rows, N]`.
    pub fn rows<const N: usize>(rows: impl ExactSizeIterator<Item = [f64; N]>) -> Self {
        let mut tensor = Self::empty(DataType::Double, &[length(rows.len()), length(N)]);
        tensor.tensor_content.reserve_exact(rows.len() * N * size_of::<f64>());
        for number in rows.flatten() {
            tensor.tensor_content.extend_from_slice(&number.to_le_bytes());
        }
        tensor
    }

    /// A string, of shape `[]`.
    pub fn string(value: Vec<u8>) -> Self {
        TensorProto { string_val: vec![value], ..Self::empty(DataType::String, &[]) }
    }

    /// Strings, of shape `[values.len()]`.
    pub fn strings(values: Vec<Vec<u8>>) -> Self {
        let shape = [length(values.len())];
        TensorProto { string_val: values, ..Self::empty(DataType::String, &shape) }
    }
}
