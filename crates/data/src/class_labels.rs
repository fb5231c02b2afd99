//! Labels as people write them, and the class numbers they mean.

use crate::DataError;
use crate::loading::Loading;
use std::collections::BTreeMap;

/// The most classes a dataset may have. Beyond it, what was taken for a label is a quantity or an identifier, and the
/// network's output layer would be gigantic.
pub(crate) const MAX_CLASSES: usize = 65_536;

/// Labels of a column of text, as they come. The first decides: if it is a number, all are class numbers; if it is a
/// word, all are words, whose classes are their places in sorted order.
#[derive(Debug, Default)]
pub(crate) enum ClassLabels {
    #[default]
    Empty,
    Numbers(Vec<u32>),
    Words {
        /// Every word, and its place in the order of first appearance.
        places: BTreeMap<String, u32>,
        /// The place of every row's word.
        rows: Vec<u32>,
    },
}

impl ClassLabels {
    /// Reserves space for the next label.
    pub(crate) fn reserve(&mut self, loading: Loading<'_>) -> Result<(), DataError> {
        match self {
            Self::Empty => Ok(()),
            Self::Numbers(rows) | Self::Words { rows, .. } => loading.reserve(rows, 1),
        }
    }

    /// The words among the labels. Empty if the labels are numbers.
    pub(crate) fn words(&self) -> Vec<String> {
        match self {
            Self::Words { places, .. } => places.keys().cloned().collect(),
            Self::Empty | Self::Numbers(_) => Vec::new(),
        }
    }

    /// Takes the next label.
    ///
    /// # Errors
    ///
    /// What was expected instead.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), String> {
        if let Self::Empty = self {
            *self = if text.parse::<f64>().is_ok() {
                Self::Numbers(Vec::new())
            } else {
                Self::Words { places: BTreeMap::new(), rows: Vec::new() }
            };
        }
        match self {
            Self::Empty => unreachable!("the first label has just been classified"),
            Self::Numbers(rows) => {
                let class = class_number(text).ok_or_else(|| {
                    format!("a class: a whole number from 0 to {} (or words throughout)", MAX_CLASSES - 1)
                })?;
                rows.push(class);
            }
            Self::Words { places, rows } => {
                if text.is_empty() {
                    return Err("a label".to_owned());
                }
                let next = places.len() as u32;
                let place = if let Some(&place) = places.get(text) {
                    place
                } else if places.len() < MAX_CLASSES {
                    places.insert(text.to_owned(), next);
                    next
                } else {
                    return Err(format!("at most {MAX_CLASSES} different labels"));
                };
                rows.push(place);
            }
        }
        Ok(())
    }

    /// The class of every row, and the number of classes.
    pub(crate) fn finish(self) -> (Vec<u32>, usize) {
        match self {
            Self::Empty => (Vec::new(), 0),
            Self::Numbers(rows) => {
                let classes = rows.iter().max().map_or(0, |&largest| largest as usize + 1);
                (rows, classes)
            }
            Self::Words { places, mut rows } => {
                let mut classes = vec![0; places.len()];
                for (class, &place) in (0..).zip(places.values()) {
                    classes[place as usize] = class;
                }
                for row in &mut rows {
                    *row = classes[*row as usize];
                }
                (rows, classes.len())
            }
        }
    }
}

/// `3` is a class, and so is `3.0`: that is how pandas writes whole numbers of a column that once had a gap.
fn class_number(text: &str) -> Option<u32> {
    let number = text.parse::<f64>().ok()?;
    let in_range = (0.0..MAX_CLASSES as f64).contains(&number) && number.fract() == 0.0;
    in_range.then_some(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(texts: &[&str]) -> Result<(Vec<u32>, usize), String> {
        let mut labels = ClassLabels::default();
        texts.iter().try_for_each(|text| labels.push(text))?;
        Ok(labels.finish())
    }

    #[test]
    fn numbers_are_the_classes() {
        assert_eq!(classes(&["3", "0", "1.0", "3"]), Ok((vec![3, 0, 1, 3], 4)));
    }

    #[test]
    fn words_are_numbered_in_sorted_order() {
        assert_eq!(classes(&["virginica", "setosa", "versicolor", "setosa"]), Ok((vec![2, 0, 1, 0], 3)));
        assert_eq!(classes(&["b", "1", "a"]), Ok((vec![2, 0, 1], 3)));
    }

    #[test]
    fn quantities_gaps_and_mixtures_are_refused() {
        for texts in [&["-1"][..], &["0.5"], &["65536"], &["nan"], &["1", "one"], &["1", ""], &["one", ""], &[""]] {
            assert!(classes(texts).is_err(), "{texts:?}");
        }
    }

    #[test]
    fn too_many_words_are_refused() {
        let words: Vec<String> = (0..=MAX_CLASSES).map(|number| format!("id{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert!(classes(&words[1..]).is_ok());
        assert_eq!(classes(&words), Err("at most 65536 different labels".to_owned()));
    }
}
