//! `Event`, read in place: which values of which tags a record holds, and in which form.

use super::{
    kind::SeriesKind,
    tensor::Tensor,
    wire::{Fields, Malformed},
};
use crate::proto::DataType;

/// The tag under which the graph of a run is listed. `TensorBoard`'s data server uses the same.
pub(crate) const GRAPH_TAG: &[u8] = b"__run_graph__";
/// The tag under which meta graphs are listed.
pub(crate) const META_GRAPH_TAG: &[u8] = b"__meta_graph__";
/// `SessionLog.START`.
const SESSION_START: u64 = 1;

/// What an element of a tensor needs to be held exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// An f32.
    Single,
    /// An f64.
    Double,
    /// More: an integer beyond 2^53.
    Integer(i128),
}

/// The form in which a value stands in a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form<'a> {
    /// A number: `simple_value`, or a `tensor` with one numeric element.
    Number { value: f64, width: Width, tensor: bool },
    /// A tensor; `guess` is what it looks like, for want of metadata.
    Tensor { bytes: &'a [u8], guess: SeriesKind },
    /// A `HistogramProto`.
    Histogram(&'a [u8]),
    /// An `Image`.
    Image(&'a [u8]),
    /// An `Audio`.
    Audio(&'a [u8]),
    /// A serialised `GraphDef`.
    Graph(&'a [u8]),
    /// A serialised `RunMetadata`.
    RunMetadata(&'a [u8]),
    /// Something else that has a tag.
    Unknown(&'a [u8]),
}

impl Form<'_> {
    /// What a series is whose first value has this form, and whether metadata may know better.
    pub(crate) fn kind(&self) -> (SeriesKind, bool) {
        match *self {
            Form::Number { tensor, .. } => (SeriesKind::Scalar, tensor),
            Form::Tensor { guess, .. } => (guess, true),
            Form::Histogram(_) => (SeriesKind::Histogram, false),
            Form::Image(_) => (SeriesKind::Image, false),
            Form::Audio(_) => (SeriesKind::Audio, false),
            Form::Graph(_) => (SeriesKind::Graph, false),
            Form::RunMetadata(_) => (SeriesKind::RunMetadata, false),
            Form::Unknown(_) => (SeriesKind::Other, true),
        }
    }
}

/// A value of a tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Value<'a> {
    /// Step of the record.
    pub(crate) step: i64,
    /// Seconds since the Unix epoch.
    pub(crate) wall_time: f64,
    /// Which of the record's values this is, from 0.
    pub(crate) part: u32,
    /// Should be UTF-8.
    pub(crate) tag: &'a [u8],
    /// The value itself.
    pub(crate) form: Form<'a>,
    /// A serialised `SummaryMetadata`.
    pub(crate) metadata: Option<&'a [u8]>,
    /// Bytes of the value in the file.
    pub(crate) bytes: usize,
}

/// Calls `each` with every value of a record, whose payload is given. Returns the step of a session that the record
/// begins (`SessionLog.START`).
///
/// # Errors
///
/// If the payload is no message, or `each` says so. Values that stand before the defect have been seen then.
pub(crate) fn values<'a>(
    payload: &'a [u8],
    mut each: impl FnMut(Value<'a>) -> Result<(), Malformed>,
) -> Result<Option<i64>, Malformed> {
    let mut session = None;
    let (mut step, mut wall_time) = (0, 0.0);
    // Step and time may stand behind what happened then: they are looked for first.
    for field in Fields::new(payload) {
        let field = field?;
        match field.number {
            1 => wall_time = field.double()?,
            2 => step = field.varint()?.cast_signed(),
            _ => {}
        }
    }
    let mut part = 0;
    let mut give = |tag, form, metadata, bytes| {
        let value = Value { step, wall_time, part, tag, form, metadata, bytes };
        part += 1;
        each(value)
    };
    for field in Fields::new(payload) {
        let field = field?;
        match field.number {
            4 => {
                let graph = field.bytes()?;
                give(GRAPH_TAG, Form::Graph(graph), None, graph.len())?;
            }
            5 => {
                for field in Fields::new(field.bytes()?) {
                    let field = field?;
                    if field.number == 1 {
                        let bytes = field.bytes()?;
                        let (tag, form, metadata) = value(bytes)?;
                        // A value with neither a form nor metadata says nothing.
                        if let Some(form) = form {
                            give(tag, form, metadata, bytes.len())?;
                        } else if metadata.is_some() {
                            give(tag, Form::Unknown(&[]), metadata, bytes.len())?;
                        }
                    }
                }
            }
            7 => {
                for field in Fields::new(field.bytes()?) {
                    let field = field?;
                    if field.number == 1 {
                        session = (field.varint()? == SESSION_START).then_some(step);
                    }
                }
            }
            8 => {
                let (mut tag, mut run_metadata) = (&b""[..], &b""[..]);
                for field in Fields::new(field.bytes()?) {
                    let field = field?;
                    match field.number {
                        1 => tag = field.bytes()?,
                        2 => run_metadata = field.bytes()?,
                        _ => {}
                    }
                }
                give(tag, Form::RunMetadata(run_metadata), None, run_metadata.len())?;
            }
            9 => {
                let graph = field.bytes()?;
                give(META_GRAPH_TAG, Form::Unknown(graph), None, graph.len())?;
            }
            _ => {}
        }
    }
    Ok(session)
}

/// Tag, form and metadata of a `Summary.Value`.
type Parts<'a> = (&'a [u8], Option<Form<'a>>, Option<&'a [u8]>);

fn value(bytes: &[u8]) -> Result<Parts<'_>, Malformed> {
    let (mut tag, mut form, mut metadata) = (&b""[..], None, None);
    for field in Fields::new(bytes) {
        let field = field?;
        match field.number {
            1 => tag = field.bytes()?,
            2 => form = Some(Form::Number { value: f64::from(field.float()?), width: Width::Single, tensor: false }),
            4 => form = Some(Form::Image(field.bytes()?)),
            5 => form = Some(Form::Histogram(field.bytes()?)),
            6 => form = Some(Form::Audio(field.bytes()?)),
            8 => form = Some(tensor(field.bytes()?)?),
            9 => metadata = Some(field.bytes()?),
            _ => {}
        }
    }
    Ok((tag, form, metadata))
}

fn tensor(bytes: &[u8]) -> Result<Form<'_>, Malformed> {
    let tensor = Tensor::new(bytes)?;
    let mut guess = SeriesKind::Other;
    if let Some(shape) = tensor.shape {
        if tensor.is_numeric() {
            if shape.elements() == 1
                && let Ok((value, width)) = tensor.scalar()
            {
                return Ok(Form::Number { value, width, tensor: true });
            }
            if let [_, 3] = shape.sizes() {
                guess = SeriesKind::Histogram;
            }
        } else if tensor.dtype == DataType::String as u64 && shape.sizes().is_empty() {
            guess = SeriesKind::Text;
        }
    }
    Ok(Form::Tensor { bytes, guess })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::proto::{
        self, Event, HistogramProto, Summary, SummaryMetadata, TaggedRunMetadata, TensorProto, ValueKind, What,
    };

    fn event(what: What) -> Vec<u8> {
        Event { wall_time: 2.5, step: -7, what: Some(what), source_metadata: None }.encode_to_vec()
    }

    fn summary(values: Vec<(&str, ValueKind)>) -> Vec<u8> {
        let value =
            values.into_iter().map(|(tag, value)| proto::Value { tag: tag.into(), value: Some(value), metadata: None });
        event(What::Summary(Summary { value: value.collect() }))
    }

    /// Tag, kind and number of every value.
    fn seen(payload: &[u8]) -> Vec<(String, SeriesKind, Option<f64>)> {
        let mut found = Vec::new();
        values(payload, |value| {
            assert_eq!((value.step, value.wall_time, value.part as usize), (-7, 2.5, found.len()));
            let number = if let Form::Number { value, .. } = value.form { Some(value) } else { None };
            found.push((String::from_utf8(value.tag.to_vec()).unwrap(), value.form.kind().0, number));
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn all_forms_are_told_apart() {
        let payload = summary(vec![
            ("old", ValueKind::SimpleValue(f32::INFINITY)),
            ("new", ValueKind::Tensor(TensorProto::scalar(2.5))),
            ("histo", ValueKind::Histo(HistogramProto::default())),
            ("image", ValueKind::Image(proto::Image::default())),
            ("audio", ValueKind::Audio(proto::Audio::default())),
            ("rows", ValueKind::Tensor(TensorProto::rows([[0.0; 3]; 2].into_iter()))),
            ("text", ValueKind::Tensor(TensorProto::string(b"words".to_vec()))),
            ("strings", ValueKind::Tensor(TensorProto::strings(vec![]))),
        ]);
        let expected = [
            ("old", SeriesKind::Scalar, Some(f64::INFINITY)),
            ("new", SeriesKind::Scalar, Some(2.5)),
            ("histo", SeriesKind::Histogram, None),
            ("image", SeriesKind::Image, None),
            ("audio", SeriesKind::Audio, None),
            ("rows", SeriesKind::Histogram, None),
            ("text", SeriesKind::Text, None),
            ("strings", SeriesKind::Other, None),
        ];
        assert_eq!(seen(&payload), expected.map(|(tag, kind, number)| (tag.to_owned(), kind, number)));
    }

    #[test]
    fn graphs_and_profiles_are_values_of_a_tag() {
        let graph = seen(&event(What::GraphDef(vec![])));
        assert_eq!(graph, [("__run_graph__".to_owned(), SeriesKind::Graph, None)]);
        let profile = TaggedRunMetadata { tag: "step 3".into(), run_metadata: vec![1, 2] };
        let profile = seen(&event(What::TaggedRunMetadata(profile)));
        assert_eq!(profile, [("step 3".to_owned(), SeriesKind::RunMetadata, None)]);
    }

    #[test]
    fn a_value_without_a_form_is_kept_if_it_has_metadata() {
        let metadata = Some(SummaryMetadata { display_name: "shown".into(), ..Default::default() });
        let mute = proto::Value { tag: "mute".into(), ..Default::default() };
        let value = vec![mute.clone(), proto::Value { metadata, ..mute }];
        let found = seen(&event(What::Summary(Summary { value })));
        assert_eq!(found, [("mute".to_owned(), SeriesKind::Other, None)]);
    }

    proptest! {
        #[test]
        fn what_prost_writes_is_found(
            step: i64,
            wall_time in -1e10f64..1e10,
            values in prop::collection::vec((".{0,8}", any::<f32>(), 0..4), 0..6),
        ) {
            let value = |(tag, number, form): (String, f32, i32)| {
                let value = match form {
                    0 => ValueKind::SimpleValue(number),
                    1 => ValueKind::Tensor(TensorProto::scalar(number)),
                    2 => ValueKind::Tensor(TensorProto::rows([[f64::from(number); 3]; 2].into_iter())),
                    _ => ValueKind::Tensor(TensorProto::string(tag.clone().into_bytes())),
                };
                proto::Value { tag, value: Some(value), metadata: None }
            };
            let value: Vec<proto::Value> = values.iter().cloned().map(value).collect();
            let what = Some(What::Summary(Summary { value }));
            let payload = Event { wall_time, step, what, source_metadata: None }.encode_to_vec();
            let mut found = Vec::new();
            super::values(&payload, |value| {
                assert_eq!((value.step, value.wall_time), (step, wall_time));
                let bits = if let Form::Number { value, .. } = value.form { Some((value as f32).to_bits()) } else { None };
                found.push((String::from_utf8(value.tag.to_vec()).unwrap(), bits, value.form.kind().0));
                Ok(())
            })
            .unwrap();
            let expected: Vec<_> = values
                .into_iter()
                .map(|(tag, number, form)| match form {
                    0 | 1 => (tag, Some(number.to_bits()), SeriesKind::Scalar),
                    2 => (tag, None, SeriesKind::Histogram),
                    _ => (tag, None, SeriesKind::Text),
                })
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_step_may_stand_behind_the_summary() {
        let mut payload = Event {
            what: Some(What::Summary(Summary {
                value: vec![proto::Value {
                    tag: "loss".into(),
                    value: Some(ValueKind::SimpleValue(1.0)),
                    metadata: None,
                }],
            })),
            ..Default::default()
        }
        .encode_to_vec();
        payload.extend(Event { wall_time: 2.5, step: -7, ..Default::default() }.encode_to_vec());
        assert_eq!(seen(&payload), [("loss".to_owned(), SeriesKind::Scalar, Some(1.0))]);
    }
}
