//! Work that reads files or takes longer than a network thread should be kept.

use crate::{board::Board, error::ApiError};

impl Board {
    /// Does `work` on a thread that may block. A client that goes away meanwhile frees what comes of it.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = std::sync::Arc::clone(&self.workers).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, whether or not anybody still waits for it.
            let _permit = permit;
            work()
        });
        done.await.unwrap_or_else(|_| Err(ApiError::internal("the server made a mistake in answering this question")))
    }
}
