//! Two hundred clients on a log that grows: some read, some sleep, some vanish and come back.

use std::{
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use headwater_events::Writer;

use crate::server::{Server, next, quantile};

const READING: usize = 160;
const ASLEEP: usize = 20;
const VANISHING: usize = 20;

/// Flushes whose way to every client is timed, and the time between them.
const TIMED: i64 = 100;
const APART: Duration = Duration::from_millis(250);

/// 10,000 updates a minute.
const UPDATE: Duration = Duration::from_millis(6);

#[derive(Default)]
struct Shared {
    messages: AtomicU64,
    /// When the log was flushed last, while that is timed.
    flushed: Mutex<Option<Instant>>,
    /// Milliseconds from a flush to a message.
    latencies: Mutex<Vec<f64>>,
}

pub(crate) fn measure(duration: Duration) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut writer = Writer::create(&folder.path().join("run"))?;
    let mut step = 0;
    let mut flush = || -> Result<(), Box<dyn Error>> {
        for tag in ["loss", "accuracy", "gradient/mean_abs/layer1"] {
            writer.scalar(step, tag, 1.0)?;
        }
        step += 1;
        Ok(writer.flush()?)
    };
    flush()?;
    let (server, _) = Server::start(folder.path())?;
    server.wait_until_loaded()?;
    let (before, files_before) = server.size()?;

    let shared = Arc::new(Shared::default());
    let mut asleep = Vec::new();
    for _ in 0..ASLEEP {
        asleep.push(server.ask("/api/events", "identity")?);
    }
    for _ in 0..READING {
        let mut stream = server.ask("/api/events", "identity")?;
        next(&mut stream)?;
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            while next(&mut stream).is_ok() {
                let now = Instant::now();
                shared.messages.fetch_add(1, Ordering::Relaxed);
                if let Some(flushed) = *shared.flushed.lock().unwrap_or_else(PoisonError::into_inner) {
                    let latency = now.saturating_duration_since(flushed).as_secs_f64() * 1e3;
                    shared.latencies.lock().unwrap_or_else(PoisonError::into_inner).push(latency);
                }
            }
        });
    }
    let (with_clients, files_with_clients) = server.size()?;

    for _ in 0..TIMED {
        thread::sleep(APART);
        *shared.flushed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        flush()?;
    }
    thread::sleep(APART);
    *shared.flushed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let latencies = std::mem::take(&mut *shared.latencies.lock().unwrap_or_else(PoisonError::into_inner));

    let (start, mut updates, mut sizes, mut visits) = (Instant::now(), 0u64, Vec::new(), 0u64);
    shared.messages.store(0, Ordering::Relaxed);
    let mut visitors = Vec::new();
    while start.elapsed() < duration {
        flush()?;
        updates += 1;
        // One comes, and the one that has been here longest goes without a word.
        if updates.is_multiple_of(10) {
            visitors.push(server.ask("/api/events", "identity")?);
            visits += 1;
            if visitors.len() > VANISHING {
                visitors.remove(0);
            }
        }
        if updates.is_multiple_of(500) {
            sizes.push(server.size()?.0);
        }
        thread::sleep((start + UPDATE * updates as u32).saturating_duration_since(Instant::now()));
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    let messages = shared.messages.load(Ordering::Relaxed);
    let after = server.size()?.0;
    drop((asleep, visitors));
    let is_idle = || server.size().is_ok_and(|(_, files)| files <= files_before + READING);
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_idle() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
    }
    let files_left = server.size()?.1;

    println!("{READING} clients that read, {ASLEEP} that never do, {VANISHING} that vanish ({visits} in all)");
    println!(
        "  flush to message: median {:.1} ms, p99 {:.1} ms, most {:.1} ms ({} messages)",
        quantile(latencies.clone(), 0.5),
        quantile(latencies.clone(), 0.99),
        quantile(latencies.clone(), 1.0),
        latencies.len(),
    );
    println!(
        "  {:.0} updates a minute for {:.0} s: {:.0} messages a minute to each client",
        updates as f64 / minutes,
        minutes * 60.0,
        messages as f64 / READING as f64 / minutes,
    );
    let sizes: Vec<String> = sizes.iter().map(|size| format!("{size:.1}")).collect();
    println!(
        "  memory: {before:.1} MB before, {with_clients:.1} MB with clients, {after:.1} MB after ({})",
        sizes.join(" ")
    );
    println!(
        "  open files: {files_before} before, {files_with_clients} with clients, {files_left} once some were gone"
    );
    Ok(())
}
