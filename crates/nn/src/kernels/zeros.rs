//! Where the input of a network is not 0.
//!
//! Four fifths of MNIST's pixels are 0, and contribute nothing to a product. A tile of a product takes in a few rows of a
//! factor at a time, so for each few rows there is a list of the columns where any of them is not 0. Leaving out the
//! others changes no bit of a sum of finite numbers, except that a sum that is 0 may be so with another sign. The product with
//! what is not finite would be NaN; the products that use these lists make sure that there is none.

use super::lanes::{LANES, Line};
use super::{Kernel, Register};
use crate::Real;

/// Rows of x, samples, that have a list in common.
const SAMPLES: usize = 4;
/// Columns of x that have a list in common: as many as a byte has bits.
const COLUMNS: usize = 8;
/// The lists are used if they are no longer than this share of the whole.
const WORTHWHILE: f64 = 0.7;

/// Numbers that are appended to a list at a time.
const AT_ONCE: usize = 8;

/// For each byte, the places of its bits that are 1, in ascending order.
const PLACES: [[u8; AT_ONCE]; 256] = {
    let mut places = [[0; AT_ONCE]; 256];
    let mut byte = 0;
    while byte < places.len() {
        let (mut bit, mut length) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                places[byte][length] = bit as u8;
                length += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    places
};

/// Lists of columns, one for each few rows.
#[derive(Debug, Clone, Default)]
struct Lists {
    /// `[groups, stride]`.
    entries: Vec<u32>,
    lengths: Vec<u32>,
    /// Room for the longest list, and for what is written behind its end.
    stride: usize,
    /// Rows that have a list in common.
    group: usize,
}

/// The lists of x, `[batch, inputs]`, and of its transpose; sized once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Zeros {
    inputs: usize,
    /// For each sample a bit for each input, `[batch, bytes]`: whether it is not 0.
    bits: Vec<u8>,
    /// For each few inputs a bit for each of eight samples, `[bytes]`.
    samples: Vec<u8>,
    by_sample: Lists,
    by_column: Lists,
    worthwhile: bool,
}

/// The lists of one factor of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a>(&'a Lists);

impl<'a> Rows<'a> {
    /// How many rows have a list in common.
    #[inline(always)]
    pub(super) fn group(self) -> usize {
        self.0.group
    }

    /// The columns where a row of the group that `row` is in is not 0, in ascending order.
    #[inline(always)]
    pub(super) fn of(self, row: usize) -> &'a [u32] {
        let group = row / self.0.group;
        &self.0.entries[group * self.0.stride..][..self.0.lengths[group] as usize]
    }
}

impl Lists {
    fn new(rows: usize, group: usize, width: usize) -> Option<Self> {
        let groups = rows.div_ceil(group);
        let stride = width.checked_next_multiple_of(AT_ONCE)?.checked_add(AT_ONCE)?;
        let entries = super::filled(groups.checked_mul(stride)?, 0)?;
        Some(Self { entries, lengths: super::filled(groups, 0)?, stride, group })
    }

    /// Appends the places of the bits of `byte`, counted from `first`, to the list of a group, which has `length` entries;
    /// returns how many it has then.
    #[inline(always)]
    fn append(&mut self, group: usize, length: u32, first: usize, byte: u8) -> u32 {
        let entries = &mut self.entries[group * self.stride + length as usize..][..AT_ONCE];
        let places = &PLACES[usize::from(byte)];
        // Eight are written, whatever their number: the next ones write over what is too much.
        for place in 0..AT_ONCE {
            entries[place] = first as u32 + u32::from(places[place]);
        }
        length + byte.count_ones()
    }
}

impl Zeros {
    /// Room for the lists of batches of up to `batch` samples; none if there is not the memory.
    pub(crate) fn new(inputs: usize, batch: usize) -> Option<Self> {
        // Whole lines of sixteen inputs.
        let bytes = inputs.div_ceil(LANES).checked_mul(2)?;
        Some(Self {
            inputs,
            bits: super::filled(batch.checked_mul(bytes)?, 0)?,
            samples: super::filled(bytes, 0)?,
            by_sample: Lists::new(batch, SAMPLES, inputs)?,
            by_column: Lists::new(inputs, COLUMNS, batch)?,
            worthwhile: false,
        })
    }

    /// How many columns are 0 in all of so many rows of the x that was looked through last.
    pub(crate) fn zero_columns(&self, batch: usize) -> usize {
        let bytes = self.samples.len();
        let mut nonzero = 0;
        for first in (0..bytes).step_by(AT_ONCE * AT_ONCE) {
            let mut any = [0_u8; AT_ONCE * AT_ONCE];
            for row in self.bits[..batch * bytes].chunks_exact(bytes) {
                any.iter_mut().zip(&row[first..]).for_each(|(any, byte)| *any |= byte);
            }
            nonzero += any.iter().map(|byte| byte.count_ones() as usize).sum::<usize>();
        }
        self.inputs - nonzero
    }

    /// Inputs of a sample.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// The lists of x as the left factor; none if they would save too little.
    pub(crate) fn by_sample(&self) -> Option<Rows<'_>> {
        self.worthwhile.then_some(Rows(&self.by_sample))
    }

    /// The lists of the transpose of x.
    pub(crate) fn by_column(&self) -> Option<Rows<'_>> {
        self.worthwhile.then_some(Rows(&self.by_column))
    }
}

/// Finds where `x`, `[batch, inputs]`, is not 0.
pub(crate) struct Find<'a> {
    pub(crate) zeros: &'a mut Zeros,
    pub(crate) x: &'a [Real],
}

impl Kernel for Find<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        let Zeros { inputs, bits, samples, by_sample, by_column, worthwhile } = self.zeros;
        let bytes = samples.len();
        let batch = self.x.len() / *inputs;
        let bits = &mut bits[..batch * bytes];
        for (x, bits) in self.x.chunks_exact(*inputs).zip(bits.chunks_exact_mut(bytes)) {
            let (lines, rest) = x.as_chunks::<LANES>();
            let (pairs, _) = bits.as_chunks_mut::<2>();
            for (line, pair) in lines.iter().zip(&mut *pairs) {
                *pair = R::load(line).nonzero().to_le_bytes();
            }
            if let (false, Some(pair)) = (rest.is_empty(), pairs.last_mut()) {
                *pair = R::load(&Line::spill(rest, 0).0).nonzero().to_le_bytes();
            }
        }
        by_sample.lengths.fill(0);
        for (group, rows) in bits.chunks(SAMPLES * bytes).enumerate() {
            any_of(rows, samples, |all, _, byte| all | byte);
            let mut length = 0;
            for (byte, &mask) in samples.iter().enumerate() {
                length = by_sample.append(group, length, 8 * byte, mask);
            }
            by_sample.lengths[group] = length;
        }
        by_column.lengths.fill(0);
        for (eight, rows) in bits.chunks(8 * bytes).enumerate() {
            any_of(rows, samples, |all, sample, byte| all | u8::from(byte != 0) << sample);
            for (group, &mask) in samples[..by_column.lengths.len()].iter().enumerate() {
                by_column.lengths[group] = by_column.append(group, by_column.lengths[group], 8 * eight, mask);
            }
        }
        let found: u32 = by_sample.lengths.iter().sum();
        let whole = *inputs * batch.div_ceil(SAMPLES);
        *worthwhile = f64::from(found) <= WORTHWHILE * whole as f64;
    }
}

/// Folds the bytes of a few rows of bits, each with the number of its row, column by column.
#[inline(always)]
fn any_of(rows: &[u8], all: &mut [u8], fold: impl Fn(u8, usize, u8) -> u8) {
    all.fill(0);
    let bytes = all.len();
    for (row, bits) in rows.chunks_exact(bytes).enumerate() {
        for (all, &byte) in all.iter_mut().zip(bits) {
            *all = fold(*all, row, byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InstructionSet;

    #[test]
    fn columns_of_zeros_are_counted_whatever_was_looked_through_before() {
        for (batch, inputs) in [(1, 1), (3, 16), (30, 784), (7, 530), (2, 37)] {
            let is_zero = |row: usize, column: usize| column.is_multiple_of(3) || row != column % batch;
            let x: Vec<Real> =
                (0..batch * inputs).map(|i| if is_zero(i / inputs, i % inputs) { 0.0 } else { Real::NAN }).collect();
            let expected = inputs.div_ceil(3);
            for set in InstructionSet::available() {
                let mut zeros = Zeros::new(inputs, batch + 2).unwrap();
                set.run(Find { zeros: &mut zeros, x: &vec![1.0; (batch + 2) * inputs] });
                set.run(Find { zeros: &mut zeros, x: &x });
                assert_eq!(zeros.zero_columns(batch), expected, "{batch} x {inputs}, {set}");
            }
        }
    }
}
