//! A dataset in numbers: what one looks at before training on it.

use crate::table::{Column, Kind, Table};
use crate::{Dataset, Encoding, ImageShape, Samples, Separator};
use serde::Serialize;

/// Inputs with a root mean square above this are too large for the usual initialisers and learning rates: scaled inputs
/// are about 1, and pixels from 0 to 255 about 80. The diagnosis rule `unscaled_input` uses the same threshold.
const LARGE: f64 = 10.0;

/// The most columns of a table that are described.
const COLUMNS: usize = 1000;

/// What a dataset holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The dataset's name.
    pub name: String,
    /// Number of classes.
    pub classes: usize,
    /// Inputs per sample.
    pub width: usize,
    /// Rows and columns, if the samples are images.
    pub image: Option<ImageShape>,
    /// How the inputs were scaled: `none`, `minmax` or `standardise`.
    pub scale: String,
    /// How many missing values were replaced by the mean of their input.
    pub filled: u64,
    /// How many samples were left out because of a missing value.
    pub dropped: usize,
    /// How a table was read. `None` if the source is not a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableDescription>,
    /// `train`, `validation` and `test`, in this order.
    pub splits: [SplitDescription; 3],
    /// Of the training samples.
    pub inputs: InputStatistics,
    /// Whether the inputs are so large that they should be scaled.
    pub unscaled: bool,
}

/// How a table was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDescription {
    /// The separator between cells.
    pub separator: Separator,
    /// Whether the first row holds the names of the columns. If not, columns are numbered from 1.
    pub header: bool,
    /// The character encoding.
    pub encoding: Encoding,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
    /// The names of the classes, in the order of their numbers. Empty if the labels are numbers.
    pub classes: Vec<String>,
    /// Number of columns in the file.
    pub width: usize,
    /// The columns in the order of the file, at most the first 1,000.
    pub columns: Vec<ColumnDescription>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDescription {
    /// Its name, or its number if there is no header.
    pub name: String,
    /// How the column is used.
    #[serde(flatten)]
    pub role: ColumnRole,
    /// How many cells have no value.
    pub missing: u64,
}

/// How a column is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "role")]
pub enum ColumnRole {
    /// The column holds the labels.
    Label,
    /// The column is left out.
    Ignored,
    /// The column is an input.
    Number {
        /// Its distribution over the training samples, as the network sees it.
        statistics: InputStatistics,
    },
    /// The column became one input for each of its texts: 1 where the row has that text, else 0.
    OneHot {
        /// The texts, in the order of the inputs.
        texts: Vec<String>,
    },
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitDescription {
    /// `train`, `validation` or `test`.
    pub name: &'static str,
    /// Number of samples.
    pub samples: usize,
    /// Number of samples of each class, `[classes]`.
    pub per_class: Vec<usize>,
}

/// The distribution of inputs, as the network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InputStatistics {
    /// Smallest.
    pub min: f32,
    /// Largest.
    pub max: f32,
    /// Arithmetic mean.
    pub mean: f64,
    /// Root mean square.
    pub rms: f64,
    /// Fraction that is zero, 0 to 1: the weights of such inputs get no gradient from that sample.
    pub zero: f64,
}

impl Dataset {
    /// Counts the samples of every class and surveys the training inputs.
    pub fn describe(&self) -> Description {
        let split = |name, samples: &Samples| {
            let mut per_class = vec![0; self.classes];
            for &label in samples.labels() {
                per_class[label as usize] += 1;
            }
            SplitDescription { name, samples: samples.len(), per_class }
        };
        let preparation = &self.preparation;
        let columns = preparation.table.iter().flat_map(|table| &table.columns).take(COLUMNS);
        let (all, each) = survey(&self.train, columns.map(Column::width).sum());
        let inputs = all.statistics();
        Description {
            name: self.name.clone(),
            classes: self.classes,
            width: self.train.width(),
            image: self.image,
            scale: preparation.scale.to_string(),
            filled: preparation.filled,
            dropped: preparation.dropped,
            table: preparation.table.as_deref().map(|table| describe(table, &each)),
            splits: [split("train", &self.train), split("validation", &self.validation), split("test", &self.test)],
            inputs,
            unscaled: inputs.rms > LARGE,
        }
    }
}

/// `inputs` are the statistics of the training samples, one for each input.
fn describe(table: &Table, inputs: &[Survey]) -> TableDescription {
    let mut next = 0;
    let columns = table.columns.iter().zip(table.names.iter()).take(COLUMNS).map(|(column, name)| {
        let first = next;
        next += column.width();
        let role = match &column.kind {
            Kind::Label => ColumnRole::Label,
            Kind::Ignored => ColumnRole::Ignored,
            Kind::Unknown | Kind::Numbers => ColumnRole::Number { statistics: inputs[first].statistics() },
            Kind::Texts(categories) => ColumnRole::OneHot { texts: categories.texts.clone() },
        };
        ColumnDescription { name: name.to_owned(), role, missing: column.missing }
    });
    TableDescription {
        width: table.columns.len(),
        columns: columns.collect(),
        separator: table.separator,
        header: table.header,
        encoding: table.encoding,
        decimal_comma: table.decimal_comma,
        classes: table.classes.clone(),
    }
}

/// Running totals over some inputs.
#[derive(Clone, Copy)]
struct Survey {
    min: f32,
    max: f32,
    sum: f64,
    squares: f64,
    zeros: u64,
    count: u64,
}

impl Survey {
    const NONE: Self = Self { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, squares: 0.0, zeros: 0, count: 0 };

    fn add(&mut self, x: f32) {
        self.min = self.min.min(x);
        self.max = self.max.max(x);
        self.sum += f64::from(x);
        self.squares += f64::from(x) * f64::from(x);
        self.zeros += u64::from(x == 0.0);
        self.count += 1;
    }

    fn statistics(&self) -> InputStatistics {
        let Self { min, max, sum, squares, zeros, count } = *self;
        let count = count as f64;
        InputStatistics { min, max, mean: sum / count, rms: (squares / count).sqrt(), zero: zeros as f64 / count }
    }
}

/// Surveys all inputs together, and each of the first `count` inputs.
fn survey(samples: &Samples, count: usize) -> (Survey, Vec<Survey>) {
    let (mut row, mut label) = (vec![0.0; samples.width()], [0]);
    let (mut all, mut first) = (Survey::NONE, vec![Survey::NONE; count]);
    for sample in 0..samples.len() {
        samples.range(sample, &mut row, &mut label);
        for x in &row {
            all.add(*x);
        }
        for (input, x) in first.iter_mut().zip(&row) {
            input.add(*x);
        }
    }
    (all, first)
}
