//! The server and its socket.

use std::{io, net::TcpListener};

use axum::{Router, serve::ListenerExt};

/// Serves until the program ends.
///
/// # Errors
///
/// If the operating system does not let the socket be used, or has no threads to give.
pub fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
            // A message of a few bytes is to leave at once. It would leave all the same without this.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await
    })
}
