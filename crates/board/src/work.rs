//! Work on an answer: whose turn it is, and when it ends.
//!
//! Work that reads files or takes longer than a network thread should be kept runs on threads of its own. Quick answers
//! do not queue behind long ones. Nobody waits for ever: not for a turn, not for an answer, not for memory to send it
//! from. Work whose client has left ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::{answer_memory::AnswerMemory, board::Board, error::ApiError};

/// How many answers that read files or much memory are worked on at a time.
const LONG: usize = 8;

/// How many answers that do neither are worked on at a time.
const QUICK: usize = 4;

/// How long an answer may wait for its turn, and how long it may be worked on then.
const BUDGET: Duration = Duration::from_secs(60);

/// The turns that are taken in answering.
#[derive(Debug)]
pub(crate) struct Workers {
    long: Arc<Semaphore>,
    quick: Arc<Semaphore>,
    memory: AnswerMemory,
    budget: Duration,
}

impl Default for Workers {
    fn default() -> Self {
        Self::within(BUDGET)
    }
}

impl Workers {
    /// With another budget.
    pub(crate) fn within(budget: Duration) -> Self {
        let [long, quick] = [LONG, QUICK].map(|turns| Arc::new(Semaphore::new(turns)));
        Workers { long, quick, memory: AnswerMemory::default(), budget }
    }
}

/// Says whether an answer is still wanted. The work on it asks in its loops.
#[derive(Debug)]
pub(crate) struct Wanted {
    is_left: AtomicBool,
    until: Instant,
}

impl Wanted {
    fn within(budget: Duration) -> Self {
        Wanted { is_left: AtomicBool::new(false), until: Instant::now() + budget }
    }

    /// Goes on as long as somebody waits for the answer.
    ///
    /// # Errors
    ///
    /// 503, if the client has left (and reads no error either) or the time is over.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if !self.is_left.load(Ordering::Relaxed) && Instant::now() < self.until {
            return Ok(());
        }
        Err(busy(format!("the answer takes longer than {} s; ask for less at a time", BUDGET.as_secs())))
    }

    /// For tests of what works on an answer.
    #[cfg(test)]
    pub(crate) fn always() -> Self {
        Self::within(Duration::from_secs(3600))
    }
}

/// Tells the work, when it is dropped, that nobody waits any more.
struct Client(Arc<Wanted>);

impl Drop for Client {
    fn drop(&mut self) {
        self.0.is_left.store(true, Ordering::Relaxed);
    }
}

/// 503.
pub(crate) fn busy(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message)
}

impl Board {
    /// Works on an answer that reads files or much memory.
    pub(crate) async fn long<T: IntoResponse>(
        self: Arc<Self>,
        work: impl FnOnce(&Board, &Wanted) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Response, ApiError> {
        let turns = Arc::clone(&self.workers.long);
        self.work(turns, work).await
    }

    /// Works on an answer that does neither. It is never kept waiting by those that do.
    pub(crate) async fn quick<T: IntoResponse>(
        self: Arc<Self>,
        work: impl FnOnce(&Board, &Wanted) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Response, ApiError> {
        let turns = Arc::clone(&self.workers.quick);
        self.work(turns, work).await
    }

    async fn work<T: IntoResponse>(
        self: Arc<Self>,
        turns: Arc<Semaphore>,
        work: impl FnOnce(&Board, &Wanted) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Response, ApiError> {
        let budget = self.workers.budget;
        let Ok(turn) = timeout(budget, turns.acquire_owned()).await else {
            return Err(busy("the server is busy with other requests; try again"));
        };
        let board = Arc::clone(&self);
        let wanted = Arc::new(Wanted::within(budget));
        let client = Client(Arc::clone(&wanted));
        let done = tokio::task::spawn_blocking(move || {
            // Written out here, too: that of a large answer takes long.
            let answer = work(&board, &wanted).map(IntoResponse::into_response);
            // Held until the work is done, whether or not anybody still waits for it.
            (answer, turn)
        });
        let Ok((answer, turn)) = done.await else {
            return Err(ApiError::internal("internal error while answering this request"));
        };
        drop(client);
        // The turn is kept until there is memory for its answer: so few answers wait for it at a time.
        let answer = self.workers.memory.reserve(answer?).await;
        drop(turn);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use headwater_events::Store;
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn board() -> (tempfile::TempDir, Arc<Board>, Runtime) {
        let folder = tempfile::tempdir().unwrap();
        let board = Arc::new(Board::new(Store::open(folder.path())));
        (folder, board, Builder::new_current_thread().enable_time().build().unwrap())
    }

    #[test]
    fn work_ends_when_its_client_leaves() {
        let (_folder, board, runtime) = board();
        let (begins, begun) = mpsc::channel();
        let (ends, ended) = mpsc::channel();
        let request = Arc::clone(&board).long(move |_, wanted| {
            begins.send(()).unwrap();
            while wanted.check().is_ok() {
                std::thread::yield_now();
            }
            ends.send(()).unwrap();
            wanted.check()
        });
        runtime.block_on(async {
            let request = tokio::spawn(request);
            tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
            assert!(ended.try_recv().is_err());
            request.abort();
            assert!(request.await.unwrap_err().is_cancelled());
            // Without the news it would go on for a minute.
            tokio::task::spawn_blocking(move || ended.recv().unwrap()).await.unwrap();
            let turns = board.workers.long.acquire_many(LONG as u32).await.unwrap();
            drop(turns);
        });
    }

    #[test]
    fn quick_answers_do_not_wait_for_long_ones_and_nobody_waits_for_ever() {
        let (_folder, mut board, runtime) = board();
        Arc::get_mut(&mut board).unwrap().workers = Workers::within(Duration::ZERO);
        let turns = Arc::clone(&board.workers.long).try_acquire_many_owned(LONG as u32).unwrap();
        runtime.block_on(async {
            let quick = Arc::clone(&board).quick(|_, _| Ok("quick")).await.unwrap();
            assert_eq!(quick.status(), StatusCode::OK);
            let error = Arc::clone(&board).long(|_, _| Ok("long")).await.unwrap_err();
            assert_eq!(error.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(error.message.contains("busy"), "{error}");
            drop(turns);
            assert!(Arc::clone(&board).long(|_, _| Ok("long")).await.is_ok());
            let error = Arc::clone(&board).long(|_, wanted| wanted.check()).await.unwrap_err();
            assert_eq!(error.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(error.message.contains("ask for less"), "{error}");
        });
    }

    #[test]
    fn a_panic_is_an_error_and_gives_its_turn_back() {
        let (_folder, board, runtime) = board();
        runtime.block_on(async {
            for _ in 0..2 * QUICK {
                let error = Arc::clone(&board).quick::<()>(|_, _| panic!("a fault")).await.unwrap_err();
                assert_eq!(error.status, StatusCode::INTERNAL_SERVER_ERROR);
            }
        });
    }
}
