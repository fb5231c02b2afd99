//! Samples in memory: one copy, shared by the splits and by every run on every thread.

use crate::DataError;
use crate::loading::Loading;
use crate::scale::Linear;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

/// What a byte is multiplied by, so that 0..=255 becomes 0..=1, as TensorFlow's tutorial reader does it.
const BYTE: f32 = 1.0 / 255.0;

/// How many rows are brought into the cache before they are copied: they must stay there, beside everything else.
const AHEAD: usize = 32;
/// Bytes that come into the cache together.
const CACHE_LINE: usize = 64;

/// Labelled samples. Cloning is cheap: the numbers are shared.
#[derive(Debug, Clone)]
pub struct Samples {
    inputs: Inputs,
    labels: Arc<Vec<u32>>,
    /// Inputs per sample.
    width: usize,
    /// The rows of `inputs` and `labels` that belong to this split.
    rows: Range<usize>,
    /// The value of each byte. `None` means byte / 255.
    levels: Option<Arc<[f32; 256]>>,
}

/// `[all rows, width]`, row-major. Bytes stay bytes until they are gathered: a quarter of the memory, and of its traffic.
#[derive(Debug, Clone)]
pub(crate) enum Inputs {
    /// Pixels of the box.
    Static(&'static [u8]),
    Bytes(Arc<Vec<u8>>),
    Floats(Arc<Vec<f32>>),
}

impl Inputs {
    fn len(&self) -> usize {
        match self {
            Self::Static(bytes) => bytes.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Floats(floats) => floats.len(),
        }
    }
}

impl Samples {
    /// All rows of `inputs`, `[labels.len(), width]`.
    pub(crate) fn new(inputs: Inputs, width: usize, labels: Vec<u32>) -> Self {
        assert_eq!(inputs.len(), labels.len() * width, "inputs are [samples, width]");
        Self { inputs, width, rows: 0..labels.len(), labels: Arc::new(labels), levels: None }
    }

    /// The samples `range` of these, sharing their memory.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.len(), "a split lies within its samples");
        let rows = self.rows.start + range.start..self.rows.start + range.end;
        Self { rows, ..self.clone() }
    }

    /// A copy of all samples in another order.
    pub(crate) fn reordered(&self, loading: Loading<'_>, order: &[u32]) -> Result<Self, DataError> {
        let (width, rows) = (self.width, &self.rows);
        let inputs = match &self.inputs {
            Inputs::Static(bytes) => Inputs::Bytes(Arc::new(reorder(loading, bytes, width, rows, order)?)),
            Inputs::Bytes(bytes) => Inputs::Bytes(Arc::new(reorder(loading, bytes, width, rows, order)?)),
            Inputs::Floats(floats) => Inputs::Floats(Arc::new(reorder(loading, floats, width, rows, order)?)),
        };
        let labels = reorder(loading, &self.labels, 1, rows, order)?;
        Ok(Self { levels: self.levels.clone(), ..Self::new(inputs, width, labels) })
    }

    /// The inputs of all rows, `[all rows, width]`. Returns `None` if they are bytes.
    pub(crate) fn floats(&self) -> Option<&[f32]> {
        match &self.inputs {
            Inputs::Static(_) | Inputs::Bytes(_) => None,
            Inputs::Floats(floats) => Some(floats),
        }
    }

    /// Like [`Self::floats`], but mutable. Other splits that share the inputs keep theirs unchanged.
    pub(crate) fn floats_mut(&mut self) -> Option<&mut [f32]> {
        match &mut self.inputs {
            Inputs::Static(_) | Inputs::Bytes(_) => None,
            Inputs::Floats(floats) => Some(Arc::make_mut(floats).as_mut_slice()),
        }
    }

    /// Rescales the values that bytes stand for.
    pub(crate) fn rescale(&mut self, linear: Linear) {
        let mut levels = [0.0; 256];
        scale(&std::array::from_fn::<u8, 256, _>(|byte| byte as u8), &mut levels);
        self.levels = Some(Arc::new(levels.map(|level| linear.of(level))));
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Inputs per sample.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The class of every sample, `[len]`.
    pub fn labels(&self) -> &[u32] {
        &self.labels[self.rows.clone()]
    }

    /// Copies the samples `indices` into `inputs`, `[indices.len(), width]` row-major, and `labels`, `[indices.len()]`.
    /// Allocates nothing.
    ///
    /// # Panics
    ///
    /// If an index is not below `len`, or the slices do not have these sizes.
    pub fn gather(&self, indices: &[u32], inputs: &mut [f32], labels: &mut [u32]) {
        assert_eq!(labels.len(), indices.len(), "labels are [indices]");
        assert_eq!(inputs.len(), indices.len() * self.width, "inputs are [indices, width]");
        let own = self.labels();
        for (label, &index) in labels.iter_mut().zip(indices) {
            *label = own[index as usize];
        }
        for (rows, indices) in inputs.chunks_mut(AHEAD * self.width).zip(indices.chunks(AHEAD)) {
            self.touch(indices);
            for (row, &index) in rows.chunks_exact_mut(self.width).zip(indices) {
                self.copy(index as usize, row);
            }
        }
    }

    /// Copies consecutive samples from `start` on, as many as there are `labels`, into `inputs`, `[labels.len(), width]`
    /// row-major, and `labels`. Allocates nothing.
    ///
    /// # Panics
    ///
    /// If there are fewer samples from `start` on, or `inputs` does not have this size.
    pub fn range(&self, start: usize, inputs: &mut [f32], labels: &mut [u32]) {
        assert_eq!(inputs.len(), labels.len() * self.width, "inputs are [labels, width]");
        labels.copy_from_slice(&self.labels()[start..start + labels.len()]);
        self.copy(start, inputs);
    }

    /// Brings the samples `indices` into the cache. Rows in random order are misses of cache and page table; asked for all
    /// at once, they are waited for together and not one after another, which makes a batch of MNIST three times as fast.
    fn touch(&self, indices: &[u32]) {
        for &index in indices {
            let first = (self.rows.start + index as usize) * self.width;
            let range = first..first + self.width;
            match &self.inputs {
                Inputs::Static(bytes) => touch(&bytes[range]),
                Inputs::Bytes(bytes) => touch(&bytes[range]),
                Inputs::Floats(floats) => touch(&floats[range]),
            }
        }
    }

    /// Fills `out` with the inputs from sample `start` on. The caller has checked that `start` is one of this split's.
    fn copy(&self, start: usize, out: &mut [f32]) {
        let first = (self.rows.start + start) * self.width;
        let range = first..first + out.len();
        let bytes = match &self.inputs {
            Inputs::Static(bytes) => &bytes[range],
            Inputs::Bytes(bytes) => &bytes[range],
            Inputs::Floats(floats) => return out.copy_from_slice(&floats[range]),
        };
        match &self.levels {
            None => scale(bytes, out),
            Some(levels) => out.iter_mut().zip(bytes).for_each(|(value, &byte)| *value = levels[usize::from(byte)]),
        }
    }
}

/// Reads one value of every line of the cache.
fn touch<T: Copy>(row: &[T]) {
    for &value in row.iter().step_by(CACHE_LINE / size_of::<T>()) {
        black_box(value);
    }
}

fn scale(bytes: &[u8], out: &mut [f32]) {
    for (value, &byte) in out.iter_mut().zip(bytes) {
        *value = f32::from(byte) * BYTE;
    }
}

/// The rows of `rows` in the order `order`. The values are `[all rows, width]`.
fn reorder<T: Copy>(
    loading: Loading<'_>,
    values: &[T],
    width: usize,
    rows: &Range<usize>,
    order: &[u32],
) -> Result<Vec<T>, DataError> {
    let mut reordered = loading.room(order.len() * width)?;
    for &index in order {
        loading.check()?;
        let first = (rows.start + index as usize) * width;
        reordered.extend_from_slice(&values[first..first + width]);
    }
    Ok(reordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Samples {
        Samples::new(Inputs::Bytes(Arc::new(vec![0, 255, 51, 102, 1, 2])), 2, vec![7, 8, 9])
    }

    #[test]
    fn bytes_become_numbers_from_0_to_1() {
        let (mut inputs, mut labels) = ([0.0; 4], [0; 2]);
        bytes().gather(&[1, 0], &mut inputs, &mut labels);
        assert_eq!(inputs, [51.0 * BYTE, 102.0 * BYTE, 0.0, 1.0]);
        assert_eq!(labels, [8, 7]);
    }

    #[test]
    fn large_batches_are_gathered_whole() {
        let all: Vec<f32> = (0..200).map(|value| value as f32).collect();
        let samples = Samples::new(Inputs::Floats(Arc::new(all.clone())), 2, (0..100).collect());
        let indices: Vec<u32> = (0..100).rev().collect();
        let (mut inputs, mut labels) = (vec![0.0; 200], vec![0; 100]);
        samples.gather(&indices, &mut inputs, &mut labels);
        let expected: Vec<f32> = all.chunks_exact(2).rev().flatten().copied().collect();
        assert_eq!((inputs, labels), (expected, indices));
    }

    #[test]
    fn a_slice_counts_from_its_own_start() {
        let slice = bytes().slice(1..3);
        assert_eq!((slice.len(), slice.labels()), (2, &[8, 9][..]));
        let (mut inputs, mut labels) = ([0.0; 2], [0; 1]);
        slice.range(1, &mut inputs, &mut labels);
        assert_eq!((inputs, labels), ([BYTE, 2.0 * BYTE], [9]));
        let again = slice.slice(1..2);
        again.gather(&[0], &mut inputs, &mut labels);
        assert_eq!((inputs, labels), ([BYTE, 2.0 * BYTE], [9]));
    }

    #[test]
    fn reordering_keeps_inputs_and_labels_together() {
        let interrupt = std::sync::atomic::AtomicBool::new(false);
        let loading = Loading { path: std::path::Path::new("some"), interrupt: &interrupt };
        let reordered = bytes().slice(1..3).reordered(loading, &[1, 0]).expect("memory");
        let (mut inputs, mut labels) = ([0.0; 4], [0; 2]);
        reordered.range(0, &mut inputs, &mut labels);
        assert_eq!(inputs, [BYTE, 2.0 * BYTE, 51.0 * BYTE, 102.0 * BYTE]);
        assert_eq!(labels, [9, 8]);
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn a_split_does_not_reach_into_the_next() {
        bytes().slice(0..2).gather(&[2], &mut [0.0; 2], &mut [0; 1]);
    }

    #[test]
    fn copying_allocates_nothing() {
        let samples = bytes();
        let (mut inputs, mut labels) = ([0.0; 4], [0; 2]);
        let mut batches = crate::Batches::new(3, 0);
        let mut indices = [0; 2];
        let count = allocation_counter::measure(|| {
            for _ in 0..10 {
                batches.next(&mut indices);
                samples.gather(&indices, &mut inputs, &mut labels);
                samples.range(1, &mut inputs, &mut labels);
            }
        });
        assert_eq!(count.count_total, 0);
    }
}
