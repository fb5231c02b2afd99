//! Starting on a large folder, and its catalogue.

use std::{error::Error, time::Instant};

use headwater_events::Writer;

use crate::server::{Server, quantile};

/// How often each thing is done.
const TIMES: i64 = 21;

pub(crate) fn measure(name: &str, runs: usize, tags: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut last = None;
    for run in 0..runs {
        let mut writer = Writer::create(&folder.path().join(format!("run-{run}")))?;
        for step in 0..2 {
            for tag in 0..tags {
                writer.scalar(step, &format!("group{}/tag{tag}", tag % 20), tag as f32)?;
            }
        }
        writer.flush()?;
        last = Some(writer);
    }
    let mut writer = last.ok_or("no runs")?;

    let mut starts = Vec::new();
    for _ in 0..TIMES {
        starts.push(Server::start(folder.path())?.1.as_secs_f64() * 1e3);
    }
    let (server, _) = Server::start(folder.path())?;
    let start = Instant::now();
    server.wait_until_loaded()?;
    let loaded = start.elapsed().as_secs_f64();
    let ask = || -> Result<(f64, usize), Box<dyn Error>> {
        let start = Instant::now();
        let body = server.get("/api/catalogue", "br")?;
        Ok((start.elapsed().as_secs_f64() * 1e3, body.len()))
    };
    let (first, bytes) = ask()?;
    let mut again = Vec::new();
    for _ in 0..TIMES {
        again.push(ask()?.0);
    }
    // After every change of one run it is made anew.
    let mut anew = Vec::new();
    let mut changes = server.ask("/api/events", "identity")?;
    crate::server::next(&mut changes)?;
    for step in 2..2 + TIMES {
        for tag in 0..tags {
            writer.scalar(step, &format!("group{}/tag{tag}", tag % 20), 0.0)?;
        }
        writer.flush()?;
        crate::server::next(&mut changes)?;
        anew.push(ask()?.0);
    }
    let (start_median, start_most) = (quantile(starts.clone(), 0.5), quantile(starts, 1.0));
    println!("{name}");
    println!("  start to first 200: median {start_median:.1} ms, most {start_most:.1} ms; loaded after {loaded:.2} s");
    println!(
        "  catalogue: first {first:.1} ms, again {:.1} ms, after a change {:.1} ms (most {:.1} ms); {:.0} KB compressed",
        quantile(again, 0.5),
        quantile(anew.clone(), 0.5),
        quantile(anew, 1.0),
        bytes as f64 / 1e3,
    );
    println!("  memory {:.0} MB", server.size()?.0);
    Ok(())
}
