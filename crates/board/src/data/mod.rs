//! What a card of the page shows: histograms, flow, tables, text, pictures, graphs.

mod buckets;
mod edges;
pub(crate) mod flow;
mod histograms;
mod layers;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use axum::{Router, routing::get};
use headwater_events::{Sample, Series};

use crate::{Board, error::ApiError};

/// Everything below `/api/` that shows a series, or several, in one way.
pub(crate) fn routes() -> Router<Arc<Board>> {
    Router::new()
        .route("/flow", get(flow::flow))
        .route("/histograms", get(histograms::histograms))
        .route("/histogram", get(histograms::histogram))
}

/// One value of a series, or 404.
fn sample(series: &Series, index: usize) -> Result<Sample, ApiError> {
    let sample = if index < series.len() { series.read(index..index + 1).pop() } else { None };
    sample.ok_or_else(|| {
        let (tag, run, count) = (series.tag(), series.run(), series.len());
        ApiError::not_found(format!("\"{tag}\" of run \"{run}\" has {count} values, and none of index {index}"))
    })
}
