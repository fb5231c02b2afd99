//! `/api/status` and `/api/problems`: how far the log directory has been read, and what could not be.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use serde_json::{Value, json};

use crate::{board::Board, digest::Totals, error::ApiError};

/// How many problems are sent; all are counted.
const SENT: usize = 1000;

/// `GET /api/status`.
pub(crate) async fn status(State(board): State<Arc<Board>>) -> Result<Response, ApiError> {
    board.quick(|board, _| Ok(Json(now(board)))).await
}

fn now(board: &Board) -> Value {
    let store = &board.store;
    let (version, loading) = (store.version(), board.is_loading());
    let Totals { runs, values, files } = board.catalogue.totals(board);
    json!({
        "version": version,
        "loading": loading,
        "logdir": store.log_directory().to_string_lossy(),
        "runs": runs,
        "values": values,
        "files": files,
        "problems": board.problems(),
        "server": concat!("headwater ", env!("CARGO_PKG_VERSION")),
    })
}

/// `GET /api/problems`.
pub(crate) async fn problems(State(board): State<Arc<Board>>) -> Result<Response, ApiError> {
    board.long(|board, _| Ok(Json(unreadable(board)))).await
}

fn unreadable(board: &Board) -> Value {
    let problems = board.store.problems();
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
    json!({ "total": problems.len(), "problems": sent })
}

#[cfg(test)]
mod tests {
    use headwater_events::{Store, Writer};

    use super::*;

    #[test]
    fn the_status_of_a_thousand_tags_costs_no_more_than_that_of_one() {
        let cost = |tags: usize| {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = Writer::create(&folder.path().join("run")).unwrap();
            for tag in 0..tags {
                writer.scalar(0, &tag.to_string(), 0.0).unwrap();
            }
            writer.flush().unwrap();
            let board = Board::new(Store::open(folder.path()));
            board.store.load();
            assert_eq!(now(&board)["values"], tags);
            allocation_counter::measure(|| drop(now(&board))).count_total
        };
        assert_eq!(cost(1000), cost(1));
    }
}
