//! Where the values of a series stand that are left in their files.

use std::ops::Range;

use super::{
    numbers::turns_of,
    packed::{BLOCK, Packed, Words},
};

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) step: i64,
    /// Seconds since the Unix epoch.
    pub(crate) wall_time: f64,
    /// Which of the run's files.
    pub(crate) file: u32,
    /// Which of the record's values.
    pub(crate) part: u32,
    /// Where the record begins in the file.
    pub(crate) offset: u64,
}

/// Places in the order in which they were found, packed as [`super::numbers`] are.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Steps, bits of wall times, offsets, files and parts.
    blocks: Vec<Packed<4>>,
    open: Vec<Place>,
}

fn pack(places: &[Place; BLOCK]) -> Packed<4> {
    let word = |of: fn(&Place) -> u64| -> Words { std::array::from_fn(|i| of(&places[i])) };
    Packed::new([
        &word(|place| place.step.cast_unsigned()),
        &word(|place| place.wall_time.to_bits()),
        &word(|place| place.offset),
        &word(|place| u64::from(place.file) << 32 | u64::from(place.part)),
    ])
}

fn unpack(packed: &Packed<4>) -> [Place; BLOCK] {
    let mut words = [[0; BLOCK]; 4];
    for (column, words) in words.iter_mut().enumerate() {
        packed.unpack(column, words);
    }
    let [steps, walls, offsets, parts] = words;
    std::array::from_fn(|i| Place {
        step: steps[i].cast_signed(),
        wall_time: f64::from_bits(walls[i]),
        file: (parts[i] >> 32) as u32,
        part: parts[i] as u32,
        offset: offsets[i],
    })
}

impl Places {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.open.len()
    }

    /// Adds places behind the others.
    pub(crate) fn extend(&mut self, places: impl Iterator<Item = Place>) {
        for place in places {
            self.open.push(place);
            if let Ok(full) = <&[Place; BLOCK]>::try_from(&self.open[..]) {
                self.blocks.push(pack(full));
                self.open.clear();
            }
        }
    }

    /// The places whose indices are in `range`, as far as there are any.
    pub(crate) fn places(&self, range: Range<usize>) -> Vec<Place> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        let mut places = Vec::with_capacity(range.len());
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let full;
            let all: &[Place] = match self.blocks.get(block) {
                Some(block) => {
                    full = unpack(block);
                    &full
                }
                None => &self.open,
            };
            let start = range.start.saturating_sub(block * BLOCK);
            let end = (range.end - block * BLOCK).min(all.len());
            places.extend_from_slice(&all[start..end.max(start)]);
        }
        places
    }

    /// The step of the first place and of the last.
    pub(crate) fn ends(&self) -> Option<(i64, i64)> {
        let first = self.places(0..1).first().map(|place| place.step)?;
        let last = self.places(self.len() - 1..self.len()).first().map(|place| place.step)?;
        Some((first, last))
    }

    /// The indices at which steps fall.
    pub(crate) fn turns(&self) -> Vec<usize> {
        let mut turns = Vec::new();
        turns_of(self.places(0..self.len()).iter().map(|place| place.step), 0, i64::MIN, &mut turns);
        turns
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_come_back(
            all in prop::collection::vec((any::<i64>(), 0.0f64..2e9, any::<u32>(), any::<u32>(), any::<u64>()), 0..400),
            from in 0usize..500,
            to in 0usize..500,
        ) {
            let all: Vec<Place> = all
                .into_iter()
                .map(|(step, wall_time, file, part, offset)| Place { step, wall_time, file, part, offset })
                .collect();
            let mut places = Places::default();
            places.extend(all.iter().copied());
            prop_assert_eq!(places.len(), all.len());
            let expected: Vec<Place> = all.iter().skip(from).take(to.saturating_sub(from)).copied().collect();
            prop_assert_eq!(places.places(from..to), expected);
            prop_assert_eq!(places.ends(), all.first().zip(all.last()).map(|(first, last)| (first.step, last.step)));
        }
    }
}
