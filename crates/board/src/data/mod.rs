//! What a card of the page shows: histograms, flow, tables, text, pictures, graphs.

mod buckets;
pub(crate) mod flow;
mod layers;

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::Board;

/// Everything below `/api/` that shows a series, or several, in one way.
pub(crate) fn routes() -> Router<Arc<Board>> {
    Router::new().route("/flow", get(flow::flow))
}
