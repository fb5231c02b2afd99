//! The server and its socket.

use std::{io, net::TcpListener, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};

/// How long a client may take to ask. A connection on which nothing is asked is closed after this, too: browsers open
/// another when they need it.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long no connection is accepted after the operating system refused one, for want of file descriptors mostly.
const REST: Duration = Duration::from_millis(100);

/// Serves until the program ends.
///
/// # Errors
///
/// If the operating system does not let the socket be used, or has no threads to give.
pub fn serve(listener: TcpListener, app: &Router) -> io::Result<()> {
    serve_patiently(listener, app, PATIENCE)
}

fn serve_patiently(listener: TcpListener, app: &Router, patience: Duration) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(REST).await;
                continue;
            };
            // A message of a few bytes is to leave at once. It would leave all the same without this.
            let _ = stream.set_nodelay(true);
            let app = TowerToHyperService::new(app.clone());
            tokio::spawn(async move {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(patience)
                    .serve_connection(TokioIo::new(stream), app);
                // Whoever vanished need not be told.
                let _ = connection.await;
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        thread,
    };

    use super::*;

    #[test]
    fn who_begins_to_ask_and_does_not_go_on_is_hung_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve_patiently(listener, &Router::new(), Duration::from_millis(50)));
        for question in ["", "GET / HTTP/1.1\r\nHost: local"] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(question.as_bytes()).unwrap();
            // Ends when the server ends the connection, and not before.
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            assert!(!answer.starts_with(b"HTTP/1.1 200"), "{question}");
        }
    }
}
