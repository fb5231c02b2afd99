//! Memory for answers on their way.
//!
//! A client that reads slowly keeps its answer in the server's memory. All large answers together may take so much of
//! it and no more, and each is given so long to leave.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody as _},
    http::header,
    response::Response,
};
use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{error::ApiError, work::busy};

/// Kilobytes of all large answers together.
const MOST: usize = 256 << 10;

/// Bytes of an answer that is not counted: there are as many as connections at most.
const SMALL: u64 = 256 << 10;

/// How long an answer waits for memory.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a large answer may take to leave.
const LONGEST: Duration = Duration::from_secs(300);

/// Bytes that are handed over at a time. What is handed over is out of sight, and may stay with the connection for a
/// while.
const PIECE: usize = 64 << 10;

/// Memory for large answers.
#[derive(Debug)]
pub(crate) struct AnswerMemory {
    /// One permit a kilobyte.
    kilobytes: Arc<Semaphore>,
    size: usize,
    patience: Duration,
}

impl Default for AnswerMemory {
    fn default() -> Self {
        Self::of(MOST, PATIENCE)
    }
}

/// An answer's part of the memory. A response must be able to be cloned with all that it carries.
#[derive(Debug, Clone)]
struct Held(#[expect(dead_code, reason = "held, not looked at")] Arc<OwnedSemaphorePermit>);

impl AnswerMemory {
    fn of(size: usize, patience: Duration) -> Self {
        AnswerMemory { kilobytes: Arc::new(Semaphore::new(size)), size, patience }
    }

    /// Lets an answer take as much memory as it needs; it has it until it is dropped, or has left if [`send`] sends it.
    ///
    /// # Errors
    ///
    /// 503, if others keep the memory too long.
    pub(crate) async fn reserve(&self, mut answer: Response) -> Result<Response, ApiError> {
        let bytes = answer.body().size_hint().lower();
        if bytes > SMALL {
            let kilobytes = usize::try_from(bytes.div_ceil(1024)).unwrap_or(usize::MAX).min(self.size);
            let permit = Arc::clone(&self.kilobytes).acquire_many_owned(kilobytes as u32);
            let Ok(Ok(permit)) = timeout(self.patience, permit).await else {
                return Err(busy(
                    "answers that their clients are slow to read take all the memory for answers; ask again",
                ));
            };
            answer.extensions_mut().insert(Held(Arc::new(permit)));
        }
        Ok(answer)
    }
}

/// Sends a large answer in pieces, and gives its memory back after the last one. For the outermost layer.
pub(crate) async fn send(answer: Response) -> Response {
    send_within(answer, LONGEST)
}

fn send_within(mut answer: Response, longest: Duration) -> Response {
    let Some(held) = answer.extensions_mut().remove::<Held>() else { return answer };
    // A stream has no length of its own.
    if let Some(bytes) = answer.body().size_hint().exact() {
        answer.headers_mut().insert(header::CONTENT_LENGTH, bytes.into());
    }
    let until = Instant::now() + longest;
    answer.map(|body| {
        let (data, rest) = (body.into_data_stream(), Bytes::new());
        Body::from_stream(stream::unfold(Parts { data, rest, until, _held: held }, async |mut parts| {
            let piece = parts.next().await?;
            Some((piece, parts))
        }))
    })
}

/// A body that is sent in pieces.
struct Parts {
    data: BodyDataStream,
    /// Of what `data` gave last.
    rest: Bytes,
    until: Instant,
    _held: Held,
}

impl Parts {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if Instant::now() >= self.until {
            let message = "the client takes too long to read the answer";
            return Some(Err(io::Error::new(io::ErrorKind::TimedOut, message)));
        }
        while self.rest.is_empty() {
            match self.data.next().await? {
                Ok(bytes) => self.rest = bytes,
                Err(error) => return Some(Err(io::Error::other(error))),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        // A part of it would keep the whole.
        Some(Ok(Bytes::copy_from_slice(&piece)))
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use tokio::runtime::Builder;

    use super::*;

    fn answer(kilobytes: usize) -> Response {
        vec![7_u8; kilobytes << 10].into_response()
    }

    #[test]
    fn large_answers_share_the_memory_and_small_ones_need_none() {
        let memory = AnswerMemory::of(1000, Duration::ZERO);
        Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            let first = send(memory.reserve(answer(600)).await.unwrap()).await;
            let error = memory.reserve(answer(600)).await.unwrap_err();
            assert!(error.status == 503 && error.message.contains("slow to read"), "{error}");
            assert!(memory.reserve(answer(100)).await.is_ok());
            // Read to the end, it gives its memory back; so does one that is dropped.
            assert_eq!(first.headers()[header::CONTENT_LENGTH], (600 << 10).to_string());
            let pieces: Vec<Bytes> = first.into_body().into_data_stream().map(Result::unwrap).collect().await;
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
            assert_eq!(pieces.concat(), vec![7; 600 << 10]);
            drop(send(memory.reserve(answer(600)).await.unwrap()).await);
            // One that is larger than the memory has all of it.
            let all = memory.reserve(answer(5000)).await.unwrap();
            assert_eq!(memory.kilobytes.available_permits(), 0);
            drop(all);
            assert_eq!(memory.kilobytes.available_permits(), 1000);
        });
    }

    #[test]
    fn an_answer_that_does_not_leave_is_cut_off() {
        let memory = AnswerMemory::of(1000, Duration::ZERO);
        Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            let answer = send_within(memory.reserve(answer(600)).await.unwrap(), Duration::ZERO);
            let first = answer.into_body().into_data_stream().next().await.unwrap();
            assert!(first.unwrap_err().to_string().contains("too long to read"));
        });
    }
}
