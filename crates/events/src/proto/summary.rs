//! `summary.proto`, `histogram.proto` and the plugins' `plugin_data.proto`: values and what they are.

use super::TensorProto;

/// Values of one step.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Summary {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

/// A value of a tag at a step.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    /// Tag: names the series within its run.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// The value itself.
    #[prost(oneof = "ValueKind", tags = "2, 4, 5, 6, 8")]
    pub value: Option<ValueKind>,
    /// What the series is. Readers keep the first of a tag and ignore the rest, so later values need none.
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<SummaryMetadata>,
}

/// The forms that a value takes. Current writers use `Tensor` for everything; the others are older.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum ValueKind {
    /// A scalar in the old form (`PyTorch` still writes it).
    #[prost(float, tag = "2")]
    SimpleValue(f32),
    /// An image in the old form.
    #[prost(message, tag = "4")]
    Image(Image),
    /// A histogram in the old form.
    #[prost(message, tag = "5")]
    Histo(HistogramProto),
    /// A sound in the old form.
    #[prost(message, tag = "6")]
    Audio(Audio),
    /// The current form; the metadata's plugin says how to read it.
    #[prost(message, tag = "8")]
    Tensor(TensorProto),
}

/// An image in the old form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    /// Pixels.
    #[prost(int32, tag = "1")]
    pub height: i32,
    /// Pixels.
    #[prost(int32, tag = "2")]
    pub width: i32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    #[prost(int32, tag = "3")]
    pub colorspace: i32,
    /// A PNG, JPEG or GIF file.
    #[prost(bytes = "vec", tag = "4")]
    pub encoded_image_string: Vec<u8>,
}

/// A sound in the old form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Audio {
    /// Hertz.
    #[prost(float, tag = "1")]
    pub sample_rate: f32,
    /// Channels.
    #[prost(int64, tag = "2")]
    pub num_channels: i64,
    /// Samples per channel.
    #[prost(int64, tag = "3")]
    pub length_frames: i64,
    /// The file.
    #[prost(bytes = "vec", tag = "4")]
    pub encoded_audio_string: Vec<u8>,
    /// The file's MIME type.
    #[prost(string, tag = "5")]
    pub content_type: String,
}

/// A histogram in the old form. Bucket `i` holds `(limit[i-1], limit[i]]`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HistogramProto {
    /// Smallest value.
    #[prost(double, tag = "1")]
    pub min: f64,
    /// Largest value.
    #[prost(double, tag = "2")]
    pub max: f64,
    /// Number of values.
    #[prost(double, tag = "3")]
    pub num: f64,
    /// Their sum.
    #[prost(double, tag = "4")]
    pub sum: f64,
    /// The sum of their squares.
    #[prost(double, tag = "5")]
    pub sum_squares: f64,
    /// Right edges, ascending; the outermost may be plus and minus `f64::MAX`.
    #[prost(double, repeated, tag = "6")]
    pub bucket_limit: Vec<f64>,
    /// Counts, one to an edge.
    #[prost(double, repeated, tag = "7")]
    pub bucket: Vec<f64>,
}

/// What a series is and who shows it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SummaryMetadata {
    /// The plugin and its own data.
    #[prost(message, optional, tag = "1")]
    pub plugin_data: Option<PluginData>,
    /// Shown instead of the tag, if not empty.
    #[prost(string, tag = "2")]
    pub display_name: String,
    /// Markdown.
    #[prost(string, tag = "3")]
    pub summary_description: String,
    /// A [`DataClass`].
    #[prost(enumeration = "DataClass", tag = "4")]
    pub data_class: i32,
}

/// A plugin's claim on a series.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PluginData {
    /// `scalars`, `histograms`, `images`, `audio`, `text`, `hparams`, ...
    #[prost(string, tag = "1")]
    pub plugin_name: String,
    /// The plugin's own message, serialised.
    #[prost(bytes = "vec", tag = "2")]
    pub content: Vec<u8>,
}

/// How a series is stored and sampled by readers, whatever plugin shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum DataClass {
    /// Written before there were data classes: the plugin's name decides.
    Unknown = 0,
    /// Tensors of rank 0 and a numeric type.
    Scalar = 1,
    /// Any tensors.
    Tensor = 2,
    /// Tensors of rank 1 and type string, fetched one by one.
    BlobSequence = 3,
}

/// What the images plugin says of a series.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ImagePluginData {
    /// Zero.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// Whether a reader made the tensor from the old form.
    #[prost(bool, tag = "2")]
    pub converted_to_tensor: bool,
}

/// What the audio plugin says of a series.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AudioPluginData {
    /// Zero.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// An [`AudioEncoding`].
    #[prost(enumeration = "AudioEncoding", tag = "2")]
    pub encoding: i32,
    /// Whether a reader made the tensor from the old form.
    #[prost(bool, tag = "3")]
    pub converted_to_tensor: bool,
}

/// The file format of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum AudioEncoding {
    /// Not said.
    Unknown = 0,
    /// WAV.
    Wav = 11,
}
