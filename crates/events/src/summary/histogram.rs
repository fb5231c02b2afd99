//! Histograms: a tensor of shape `[buckets, 3]`, each row left edge, right edge, count.

use crate::proto::TensorProto;

/// A bucket of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Left edge.
    pub left: f64,
    /// Right edge. `TensorBoard` takes a value on an edge to belong to the bucket on its right, and the largest value
    /// to belong to the last bucket.
    pub right: f64,
    /// Number of values.
    pub count: f64,
}

/// The tensor of the histograms plugin. Buckets should stand in ascending order and touch.
pub(crate) fn tensor(buckets: &[Bucket]) -> TensorProto {
    TensorProto::rows(buckets.iter().map(|bucket| [bucket.left, bucket.right, bucket.count]))
}
