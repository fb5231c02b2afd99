//! Work that reads files or takes longer than a network thread should be kept.

use std::sync::Arc;

use crate::{board::Board, error::ApiError};

impl Board {
    /// Does `work` on a thread that may block. A client that goes away meanwhile frees what comes of it.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Board) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.workers).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, whether or not anybody still waits for it.
            let _permit = permit;
            work(&self)
        });
        done.await.unwrap_or_else(|_| Err(ApiError::internal("the server made a mistake in answering this question")))
    }
}
