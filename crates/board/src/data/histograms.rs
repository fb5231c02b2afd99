//! `/api/histograms`: a whole series of histograms on common edges, rounded; `/api/histogram`: one record as it was
//! written.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use headwater_events::{Bucket, Datum, Histogram, Series, SeriesKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    buckets::{FRACTIONS, percentiles},
    edges::{Edges, Extent, Scale},
    of_kind,
    records::Records,
    rounding::{rounded, rounded_share},
    sample,
};
use crate::{Board, error::ApiError, extract::Query, frame::Frame, number::Number, work::Wanted};

const MOST_ROWS: usize = 2000;
const MOST_BINS: usize = 512;
/// Buckets of one record that are sent as they are.
const MOST_BUCKETS: usize = 100_000;
/// Bins from which the percentiles of several records together are computed.
const FINE: usize = 2048;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    tag: String,
    #[serde(default = "default_bins")]
    bins: usize,
    #[serde(default = "default_scale")]
    scale: Scale,
    #[serde(default = "default_rows")]
    rows: usize,
    low: Option<f64>,
    high: Option<f64>,
}

fn default_bins() -> usize {
    64
}

fn default_scale() -> Scale {
    Scale::Linear
}

fn default_rows() -> usize {
    200
}

/// `GET /api/histograms`.
pub(super) async fn histograms(
    State(board): State<Arc<Board>>,
    Query(params): Query<Params>,
) -> Result<Response, ApiError> {
    let ends = [params.low, params.high];
    if ends.into_iter().flatten().any(|end| !end.is_finite() || end.abs() > 1e300) {
        return Err(ApiError::bad_request("\"low\" and \"high\" are finite numbers"));
    }
    if let [Some(low), Some(high)] = ends
        && low >= high
    {
        return Err(ApiError::bad_request(format!("\"low\" = {low} is to be less than \"high\" = {high}")));
    }
    board.long(move |board, wanted| answer(board, &params, wanted)).await
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Response, ApiError> {
    let version = board.store.version();
    let series = of_kind(board, &params.run, &params.tag, SeriesKind::Histogram)?;
    let bins = params.bins.clamp(3, MOST_BINS);
    let table = Table::of(&series, params.rows.clamp(1, MOST_ROWS), wanted, |extent| {
        Edges::new(params.scale, bins, extent, params.low, params.high)
    })?;
    let mut header = Map::new();
    header.insert("version".to_owned(), json!(version));
    header.insert("run".to_owned(), json!(params.run));
    header.insert("tag".to_owned(), json!(params.tag));
    header.insert("generation".to_owned(), json!(series.generation()));
    header.insert("total".to_owned(), json!(table.total));
    header.insert("rows".to_owned(), json!(table.rows.len()));
    header.insert("bins".to_owned(), json!(table.edges.bins()));
    header.insert("scale".to_owned(), json!(params.scale.name()));
    header.insert("threshold".to_owned(), json!(table.edges.threshold));
    header.insert("unreadable".to_owned(), json!(table.unreadable));
    Ok(table.frame().answer(header))
}

/// A series on common edges.
struct Table {
    edges: Edges,
    rows: Vec<Row>,
    total: usize,
    unreadable: usize,
}

/// A record, or several neighbouring ones summed up.
#[derive(Debug, Clone)]
struct Row {
    /// Its first record.
    index: usize,
    step: i64,
    wall_time: f64,
    counts: Vec<f64>,
    /// How many values there are, including those that are not between the edges.
    sum: f64,
    percentiles: [f64; FRACTIONS.len()],
}

impl Table {
    fn of(
        series: &Series,
        most_rows: usize,
        wanted: &Wanted,
        edges: impl Fn(&Extent) -> Edges,
    ) -> Result<Self, ApiError> {
        let total = series.len();
        let mut records = Records::new(series, total, wanted);
        let (mut extent, mut unreadable) = (Extent::default(), 0);
        records.each(|_, record| match record {
            Some(record) => extent.add(record),
            None => unreadable += 1,
        })?;
        let edges = edges(&extent);
        let count = most_rows.min(total);
        let first = |row: usize| (row * total).div_ceil(count);
        let mut rows: Vec<Row> = (0..count)
            .filter_map(|row| {
                let index = first(row);
                let (step, wall_time) = series.steps(index..index + 1).first().copied()?;
                let counts = vec![0.0; edges.bins()];
                Some(Row { index, step, wall_time, counts, sum: 0.0, percentiles: [f64::NAN; FRACTIONS.len()] })
            })
            .collect();
        let mut together = Together::new(&edges, &extent);
        let mut records_in_row = 0;
        records.each(|index, record| {
            let at = index * count / total;
            let Some(row) = rows.get_mut(at) else { return };
            let is_alone = first(at + 1) - first(at) == 1;
            if let Some(record) = record {
                edges.share_out(record, &mut row.counts);
                row.sum += record.count();
                if is_alone {
                    row.percentiles = percentiles(record);
                } else {
                    together.add(record);
                    records_in_row += 1;
                }
            }
            if !is_alone && index + 1 == first(at + 1) && records_in_row > 0 {
                row.percentiles = together.take();
                records_in_row = 0;
            }
        })?;
        Ok(Table { edges, rows, total, unreadable })
    }

    fn frame(&self) -> Frame {
        let mut frame = Frame::new();
        frame.f64(self.edges.edges.iter().copied());
        frame.u32(self.rows.iter().map(|row| row.index as u32));
        frame.f64(self.rows.iter().map(|row| row.step as f64));
        // To a thousandth of a second, as a power of two.
        frame.f64(self.rows.iter().map(|row| (row.wall_time * 1024.0).round() / 1024.0));
        let peak = |row: &Row| row.counts.iter().copied().fold(0.0, f64::max);
        frame.f64(self.rows.iter().map(|row| f64::from(rounded(peak(row)))));
        frame.u16(self.rows.iter().flat_map(|row| {
            let peak = peak(row).max(f64::MIN_POSITIVE);
            row.counts.iter().map(move |count| rounded_share(count / peak))
        }));
        frame.f64(self.rows.iter().map(|row| row.sum));
        frame.f32(self.rows.iter().flat_map(|row| row.percentiles.map(rounded)));
        frame
    }
}

/// The percentiles of several records together, as far as fine bins tell; the ends are exact.
struct Together {
    edges: Edges,
    counts: Vec<f64>,
    low: f64,
    high: f64,
}

impl Together {
    /// Bins as the page's, but finer, and over all values.
    fn new(edges: &Edges, extent: &Extent) -> Self {
        let scale = if edges.threshold.is_some() { Scale::Log } else { Scale::Linear };
        let edges = Edges::new(scale, FINE, extent, None, None);
        let counts = vec![0.0; FINE];
        Together { edges, counts, low: f64::INFINITY, high: f64::NEG_INFINITY }
    }

    fn add(&mut self, record: &Histogram) {
        self.edges.share_out(record, &mut self.counts);
        for bucket in record.filled() {
            self.low = self.low.min(bucket.left);
            self.high = self.high.max(bucket.right);
        }
    }

    /// The percentiles of what was added since this was called last.
    fn take(&mut self) -> [f64; FRACTIONS.len()] {
        let bucket = |(edges, count): (&[f64], &f64)| Bucket { left: edges[0], right: edges[1], count: *count };
        let buckets = self.edges.edges.windows(2).zip(&self.counts).map(bucket).collect();
        let mut found =
            percentiles(&Histogram { buckets, moments: None }).map(|percentile| percentile.clamp(self.low, self.high));
        if self.low <= self.high {
            (found[0], found[FRACTIONS.len() - 1]) = (self.low, self.high);
        }
        self.counts.fill(0.0);
        (self.low, self.high) = (f64::INFINITY, f64::NEG_INFINITY);
        found
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct One {
    run: String,
    tag: String,
    index: usize,
}

/// `GET /api/histogram`.
pub(super) async fn histogram(
    State(board): State<Arc<Board>>,
    Query(params): Query<One>,
) -> Result<Response, ApiError> {
    board.long(move |board, _| one(board, &params).map(Json)).await
}

fn one(board: &Board, params: &One) -> Result<Value, ApiError> {
    let One { run, tag, index } = params;
    let series = of_kind(board, run, tag, SeriesKind::Histogram)?;
    let sample = sample(&series, *index)?;
    let Datum::Histogram(histogram) = sample.datum.map_err(|error| ApiError::internal(error.to_string()))? else {
        return Err(ApiError::internal(format!("record {index} of \"{tag}\" is no histogram")));
    };
    let count = histogram.buckets.len();
    if count > MOST_BUCKETS {
        let message =
            format!("record {index} of \"{tag}\" has {count} buckets; at most {MOST_BUCKETS} are shown one by one");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let edge = |bucket: &Bucket| [Number(bucket.left), Number(bucket.right), Number(bucket.count)];
    let buckets: Vec<[Number; 3]> = histogram.buckets.iter().map(edge).collect();
    Ok(json!({
        "step": sample.step,
        "wall_time": Number(sample.wall_time),
        "generation": series.generation(),
        "buckets": buckets,
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::data::testing::Logs;

    fn bucket(left: f64, right: f64, count: f64) -> Bucket {
        Bucket { left, right, count }
    }

    /// Ten histograms: at step 10 i, one value in [i, i + 1], in halves: a single bucket of width 1 stands for one value.
    fn ten() -> Logs {
        Logs::written(|writer| {
            writer.scalar(0, "loss", 1.0).unwrap();
            for step in 0..10 {
                let left = step as f64;
                let halves = [bucket(left, left + 0.5, 0.5), bucket(left + 0.5, left + 1.0, 0.5)];
                writer.histogram(10 * step, "weight/layer1", &halves).unwrap();
            }
        })
    }

    #[test]
    fn a_series_is_binned_on_common_edges() {
        let frame = ten().get("/histograms?run=run&tag=weight/layer1&bins=10&rows=100").frame();
        assert_eq!(frame.header["rows"], 10);
        assert_eq!((&frame.header["total"], &frame.header["unreadable"]), (&json!(10), &json!(0)));
        assert_eq!(frame.f64(0), (0..=10).map(f64::from).collect::<Vec<_>>());
        assert_eq!(frame.u32(1), (0..10).collect::<Vec<_>>());
        assert_eq!(frame.f64(2)[9], 90.0);
        assert_eq!(frame.f64(4), [1.0; 10]);
        let shares = frame.u16(5);
        assert!((0..100).all(|at| shares[at] == if at / 10 == at % 10 { 65535 } else { 0 }), "{shares:?}");
        assert_eq!(frame.f64(6), [1.0; 10]);
        assert_eq!((frame.f32(7)[0], frame.f32(7)[8], frame.f32(7)[9 + 4]), (0.0, 1.0, 1.5));
    }

    #[test]
    fn neighbouring_records_are_summed_and_none_is_left_out() {
        let frame = ten().get("/histograms?run=run&tag=weight/layer1&bins=10&rows=3").frame();
        assert_eq!(frame.u32(1), [0, 4, 7]);
        assert_eq!(frame.f64(2), [0.0, 40.0, 70.0]);
        assert_eq!(frame.f64(6), [4.0, 3.0, 3.0]);
        let percentiles = frame.f32(7);
        assert_eq!((percentiles[0], percentiles[8], percentiles[9], percentiles[17]), (0.0, 4.0, 4.0, 7.0));
        assert!((percentiles[4] - 2.0).abs() < 0.01, "{percentiles:?}");
    }

    #[test]
    fn all_values_are_counted_where_only_some_are_shown() {
        let frame = ten().get("/histograms?run=run&tag=weight/layer1&low=2&high=4&bins=4&rows=1").frame();
        assert_eq!((frame.f64(0), frame.f64(6)), (vec![2.0, 2.5, 3.0, 3.5, 4.0], vec![10.0]));
        assert_eq!((frame.f64(4), frame.u16(5)), (vec![0.5], vec![65535; 4]));
    }

    #[test]
    fn one_record_is_given_as_it_was_written() {
        let logs = ten();
        let one = logs.get("/histogram?run=run&tag=weight/layer1&index=3").json();
        assert_eq!((&one["step"], &one["buckets"]), (&json!(30), &json!([[3.0, 3.5, 0.5], [3.5, 4.0, 0.5]])));
        assert!(logs.get("/histogram?run=run&tag=weight/layer1&index=10").error(404).contains("10 values"));
        logs.get("/histogram?run=run&tag=weight/layer1&index=-1").error(400);
    }

    #[test]
    fn a_record_of_too_many_buckets_is_refused() {
        let logs = Logs::written(|writer| {
            for count in [MOST_BUCKETS, MOST_BUCKETS + 1] {
                let buckets: Vec<_> = (0..count).map(|at| bucket(at as f64, at as f64 + 1.0, 1.0)).collect();
                writer.histogram(0, "h", &buckets).unwrap();
            }
        });
        let of = |index: usize| logs.get(&format!("/histogram?run=run&tag=h&index={index}"));
        assert_eq!(of(0).json()["buckets"].as_array().unwrap().len(), MOST_BUCKETS);
        assert!(of(1).error(413).contains("100001 buckets"));
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong_with_it() {
        let logs = ten();
        for (query, status, message) in [
            ("run=nobody&tag=weight/layer1", 404, "nobody"),
            ("run=run&tag=<script>", 404, "<script>"),
            ("run=../run&tag=weight/layer1", 404, "no run"),
            ("run=run&tag=loss", 400, "of kind scalar"),
            ("run=run&tag=weight/layer1&low=2&high=1", 400, "less than"),
            ("run=run&tag=weight/layer1&low=NaN", 400, "finite"),
            ("run=run&tag=weight/layer1&scale=round", 400, "linear"),
            ("run=run", 400, "tag"),
        ] {
            let error =
                logs.get(&format!("/histograms?{}", query.replace('<', "%3C").replace('>', "%3E"))).error(status);
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn there_is_a_limit_to_rows_and_bins() {
        let frame = ten().get("/histograms?run=run&tag=weight/layer1&bins=1000000&rows=1000000&scale=log").frame();
        assert_eq!((&frame.header["bins"], &frame.header["rows"]), (&json!(512), &json!(10)));
        let frame = ten().get("/histograms?run=run&tag=weight/layer1&bins=0&rows=0").frame();
        assert_eq!((&frame.header["bins"], &frame.header["rows"]), (&json!(3), &json!(1)));
    }

    #[test]
    fn a_record_whose_file_is_gone_is_counted_and_the_others_are_shown() {
        let logs = ten();
        let file = std::fs::read_dir(logs.path().join("run")).unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 10]).unwrap();
        let frame = logs.get("/histograms?run=run&tag=weight/layer1&bins=9").frame();
        assert_eq!((&frame.header["unreadable"], &frame.header["rows"]), (&json!(1), &json!(10)));
        assert_eq!(frame.f64(6)[8..], [1.0, 0.0]);
        assert!(frame.f32(7)[81..].iter().all(|percentile| percentile.is_nan()));
    }

    #[test]
    fn histograms_of_other_frameworks_are_binned() {
        let logs = Logs::foreign();
        for (run, tag, values) in [
            ("pytorch", "weights", 100.0),
            ("tensorboardx", "weights", 100.0),
            ("tensorflow/one", "x", 10.0),
            ("tensorflow/two", "weights", 100.0),
            ("tensorflow/two", "same", 10.0),
        ] {
            for scale in ["linear", "log"] {
                let frame = logs.get(&format!("/histograms?run={run}&tag={tag}&scale={scale}")).frame();
                assert_eq!(frame.f64(6), [values; 3], "{run} {tag}");
                let (peaks, shares) = (frame.f64(4), frame.u16(5));
                for (row, peak) in peaks.iter().enumerate() {
                    let counts = shares[row * 64..][..64].iter().map(|share| f64::from(*share) / 65535.0 * peak);
                    let sum: f64 = counts.sum();
                    assert!((sum / values - 1.0).abs() < 0.01, "{run} {tag} {scale}: {sum}");
                }
            }
        }
    }

    #[test]
    fn a_thousand_steps_take_less_than_100_kb_on_the_wire() {
        // Of a normal distribution that drifts. More values at a step would have less noise, which is what takes room.
        let logs = Logs::written(|writer| {
            let (mut noise, mut counter) = (Noise(1), headwater_probe::Counter::default());
            for step in 0..1000 {
                let deviation = 0.05 + 1e-4 * step as f64;
                let values: Vec<_> = (0..20_000).map(|_| (deviation * noise.normal()) as f32).collect();
                let buckets = headwater_probe::Histogram::of(&values, &mut counter).buckets(&mut counter);
                let buckets: Vec<Bucket> = buckets.iter().map(|one| bucket(one.left, one.right, one.count)).collect();
                writer.histogram(step, "gradient/layer1", &buckets).unwrap();
            }
        });
        for scale in ["linear", "log"] {
            let answer = logs.get(&format!("/histograms?run=run&tag=gradient/layer1&rows=1000&scale={scale}"));
            // As the server compresses.
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 4, 22);
            writer.write_all(&answer.bytes).unwrap();
            let size = writer.into_inner().len();
            assert!(size < 100_000, "{size} bytes of {}, {scale}", answer.bytes.len());
        }
    }

    /// Pseudo-random numbers (Vigna's splitmix64).
    struct Noise(u64);

    impl Noise {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }

        /// Nearly normal: a sum of uniform numbers.
        fn normal(&mut self) -> f64 {
            2.0 * (0..3).map(|_| self.uniform() - 0.5).sum::<f64>()
        }
    }
}
