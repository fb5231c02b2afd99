//! Makes the log directories of the benchmark in `bench/store`:
//!
//! ```text
//! cargo run --release -p headwater-events --example logs -- FOLDER
//! ```
//!
//! | folder | what |
//! |---|---|
//! | `a` | 8 runs of 50 scalars at 5,000 steps; one record a step, in the old form |
//! | `a1` | the same in the current form, one record a value, as [`headwater_events::Writer`] writes |
//! | `b` | 4 runs of 20 scalars and 20 histograms of 300 buckets at 1,000 steps; one record a value, in the old form |
//! | `c` | 1,000 runs of 10 scalars at 100 steps; one record a value, in the old form |
//! | `d` | as `b`, one run of 4,000 steps |

use std::{
    error::Error,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use headwater_events::{
    proto::{
        DataClass, Event, HistogramProto, PluginData, Summary, SummaryMetadata, TensorProto, Value, ValueKind, What,
    },
    record,
};
use prost::Message as _;

/// One of the log directories.
struct Log {
    name: &'static str,
    runs: usize,
    scalars: usize,
    histograms: usize,
    steps: i64,
    form: Form,
}

/// How values are written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// `simple_value` and `histo`, all of a step in one record.
    OldTogether,
    /// The same, each in a record of its own.
    Old,
    /// Tensors, each in a record of its own, with metadata on the first of each tag.
    Current,
}

const LOGS: [Log; 5] = [
    Log { name: "a", runs: 8, scalars: 50, histograms: 0, steps: 5000, form: Form::OldTogether },
    Log { name: "a1", runs: 8, scalars: 50, histograms: 0, steps: 5000, form: Form::Current },
    Log { name: "b", runs: 4, scalars: 20, histograms: 20, steps: 1000, form: Form::Old },
    Log { name: "c", runs: 1000, scalars: 10, histograms: 0, steps: 100, form: Form::Old },
    Log { name: "d", runs: 1, scalars: 20, histograms: 20, steps: 4000, form: Form::Old },
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: logs FOLDER")?);
    for log in &LOGS {
        for run in 0..log.runs {
            let folder = folder.join(log.name).join(format!("run{run:04}"));
            fs::create_dir_all(&folder)?;
            log.write(run, &folder.join("events.out.tfevents.1700000000.bench"))?;
        }
    }
    Ok(())
}

impl Log {
    fn write(&self, run: usize, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        put(&mut file, 0, 0.0, What::FileVersion("brain.Event:2".into()))?;
        for step in 0..self.steps {
            // A step takes ten milliseconds, give or take one.
            let time = step as f64 * 0.01 + (step * step % 97) as f64 * 1e-5;
            let mut values: Vec<Value> = (0..self.scalars).map(|i| self.scalar(run, i, step)).collect();
            values.extend((0..self.histograms).map(|i| histogram(i, step)));
            if self.form == Form::OldTogether {
                put(&mut file, step, time, What::Summary(Summary { value: values }))?;
            } else {
                for (i, value) in values.into_iter().enumerate() {
                    put(&mut file, step, time + i as f64 * 1e-5, What::Summary(Summary { value: vec![value] }))?;
                }
            }
        }
        file.flush()
    }

    fn scalar(&self, run: usize, i: usize, step: i64) -> Value {
        let value = (i + run + 1) as f32 / (step + 1) as f32 + (step * 7919 % 101) as f32 * 1e-3;
        let tag = format!("gradient/rms/layer{i}");
        if self.form != Form::Current {
            return Value { tag, value: Some(ValueKind::SimpleValue(value)), metadata: None };
        }
        let metadata = (step == 0).then(|| SummaryMetadata {
            plugin_data: Some(PluginData { plugin_name: "scalars".into(), content: Vec::new() }),
            data_class: DataClass::Scalar.into(),
            ..SummaryMetadata::default()
        });
        Value { tag, value: Some(ValueKind::Tensor(TensorProto::scalar(value))), metadata }
    }
}

fn histogram(i: usize, step: i64) -> Value {
    let edge = |j: i32| f64::from(j - 150) / 50.0;
    let histogram = HistogramProto {
        min: -3.0,
        max: 3.0,
        num: 30_000.0,
        sum: 0.0,
        sum_squares: 30_000.0,
        bucket_limit: (1..=300).map(edge).collect(),
        bucket: (0..300).map(|j| f64::from((j * 31 + (step % 97) as i32) % 200)).collect(),
    };
    Value { tag: format!("gradient/layer{i}"), value: Some(ValueKind::Histo(histogram)), metadata: None }
}

fn put(file: &mut impl Write, step: i64, seconds: f64, what: What) -> io::Result<()> {
    let event = Event { wall_time: 1.7e9 + seconds, step, what: Some(what), source_metadata: None };
    let mut bytes = Vec::new();
    record::append(&mut bytes, |buffer| event.encode_raw(buffer));
    file.write_all(&bytes)
}
