//! The threads that read.
//!
//! Each takes the next part of a file, reads it, waits until the part before has been walked and so tells where the
//! first record begins, walks its own by the headers, and lets the next part begin. What costs time, checksums and
//! decoding, is done after that, in parallel. Then it waits until the part before has been added to the run, and adds
//! its own. So the result does not depend on how many threads there are. Nobody waits for a part that no thread has
//! taken, because parts are taken in order.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use headwater_threads::on_threads;

use super::{
    batch::Batch,
    clock::Clock,
    job::{Job, Progress},
    loader::refusal,
    problem::{Defect, Flaw},
    source::Window,
    walk::{Bounds, Frame, Tail, walk},
};
use crate::{
    crc,
    record::{FOOTER, HEADER},
};

/// Fewer bytes than this are read by the calling thread alone.
const WORTH_A_THREAD: u64 = 1 << 18;

/// Reads what is to be read and adds it to the runs.
pub(crate) fn run(jobs: &[Job], threads: usize, clock: &Clock) {
    let parts: Vec<(usize, usize)> =
        jobs.iter().enumerate().flat_map(|(job, j)| (0..j.parts()).map(move |part| (job, part))).collect();
    let bytes: u64 = jobs.iter().map(Job::bytes).sum();
    let threads = if bytes < WORTH_A_THREAD { 1 } else { threads.min(parts.len()) };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = Worker::default();
        while let Some(&(job, part)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.read(&jobs[job], part, clock);
        }
    };
    // If the operating system has no more threads to give, there are fewer.
    on_threads(threads, work);
}

/// The buffers of a thread.
#[derive(Default)]
struct Worker {
    window: Window,
    frames: Vec<Frame>,
    flaws: Vec<Flaw>,
    batch: Batch,
}

impl Worker {
    fn read(&mut self, job: &Job, part: usize, clock: &Clock) {
        self.frames.clear();
        self.flaws.clear();
        self.batch.clear();
        let (cursor, refused, has_grown) = {
            let prepared = self.prepare(job, part);
            let mut progress = job.walk(part);
            let limit = progress.cursor.limit;
            if !progress.has_ended() {
                let walked = prepared.and_then(|()| self.walk(job, part, &mut progress));
                progress.error = walked.err();
            }
            let refused = progress.error.as_ref().and_then(|error| refusal(job.path(), error));
            (progress.cursor.clone(), refused, progress.cursor.limit != limit)
        };
        job.part_is_read();
        let records = self.decode();

        let _turn = job.add(part);
        let is_lost = matches!(cursor.tail, Tail::Lost { .. });
        let mut is_new = records > 0 || !self.flaws.is_empty() || is_lost && has_grown;
        job.run.own_files().note(job.index, records, &mut self.flaws);
        is_new |= job.run.own_files().note_end(job.index, cursor, refused);
        if is_new {
            job.run.extend(&self.batch, job.index, clock);
        }
    }

    /// Reads the bytes of a part, before it is known where its first record begins.
    fn prepare(&mut self, job: &Job, part: usize) -> io::Result<()> {
        let (start, Bounds { end, .. }) = job.bounds(part);
        let end = if job.seeks { start } else { end };
        self.window.fill(&*job.open()?, start, end)
    }

    fn walk(&mut self, job: &Job, part: usize, progress: &mut Progress) -> io::Result<()> {
        let file = job.open()?;
        if part == 0 {
            progress.replaced = job.is_other(&*file, progress)?;
            if progress.replaced {
                return Ok(());
            }
        }
        let (_, bounds) = job.bounds(part);
        walk(&*file, bounds, &mut progress.cursor, &mut self.window, &mut self.frames, &mut self.flaws)?;
        progress.digest.add(&self.frames, &self.window);
        Ok(())
    }

    /// Checks and decodes the records that were found. Returns how many were good.
    fn decode(&mut self) -> u64 {
        let (mut flaws, mut records) = (Vec::new(), 0);
        for frame in &self.frames {
            let bytes = self.window.from(frame.offset);
            let Some((payload, rest)) = bytes.get(HEADER..).and_then(|rest| rest.split_at_checked(frame.length)) else {
                continue;
            };
            let sum = rest.first_chunk::<FOOTER>().map(|sum| u32::from_le_bytes(*sum));
            let defect = if sum != Some(crc::masked(payload)) {
                Defect::Payload
            } else if let Err(malformed) = self.batch.add(payload, frame.offset) {
                Defect::Undecodable(malformed)
            } else {
                records += 1;
                continue;
            };
            flaws.push(Flaw { offset: frame.offset, skipped: frame.size(), defect });
        }
        // The walk may know more of the same record than is known here, so its word comes last.
        flaws.append(&mut self.flaws);
        flaws.sort_by_key(|flaw| flaw.offset);
        self.flaws = flaws;
        records
    }
}
