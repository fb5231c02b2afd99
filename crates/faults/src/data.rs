//! The datasets, and what is done to them: five tasks of different shape, all made here or in the box.

use std::collections::BTreeMap;
use std::f32::consts::TAU;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use headwater_data::{Dataset, Request, Samples, Source};
use headwater_lab::DataConfig;
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The tasks, from the easiest to the hardest.
pub(crate) const TASKS: [&str; 5] = ["blobs", "circles", "mnist", "waves", "teacher"];

/// Samples of each split. Validation is looked at in every record, so it is small.
const TRAIN: usize = 6000;
const VALIDATION: usize = 400;
const TEST: usize = 1000;
/// So few can be learned by heart.
const FEW: usize = 80;

/// What is done to a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    /// As it should be.
    Sound,
    /// All inputs times 255.
    Unscaled,
    /// One column times 3000, as of a number in other units.
    HugeColumn,
    /// Only a few samples to train with.
    Few,
    /// Labels that have nothing to do with the inputs.
    RandomLabels,
}

impl Version {
    const ALL: [Self; 5] = [Self::Sound, Self::Unscaled, Self::HugeColumn, Self::Few, Self::RandomLabels];
}

/// All versions of all tasks, written as .npz files and read as anybody's would be.
pub(crate) struct Datasets {
    loaded: BTreeMap<(&'static str, Version), (DataConfig, Dataset)>,
}

impl Datasets {
    /// Makes all files in `folder`.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let mut loaded = BTreeMap::new();
        for task in TASKS {
            let sound = Table::of(task)?;
            for version in Version::ALL {
                let path = folder.join(format!("{task}-{version:?}.npz"));
                sound.altered(version).write(&path)?;
                let config = DataConfig {
                    source: Source::Npz(path.clone()),
                    validation: Some(VALIDATION),
                    ..DataConfig::default()
                };
                let request = Request { validation: config.validation, ..Request::new(Source::Npz(path)) };
                loaded.insert((task, version), (config, headwater_data::load(&request)?));
            }
        }
        Ok(Self { loaded })
    }

    pub(crate) fn get(&self, task: &'static str, version: Version) -> &(DataConfig, Dataset) {
        &self.loaded[&(task, version)]
    }

    /// Accuracy of guessing.
    pub(crate) fn chance(&self, task: &'static str) -> f64 {
        1.0 / self.get(task, Version::Sound).1.classes as f64
    }
}

/// Samples in memory. The first ones are for validation, as the loader takes them.
#[derive(Clone)]
struct Table {
    width: usize,
    classes: u32,
    inputs: Vec<f32>,
    labels: Vec<u32>,
    test_inputs: Vec<f32>,
    test_labels: Vec<u32>,
}

impl Table {
    fn of(task: &str) -> Result<Self> {
        Ok(match task {
            "waves" => Self::drawn(48, 6, waves),
            "teacher" => Self::drawn(30, 4, teacher()),
            _ => {
                let dataset = headwater_data::load(&Request::new(task.parse()?))?;
                let rows = |samples: &Samples, most: usize| {
                    let count = samples.len().min(most);
                    let (mut inputs, mut labels) = (vec![0.0; count * samples.width()], vec![0; count]);
                    samples.range(0, &mut inputs, &mut labels);
                    (inputs, labels)
                };
                let (inputs, labels) = rows(&dataset.train, TRAIN);
                let (test_inputs, test_labels) = rows(&dataset.test, TEST);
                let (width, classes) = (dataset.train.width(), dataset.classes as u32);
                Self { width, classes, inputs, labels, test_inputs, test_labels }
            }
        })
    }

    fn drawn(width: usize, classes: u32, mut draw: impl FnMut(&mut ChaCha8Rng, &mut [f32]) -> u32) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut rows = |count: usize| {
            let mut inputs = vec![0.0; count * width];
            let labels = inputs.chunks_exact_mut(width).map(|row| draw(&mut rng, row)).collect();
            (inputs, labels)
        };
        let (inputs, labels) = rows(TRAIN);
        let (test_inputs, test_labels) = rows(TEST);
        Self { width, classes, inputs, labels, test_inputs, test_labels }
    }

    fn altered(&self, version: Version) -> Self {
        let mut table = self.clone();
        let both = |table: &mut Self, change: &dyn Fn(&mut [f32])| {
            for inputs in [&mut table.inputs, &mut table.test_inputs] {
                inputs.chunks_exact_mut(self.width).for_each(change);
            }
        };
        match version {
            Version::Sound => {}
            Version::Unscaled => both(&mut table, &|row| row.iter_mut().for_each(|x| *x *= 255.0)),
            // The middle of a picture is not always 0.
            Version::HugeColumn => {
                let column = self.width / 2 + if self.width == 784 { 14 } else { 0 };
                both(&mut table, &|row| row[column] *= 3000.0);
            }
            Version::Few => {
                table.labels.truncate(VALIDATION + FEW);
                table.inputs.truncate((VALIDATION + FEW) * self.width);
            }
            Version::RandomLabels => {
                let mut rng = ChaCha8Rng::seed_from_u64(11);
                let labels = table.labels.iter_mut().chain(&mut table.test_labels);
                labels.for_each(|label| *label = rng.random_range(0..self.classes));
            }
        }
        table
    }

    fn write(&self, path: &PathBuf) -> Result<()> {
        let mut zip = ZipWriter::new(File::create(path)?);
        let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let whole = |values: &[u32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        for (name, inputs, labels) in
            [("train", &self.inputs, &self.labels), ("test", &self.test_inputs, &self.test_labels)]
        {
            let count = labels.len();
            array(&mut zip, &format!("x_{name}.npy"), "<f4", &format!("({count}, {})", self.width), &floats(inputs))?;
            array(&mut zip, &format!("y_{name}.npy"), "<i4", &format!("({count},)"), &whole(labels))?;
        }
        zip.finish()?;
        Ok(())
    }
}

/// One array of an .npz file: NumPy's format, version 1.0.
fn array(zip: &mut ZipWriter<File>, name: &str, kind: &str, shape: &str, bytes: &[u8]) -> Result<()> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    // The whole header is a multiple of 64 bytes, and ends with a new line.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))?;
    zip.write_all(b"\x93NUMPY\x01\x00")?;
    zip.write_all(&u16::try_from(padded)?.to_le_bytes())?;
    zip.write_all(format!("{header:<width$}\n", width = padded - 1).as_bytes())?;
    zip.write_all(bytes)?;
    Ok(())
}

/// A noisy sine of one of six frequencies at any phase: no input tells anything by itself.
fn waves(rng: &mut ChaCha8Rng, row: &mut [f32]) -> u32 {
    let label = rng.random_range(0..6);
    let (phase, count) = (rng.random_range(0.0..TAU), row.len() as f32);
    for (t, x) in row.iter_mut().enumerate() {
        let noise: f32 = rng.sample(StandardNormal);
        *x = 1.2 * (phase + TAU * (label + 1) as f32 * t as f32 / count).sin() + 0.5 * noise;
    }
    label
}

/// What a network of one hidden layer answers, itself drawn at random.
fn teacher() -> impl FnMut(&mut ChaCha8Rng, &mut [f32]) -> u32 {
    const HIDDEN: usize = 6;
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut normal = |count: usize| (0..count).map(|_| rng.sample(StandardNormal)).collect::<Vec<f32>>();
    let (below, above) = (normal(30 * HIDDEN), normal(HIDDEN * 4));
    move |rng, row| {
        for x in row.iter_mut() {
            *x = rng.sample(StandardNormal);
        }
        let hidden = (0..HIDDEN).map(|unit| {
            let z: f32 = row.iter().zip(below[unit * 30..].iter()).map(|(x, w)| x * w).sum();
            (z / 30.0_f32.sqrt() * 2.0).tanh()
        });
        let hidden: Vec<f32> = hidden.collect();
        let score = |class: usize| -> f32 { (0..HIDDEN).map(|unit| hidden[unit] * above[unit * 4 + class]).sum() };
        (0..4).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap_or(0) as u32
    }
}
