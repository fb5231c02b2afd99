//! `/api/flow`: one quantity of every layer, in network order.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Extension, extract::State, response::Response};
use headwater_events::{Series, SeriesKind};
use headwater_probe::{measures::Definition, network::Modules};
use serde::Deserialize;
use serde_json::{Map, json};

use super::{
    derived::Derived,
    layers::{self, is_size, moment},
    whole::Whole,
};
use crate::{Board, error::ApiError, extract::Query, frame::Frame, work::Wanted};

/// The most columns that are sent.
const MOST_COLUMNS: usize = 5000;
/// The most numbers that are sent: of very many layers there are fewer columns.
const MOST_NUMBERS: usize = 2_000_000;
/// How many values are looked at together.
const TOGETHER: usize = 4096;

/// A quantity that a run's records hold, and the layers that they hold it of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Available {
    /// Such as `gradient/mean_abs`.
    pub(crate) quantity: String,
    /// In network order.
    pub(crate) layers: Vec<String>,
}

/// What a run with these tags and modules offers.
pub(crate) fn available<'a>(
    tags: impl Iterator<Item = (&'a str, SeriesKind)>,
    modules: Option<&Modules>,
) -> Vec<Available> {
    let offered = layers::layers(tags, modules).into_iter().filter(|(_, layers)| !layers.is_empty());
    let names = offered.map(|(flow, layers)| Available {
        quantity: flow.key.to_string(),
        layers: layers.into_iter().map(|layer| layer.name).collect(),
    });
    names.collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    quantity: String,
    #[serde(default = "default_columns")]
    columns: usize,
}

fn default_columns() -> usize {
    1000
}

/// `GET /api/flow`.
pub(super) async fn flow(
    State(board): State<Arc<Board>>,
    Extension(derived): Extension<Arc<Derived>>,
    Query(params): Query<Params>,
) -> Result<Response, ApiError> {
    board.long(move |board, wanted| answer(board, &derived, &params, wanted)).await
}

fn answer(board: &Board, derived: &Derived, params: &Params, wanted: &Wanted) -> Result<Response, ApiError> {
    let version = board.store.version();
    let run = board.run(&params.run)?;
    let all = run.series();
    let kinds: Vec<(&str, SeriesKind)> = all.iter().map(|series| (&**series.tag(), series.kind())).collect();
    let modules = board.catalogue.modules(board, run.name());
    let mut offered = layers::layers(kinds.iter().copied(), modules.as_deref()).into_iter();
    let found = offered.find(|(flow, layers)| flow.key == params.quantity && !layers.is_empty());
    let Some((flow, layers)) = found else {
        let keys: Vec<String> = available(kinds.into_iter(), None).into_iter().map(|one| one.quantity).collect();
        let (run, quantity) = (&params.run, &params.quantity);
        let message = format!("run \"{run}\" has no \"{quantity}\" of layers; it has: {}", keys.join(", "));
        return Err(ApiError::not_found(message));
    };
    let mut sources = Vec::new();
    for layer in &layers {
        wanted.check()?;
        let Some(series) = run.get(&layer.tag) else { continue };
        let count = series.len();
        let moment = moment(flow).map(|(_, moment)| moment).filter(|_| layer.derived);
        let numbers = moment.map(|moment| derived.numbers(&series, count, moment, wanted)).transpose()?;
        sources.push(Source { series, count, numbers });
    }
    let axis = Axis::of(&sources, params.columns.clamp(1, most_columns(sources.len())));
    let mut columns = axis.columns(flow);
    let mut unreadable = 0;
    let mut rows = Vec::new();
    for source in &sources {
        wanted.check()?;
        rows.push(columns.row(source, &mut unreadable));
    }
    let kept: Vec<usize> = (0..columns.steps.len()).filter(|&at| columns.steps[at].is_some()).collect();

    let mut frame = Frame::new();
    frame.f64(kept.iter().map(|&at| columns.steps[at].unwrap_or_default() as f64));
    for row in &rows {
        frame.f64(kept.iter().map(|&at| row[at]));
    }
    let mut header = Map::new();
    header.insert("version".to_owned(), json!(version));
    header.insert("run".to_owned(), json!(params.run));
    header.insert("generation".to_owned(), json!(run.generation()));
    header.insert("quantity".to_owned(), json!(flow.key));
    let layers = layers.iter().zip(&sources).map(|(layer, source)| {
        json!({ "name": layer.name, "tag": layer.tag, "derived": layer.derived, "whole": Whole::of(source.points(), flow) })
    });
    header.insert("layers".to_owned(), layers.collect());
    header.insert("total".to_owned(), json!(sources.iter().map(|source| source.count).max()));
    header.insert("unreadable".to_owned(), json!(unreadable));
    Ok(frame.answer(header))
}

/// The most columns of a flow through so many layers.
fn most_columns(layers: usize) -> usize {
    (MOST_NUMBERS / layers.max(1)).clamp(1, MOST_COLUMNS)
}

/// The records of a layer, as far as there were any when the request came.
struct Source {
    series: Arc<Series>,
    count: usize,
    /// What was computed from them. None: they are numbers.
    numbers: Option<Vec<f64>>,
}

impl Source {
    /// Calls `each` with every step and number; NaN for a histogram that cannot be read.
    fn each(&self, mut each: impl FnMut(i64, f64)) {
        for start in (0..self.count).step_by(TOGETHER) {
            let range = start..self.count.min(start + TOGETHER);
            match &self.numbers {
                Some(numbers) => {
                    let steps = self.series.steps(range);
                    steps
                        .iter()
                        .zip(&numbers[start.min(numbers.len())..])
                        .for_each(|((step, _), &number)| each(*step, number));
                }
                None => self.series.points(range).iter().for_each(|point| each(point.step, point.value)),
            }
        }
    }

    /// All steps and numbers, in the order in which they were recorded.
    fn points(&self) -> Vec<(i64, f64)> {
        let mut points = Vec::with_capacity(self.count);
        self.each(|step, number| points.push((step, number)));
        points
    }

    /// The smallest step and the largest.
    fn ends(&self) -> Option<(i64, i64)> {
        let step = |index: usize| self.series.steps(index..index + 1).first().map(|(step, _)| *step);
        let segments = self.series.segments();
        let segments = segments.into_iter().filter(|segment| segment.start < self.count);
        // Within a segment steps do not fall.
        let ends = segments.filter_map(|segment| Some((step(segment.start)?, step(segment.end.min(self.count) - 1)?)));
        ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }
}

/// What the columns of the picture are.
enum Axis {
    /// Each a step.
    Steps(Vec<i64>),
    /// Each an equal part of all steps.
    Parts { low: i64, high: i64, columns: usize },
}

impl Axis {
    /// Steps, if there are not more than `columns`.
    fn of(sources: &[Source], columns: usize) -> Axis {
        let mut steps = BTreeSet::new();
        for source in sources {
            for start in (0..source.count).step_by(TOGETHER) {
                steps.extend(
                    source.series.steps(start..source.count.min(start + TOGETHER)).iter().map(|(step, _)| *step),
                );
                if steps.len() > columns {
                    let ends = sources.iter().filter_map(Source::ends);
                    let (low, high) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))).unwrap_or((0, 0));
                    return Axis::Parts { low, high, columns };
                }
            }
        }
        Axis::Steps(steps.into_iter().collect())
    }

    fn columns(self, flow: &Definition) -> Columns {
        let count = match &self {
            Axis::Steps(steps) => steps.len(),
            Axis::Parts { columns, .. } => *columns,
        };
        Columns { axis: self, is_size: is_size(flow), steps: vec![None; count] }
    }

    fn column(&self, step: i64) -> Option<usize> {
        match self {
            Axis::Steps(steps) => steps.binary_search(&step).ok(),
            Axis::Parts { low, high, columns } => {
                let part = |step: i64| (i128::from(step) - i128::from(*low)).cast_unsigned();
                let within = (*low..=*high).contains(&step);
                within.then(|| (part(step) * *columns as u128 / (part(*high) + 1)) as usize)
            }
        }
    }
}

struct Columns {
    axis: Axis,
    is_size: bool,
    /// The last step in each column that anything was recorded at.
    steps: Vec<Option<i64>>,
}

/// What is known of a layer's numbers in one column.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u32,
    zeros: u32,
}

impl Columns {
    /// The numbers of a layer, NaN where there are none. At a step that was recorded twice the second counts; a column of
    /// several steps holds their mean, which of sizes is that of the logarithms of those that are not zero.
    fn row(&mut self, source: &Source, unreadable: &mut usize) -> Vec<f64> {
        let mut means = vec![Mean::default(); self.steps.len()];
        let by_step = matches!(self.axis, Axis::Steps(_));
        let is_log = self.is_size && !by_step;
        source.each(|step, number| {
            *unreadable += usize::from(source.numbers.is_some() && number.is_nan());
            let Some(column) = self.axis.column(step) else { return };
            self.steps[column] = self.steps[column].max(Some(step));
            let mean = &mut means[column];
            if by_step {
                *mean = Mean { sum: number, count: 1, zeros: 0 };
            } else if is_log && number == 0.0 {
                mean.zeros += 1;
            } else if !number.is_nan() && (number > 0.0 || !is_log) {
                mean.sum += if is_log { number.ln() } else { number };
                mean.count += 1;
            }
        });
        let number = |mean: Mean| match mean {
            Mean { count: 0, zeros: 0, .. } => f64::NAN,
            Mean { count: 0, .. } => 0.0,
            Mean { sum, count, .. } if is_log => (sum / f64::from(count)).exp(),
            Mean { sum, count, .. } => sum / f64::from(count),
        };
        means.into_iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use headwater_events::{Bucket, proto::HistogramProto};

    use super::*;
    use crate::data::testing::Logs;

    /// Steps, and the numbers of each layer.
    fn numbers(logs: &Logs, params: &str) -> (Vec<f64>, Vec<Vec<f64>>) {
        let frame = logs.get(&format!("/flow?run=run&{params}")).frame();
        let layers = frame.header["layers"].as_array().unwrap().len();
        (frame.f64(0), (1..=layers).map(|layer| frame.f64(layer)).collect())
    }

    #[test]
    fn of_very_many_layers_there_are_fewer_columns() {
        let most = [0, 1, 400, 1000, 100_000, MOST_NUMBERS + 1].map(most_columns);
        assert_eq!(most, [5000, 5000, 5000, 2000, 20, 1]);
    }

    #[test]
    fn layers_recorded_at_different_steps_share_the_axis() {
        let logs = Logs::written(|writer| {
            for (step, value) in [(0, 1.0), (2, 3.0)] {
                writer.scalar(step, "gradient/rms/layer1", value).unwrap();
            }
            writer.scalar(1, "gradient/rms/layer2", 0.0).unwrap();
            writer.scalar(2, "gradient/rms/layer2", f32::INFINITY).unwrap();
        });
        let (steps, layers) = numbers(&logs, "quantity=gradient/rms");
        assert_eq!(steps, [0.0, 1.0, 2.0]);
        assert!(layers[0][0] == 1.0 && layers[0][1].is_nan() && layers[0][2] == 3.0, "{layers:?}");
        assert!(layers[1][0].is_nan() && layers[1][1] == 0.0 && layers[1][2] == f64::INFINITY, "{layers:?}");
        let header = logs.get("/flow?run=run&quantity=gradient/rms").frame().header;
        let whole = json!({ "mean": 2.0, "records": 2, "zeros": 0, "lost": 0 });
        let layer = json!({ "name": "layer1", "tag": "gradient/rms/layer1", "derived": false, "whole": whole });
        assert_eq!((&header["layers"][0], &header["total"]), (&layer, &json!(2)));
    }

    #[test]
    fn what_a_training_that_began_anew_recorded_counts() {
        let logs = Logs::written(|writer| {
            for (step, value) in [(0, 1.0), (1, 2.0), (0, 5.0)] {
                writer.scalar(step, "units/dead/layer1", value).unwrap();
            }
        });
        assert_eq!(numbers(&logs, "quantity=units/dead"), (vec![0.0, 1.0], vec![vec![5.0, 2.0]]));
    }

    #[test]
    fn columns_of_several_steps_hold_geometric_means_of_sizes_and_plain_ones_of_the_rest() {
        let logs = Logs::written(|writer| {
            for step in 0..100 {
                let value = if step % 2 == 0 { 1.0 } else { 100.0 };
                writer.scalar(step, "gradient/mean_abs/layer1", value).unwrap();
                // Zeros do not pull a mean of logarithms to nothing.
                writer.scalar(step, "gradient/mean_abs/layer2", value - 1.0).unwrap();
                writer.scalar(step, "gain/weight/layer1", -value).unwrap();
            }
        });
        let (steps, layers) = numbers(&logs, "quantity=gradient/mean_abs&columns=10");
        assert_eq!(steps, (0..10).map(|column| f64::from(10 * column + 9)).collect::<Vec<_>>());
        assert!(layers[0].iter().all(|value| (value - 10.0).abs() < 1e-9), "{layers:?}");
        assert!(layers[1].iter().all(|value| (value - 99.0).abs() < 1e-9), "{layers:?}");
        let (_, layers) = numbers(&logs, "quantity=gain/weight&columns=10");
        assert!(layers[0].iter().all(|value| (value + 50.5).abs() < 1e-9), "{layers:?}");
    }

    #[test]
    fn the_mean_over_the_whole_training_is_of_all_records_however_few_columns_are_sent() {
        let logs = Logs::written(|writer| {
            for step in 0..100 {
                let value = if step % 2 == 0 { 1.0 } else { 100.0 };
                writer.scalar(step, "gradient/mean_abs/layer1", value).unwrap();
                writer.scalar(step, "delta/rms/layer1", value).unwrap();
            }
        });
        for columns in [10, 1000] {
            let whole = |quantity: &str| {
                let params = format!("/flow?run=run&quantity={quantity}&columns={columns}");
                logs.get(&params).frame().header["layers"][0]["whole"].clone()
            };
            let plain = json!({ "mean": 50.5, "records": 100, "zeros": 0, "lost": 0 });
            assert_eq!(whole("gradient/mean_abs"), plain, "{columns} columns");
            let geometric = whole("delta/rms")["mean"].as_f64().unwrap();
            assert!((geometric - 10.0).abs() < 1e-9, "{geometric}, {columns} columns");
        }
    }

    #[test]
    fn columns_without_records_are_left_out() {
        let logs = Logs::written(|writer| {
            for step in (0..30).chain([i64::from(i32::MAX)]) {
                writer.scalar(step, "weight/rms/layer1", 1.0).unwrap();
            }
        });
        assert_eq!(numbers(&logs, "quantity=weight/rms&columns=20").0, [29.0, f64::from(i32::MAX)]);
    }

    #[test]
    fn numbers_are_computed_from_histograms_where_there_are_no_scalars() {
        let logs = Logs::written(|writer| {
            for step in 0..3 {
                let right = 2.0 * step as f64;
                writer.histogram(step, "fc1.weight.grad", &[Bucket { left: 0.0, right, count: 9.0 }]).unwrap();
                writer.histogram(step, "fc1.bias.grad", &[Bucket { left: 0.0, right: 1.0, count: 9.0 }]).unwrap();
            }
        });
        for params in ["quantity=gradient/mean_abs", "quantity=gradient/mean_abs&columns=3"] {
            assert_eq!(numbers(&logs, params), (vec![0.0, 1.0, 2.0], vec![vec![0.0, 1.0, 2.0]]));
        }
        let header = logs.get("/flow?run=run&quantity=gradient/rms").frame().header;
        let layer = &header["layers"][0];
        assert_eq!((&layer["tag"], &layer["derived"]), (&json!("fc1.weight.grad"), &json!(true)));
    }

    #[test]
    fn what_the_writer_of_a_histogram_computed_is_exact_whatever_its_buckets_are() {
        // 9,999 zeros and a value of 1e-6, in one bucket, in two, and in one as wide as the others of a coarse grid.
        for limits in [&[1e-6][..], &[0.0, 1e-6], &[5e-7, 1e-6]] {
            let mut counts = vec![0.0; limits.len()];
            counts[0] = 9999.0;
            *counts.last_mut().unwrap() += 1.0;
            let record = HistogramProto {
                min: 0.0,
                max: 1e-6,
                num: 10_000.0,
                sum: 1e-6,
                sum_squares: 1e-12,
                bucket_limit: limits.to_vec(),
                bucket: counts,
            };
            let logs = Logs::old_histograms("gradients/0.weight", &[record]);
            for (quantity, expected) in [("gradient/rms", 1e-8), ("gradient/mean_abs", 1e-10)] {
                let (_, layers) = numbers(&logs, &format!("quantity={quantity}"));
                assert!((layers[0][0] / expected - 1.0).abs() < 1e-9, "{quantity}, {limits:?}: {layers:?}");
            }
        }
    }

    #[test]
    fn a_histogram_of_values_that_are_not_finite_has_no_size() {
        let record = HistogramProto {
            min: f64::NAN,
            max: f64::NAN,
            num: 1000.0,
            sum: f64::NAN,
            sum_squares: f64::NAN,
            bucket_limit: vec![0.0, 1.0],
            bucket: vec![0.0, 900.0],
        };
        let logs = Logs::old_histograms("gradients/0.weight", &[record]);
        assert!(numbers(&logs, "quantity=gradient/rms").1[0][0].is_nan());
    }

    #[test]
    fn one_bucket_that_is_one_wide_is_one_value() {
        let logs = Logs::written(|writer| {
            for (step, value) in [(0, 0.0), (1, 0.25)] {
                let bucket = Bucket { left: value - 0.5, right: value + 0.5, count: 400.0 };
                writer.histogram(step, "gradients/dense_0/kernel", &[bucket]).unwrap();
            }
        });
        for quantity in ["gradient/rms", "gradient/mean_abs"] {
            assert_eq!(numbers(&logs, &format!("quantity={quantity}")).1, [[0.0, 0.25]], "{quantity}");
        }
    }

    #[test]
    fn a_quantity_that_is_not_there_is_told_those_that_are() {
        let logs = Logs::written(|writer| writer.scalar(0, "units/dead/layer1", 0.5).unwrap());
        assert!(logs.get("/flow?run=run&quantity=gradient/rms").error(404).contains("units/dead"));
        logs.get("/flow?run=nobody&quantity=units/dead").error(404);
        logs.get("/flow?run=run&quantity=units/dead&columns=-1").error(400);
        logs.get("/flow?run=run&quantity=units/dead&columns=1000000000").frame();
    }

    #[test]
    fn steps_at_both_ends_of_the_world_do_not_overflow() {
        let logs = Logs::written(|writer| {
            for step in [i64::MIN, -1, 0, 1, i64::MAX] {
                writer.scalar(step, "units/dead/layer1", 0.5).unwrap();
            }
        });
        assert_eq!(numbers(&logs, "quantity=units/dead&columns=2").1, [[0.5, 0.5]]);
    }
}
