//! Memory that a run needs besides its network. It is checked before the run begins, so that the run does not fail
//! halfway.

use headwater_nn::ShapeError;

use crate::Config;

/// The most bytes that the records of one layer take: its tags, the state of the watch, and the numbers and histograms
/// of a step on their way to the file.
const RECORDS: usize = 64 << 10;
/// Bytes for everything else that does not grow with the network.
const REST: usize = 16 << 20;
/// For networks with more layers or more parameters than this, work that is otherwise instant takes seconds.
const MANY_LAYERS: usize = 1000;
const MANY_PARAMETERS: f64 = 1e7;

/// Checks that there is enough memory for the records of `layers` layers. The memory is not kept: it is allocated
/// later, in pieces, where a failed allocation cannot be handled.
pub(crate) fn for_records(layers: usize) -> Result<(), ShapeError> {
    let bytes = layers.saturating_mul(RECORDS).saturating_add(REST);
    let refused = |_| ShapeError::NoMemory { what: "the records of the layers", bytes };
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(refused)
}

/// Drops a value on its own thread, so that the program may end before the drop has finished.
pub(crate) fn drop_later(value: impl Send + 'static) {
    // If the system cannot start another thread, the value is dropped here.
    let _ = std::thread::Builder::new().name("drop".to_owned()).spawn(move || drop(value));
}

/// Whether a network is so large that every operation on it takes noticeable time.
pub(crate) fn is_large(config: &Config, classes: usize) -> bool {
    let widths = config.network.widths();
    let pairs = widths.iter().zip(widths.iter().skip(1).chain([&classes]));
    let parameters: f64 = pairs.map(|(inputs, outputs)| *inputs as f64 * *outputs as f64).sum();
    widths.len() > MANY_LAYERS || parameters > MANY_PARAMETERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_no_memory_holds_are_refused() {
        assert_eq!(for_records(10), Ok(()));
        let refused = for_records(usize::MAX / 2).unwrap_err().to_string();
        assert!(refused.contains("not enough memory for the records of the layers"), "{refused}");
    }

    #[test]
    fn deep_and_wide_networks_are_large_and_the_experiments_is_not() {
        let is_large = |depth, width| {
            let mut config = Config::default();
            (config.network.depth, config.network.width) = (Some(depth), Some(width));
            super::is_large(&config, 10)
        };
        assert_eq!([is_large(5, 10), is_large(2000, 1), is_large(3, 4000)], [false, true, true]);
    }
}
