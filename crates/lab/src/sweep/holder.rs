//! Who works: a file with a heartbeat for each process. A lease is another name (a hard link) of that file, so that whoever
//! meets a lease reads how its holder is.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time between two beats.
const BEAT: Duration = Duration::from_secs(2);
/// A holder whose beat does not change for so long, by the clock of whoever looks, is taken for dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);
/// In the place of the beat: it has left, and what it holds is free.
const LEFT: &str = "left                ";

/// A process that works, as its file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    beat: String,
    machine: String,
    process: String,
    /// Name of its file.
    pub(crate) token: String,
}

impl Holder {
    /// Reads a file or a lease; none if it is not there.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || lines.next().unwrap_or_default();
        Ok(Some(Self { beat: next(), machine: next(), process: next(), token: next() }))
    }

    /// Whether it has left, or is a process of this machine that is no more.
    pub(crate) fn is_gone(&self) -> bool {
        self.beat == LEFT || machine().is_some_and(|machine| machine == self.machine) && !is_running(&self.process)
    }
}

/// Judges silence by the observer's own clock: the clocks of two machines are never compared.
#[derive(Debug, Default)]
pub(crate) struct Observer(HashMap<String, (String, Instant)>);

impl Observer {
    /// Whether the holder's beat has been the same for too long.
    pub(crate) fn is_silent(&mut self, holder: &Holder, now: Instant) -> bool {
        let seen = self.0.entry(holder.token.clone()).or_insert_with(|| (holder.beat.clone(), now));
        if seen.0 != holder.beat {
            *seen = (holder.beat.clone(), now);
        }
        now.duration_since(seen.1) >= SILENCE
    }
}

/// This process among the workers. Its heart beats until it is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Its file.
    pub(crate) path: PathBuf,
    pub(crate) token: String,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

impl Worker {
    /// Writes the file into the folder of workers and starts to beat.
    pub(crate) fn join(workers: &Path) -> io::Result<Self> {
        let host: String =
            gethostname::gethostname().to_string_lossy().chars().filter(|c| is_plain(*c)).take(64).collect();
        let pid = std::process::id();
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        let token = format!("{host}-{pid}-{started:x}");
        let path = workers.join(&token);
        let process = format!("{pid} {}", start_of(pid).unwrap_or_default());
        let machine = machine().unwrap_or_default();
        // Whole at once: it is leased under other names only after this.
        fs::write(&path, format!("{}\n{machine}\n{process}\n{token}\n", beat(0)))?;
        let (stop, stopped) = channel();
        let heart = {
            let path = path.clone();
            let mut count = 0_u64;
            std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
                while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                    count += 1;
                    // A beat that fails is one that others do not hear: in the end they take the work over.
                    let _ = set_beat(&path, &beat(count));
                }
            })?
        };
        Ok(Self { path, token, stop: Some(stop), heart: Some(heart) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(heart) = self.heart.take() {
            let _ = heart.join();
        }
        // Leases that are left are names of the same file.
        let _ = set_beat(&self.path, LEFT);
        let _ = fs::remove_file(&self.path);
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn beat(count: u64) -> String {
    format!("{count:020}")
}

/// In place, by opening the file anew: what was closed is what another machine's next `open` sees.
fn set_beat(path: &Path, beat: &str) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(beat.as_bytes())
}

/// What tells whether another process could be seen from here: the boot of this machine, and the space of its process numbers.
/// Known on Linux only; elsewhere the dead are found by their silence.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), space.display()))
}

/// When a process was started, in the kernel's ticks: numbers of processes are used again. None if it is not there or only its
/// exit code is waited for.
fn start_of(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X" | "x")).then(|| fields.nth(18).map(str::to_owned))?
}

fn is_running(process: &str) -> bool {
    let Some((pid, start)) = process.split_once(' ') else { return true };
    let Ok(pid) = pid.parse() else { return true };
    start_of(pid).is_some_and(|now| now == start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_there_until_it_leaves_and_its_lease_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let lease = folder.path().join("lease");
        let worker = Worker::join(folder.path()).unwrap();
        fs::hard_link(&worker.path, &lease).unwrap();
        let (path, token) = (worker.path.clone(), worker.token.clone());
        let holder = Holder::read(&lease).unwrap().unwrap();
        assert_eq!((holder.token.as_str(), holder.is_gone()), (&*token, false));
        drop(worker);
        assert!(Holder::read(&lease).unwrap().unwrap().is_gone());
        assert_eq!(Holder::read(&path).unwrap(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_dead_of_this_machine_are_known_at_once_and_those_of_others_are_not() {
        let (machine, own) = (machine().unwrap(), std::process::id());
        let holder = |machine: &str, process: String| Holder {
            beat: beat(1),
            machine: machine.to_owned(),
            process,
            token: "t".to_owned(),
        };
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let process = format!("{} {}", child.id(), start_of(child.id()).unwrap_or_else(|| "1".to_owned()));
        child.wait().unwrap();
        assert!(holder(&machine, process.clone()).is_gone());
        assert!(!holder("elsewhere", process).is_gone());
        assert!(!holder(&machine, format!("{own} {}", start_of(own).unwrap())).is_gone());
        // The number is used again, by a process that began at another time.
        assert!(holder(&machine, format!("{own} 1")).is_gone());
    }

    #[test]
    fn silence_is_a_beat_that_does_not_change_for_as_long_as_one_has_looked() {
        let holder =
            |count| Holder { beat: beat(count), machine: String::new(), process: String::new(), token: "t".to_owned() };
        let mut observer = Observer::default();
        let start = Instant::now();
        assert!(!observer.is_silent(&holder(1), start));
        assert!(!observer.is_silent(&holder(1), start + SILENCE / 2));
        assert!(!observer.is_silent(&holder(2), start + SILENCE));
        assert!(!observer.is_silent(&holder(2), start + SILENCE * 3 / 2));
        assert!(observer.is_silent(&holder(2), start + SILENCE * 2));
    }
}
