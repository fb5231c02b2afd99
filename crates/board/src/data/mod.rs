//! What a card of the page shows: histograms, flow, tables, text, pictures, graphs.

mod activation;
mod buckets;
mod config;
mod derived;
mod edges;
mod file_type;
pub(crate) mod flow;
mod graph;
mod histograms;
mod hparams;
mod idea;
mod layers;
pub(crate) mod markdown;
mod media;
mod named_texts;
mod network;
mod phase;
mod pr;
mod records;
mod rounding;
mod rule;
mod text;
mod whole;

#[cfg(test)]
mod testing;

pub(crate) use layers::profiles;

use std::sync::Arc;

use axum::{Extension, Router, routing::get};
use headwater_events::{Sample, Series, SeriesKind};

use crate::{Board, error::ApiError};

/// Everything below `/api/` that shows a series, or several, in one way.
pub(crate) fn routes() -> Router<Arc<Board>> {
    Router::new()
        .route("/flow", get(flow::flow))
        .route("/histograms", get(histograms::histograms))
        .route("/histogram", get(histograms::histogram))
        .route("/hparams", get(hparams::hparams))
        .route("/config", get(config::config))
        .route("/text", get(text::text))
        .route("/pictures", get(media::pictures))
        .route("/sounds", get(media::sounds))
        .route("/blob", get(media::blob))
        .route("/pr", get(pr::pr))
        .route("/graph", get(graph::graph))
        .route("/network", get(network::network))
        .route("/activation", get(activation::activation))
        .route("/idea", get(idea::idea))
        .route("/rule", get(rule::rule))
        .layer(Extension(Arc::<derived::Derived>::default()))
}

/// One value of a series, or 404.
fn sample(series: &Series, index: usize) -> Result<Sample, ApiError> {
    let sample = if index < series.len() { series.read(index..index + 1).pop() } else { None };
    sample.ok_or_else(|| {
        let (tag, run, count) = (series.tag(), series.run(), series.len());
        ApiError::not_found(format!("\"{tag}\" of run \"{run}\" has {count} values, and none of index {index}"))
    })
}

/// A series, or why it is not what is asked for.
fn of_kind(board: &Board, run: &str, tag: &str, kind: SeriesKind) -> Result<Arc<Series>, ApiError> {
    let series = board.series(run, tag)?;
    let found = series.kind();
    if found == kind {
        return Ok(series);
    }
    Err(ApiError::bad_request(format!("\"{tag}\" of run \"{run}\" is of kind {found}, not {kind}")))
}

/// At most `most` of the indices of `total` values, evenly spread; the last is one of them.
fn evenly(total: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = most.min(total);
    (1..=count).map(move |part| part * total / count - 1)
}

/// At most so many bytes of a text.
fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use headwater_events::Bucket;
    use serde_json::json;

    use super::{testing::Logs, *};

    #[test]
    fn work_that_takes_too_long_ends_wherever_it_is() {
        let ours = Logs::written(|writer| {
            writer.scalar(0, "loss", 1.0).unwrap();
            writer.scalar(0, "delta/rms/layer1", 1.0).unwrap();
            writer.histogram(0, "gradient/layer1", &[Bucket { left: 0.0, right: 1.0, count: 1.0 }]).unwrap();
            writer.text(0, "notes", "a text").unwrap();
        });
        let ours = ours.without_time();
        let foreign = Logs::foreign().without_time();
        for (logs, request) in [
            (&ours, "/flow?run=run&quantity=delta/rms"),
            (&ours, "/flow?run=run&quantity=gradient/rms"),
            (&ours, "/histograms?run=run&tag=gradient/layer1"),
            (&ours, "/text?run=run&tag=notes"),
            (&ours, "/hparams"),
            (&foreign, "/pictures?run=pytorch&tag=image"),
            (&foreign, "/sounds?run=pytorch&tag=audio"),
            (&foreign, "/pr?run=pytorch&tag=curve"),
            (&foreign, "/graph?run=pytorch&tag=__run_graph__"),
        ] {
            assert!(logs.get(request).error(503).contains("ask for less"), "{request}");
        }
        let request = json!({ "series": [{ "run": "run", "tag": "loss" }] });
        for path in ["/scalars", "/pixels"] {
            assert!(ours.post(path, &request).error(503).contains("ask for less"), "{path}");
        }
        // What takes no time is answered all the same.
        for path in ["/status", "/catalogue", "/findings"] {
            ours.get(path).json();
        }
    }

    #[test]
    fn indices_are_spread_evenly_up_to_the_last() {
        assert_eq!(evenly(3, 5).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(evenly(10, 3).collect::<Vec<_>>(), [2, 5, 9]);
        assert_eq!(evenly(0, 3).count(), 0);
    }
}
