//! Which samples are for training, which for validation, which for the test.

use crate::dataset::Preparation;
use crate::loading::Loading;
use crate::random::{Purpose, generator, shuffle};
use crate::samples::Samples;
use crate::scale::{self, Columns};
use crate::table::Table;
use crate::{DataError, Dataset, ImageShape, Missing, Request, missing};
use std::sync::Arc;

/// What a source holds, before it is split.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) classes: usize,
    pub(crate) image: Option<ImageShape>,
    /// Which inputs have their own scale.
    pub(crate) columns: Columns,
    /// All samples, or those for training if the source has its own for the test.
    pub(crate) train: Samples,
    pub(crate) test: Option<Samples>,
    /// How many samples were left out because of a missing value.
    pub(crate) dropped: usize,
    /// How a table was read. `None` if the source is not a table.
    pub(crate) table: Option<Arc<Table>>,
}

/// The training images at and above which the validation set has MNIST's customary 5,000.
const LARGE: usize = 50_000;

/// Splits the loaded samples, fills in missing values and scales the inputs.
///
/// A source with its own test set keeps its order, so that the split is the one that everybody uses: the first training
/// samples are for validation (5,000, or a tenth if there are fewer than 50,000). Any other source is often sorted, so it
/// is shuffled once: the first samples are then the test set (a sixth), the next are for validation (a tenth of all).
pub(crate) fn split(loading: Loading<'_>, request: &Request, loaded: Loaded) -> Result<Dataset, DataError> {
    let name = request.source.name();
    let error = |split, asked, available| DataError::Split { name: name.clone(), split, asked, available };
    let Loaded { classes, image, columns, train: mut own, test: mut own_test, dropped, table } = loaded;

    // All samples of `own` but the first few, which are the test set if there is no other.
    let (test, default_validation) = if let Some(test) = &own_test {
        let count = request.test.unwrap_or(test.len());
        if count > test.len() {
            return Err(error("test", count, test.len()));
        }
        own_test = Some(test.slice(0..count));
        (0, if own.len() >= LARGE { 5_000 } else { own.len() / 10 })
    } else {
        let all = own.len();
        let count = request.test.unwrap_or(all / 6);
        if count >= all {
            return Err(error("test", count, all));
        }
        let numbers = 0..u32::try_from(all).expect("a dataset has fewer than 2^32 samples");
        let mut order = loading.collect(all, numbers)?;
        shuffle(&mut generator(request.seed, Purpose::Split), &mut order);
        own = own.reordered(loading, &order)?;
        (count, all / 10)
    };
    let validation = request.validation.unwrap_or(default_validation);
    if validation >= own.len() - test {
        return Err(error("validation", validation, own.len() - test));
    }
    let train = test + validation..own.len();
    if own.labels().iter().all(|label| *label == own.labels()[0]) {
        return Err(DataError::OneClass { name });
    }

    let mut all: Vec<&mut Samples> = std::iter::once(&mut own).chain(&mut own_test).collect();
    let filled = match request.missing {
        Missing::Mean => missing::fill(loading, &mut all, train.clone())?,
        Missing::Refuse | Missing::Drop => 0,
    };
    scale::apply(loading, request.scale, &columns, &mut all, train.clone())?;

    Ok(Dataset {
        classes,
        image,
        validation: own.slice(test..test + validation),
        train: own.slice(train),
        test: own_test.unwrap_or_else(|| own.slice(0..test)),
        preparation: Preparation { scale: request.scale, filled, dropped, table },
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::ascending;
    use crate::samples::Inputs;
    use std::sync::Arc;

    /// Samples whose label and only input are their number, from `first` on.
    fn numbered(first: u32, count: u32) -> Samples {
        let labels: Vec<u32> = (first..first + count).collect();
        let inputs = labels.iter().map(|&label| label as f32).collect();
        Samples::new(Inputs::Floats(Arc::new(inputs)), 1, labels)
    }

    fn load(request: &Request, loaded: Loaded) -> Result<Dataset, DataError> {
        let interrupt = std::sync::atomic::AtomicBool::new(false);
        split(Loading { path: std::path::Path::new("some"), interrupt: &interrupt }, request, loaded)
    }

    fn request() -> Request {
        Request::new(crate::Source::Table("table.csv".into()))
    }

    fn split_of(request: &Request, train: u32, test: Option<u32>) -> Result<Dataset, DataError> {
        let test = test.map(|count| numbered(train, count));
        load(request, loaded(numbered(0, train), test))
    }

    fn loaded(train: Samples, test: Option<Samples>) -> Loaded {
        let columns = Columns::Table { one_hot: Vec::new() };
        Loaded { classes: train.len(), image: None, columns, train, test, dropped: 0, table: None }
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
    fn scales_and_means_are_those_of_the_training_samples_alone() {
        let numbers = |numbers: &[f32]| {
            Samples::new(Inputs::Floats(Arc::new(numbers.to_vec())), 1, (0..numbers.len() as u32).collect())
        };
        let asked = Request { missing: Missing::Mean, scale: crate::Scale::MinMax, validation: Some(2), ..request() };
        let own = numbers(&[1000.0, f32::NAN, 2.0, 4.0, 6.0]);
        let dataset = load(&asked, loaded(own, Some(numbers(&[5.0, f32::NAN])))).expect("enough samples");
        let inputs = |samples: &Samples| {
            let mut inputs = vec![0.0; samples.len()];
            samples.range(0, &mut inputs, &mut vec![0; samples.len()]);
            inputs
        };
        assert_eq!(inputs(&dataset.train), [0.0, 0.5, 1.0]);
        assert_eq!(inputs(&dataset.validation), [249.5, 0.5]);
        assert_eq!(inputs(&dataset.test), [0.75, 0.5]);
        assert_eq!(dataset.preparation.filled, 2);
    }

    #[test]
    fn training_samples_of_one_class_are_an_error() {
        let alike = Samples::new(Inputs::Floats(Arc::new(vec![0.0; 9])), 1, vec![3; 9]);
        let message = load(&request(), loaded(alike, None)).expect_err("one class").to_string();
        assert!(message.starts_with("table: all training samples have one and the same label"), "{message}");
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
