//! Ctrl-C, SIGTERM and SIGHUP: the first asks the runs to finish their records, the second ends the program at once.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use headwater_threads::Unpoisoned as _;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::low_level;

use crate::output;

/// The most time that clean-up may take when the program ends at once.
const CLEARING_UP: Duration = Duration::from_millis(300);

/// Makes a write beyond the limit of a file's size an error, as one to a full disk is. The signal would end the program
/// in the middle of a record.
pub(crate) fn survive_file_limits() {
    // A handler of any kind does. Where none can be set, the program ends as others do.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// What was asked of the program while it ran.
#[derive(Default)]
pub(crate) struct Signals(Arc<State>);

#[derive(Default)]
struct State {
    /// Asks the runs to stop.
    stop: AtomicBool,
    /// Whether a signal ends the program at once, because there is nothing to finish first.
    at_once: AtomicBool,
    /// The exit code for the first signal; 0 until one arrives.
    code: AtomicU8,
    /// The clean-up before the program ends at once.
    farewell: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Signals {
    /// Starts to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let state = Arc::clone(&signals.0);
        // A program started with nohup should outlive its terminal, so it ignores the hangup.
        let hangup = (!ignores_hangup()).then_some(SIGHUP);
        let mut arriving = signal_hook::iterator::Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup))?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in arriving.forever() {
                state.hear(128 + signal as u8);
            }
        })?;
        Ok(signals)
    }

    /// From now on a signal ends the program at once, with exit code 128 plus its number: there is nothing to finish.
    pub(crate) fn end_at_once(&self) {
        self.0.at_once.store(true, Ordering::SeqCst);
    }

    /// From now on the first signal asks the runs to finish their records.
    pub(crate) fn finish_records(&self) {
        self.0.at_once.store(false, Ordering::SeqCst);
    }

    /// Makes something and registers how to undo it. If the program ends at once, `undo` runs first, for at most a
    /// moment. A signal that arrives during `make` waits until `make` returns.
    ///
    /// # Errors
    /// Those of `make`.
    pub(crate) fn undoing<T: Send + Sync + 'static, E>(
        &self,
        make: impl FnOnce() -> Result<T, E>,
        undo: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Arc<T>, E> {
        let mut farewell = self.0.farewell.lock().unpoisoned();
        let made = Arc::new(make()?);
        let kept = Arc::clone(&made);
        *farewell = Some(Box::new(move || undo(&kept)));
        Ok(made)
    }

    /// Waits until the program ends, after a signal that ends it at once.
    pub(crate) fn wait_for_the_end() -> ! {
        loop {
            std::thread::park();
        }
    }

    /// Raised when the runs should stop.
    pub(crate) fn stop(&self) -> &AtomicBool {
        &self.0.stop
    }

    /// The exit code of an interrupted program: 128 and the signal's number.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        let code = self.0.code.load(Ordering::SeqCst);
        (code != 0).then_some(code)
    }
}

impl State {
    fn hear(self: &Arc<Self>, code: u8) {
        let is_first = self.code.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        let is_asked_again = self.stop.swap(true, Ordering::SeqCst);
        if is_asked_again || self.at_once.load(Ordering::SeqCst) {
            self.clear_up();
            // Not `std::process::exit`: it might wait for a thread that cannot write.
            low_level::exit(if is_first { code } else { self.code.load(Ordering::SeqCst) }.into());
        }
    }

    /// Cleans up on a separate thread, so that an unread pipe or a disk that does not answer cannot block the exit.
    fn clear_up(self: &Arc<Self>) {
        let state = Arc::clone(self);
        let (done, waited) = channel();
        let clearing = std::thread::Builder::new().spawn(move || {
            let farewell = state.farewell.lock().unpoisoned().take();
            if let Some(farewell) = farewell {
                farewell();
            }
            output::clear_bars();
            let _ = done.send(());
        });
        if clearing.is_ok() {
            let _ = waited.recv_timeout(CLEARING_UP);
        }
    }
}

/// Whether the program was started with SIGHUP ignored. Only Linux reports this.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status).is_some_and(|mask| mask & 1 << (SIGHUP - 1) != 0)
}

/// The mask of ignored signals in `/proc/self/status`. Signal 1 is the lowest bit.
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_process_status() {
        assert_eq!(ignored("Name:\theadwater\nSigIgn:\t0000000000001001\nSigCgt:\t0"), Some(0x1001));
        assert_eq!(ignored("Name:\theadwater\n"), None);
    }
}
