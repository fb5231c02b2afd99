//! Counting the values of a tensor by their buckets.
//!
//! The upper bits of a float, its sign, exponent and the first digits, name a cell; a table tells in which bucket the cell
//! lies, and from which float on in the next one. Cells are so narrow that at most one edge lies in each.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::EDGES;

/// Bits of a float's mantissa that name its cell; with 5, a cell is narrower than a bucket.
const MANTISSA_BITS: u32 = 5;
/// Bits of a float that its cell's name leaves out.
const SHIFT: u32 = 23 - MANTISSA_BITS;
/// Number of cells: of every sign, exponent and beginning of a mantissa.
const CELLS: usize = 1 << (1 + 8 + MANTISSA_BITS);
/// Counters of one bucket. Neighbours in a tensor are counted by different ones: equal values, as they often are, would wait
/// for each other.
const IN_TURNS: usize = 4;
/// Room for the counters of all buckets, by a power of two.
const ROOM: usize = 2048;
/// Values that are looked at together.
const TOGETHER: usize = 16;

/// A cell's bucket, as the place of its counters.
#[derive(Clone, Copy)]
struct Cell {
    counters: u32,
    /// Values whose bits are no less than this one's lie in the bucket whose counters are next.
    next_from: u32,
}

/// As many as there are [`CELLS`].
static CELL: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let mut cells = vec![Cell { counters: 0, next_from: u32::MAX }; CELLS];
    for (number, cell) in (0_u32..).zip(cells.iter_mut()) {
        let bits = number << SHIFT;
        let smallest = f32::from_bits(bits);
        let (magnitude, is_below) = (f64::from(smallest.abs()), smallest.is_sign_negative());
        if !smallest.is_finite() {
            cell.counters = NOT_FINITE as u32;
            continue;
        }
        // A bucket includes the edge nearer to zero if it lies above zero, and the other one below.
        let inside = |edge: &f64| if is_below { *edge < magnitude } else { *edge <= magnitude };
        let bucket = EDGES.partition_point(inside).max(1) - 1;
        cell.counters = (if is_below { below(bucket) } else { bucket }) as u32;
        if smallest == 0.0 && is_below {
            // Zero is not below zero, whatever its sign: the next float is the first one that is.
            (cell.counters, cell.next_from) = (minus_zero() as u32, bits + 1);
        } else if let Some(edge) = EDGES.get(bucket + 1) {
            let mut nearest = *edge as f32;
            if f64::from(nearest) < *edge || is_below && f64::from(nearest) == *edge {
                nearest = nearest.next_up();
            }
            let next = nearest.to_bits() | bits & 1 << 31;
            if next >> SHIFT == number {
                cell.next_from = next;
            }
        }
    }
    cells
});

/// Where -0 is counted: the counters before those of the first bucket below zero.
fn minus_zero() -> usize {
    EDGES.len()
}

/// Where a bucket below zero is counted, which is the mirror of this one. Outwards, as above zero.
fn below(bucket: usize) -> usize {
    EDGES.len() + 1 + bucket
}

/// Where what is not finite is counted: last.
const NOT_FINITE: usize = ROOM - 2;

/// Memory to count a histogram in: counters of all buckets, outwards from zero, first those above, then those below. They
/// are all 0 between two histograms.
#[derive(Debug, Clone)]
pub struct Counter {
    /// As many as there is [`ROOM`] for.
    counters: Vec<[u32; IN_TURNS]>,
}

impl Default for Counter {
    fn default() -> Self {
        Self { counters: vec![[0; IN_TURNS]; ROOM] }
    }
}

impl Counter {
    /// Counts values.
    pub(super) fn count(&mut self, values: &[f32]) {
        // With lengths that the compiler knows, nothing is checked value by value.
        let (Some(cells), Some(counters)) = (CELL.first_chunk::<CELLS>(), self.counters.first_chunk_mut::<ROOM>())
        else {
            return;
        };
        let mut add = |value: f32, turn: usize| {
            let bits = value.to_bits();
            let cell = cells[(bits >> SHIFT) as usize];
            let place = cell.counters + u32::from(bits >= cell.next_from);
            counters[place as usize % ROOM][turn] += 1;
        };
        let (lines, rest) = values.as_chunks::<TOGETHER>();
        let mut zeros = 0;
        for line in lines {
            // Many of a gradient's numbers are 0, side by side.
            if line.iter().fold(0, |any, value| any | value.to_bits()) == 0 {
                zeros += TOGETHER as u32;
                continue;
            }
            for four in line.as_chunks::<IN_TURNS>().0 {
                four.iter().enumerate().for_each(|(turn, value)| add(*value, turn));
            }
        }
        for value in rest {
            add(*value, 0);
        }
        counters[0][0] += zeros;
    }

    /// Appends the counts of the buckets at these places among all, in ascending order, to `counts`, and forgets them.
    pub(super) fn take(&mut self, places: RangeInclusive<usize>, counts: &mut Vec<u32>) {
        let zero = EDGES.len();
        let (first, end) = (*places.start(), places.end() + 1);
        let mut take = |counters: &mut [u32; IN_TURNS]| std::mem::take(counters).iter().sum::<u32>();
        if first < zero {
            let below = below(zero - end.min(zero))..below(zero - first);
            counts.extend(self.counters[below].iter_mut().rev().map(&mut take));
        }
        if end > zero {
            let minus_zero = take(&mut self.counters[minus_zero()]);
            self.counters[0][0] += minus_zero;
            counts.extend(self.counters[first.max(zero) - zero..end - zero].iter_mut().map(take));
        }
    }

    /// Forgets what has no bucket.
    pub(super) fn forget_the_others(&mut self) {
        self.counters[NOT_FINITE..].fill([0; IN_TURNS]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_spans_two_edges() {
        for number in 0..CELLS as u32 / 2 {
            let [smallest, largest] = [number << SHIFT, ((number + 1) << SHIFT) - 1].map(f32::from_bits).map(f64::from);
            if largest.is_finite() {
                let edges = EDGES.iter().filter(|edge| (smallest..=largest).contains(*edge) && **edge > smallest);
                assert!(edges.count() <= 1, "cell {number}");
            }
        }
    }

    #[test]
    fn nothing_is_left_of_what_was_taken() {
        let mut counter = Counter::default();
        counter.count(&[-2.0, -0.0, 0.0, 1e-30, 3.0, f32::NAN, f32::NEG_INFINITY, f32::from_bits(u32::MAX)]);
        let mut counts = Vec::new();
        counter.take(super::super::place_of(-2.0)..=super::super::place_of(3.0), &mut counts);
        counter.forget_the_others();
        assert_eq!(counts.iter().sum::<u32>(), 5);
        assert!(counter.counters.as_flattened().iter().all(|count| *count == 0));
    }
}
