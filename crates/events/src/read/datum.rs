//! Values that are left in their files until somebody asks: histograms, texts, pictures, sounds.

use super::{
    event::Form,
    histogram::{Histogram, Moments},
    kind::SeriesKind,
    tensor::{Tensor, TensorError},
    wire::{Fields, Malformed, Wire, array, text},
};
use crate::summary::histogram::Bucket;

/// A value of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// A number.
    Number(f64),
    /// A histogram.
    Histogram(Histogram),
    /// Text.
    Text(Text),
    /// Pictures.
    Pictures(Pictures),
    /// Sounds.
    Sounds(Sounds),
    /// An array of numbers: precision and recall, for example.
    Array(Array),
    /// A message that is not looked into: a graph, a profile, the tensor of an unknown plugin.
    Bytes(Vec<u8>),
}

/// Text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// Empty for a single text, `[n]` for a list, `[rows, columns]` for a table.
    pub shape: Vec<u64>,
    /// The texts, row by row.
    pub texts: Vec<String>,
}

/// Pictures of one size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pictures {
    /// Pixels, as the writer said; None if it said nothing readable.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// PNG files mostly; JPEG and GIF occur.
    pub files: Vec<Vec<u8>>,
}

/// Sounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sounds {
    /// Hertz, if it is said outside of the files.
    pub sample_rate: Option<f32>,
    /// Its MIME type, if it is said.
    pub content_type: Option<String>,
    /// WAV files mostly.
    pub files: Vec<Vec<u8>>,
}

/// An array of numbers, row-major.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Array {
    /// Lengths of the axes.
    pub shape: Vec<u64>,
    /// The elements.
    pub numbers: Vec<f64>,
}

/// Why a value cannot be made sense of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatumError {
    /// It is no message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is no such tensor.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A histogram needs rows of left edge, right edge and count.
    #[error("a histogram's tensor has shape [buckets, 3], and this one has not")]
    Rows,
    /// Pictures need their sides before them.
    #[error("a picture's tensor begins with its width and height, and this one does not")]
    Sides,
    /// A histogram in the old form with more counts than edges.
    #[error("a histogram has {counts} counts and {edges} edges")]
    Edges {
        /// Number of counts.
        counts: usize,
        /// Number of right edges.
        edges: usize,
    },
}

impl Datum {
    /// Reads a value of a series.
    pub(crate) fn read(form: Form<'_>, kind: SeriesKind) -> Result<Self, DatumError> {
        Ok(match form {
            Form::Number { value, .. } => Datum::Number(value),
            Form::Histogram(bytes) => Datum::Histogram(old_histogram(bytes)?),
            Form::Image(bytes) => Datum::Pictures(old_image(bytes)?),
            Form::Audio(bytes) => Datum::Sounds(old_audio(bytes)?),
            Form::Graph(bytes) | Form::RunMetadata(bytes) | Form::Unknown(bytes) => Datum::Bytes(bytes.to_vec()),
            Form::Tensor { bytes, .. } => {
                let tensor = Tensor::new(bytes)?;
                match kind {
                    SeriesKind::Histogram => Datum::Histogram(histogram(&tensor)?),
                    SeriesKind::Text | SeriesKind::Json => Datum::Text(texts(&tensor)?),
                    SeriesKind::Image => Datum::Pictures(images(&tensor)?),
                    SeriesKind::Audio => Datum::Sounds(audio(&tensor)?),
                    SeriesKind::PrCurve | SeriesKind::Scalar => Datum::Array(numbers(&tensor)?),
                    SeriesKind::Graph | SeriesKind::RunMetadata => Datum::Bytes(only_string(&tensor)?),
                    SeriesKind::HParams | SeriesKind::Other => Datum::Bytes(bytes.to_vec()),
                }
            }
        })
    }
}

fn numbers(tensor: &Tensor<'_>) -> Result<Array, DatumError> {
    let numbers = tensor.numbers()?;
    Ok(Array { shape: tensor.shape.map_or(Vec::new(), |shape| shape.sizes().to_vec()), numbers })
}

fn histogram(tensor: &Tensor<'_>) -> Result<Histogram, DatumError> {
    let Array { shape, numbers } = numbers(tensor)?;
    if !matches!(shape[..], [_, 3]) {
        return Err(DatumError::Rows);
    }
    let (rows, _) = numbers.as_chunks();
    let buckets = rows.iter().map(|&[left, right, count]| Bucket { left, right, count }).collect();
    Ok(Histogram { buckets, moments: None })
}

fn texts(tensor: &Tensor<'_>) -> Result<Text, DatumError> {
    let texts = tensor.strings()?.into_iter().map(|bytes| text(bytes).into_owned()).collect();
    Ok(Text { shape: tensor.shape.map_or(Vec::new(), |shape| shape.sizes().to_vec()), texts })
}

fn only_string(tensor: &Tensor<'_>) -> Result<Vec<u8>, DatumError> {
    Ok(tensor.strings()?.first().map_or(Vec::new(), |bytes| bytes.to_vec()))
}

fn images(tensor: &Tensor<'_>) -> Result<Pictures, DatumError> {
    let strings = tensor.strings()?;
    let [width, height, files @ ..] = &strings[..] else { return Err(DatumError::Sides) };
    let side = |bytes: &[u8]| str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    Ok(Pictures { width: side(width), height: side(height), files: files.iter().map(|file| file.to_vec()).collect() })
}

fn audio(tensor: &Tensor<'_>) -> Result<Sounds, DatumError> {
    let strings = tensor.strings()?;
    // A second column holds labels, which nobody shows.
    let columns = tensor.shape.and_then(|shape| shape.sizes().get(1).copied()).unwrap_or(1).max(1) as usize;
    let files = strings.iter().step_by(columns).map(|file| file.to_vec()).collect();
    Ok(Sounds { sample_rate: None, content_type: None, files })
}

/// As `TensorBoard` converts it (`data_compat.py`), but in full precision: empty outer buckets are dropped, and the
/// outermost edges, which writers set to plus and minus `f64::MAX`, become the smallest and largest value.
fn old_histogram(bytes: &[u8]) -> Result<Histogram, DatumError> {
    let (mut moments, mut edges, mut counts) = (Moments::default(), Vec::new(), Vec::new());
    for field in Fields::new(bytes) {
        let field = field?;
        match field.number {
            1 => moments.min = field.double()?,
            2 => moments.max = field.double()?,
            3 => moments.count = field.double()?,
            4 => moments.sum = field.double()?,
            5 => moments.sum_squares = field.double()?,
            6 | 7 => {
                let list = if field.number == 6 { &mut edges } else { &mut counts };
                if let Wire::Bytes(mut packed) = field.wire {
                    list.reserve(packed.len() / 8);
                    while !packed.is_empty() {
                        list.push(f64::from_le_bytes(array(&mut packed)?));
                    }
                } else {
                    list.push(field.double()?);
                }
            }
            _ => {}
        }
    }
    if counts.len() > edges.len() {
        return Err(DatumError::Edges { counts: counts.len(), edges: edges.len() });
    }
    let is_full = |count: &f64| *count > 0.0;
    let (Some(first), Some(last)) = (counts.iter().position(is_full), counts.iter().rposition(is_full)) else {
        // Of values none of which is finite there is a number all the same.
        let moments = Some(moments).filter(|moments| moments.count > 0.0);
        return Ok(Histogram { buckets: Vec::new(), moments });
    };
    let bucket = |i: usize| Bucket {
        left: if i == first { moments.min } else { edges[i - 1] },
        right: if i == last { moments.max } else { edges[i] },
        count: counts[i],
    };
    Ok(Histogram { buckets: (first..=last).map(bucket).collect(), moments: Some(moments) })
}

fn old_image(bytes: &[u8]) -> Result<Pictures, Malformed> {
    let mut pictures = Pictures::default();
    for field in Fields::new(bytes) {
        let field = field?;
        match field.number {
            1 => pictures.height = u32::try_from(field.varint()?).ok(),
            2 => pictures.width = u32::try_from(field.varint()?).ok(),
            4 => pictures.files = vec![field.bytes()?.to_vec()],
            _ => {}
        }
    }
    Ok(pictures)
}

fn old_audio(bytes: &[u8]) -> Result<Sounds, Malformed> {
    let mut sounds = Sounds::default();
    for field in Fields::new(bytes) {
        let field = field?;
        match field.number {
            1 => sounds.sample_rate = Some(field.float()?),
            4 => sounds.files = vec![field.bytes()?.to_vec()],
            5 => sounds.content_type = Some(text(field.bytes()?).into_owned()),
            _ => {}
        }
    }
    Ok(sounds)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::proto::{HistogramProto, TensorProto};

    fn bucket(left: f64, right: f64, count: f64) -> Bucket {
        Bucket { left, right, count }
    }

    #[test]
    fn the_outer_edges_of_old_histograms_are_the_smallest_and_largest_value() {
        let old = HistogramProto {
            min: -1.5,
            max: 2.5,
            num: 5.0,
            sum: 3.25,
            sum_squares: 9.5,
            bucket_limit: vec![-3.0, -1.0, 0.0, 1.0, f64::MAX],
            bucket: vec![0.0, 2.0, 0.0, 3.0, 0.0],
        };
        let read = |old: &HistogramProto| Datum::read(Form::Histogram(&old.encode_to_vec()), SeriesKind::Histogram);
        let buckets = vec![bucket(-1.5, -1.0, 2.0), bucket(-1.0, 0.0, 0.0), bucket(0.0, 2.5, 3.0)];
        let moments = Moments { min: -1.5, max: 2.5, count: 5.0, sum: 3.25, sum_squares: 9.5 };
        assert_eq!(read(&old), Ok(Datum::Histogram(Histogram { buckets, moments: Some(moments) })));

        let empty = HistogramProto { bucket: vec![0.0; 5], ..old.clone() };
        assert_eq!(read(&empty), Ok(Datum::Histogram(Histogram { buckets: vec![], moments: Some(moments) })));
        let nothing = HistogramProto { num: 0.0, ..empty };
        assert_eq!(read(&nothing), Ok(Datum::Histogram(Histogram::default())));
        let short = HistogramProto { bucket_limit: vec![1.0], ..old };
        assert_eq!(read(&short), Err(DatumError::Edges { counts: 5, edges: 1 }));
    }

    #[test]
    fn a_tensor_of_another_shape_is_no_histogram() {
        let read = |tensor: TensorProto, kind| {
            Datum::read(Form::Tensor { bytes: &tensor.encode_to_vec(), guess: SeriesKind::Other }, kind)
        };
        let rows = TensorProto::rows([[1.0, 2.0]].into_iter());
        assert_eq!(read(rows, SeriesKind::Histogram), Err(DatumError::Rows));
        assert_eq!(read(TensorProto::strings(vec![]), SeriesKind::Image), Err(DatumError::Sides));
        let nothing = read(TensorProto::nothing(), SeriesKind::Text);
        assert_eq!(nothing, Err(DatumError::Tensor(TensorError::Type(1))));
    }
}
