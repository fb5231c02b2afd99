//! The server and its socket.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::sync::Semaphore;

use crate::pace::Paced;

/// How long no connection is accepted after the operating system refused one, for want of file descriptors mostly.
const REST: Duration = Duration::from_millis(100);

/// Bytes that a connection buffers, in each direction: what a client must read in its time, and the most that a
/// request's head may have.
const BUFFER: usize = 64 << 10;

/// What clients may do.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Connections. Further clients wait until one ends.
    connections: usize,
    /// How long a client may take to ask, and to read what is buffered for it. A connection on which nothing is asked is
    /// closed after this, too: browsers open another when they need it.
    patience: Duration,
}

const LIMITS: Limits = Limits { connections: 256, patience: Duration::from_secs(20) };

/// Serves until the program ends.
///
/// # Errors
///
/// If the operating system does not let the socket be used, or has no threads to give.
pub fn serve(listener: TcpListener, app: &Router) -> io::Result<()> {
    serve_within(listener, app, LIMITS)
}

fn serve_within(listener: TcpListener, app: &Router, limits: Limits) -> io::Result<()> {
    let Limits { connections, patience } = limits;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let free = Arc::new(Semaphore::new(connections));
        loop {
            let permit = Arc::clone(&free).acquire_owned().await;
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
                    .max_buf_size(BUFFER)
                    .serve_connection(TokioIo::new(Paced::new(stream, patience)), app);
                // Whoever vanished need not be told.
                let _ = connection.await;
                drop(permit);
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpStream},
        sync::{
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        thread,
    };

    use axum::{
        body::{Body, Bytes},
        routing::get,
    };
    use futures_util::stream;

    use super::*;

    const HASTE: Limits = Limits { connections: 10, patience: Duration::from_millis(50) };

    fn start(app: Router, limits: Limits) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve_within(listener, &app, limits));
        address
    }

    #[test]
    fn who_begins_to_ask_and_does_not_go_on_is_hung_up_on() {
        let address = start(Router::new(), HASTE);
        for request in ["", "GET / HTTP/1.1\r\nHost: local"] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            // Ends when the server ends the connection, and not before.
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            assert!(!answer.starts_with(b"HTTP/1.1 200"), "{request}");
        }
    }

    /// Says that it was dropped.
    struct Guard(mpsc::Sender<()>);

    impl Drop for Guard {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    #[test]
    fn who_does_not_read_is_hung_up_on() {
        let (ends, ended) = mpsc::channel();
        // An answer without an end.
        let answer = async move || {
            let piece = Bytes::from(vec![b'x'; 1 << 16]);
            Body::from_stream(stream::unfold(Guard(ends.clone()), move |guard| {
                std::future::ready(Some((Ok::<_, io::Error>(piece.clone()), guard)))
            }))
        };
        let address = start(Router::new().route("/", get(answer)), HASTE);
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: local\r\n\r\n").unwrap();
        // The connection is open on this side all the while.
        ended.recv().unwrap();
        drop(stream);
    }

    #[test]
    fn an_answer_is_given_up_when_its_client_leaves() {
        let (begins, begun) = mpsc::channel();
        let (ends, ended) = mpsc::channel();
        let answer = async move |_: Bytes| {
            let _guard = Guard(ends.clone());
            begins.send(()).unwrap();
            std::future::pending::<()>().await;
        };
        let limits = Limits { connections: 10, patience: Duration::from_secs(60) };
        let address = start(Router::new().route("/", get(answer.clone()).post(answer)), limits);
        for request in
            ["GET / HTTP/1.1\r\nHost: local\r\n\r\n", "POST / HTTP/1.1\r\nHost: local\r\nContent-Length: 2\r\n\r\n{}"]
        {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            begun.recv().unwrap();
            assert!(ended.try_recv().is_err());
            drop(stream);
            ended.recv().unwrap();
        }
    }

    #[test]
    fn there_are_only_so_many_connections_and_further_clients_wait() {
        const CLIENTS: usize = 6;
        let limits = Limits { connections: 2, patience: Duration::from_secs(60) };
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (begins, begun) = mpsc::channel();
        let (go, wait) = (Arc::new(Semaphore::new(0)), Arc::clone(&most));
        let goes = Arc::clone(&go);
        let answer = async move || {
            wait.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            begins.send(()).unwrap();
            goes.acquire().await.unwrap().forget();
            now.fetch_sub(1, Ordering::SeqCst);
            "done"
        };
        let address = start(Router::new().route("/", get(answer)), limits);
        let ask = |_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n").unwrap();
            stream
        };
        let clients: Vec<TcpStream> = (0..CLIENTS).map(ask).collect();
        for _ in 0..CLIENTS {
            begun.recv().unwrap();
            go.add_permits(1);
        }
        for mut client in clients {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("done"), "{answer}");
        }
        assert!(most.load(Ordering::SeqCst) <= 2);
    }
}
