//! `/api/status` and `/api/problems`: how far the log directory has been read, and what could not be.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{board::Board, error::ApiError};

/// How many problems are sent; all are counted.
const SENT: usize = 1000;

/// `GET /api/status`.
pub(crate) async fn status(State(board): State<Arc<Board>>) -> Result<Json<Value>, ApiError> {
    board.blocking(move |board| Ok(Json(now(board)))).await
}

fn now(board: &Board) -> Value {
    let store = &board.store;
    let (version, loading) = (store.version(), board.is_loading());
    let (mut values, mut files) = (0, 0);
    let runs = store.runs();
    for run in &runs {
        files += run.files().len();
        values += run.series().iter().map(|series| series.len()).sum::<usize>();
    }
    json!({
        "version": version,
        "loading": loading,
        "logdir": store.log_directory().to_string_lossy(),
        "runs": runs.len(),
        "values": values,
        "files": files,
        "problems": board.problems(),
        "server": concat!("headwater ", env!("CARGO_PKG_VERSION")),
    })
}

/// `GET /api/problems`.
pub(crate) async fn problems(State(board): State<Arc<Board>>) -> Result<Json<Value>, ApiError> {
    let problems = board.blocking(move |board| Ok(board.store.problems())).await?;
    let sent: Vec<Value> = problems
        .iter()
        .take(SENT)
        .map(|problem| {
            json!({
                "path": problem.path.to_string_lossy(),
                "offset": problem.offset,
                "skipped": problem.skipped,
                "message": problem.defect.to_string(),
            })
        })
        .collect();
    Ok(Json(json!({ "total": problems.len(), "problems": sent })))
}
