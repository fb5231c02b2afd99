//! The order in which training sees the samples.

use std::sync::Arc;

use crate::random::{Purpose, ascending, generator, shuffle};
use rand_chacha::ChaCha8Rng;

/// Shuffled epochs, sampled without replacement, as in TensorFlow's tutorial reader (`mnist.train.next_batch`).
///
/// The order is shuffled anew for every epoch. A batch that reaches the end of an epoch takes the rest of it and
/// continues with the first samples of the next, so all batches have the same size and no sample is left out.
///
/// Cloning is cheap: the order is shared until one of the two begins another epoch.
#[derive(Debug, Clone)]
pub struct Batches {
    /// The epoch's samples, in the order in which they come.
    order: Arc<Vec<u32>>,
    /// How many of them have been handed out.
    taken: usize,
    rng: ChaCha8Rng,
}

impl Batches {
    /// Batches of the samples `0..samples`. Equal seeds give equal batches.
    ///
    /// # Panics
    ///
    /// If there are no samples, or 2^32 or more.
    pub fn new(samples: usize, seed: u64) -> Self {
        assert!(samples > 0, "there are no batches of no samples");
        let mut rng = generator(seed, Purpose::Batches);
        let mut order = ascending(samples);
        shuffle(&mut rng, &mut order);
        Self { order: Arc::new(order), taken: 0, rng }
    }

    /// Fills `indices` with the next batch: each is below the number of samples. The batch may be larger than an epoch.
    /// Allocates nothing, but for the first epoch that ends while its order is shared with a clone.
    pub fn next(&mut self, indices: &mut [u32]) {
        let mut filled = 0;
        while filled < indices.len() {
            if self.taken == self.order.len() {
                let order: &mut Vec<u32> = Arc::make_mut(&mut self.order);
                shuffle(&mut self.rng, order);
                self.taken = 0;
            }
            let count = (indices.len() - filled).min(self.order.len() - self.taken);
            indices[filled..filled + count].copy_from_slice(&self.order[self.taken..self.taken + count]);
            filled += count;
            self.taken += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_epoch_has_every_sample_once(samples in 1_usize..40, batch in 1_usize..100, seed: u64) {
            let mut batches = Batches::new(samples, seed);
            let mut seen = Vec::new();
            while seen.len() < 4 * samples {
                let mut indices = vec![u32::MAX; batch];
                batches.next(&mut indices);
                seen.extend(indices);
            }
            for epoch in seen.chunks_exact(samples) {
                let mut epoch = epoch.to_vec();
                epoch.sort_unstable();
                prop_assert_eq!(epoch, ascending(samples));
            }
        }

        #[test]
        fn the_size_of_the_batches_does_not_change_the_order(samples in 1_usize..40, batch in 1_usize..60, seed: u64) {
            let mut whole = vec![0; 2 * batch];
            Batches::new(samples, seed).next(&mut whole);
            let mut batches = Batches::new(samples, seed);
            for expected in whole.chunks_exact(batch) {
                let mut indices = vec![0; batch];
                batches.next(&mut indices);
                prop_assert_eq!(indices, expected);
            }
        }
    }

    #[test]
    fn a_batch_over_the_boundary_ends_one_epoch_and_starts_the_next() {
        let mut batches = Batches::new(10, 7);
        let (mut first, mut second, mut third) = ([0; 6], [0; 6], [0; 8]);
        batches.next(&mut first);
        batches.next(&mut second);
        batches.next(&mut third);
        let mut ended = [&first[..], &second[..4]].concat();
        let mut next = [&second[4..], &third[..]].concat();
        assert_ne!(ended, next, "every epoch has its own order");
        ended.sort_unstable();
        next.sort_unstable();
        assert_eq!(ended, ascending(10));
        assert_eq!(next, ascending(10));
    }

    #[test]
    fn a_clone_goes_on_by_itself_from_where_it_was_made() {
        let mut batches = Batches::new(10, 7);
        batches.next(&mut [0; 6]);
        let mut clone = batches.clone();
        let (mut own, mut others) = ([0; 40], [0; 40]);
        batches.next(&mut own);
        clone.next(&mut others);
        assert_eq!(own, others);
    }

    #[test]
    fn a_seed_decides_the_order() {
        let order = |seed| {
            let mut indices = [0; 50];
            Batches::new(20, seed).next(&mut indices);
            indices
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    #[should_panic(expected = "no samples")]
    fn no_samples_are_refused_rather_than_waited_for() {
        Batches::new(0, 0);
    }
}
