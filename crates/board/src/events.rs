//! `/api/events`: the stream that says what grew.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::Serialize;

use crate::{board::Board, error::ApiError, feed::Change, work::busy};

/// How often a stream says that it is still there. It is also how one that has lost its client notices.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A change, and the server that reports it.
#[derive(Debug, Serialize)]
struct Message<'a> {
    instance: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}

/// `GET /api/events`. A stream is asked for its next message when the last one has left, so a slow client gets the latest
/// of everything, and one that is gone is forgotten.
pub(crate) async fn events(State(board): State<Arc<Board>>) -> Result<Response, ApiError> {
    let permit = Arc::clone(&board.streams).try_acquire_owned();
    let permit = permit.map_err(|_| busy("too many pages listen to this server; close some"))?;
    let mut changes = board.feed.listen();
    let seen = *changes.borrow_and_update();
    // As it was told to the others: the news that loading has ended comes once.
    let first = Change::everything(board.store.version(), board.feed.is_loading());
    let stream = stream::unfold(
        (board, changes, seen, Some(first), permit),
        async |(board, mut changes, seen, first, permit)| {
            let (change, seen) = match first {
                Some(first) => (first, seen),
                None => loop {
                    // The board holds the sender, and the stream the board.
                    changes.changed().await.ok()?;
                    if let Some(next) = board.feed.after(seen) {
                        break next;
                    }
                },
            };
            let message = Message { instance: &board.instance, change: &change };
            let event = Event::default().event("changed").json_data(&message).ok()?;
            Some((Ok::<_, Infallible>(event), (board, changes, seen, None, permit)))
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

#[cfg(test)]
mod tests {
    use headwater_events::Store;
    use tokio::runtime::Builder;

    use super::*;
    use crate::board::STREAMS;

    #[test]
    fn there_are_only_so_many_listeners() {
        let folder = tempfile::tempdir().unwrap();
        let board = Arc::new(Board::new(Store::open(folder.path())));
        Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            let listen = || events(State(Arc::clone(&board)));
            let mut listeners = Vec::new();
            for _ in 0..STREAMS {
                listeners.push(listen().await.unwrap());
            }
            let error = listen().await.unwrap_err();
            assert!(error.status == 503 && error.message.contains("too many pages"), "{error}");
            listeners.pop();
            assert!(listen().await.is_ok());
        });
    }
}
