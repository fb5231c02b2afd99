//! The columns of a table: what each holds, and how texts become numbers.
//!
//! A column holds numbers or texts. Texts are categories. While rows are read, each text is stored as a number, given
//! in order of appearance. At the end the column becomes one column for each text that occurs, in sorted order: 1 where
//! the row has this text, and 0 elsewhere (one-hot).

use crate::DataError;
use crate::loading::Loading;
use std::collections::HashMap;
use std::ops::Range;

/// The most texts that one column may hold. A column with more holds names or identifiers, which the network would
/// learn by heart.
pub(super) const MOST_CATEGORIES: usize = 256;
/// More texts than this are refused as well if most of them occur once.
const FEW_CATEGORIES: usize = 10;

/// A column of a table.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    /// How many cells have no value.
    pub(crate) missing: u64,
}

/// What a column holds.
#[derive(Debug, Default)]
pub(crate) enum Kind {
    Label,
    /// Not used.
    Ignored,
    /// No value so far.
    #[default]
    Unknown,
    Numbers,
    Texts(Box<Categories>),
}

#[derive(Debug, Default)]
pub(crate) struct Categories {
    /// The number of each text, in order of appearance.
    codes: HashMap<String, u32>,
    /// The texts that occur, sorted. Each becomes a column.
    pub(crate) texts: Vec<String>,
    /// How many cells hold a text.
    cells: u64,
}

impl Categories {
    /// The number of a text. Returns `None` if there are too many texts.
    pub(super) fn code(&mut self, text: &str) -> Option<u32> {
        self.cells += 1;
        if let Some(&code) = self.codes.get(text) {
            return Some(code);
        }
        let code = self.codes.len() as u32;
        (self.codes.len() < MOST_CATEGORIES).then(|| {
            self.codes.insert(text.to_owned(), code);
            code
        })
    }

    /// The number of texts, if nearly every row has one of its own.
    pub(super) fn identify(&self) -> Option<usize> {
        let count = self.codes.len();
        (count > FEW_CATEGORIES && 2 * count as u64 > self.cells).then_some(count)
    }

    /// The first text that was read.
    pub(super) fn first(&self) -> &str {
        self.codes.iter().find(|(_, code)| **code == 0).map_or("", |(text, _)| text)
    }

    /// Sorts the texts of the rows that were kept. Returns the position of each text, indexed by its number.
    fn sort(&mut self, codes: impl Iterator<Item = f32>) -> Vec<usize> {
        let mut occurs = vec![false; self.codes.len()];
        for code in codes.filter(|code| !code.is_nan()) {
            occurs[code as usize] = true;
        }
        let mut sorted: Vec<(String, u32)> =
            std::mem::take(&mut self.codes).into_iter().filter(|(_, code)| occurs[*code as usize]).collect();
        sorted.sort_unstable();
        let mut places = vec![0; occurs.len()];
        for (place, (_, code)) in sorted.iter().enumerate() {
            places[*code as usize] = place;
        }
        self.texts = sorted.into_iter().map(|(text, _)| text).collect();
        places
    }
}

impl Column {
    /// How many inputs of the network come from this column.
    pub(crate) fn width(&self) -> usize {
        match &self.kind {
            Kind::Label | Kind::Ignored => 0,
            Kind::Unknown | Kind::Numbers => 1,
            Kind::Texts(categories) => categories.texts.len(),
        }
    }
}

/// The inputs of each one-hot column, as a range.
pub(super) fn one_hot(columns: &[Column]) -> Vec<Range<usize>> {
    let (mut ranges, mut start) = (Vec::new(), 0);
    for column in columns {
        let range = start..start + column.width();
        start = range.end;
        if matches!(column.kind, Kind::Texts(_)) {
            ranges.push(range);
        }
    }
    ranges
}

/// The source of an input.
enum Part {
    Number,
    /// The position of each text, indexed by its number, and how many positions there are.
    Texts(Vec<usize>, usize),
}

/// Replaces the numbers of texts by one column for each text. `inputs` is `[rows, columns that are used]`; the result
/// is `[rows, inputs]`. Where a text is missing, all its columns are NaN.
pub(super) fn expand(loading: Loading<'_>, columns: &mut [Column], inputs: Vec<f32>) -> Result<Vec<f32>, DataError> {
    if !columns.iter().any(|column| matches!(column.kind, Kind::Texts(_))) {
        return Ok(inputs);
    }
    let used = || |column: &&mut Column| !matches!(column.kind, Kind::Label | Kind::Ignored);
    let width = columns.iter_mut().filter(used()).count();
    let mut parts = loading.room(width)?;
    for (index, column) in columns.iter_mut().filter(used()).enumerate() {
        parts.push(match &mut column.kind {
            Kind::Texts(categories) => {
                loading.check()?;
                let places = categories.sort(inputs.iter().copied().skip(index).step_by(width));
                Part::Texts(places, categories.texts.len())
            }
            _ => Part::Number,
        });
    }
    let rows = inputs.len() / width;
    let expanded: usize = columns.iter().map(Column::width).sum();
    let mut outputs = loading.room(rows.saturating_mul(expanded))?;
    for row in inputs.chunks_exact(width) {
        loading.check()?;
        for (&value, part) in row.iter().zip(&parts) {
            match part {
                Part::Number => outputs.push(value),
                Part::Texts(_, count) if value.is_nan() => outputs.extend(std::iter::repeat_n(value, *count)),
                Part::Texts(places, count) => {
                    let place = places[value as usize];
                    outputs.extend((0..*count).map(|other| if other == place { 1.0 } else { 0.0 }));
                }
            }
        }
    }
    Ok(outputs)
}
