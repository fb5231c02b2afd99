//! What a thread keeps from one of its runs for the next: where runs are short, making it anew would take a good part of
//! their time.

use headwater_data::Batches;

use crate::evaluator::Evaluator;

/// Empty at first, and never needed: a run with an empty cache has the same numbers.
#[derive(Default)]
pub(crate) struct ThreadCache {
    /// The first order of so many samples by such a seed. Most sweeps have the same in every run.
    batches: Option<(usize, u64, Batches)>,
    /// Of the last run, for its memory.
    pub(crate) evaluator: Option<Evaluator>,
}

impl ThreadCache {
    /// As [`Batches::new`], for a run that takes `wanted` samples. Where these are more than there are, it will shuffle them
    /// again, in memory of its own, and is no short run.
    pub(crate) fn batches(&mut self, samples: usize, seed: u64, wanted: u64) -> Batches {
        if wanted > samples as u64 {
            return Batches::new(samples, seed);
        }
        let known = self.batches.take().filter(|known| (known.0, known.1) == (samples, seed));
        let (.., batches) = self.batches.insert(known.unwrap_or_else(|| (samples, seed, Batches::new(samples, seed))));
        batches.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_those_that_were_asked_for_and_begin_at_the_beginning() {
        let mut cache = ThreadCache::default();
        for (samples, seed) in [(20, 1), (20, 1), (20, 2), (10, 2), (20, 1)] {
            let (mut given, mut expected) = ([0; 50], [0; 50]);
            Batches::new(samples, seed).next(&mut expected);
            for wanted in [1, 50] {
                cache.batches(samples, seed, wanted).next(&mut given);
                assert_eq!(given, expected, "{samples} samples, seed {seed}, {wanted} wanted");
            }
        }
    }
}
