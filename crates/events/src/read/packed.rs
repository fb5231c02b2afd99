//! Columns of 64-bit words, packed without loss.
//!
//! Steps are mostly evenly spaced, wall times nearly so, and the values of a series mostly share their exponent. So a
//! block of words is stored as differences, either from the smallest word or from word to word (less the smallest such
//! difference), in as many whole bytes as the largest needs: none at all for even steps, two or three for wall times.

/// Words in a column of a block.
pub(crate) const BLOCK: usize = 128;

/// A column before it is packed.
pub(crate) type Words = [u64; BLOCK];

/// `C` columns of [`BLOCK`] words each.
#[derive(Debug)]
pub(crate) struct Packed<const C: usize> {
    heads: [Head; C],
    /// The differences, column after column.
    bytes: Box<[u8]>,
}

/// How a column is stored.
#[derive(Debug, Clone, Copy)]
struct Head {
    /// The first word (if differences are from word to word) or the smallest.
    origin: u64,
    /// The smallest difference from word to word; None if differences are from the smallest word.
    slope: Option<u64>,
    /// Bytes a difference.
    width: u8,
}

impl Head {
    /// The way that takes the fewest bytes.
    fn of(words: &Words) -> Head {
        let (low, high) = words.iter().fold((u64::MAX, 0), |(low, high), &word| (low.min(word), high.max(word)));
        let level = Head { origin: low, slope: None, width: width(high - low) };
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for pair in words.windows(2) {
            let rise = pair[1].wrapping_sub(pair[0]).cast_signed();
            (low, high) = (low.min(rise), high.max(rise));
        }
        let rising = Head {
            origin: words[0],
            slope: Some(low.cast_unsigned()),
            width: width(high.cast_unsigned().wrapping_sub(low.cast_unsigned())),
        };
        if rising.width < level.width { rising } else { level }
    }
}

/// Bytes that a number needs.
fn width(number: u64) -> u8 {
    (u64::BITS - number.leading_zeros()).div_ceil(8) as u8
}

impl<const C: usize> Packed<C> {
    /// Packs columns.
    pub(crate) fn new(columns: [&Words; C]) -> Self {
        let heads = columns.map(Head::of);
        let size: usize = heads.iter().map(|head| usize::from(head.width) * BLOCK).sum();
        let mut bytes = Vec::with_capacity(size);
        for (head, words) in heads.iter().zip(columns) {
            match head.width {
                0 => {}
                1 => pack::<1>(*head, words, &mut bytes),
                2 => pack::<2>(*head, words, &mut bytes),
                3 => pack::<3>(*head, words, &mut bytes),
                4 => pack::<4>(*head, words, &mut bytes),
                5 => pack::<5>(*head, words, &mut bytes),
                6 => pack::<6>(*head, words, &mut bytes),
                7 => pack::<7>(*head, words, &mut bytes),
                _ => pack::<8>(*head, words, &mut bytes),
            }
        }
        Packed { heads, bytes: bytes.into_boxed_slice() }
    }

    /// Unpacks a column.
    pub(crate) fn unpack(&self, column: usize, words: &mut Words) {
        let skip: usize = self.heads[..column].iter().map(|head| usize::from(head.width) * BLOCK).sum();
        let head = self.heads[column];
        let bytes = &self.bytes[skip..];
        match head.width {
            0 => integrate(head, words, |_| 0),
            1 => unpack::<1>(head, bytes, words),
            2 => unpack::<2>(head, bytes, words),
            3 => unpack::<3>(head, bytes, words),
            4 => unpack::<4>(head, bytes, words),
            5 => unpack::<5>(head, bytes, words),
            6 => unpack::<6>(head, bytes, words),
            7 => unpack::<7>(head, bytes, words),
            _ => unpack::<8>(head, bytes, words),
        }
    }
}

fn pack<const W: usize>(head: Head, words: &Words, bytes: &mut Vec<u8>) {
    let mut put = |difference: u64| {
        let difference = difference.to_le_bytes();
        if let Some(low) = difference.first_chunk::<W>() {
            bytes.extend_from_slice(low);
        }
    };
    match head.slope {
        None => words.iter().for_each(|word| put(word - head.origin)),
        Some(slope) => {
            put(0);
            words.windows(2).for_each(|pair| put(pair[1].wrapping_sub(pair[0]).wrapping_sub(slope)));
        }
    }
}

fn unpack<const W: usize>(head: Head, bytes: &[u8], words: &mut Words) {
    let (differences, _) = bytes.as_chunks::<W>();
    let difference = |i: usize| {
        let mut word = [0; 8];
        if let (Some(low), Some(difference)) = (word.first_chunk_mut::<W>(), differences.get(i)) {
            *low = *difference;
        }
        u64::from_le_bytes(word)
    };
    integrate(head, words, difference);
}

/// Words from differences.
fn integrate(head: Head, words: &mut Words, difference: impl Fn(usize) -> u64) {
    match head.slope {
        None => words.iter_mut().enumerate().for_each(|(i, word)| *word = head.origin + difference(i)),
        Some(slope) => {
            let mut last = head.origin;
            words[0] = last;
            for (i, word) in words.iter_mut().enumerate().skip(1) {
                last = last.wrapping_add(slope).wrapping_add(difference(i));
                *word = last;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(words: &Words) -> usize {
        Packed::new([words]).bytes.len()
    }

    #[test]
    fn even_steps_take_no_bytes() {
        assert_eq!(bytes(&std::array::from_fn(|i| 7 + 50 * i as u64)), 0);
        assert_eq!(bytes(&std::array::from_fn(|i| (1000 - i) as u64)), 0);
    }

    #[test]
    fn wall_times_of_quick_steps_take_three_bytes() {
        // Ten milliseconds, give or take one.
        let walls = std::array::from_fn(|i| (1.7e9 + i as f64 * 0.01 + (i * i % 7) as f64 * 1.4e-4).to_bits());
        assert!(bytes(&walls) <= 3 * BLOCK, "{}", bytes(&walls));
    }

    fn words() -> impl Strategy<Value = Words> {
        let of = |bits: u32| prop::collection::vec(any::<u64>().prop_map(move |word| word >> (64 - bits)), BLOCK);
        let differences = (1u32..=64).prop_flat_map(of);
        (any::<u64>(), differences, any::<bool>()).prop_map(|(origin, differences, rising)| {
            let mut words = [0; BLOCK];
            let mut last = origin;
            for (word, difference) in words.iter_mut().zip(differences) {
                *word = last.wrapping_add(difference);
                if rising {
                    last = *word;
                }
            }
            words
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(first in words(), second in words(), third in words()) {
            let packed = Packed::new([&first, &second, &third]);
            let mut found = [0; BLOCK];
            for (i, expected) in [first, second, third].iter().enumerate() {
                packed.unpack(i, &mut found);
                prop_assert_eq!(&found, expected);
            }
        }
    }
}
