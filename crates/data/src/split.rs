//! Which samples are for training, which for validation, which for the test.

use crate::random::{Purpose, ascending, generator, shuffle};
use crate::samples::Samples;
use crate::{DataError, Dataset, ImageShape, Request};

/// What a source holds, before it is split.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) classes: usize,
    pub(crate) image: Option<ImageShape>,
    /// All samples, or those for training if the source has its own for the test.
    pub(crate) train: Samples,
    pub(crate) test: Option<Samples>,
}

/// The training images at and above which the validation set has MNIST's customary 5,000.
const LARGE: usize = 50_000;

/// Splits what was loaded.
///
/// A source with its own test set keeps its order, so that the split is the one that everybody uses: the first training
/// samples are for validation (5,000, or a tenth if there are fewer than 50,000). Any other source is often sorted, so it
/// is shuffled once: the first samples are then the test set (a sixth), the next are for validation (a tenth of all).
pub(crate) fn split(request: &Request, loaded: Loaded) -> Result<Dataset, DataError> {
    let name = request.source.name();
    let error = |split, asked, available| DataError::Split { name: name.clone(), split, asked, available };

    let (test, rest, default_validation) = if let Some(test) = loaded.test {
        let count = request.test.unwrap_or(test.len());
        if count > test.len() {
            return Err(error("test", count, test.len()));
        }
        let all = loaded.train.len();
        (test.slice(0..count), loaded.train, if all >= LARGE { 5_000 } else { all / 10 })
    } else {
        let all = loaded.train.len();
        let count = request.test.unwrap_or(all / 6);
        if count >= all {
            return Err(error("test", count, all));
        }
        let mut order = ascending(all);
        shuffle(&mut generator(request.seed, Purpose::Split), &mut order);
        let shuffled = loaded.train.reordered(&order);
        (shuffled.slice(0..count), shuffled.slice(count..all), all / 10)
    };

    let validation = request.validation.unwrap_or(default_validation);
    if validation >= rest.len() {
        return Err(error("validation", validation, rest.len()));
    }
    Ok(Dataset {
        classes: loaded.classes,
        image: loaded.image,
        validation: rest.slice(0..validation),
        train: rest.slice(validation..rest.len()),
        test,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Inputs;
    use std::sync::Arc;

    /// Samples whose label and only input are their number, from `first` on.
    fn numbered(first: u32, count: u32) -> Samples {
        let labels: Vec<u32> = (first..first + count).collect();
        let inputs = labels.iter().map(|&label| label as f32).collect();
        Samples::new(Inputs::Floats(Arc::new(inputs)), 1, labels)
    }

    fn request() -> Request {
        Request::new(crate::Source::Csv("table.csv".into()))
    }

    fn split_of(request: &Request, train: u32, test: Option<u32>) -> Result<Dataset, DataError> {
        let test = test.map(|count| numbered(train, count));
        split(request, Loaded { classes: 1, image: None, train: numbered(0, train), test })
    }

    fn sizes(dataset: &Dataset) -> [usize; 3] {
        [dataset.train.len(), dataset.validation.len(), dataset.test.len()]
    }

    #[test]
    fn a_source_with_a_test_set_keeps_its_order() {
        let dataset = split_of(&request(), 100, Some(20)).expect("enough samples");
        assert_eq!(dataset.validation.labels(), ascending(10));
        assert_eq!(dataset.train.labels(), &ascending(100)[10..]);
        assert_eq!(dataset.test.labels(), &ascending(120)[100..]);
    }

    #[test]
    fn the_validation_set_is_a_tenth_or_5000() {
        for (train, validation) in [(60_000, 5_000), (50_000, 5_000), (49_999, 4_999), (1_000, 100), (5, 0)] {
            let dataset = split_of(&request(), train, Some(1)).expect("enough samples");
            assert_eq!(dataset.validation.len(), validation);
        }
    }

    #[test]
    fn a_source_without_a_test_set_is_shuffled_into_disjoint_parts() {
        let dataset = split_of(&request(), 600, None).expect("enough samples");
        assert_eq!(sizes(&dataset), [440, 60, 100]);
        let parts = [&dataset.train, &dataset.validation, &dataset.test].map(Samples::labels);
        assert!(parts.iter().all(|labels| !labels.is_sorted()));
        let mut all = parts.concat();
        all.sort_unstable();
        assert_eq!(all, ascending(600));
    }

    #[test]
    fn the_seed_decides_the_shuffle() {
        let labels = |seed| {
            let dataset = split_of(&Request { seed, ..request() }, 100, None).expect("enough samples");
            dataset.train.labels().to_vec()
        };
        assert_eq!(labels(1), labels(1));
        assert_ne!(labels(1), labels(2));
    }

    #[test]
    fn the_sizes_can_be_chosen_down_to_one_training_sample() {
        let chosen = |validation, test| Request { validation: Some(validation), test: Some(test), ..request() };
        assert_eq!(sizes(&split_of(&chosen(4, 5), 10, None).expect("one is left")), [1, 4, 5]);
        assert_eq!(sizes(&split_of(&chosen(9, 0), 10, Some(5)).expect("one is left")), [1, 9, 0]);
        for (request, test, message) in [
            (chosen(5, 5), None, "cannot take 5 validation samples of table: it has 5, and at least one must be left"),
            (chosen(0, 10), None, "cannot take 10 test samples of table: it has 10"),
            (chosen(10, 5), Some(5), "cannot take 10 validation samples of table: it has 10, and"),
            (chosen(0, 6), Some(5), "cannot take 6 test samples of table: it has 5"),
        ] {
            let error = split_of(&request, 10, test).expect_err("nothing is left").to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn no_samples_are_an_error() {
        assert!(split_of(&request(), 0, None).is_err());
        assert!(split_of(&request(), 0, Some(5)).is_err());
    }
}
