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
        // Anything else at this path (a folder, a pipe, an unreadable file) counts as a holder that never beats, and is
        // taken for dead in time. Reading a pipe would never end.
        let bytes = match fs::symlink_metadata(path) {
            Ok(found) if found.is_file() => fs::read(path),
            Ok(_) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Vec::new(),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || lines.next().unwrap_or_default();
        let (beat, machine, process) = (next(), next(), next());
        // It becomes the name of a folder that is removed, and must stay inside.
        let token = next().chars().filter(|c| is_plain(*c)).collect();
        Ok(Some(Self { beat, machine, process, token }))
    }

    /// Whether it has left, or is known to be a process of this machine that is no more.
    pub(crate) fn is_gone(&self) -> bool {
        self.beat == LEFT || machine().is_some_and(|machine| machine == self.machine) && is_dead(&self.process)
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
        let token = new_token();
        let path = workers.join(&token);
        let pid = std::process::id();
        let stat = read_stat(pid).unwrap_or_default();
        let process = format!("{pid} {}", state_and_start(&stat).map_or("", |(_, start)| start));
        let machine = machine().unwrap_or_default();
        // If something below fails, for example on a full disk, the worker is dropped and leaves nothing behind.
        let mut worker = Self { path: path.clone(), token, stop: None, heart: None };
        // Whole at once: it is leased under other names only after this.
        fs::write(&path, format!("{}\n{machine}\n{process}\n{}\n", beat(0), worker.token))?;
        let (stop, stopped) = channel();
        worker.stop = Some(stop);
        let mut count = 0_u64;
        let beating = move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                count += 1;
                // Other workers do not see a beat that fails. In the end they take the work over.
                let _ = set_beat(&path, &beat(count));
            }
        };
        worker.heart = Some(std::thread::Builder::new().name("heartbeat".to_owned()).spawn(beating)?);
        Ok(worker)
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

/// A name that nobody else has: machines and containers that share a folder have processes of the same number.
pub(crate) fn new_token() -> String {
    let host: String = gethostname::gethostname().to_string_lossy().chars().filter(|c| is_plain(*c)).take(64).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    format!("{host}-{}-{now:x}", std::process::id())
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

fn read_stat(pid: u32) -> io::Result<String> {
    fs::read_to_string(format!("/proc/{pid}/stat"))
}

/// A process's state, and when it was started, in the kernel's ticks: numbers of processes are used again.
fn state_and_start(stat: &str) -> Option<(&str, &str)> {
    // The name of the program, in parentheses, may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?, fields.nth(18)?))
}

/// Whether a process of this machine is known to be no more. What cannot be seen may be alive: its silence will tell.
fn is_dead(process: &str) -> bool {
    let Some((pid, start)) = process.split_once(' ') else { return false };
    let Ok(pid) = pid.parse() else { return false };
    let hidden = || fs::read_to_string("/proc/self/mounts").map_or(true, |mounts| hides_processes(&mounts));
    is_end(&read_stat(pid), start, hidden)
}

/// Whether what was read of a process that was started at `start` says that it has ended. `hidden` tells whether processes of
/// other users look as if they were not there.
fn is_end(stat: &io::Result<String>, start: &str, hidden: impl FnOnce() -> bool) -> bool {
    /// ESRCH: it ended after the file was opened.
    const NO_SUCH_PROCESS: i32 = 3;
    match stat {
        Ok(stat) => state_and_start(stat).is_some_and(|(state, now)| {
            // Of the dead, some are there until somebody asks for their exit code.
            matches!(state, "Z" | "X" | "x") || !start.is_empty() && now != start
        }),
        Err(error) if error.raw_os_error() == Some(NO_SUCH_PROCESS) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound && !hidden(),
    }
}

/// Whether `/proc` is mounted so that it does not show everything. The kernel names the option only where it is in force.
fn hides_processes(mounts: &str) -> bool {
    let mut fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    fields.any(|fields| matches!(fields[..], [_, "/proc", _, options, ..] if options.contains("hidepid=")))
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
    fn a_lease_of_anything_else_is_held_by_somebody_who_does_not_move() {
        let folder = tempfile::tempdir().unwrap();
        let lease = folder.path().join("lease");
        fs::write(&lease, [0xff, 0xfe, 0, b'\n', 0x80]).unwrap();
        let holder = Holder::read(&lease).unwrap().unwrap();
        let (mut observer, now) = (Observer::default(), Instant::now());
        assert!(!holder.is_gone() && !observer.is_silent(&holder, now));
        assert!(observer.is_silent(&holder, now + Duration::from_secs(3600)));
    }

    #[test]
    #[cfg(unix)]
    fn a_lease_that_is_no_file_is_held_by_somebody_who_does_not_move() {
        let folder = tempfile::tempdir().unwrap();
        let [inside, link, pipe] = ["folder", "link", "pipe"].map(|name| folder.path().join(name));
        fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink(&link, &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for lease in [inside, link, pipe] {
            let holder = Holder::read(&lease).unwrap().unwrap();
            let (mut observer, now) = (Observer::default(), Instant::now());
            assert!(!holder.is_gone() && !observer.is_silent(&holder, now));
            assert!(observer.is_silent(&holder, now + SILENCE), "{}", lease.display());
        }
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
        let start_of = |pid| state_and_start(&read_stat(pid).unwrap()).unwrap().1.to_owned();
        let process = format!("{} {}", child.id(), start_of(child.id()));
        child.wait().unwrap();
        assert!(holder(&machine, process.clone()).is_gone());
        assert!(!holder("elsewhere", process).is_gone());
        assert!(!holder(&machine, format!("{own} {}", start_of(own))).is_gone());
        // The number is used again, by a process that began at another time.
        assert!(holder(&machine, format!("{own} 1")).is_gone());
    }

    #[test]
    fn a_process_that_cannot_be_seen_is_not_taken_for_dead() {
        let stat = |state: &str| Ok(format!("7 (a) b) {state} {}42 0", "0 ".repeat(18)));
        let refused = |kind: io::ErrorKind| Err(io::Error::from(kind));
        for (stat, start, hidden, dead) in [
            (stat("R"), "42", false, false),
            (stat("R"), "41", false, true),
            (stat("R"), "", false, false),
            (stat("Z"), "42", false, true),
            (Ok(String::new()), "42", false, false),
            (refused(io::ErrorKind::NotFound), "42", false, true),
            (refused(io::ErrorKind::NotFound), "42", true, false),
            (refused(io::ErrorKind::PermissionDenied), "42", false, false),
            (Err(io::Error::from_raw_os_error(3)), "42", false, true),
        ] {
            assert_eq!(is_end(&stat, start, || hidden), dead, "{stat:?}, started at {start:?}, hidden: {hidden}");
        }
        assert!(!hides_processes("proc /proc proc rw,nosuid,relatime 0 0\n"));
        assert!(hides_processes("/dev/a / ext4 rw 0 0\nproc /proc proc rw,relatime,hidepid=invisible 0 0\n"));
    }

    #[test]
    fn a_name_in_a_lease_leads_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let lease = folder.path().join("lease");
        fs::write(&lease, format!("{LEFT}\n\n\n../../victim\n")).unwrap();
        assert_eq!(Holder::read(&lease).unwrap().unwrap().token, "victim");
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
