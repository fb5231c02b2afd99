//! What a card of the page shows: histograms, flow, tables, text, pictures, graphs.

use std::sync::Arc;

use axum::Router;

use crate::Board;

/// Everything below `/api/` that shows a series, or several, in one way.
pub(crate) fn routes() -> Router<Arc<Board>> {
    Router::new()
}
